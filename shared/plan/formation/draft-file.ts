import type { ClusterFileInput } from '../../model/cluster-file.ts';
import type { Nic, NicRole } from '../../model/nic.ts';

/** What one server shows for a draft. */
export interface DraftServer {
  readonly computerName: string;
  readonly membership: { readonly kind: 'domain' | 'workgroup'; readonly name: string };
  readonly nics: readonly DraftNic[];
}

/** An adapter as a draft looks at it; `role` is the one that was given already. */
export type DraftNic = Pick<
  Nic,
  'isHardware' | 'isVirtual' | 'permanentAddress' | 'mediaState' | 'addresses' | 'gateways' | 'dnsServers'
> & { readonly role: NicRole | null };

export interface DraftLun {
  readonly serial: string;
  readonly sizeBytes: bigint;
}

/** The machine that is to become the target, with the local disk that could hold the virtual disks; null: none is blank. */
export interface DraftStorageHost extends DraftServer {
  readonly blankDisk: string | null;
}

export interface DraftInput {
  readonly servers: readonly DraftServer[];
  /** Null: there is a target already. */
  readonly storageHost: DraftStorageHost | null;
  readonly cluster: string | null;
  readonly target: string | null;
  readonly portals: readonly { readonly address: string; readonly port: number }[];
  /** Null: the target was not asked. */
  readonly luns: readonly DraftLun[] | null;
}

export interface DraftedFile {
  readonly file: ClusterFileInput;
  readonly guessed: string[];
  readonly missing: string[];
}

const pathRoles = ['clusterPrivate', 'iscsiA', 'iscsiB'] as const;
type GuessedNetworks = Readonly<Record<(typeof pathRoles)[number], string>>;
const guessedNetworks: GuessedNetworks = {
  clusterPrivate: '10.51.0',
  iscsiA: '10.52.0',
  iscsiB: '10.53.0',
};

const networkOf = (address: string): string => address.split('.').slice(0, 3).join('.');

/** An adapter without an address is given one beside the portal of its path; where an adapter is there already, its path is known. */
const networksBeside = ({ portals, servers }: DraftInput): GuessedNetworks => {
  const there = new Set(
    servers.flatMap(({ nics }) =>
      nics.flatMap(({ addresses }) => (addresses ?? []).map(({ address }) => networkOf(address))),
    ),
  );
  const beside = portals
    .slice(0, 2)
    .map(({ address }, index) => [index === 0 ? 'iscsiA' : 'iscsiB', networkOf(address), address] as const)
    .filter(([, network, address]) => !address.includes(':') && !there.has(network));
  return { ...guessedNetworks, ...Object.fromEntries(beside.map(([role, network]) => [role, network])) };
};

/** The last number of the first server's guessed addresses: no portal has one of those that follow. */
const firstHostNumber = ({ portals, servers }: DraftInput): number => {
  const taken = portals.map(({ address }) => Number(address.split('.')[3]));
  const isFree = (first: number): boolean => taken.every((one) => !(one >= first && one < first + servers.length));
  return [11, 111, 181].find(isFree) ?? 11;
};

const isWindowsName = (name: string): boolean => /^WIN-[A-Z0-9]{11}$/i.test(name);

const isUsable = ({ address }: { readonly address: string }): boolean => !/^(169\.254\.|fe80:)/i.test(address);

interface ServerDraft {
  /** Its JSON pointer. */
  readonly at: string;
  /** What it is called where Windows itself chose its name. */
  readonly name: string;
  readonly roles: readonly Exclude<NicRole, 'unused'>[];
  /** The last number of the addresses that are guessed. */
  readonly hostNumber: number;
  readonly networks: GuessedNetworks;
}

const draftServer = (
  server: DraftServer,
  { at, name: fallback, roles: wanted, hostNumber, networks }: ServerDraft,
  guessed: string[],
  missing: string[],
): ClusterFileInput['servers'][number] => {
  const name = isWindowsName(server.computerName) ? fallback : server.computerName;
  if (name !== server.computerName) guessed.push(`${at}/name`);
  const physical = server.nics.filter((nic) => nic.isHardware && !nic.isVirtual && nic.permanentAddress !== null);
  const given = new Map(physical.flatMap((nic) => (nic.role ? [[nic, nic.role] as const] : [])));
  const free = wanted.filter((role) => ![...given.values()].includes(role));
  const open = physical
    .filter((nic) => !given.has(nic) && nic.mediaState === 'connected')
    .toSorted((one, other) => Number((other.gateways ?? []).length > 0) - Number((one.gateways ?? []).length > 0));
  const roles = new Map<DraftNic, NicRole>(given);
  for (const nic of open) roles.set(nic, free.shift() ?? 'unused');
  const nics = physical.map((nic, position) => {
    const place = `${at}/nics/${position}`;
    const role = roles.get(nic) ?? 'unused';
    if (!given.has(nic)) guessed.push(`${place}/role`);
    const fixed = (nic.addresses ?? []).filter((entry) => entry.origin === 'manual' && isUsable(entry));
    const leased = (nic.addresses ?? []).filter((entry) => entry.origin === 'dhcp' && isUsable(entry));
    const addresses = fixed.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    if (addresses.length === 0 && role === 'production' && leased[0]) {
      addresses.push(`${leased[0].address}/${leased[0].prefixLength}`);
      guessed.push(`${place}/addresses`);
    }
    if (addresses.length === 0 && role !== 'production' && role !== 'unused') {
      addresses.push(`${networks[role]}.${hostNumber}/24`);
      guessed.push(`${place}/addresses`);
    }
    const gateway = role === 'production' ? ((nic.gateways ?? [])[0]?.nextHop ?? null) : null;
    const dnsServers = role === 'production' ? [...(nic.dnsServers?.ipv4 ?? [])] : [];
    return {
      mac: nic.permanentAddress!,
      role,
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(gateway === null || addresses.length === 0 ? {} : { gateway }),
      ...(dnsServers.length > 0 ? { dnsServers } : {}),
    };
  });
  if (nics.filter(({ role }) => role !== 'unused').length < wanted.length - 1)
    missing.push(
      wanted.includes('clusterPrivate')
        ? `${server.computerName} has fewer than three connected adapters: production, cluster-private and iSCSI need one each.`
        : `${server.computerName} has fewer than two connected adapters: production and iSCSI need one each.`,
    );
  return { name, nics };
};

/** What is guessed of the disks: a witness as small as it may well be, and one for the machines. */
const guessedDisks = [
  { name: 'witness', purpose: 'witness', sizeMB: 1024 },
  { name: 'data', purpose: 'data', sizeMB: 102_400 },
] as const;

const draftStorageHost = (
  host: DraftStorageHost,
  guessed: string[],
  missing: string[],
): NonNullable<ClusterFileInput['storageHost']> => {
  const at = '/storageHost';
  const roles = ['production', 'iscsiA', 'iscsiB'] as const;
  const place = { at: `${at}/server`, name: 'STORE1', roles, hostNumber: 1, networks: guessedNetworks };
  const server = draftServer(host, place, guessed, missing);
  if (host.blankDisk !== null) guessed.push(`${at}/volume`);
  guessed.push(`${at}/disks`);
  return {
    server,
    ...(host.blankDisk === null ? {} : { volume: { serial: host.blankDisk } }),
    disks: guessedDisks.map((disk) => ({ ...disk })),
  };
};

/** The addresses of the storage host at which its service listens for iSCSI. */
const portalsOf = (host: ClusterFileInput['storageHost']): ClusterFileInput['storage']['portals'] =>
  (host?.server.nics ?? []).flatMap(({ role, addresses }) => {
    const address = addresses?.[0]?.split('/')[0];
    return address !== undefined && (role === 'iscsiA' || role === 'iscsiB') ? [{ address, path: role }] : [];
  });

/**
 * Drafts a cluster file from what the servers show. Roles that were given are taken; others are guessed from the order of the adapters
 * and from who has a gateway, and every guess is told by its JSON pointer.
 */
export const draftClusterFile = (input: DraftInput): DraftedFile => {
  const guessed: string[] = [];
  const missing: string[] = [];
  const networks = networksBeside(input);
  const firstNumber = firstHostNumber(input);
  const servers = input.servers.map((server, index) =>
    draftServer(
      server,
      {
        at: `/servers/${index}`,
        name: `NODE${index + 1}`,
        roles: ['production', ...pathRoles],
        hostNumber: firstNumber + index,
        networks,
      },
      guessed,
      missing,
    ),
  );
  const storageHost = input.storageHost ? draftStorageHost(input.storageHost, guessed, missing) : undefined;
  if (servers.length < 2)
    missing.push('A cluster needs two servers: pair the others with this one first ("quorate peers invite").');
  const membership = input.servers[0]?.membership ?? { kind: 'workgroup' as const, name: 'WORKGROUP' };
  const production = servers[0]?.nics.find(({ role }) => role === 'production')?.addresses?.[0];
  if (input.cluster === null) guessed.push('/cluster/name');
  if (production !== undefined) guessed.push('/cluster/addresses');
  const portals: ClusterFileInput['storage']['portals'] = storageHost
    ? portalsOf(storageHost)
    : input.portals.map(({ address, port }, index) => {
        const network = networkOf(address);
        const path = servers[0]?.nics.find(
          ({ role, addresses = [] }) =>
            (role === 'iscsiA' || role === 'iscsiB') && addresses[0]?.startsWith(`${network}.`),
        )?.role as 'iscsiA' | 'iscsiB' | undefined;
        if (path === undefined) guessed.push(`/storage/portals/${index}/path`);
        return { address, port, path: path ?? (index === 0 ? ('iscsiA' as const) : ('iscsiB' as const)) };
      });
  if (portals.length === 0) {
    missing.push(
      storageHost
        ? `${storageHost.server.name} has no adapter for iSCSI: give one the role iscsiA, and write its address as the portal.`
        : 'No portal of the target was named: give --portal, or write it into the file.',
    );
    portals.push({ address: `${guessedNetworks.iscsiA}.1`, port: 3260, path: 'iscsiA' });
    guessed.push('/storage/portals/0/address');
  }
  if (input.target === null && !storageHost) {
    missing.push('No target was named: give --target, or write its iSCSI name into the file.');
    guessed.push('/storage/target');
  }
  return {
    file: {
      version: 1,
      guessed,
      membership:
        membership.kind === 'domain'
          ? {
              kind: 'domain',
              name: membership.name,
              account: `${membership.name.split('.')[0]?.toUpperCase() ?? ''}\\Administrator`,
            }
          : { kind: 'workgroup', name: membership.name },
      servers,
      storage: {
        ...(storageHost ? {} : { target: input.target ?? 'iqn.1991-05.com.example:target' }),
        portals,
        luns: storageHost
          ? guessedDisks.map(({ name, purpose }) => ({ purpose, disk: name }))
          : draftLuns(input.luns, guessed, missing),
      },
      ...(storageHost ? { storageHost } : {}),
      cluster: {
        name: input.cluster ?? 'CLUSTER1',
        ...(production === undefined ? {} : { addresses: [`${production.split('/')[0]!.replace(/\.\d+$/, '')}.240`] }),
      },
      switches: [{ name: 'Machines', role: 'production' }],
      virtualMachines: [{ name: 'VM1', switch: 'Machines', preferredOwners: servers.map(({ name }) => name) }],
    },
    guessed,
    missing,
  };
};

const draftLuns = (
  luns: readonly DraftLun[] | null,
  guessed: string[],
  missing: string[],
): ClusterFileInput['storage']['luns'] => {
  const usable = (luns ?? [])
    .filter(({ sizeBytes }) => sizeBytes >= 512n << 20n)
    .toSorted((one, other) => (one.sizeBytes < other.sizeBytes ? -1 : 1));
  if (usable.length < 2) {
    missing.push(
      luns === null
        ? 'The LUNs are not known: name portal and target, or write their serial numbers into the file.'
        : `The target presents ${usable.length} LUNs of at least 512 MB to this server; a witness and a data disk are needed.`,
    );
    guessed.push('/storage/luns/0/serial', '/storage/luns/1/serial');
    return [
      { purpose: 'witness', serial: usable[0]?.serial ?? 'SERIAL-OF-THE-WITNESS' },
      { purpose: 'data', serial: 'SERIAL-OF-THE-DATA-DISK' },
    ];
  }
  return usable.slice(0, 2).map(({ serial }, index) => {
    guessed.push(`/storage/luns/${index}/purpose`);
    return { purpose: index === 0 ? ('witness' as const) : ('data' as const), serial };
  });
};

/** The file as a person gets it: with a comment at everything that was guessed. */
export const fileText = (file: ClusterFileInput): string => {
  const guessed = new Set(file.guessed ?? []);
  const lines: string[] = [
    '// What these servers are to become. Quorate ignores comments, and stores no secret in this file.',
    '// Look first at the lines marked "guessed": correct them, then take their entries out of "guessed" below.',
  ];
  const write = (value: unknown, pointer: string, indent: string, before: string, after: string): void => {
    const mark = guessed.has(pointer) ? ' // guessed' : '';
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    const isLongList = Array.isArray(value) && value.some((item) => typeof item === 'object' || pointer === '/guessed');
    if (!isObject && !isLongList) {
      const text = Array.isArray(value)
        ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
        : JSON.stringify(value);
      lines.push(`${indent}${before}${text}${after}${mark}`);
      return;
    }
    const entries: [string, unknown, string][] = Array.isArray(value)
      ? value.map((item, index) => [String(index), item, ''])
      : Object.entries(value).map(([name, item]) => [name, item, `${JSON.stringify(name)}: `]);
    lines.push(`${indent}${before}${isObject ? '{' : '['}${mark}`);
    entries.forEach(([name, item, label], index) =>
      write(item, `${pointer}/${name}`, `${indent}  `, label, index < entries.length - 1 ? ',' : ''),
    );
    lines.push(`${indent}${isObject ? '}' : ']'}${after}`);
  };
  write(file, '', '', '', '');
  return `${lines.join('\n')}\n`;
};
