import { nearestName } from '../availability/nearest-name.ts';
import { findAddressProblem, findGatewayProblem, isInPrefix, networkOf, networksOverlap } from './address.ts';
import { lunText, findStorageHostProblems } from './storage-host-problems.ts';
import { letterOf, type ClusterFile, type ClusterFileNic, type ClusterFileServer } from './cluster-file.ts';
import type { FileProblem } from './file-problem.ts';
import { findFileNameProblem } from './file-name.ts';
import { findComputerNameProblem, findDomainNameProblem, findWorkgroupNameProblem } from './host.ts';
import { findNicNameProblem, type NicRole } from './nic.ts';
import { findIscsiNameProblem } from './windows-iscsi.ts';
import { isSameName } from './names.ts';

interface Placed {
  readonly address: string;
  readonly prefixLength: number;
  readonly role: NicRole;
  readonly server: string;
  readonly path: FileProblem['path'];
}

const split = (text: string): { readonly address: string; readonly prefixLength: number } => {
  const [address = '', length = '0'] = text.split('/');
  return { address, prefixLength: Number(length) };
};

const serversOf = (file: ClusterFile): { readonly server: ClusterFileServer; readonly path: FileProblem['path'] }[] => [
  ...file.servers.map((server, index) => ({ server, path: ['servers', index] })),
  ...(file.storageHost ? [{ server: file.storageHost.server, path: ['storageHost', 'server'] }] : []),
];

class Problems {
  readonly list: FileProblem[] = [];

  add(path: FileProblem['path'], text: string): void {
    this.list.push({ path, text });
  }

  /** The value at `path` is there already, at an earlier place. */
  unique<T>(
    items: readonly { readonly value: T; readonly path: FileProblem['path']; readonly owner: string }[],
    text: (value: T, first: string, second: string) => string,
  ): void {
    const seen = new Map<string, string>();
    for (const { value, path, owner } of items) {
      const key = String(value).toLowerCase();
      const first = seen.get(key);
      if (first === undefined) seen.set(key, owner);
      else this.add(path, text(value, first, owner));
    }
  }
}

const checkNames = (file: ClusterFile, problems: Problems): void => {
  const servers = serversOf(file);
  for (const { server, path } of servers) {
    const problem = findComputerNameProblem(server.name);
    if (problem) problems.add([...path, 'name'], `The server name ${server.name} ${problem}`);
  }
  problems.unique(
    servers.map(({ server, path }) => ({ value: server.name, path: [...path, 'name'], owner: server.name })),
    (value) => `Two servers have the name ${value}; a name belongs to one`,
  );
  const cluster = findComputerNameProblem(file.cluster.name);
  if (cluster) problems.add(['cluster', 'name'], `The cluster name ${file.cluster.name} ${cluster}`);
  if (servers.some(({ server }) => isSameName(server.name, file.cluster.name)))
    problems.add(
      ['cluster', 'name'],
      `The cluster has the name of the server ${file.cluster.name}; it needs one of its own`,
    );
  const { membership } = file;
  const belongs =
    membership.kind === 'domain' ? findDomainNameProblem(membership.name) : findWorkgroupNameProblem(membership.name);
  if (belongs) problems.add(['membership', 'name'], `The ${membership.kind} name ${membership.name} ${belongs}`);
  const target = file.storage.target === '' ? null : findIscsiNameProblem(file.storage.target);
  if (file.storage.target === '' && !file.storageHost)
    problems.add(
      ['storage'],
      'storage.target is missing: the iSCSI name of the target, or a storageHost that makes it',
    );
  for (const { server, path } of servers) {
    const initiator = server.initiatorName === undefined ? null : findIscsiNameProblem(server.initiatorName);
    if (initiator) problems.add([...path, 'initiatorName'], `The initiator name ${server.initiatorName} ${initiator}`);
  }
  problems.unique(
    file.servers.flatMap(({ initiatorName, name }, index) =>
      initiatorName === undefined
        ? []
        : [{ value: initiatorName, path: ['servers', index, 'initiatorName'], owner: name }],
    ),
    (iqn, first, second) => `${first} and ${second} have the same initiator name ${iqn}; each has its own`,
  );
  if (target) problems.add(['storage', 'target'], `The target name ${file.storage.target} ${target}`);
};

const checkNic = (
  nic: ClusterFileNic,
  path: FileProblem['path'],
  server: ClusterFileServer,
  problems: Problems,
): Placed[] => {
  if (nic.name !== undefined) {
    const problem = findNicNameProblem(nic.name);
    if (problem) problems.add([...path, 'name'], `The adapter name ${nic.name} ${problem}`);
  }
  const placed = nic.addresses.map((text, index): Placed => {
    const { address, prefixLength } = split(text);
    const problem = findAddressProblem(address, prefixLength);
    if (problem)
      problems.add([...path, 'addresses', index], `The address ${address} of ${server.name} ${problem.text}`);
    return { address, prefixLength, role: nic.role, server: server.name, path: [...path, 'addresses', index] };
  });
  const [first] = placed;
  if (nic.gateway !== null) {
    if (nic.role !== 'production')
      problems.add(
        [...path, 'gateway'],
        `The ${nic.role} adapter of ${server.name} has a gateway; only the production adapter has one`,
      );
    const problem = first && findGatewayProblem(nic.gateway, first.address, first.prefixLength);
    if (problem) problems.add([...path, 'gateway'], `The gateway ${nic.gateway} of ${server.name} ${problem.text}`);
    if (!first)
      problems.add(
        [...path, 'gateway'],
        `${server.name} has the gateway ${nic.gateway} and no static address; leave the gateway to DHCP`,
      );
  }
  if (placed.length === 0 && nic.role !== 'production' && nic.role !== 'unused')
    problems.add(
      [...path, 'addresses'],
      `The ${nic.role} adapter of ${server.name} has no address; its network has no DHCP server to give one`,
    );
  return placed;
};

const checkNetworks = (file: ClusterFile, problems: Problems): void => {
  const servers = serversOf(file);
  problems.unique(
    servers.flatMap(({ server, path }) =>
      server.nics.map((nic, index) => ({ value: nic.mac, path: [...path, 'nics', index, 'mac'], owner: server.name })),
    ),
    (mac, first, second) =>
      first === second
        ? `${first} has two adapters with the MAC address ${mac}; each has its own`
        : `${first} and ${second} have an adapter with the same MAC address ${mac}; copy it again from each server`,
  );
  const placed = servers.flatMap(({ server, path }) =>
    server.nics.flatMap((nic, index) => checkNic(nic, [...path, 'nics', index], server, problems)),
  );
  const others = [
    ...file.cluster.addresses.map((address, index) => ({
      value: address,
      path: ['cluster', 'addresses', index],
      owner: `the cluster ${file.cluster.name}`,
    })),
    // The portals of a storage host are its own addresses.
    ...(file.storageHost ? [] : file.storage.portals).map(({ address, port }, index) => ({
      value: `${address}`,
      path: ['storage', 'portals', index, 'address'],
      owner: `the portal ${address}:${port}`,
    })),
  ];
  problems.unique(
    [...placed.map(({ address, path, server }) => ({ value: address, path, owner: server })), ...others],
    (address, first, second) => `The address ${address} is given to ${first} and to ${second}`,
  );
  checkOverlaps(placed, problems);
  checkCluster(file, placed, problems);
  checkPaths(file, placed, problems);
};

/** Adapters of different roles never share a network, on one server or on two. */
const checkOverlaps = (placed: readonly Placed[], problems: Problems): void => {
  const said = new Set<string>();
  for (const [index, one] of placed.entries())
    for (const other of placed.slice(index + 1)) {
      if (one.role === 'unused' || other.role === 'unused') continue;
      const overlaps = networksOverlap(one, other);
      const network = networkOf(other.address, other.prefixLength) ?? other.address;
      if (overlaps && one.role !== other.role) {
        const key = [one.role, other.role].sort().join(' ');
        if (said.has(key)) continue;
        said.add(key);
        problems.add(
          other.path,
          `The ${one.role} network of ${one.server} and the ${other.role} network of ${other.server} overlap in ${network}; each role has a network of its own`,
        );
      } else if (overlaps && one.server === other.server)
        problems.add(other.path, `${one.server} has two ${one.role} adapters in the network ${network}`);
      else if (!overlaps && one.role === other.role && one.server !== other.server) {
        const key = `apart ${one.role}`;
        if (said.has(key)) continue;
        said.add(key);
        problems.add(
          other.path,
          `The ${one.role} adapters of ${one.server} and ${other.server} are in different networks (${network})`,
        );
      } else if (overlaps && one.prefixLength !== other.prefixLength && one.role === other.role)
        problems.add(
          other.path,
          `${other.server} has the prefix length ${other.prefixLength} where ${one.server} has ${one.prefixLength}`,
        );
    }
};

const checkCluster = (file: ClusterFile, placed: readonly Placed[], problems: Problems): void => {
  const production = placed.filter(({ role }) => role === 'production');
  file.cluster.addresses.forEach((address, index) => {
    const network = production.find((one) => isInPrefix(address, one.address, one.prefixLength));
    const problem = network && findAddressProblem(address, network.prefixLength);
    const routers = serversOf(file).filter(({ server }) =>
      server.nics.some((nic) => [nic.gateway, ...nic.dnsServers].includes(address)),
    );
    if (production.length > 0 && !network)
      problems.add(
        ['cluster', 'addresses', index],
        `The cluster address ${address} lies in no production network of the servers`,
      );
    else if (problem) problems.add(['cluster', 'addresses', index], `The cluster address ${address} ${problem.text}`);
    else if (routers[0])
      problems.add(
        ['cluster', 'addresses', index],
        `The cluster address ${address} is the gateway or a DNS server of ${routers[0].server.name}; name an unused one`,
      );
  });
  if (file.cluster.addresses.length === 0 && production.length > 0)
    problems.add(
      ['cluster', 'addresses'],
      'The servers have static production addresses and the cluster has none; name an unused address of that network',
    );
  const point = file.cluster.administrativeAccessPoint;
  if (file.membership.kind === 'workgroup' && point === 'activeDirectoryAndDns')
    problems.add(
      ['cluster', 'administrativeAccessPoint'],
      'A cluster of a workgroup has no Active Directory; write dns, or leave it out',
    );
  const { witness } = file.cluster;
  if (file.membership.kind === 'workgroup' && witness.kind === 'fileShare')
    problems.add(['cluster', 'witness', 'kind'], 'A workgroup cluster takes no file share as its witness; use a disk');
  const witnesses = file.storage.luns.filter(({ purpose }) => purpose === 'witness').length;
  if (witness.kind === 'disk' && witnesses === 0)
    problems.add(['cluster', 'witness'], 'The witness is to be a disk, and no LUN has the purpose witness');
  if (witness.kind !== 'disk' && witnesses > 0)
    problems.add(
      ['cluster', 'witness'],
      `A LUN has the purpose witness, and the witness is to be ${witness.kind === 'none' ? 'none' : 'a file share'}; decide for one`,
    );
  if (witness.kind === 'none' && file.servers.length % 2 === 0)
    problems.add(
      ['cluster', 'witness'],
      `${file.servers.length} servers without a witness do not survive the loss of half of them; give the cluster a witness`,
    );
};

const checkPaths = (file: ClusterFile, placed: readonly Placed[], problems: Problems): void => {
  file.storage.portals.forEach(({ address, path }, index) => {
    for (const { server } of serversOf(file).filter((one) => one.server !== file.storageHost?.server)) {
      const own = placed.filter((one) => one.server === server.name && one.role === path);
      if (own.length === 0)
        problems.add(
          ['storage', 'portals', index, 'path'],
          `${server.name} has no ${path} adapter with an address for the portal ${address}`,
        );
      else if (!own.some((one) => isInPrefix(address, one.address, one.prefixLength)))
        problems.add(
          ['storage', 'portals', index, 'address'],
          `The portal ${address} lies outside the ${path} network of ${server.name} (${networkOf(own[0]!.address, own[0]!.prefixLength) ?? own[0]!.address})`,
        );
    }
  });
  const paths = new Set(file.storage.portals.map(({ path }) => path));
  if (paths.size > 1 && !file.storage.multipath)
    problems.add(
      ['storage', 'multipath'],
      'Two paths without multipath I/O show every disk twice; set multipath, or use one path',
    );
};

const checkStorage = (file: ClusterFile, problems: Problems): void => {
  const { luns } = file.storage;
  problems.unique(
    luns.flatMap(({ serial, disk }, index) =>
      disk === undefined && serial !== ''
        ? [{ value: serial, path: ['storage', 'luns', index, 'serial'], owner: `LUN ${index + 1}` }]
        : [],
    ),
    (serial, first, second) => `${first} and ${second} have the same serial number ${serial}`,
  );
  const seen = new Map<string, number>();
  luns.forEach((lun, index) => {
    const own = letterOf(lun);
    const path = ['storage', 'luns', index, ...(lun.letter === undefined ? [] : ['letter'])];
    if (own === 'C')
      problems.add(path, `The letter C is taken: Windows runs from it. Choose another for ${lunText(lun)}`);
    const first = seen.get(own);
    if (first !== undefined)
      problems.add(
        path,
        `The letter ${own} is taken by LUN ${lunText(luns[first]!)}; choose another for ${lunText(lun)}`,
      );
    else seen.set(own, index);
    if (lun.purpose === 'witness' && lun.sharedVolume)
      problems.add(['storage', 'luns', index, 'sharedVolume'], 'The witness disk cannot be a Cluster Shared Volume');
  });
  const witnesses = luns.filter(({ purpose }) => purpose === 'witness');
  if (witnesses.length > 1)
    problems.add(
      ['storage', 'luns', luns.indexOf(witnesses[1]!), 'purpose'],
      'A cluster has one witness; two LUNs have that purpose',
    );
  problems.list.push(...findStorageHostProblems(file));
};

const checkMachines = (file: ClusterFile, problems: Problems): void => {
  const switches = file.switches.map(({ name }) => name);
  problems.unique(
    switches.map((value, index) => ({ value, path: ['switches', index, 'name'], owner: value })),
    (value) => `Two switches have the name ${value}`,
  );
  problems.unique(
    file.virtualMachines.map(({ name }, index) => ({
      value: name,
      path: ['virtualMachines', index, 'name'],
      owner: name,
    })),
    (value) => `Two virtual machines have the name ${value}`,
  );
  file.switches.forEach((one, index) => {
    if (one.kind !== 'external') return;
    if (one.role === 'iscsiA' || one.role === 'iscsiB')
      problems.add(
        ['switches', index, 'role'],
        `The switch ${one.name} would take an iSCSI adapter; those carry iSCSI alone`,
      );
    for (const server of file.servers)
      if (!server.nics.some(({ role }) => role === one.role))
        problems.add(
          ['switches', index, 'role'],
          `${server.name} has no ${one.role} adapter for the switch ${one.name}`,
        );
  });
  const data = file.storage.luns.some(({ purpose }) => purpose === 'data');
  file.virtualMachines.forEach((machine, index) => {
    const path = ['virtualMachines', index];
    const problem = findFileNameProblem(machine.name);
    if (problem) problems.add([...path, 'name'], `The virtual machine name ${machine.name} ${problem}`);
    if (machine.switch !== null && !switches.some((one) => isSameName(one, machine.switch!))) {
      const near = nearestName(machine.switch, switches);
      problems.add(
        [...path, 'switch'],
        `The virtual machine ${machine.name} names the switch ${machine.switch}, which is not in the file${near === null ? '' : `; did you mean ${near}?`}`,
      );
    }
    machine.preferredOwners.forEach((owner, at) => {
      if (file.servers.some(({ name }) => isSameName(name, owner))) return;
      const near = nearestName(
        owner,
        file.servers.map(({ name }) => name),
      );
      problems.add(
        [...path, 'preferredOwners', at],
        `The virtual machine ${machine.name} prefers the server ${owner}, which is not in the file${near === null ? '' : `; did you mean ${near}?`}`,
      );
    });
    if (machine.highlyAvailable && !data)
      problems.add(
        [...path, 'highlyAvailable'],
        `The virtual machine ${machine.name} needs a LUN with the purpose data to be highly available`,
      );
  });
};

/** Everything that is wrong with a file whose form is right, each with its place. */
export const findFileProblems = (file: ClusterFile): FileProblem[] => {
  const problems = new Problems();
  checkNames(file, problems);
  checkNetworks(file, problems);
  checkStorage(file, problems);
  checkMachines(file, problems);
  return problems.list;
};
