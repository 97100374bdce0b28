import type { DrillAct, DrillOrder } from '../../../shared/contract/drill.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { localServer } from '../../../shared/model/server-ref.ts';
import { stateOfServers, type ReadServer } from '../availability/observed-state.ts';
import { digestOf, type Consents, type Orderer } from '../formation/consents.ts';
import type { Server } from '../plans/server.ts';
import { beginAct, endAct, endInterrupted, lookAtAct } from './at-server.ts';
import { judgeOrder } from './judge-order.ts';

/** Who orders a drill here: as the connection proved it, with its printed reference. */
export interface DrillOrderer extends Orderer {
  readonly by: string;
}

/** The guard of the server is first; this is for one that did not keep its time. */
const graceMs = 5_000;

const consentOf = ({ fingerprint }: Orderer, cluster: string) =>
  ({
    kind: 'drills',
    formation: `drills-${fingerprint.slice(0, 12)}`,
    cluster,
    text: `drills\n${cluster.toLowerCase()}\n${digestOf(fingerprint)}`,
  }) as const;

/**
 * This server where another one's coordinator orders drills: it reads the cluster itself, judges, asks the person here, and gives back
 * by itself when the time is over and nobody told it to.
 */
export class OrderedDrills {
  readonly #consents: Consents;
  readonly #overdue = new Map<string, NodeJS.Timeout>();

  readonly #giveBack: (journal: string) => void;

  /** @param giveBack ends a drill of this server by a call of its own core, and keeps what came of it for the log */
  constructor(consents: Consents, giveBack: (journal: string) => void) {
    this.#consents = consents;
    this.#giveBack = giveBack;
  }

  /** @throws Failure DRILL_REFUSED, HOST_* */
  async ask(
    server: Server,
    { act, order }: { readonly act: DrillAct; readonly order: DrillOrder },
    orderer: DrillOrderer | null,
    read: ReadServer,
    signal: AbortSignal,
  ): Promise<{ asked: string; consent: 'given' | 'needed' | 'refused' }> {
    const { cluster } = await this.#judge(order, act, read);
    const seen = await lookAtAct(server, act, signal);
    if (orderer === null) return { asked: 'local', consent: 'given' };
    const about = consentOf(orderer, cluster);
    const step = { title: seen.what, isDestructive: false, restarts: false, cutsConnection: false };
    return { asked: about.formation, consent: this.#consents.standing(orderer, about, [step]) };
  }

  /** @throws Failure DRILL_REFUSED, FORM_CONSENT_NEEDED, and whatever the change throws, after it was taken back */
  async begin(
    server: Server,
    asked: {
      readonly act: DrillAct;
      readonly title: string;
      readonly guardSeconds: number;
      readonly parent: string | null;
    },
    order: DrillOrder | null,
    orderer: DrillOrderer,
    read: ReadServer,
    signal: AbortSignal,
  ): Promise<{ journal: string }> {
    const { act, title, guardSeconds, parent } = asked;
    if (order === null)
      throw failure('DRILL_REFUSED', { because: `${orderer.name} does not say what it judged` }, { effect: 'none' });
    const { cluster, node } = await this.#judge(order, act, read);
    const { text } = consentOf(orderer, cluster);
    if (!this.#consents.isGiven(orderer.fingerprint, text))
      throw failure('FORM_CONSENT_NEEDED', { server: node, coordinator: orderer.name });
    const { by, epoch } = orderer;
    const begun = await beginAct(server, act, title, guardSeconds, {
      by,
      signal,
      ordered: { coordinator: by, epoch, parent },
    });
    this.#keepTime(begun.journal, guardSeconds);
    return begun;
  }

  /** @throws Failure DRILL_NOT_YOURS */
  async end(server: Server, journal: string | null, orderer: DrillOrderer): Promise<{ isBack: boolean }> {
    const { by } = orderer;
    const ended = await (journal === null ? endInterrupted(server, by, by) : endAct(server, journal, by, by));
    if (journal !== null && ended.isBack) this.#forget(journal);
    return ended;
  }

  async #judge(order: DrillOrder, act: DrillAct, read: ReadServer): Promise<{ cluster: string; node: string }> {
    let node = '';
    const { state } = await stateOfServers([localServer], async (ref) => {
      const own = await read(ref);
      node = own.network.server.computerName;
      return own;
    });
    judgeOrder(state, node, order, act);
    return { cluster: state.name ?? '', node };
  }

  /** The console that ordered it may be gone for good. */
  #keepTime(journal: string, guardSeconds: number): void {
    const timer = setTimeout(
      () => {
        this.#overdue.delete(journal);
        // What is not back then stays guarded, and its entry open: the journal shows it.
        this.#giveBack(journal);
      },
      guardSeconds * 1000 + graceMs,
    );
    timer.unref();
    this.#overdue.set(journal, timer);
  }

  #forget(journal: string): void {
    clearTimeout(this.#overdue.get(journal));
    this.#overdue.delete(journal);
  }
}
