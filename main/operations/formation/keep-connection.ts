import type { Executor } from '../../coordination/executor.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import type { NicPort } from '../../ports/nic-port.ts';

/** What a server takes back by itself for a formation, and where that is written down. */
interface Guarded {
  revert: Executor['revert'];
  readonly entry: Pick<OpenEntry, 'write'> | null;
}

/**
 * The coordinator has reached this server since an adapter was changed: what would put the adapter back is called off. Where that fails, it is
 * still known, and called off the next time.
 */
export const keepConnection = async (
  own: Guarded,
  nics: Pick<NicPort, 'readReverts' | 'disarmRevert'>,
  signal: AbortSignal,
): Promise<void> => {
  const { revert, entry } = own;
  if (revert === null || !entry) return;
  const waiting = await nics.readReverts({ signal });
  const isThere = waiting.some(({ token }) => token === revert.id);
  if (isThere) await nics.disarmRevert(revert.id, { signal });
  own.revert = null;
  entry.write(isThere ? 'confirmed' : 'reverted', {});
};
