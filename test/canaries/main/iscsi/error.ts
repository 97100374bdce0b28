// expects: layer: main/iscsi/error.ts
import './scsi/empty.ts';
