import { isDone } from '../../changes/index.ts';
import { becauseText } from '../../errors/because.ts';
import { nameAccountTrouble, type Cluster } from '../../model/cluster.ts';
import { asClause, asSentence } from '../../model/sentence.ts';
import { featureStateOf, nodeFeatures, roleFeatures } from '../../model/roles.ts';
import type { ClusterObserved, MachinesObserved, RolesObserved } from '../observed.ts';
import { counted, listOf, type Standing } from './standing.ts';

/*
 * Roles, cluster and virtual machines: done when planning what a node of a Hyper-V cluster needs would change nothing. The changes
 * themselves say whether they are done, so that a stage never says more than its plan.
 */

/** The first reason as a sentence that closes the headline. */
const reason = (unread: readonly { readonly because: string }[]): string | null =>
  unread[0] ? asClause(asSentence(becauseText(unread[0].because))) : null;

/** The roles of a node: done when they are installed, none waits for a restart, and the hypervisor runs. */
export const rolesStanding = (observed: RolesObserved): Standing => {
  const { state, node } = observed;
  const unread = nodeFeatures.filter((name) => !state.features.some((one) => one.name === name));
  if (unread.length > 0)
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `Which roles ${node} has could not be determined: ${reason(state.unread) ?? 'they were not read.'}`,
    };
  const titles = (names: typeof nodeFeatures): string => listOf(names.map((name) => roleFeatures[name].title));
  const missing = nodeFeatures.filter((name) => !['installed', 'installPending'].includes(featureStateOf(state, name)));
  if (missing.length > 0)
    return {
      outcome: 'warn',
      word: `${nodeFeatures.length - missing.length} of ${nodeFeatures.length} features`,
      text: `${titles(missing)} ${missing.length === 1 ? 'is' : 'are'} not installed on ${node}.`,
    };
  const waiting = state.features.filter((one) => one.state === 'installPending' || one.state === 'uninstallPending');
  if (waiting.length > 0)
    return {
      outcome: 'warn',
      word: 'Restart pending',
      text: `${titles(waiting.map(({ name }) => name))} ${waiting.length === 1 ? 'waits' : 'wait'} for a restart of ${node}.`,
    };
  const done = isDone({ do: 'roles.install', features: [...nodeFeatures], source: null }, { roles: observed });
  if (done.is === 'yes')
    return {
      outcome: 'pass',
      word: 'Installed',
      text: `${node} has the roles of a cluster node, and the hypervisor is running.`,
    };
  if (done.is === 'no') return { outcome: 'fail', word: 'Hypervisor off', text: `${done.found}.` };
  return {
    outcome: 'unknown',
    word: 'Unknown',
    text: `The roles are installed. Could not be determined: ${asSentence(becauseText(done.is === 'unknown' ? done.because : done.text))}`,
  };
};

const membershipStanding = (
  node: string,
): Readonly<Record<'none' | 'leftover' | 'stopped' | 'notInstalled', Standing>> => ({
  none: { outcome: 'warn', word: 'No cluster', text: `${node} is in no cluster.` },
  leftover: {
    outcome: 'fail',
    word: 'Left over',
    text: `${node} holds what a failed creation left behind. Clear it before a cluster is created.`,
  },
  stopped: { outcome: 'fail', word: 'Stopped', text: `The cluster service on ${node} does not run.` },
  notInstalled: { outcome: 'warn', word: 'Not installed', text: `${node} does not have Failover Clustering.` },
});

/** What is broken in a cluster, worst first: its name, nodes, disks and groups, networks. */
const faultsOf = (cluster: Cluster): string[] => {
  const away = cluster.nodes.filter(({ state }) => !['up', 'paused'].includes(state));
  const disks = cluster.disks.filter(({ state }) => state === 'failed' || state === 'offline');
  const groups = cluster.groups.filter(({ state }) => state === 'failed' || state === 'partial');
  const networks = cluster.networks.filter(({ state }) => state !== 'up' && state !== 'unknown');
  const tell = (all: readonly { readonly name: string; readonly state: string }[], what: string): string[] =>
    all.length === 0 ? [] : [`${what} ${listOf(all.map(({ name, state }) => `${name} (${state})`))}`];
  const name = nameAccountTrouble(cluster);
  const { kind, resource, state } = cluster.witness;
  const witness =
    kind !== 'disk' && (state === 'failed' || state === 'offline') ? [{ name: resource ?? kind, state }] : [];
  return [
    ...(name === null ? [] : [`the name ${cluster.name} ${name}`]),
    ...tell(away, 'node'),
    ...tell(witness, 'witness'),
    ...tell(disks, 'disk'),
    ...tell(groups, 'group'),
    ...tell(networks, 'network'),
  ];
};

/** The cluster: done when every node is up and takes roles, nothing of it failed, and an even number of nodes has a witness. */
export const clusterStanding = ({ node, state }: ClusterObserved): Standing => {
  const { membership, cluster, unread } = state;
  if (membership !== 'member') return membershipStanding(node)[membership];
  if (!cluster || unread.length > 0)
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `${cluster ? `A part of the cluster ${cluster.name}` : 'The cluster'} could not be read: ${reason(unread) ?? 'no reason was given.'}`,
    };
  const faults = faultsOf(cluster);
  if (faults.length > 0)
    return { outcome: 'fail', word: 'Not healthy', text: `${cluster.name} is not healthy: ${faults.join('; ')}.` };
  const paused = cluster.nodes.filter((one) => one.state === 'paused').map(({ name }) => name);
  if (paused.length > 0)
    return {
      outcome: 'warn',
      word: counted(paused.length, 'node paused', 'nodes paused'),
      text: `${listOf(paused)} ${paused.length === 1 ? 'is' : 'are'} paused and ${paused.length === 1 ? 'takes' : 'take'} no roles.`,
    };
  if (cluster.nodes.length === 1)
    return {
      outcome: 'warn',
      word: 'One node',
      text: `${cluster.name} has one node: nothing takes over when it fails.`,
    };
  if (cluster.nodes.length % 2 === 0 && cluster.witness.kind === 'none')
    return {
      outcome: 'warn',
      word: 'No witness',
      text: `${cluster.name} has ${cluster.nodes.length} nodes and no witness: one failure can stop it.`,
    };
  return {
    outcome: 'pass',
    word: `${cluster.nodes.length} nodes up`,
    text: `${cluster.name}: ${cluster.nodes.length} nodes up${cluster.witness.kind === 'none' ? '' : ', with a witness'}.`,
  };
};

/** Virtual machines: done when each is a role of the cluster. One that is off by itself is no fault. */
export const machinesStanding = (observed: MachinesObserved): Standing => {
  const { node, state } = observed;
  if (state.unread.length > 0)
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `A part of the virtual machines could not be read: ${reason(state.unread) ?? 'no reason was given.'}`,
    };
  if (!state.isHyperVRunning) return { outcome: 'warn', word: 'No Hyper-V', text: `Hyper-V does not run on ${node}.` };
  const total = state.machines.length;
  if (total === 0) return { outcome: 'warn', word: 'None', text: `There is no virtual machine on ${node}.` };
  const open = state.machines.filter(
    ({ name }) => isDone({ do: 'vm.makeHighlyAvailable', name }, { vms: observed }).is !== 'yes',
  );
  if (open.length > 0)
    return {
      outcome: 'warn',
      word: `${total - open.length} of ${total} highly available`,
      text:
        total === 1
          ? `${open[0]!.name} is not highly available.`
          : `${total - open.length} of ${total} virtual machines highly available.`,
    };
  return {
    outcome: 'pass',
    word: `${total} highly available`,
    text: `${counted(total, 'virtual machine', 'virtual machines')}, highly available.`,
  };
};
