import { addressFamilyOf } from '../../../shared/model/address.ts';
import type { NetworkDesire } from '../../../shared/plan/nic/desire.ts';
import { splitAddress } from '../../../shared/plan/nic/final-state.ts';
import { planNetwork } from '../../../shared/plan/nic/nic-planner.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import type { NetworkObserved } from '../../../shared/plan/observed.ts';
import { readNode, readPart } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeNetwork = async (server: Server, signal?: AbortSignal): Promise<NetworkObserved> => {
  const options = signal ? { signal } : {};
  const [node, nics, sessions] = await Promise.all([
    readNode(server, signal),
    server.ports.nics.list(options),
    readPart(() => server.ports.nics.readRemoteSessions(options)),
  ]);
  const { roles } = resolveRoles(server.settings.read().roles, nics);
  return { node, nics, roles, remoteSessions: sessions.value, probes: new Map() };
};

/** Asks, from each NIC's own network, whether somebody has the addresses that are about to be given. */
export const probeAddresses = async (
  server: Server,
  desire: NetworkDesire,
  observed: NetworkObserved,
  signal?: AbortSignal,
): Promise<NetworkObserved> => {
  const probes = new Map<string, 'free' | 'answered' | 'unknown'>();
  await Promise.all(
    desire.nics.flatMap((entry) => {
      const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic);
      if (!nic || nic.adminStatus !== 'up') return [];
      return [...(entry.addresses?.ipv4 ?? []), ...(entry.addresses?.ipv6 ?? [])].map(async (text) => {
        const split = splitAddress(text);
        const isOwn = observed.nics.some((other) =>
          (other.addresses ?? []).some((address) => address.address === split?.address),
        );
        if (!split || isOwn || addressFamilyOf(split.address) === null) return;
        const read = await readPart(() =>
          server.ports.nics.probeAddress(nic.interfaceGuid, split.address, signal ? { signal } : {}),
        );
        probes.set(`${nic.interfaceGuid} ${split.address}`, read.value ?? 'unknown');
      });
    }),
  );
  return { ...observed, probes };
};

/** The addresses that are about to be given are asked for, and a NIC that carries a session or a paired server's connection is known. */
const observeWanted = async (
  server: Server,
  desire: NetworkDesire,
  read: NetworkObserved,
  signal?: AbortSignal,
): Promise<NetworkObserved> => {
  const [probed, initiator, peerConnections = []] = await Promise.all([
    probeAddresses(server, desire, read, signal),
    readPart(() => server.ports.initiator.readState(signal ? { signal } : {})),
    server.peerConnections?.(),
  ]);
  // A service that does not run has no session.
  const isStopped = initiator.value !== null && initiator.value.service.state !== 'running';
  return { ...probed, peerConnections, iscsiSessions: isStopped ? [] : (initiator.value?.sessions ?? null) };
};

export const networkArea: AreaEntry<'network'> = {
  observe: observeNetwork,
  observeWanted,
  plan: (desire, observed, { answers }) => planNetwork(desire, observed, answers),
};
