import type { Input, Output } from '../../../shared/contract/index.ts';
import { normaliseAddress } from '../../../shared/model/address.ts';
import { explain, toEnvelope } from '../../../shared/errors/failure.ts';
import { formatPortal, IscsiError, parseIscsiName, parsePortal } from '../../iscsi/index.ts';
import {
  Deadline,
  isSameNote,
  removeNotedKey,
  type KeyNote,
  type KeyNotes,
  type Removal,
} from '../../qualify/index.ts';
import { toReach, type AccessInput, type ThisServer } from './access.ts';
import { explainIscsiError, withIscsiFailures } from './iscsi-failure.ts';

type Cleared = Output<'iscsi.clearMine'>;

export interface ClearInput extends Omit<Partial<AccessInput>, 'portal'> {
  readonly portals?: readonly string[] | undefined;
  readonly unit?: Input<'iscsi.clearMine'>['unit'];
}

/** A portal in the one spelling that can be compared: `LOCALHOST`, `localhost:3260` and `localhost` are the same. */
const normalPortal = (text: string): string => {
  const { host, port } = parsePortal(text);
  return formatPortal({ host: (normaliseAddress(host) ?? host).toLowerCase().replace(/\.$/, ''), port });
};

/** The notes that the caller means, and those that it left out. */
const choose = (
  all: readonly KeyNote[],
  { portals, initiator, unit }: ClearInput,
): { readonly chosen: KeyNote[]; readonly excluded: KeyNote[] } => {
  const wantedPortals = portals?.map(normalPortal);
  const wantedName = initiator === undefined ? undefined : parseIscsiName(initiator).name;
  const isMeant = (note: KeyNote): boolean =>
    (wantedPortals === undefined || wantedPortals.includes(normalPortal(note.portal))) &&
    (wantedName === undefined || wantedName === note.initiator.toLowerCase()) &&
    // RFC 3722: iSCSI names are compared in lower case.
    (unit === undefined || (unit.target.toLowerCase() === note.target.toLowerCase() && unit.lun === note.lun));
  return { chosen: all.filter(isMeant), excluded: all.filter((note) => !isMeant(note)) };
};

/** The notes of keys that earlier runs left, all or those of some portals or of one name. */
export const listOwnKeys = async (
  input: Pick<ClearInput, 'portals' | 'initiator'>,
  server: ThisServer,
  notes: KeyNotes,
  signal: AbortSignal,
): Promise<Output<'iscsi.ownKeys'>> =>
  withIscsiFailures('Reading the notes', { input, server, signal }, async () => ({
    keys: choose(await notes.list(), input).chosen,
  }));

/** Notes of one registration together: it may be noted more than once, and over more than one portal. */
const groupByRegistration = (notes: readonly KeyNote[]): [KeyNote, ...KeyNote[]][] => {
  const groups: [KeyNote, ...KeyNote[]][] = [];
  for (const note of notes) {
    const group = groups.find(([first]) => isSameNote(first, note));
    if (group) group.push(note);
    else groups.push([note]);
  }
  return groups;
};

const nextWhenSeen =
  'Check the LUN on the target, then run "quorate iscsi reservations clear-mine" again, or remove the key there.';

/** For all notes together: many of them at a target that says nothing must not add up. */
const deadlineMs = 60_000;

/** A portal that did not answer one logon is not asked for the next. */
const isAboutThePortal = ({ code }: IscsiError): boolean => code === 'TIMED_OUT' || code.startsWith('PORTAL_');

/** Removes exactly the keys that earlier runs noted and could not remove. */
export const clearOwnKeys = async (
  input: ClearInput,
  server: ThisServer,
  notes: KeyNotes,
  signal: AbortSignal,
): Promise<Cleared> =>
  withIscsiFailures('Removing the keys', { input, server, signal }, async () => {
    const { chosen, excluded } = choose(await notes.list(), input);
    const cleared: Cleared = { removed: [], gone: [], left: [], excluded };
    const deadline = new Deadline(deadlineMs);
    const silent = new Map<string, IscsiError>();
    const { sourceAddress, chap } = toReach({ portal: '', sourceIp: input.sourceIp, chap: input.chap });
    const access = { ...(sourceAddress === undefined ? {} : { sourceAddress }), ...(chap ? { chap } : {}) };

    /** Over the portals of its notes, then over those of today, until one of them answers. */
    const removeGroup = async ([first, ...more]: readonly [KeyNote, ...KeyNote[]]): Promise<Removal | IscsiError> => {
      let problem = new IscsiError('TIMED_OUT');
      const today = (input.unit?.over ?? []).map((way): KeyNote => ({ ...first, sourceIp: undefined, ...way }));
      for (const note of [first, ...more, ...today]) {
        try {
          const known = silent.get(note.portal);
          if (known) throw known;
          return await removeNotedKey(note, access, notes, { signal, deadline });
        } catch (error) {
          if (signal.aborted || !(error instanceof IscsiError)) throw error;
          if (isAboutThePortal(error)) silent.set(note.portal, error);
          problem = error;
        }
      }
      return problem;
    };

    for (const group of groupByRegistration(chosen)) {
      const [first] = group;
      const outcome = await removeGroup(group);
      if (outcome instanceof IscsiError) {
        const about = { initiator: first.initiator, target: first.target, chap: input.chap };
        const sourceIp = input.sourceIp ?? first.sourceIp;
        const explained = await explainIscsiError(outcome, { input: { ...about, sourceIp }, server, signal });
        const { what, next } = explain(toEnvelope(explained));
        cleared.left.push({ ...first, because: what, next, isSeen: false });
      } else if (outcome.kind === 'left')
        cleared.left.push({ ...first, because: outcome.because, next: nextWhenSeen, isSeen: true });
      else {
        await notes.remove(...group);
        cleared[outcome.kind].push(first);
      }
    }
    return cleared;
  });

/** Drops notes whose target or LUN is gone for good; nothing is sent to anybody. */
export const forgetOwnKeys = async (keys: readonly KeyNote[], notes: KeyNotes): Promise<Output<'iscsi.forgetKeys'>> => {
  const forgotten = (await notes.list()).filter((note) => keys.some((key) => isSameNote(key, note)));
  await notes.remove(...forgotten);
  return { forgotten };
};
