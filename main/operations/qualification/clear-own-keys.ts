import type { Output } from '../../../shared/contract/index.ts';
import { explain, toEnvelope } from '../../../shared/errors/failure.ts';
import { formatReservationKey, IscsiError, openSession, parseIsid, scsi } from '../../iscsi/index.ts';
import { removeKey, type KeyNote, type KeyNotes, type Removal } from '../../qualify/index.ts';
import { toReach, type AccessInput } from './access.ts';
import { toIscsiFailure } from './iscsi-failure.ts';

type Cleared = Output<'iscsi.clearMine'>;

/** Comes back as the very nexus of the note and removes its registration. */
const removeNoted = async (
  note: KeyNote,
  input: Pick<Partial<AccessInput>, 'sourceIp' | 'chap'>,
  notes: KeyNotes,
  signal: AbortSignal,
): Promise<Removal> => {
  const session = await openSession({
    ...toReach({ portal: note.portal, sourceIp: input.sourceIp ?? note.sourceIp, chap: input.chap }),
    initiatorName: note.initiator,
    isid: parseIsid(note.isid),
    target: note.target,
    signal,
  });
  try {
    const lun = scsi.lunFromNumber(note.lun);
    // The first command of a session meets the unit attention of its logon.
    await scsi.testUnitReady(session, lun, { signal });
    const noteOf = (key: bigint): KeyNote => ({
      ...note,
      key: formatReservationKey(key),
      since: new Date().toISOString(),
    });
    return await removeKey(session, lun, BigInt(note.key), {
      add: (key) => notes.add(noteOf(key)),
      remove: (key) => notes.remove(noteOf(key)),
    });
  } finally {
    await session.close();
  }
};

/** Removes exactly the keys that earlier runs noted and could not remove. */
export const clearOwnKeys = async (
  input: Omit<Partial<AccessInput>, 'portal'> & { readonly portals?: readonly string[] | undefined },
  notes: KeyNotes,
  signal: AbortSignal,
): Promise<Cleared> => {
  const cleared: Cleared = { removed: [], gone: [], left: [] };
  for (const note of await notes.list()) {
    if (input.portals !== undefined && !input.portals.includes(note.portal)) continue;
    if (input.initiator !== undefined && input.initiator !== note.initiator) continue;
    try {
      const removal = await removeNoted(note, input, notes, signal);
      if (removal.kind === 'left') {
        cleared.left.push({ ...note, because: removal.because });
        continue;
      }
      cleared[removal.kind].push(note);
      await notes.remove(note);
    } catch (error) {
      if (signal.aborted || !(error instanceof IscsiError)) throw error;
      cleared.left.push({ ...note, because: explain(toEnvelope(toIscsiFailure(error))).what });
    }
  }
  return cleared;
};
