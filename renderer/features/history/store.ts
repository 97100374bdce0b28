import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';

/** The changes of a server with the time when they were read. */
export interface JournalView {
  readonly entries: readonly JournalEntry[];
  readonly readAt: string;
}

export const journalReadings = createReadings<JournalView>(
  async (host, { signal }) => ({
    entries: await call('journal.list', { server: host }, { signal }),
    readAt: new Date().toISOString(),
  }),
  envelopeOf,
);
