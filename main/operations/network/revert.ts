import { failure } from '../../../shared/errors/failure.ts';
import type { Server } from '../plans/server.ts';

/**
 * Keeps a change that waits to be confirmed: the server forgets its revert, and that it did is read back.
 * Throws NIC_CHANGE_NOT_CONFIRMED when it was taken back already, JOURNAL_ENTRY_NOT_FOUND.
 */
export const confirmChange = async (
  server: Server,
  token: string,
  by: string,
  signal?: AbortSignal,
): Promise<boolean> => {
  const entry = server.journal.read(token);
  const { revert } = entry;
  if (!revert) return false;
  const options = signal ? { signal } : {};
  const seconds = Math.round((Date.parse(revert.dueAt) - Date.parse(entry.endedAt ?? entry.begin.at)) / 1000);
  const lost = (): Error =>
    failure('NIC_CHANGE_NOT_CONFIRMED', { nic: entry.begin.title, seconds: Math.max(seconds, 0) });
  const waiting = await server.ports.nics.readReverts(options);
  const record = server.journal.continue(token, by);
  try {
    if (!waiting.some((armed) => armed.token === token)) {
      record.write('reverted', {});
      throw lost();
    }
    await server.ports.nics.disarmRevert(token, options);
    const left = await server.ports.nics.readReverts(options);
    if (left.some((armed) => armed.token === token)) throw lost();
    record.write('confirmed', {});
    return true;
  } finally {
    record.close();
  }
};
