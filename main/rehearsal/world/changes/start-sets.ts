import { defaultStartDelaySeconds } from '../../../../shared/model/virtual-machines.ts';
import { rest, type Change } from '../change.ts';
import { groupOfMachine } from '../machines-view.ts';
import { refuse } from '../refusal.ts';
import type { ClusterWorldState, StartSetState } from '../cluster-state.ts';
import { clusterOf } from './cluster/access.ts';
import { isSameName } from '../../../../shared/model/names.ts';

/* Sets of roles, as the cmdlets of Windows make and change them one by one. */

const setsOf = (cluster: ClusterWorldState): StartSetState[] => (cluster.startSets ??= []);

const setIn = (cluster: ClusterWorldState, name: string): StartSetState => {
  const found = setsOf(cluster).find((one) => isSameName(one.name, name));
  if (!found) throw refuse('vm.startSet.notFound', { name });
  return found;
};

/** New-ClusterGroupSet. */
export const createStartSet = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  if (setsOf(cluster).some((one) => isSameName(one.name, name)))
    throw refuse('vm.startSet.failed', { name, reason: 'there is a set of this name' });
  rest(change, 'vm.startSet');
  setsOf(cluster).push({ name, machines: [], after: [], delaySeconds: defaultStartDelaySeconds });
};

/** Add-ClusterGroupToSet, Remove-ClusterGroupFromSet. */
export const setMember = (change: Change, name: string, machine: string, isIn: boolean): void => {
  const set = setIn(clusterOf(change), name);
  if (isIn && !groupOfMachine(change.world, machine)) throw refuse('vm.notFound', { name: machine });
  set.machines = [...set.machines.filter((one) => !isSameName(one, machine)), ...(isIn ? [machine] : [])];
};

const waitsFor = (cluster: ClusterWorldState, name: string, other: string): boolean =>
  isSameName(name, other) || setIn(cluster, name).after.some((one) => waitsFor(cluster, one, other));

/** Add-ClusterGroupSetDependency, Remove-ClusterGroupSetDependency. */
export const setProvider = (change: Change, name: string, provider: string, isOne: boolean): void => {
  const cluster = clusterOf(change);
  const set = setIn(cluster, name);
  if (isOne && waitsFor(cluster, provider, name))
    throw refuse('vm.startSet.failed', { name, reason: 'it would wait for itself' });
  set.after = [...set.after.filter((one) => !isSameName(one, provider)), ...(isOne ? [provider] : [])];
};

/** Set-ClusterGroupSet -StartupDelay. */
export const setStartDelay = (change: Change, name: string, seconds: number): void => {
  setIn(clusterOf(change), name).delaySeconds = seconds;
};

/** Remove-ClusterGroupSet. */
export const removeStartSet = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const set = setIn(cluster, name);
  cluster.startSets = setsOf(cluster).filter((one) => one !== set);
  for (const other of setsOf(cluster)) other.after = other.after.filter((one) => !isSameName(one, name));
};

/** As the port says it: exactly these machines, after exactly these sets. */
export const setStartSet = (
  change: Change,
  wanted: {
    readonly name: string;
    readonly machines: readonly string[];
    readonly after: readonly string[];
    readonly delaySeconds: number;
  },
): void => {
  const cluster = clusterOf(change);
  const { name, machines, after, delaySeconds } = wanted;
  for (const provider of after) setIn(cluster, provider);
  if (!setsOf(cluster).some((one) => isSameName(one.name, name))) createStartSet(change, name);
  const before = setIn(cluster, name);
  const without = (list: readonly string[], other: readonly string[]): string[] =>
    list.filter((one) => !other.some((kept) => isSameName(kept, one)));
  for (const one of without(before.machines, machines)) setMember(change, name, one, false);
  for (const one of without(machines, before.machines)) setMember(change, name, one, true);
  for (const one of without(before.after, after)) setProvider(change, name, one, false);
  for (const one of without(after, before.after)) setProvider(change, name, one, true);
  setStartDelay(change, name, delaySeconds);
};

/** A role that leaves the cluster leaves its sets. */
export const forgetMember = (cluster: ClusterWorldState, machine: string): void => {
  for (const set of cluster.startSets ?? []) set.machines = set.machines.filter((one) => !isSameName(one, machine));
};

/** How many sets come before a machine, one after the other: those of the longest way. */
export const startDepth = (cluster: ClusterWorldState, machine: string): number => {
  const sets = cluster.startSets ?? [];
  const depthOf = (name: string): number => {
    const after = sets.find((one) => isSameName(one.name, name))?.after ?? [];
    return after.length === 0 ? 0 : 1 + Math.max(...after.map(depthOf));
  };
  return Math.max(
    0,
    ...sets.flatMap(({ name, machines }) => (machines.some((one) => isSameName(one, machine)) ? [depthOf(name)] : [])),
  );
};
