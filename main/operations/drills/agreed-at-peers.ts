import type { DrillAct } from '../../../shared/contract/drill.ts';
import type { OutputOf, Progress } from '../../../shared/contract/define.ts';
import type { formationAgreed } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { pause } from '../../system/pause.ts';

/** How often a server is asked whether somebody there has agreed, in milliseconds. */
const askEveryMs = 500;

export interface FarAct {
  readonly peer: string;
  readonly node: string;
  readonly act: DrillAct;
}

export interface AgreedTools {
  /** Has the peer judge the drill, and ask the person there. */
  readonly ask: (far: FarAct) => Promise<{ readonly asked: string; readonly consent: 'given' | 'needed' | 'refused' }>;
  readonly answer: (peer: string, asked: string) => Promise<OutputOf<typeof formationAgreed>>;
  readonly progress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until a person at every peer agreed, or somebody cancels. True: somebody had to be waited for.
 * @throws Failure DRILL_REFUSED where a peer judges otherwise, FORM_CONSENT_REFUSED
 */
export const agreedAtPeers = async (
  far: readonly FarAct[],
  { ask, answer, progress, signal }: AgreedTools,
): Promise<boolean> => {
  let hasWaited = false;
  // All are asked before anybody is waited for: so many people can agree at the same time.
  const waiting: { readonly one: FarAct; readonly asked: string; readonly first: 'given' | 'needed' | 'refused' }[] =
    [];
  for (const one of far) {
    const { asked, consent } = await ask(one);
    waiting.push({ one, asked, first: consent });
  }
  for (const { one, asked, first } of waiting) {
    let consent = first;
    while (consent !== 'given' && !signal.aborted) {
      if (consent === 'refused')
        throw failure('FORM_CONSENT_REFUSED', { server: one.node, coordinator: 'this server' }, { effect: 'none' });
      hasWaited = true;
      const doing = `Waiting until a person at ${one.node} agrees ("quorate form consent" there)`;
      progress({ doing, done: null, total: null, leftMs: null });
      await pause(askEveryMs, signal);
      ({ consent } = await answer(one.peer, asked));
    }
  }
  return hasWaited;
};
