import { randomBytes } from 'node:crypto';
import type { Progress } from '../../../shared/contract/define.ts';
import type { DrillAct, DrillPlan, DrillRecord, RunningDrill } from '../../../shared/contract/drill.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import { capital, elementName, someOf } from '../../../shared/availability/words.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { pause } from '../../system/pause.ts';
import type { DrillTask } from './plan-drill.ts';

/** What the observer sees: the machines that run, by name, with the node that each is on. */
export type Look = (server: string, signal: AbortSignal) => Promise<ReadonlyMap<string, string>>;

export interface DrillTools {
  readonly look: Look;
  readonly begin: (
    server: string,
    act: DrillAct,
    title: string,
    guardSeconds: number,
    signal: AbortSignal,
  ) => Promise<string>;
  readonly end: (server: string, journal: string) => Promise<boolean>;
  /** Told before anything is taken away, and again with each journal entry: what the next start would have to take back. */
  readonly keep: (drill: Omit<RunningDrill, 'pid'>) => void;
  readonly now: () => Date;
  readonly progress: (progress: Progress) => void;
  readonly signal: AbortSignal;
  readonly by: string;
  readonly isRehearsal: boolean;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

/** Follows each machine from look to look. What happens between two looks counts in full: a measure never flatters. */
export class Watch {
  readonly #seen = new Map<string, { host: string | null; goodAt: number; downAt: number | null; outageMs: number }>();
  #last: number | null = null;
  sampleMs = 0;

  constructor(names: readonly string[], first: ReadonlyMap<string, string>, atMs: number) {
    for (const name of names)
      this.#seen.set(name, { host: first.get(keyOf(name)) ?? null, goodAt: atMs, downAt: null, outageMs: 0 });
    this.#last = atMs;
  }

  add(running: ReadonlyMap<string, string>, atMs: number): void {
    this.sampleMs = Math.max(this.sampleMs, atMs - (this.#last ?? atMs));
    this.#last = atMs;
    for (const [name, one] of this.#seen) {
      const host = running.get(keyOf(name)) ?? null;
      if (host === null) one.downAt ??= one.goodAt;
      else {
        const hasMoved = one.host !== null && keyOf(host) !== keyOf(one.host);
        if (one.downAt !== null) one.outageMs += atMs - one.downAt;
        else if (hasMoved) one.outageMs += atMs - one.goodAt;
        one.downAt = null;
        one.goodAt = atMs;
        one.host = host;
      }
    }
  }

  /** The machines that do not run as of the last look, with how long they have not been seen, in milliseconds. */
  down(): { readonly name: string; readonly forMs: number }[] {
    const at = this.#last ?? 0;
    return [...this.#seen].flatMap(([name, { downAt }]) => (downAt === null ? [] : [{ name, forMs: at - downAt }]));
  }

  /** Whether a machine does not run as of the last look. */
  isDown(name: string): boolean {
    return this.#seen.get(name)?.downAt !== null;
  }

  of(name: string): { readonly after: string | null; readonly outageMs: number } {
    const one = this.#seen.get(name);
    if (!one) return { after: null, outageMs: 0 };
    if (one.downAt === null) return { after: one.host, outageMs: Math.round(one.outageMs) };
    return { after: null, outageMs: Math.round(one.outageMs + (this.#last ?? one.downAt) - one.downAt) };
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const measuresOf = ({ expected }: DrillPlan, watch: Watch): DrillRecord['vms'] =>
  expected.map(({ name, node, outcome, nodes }) => {
    const { after, outageMs } = watch.of(name);
    const isAsExpected =
      outcome === 'stays'
        ? after !== null && keyOf(after) === keyOf(node) && outageMs === 0
        : outcome === 'restarts'
          ? after !== null && nodes.some((one) => keyOf(one) === keyOf(after))
          : false;
    return { name, expected: outcome, before: node, after, outageMs, isAsExpected };
  });

const findingsOf = (plan: DrillPlan, vms: DrillRecord['vms']): string[] => [
  ...vms
    .filter(({ isAsExpected }) => !isAsExpected)
    .map(({ name, expected, before, after, outageMs }) => {
      const what = expected === 'stays' ? `stays on ${before}` : 'restarts on another node';
      const seen =
        after === null
          ? `it was down for ${seconds(outageMs)} and did not come up`
          : `it was seen on ${after}, and not seen for ${seconds(outageMs)}`;
      return `${name} ${what}, the analysis says; ${seen}.`;
    }),
  ...vms
    .filter(
      ({ expected, outageMs, after }) =>
        expected === 'restarts' &&
        after !== null &&
        plan.outage.seconds !== null &&
        outageMs > plan.outage.seconds * 2000,
    )
    .map(
      ({ name, outageMs }) =>
        `${name} took ${seconds(outageMs)}, more than twice what earlier drills measured (${plan.outage.seconds} s).`,
    ),
];

/**
 * Carries a drill out: begins everywhere, watches from the observer for as long as it was planned, or until a machine that was to stay
 * does not run, and gives everything back whatever happened. What cannot be given back stays guarded: the server does it by itself.
 * @throws Failure DRILL_REFUSED before anything was changed
 */
export const runDrill = async ({ plan, acts }: DrillTask, tools: DrillTools): Promise<DrillRecord> => {
  const [because] = plan.refusals;
  const { observer } = plan;
  if (because !== undefined || observer === null)
    throw failure('DRILL_REFUSED', { because: because ?? 'no other node can watch' }, { effect: 'none' });
  const { signal, progress, everyMs } = tools;
  const names = plan.expected.map(({ name }) => name);
  const first = await tools.look(observer.server, signal);
  const gone = plan.expected.filter(({ name }) => !first.has(keyOf(name))).map(({ name }) => name);
  if (gone.length > 0)
    throw failure(
      'DRILL_REFUSED',
      { because: `${observer.node} does not see ${someOf(gone)} running` },
      { effect: 'none' },
    );
  const at = tools.now().toISOString();
  const started = performance.now();
  const watch = new Watch(names, first, started);
  const journal: DrillRecord['journal'] = [];
  const troubles: string[] = [];
  const frame = {
    ...{ id: `${at.slice(0, 10)}-${randomBytes(3).toString('hex')}`, at, by: tools.by, kind: plan.kind },
    ...{ element: plan.element, title: plan.title, cluster: plan.cluster, isRehearsal: tools.isRehearsal },
    observer: observer.node,
  };
  const around = { servers: acts.map(({ server }) => server), guardSeconds: plan.guardSeconds };
  let heldMs = 0;
  const lookOnce = async (): Promise<void> => {
    // The observer may itself be slow to answer while the cluster regroups: the next look counts the time.
    const running = await tools.look(observer.server, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return null;
    });
    if (running) watch.add(running, performance.now());
  };
  try {
    tools.keep({ ...frame, ...around, journal });
    for (const { server, node, act } of acts) {
      progress({
        doing: `Taking ${elementName(plan.element)} away on ${node}`,
        done: 0,
        total: plan.holdSeconds,
        leftMs: null,
      });
      journal.push({ server, id: await tools.begin(server, act, plan.title, plan.guardSeconds, signal) });
      tools.keep({ ...frame, ...around, journal });
    }
    const until = performance.now() + plan.holdSeconds * 1000;
    const stays = plan.expected.filter(({ outcome }) => outcome === 'stays').map(({ name }) => name);
    while (performance.now() < until && !signal.aborted) {
      await lookOnce();
      if (stays.some((name) => watch.isDown(name))) break;
      const leftMs = Math.max(0, until - performance.now());
      const done = Math.round(plan.holdSeconds - leftMs / 1000);
      const down = watch.down().map(({ name, forMs }) => `${name} for ${seconds(forMs)}`);
      const seen = down.length === 0 ? 'every virtual machine runs' : `not running: ${someOf(down, 3)}`;
      const doing = `${capital(elementName(plan.element))} is away; ${observer.node} watches: ${seen}`;
      progress({ doing, done, total: plan.holdSeconds, leftMs });
      await pause(Math.min(everyMs, leftMs), signal);
    }
    heldMs = performance.now() - started;
    await lookOnce();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    troubles.push(`${error.message} [${error.code}]`);
  }
  const vms = measuresOf(plan, watch);
  progress({
    doing: `Giving ${elementName(plan.element)} back`,
    done: plan.holdSeconds,
    total: plan.holdSeconds,
    leftMs: null,
  });
  let isBack = true;
  for (const { server, id } of journal.toReversed()) {
    try {
      if (!(await tools.end(server, id))) {
        isBack = false;
        troubles.push(
          `${server} did not show within its time that everything is back; it undoes the change by itself.`,
        );
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      isBack = false;
      troubles.push(
        `${server} could not be told to give it back, and does so by itself: ${error.message} [${error.code}]`,
      );
    }
  }
  if (signal.aborted) troubles.push('It was cancelled before its time was over.');
  const findings = troubles.length > 0 ? troubles : findingsOf(plan, vms);
  return {
    schema: 'quorate.drill/1',
    ...frame,
    outcome: troubles.length > 0 ? 'failed' : findings.length > 0 ? 'finding' : 'asPredicted',
    findings,
    heldMs: Math.round(heldMs),
    sampleMs: Math.round(watch.sampleMs),
    vms,
    journal,
    isBack,
  };
};
