import { accessPointOf, letterOf, roleLabels, type ClusterFile } from '../../model/cluster-file.ts';
import { formatSize } from '../../model/size.ts';
import { loadBalancePolicyWords } from '../../model/windows-iscsi.ts';
import type { FormationDecision } from '../../model/formation.ts';

type Decided = Omit<FormationDecision, 'isGuessed' | 'line' | 'column'>;

/** The first few of many: 64 servers are one line, and their number is told. */
const list = (names: readonly string[], most = 4): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;

const usedRoles = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'] as const;

const networks = ({ servers }: ClusterFile): string =>
  usedRoles
    .flatMap((role) => {
      const nics = servers.flatMap((server) => server.nics.filter((nic) => nic.role === role));
      const addresses = nics.flatMap((nic) => nic.addresses);
      return nics.length === 0
        ? []
        : [`${roleLabels[role]}: ${addresses.length === 0 ? 'by DHCP' : list(addresses, 3)}`];
    })
    .join('; ');

const target = ({ storage, storageHost }: ClusterFile): string => {
  const portals = list(storage.portals.map(({ address }) => address));
  return storageHost
    ? `${storageHost.server.name} becomes the target, at ${portals}`
    : `${storage.target} at ${portals}`;
};

const disks = ({ storage, storageHost }: ClusterFile): string =>
  list(
    storage.luns.map((lun) => {
      const made = storageHost?.disks.find(({ name }) => name === lun.disk);
      const use = lun.purpose === 'witness' ? 'witness' : 'data';
      const name = lun.disk ?? lun.serial;
      const words = [
        `${use} disk`,
        // The file may name the disk by its use alone.
        ...(name !== undefined && name.toLowerCase() !== use ? [name] : []),
        ...(made ? [`(${formatSize(BigInt(made.sizeMB) * 1024n * 1024n)})`] : []),
      ];
      return `${words.join(' ')} as ${lun.sharedVolume ? 'a Cluster Shared Volume' : `${letterOf(lun)}:`}`;
    }),
  );

const witnesses = {
  disk: 'the witness disk',
  fileShare: 'a file share',
  none: 'none',
} as const;

const switches = ({ switches: all }: ClusterFile): string =>
  all.length === 0
    ? 'none'
    : list(
        all.map(({ name, kind, role, sharedWithHost }) =>
          kind === 'external'
            ? `${name} on ${roleLabels[role]}${sharedWithHost ? ', shared with the server' : ''}`
            : `${name}, ${kind}`,
        ),
      );

const machines = ({ virtualMachines }: ClusterFile): string =>
  virtualMachines.length === 0
    ? 'none'
    : list(
        virtualMachines.map(
          ({ name, memoryMB, processors, diskGB, highlyAvailable }) =>
            `${name}: ${processors} processors, ${memoryMB} MiB of memory, ${diskGB} GiB of disk${highlyAvailable ? '' : ', not highly available'}`,
        ),
        3,
      );

const drills = ({ drill }: ClusterFile): string =>
  [
    ...(drill.quickMigration ? ['move the machine there and back'] : []),
    ...(drill.loseHost ? ['lose a host'] : []),
    ...(drill.restartServers ? ['restart every server'] : []),
  ].join(', ') || 'none';

const accessPoints = {
  activeDirectoryAndDns: 'Active Directory and DNS',
  dns: 'DNS alone',
  none: 'no name',
} as const;

const decided = (file: ClusterFile): readonly Decided[] => [
  {
    id: 'servers',
    title: 'Which servers, and what they are called',
    value: list(file.servers.map(({ name }) => name)),
    reason: 'A node cannot be renamed while it is in a cluster; it has to leave the cluster first.',
    at: '/servers',
  },
  {
    id: 'membership',
    title: 'Domain or workgroup',
    value:
      file.membership.kind === 'domain'
        ? `the domain ${file.membership.name}`
        : `the workgroup ${file.membership.name}`,
    reason:
      file.membership.kind === 'domain'
        ? 'One account of the domain administers every node, and machines move live with Kerberos.'
        : 'Each node needs the same local administrator. Before Windows Server 2025 machines move by quick migration only.',
    at: '/membership',
  },
  {
    id: 'networks',
    title: 'What each adapter is for, and its addresses',
    value: networks(file),
    reason: 'Each kind of traffic has a network of its own, so that heartbeats and disks do not wait for people.',
    at: '/servers/0/nics',
  },
  {
    id: 'target',
    title: 'Where the disks come from',
    value: target(file),
    reason: file.storageHost
      ? 'There is no target yet. One machine is a single point of failure: a way to begin.'
      : 'Its persistent reservations are tried before a disk is prepared.',
    at: file.storageHost ? '/storageHost' : '/storage/target',
  },
  {
    id: 'paths',
    title: 'One path or several',
    value: file.storage.multipath
      ? `Microsoft MPIO, ${loadBalancePolicyWords[file.storage.loadBalancePolicy]}`
      : 'one path',
    reason: file.storage.multipath
      ? 'A cable, a switch or a port of the target can fail, and the disks stay available.'
      : 'Any failure on that path takes the disks away.',
    at: '/storage',
  },
  {
    id: 'disks',
    title: 'What each disk is for',
    value: disks(file),
    reason: 'The smallest is enough for the witness, which only holds the cluster’s database (at least 512 MB).',
    at: '/storage/luns',
  },
  {
    id: 'cluster',
    title: 'The cluster’s name and address',
    value: `${file.cluster.name} at ${list(file.cluster.addresses) || 'an address by DHCP'}, by ${accessPoints[accessPointOf(file)]}`,
    reason: 'Clients find the cluster by them, so both must be unused now and must not change later.',
    at: '/cluster/name',
  },
  {
    id: 'witness',
    title: 'The witness',
    value: witnesses[file.cluster.witness.kind],
    reason:
      file.cluster.witness.kind === 'none'
        ? 'Without a witness the loss of one of two nodes may stop the cluster.'
        : 'Its vote decides when an even number of nodes is split in half.',
    at: '/cluster',
  },
  {
    id: 'switch',
    title: 'The switch of the virtual machines',
    value: switches(file),
    reason: 'It has the same name on every server: a machine looks for it by name when it moves.',
    at: '/switches',
  },
  {
    id: 'machines',
    title: 'The first virtual machine',
    value: machines(file),
    reason: 'It shows that everything works; it is installed later, or removed.',
    at: '/virtualMachines',
  },
  {
    id: 'afterRestart',
    title: 'How work goes on after a restart',
    value: file.afterRestart === 'logon' ? 'when you log on again' : 'by itself, before anyone logs on',
    reason:
      file.afterRestart === 'logon'
        ? 'No password is kept anywhere.'
        : 'Windows keeps the password in a task until the formation is over.',
    at: '/afterRestart',
  },
  {
    id: 'drill',
    title: 'What is tried once the cluster is formed',
    value: drills(file),
    reason: 'Only what was tried is known to work. Nothing else runs on these servers yet.',
    at: '/drill',
  },
];

/** Whose guesses belong to a decision, by the beginning or the end of their JSON pointers. */
const guessesOf: Readonly<Record<string, RegExp>> = {
  servers: /^\/(?:servers\/\d+|storageHost\/server)\/name$/,
  membership: /^\/membership/,
  networks: /^\/(?:servers\/\d+|storageHost\/server)\/nics/,
  target: /^\/storage\/(?:target|portals)|^\/storageHost\/(?:volume|target|folder)/,
  paths: /^\/storage\/(?:multipath|loadBalancePolicy|chapUser)/,
  disks: /^\/storage\/luns|^\/storageHost\/disks/,
  cluster: /^\/cluster\/(?:name|addresses|administrativeAccessPoint)/,
  witness: /^\/cluster\/witness/,
  switch: /^\/switches/,
  machines: /^\/virtualMachines/,
  afterRestart: /^\/afterRestart/,
  drill: /^\/drill/,
};

/**
 * What a cluster file decides, in twelve lines however many servers it has: what is chosen, why that is a sensible choice, where it stands, and
 * whether it was guessed. `placeOf`: line and column, both from 1, of a JSON pointer, or of what is around it.
 */
export const decisionsOf = (
  file: ClusterFile,
  placeOf: (pointer: string) => { readonly line: number; readonly column: number },
): FormationDecision[] =>
  decided(file).map((decision) => {
    const guess = file.guessed.find((pointer) => guessesOf[decision.id]!.test(pointer));
    return { ...decision, isGuessed: guess !== undefined, ...placeOf(guess ?? decision.at) };
  });
