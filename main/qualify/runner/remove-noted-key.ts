import { formatReservationKey, LunAddresses, lunFromNumber, parseIsid, scsi } from '../../iscsi/index.ts';
import { Deadline } from './deadline.ts';
import type { KeyNote, KeyNotes } from './key-notes.ts';
import { Nexus, type Access } from './nexus.ts';
import { isQuorateKey, removeKey, type Removal } from './remove-key.ts';

/** The first byte of every ISID of ours: type "random", T = 10b (RFC 7143 section 11.12.5). No operating system uses it. */
const isidTypeMask = 0xc0;
const isidTypeRandom = 0x80;

/**
 * Why a note is not followed, or null. A note names what may be taken away: one that was written by hand, or damaged, must
 * never lead to a registration that Quorate did not make.
 */
export const distrustNote = ({ key, isid }: Pick<KeyNote, 'key' | 'isid'>): string | null => {
  if (!/^0x[0-9a-f]{16}$/i.test(key) || !isQuorateKey(BigInt(key)))
    return `the noted key ${key} is none of Quorate's: those begin with 51524154`;
  if (!/^[0-9a-f]{12}$/i.test(isid) || (Number.parseInt(isid.slice(0, 2), 16) & isidTypeMask) !== isidTypeRandom)
    return `the noted ISID ${isid} is none of Quorate's: an operating system's session could have it`;
  return null;
};

/** How to reach the target of a note: what the note does not hold, secrets and a source address that replaces the noted one. */
export type NoteAccess = Partial<Omit<Access, 'portal' | 'target' | 'signal'>>;

/**
 * Comes back as the very nexus of a note and removes its registration, and nothing else. Unit attentions are passed over and
 * BUSY is asked again. The note itself stays: whoever calls removes it. Errors of the conversation are thrown as IscsiError.
 */
export const removeNotedKey = async (
  note: KeyNote,
  access: NoteAccess,
  notes: KeyNotes,
  { signal, deadline = new Deadline(30_000) }: { signal?: AbortSignal; deadline?: Deadline } = {},
): Promise<Removal> => {
  const distrust = distrustNote(note);
  if (distrust !== null) return { kind: 'left', because: distrust };
  const source = access.sourceAddress ?? note.sourceIp;
  const lunAddresses = new LunAddresses();
  const nexus = new Nexus(
    'A',
    note.initiator,
    {
      ...access,
      lunAddresses,
      portal: note.portal,
      target: note.target,
      ...(source === undefined ? {} : { sourceAddress: source }),
    },
    { signal, isid: parseIsid(note.isid) },
  );
  try {
    const session = await nexus.session(signal ? AbortSignal.any([signal, deadline.signal()]) : deadline.signal());
    // Above 255 a LUN has several forms, and a target knows the one in which it lists it.
    const list = note.lun > 255 ? await scsi.reportLuns(session) : null;
    if (list?.ok) lunAddresses.take(list.value.luns);
    const noteOf = (key: bigint): KeyNote => ({
      ...note,
      key: formatReservationKey(key),
      since: new Date().toISOString(),
    });
    return await removeKey(nexus.afterwards(deadline), lunFromNumber(note.lun), BigInt(note.key), {
      add: (key) => notes.add(noteOf(key)),
      remove: (key) => notes.remove(noteOf(key)),
    });
  } finally {
    await nexus.close();
  }
};
