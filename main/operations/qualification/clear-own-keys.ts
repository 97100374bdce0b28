import type { Output } from '../../../shared/contract/index.ts';
import { explain, toEnvelope } from '../../../shared/errors/failure.ts';
import { formatReservationKey, IscsiError, openSession, parseIsid, scsi } from '../../iscsi/index.ts';
import type { KeyNote, KeyNotes } from '../../qualify/index.ts';
import { toReach, type AccessInput } from './access.ts';
import { toIscsiFailure } from './iscsi-failure.ts';

type Cleared = Output<'iscsi.clearMine'>;

/** Comes back as the very nexus of the note and removes its registration; true when it was there. */
const removeKey = async (note: KeyNote, input: Partial<AccessInput>, signal: AbortSignal): Promise<boolean> => {
  const session = await openSession({
    ...toReach({ portal: note.portal, sourceIp: input.sourceIp, chap: input.chap }),
    initiatorName: note.initiator,
    isid: parseIsid(note.isid),
    target: note.target,
    signal,
  });
  try {
    const lun = scsi.lunFromNumber(note.lun);
    // The first command of a session meets the unit attention of its logon.
    await scsi.testUnitReady(session, lun, { signal });
    const isThere = async (): Promise<boolean> => {
      const keys = await scsi.readKeys(session, lun, { signal });
      if (!keys.ok)
        throw new IscsiError('DATA_MALFORMED', {
          detail: { what: 'READ KEYS', reason: 'it was not answered with GOOD' },
        });
      return keys.value.keys.some((key) => formatReservationKey(key) === note.key);
    };
    if (!(await isThere())) return false;
    // REGISTER with the noted key: where this nexus has another key now, the device refuses, and nothing is taken away.
    await scsi.persistentReserveOut(
      session,
      lun,
      { action: 'register', key: BigInt(note.key), serviceActionKey: 0n },
      { signal },
    );
    if (await isThere())
      throw new IscsiError('RESPONSE_NOT_COMPLETED', { detail: { response: 'the key is still registered' } });
    return true;
  } finally {
    await session.close();
  }
};

/** Removes exactly the keys that earlier runs noted and could not remove. */
export const clearOwnKeys = async (
  input: Partial<AccessInput>,
  notes: KeyNotes,
  signal: AbortSignal,
): Promise<Cleared> => {
  const cleared: Cleared = { removed: [], gone: [], left: [] };
  for (const note of await notes.list()) {
    if (input.portal !== undefined && input.portal !== note.portal) continue;
    try {
      const list = (await removeKey(note, input, signal)) ? cleared.removed : cleared.gone;
      list.push(note);
      await notes.remove(note);
    } catch (error) {
      if (signal.aborted || !(error instanceof IscsiError)) throw error;
      cleared.left.push({ ...note, because: explain(toEnvelope(toIscsiFailure(error))).what });
    }
  }
  return cleared;
};
