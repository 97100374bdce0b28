import { checkCluster } from '../../rules/cluster/check.ts';
import type { CheckedServer, Part } from '../../rules/cluster/rule.ts';
import { assumeCluster } from './assume-cluster.ts';
import type { Phase, ServerInput } from './phase.ts';
import { areAmong } from './proofs.ts';
import { refusalOf } from './refusal.ts';

const part = <Value>(value: Value | null | undefined, because: string | undefined): Part<Value> =>
  value === null || value === undefined
    ? { value: null, because: because ?? 'it was not read' }
    : { value, because: null };

/** The server as the rules of `cluster check` look at it. */
const checkedOf = ({ observed, unread, server }: ServerInput): CheckedServer => ({
  node: server.name,
  host: part(observed.host?.facts, unread.host),
  pendingRestart: part(observed.host?.pendingRestart, observed.host?.unread['pendingRestart'] ?? unread.host),
  nics: part(observed.network?.nics, unread.network),
  initiator: part(observed.initiator?.state, unread.initiator),
  disks: part(observed.storage?.disks, unread.storage),
  policy: part(observed.storage?.policy, observed.storage?.unread['policy'] ?? unread.storage),
  roles: part(observed.roles?.state, unread.roles),
  cluster: part(observed.cluster?.state, unread.cluster),
  name: null,
});

/** Left to Windows' own validation, or seen to by the formation itself: what it would only say again, or says before its time. */
const leftOut: readonly string[] = ['membership.left', 'networks.alike', 'address.free'];

/**
 * What is known to make the forming of a cluster fail, looked for on each server just before Windows validates it: the rules of "quorate cluster
 * check". What concerns several servers at once is compared by the step that compares them.
 */
export const knownFailures: Phase = {
  name: 'knownFailures',
  stage: 'validate',
  on: 'each',
  isBarrier: false,
  areas: ['host', 'network', 'initiator', 'storage', 'roles', 'cluster'],
  plan: (input) => {
    const { file, server, observed, proofs } = input;
    const names = file.servers.map(({ name }) => name);
    const nodes = observed.cluster!.state.cluster?.nodes.map(({ name }) => name) ?? [];
    const isFirst = names[0] === server.name;
    // A node that is one already has shown it; and the first server keeps the proof that all were validated.
    if (areAmong([server.name], nodes) || proofs.validated.some((one) => areAmong(names, one.nodes))) return {};
    const name = isFirst && nodes.length === 0 ? file.cluster.name : null;
    const { items } = checkCluster({ servers: [checkedOf(input)], name, addresses: [] });
    const due = items.filter(({ id, isManual }) => !isManual && !leftOut.includes(id));
    return {
      refusals: due
        .filter(({ result }) => result === 'fail')
        .map(({ title, found, later, next }) =>
          refusalOf('FORM_KNOWN_FAILURE', { server: server.name, check: title, found, later, next: next ?? '' }),
        ),
      unknowns: due
        .filter(({ result }) => result === 'unknown')
        .map(({ title, found, next }) => ({
          what: `"${title}" of ${server.name}`,
          because: found,
          next: next ?? `Run "quorate cluster check" on ${server.name}.`,
        })),
    };
  },
  // Before the roles are there, the rules say what the steps before bring.
  assume: assumeCluster,
};
