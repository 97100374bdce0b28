import { becausePhrase } from '../../../shared/errors/because.ts';
import { cancelled, Failure, failure } from '../../../shared/errors/failure.ts';
import { isSameAddress } from '../../../shared/model/address.ts';
import type { ClusterNode, ClusterState } from '../../../shared/model/cluster.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { LastStop } from '../../../shared/model/last-stop.ts';
import type { VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { judgePath } from '../../../shared/model/windows-iscsi.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import type { Proofs } from '../../../shared/plan/formation/proofs.ts';
import { pathText } from '../../../shared/plan/initiator/paths.ts';
import { pause } from '../../system/pause.ts';
import { observeCluster } from '../areas/listed.ts';
import { observeHost } from '../areas/host.ts';
import { observeInitiator } from '../areas/initiator.ts';
import type { Server } from '../plans/server.ts';
import type { Check } from './checks.ts';
import type { ProofStore } from './proof-store.ts';
import { isSameName } from '../../../shared/model/names.ts';

/** Who presses the power button: in a rehearsal the world, in a machine room a person. */
export interface Hands {
  powerOff(server: string): Promise<void>;
  powerOn(server: string): Promise<void>;
}

/** Why it is not known how a server went down. */
interface NotTold {
  /** A sentence, or a part of one. */
  readonly because: string;
  /** Asking again gives the same answer, as long as nobody changes anything. */
  readonly isFinal: boolean;
}

export interface DrillTools {
  readonly use: <T>(work: (server: Server) => Promise<T>) => Promise<T>;
  readonly proofs: ProofStore;
  /** Null: a person does it, and is waited for. */
  readonly hands: Hands | null;
  /** How Windows on a server of the file went down before it started last, asked there. */
  readonly lastStop: (server: string, signal: AbortSignal) => Promise<LastStop | NotTold>;
  readonly now: () => Date;
  /** Told what is done, and what is waited for, at this moment. */
  readonly tell: (doing: string) => void;
}

/** Long enough for a person to walk to a machine room, and for a server to start. */
export const personMs = 30 * 60_000;

/**
 * Asks until it is so, as long as a restart of the server may take where nothing else is said. A server that restarts does not answer, which is no
 * failure here. Throws FORM_DRILL_FAILED, CANCELLED.
 */
export const until = async <T>(
  drill: string,
  server: Server,
  signal: AbortSignal,
  ask: () => Promise<T>,
  isSo: (value: T) => boolean,
  words: (value: T | null) => string,
  next: string | ((value: T | null) => string),
  limitMs = server.patience.restartMs,
): Promise<T> => {
  const deadline = performance.now() + limitMs;
  let last: T | null = null;
  for (;;) {
    try {
      last = await ask();
      if (isSo(last)) return last;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!(error instanceof Failure) || (code !== 'HOST_RESTARTING' && code !== 'HOST_UNREACHABLE')) throw error;
    }
    if (signal.aborted) throw cancelled(drill, 'unknown');
    if (performance.now() > deadline)
      throw failure('FORM_DRILL_FAILED', {
        drill,
        found: words(last),
        next: typeof next === 'string' ? next : next(last),
      });
    await pause(server.patience.pollMs, signal);
  }
};

const apply = (server: Server, change: ServerChange, signal: AbortSignal): Promise<void> =>
  server.ports.apply(change, { signal, secrets: {}, resumeCommand: server.resumeCommand });

export const machineOf = async (
  server: Server,
  name: string,
  signal: AbortSignal,
): Promise<VirtualMachine | undefined> =>
  (await server.ports.machines.readState({ signal })).machines.find((one) => isSameName(one.name, name));

export const firstMachine = (file: ClusterFile): string =>
  file.virtualMachines.find((one) => one.highlyAvailable)?.name ?? '';

export const whereWords = (machine: VirtualMachine | null | undefined): string =>
  machine ? `${machine.name} is ${machine.state} on ${machine.host}` : 'the machine was not found';

export const eventsOf = (machine: string): string =>
  `Look at ${machine} in Failover Cluster Manager: its critical events say what keeps it from running.`;

export const moveTo = async (
  drill: string,
  server: Server,
  name: string,
  node: string,
  signal: AbortSignal,
): Promise<void> => {
  const found = await machineOf(server, name, signal);
  // One that is there and does not run yet is waited for: nothing could be said of how long it takes to run elsewhere.
  if (!found || !isSameName(found.host, node))
    await apply(server, { do: 'vm.move', name, node, kind: 'quick' }, signal);
  await until(
    drill,
    server,
    signal,
    () => machineOf(server, name, signal),
    (machine) => machine !== undefined && isSameName(machine.host, node) && machine.state === 'running',
    whereWords,
    eventsOf(name),
  );
};

/** A node as this server's cluster service sees it, or why that is not known. */
type Seen = { readonly state: ClusterNode['state'] } | { readonly because: string };

export const isUp = (seen: Seen): boolean => 'state' in seen && seen.state === 'up';

export const seenWords = (seen: Seen | null): string =>
  seen === null ? 'not known' : 'state' in seen ? seen.state : `not known: ${becausePhrase(seen.because)}`;

const startService = (node: string): string =>
  `Start the Cluster Service on ${node}, and wait until "quorate cluster status" there shows every node up.`;

/** What somebody has to do about a node; where this server's own cluster service does not tell, that is what has to be put right. */
export const nextFor =
  (server: string, next: string) =>
  (seen: Seen | null): string =>
    seen === null || 'state' in seen ? next : startService(server);

export const seeNode = async (server: Server, name: string, signal: AbortSignal): Promise<Seen> => {
  const { node, state } = await observeCluster(server, signal);
  if (state.membership !== 'member') return { because: `the cluster service on ${node} does not run` };
  const found = state.cluster?.nodes.find((one) => isSameName(one.name, name));
  return found ?? { because: state.unread[0]?.because ?? `${node} does not list it` };
};

/** Throws CLUSTER_SERVICE_STOPPED where a drill would say nothing of the cluster: this server does not see it. Whether it is a node. */
export const requireService = async (server: Server, signal: AbortSignal): Promise<ClusterState> => {
  const { node, state } = await observeCluster(server, signal);
  if (state.membership === 'stopped') throw failure('CLUSTER_SERVICE_STOPPED', { node });
  return state;
};

/** What runs on a node has to go somewhere before it restarts. Throws FORM_DRILL_FAILED. */
const requireAnotherNode = (drill: string, node: string, { cluster }: ClusterState): void => {
  const others = (cluster?.nodes ?? []).filter(({ name }) => !isSameName(name, node));
  if (others.length === 0 || others.some(({ state }) => state === 'up')) return;
  throw failure('FORM_DRILL_FAILED', {
    drill,
    found: `no other node takes what runs on ${node}: ${others.map(({ name, state }) => `${name} is ${state}`).join(', ')}`,
    next: `Wait until "quorate cluster status" shows another node up: switch it on, start the Cluster Service there, or resume it.`,
  });
};

/** The server's own clock: in a rehearsal that of the world. */
export const clockOf = async (server: Server, signal: AbortSignal): Promise<number> =>
  Date.parse((await server.ports.host.readState({ signal })).localTime);

export const keep = (
  { proofs, now }: DrillTools,
  drill: string,
  subject: string,
  file: ClusterFile,
  tookMs: number,
): void =>
  proofs.add((kept) => ({
    ...kept,
    drilled: [
      ...kept.drilled.filter((one) => one.drill !== drill || one.subject !== subject),
      { drill, subject, nodes: file.servers.map(({ name }) => name), at: now().toISOString(), tookMs },
    ],
  }));

/** Moves the machine to the second server and back. */
export const quickMigration =
  (tools: DrillTools): Check =>
  (name, file, signal) =>
    tools.use(async (server) => {
      const [home, other] = [file.servers[0]!.name, file.servers[1]!.name];
      const started = await clockOf(server, signal);
      for (const node of [other, home]) {
        tools.tell(`Moving ${name} to ${node}`);
        await moveTo('quick migration', server, name, node, signal);
      }
      const tookMs = (await clockOf(server, signal)) - started;
      keep(tools, 'quickMigration', name, file, tookMs);
      return `${name} moved to ${other} and back to ${home}`;
    });

/** Windows works the start out from a running clock, so that two readings of one start may differ a little. */
export const isLaterBoot = (one: string, other: string): boolean => Date.parse(one) > Date.parse(other) + 2_000;

/** Restarts this server, with its roles drained before, and finds every path and the node back. */
export const restartServer =
  (tools: DrillTools): Check =>
  (node, file, signal) =>
    tools.use(async (server) => {
      const drill = `restart of ${node}`;
      const { facts } = await observeHost(server, signal);
      // On a real server this very core goes with the restart that it orders: the one after it finds here what was begun.
      const begun = tools.proofs.read().begun.find(({ subject }) => isSameName(subject, node));
      const hasRestarted = begun !== undefined && isLaterBoot(facts.lastBootAt, begun.bootedAt);
      const started = hasRestarted ? begun.startedMs : Date.parse(facts.localTime);
      const cluster = hasRestarted ? null : await requireService(server, signal);
      const isMember = cluster ? cluster.membership === 'member' : begun?.isMember === true;
      const forget = (proofs: Proofs): Proofs => ({
        ...proofs,
        begun: proofs.begun.filter(({ subject }) => !isSameName(subject, node)),
      });
      if (!hasRestarted) {
        if (cluster) requireAnotherNode(drill, node, cluster);
        tools.tell(isMember ? `Draining ${node} and restarting it` : `Restarting ${node}`);
        if (isMember)
          await apply(server, { do: 'cluster.pauseNode', node }, signal).catch(async (error: unknown) => {
            // Windows leaves a node paused that it could not drain: nobody would give it a role until somebody sees that.
            await apply(server, { do: 'cluster.resumeNode', node }, signal).catch(() => undefined);
            throw error;
          });
        tools.proofs.add((proofs) => ({
          ...proofs,
          begun: [...forget(proofs).begun, { subject: node, bootedAt: facts.lastBootAt, startedMs: started, isMember }],
        }));
        await apply(
          server,
          { do: 'host.restart', reason: 'Quorate: drill', bootedBefore: facts.lastBootAt },
          signal,
        ).catch((error: unknown) => {
          // The order may cut its own answer.
          if (!(error instanceof Failure) || error.effect === 'none') throw error;
        });
        await until(
          drill,
          server,
          signal,
          async () => (await server.ports.host.readState({ signal })).lastBootAt,
          (bootedAt) => isLaterBoot(bootedAt, facts.lastBootAt),
          () => `${node} did not come back`,
          `Look at the console of ${node}. The cluster keeps it paused until its drill has ended.`,
        );
      }
      tools.tell('Waiting for its iSCSI paths');
      const wanted = server.settings.read().paths;
      await until(
        drill,
        server,
        signal,
        async () => {
          const { state } = await observeInitiator(server, signal);
          return wanted.filter((path) => judgePath(path, state.sessions ?? [], isSameAddress).kind !== 'proven');
        },
        (missing) => missing.length === 0,
        (missing) => `not logged on again: ${(missing ?? []).map(pathText).join('; ')}`,
        `Look whether the target admits ${node} and whether its portals answer ("quorate initiator show" on ${node}). The cluster keeps ${node} paused until its drill has ended.`,
      );
      if (isMember) {
        tools.tell('Waiting until it is a node of the cluster again');
        await until(
          drill,
          server,
          signal,
          async () => (await observeCluster(server, signal)).state.membership,
          (membership) => membership === 'member',
          (membership) => `${node} is not a node that is up; its membership is ${membership ?? 'not known'}`,
          `Look at the Cluster Service on ${node} and at "quorate cluster status". The cluster keeps ${node} paused until its drill has ended.`,
        );
        await apply(server, { do: 'cluster.resumeNode', node }, signal);
      }
      const tookMs = (await clockOf(server, signal)) - started;
      keep(tools, 'restartServer', node, file, tookMs);
      tools.proofs.add(forget);
      return `${node} was back with ${wanted.length} paths after ${(tookMs / 1000).toFixed(1)} s`;
    });
