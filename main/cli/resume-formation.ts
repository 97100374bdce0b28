import type { FormationStatus } from '../../shared/contract/formation.ts';
import type { Consent } from '../../shared/model/consent.ts';
import { consentHours, isConsentGood } from '../../shared/model/consent.ts';
import { explain, fromEnvelope, type Envelope } from '../../shared/errors/failure.ts';
import { cutQuestion, restartQuestion } from '../../shared/plan/formation/restart.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { pause } from '../system/pause.ts';

/**
 * What of a formation a restart of this server has cut: its coordination, or its part in another server's. `paused`: it is coordinated here, and a
 * person paused it before. Null: nothing.
 */
export type FormationLeft = 'coordination' | 'paused' | 'membership' | null;

/** Asks a core by a method of the contract. Throws the failure. */
export type Ask = <T>(method: string, input: unknown) => Promise<T>;

const isUnderWay = (consent: Consent, now: number): boolean =>
  consent.about === 'formation' &&
  (isConsentGood(consent, now) ||
    (consent.state === 'needed' && now - Date.parse(consent.askedAt) < consentHours * 3_600_000));

/** How often it is looked whether the formation is over, in milliseconds. */
const lookEveryMs = 5_000;

const caller = { kind: 'cli' } as const;

const askOf =
  (core: Pick<CoreApi, 'call'>): Ask =>
  async <T>(method: string, input: unknown) => {
    const outcome = await core.call(method, input, { caller });
    if (!outcome.ok) throw fromEnvelope(outcome.error);
    return outcome.result as T;
  };

const isMember = async (ask: Ask, now: () => number): Promise<boolean> => {
  const { consents } = await ask<{ consents: Consent[] }>('formation.consents', {});
  return consents.some((one) => isUnderWay(one, now()));
};

/** Looks at what was cut; it changes nothing. */
export const formationLeft = async (ask: Ask, now = Date.now): Promise<FormationLeft> => {
  const status = await ask<FormationStatus | null>('formation.status', {});
  if (status?.state === 'interrupted' && status.coordinator === null)
    return status.isPaused ? 'paused' : 'coordination';
  return (await isMember(ask, now)) ? 'membership' : null;
};

/** Restarts and cut connections of a formation were agreed to for all of it; what destroys data is asked of a person again. */
const answersOf = ({ wanted }: FormationStatus): Record<string, boolean> =>
  Object.fromEntries(
    [...(wanted?.servers ?? []), ...(wanted?.storageHost ? [wanted.storageHost] : [])].flatMap(({ name }) =>
      [restartQuestion(name), cutQuestion(name)].map((question) => [question, true]),
    ),
  );

const isWhole = (status: FormationStatus | null): boolean => status?.state === 'formed' || status?.state === 'undone';

export interface GoOnForming {
  readonly core: Pick<CoreApi, 'call'>;
  /** The core is that of another process, an agent or a window, which stays open by itself. */
  readonly isElsewhere?: boolean;
  readonly note: (text: string) => void;
  /** Ends the waiting: the person, or the server that shuts down. */
  readonly signal: AbortSignal;
  readonly now?: () => number;
  readonly pollMs?: number;
  /** After how long, in milliseconds, it is tried again each time that something was not there yet. */
  readonly againMs?: readonly number[];
}

/** About twenty minutes in all, as long as a server is waited for that restarts. */
const defaultAgainMs = [15_000, 30_000, 60_000, 120_000, 240_000, 240_000, 240_000, 240_000];

const notThereYet: readonly string[] = [
  'CHANNEL_LOST',
  'CHANNEL_TIMEOUT',
  'PEER_UNREACHABLE',
  'PEER_NOT_CONNECTED',
  'COORDINATOR_MEMBER_SILENT',
  'PROMISE_NOT_ANSWERED',
  'PROMISE_NOT_RETURNED',
  'FORM_SERVER_LOST',
  'FORM_SERVER_NOT_BACK',
];

/**
 * May it be another matter in a moment? Just after a restart, networks, services and other servers are still coming up: whoever could not be asked,
 * and what could not be read.
 */
const isPassing = ({ code, detail }: Envelope): boolean =>
  notThereYet.includes(code) || (code === 'FORM_STOPPED' && detail['code'] === null);

/** Orders it until it is done, or stops for a reason that a person has to look at; null: done. */
const formAsAgreed = async (
  ask: Ask,
  { core, note, signal, againMs = defaultAgainMs }: GoOnForming,
): Promise<Envelope | null> => {
  for (let tries = 0; ; tries += 1) {
    const status = (await ask<FormationStatus | null>('formation.status', {}))!;
    const { text, path, direction, formation, cluster } = status;
    note(`Going on with ${formation} of ${cluster}${direction === 'undo' ? ', which undoes it' : ''}.`);
    const outcome = await core.call(
      'formation.apply',
      { text, path, direction, answers: answersOf(status), goesOn: true },
      { caller, signal },
    );
    if (outcome.ok) return null;
    const waitMs = againMs[tries];
    if (waitMs === undefined || signal.aborted || !isPassing(outcome.error)) return outcome.error;
    const { what, code } = explain(outcome.error);
    note(`${what} [${code}] Quorate tries again in ${Math.round(waitMs / 1000)} s.`);
    const before = await ask<FormationStatus | null>('formation.status', {});
    await pause(waitMs, signal);
    const after = await ask<FormationStatus | null>('formation.status', {});
    // Somebody went on with it meanwhile, or ended it.
    if (signal.aborted || after?.formation !== before?.formation || after?.state !== before?.state)
      return outcome.error;
  }
};

/**
 * Goes on with a formation in a core that listens for its peers: what this server coordinates is planned again from its file, and its part in
 * another server's waits for that one's orders. What is only not there yet is tried again. No secret is there any more: where a step needs one, it says so and waits for a
 * person.
 */
export const goOnForming = async (left: 'coordination' | 'membership', given: GoOnForming): Promise<void> => {
  const { core, isElsewhere = false, note, signal, now = Date.now, pollMs = lookEveryMs } = given;
  const ask = askOf(core);
  if (left === 'coordination') {
    const error = await formAsAgreed(ask, given);
    if (error === null) return;
    const { what, next, code } = explain(error);
    note(`${what} [${code}] ${next}`);
    note('Go on with "quorate form resume", or in the window.');
  }
  if (isElsewhere) return;
  note(
    left === 'coordination'
      ? 'Quorate stays open here.'
      : 'This server is part of a formation: Quorate stays open here until that is over.',
  );
  const isOver = async (): Promise<boolean> =>
    left === 'membership'
      ? !(await isMember(ask, now))
      : isWhole(await ask<FormationStatus | null>('formation.status', {}));
  while (!signal.aborted && !(await isOver())) await pause(pollMs, signal);
};
