/** Status codes: SAM-5 section 5.3.1. */
export const STATUS = {
  GOOD: 0x00,
  CHECK_CONDITION: 0x02,
  CONDITION_MET: 0x04,
  BUSY: 0x08,
  RESERVATION_CONFLICT: 0x18,
  TASK_SET_FULL: 0x28,
  ACA_ACTIVE: 0x30,
  TASK_ABORTED: 0x40,
} as const;

/** A status in the standard's words, with underscores. */
export type StatusName = keyof typeof STATUS;

const names = new Map<number, StatusName>(Object.entries(STATUS).map(([name, code]) => [code, name as StatusName]));

/** The status in the standard's words: `RESERVATION CONFLICT`; `status 5Ah` for one that is not defined. */
export const describeStatus = (status: number): string =>
  names.get(status)?.replaceAll('_', ' ') ?? `status ${status.toString(16).toUpperCase().padStart(2, '0')}h`;
