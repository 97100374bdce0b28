import type { ClusterCheck } from '../../../shared/contract/cluster-check.ts';
import { isInPrefix } from '../../../shared/model/address.ts';
import { checkCluster } from '../../../shared/rules/cluster/check.ts';
import type { CheckedServer, ProposedAddress } from '../../../shared/rules/cluster/rule.ts';
import { readPart } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';

type Probe = ProposedAddress['probes'][number];

export interface LookedAt {
  readonly server: CheckedServer;
  /** What it heard, for each of the addresses in their order. */
  readonly probes: readonly (Probe | null)[];
}

/** Asks for an address from the adapter that is in its network; null: none is. */
const probe = async (
  { ports }: Server,
  { node, nics }: CheckedServer,
  address: string,
  signal?: AbortSignal,
): Promise<Probe | null> => {
  const nic = nics.value?.find((one) =>
    (one.addresses ?? []).some((held) => isInPrefix(address, held.address, held.prefixLength)),
  );
  if (!nic) return null;
  const heard = await readPart(() => ports.nics.probeAddress(nic.interfaceGuid, address, signal ? { signal } : {}));
  return { node, heard: heard.value ?? 'unknown' };
};

/** Everything of one server that the rules look at. What cannot be read is unknown, and the rest counts. */
export const lookAtNode = async (
  server: Server,
  addresses: readonly string[],
  signal?: AbortSignal,
): Promise<LookedAt> => {
  const options = signal ? { signal } : {};
  const { ports } = server;
  const [host, pendingRestart, nics, initiator, disks, policy, roles, cluster] = await Promise.all([
    readPart(() => ports.host.readState(options)),
    readPart(() => ports.host.readPendingRestart(options)),
    readPart(() => ports.nics.list(options)),
    readPart(() => ports.initiator.readState(options)),
    readPart(() => ports.disks.list(options)),
    readPart(() => ports.disks.readPolicy(options)),
    readPart(() => ports.roles.readState(options)),
    readPart(() => ports.cluster.readState(options)),
  ]);
  const node = host.value?.computerName ?? server.name;
  const seen: CheckedServer = { node, host, pendingRestart, nics, initiator, disks, policy, roles, cluster };
  return {
    server: seen,
    probes: await Promise.all(addresses.map((address) => probe(server, seen, address, signal))),
  };
};

/** Judges what was seen of all servers. An address that the cluster has already answers for itself and is not asked about. */
export const checkServers = (
  looked: readonly LookedAt[],
  name: string | null,
  addresses: readonly string[],
): ClusterCheck => {
  const servers = looked.map(({ server }) => server);
  const own = servers.flatMap(({ cluster }) => cluster.value?.cluster?.addresses ?? []);
  const { result, items } = checkCluster({
    servers,
    name,
    addresses: addresses
      .map((address, at) => ({ address, probes: looked.flatMap(({ probes }) => probes[at] ?? []) }))
      .filter(({ address }) => !own.includes(address)),
  });
  return { nodes: servers.map(({ node }) => node), result, items: items.map((item) => ({ ...item })) };
};
