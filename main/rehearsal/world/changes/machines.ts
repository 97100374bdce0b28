import type { ChangeOf } from '../../../../shared/changes/index.ts';
import { isOnClusteredStorage } from '../../../../shared/model/virtual-machines.ts';
import { between, findFault, requireAdministrator, rest, type Change } from '../change.ts';
import { clusterNodeNamed, giveDisk, isNodeUp, serverNamed } from '../cluster-view.ts';
import {
  clusterLetters,
  groupOfMachine,
  hostOfMachine,
  isFolderThere,
  isHyperVThere,
  machineIn,
  whyNotThere,
} from '../machines-view.ts';
import { nextGuid, nextId } from '../random.ts';
import { refuse } from '../refusal.ts';
import type { ClusterWorldState, MachineState } from '../cluster-state.ts';
import type { NicState } from '../state.ts';
import { clusterOf } from './cluster/access.ts';
import { refuseAsPlanted } from './cluster/planted.ts';
import { forgetMember } from './start-sets.ts';
import { isSameName } from '../../../../shared/model/names.ts';

const requireHyperV = (change: Change): void => {
  requireAdministrator(change);
  if (isHyperVThere(change.server)) return;
  throw refuse('vm.hyperv.missing', { node: 'this server', state: 'not installed, or its PowerShell module is not' });
};

/** A machine as Hyper-V of this server knows it: one of the cluster has to be here. */
const machineHere = (change: Change, name: string): MachineState => {
  requireHyperV(change);
  const machine = machineIn(change.world, name);
  if (!machine || !isSameName(hostOfMachine(change.world, machine), change.server.computerName))
    throw refuse('vm.notFound', { name });
  return machine;
};

const roleOf = (change: Change, name: string): { cluster: ClusterWorldState; machine: MachineState } => {
  const cluster = clusterOf(change);
  const machine = machineIn(change.world, name);
  if (!machine?.role) throw refuse('vm.notFound', { name });
  return { cluster, machine };
};

type CreateSwitch = Omit<ChangeOf<'switch.create'>, 'do'>;

/** Components of the host's own network stack: a switch takes the NIC from them (MS_TCPIP and its like; the switch is bound instead). */
const hostComponents = new Set(['ms_tcpip', 'ms_tcpip6', 'ms_msclient', 'ms_server']);

/** The NIC of the host on a switch: addresses and routes go over to it, the DNS servers that were set do not. */
const addHostPort = (change: Change, name: string, carrier: NicState): void => {
  const { world, server } = change;
  const ports = server.nics.filter((nic) => nic.membership.kind === 'switchPort').length;
  server.nics.push({
    ...carrier,
    guid: nextGuid(world),
    index: 3 + nextId(world),
    name: `vEthernet (${name})`,
    description: `Hyper-V Virtual Ethernet Adapter${ports === 0 ? '' : ` #${ports + 1}`}`,
    hardware: false,
    virtual: true,
    driver: { provider: 'Microsoft', version: '10.0.20348.1', date: '2006-06-21', fileName: 'vmswitch.sys' },
    bindings: { ...carrier.bindings },
    addresses: carrier.addresses.map((held) => ({ ...held })),
    dhcp: { ...carrier.dhcp },
    gateways: carrier.gateways.map((gateway) => ({ ...gateway })),
    dnsServers: { ipv4: [], ipv6: [] },
    ...(carrier.leasedDnsServers ? { leasedDnsServers: [...carrier.leasedDnsServers] } : {}),
    advanced: [],
    powerSaving: 'unsupported',
    membership: { kind: 'switchPort', switchName: name },
  });
};

const hasIpv4 = (nic: NicState): boolean => nic.addresses.some(({ family }) => family === 'ipv4');

/** New-VMSwitch of an external switch. */
export const newSwitch = (change: Change, { name, nics, hostNic }: CreateSwitch): void => {
  requireHyperV(change);
  const { server } = change;
  const switches = (server.switches ??= []);
  const members = nics.map((guid) => {
    const nic = server.nics.find((one) => one.guid === guid);
    if (!nic) throw refuse('switch.failed', { name, reason: `there is no NIC ${guid}` });
    if (nic.membership.kind === 'switchMember') throw refuse('switch.nicInUse', { nic: nic.name });
    return nic;
  });
  if (findFault(change.world, 'switchFails', (fault) => fault.server === server.name))
    throw refuse('switch.failed', { name, reason: 'not found (0x80041002)' });
  between(change);
  const carrier = members.find(hasIpv4) ?? members[0];
  if (hostNic && carrier) {
    rest(change, 'switch.hostNic');
    rest(change, 'switch.hostNic.dns');
    addHostPort(change, name, carrier);
    const losing = findFault(change.world, 'switchLosesAddress', (fault) => fault.server === server.name);
    const port = server.nics.at(-1);
    if (losing && port) {
      change.world.faults = change.world.faults.filter((fault) => fault !== losing);
      Object.assign(port, { addresses: [], gateways: [] });
    }
  }
  for (const nic of members) {
    nic.membership = { kind: 'switchMember', switchName: name };
    nic.addresses = [];
    nic.gateways = [];
    nic.dhcp = { ipv4: false, ipv6: false };
    nic.dnsServers = { ipv4: [], ipv6: [] };
    delete nic.leasedDnsServers;
    for (const component of Object.keys(nic.bindings))
      if (hostComponents.has(component)) nic.bindings[component] = false;
  }
  switches.push({ name, nics: [...nics], hasHostNic: hostNic });
};

/** As the port says it: with the DNS servers from before on the host's NIC. */
export const createSwitch = (change: Change, input: CreateSwitch): void => {
  const carrier =
    change.server.nics.find((nic) => input.nics.includes(nic.guid) && hasIpv4(nic)) ??
    change.server.nics.find((nic) => input.nics.includes(nic.guid));
  const before = carrier && { ipv4: [...carrier.dnsServers.ipv4], ipv6: [...carrier.dnsServers.ipv6] };
  const held = (carrier?.addresses ?? []).filter(({ origin }) => origin === 'manual').map(({ address }) => address);
  newSwitch(change, input);
  between(change);
  const port = change.server.nics.find(
    (nic) => nic.membership.kind === 'switchPort' && nic.membership.switchName === input.name,
  );
  if (port && before) port.dnsServers = before;
  const lost = held.filter((address) => !port?.addresses.some((one) => one.address === address));
  if (port && lost.length > 0)
    throw refuse('switch.addressLost', { name: input.name, reason: lost.join(', ') }, { keepsChanges: true });
};

type Create = ChangeOf<'vm.create'>;

export const createMachine = (change: Change, input: Create): void => {
  requireHyperV(change);
  const { world, server } = change;
  const { name, folder } = input;
  if (machineIn(world, name)) throw refuse('vm.nameTaken', { name });
  if (!isFolderThere(world, server, folder)) throw refuse('vm.folderMissing', { folder });
  const wanted = input.switch;
  if (wanted !== null && !(server.switches ?? []).some((one) => isSameName(one.name, wanted)))
    throw refuse('vm.createFailed', { name, reason: `there is no virtual switch ${wanted}` });
  if (input.iso !== undefined && !isFolderThere(world, server, input.iso))
    throw refuse('vm.isoMissing', { iso: input.iso });
  const base = `${folder.replace(/\\$/, '')}\\${name}`;
  (world.machines ??= []).push({
    name,
    id: nextGuid(world).slice(1, -1).toLowerCase(),
    host: server.computerName,
    running: false,
    generation: input.generation,
    memoryBytes: input.memoryBytes,
    switches: wanted === null ? [] : [wanted],
    files: [
      { kind: 'configuration', path: base },
      { kind: 'disk', path: `${base}\\Virtual Hard Disks\\${name}.vhdx` },
      { kind: 'checkpoint', path: base },
      { kind: 'paging', path: base },
      ...(input.iso === undefined ? [] : [{ kind: 'dvd' as const, path: input.iso }]),
    ],
    hostDevices: [],
    role: null,
  });
};

export const startMachine = (change: Change, name: string): void => {
  const machine = machineHere(change, name);
  const because = machine.role ? whyNotThere(change.world, machine, change.server) : null;
  if (because !== null && !machine.running) throw refuse('vm.startFailed', { name, reason: because });
  machine.running = true;
  delete machine.trouble;
};

export const stopMachine = (change: Change, name: string, isTurnedOff: boolean): void => {
  const machine = machineHere(change, name);
  const hangs = findFault(change.world, 'guestHangs', (fault) => isSameName(fault.name, name));
  if (hangs && !isTurnedOff) throw refuse('vm.stopFailed', { name, reason: 'its operating system does not answer' });
  machine.running = false;
  delete machine.trouble;
};

export const makeHighlyAvailable = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const machine = machineHere(change, name);
  if (machine.role) throw refuse('vm.roleFailed', { name, reason: 'it is highly available already' });
  const letters = clusterLetters(change.world, cluster);
  const outside = machine.files.find(
    ({ path }) =>
      !isOnClusteredStorage(
        path,
        letters.map(({ letter }) => letter),
      ),
  );
  machine.role = { priority: 2000, possibleOwners: cluster.nodes.map((node) => node.name), antiAffinity: [] };
  cluster.groups.push({
    name: machine.name,
    kind: 'virtualMachine',
    ownerNode: change.server.computerName,
    online: machine.running,
    preferredOwners: [],
  });
  for (const { letter, disk } of letters) {
    const isIts = machine.files.some(({ path }) => path.toUpperCase().startsWith(`${letter}:`));
    const found = isIts ? cluster.disks.find((one) => one.disk === disk && one.use === 'available') : undefined;
    if (found) {
      found.use = 'role';
      found.group = machine.name;
      giveDisk(change.world, found, change.server.computerName);
    }
  }
  // Windows makes the role all the same, and says so in a report.
  if (outside)
    throw refuse(
      'vm.roleWarned',
      { name, reason: `${outside.path} is not on storage of the cluster` },
      { keepsChanges: true },
    );
};

export const leaveCluster = (change: Change, name: string): void => {
  const { cluster, machine } = roleOf(change, name);
  refuseAsPlanted(change, 'vm.leaveCluster', { name, thing: `the role ${name}` });
  machine.host = hostOfMachine(change.world, machine);
  machine.role = null;
  forgetMember(cluster, name);
  cluster.groups = cluster.groups.filter((group) => !(group.kind === 'virtualMachine' && isSameName(group.name, name)));
  for (const disk of cluster.disks)
    if (disk.group !== null && isSameName(disk.group, name)) {
      disk.group = null;
      disk.use = 'available';
    }
};

export const moveMachine = (change: Change, name: string, node: string): void => {
  const { cluster, machine } = roleOf(change, name);
  const wanted = clusterNodeNamed(cluster, node);
  if (!wanted) throw refuse('cluster.node.notFound', { node });
  refuseAsPlanted(change, 'vm.move', { name, node, thing: name });
  if (!isNodeUp(change.world, wanted)) throw refuse('cluster.node.down', { node });
  if (wanted.paused) throw refuse('cluster.node.paused', { node });
  const server = serverNamed(change.world, wanted.name);
  const failing = server && findFault(change.world, 'migrationFails', (fault) => fault.server === server.name);
  const because = failing ? failing.reason : server ? whyNotThere(change.world, machine, server) : 'it is not there';
  if (because !== null) throw refuse('vm.moveFailed', { name, node, reason: because });
  const group = groupOfMachine(change.world, name);
  if (group) group.ownerNode = wanted.name;
  for (const disk of cluster.disks)
    if (disk.group !== null && isSameName(disk.group, name)) giveDisk(change.world, disk, wanted.name);
};

const requireNodes = (cluster: ClusterWorldState, name: string, nodes: readonly string[]): void => {
  const unknown = nodes.find((node) => !clusterNodeNamed(cluster, node));
  if (unknown !== undefined) throw refuse('vm.ownersRefused', { name, reason: `there is no node ${unknown}` });
};

/** Set-ClusterOwnerNode on the group. */
export const setPreferredOwners = (change: Change, name: string, preferred: readonly string[]): void => {
  requireNodes(roleOf(change, name).cluster, name, preferred);
  const group = groupOfMachine(change.world, name);
  if (group) group.preferredOwners = [...preferred];
};

/** Set-ClusterOwnerNode on the resources of a machine. */
export const setPossibleOwners = (change: Change, name: string, possible: readonly string[]): void => {
  const { cluster, machine } = roleOf(change, name);
  requireNodes(cluster, name, possible);
  if (machine.role) machine.role.possibleOwners = [...possible];
};

/** As the port says it: no possible owner named means every node. */
export const setOwners = (
  change: Change,
  { name, preferred, possible }: Pick<ChangeOf<'vm.setOwners'>, 'name' | 'preferred' | 'possible'>,
): void => {
  const { cluster } = roleOf(change, name);
  requireNodes(cluster, name, [...preferred, ...possible]);
  setPreferredOwners(change, name, preferred);
  setPossibleOwners(change, name, possible.length > 0 ? possible : cluster.nodes.map((node) => node.name));
};

export const setPriority = (change: Change, name: string, priority: number): void => {
  const { machine } = roleOf(change, name);
  if (machine.role) machine.role.priority = priority;
};

/** AntiAffinityClassNames of the group. */
export const setAntiAffinity = (change: Change, name: string, classes: readonly string[]): void => {
  const { machine } = roleOf(change, name);
  rest(change, 'vm.antiAffinity');
  if (machine.role) machine.role.antiAffinity = [...classes];
};

export const removeMachine = (change: Change, name: string): void => {
  const machine = machineHere(change, name);
  if (machine.role) throw refuse('vm.removeFailed', { name, reason: 'it is highly available' });
  if (machine.running) throw refuse('vm.removeFailed', { name, reason: 'it runs' });
  change.world.machines = (change.world.machines ?? []).filter((one) => one !== machine);
};
