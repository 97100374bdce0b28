// expects: layer: main/iscsi/scsi
import '../session/empty.ts';
