import { findComputerNameProblem } from '../../model/host.ts';
import type { ClusterState } from '../../model/cluster.ts';
import { findAddressProblem, isInPrefix, isSameAddress, parseAddressWithPrefix } from '../../model/address.ts';
import { findClusterAddressProblem } from '../../model/cluster.ts';
import { isDone, kindOf, type Change } from '../../changes/index.ts';
import type { PlannedRefusal } from '../../changes/done.ts';
import { refuseWithoutRole } from '../../changes/storage-host/storage-host.ts';
import { machineNamed, refuseWithoutHyperV } from '../../changes/vm/vm.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import { clusterDiskOf, fetchDisk, planFetch } from '../fetch-disk.ts';
import type { ClusterObserved, Observed } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import type { ListedArea, ListedDesire } from './desire.ts';
import { isSameName } from '../../model/names.ts';

/** What can be told to be wrong before Windows is asked. */
const refuseWrong = (builder: DraftBuilder, change: Change, node: string, held: ClusterObserved['held'] = []): void => {
  if (change.do !== 'cluster.create') return;
  for (const network of change.ignoreNetworks)
    if (!parseAddressWithPrefix(network)) builder.refuse('CLUSTER_NETWORK_INVALID', { network });
  const isOfNode = [node, change.node].some((one) => isSameName(one, change.name));
  const problem = isOfNode ? 'is the name of a server' : findComputerNameProblem(change.name);
  if (problem) builder.refuse('CLUSTER_NAME_INVALID', { name: change.name, problem });
  for (const address of change.addresses) {
    const around = held.find((one) => isInPrefix(address, one.address, one.prefixLength));
    const wrong =
      findClusterAddressProblem(address) ??
      (held.some((one) => isSameAddress(address, one.address)) ? `is the address of ${node} itself` : null) ??
      (around ? (findAddressProblem(address, around.prefixLength)?.text ?? null) : null);
    if (wrong !== null) builder.refuse('CLUSTER_ADDRESS_INVALID', { address, problem: wrong });
  }
};

/** What every change of the area is refused for, whatever it wants: without it nothing was read that it could be judged by. */
const refuseArea = ({ vms, storageHost }: Observed): PlannedRefusal | null => {
  if (vms) return refuseWithoutHyperV(vms);
  return storageHost ? refuseWithoutRole(storageHost) : null;
};

/** Whether a change of a cluster finds none that it could change: neither is one there, nor is one made before it in the same plan. */
const isWithoutCluster = ({ membership }: ClusterState, changes: readonly Change[], change: Change): boolean => {
  if (membership === 'notInstalled') return true;
  if (change.do === 'cluster.clearNode') return false;
  if (change.do === 'cluster.create') return membership === 'leftover';
  const isMade = changes.slice(0, changes.indexOf(change)).some((one) => one.do === 'cluster.create');
  return membership !== 'member' && !isMade;
};

/**
 * A machine is made, and becomes a role, where its disk is online: one that another node has is fetched first. What runs there is not interrupted
 * for it: then the plan is refused.
 */
const fetchFor = (builder: DraftBuilder, change: Change, { vms }: Observed): void => {
  if (!vms?.cluster || (change.do !== 'vm.create' && change.do !== 'vm.makeHighlyAvailable')) return;
  const path = change.do === 'vm.create' ? change.folder : machineNamed(vms, change.name)?.files[0]?.path;
  const disk = path === undefined ? undefined : clusterDiskOf(path, vms.cluster.cluster?.disks ?? []);
  const fetch = disk ? fetchDisk(disk, vms.node, vms.state.machines) : null;
  const moving = fetch?.do === 'vm.move' ? machineNamed(vms, fetch.name) : undefined;
  if (path !== undefined && moving?.state === 'running')
    return builder.refuse('VM_DISK_ELSEWHERE', { path, node: moving.host, machine: moving.name });
  planFetch(builder, fetch, { vms, cluster: { node: vms.node, state: vms.cluster } });
};

/**
 * Plans wishes that are named as changes: each that is not there yet is a step. What cannot be judged stops the plan. A change that hangs on one
 * before it (a node of a cluster that is made in the same plan) reads as not there, and is a step as well.
 */
export const planListed = (
  area: ListedArea,
  { title, changes }: ListedDesire,
  observed: Observed,
  answers: PlanAnswers,
): Draft => {
  const part = observed[area];
  const builder = new DraftBuilder(part?.node ?? 'this server', title, answers);
  const refused = refuseArea(observed);
  if (refused) {
    builder.refuse(refused.code, refused.detail as never);
    return builder.build();
  }
  for (const change of changes) {
    refuseWrong(builder, change, part?.node ?? '', observed.cluster?.held);
    const done = isDone(change, observed);
    if (done.is === 'yes') continue;
    if (done.is === 'unknown' || !part) {
      builder.unknown(
        kindOf(change).words(change, part as never).title,
        done.is === 'unknown' ? done.because : 'it was not read',
      );
      continue;
    }
    if (observed.cluster && isWithoutCluster(observed.cluster.state, changes, change)) {
      if (observed.cluster.state.membership === 'notInstalled')
        builder.refuse('CLUSTER_FEATURE_MISSING', { node: part.node });
      else if (observed.cluster.state.membership === 'leftover')
        builder.refuse('CLUSTER_LEFTOVER', { node: part.node });
      else builder.refuse('CLUSTER_SERVICE_STOPPED', { node: part.node });
      continue;
    }
    const kind = kindOf(change);
    const refusal = kind.refusal?.(change, part) ?? null;
    if (refusal) {
      builder.refuse(refusal.code, refusal.detail as never);
      continue;
    }
    const confirmation = kind.confirmation?.(change, part);
    const questions = confirmation
      ? [
          builder.ask({
            kind: 'agree',
            subject: confirmation.subject,
            text: `${confirmation.text} Type its name.`,
            expected: confirmation.subject,
          }),
        ]
      : [];
    fetchFor(builder, change, observed);
    builder.change(change, part, { questions });
  }
  return builder.build();
};
