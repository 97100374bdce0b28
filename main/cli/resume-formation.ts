import type { FormationStatus } from '../../shared/contract/formation.ts';
import type { Consent } from '../../shared/model/consent.ts';
import { consentHours, isConsentGood } from '../../shared/model/consent.ts';
import { explain, fromEnvelope } from '../../shared/errors/failure.ts';
import { cutQuestion, restartQuestion } from '../../shared/plan/formation/restart.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { pause } from '../system/pause.ts';

/** What of a formation a restart of this server has cut: its coordination, or its part in another server's. Null: nothing. */
export type FormationLeft = 'coordination' | 'membership' | null;

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
  if (status?.state === 'interrupted' && status.direction === 'form' && status.coordinator === null)
    return 'coordination';
  return (await isMember(ask, now)) ? 'membership' : null;
};

/** Restarts and cut connections of a formation were agreed to for all of it; what destroys data is asked of a person again. */
const answersOf = ({ wanted }: FormationStatus): Record<string, boolean> =>
  Object.fromEntries(
    [...(wanted?.servers ?? []), ...(wanted?.storageHost ? [wanted.storageHost] : [])].flatMap(({ name }) =>
      [restartQuestion(name), cutQuestion(name)].map((question) => [question, true]),
    ),
  );

export interface GoOnForming {
  readonly core: Pick<CoreApi, 'call'>;
  /** The core is that of another process, an agent or a window, which stays open by itself. */
  readonly isElsewhere?: boolean;
  readonly note: (text: string) => void;
  /** Ends the waiting: the person, or the server that shuts down. */
  readonly signal: AbortSignal;
  readonly now?: () => number;
  readonly pollMs?: number;
}

/**
 * Goes on with a formation in a core that listens for its peers: what this server coordinates is planned again from its file, and its part in
 * another server's waits for that one's orders. No secret is there any more: where a step needs one, it says so and waits for a person.
 */
export const goOnForming = async (
  left: NonNullable<FormationLeft>,
  { core, isElsewhere = false, note, signal, now = Date.now, pollMs = lookEveryMs }: GoOnForming,
): Promise<void> => {
  const ask = askOf(core);
  if (left === 'coordination') {
    const status = (await ask<FormationStatus | null>('formation.status', {}))!;
    note(`Going on with ${status.formation} of ${status.cluster}.`);
    const { text, path } = status;
    const outcome = await core.call(
      'formation.apply',
      { text, path, answers: answersOf(status), goesOn: true },
      { caller, signal },
    );
    if (outcome.ok) return;
    const { what, next, code } = explain(outcome.error);
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
      : (await ask<FormationStatus | null>('formation.status', {}))?.state === 'formed';
  while (!signal.aborted && !(await isOver())) await pause(pollMs, signal);
};
