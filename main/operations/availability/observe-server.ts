import type { Progress } from '../../../shared/contract/define.ts';
import { printServerRef, type ServerRef } from '../../../shared/model/server-ref.ts';
import type { AskCore } from '../formation/qualify-lun.ts';
import type { ObservedServer } from './observed-state.ts';

/**
 * What one server shows: asked of the methods that show it already, and of a peer in one call, which reads itself. What cannot be read
 * is null; a server whose NICs cannot be read throws.
 */
export const observeServer = async (
  ref: ServerRef,
  ask: AskCore,
  signal: AbortSignal,
  progress: (progress: Progress) => void,
): Promise<ObservedServer> => {
  const server = printServerRef(ref);
  progress({ doing: `Reading ${server}`, done: null, total: null, leftMs: null });
  if (ref.kind === 'peer') return ask('availability.observe', { server }, signal);
  const network = await ask('nic.list', { server }, signal);
  const orNull = async <T>(asked: Promise<T>): Promise<T | null> => {
    try {
      return await asked;
    } catch (error) {
      if (signal.aborted) throw error;
      return null;
    }
  };
  const [initiator, cluster, machines, disks, readiness] = await Promise.all([
    orNull(ask('initiator.read', { server }, signal)),
    orNull(ask('cluster.read', { server }, signal)),
    orNull(ask('vm.list', { server }, signal)),
    orNull(ask('disk.list', { server }, signal)),
    // The memory is the one fact about a server that the others do not hold.
    ask('readiness.check', { server, source: { kind: 'live' } }, signal),
  ]);
  const { visibleBytes } = readiness.facts.memory;
  return {
    network,
    initiator,
    memoryMB: visibleBytes.known ? Number(BigInt(visibleBytes.value) / (1024n * 1024n)) : null,
    cluster: cluster?.state ?? null,
    machines: machines?.state ?? null,
    disks: disks?.disks.map(({ uniqueId, pathCount }) => ({ uniqueId, pathCount })) ?? null,
  };
};

/** The servers around one, by their names in lower case: those of its rehearsal, or this server and its peers. */
export const serversAround = async (
  ref: ServerRef,
  ask: AskCore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ServerRef>> => {
  if (ref.kind === 'rehearsal') {
    const { world } = ref;
    const { running } = await ask('rehearsal.show', { name: world }, signal);
    return new Map(
      (running?.servers ?? []).map(({ name }) => [name.toLowerCase(), { kind: 'rehearsal', world, server: name }]),
    );
  }
  const { peers } = await ask('peers.list', {}, signal);
  const around = new Map<string, ServerRef>(peers.map(({ id, name }) => [name.toLowerCase(), { kind: 'peer', id }]));
  if (ref.kind === 'peer') {
    const { server } = await ask('nic.list', { server: 'local' }, signal);
    around.set(server.computerName.toLowerCase(), { kind: 'local' });
  }
  return around;
};
