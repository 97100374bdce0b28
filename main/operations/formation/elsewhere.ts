import { formationPause, formationStatus, type FormationStatus } from '../../../shared/contract/formation.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { consentHours, type Consent } from '../../../shared/model/consent.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import { knownAnswer, type PeerPort } from '../../ports/peer-port.ts';

/** The formation that another server coordinates and this one is a part of: asked of that server each time, no copy is kept. */
export interface Elsewhere {
  /** What runs there; null where a person here agreed to none, or its coordinator does not answer. */
  readonly status: () => Promise<FormationStatus | null>;
  /** Anybody may stop a formation for a moment; it is continued where it is coordinated. Throws FORM_NOT_RUNNING and what the other says. */
  readonly pause: () => Promise<{ formation: string; running: string[] }>;
  /** FORM_RUNS_ELSEWHERE with the server that runs it, where one does: only a pause is ordered from another. */
  readonly whyNotHere: () => Promise<Failure | null>;
}

/** As long as a page waits for another server, in milliseconds: what is shown without it is told at once. */
const answerWithinMs = 5_000;

/** Who asked here last, and was not refused: of a formation that is over, the end is shown too. */
const coordinatorOf = (consents: readonly Consent[], now: number): Consent | undefined =>
  consents.find(
    ({ about, state, askedAt }) =>
      about === 'formation' && state !== 'refused' && now - Date.parse(askedAt) < consentHours * 3_600_000,
  );

export const formationElsewhere = (consents: () => readonly Consent[], peers: PeerPort, now = Date.now): Elsewhere => {
  const ask = async (
    method: string,
  ): Promise<{ readonly coordinator: string; readonly peer: string; readonly answer: unknown } | null> => {
    const asked = coordinatorOf(consents(), now());
    if (!asked) return null;
    const signal = AbortSignal.timeout(answerWithinMs);
    const peer = peerIdOf(asked.coordinator);
    return { coordinator: asked.coordinatorName, peer, answer: await peers.call(peer, method, {}, { signal }) };
  };
  const status = async (): Promise<FormationStatus | null> => {
    try {
      const told = await ask(formationStatus.name);
      if (!told) return null;
      // One of another version may answer in a form that this one does not know.
      const found = formationStatus.output.safeParse(told.answer);
      return found.success && found.data ? { ...found.data, coordinator: told.coordinator } : null;
    } catch (error) {
      // Lost, or restarting: this server tells what it knows itself.
      if (!(error instanceof Failure)) throw error;
      return null;
    }
  };
  return {
    status,
    whyNotHere: async () => {
      const there = await status();
      if (there === null || (there.state !== 'running' && there.state !== 'paused')) return null;
      return failure('FORM_RUNS_ELSEWHERE', { cluster: there.cluster, coordinator: there.coordinator! });
    },
    pause: async () => {
      const told = await ask(formationPause.name);
      if (!told) throw failure('FORM_NOT_RUNNING', {});
      return knownAnswer(peers, told.peer, formationPause, told.answer);
    },
  };
};
