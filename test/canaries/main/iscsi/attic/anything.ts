// expects: unknown folder
import '../scsi/empty.ts';
