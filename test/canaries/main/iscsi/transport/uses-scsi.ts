// expects: layer: main/iscsi/transport
import '../scsi/empty.ts';
