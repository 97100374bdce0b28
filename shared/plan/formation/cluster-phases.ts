import { isDone, kindOf, type Change } from '../../changes/index.ts';
import type { Area, ObservedOf } from '../../changes/kind.ts';
import { accessPointOf, letterOf, roleLabels, type ClusterFile } from '../../model/cluster-file.ts';
import type { ClusterDisk, ClusterNetworkRole } from '../../model/cluster.ts';
import type { NicRole } from '../../model/nic.ts';
import { featureStateOf, nodeFeatures, roleFeatures } from '../../model/roles.ts';
import type { VirtualMachine } from '../../model/virtual-machines.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import { clusterDiskOf, fetchDisk, planFetch, type Fetch } from '../fetch-disk.ts';
import { assumeDisks } from './assume.ts';
import { assumeCluster, subnetsOf } from './assume-cluster.ts';
import { knownFailures } from './known-failures-phase.ts';
import type { Phase, ServerInput } from './phase.ts';
import { restartDraft } from './restart.ts';
import { validation } from './validation-phase.ts';
import { findDisk, findNic } from './wants.ts';
import { isSameName } from '../../model/names.ts';

/**
 * Plans a change unless it is done; where that cannot be told, it says what is not known. People know a LUN by its serial number, not by the id
 * that Windows gives its disk.
 */
const need = <A extends Area>(
  builder: DraftBuilder,
  change: Change,
  observed: ObservedOf<A>,
  input: ServerInput,
  of?: { readonly id: string; readonly lun: { readonly serial: string } },
): void => {
  const found = isDone(change, input.observed);
  if (found.is === 'yes') return;
  const words = (): string => kindOf(change).words(change, observed).title;
  const title = of && words().replace(of.id, of.lun.serial);
  if (found.is === 'unknown')
    builder.unknown(
      `whether "${title ?? words()}" is done`,
      found.because,
      'Fix that, then start again: steps that are done are not repeated.',
    );
  else {
    const refusal = kindOf(change).refusal?.(change, observed);
    if (refusal?.code !== 'PLAN_EXISTS_DIFFERENT')
      return builder.change(change, observed, title === undefined ? {} : { title });
    const { thing, found: different } = refusal.detail;
    // A machine belongs to whoever uses it from then on; the file only says how it is made.
    if (change.do === 'vm.create') builder.warn(`${String(thing)} is there already: ${String(different)}.`);
    else builder.refuse(refusal.code, refusal.detail);
  }
};

const builderOf = ({ server, answers }: ServerInput, title: string): DraftBuilder =>
  new DraftBuilder(server.name, title, answers);

const roles: Phase = {
  name: 'roles',
  stage: 'roles',
  on: 'each',
  isBarrier: false,
  areas: ['host', 'roles'],
  plan: (input) => {
    const observed = { ...input.observed.roles!, node: input.server.name };
    const { state } = observed;
    const builder = builderOf(input, `Install roles on ${input.server.name}`);
    const missing = nodeFeatures.filter(
      (name) => !['installed', 'installPending'].includes(featureStateOf(state, name)),
    );
    if (missing.length > 0) builder.change({ do: 'roles.install', features: [...missing], source: null }, observed);
    const isDue =
      missing.some((name) => roleFeatures[name].restart) ||
      nodeFeatures.some((name) => featureStateOf(state, name) === 'installPending');
    const drafts: Draft[] = [builder.build()];
    if (isDue) drafts.push(restartDraft(input, 'Hyper-V'));
    return { drafts };
  },
};

const cluster: Phase = {
  name: 'cluster',
  stage: 'form',
  on: 'first',
  isBarrier: true,
  areas: ['cluster'],
  plan: (input) => {
    const { file, server } = input;
    const observed = { ...input.observed.cluster!, node: server.name };
    const builder = builderOf(input, `Form the cluster ${file.cluster.name}`);
    if (observed.state.membership === 'leftover')
      builder.change({ do: 'cluster.clearNode', node: server.name }, observed);
    const other = observed.state.cluster;
    if (other && !isSameName(other.name, file.cluster.name))
      builder.refuse('FORM_OTHER_CLUSTER', { server: server.name, found: other.name, wanted: file.cluster.name });
    else
      need(
        builder,
        {
          do: 'cluster.create',
          name: file.cluster.name,
          node: server.name,
          addresses: [...file.cluster.addresses],
          ignoreNetworks: subnetsOf(file)
            .filter(({ role }) => role !== 'production')
            .map(({ subnet }) => subnet),
          accessPoint: accessPointOf(file),
        },
        observed,
        input,
      );
    for (const { name } of file.servers.slice(1)) need(builder, { do: 'cluster.addNode', node: name }, observed, input);
    return { drafts: [builder.build()] };
  },
};

const networkUses: Readonly<Record<NicRole, ClusterNetworkRole>> = {
  production: 'clusterAndClient',
  clusterPrivate: 'cluster',
  iscsiA: 'none',
  iscsiB: 'none',
  unused: 'none',
};

const networks: Phase = {
  name: 'networks',
  stage: 'form',
  on: 'first',
  isBarrier: false,
  areas: ['cluster'],
  assume: assumeCluster,
  plan: (input) => {
    const observed = { ...input.observed.cluster!, node: input.server.name };
    const builder = builderOf(input, 'Name the cluster networks and say what each is for');
    const found = observed.state.cluster;
    if (!found) return { unknowns: [notFormed(input)] };
    const forStorage: string[] = [];
    for (const { role, subnet } of subnetsOf(input.file)) {
      const network = found.networks.find(({ address, prefixLength }) => `${address}/${prefixLength}` === subnet);
      if (!network) {
        builder.unknown(
          `the cluster network ${subnet}`,
          'the cluster does not list it',
          'Check that every node has an address in it.',
        );
        continue;
      }
      need(builder, { do: 'cluster.renameNetwork', network: network.id, newName: roleLabels[role] }, observed, input);
      need(builder, { do: 'cluster.setNetworkRole', network: network.id, role: networkUses[role] }, observed, input);
      if (role === 'iscsiA' || role === 'iscsiB') forStorage.push(network.id);
    }
    // Live migration goes by its own list, not by the roles. What a person keeps it off besides stays so.
    const exclude = [...new Set([...(found.migrationExcludes ?? []), ...forStorage])];
    if (exclude.length > 0) need(builder, { do: 'cluster.setMigrationNetworks', exclude }, observed, input);
    return { drafts: [builder.build()] };
  },
};

const notFormed = ({ file, server }: ServerInput) => ({
  what: `the cluster ${file.cluster.name}`,
  because: `${server.name} is in no cluster yet`,
  next: 'Earlier steps form it.',
});

const purposeNames = { witness: 'Witness', data: 'Data' } as const;

const assumeDisksInCluster = (input: ServerInput): ServerInput => {
  const on = assumeCluster(input);
  return {
    ...on,
    observed: { ...on.observed, storage: assumeDisks(input.file, input.observed.storage, input.server.name) },
  };
};

/** The LUNs of the file with their unique ids; the name of each resource says what it is for. */
const lunsOf = ({ file, observed }: ServerInput) =>
  file.storage.luns.flatMap((lun, index) => {
    const id = findDisk(observed.storage?.disks ?? [], lun.serial)[0]?.uniqueId;
    const same = file.storage.luns.filter(({ purpose }) => purpose === lun.purpose);
    const name = lun.label || (same.length === 1 ? purposeNames[lun.purpose] : `${purposeNames[lun.purpose]} ${index}`);
    return id ? [{ lun, id, name }] : [];
  });

const clusterDisks: Phase = {
  name: 'clusterDisks',
  stage: 'form',
  on: 'first',
  isBarrier: false,
  areas: ['cluster', 'storage'],
  assume: assumeDisksInCluster,
  plan: (input) => {
    const observed = { ...input.observed.cluster!, node: input.server.name };
    if (!observed.state.cluster) return { unknowns: [notFormed(input)] };
    const builder = builderOf(input, 'Add the disks to the cluster');
    for (const one of lunsOf(input)) {
      const { lun, id, name } = one;
      need(builder, { do: 'cluster.addDisk', disk: id }, observed, input, one);
      need(builder, { do: 'cluster.renameResource', disk: id, newName: name }, observed, input, one);
      if (lun.sharedVolume) need(builder, { do: 'cluster.addSharedVolume', disk: id }, observed, input, one);
    }
    return { drafts: [builder.build()] };
  },
};

const quorum: Phase = {
  name: 'quorum',
  stage: 'form',
  on: 'first',
  isBarrier: false,
  areas: ['cluster', 'storage'],
  assume: assumeDisksInCluster,
  plan: (input) => {
    const observed = { ...input.observed.cluster!, node: input.server.name };
    if (!observed.state.cluster) return { unknowns: [notFormed(input)] };
    const builder = builderOf(input, 'Set the quorum');
    const { witness } = input.file.cluster;
    const disk = lunsOf(input).find(({ lun }) => lun.purpose === 'witness');
    const wanted =
      witness.kind === 'disk'
        ? disk && { kind: 'disk' as const, disk: disk.id }
        : witness.kind === 'fileShare'
          ? { kind: 'share' as const, path: witness.path }
          : { kind: 'none' as const };
    if (!wanted)
      builder.unknown('the witness disk', 'Windows shows no such disk', 'Check that the target presents the LUN.');
    else need(builder, { do: 'cluster.setQuorum', witness: wanted }, observed, input, disk);
    return { drafts: [builder.build()] };
  },
};

const switches: Phase = {
  name: 'switches',
  stage: 'machines',
  on: 'each',
  isBarrier: false,
  areas: ['vms', 'network'],
  assume: assumeCluster,
  plan: (input) => {
    const observed = { ...input.observed.vms!, node: input.server.name };
    if (!observed.state.isHyperVRunning && input.file.switches.length > 0)
      return {
        unknowns: [
          {
            what: `the virtual switches of ${input.server.name}`,
            because: 'Hyper-V does not run there yet',
            next: 'It runs once the server has restarted after the installation.',
          },
        ],
      };
    const builder = builderOf(input, `Create the virtual switches of ${input.server.name}`);
    for (const wanted of input.file.switches) {
      if (wanted.kind !== 'external') continue;
      const nics = input.server.nics
        .filter(({ role }) => role === wanted.role)
        .flatMap(({ mac }) => findNic(input.observed.network!.nics, mac)?.interfaceGuid ?? []);
      need(builder, { do: 'switch.create', name: wanted.name, nics, hostNic: wanted.sharedWithHost }, observed, input);
    }
    return { drafts: [builder.build()] };
  },
};

/** Where virtual machines lie: on the shared volume of the data disk, or on its letter. */
const machineStorage = (input: ServerInput): { readonly folder: string; readonly disk: ClusterDisk | undefined } => {
  const data = lunsOf(input).find(({ lun }) => lun.purpose === 'data');
  const disks = input.observed.cluster?.state.cluster?.disks ?? [];
  const found = disks.find(({ disk }) => disk !== null && disk === data?.id);
  const folder = found?.path ?? `${data ? letterOf(data.lun) : 'F'}:\\`;
  return { folder, disk: found ?? clusterDiskOf(folder, disks) };
};

/** A node that was lost meanwhile gave the disk away, or the machine with it: what is left to do is done where both are. */
const fetchFor = (
  { highlyAvailable }: ClusterFile['virtualMachines'][number],
  found: VirtualMachine | undefined,
  disk: ClusterDisk | undefined,
  { server: { name: node }, observed }: ServerInput,
): Fetch | null => {
  const isRunning = found?.state === 'running';
  if (found?.role)
    return isRunning || isSameName(found.host, node) ? null : { do: 'vm.move', name: found.name, node, kind: 'quick' };
  return disk && !(isRunning && !highlyAvailable) ? fetchDisk(disk, node, observed.vms!.state.machines) : null;
};

const machines: Phase = {
  name: 'machines',
  stage: 'machines',
  on: 'first',
  isBarrier: true,
  areas: ['vms', 'storage', 'cluster'],
  assume: assumeDisksInCluster,
  plan: (input) => {
    const observed = { ...input.observed.vms!, node: input.server.name };
    if (!observed.state.isHyperVRunning && input.file.virtualMachines.length > 0)
      return { unknowns: [notFormed(input)] };
    const builder = builderOf(input, 'Create the virtual machines');
    const { folder, disk } = machineStorage(input);
    for (const wanted of input.file.virtualMachines) {
      const { name } = wanted;
      const found = observed.state.machines.find((one) => isSameName(one.name, name));
      planFetch(builder, fetchFor(wanted, found, disk, input), { vms: observed, cluster: input.observed.cluster! });
      need(
        builder,
        {
          do: 'vm.create',
          name,
          folder,
          generation: wanted.generation,
          memoryBytes: wanted.memoryMB * 1024 ** 2,
          diskBytes: wanted.diskGB * 1024 ** 3,
          switch: wanted.switch,
        },
        observed,
        input,
      );
      // A role is made of a machine that stands still: one that runs on storage of its own would be caught too late.
      if (wanted.highlyAvailable) need(builder, { do: 'vm.makeHighlyAvailable', name }, observed, input);
      if (wanted.highlyAvailable && wanted.preferredOwners.length > 0)
        need(
          builder,
          { do: 'vm.setOwners', name, preferred: [...wanted.preferredOwners], possible: [] },
          observed,
          input,
        );
      if (found?.state !== 'running') builder.change({ do: 'vm.start', name }, observed);
    }
    return { drafts: [builder.build()] };
  },
};

export const clusterPhases: readonly Phase[] = [
  roles,
  knownFailures,
  validation,
  cluster,
  networks,
  clusterDisks,
  quorum,
  switches,
  machines,
];
