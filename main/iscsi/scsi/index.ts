/** SCSI over any transport: see executor.ts. */
export * from './executor.ts';
export * from './outcome.ts';
export * from './status.ts';
export * from './sense.ts';
export * from './lun.ts';
export * from './cdb.ts';
export * from './inquiry.ts';
export * from './vpd.ts';
export * from './capacity.ts';
export * from './report-luns.ts';
export * from './mode-sense.ts';
export * from './persistent-reservations.ts';
export * from './target-port-groups.ts';
export * from './unmap.ts';
export * from './commands.ts';
export * from './block-commands.ts';
export * from './reservation-commands.ts';
