import { asClause } from '../../../shared/model/sentence.ts';
import { createHash } from 'node:crypto';
import type { DrillAct, DrillPlan, DrillRecord } from '../../../shared/contract/drill.ts';
import { consentHours } from '../../../shared/model/consent.ts';
import { drillKinds, type DrillKind } from '../../../shared/model/drill-limits.ts';
import { elementsOf, findElement, type Element } from '../../../shared/availability/elements.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import type { AvailabilityState } from '../../../shared/availability/state.ts';
import { whatIf, type LossResult } from '../../../shared/availability/what-if.ts';
import { elementName, someOf } from '../../../shared/availability/words.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { measuredSeconds } from './measured-seconds.ts';
import type { ReadState } from '../availability/observed-state.ts';

/** A node that was read: its computer name, and the reference that reaches it. */
export interface DrillServer {
  readonly node: string;
  readonly server: string;
}

/** What is taken away, and where. */
export interface DrillTask {
  readonly plan: DrillPlan;
  readonly acts: readonly (DrillServer & { readonly act: DrillAct })[];
}

export type LookAtAct = (
  server: string,
  act: DrillAct,
) => Promise<
  { readonly ok: true; readonly what: string; readonly back: string } | { readonly ok: false; readonly because: string }
>;

const isSame = (one: string, other: string): boolean => keyOf(one) === keyOf(other);
const isKind = (kind: string): kind is DrillKind => (drillKinds as readonly string[]).includes(kind);

/** Time for reading, starting and giving back, besides the time that the element is gone. */
const guardReserveSeconds = 120;
const mostGuardSeconds = 3600;

/** What a drill of the element takes away, on which of these servers. */
export const actsOf = (element: Element, servers: readonly DrillServer[]): DrillTask['acts'] => {
  const on = (name: string | null): readonly DrillServer[] =>
    servers.filter(({ node }) => name !== null && isSame(node, name));
  switch (element.kind) {
    case 'nic':
      return on(element.owner).map((one) => ({ ...one, act: { kind: 'nic', nic: element.name } }));
    case 'path': {
      const at = element.name.lastIndexOf('>');
      const act = { kind: 'path', nic: element.name.slice(0, at), portal: element.name.slice(at + 1) } as const;
      return on(element.owner).map((one) => ({ ...one, act }));
    }
    case 'node':
      return on(element.name).map((one) => ({ ...one, act: { kind: 'node' } }));
    case 'target':
      return servers.map((one) => ({ ...one, act: { kind: 'target', target: element.name } }));
    case 'witness':
      return servers.slice(0, 1).map((one) => ({ ...one, act: { kind: 'witness' } }));
    default:
      return [];
  }
};

const outageOf = (loss: LossResult, measured: ReturnType<typeof measuredSeconds>): DrillPlan['outage'] => {
  if (loss.counts.restarts === 0) return { seconds: 0, because: 'No virtual machine has to restart.' };
  const known = measured
    ? `${measured.drills === 1 ? 'A drill' : `${measured.drills} drills`} measured at most ${measured.seconds} s, the last on ${measured.last.slice(0, 10)}.`
    : 'No drill has measured a restart in this cluster yet.';
  if (!loss.isolated) return { seconds: measured?.seconds ?? null, because: known };
  const { seconds, because } = loss.isolated;
  return { seconds: measured ? seconds + measured.seconds : null, because: `${because} ${known}` };
};

/** Why a drill is not carried out, as whole sentences; empty: nothing is against it. */
export const refusalsOf = (
  element: Element,
  state: AvailabilityState,
  loss: LossResult,
  servers: readonly DrillServer[],
  found: DrillTask['acts'],
): string[] => {
  const unread = state.nodes
    .filter(({ name }) => !servers.some(({ node }) => isSame(node, name)))
    .map(({ name }) => name);
  const bad = loss.vms.filter(({ outcome }) => outcome === 'down' || outcome === 'depends');
  const hasCopy = state.targets.some(
    ({ name, mirrorOf, isMirrorProven }) =>
      isMirrorProven === true && [name, mirrorOf ?? ''].some((one) => isSame(one, element.name)),
  );
  return [
    ...(found.length === 0 ? [`${element.owner ?? element.name} was not read: name its server as well.`] : []),
    ...(unread.length > 0
      ? [
          `${someOf(unread)} of the cluster ${unread.length === 1 ? 'was' : 'were'} not read: what would happen there is not known.`,
        ]
      : []),
    ...(loss.quorum === 'kept'
      ? []
      : [`The quorum would be ${loss.quorum === 'lost' ? 'lost' : 'in doubt'}: ${asClause(loss.because)}`]),
    ...bad
      .slice(0, 10)
      .map(
        ({ name, outcome, because }) =>
          `${name} ${outcome === 'down' ? 'would stay' : 'might stay'} down: ${asClause(because)}`,
      ),
    ...(bad.length > 10 ? [`So ${bad.length === 11 ? 'does one more' : `do ${bad.length - 10} more`}.`] : []),
    ...(element.kind === 'target' && !hasCopy
      ? [
          'No mirrored target is proven: a target is taken away only where every node has a path to every disk of the cluster over another target too.',
        ]
      : []),
  ];
};

/**
 * What a drill would come to in the cluster as it was read.
 * @throws Failure DRILL_KIND_UNKNOWN, AVAILABILITY_LOSS_UNKNOWN
 */
export const planDrill = async (
  read: ReadState,
  servers: readonly DrillServer[],
  asked: { readonly element: string; readonly holdSeconds: number },
  history: readonly DrillRecord[],
  look: LookAtAct,
  /** Why peers take no orders from this console, as a sentence; null: they do. */
  whyNoOrders: string | null = null,
): Promise<DrillTask> => {
  const { state } = read;
  const element = findElement(elementsOf(state), asked.element);
  const { kind } = element;
  if (!isKind(kind)) throw failure('DRILL_KIND_UNKNOWN', { element: element.id });
  const [loss] = whatIf(state, { lose: [element.id], all: [] }, []).results;
  if (!loss) throw failure('INTERNAL_BUG', { message: `no answer for ${element.id}` });
  const found = actsOf(element, servers);
  const refusals = refusalsOf(element, state, loss, servers, found);
  const ordered = found.filter(({ server }) => parseServerRef(server)?.kind === 'peer').map(({ node }) => node);
  if (ordered.length > 0 && whyNoOrders !== null) refusals.push(`${someOf(ordered)}: ${asClause(whyNoOrders)}`);
  const isTouched = (node: string): boolean =>
    kind !== 'witness' && kind !== 'target' && found.some((one) => isSame(one.node, node));
  const observer = servers.find(({ node }) => !isTouched(node)) ?? null;
  if (servers.length < 2 || observer === null)
    refusals.push('No other node can watch: name the server of at least one more node.');
  const changes: DrillPlan['changes'] = [];
  if (refusals.length === 0)
    for (const { server, node, act } of found) {
      const seen = await look(server, act);
      if (seen.ok) changes.push({ server, node, what: seen.what, back: seen.back });
      else refusals.push(seen.because);
    }
  const cluster = state.name ?? '';
  const isRehearsal = read.source.kind === 'rehearsal';
  const body = {
    kind,
    element: element.id,
    title: `Drill: ${elementName(element.id)} is taken away for ${asked.holdSeconds} s`,
    cluster,
    changes,
    observer: observer && { server: observer.server, node: observer.node },
    quorum: loss.because,
    expected: loss.vms.map((vm) => ({
      name: vm.name,
      node: state.vms.find(({ name }) => name === vm.name)?.node ?? '',
      outcome: vm.outcome,
      nodes: [...vm.nodes],
      because: vm.because,
    })),
    outage: outageOf(loss, measuredSeconds(history, { kind: 'node', cluster, isRehearsal })),
    holdSeconds: asked.holdSeconds,
    guardSeconds: Math.min(mostGuardSeconds, asked.holdSeconds + guardReserveSeconds),
    refusals,
    notes: [
      ...(kind === 'node'
        ? [
            'The cluster service is stopped in order: roles and vote move away. A loss of power is harder, and is not tried here.',
          ]
        : []),
      ...(ordered.length > 0
        ? [
            `A person at ${someOf(ordered)} is asked to agree, unless somebody did in the last ${consentHours} hours; then that server judges the drill itself.`,
          ]
        : []),
      ...(isRehearsal ? ['Simulated servers: the times that are measured say nothing about real ones.'] : []),
    ],
  };
  const id = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
  return { plan: { id, ...body }, acts: found };
};
