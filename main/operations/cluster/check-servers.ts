import type * as z from 'zod';
import type { ClusterCheck } from '../../../shared/contract/cluster-check.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { isInPrefix } from '../../../shared/model/address.ts';
import { checkCluster } from '../../../shared/rules/cluster/check.ts';
import {
  checkedDiskSchema,
  checkedNicSchema,
  clusterFactsSchemaId,
  clusterFactsSchemaVersion,
  type ClusterFacts,
} from '../../../shared/rules/cluster/facts.ts';
import { readPart, type Read } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import { isSameName } from '../../../shared/model/names.ts';

/** What is proposed for the cluster, and asked about at each server. */
export interface Proposal {
  readonly name: string | null;
  readonly addresses: readonly string[];
}

/** The facts of one server, and the file that they came from; null: the server itself. */
export interface LookedAt {
  readonly facts: ClusterFacts;
  readonly file: string | null;
}

/** Asks for an address from the adapter that is in its network; nothing where none is. */
const probe = async (
  { ports }: Server,
  nics: ClusterFacts['nics'],
  address: string,
  signal?: AbortSignal,
): Promise<ClusterFacts['probes']> => {
  const nic = nics.value?.find((one) =>
    (one.addresses ?? []).some((held) => isInPrefix(address, held.address, held.prefixLength)),
  );
  if (!nic) return [];
  const heard = await readPart(() => ports.nics.probeAddress(nic.interfaceGuid, address, signal ? { signal } : {}));
  return [{ address, heard: heard.value ?? 'unknown' }];
};

/** A list as the facts hold it: of each entry what the rules look at. */
const projected = <Value, Wanted>(
  part: Read<readonly Value[]>,
  schema: z.ZodType<Wanted>,
): { value: Wanted[]; because: null } | { value: null; because: string } =>
  part.value === null ? part : { value: part.value.map((one) => schema.parse(one)), because: null };

/** Everything of one server that the rules look at. What cannot be read is unknown, and the rest counts. */
export const lookAtNode = async (
  server: Server,
  { name, addresses }: Proposal,
  signal?: AbortSignal,
): Promise<ClusterFacts> => {
  const options = signal ? { signal } : {};
  const { ports } = server;
  const [host, pendingRestart, nics, initiator, disks, policy, roles, cluster, lookup] = await Promise.all([
    readPart(() => ports.host.readState(options)),
    readPart(() => ports.host.readPendingRestart(options)),
    readPart(() => ports.nics.list(options)),
    readPart(() => ports.initiator.readState(options)),
    readPart(() => ports.disks.list(options)),
    readPart(() => ports.disks.readPolicy(options)),
    readPart(() => ports.roles.readState(options)),
    readPart(() => ports.cluster.readState(options)),
    name === null ? null : readPart(() => ports.cluster.lookUpName(name, options)),
  ]);
  const seen = { nics: projected(nics, checkedNicSchema), disks: projected(disks, checkedDiskSchema) };
  const probes = await Promise.all(addresses.map((address) => probe(server, seen.nics, address, signal)));
  return {
    schema: `${clusterFactsSchemaId}/${clusterFactsSchemaVersion}`,
    readAt: server.now().toISOString(),
    node: host.value?.computerName ?? server.name,
    ...{ host, pendingRestart, initiator, policy, roles, cluster, ...seen },
    name: lookup,
    probes: probes.flat(),
  };
};

/**
 * Judges what was seen of all servers. An address that the cluster has already answers for itself and is not asked about.
 * @throws Failure CLUSTER_FACTS_TWICE where one server was looked at twice: it would look like its own clone
 */
export const checkServers = (looked: readonly LookedAt[], { name, addresses }: Proposal): ClusterCheck => {
  const servers = looked.map(({ facts }) => facts);
  const twice = servers.find(({ node }, at) => servers.findIndex((one) => isSameName(one.node, node)) !== at);
  if (twice) {
    const files = looked
      .filter(({ facts }) => isSameName(facts.node, twice.node))
      .map(({ file }) => file ?? 'the server itself');
    throw failure('CLUSTER_FACTS_TWICE', { node: twice.node, files: files.join(', ') });
  }
  const own = servers.flatMap(({ cluster }) => cluster.value?.cluster?.addresses ?? []);
  const { result, items } = checkCluster({
    servers,
    name,
    addresses: addresses
      .map((address) => ({
        address,
        probes: servers.flatMap(({ node, probes }) =>
          probes.flatMap((one) => (one.address === address ? [{ node, heard: one.heard }] : [])),
        ),
      }))
      .filter(({ address }) => !own.includes(address)),
  });
  return {
    nodes: servers.map(({ node }) => node),
    sources: looked.map(({ facts: { node, readAt }, file }) => ({ node, readAt, file })),
    result,
    items: items.map((item) => ({ ...item })),
  };
};
