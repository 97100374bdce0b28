import { drillBegin, drillEnd, drillList, drillLook, drillPlan, drillRun } from '../../shared/contract/drill.ts';
import { clusterRead, machinesRead } from '../../shared/contract/listed.ts';
import { Failure, failure } from '../../shared/errors/failure.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { keyOf } from '../../shared/availability/parse-state.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import type { DrillTask } from '../operations/drills/plan-drill.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

/** How often the observer looks, in milliseconds: a reading of the cluster costs about that much on a real server. */
const lookEveryMs = 500;

/**
 * Drills: what each server does goes through its own methods, so that a peer does it itself, with its own journal and guard.
 * @param ask calls a method of this core, which hands it to the peer that it is about
 */
export const drillImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  statePorts: (context: CallContext) => StatePorts,
  ask: AskCore,
): Implementation[] => {
  const openHistory = async () => {
    const { DrillHistory } = await import('../operations/drills/history.ts');
    return new DrillHistory(settings.dataFolder);
  };
  let running: string | null = null;

  const planIt = async (
    { servers, element, holdSeconds }: { servers: ServerRef[]; element: string; holdSeconds: number },
    context: CallContext,
  ): Promise<DrillTask & { readonly isRehearsal: boolean }> => {
    const [{ stateOfServers }, { planDrill }, history] = await Promise.all([
      import('../operations/availability/observed-state.ts'),
      import('../operations/drills/plan-drill.ts'),
      openHistory(),
    ]);
    const ports = statePorts(context);
    const nodes: { node: string; server: string }[] = [];
    const read = await stateOfServers(servers, async (ref) => {
      const one = await ports.readServer(ref);
      nodes.push({ node: one.network.server.computerName, server: printServerRef(ref) });
      return one;
    });
    const task = await planDrill(read, nodes, { element, holdSeconds }, history.read(), async (server, act) => {
      try {
        const seen = drillLook.output.parse(await ask('drill.look', { server, act }, context.signal));
        return { ok: true, ...seen };
      } catch (error) {
        if (!(error instanceof Failure) || error.code === 'CANCELLED') throw error;
        const { because } = error.detail;
        return { ok: false, because: typeof because === 'string' ? because : error.message };
      }
    });
    return { ...task, isRehearsal: read.source.kind === 'rehearsal' };
  };

  let recovering: Promise<unknown> | null = null;
  /** A drill that a process left which is gone is taken back before anybody plans, runs or looks at one. */
  const recover = async (): Promise<void> => {
    const { recoverDrill } = await import('../operations/drills/recover-drill.ts');
    const { isProcessAlive } = await import('../system/processes.ts');
    const history = await openHistory();
    recovering ??= recoverDrill(history, {
      end: async (server) =>
        drillEnd.output.parse(await ask('drill.end', { server, journal: null }, new AbortController().signal)).isBack,
      isAlive: (pid) => (pid === process.pid ? running !== null : isProcessAlive(pid)),
      now: () => new Date(),
    }).finally(() => {
      recovering = null;
    });
    await recovering;
  };

  const look = async (server: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
    const [machines, cluster] = await Promise.all([
      ask('vm.list', { server }, signal).then((answer) => machinesRead.output.parse(answer)),
      ask('cluster.read', { server }, signal).then((answer) => clusterRead.output.parse(answer)),
    ]);
    const up = new Set(
      (cluster.state.cluster?.nodes ?? [])
        .filter(({ state }) => state === 'up' || state === 'paused')
        .map(({ name }) => keyOf(name)),
    );
    // What is only said to run on a node that is gone does not run.
    return new Map(
      machines.state.machines
        .filter(({ state, host }) => state === 'running' && up.has(keyOf(host)))
        .map(({ name, host }) => [keyOf(name), host]),
    );
  };

  return [
    implement(drillPlan, async (input, context) => {
      await recover();
      return (await planIt(input, context)).plan;
    }),
    implement(drillRun, async (input, context) => {
      if (running !== null) throw failure('PLAN_BUSY', { server: 'this core', title: running });
      await recover();
      running = input.element;
      try {
        const task = await planIt(input, context);
        if (task.plan.id !== input.plan) throw failure('DRILL_PLAN_CHANGED', { element: task.plan.element });
        const { runDrill } = await import('../operations/drills/run-drill.ts');
        const never = new AbortController().signal;
        const history = await openHistory();
        const record = await runDrill(task, {
          look,
          begin: async (server, act, title, guardSeconds, signal) =>
            drillBegin.output.parse(await ask('drill.begin', { server, act, title, guardSeconds }, signal)).journal,
          end: async (server, journal) =>
            drillEnd.output.parse(await ask('drill.end', { server, journal }, never)).isBack,
          keep: (drill) => history.begin({ ...drill, pid: process.pid }),
          now: () => new Date(),
          progress: context.progress,
          signal: context.signal,
          by: printCaller(context.caller),
          isRehearsal: task.isRehearsal,
          everyMs: lookEveryMs,
        });
        history.add(record);
        return record;
      } finally {
        running = null;
      }
    }),
    implement(drillList, async () => {
      await recover();
      return (await openHistory()).read();
    }),
    implement(drillLook, ({ server: ref, act }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/drills/at-server.ts')).lookAtAct(server, act, signal),
      ),
    ),
    implement(drillBegin, ({ server: ref, act, title, guardSeconds }, { signal, caller }) =>
      onServer(ref, async (server) =>
        (await import('../operations/drills/at-server.ts')).beginAct(server, act, title, guardSeconds, {
          signal,
          by: printCaller(caller),
        }),
      ),
    ),
    implement(drillEnd, ({ server: ref, journal }, { caller }) =>
      onServer(ref, async (server) => {
        const { endAct, endInterrupted } = await import('../operations/drills/at-server.ts');
        const by = printCaller(caller);
        return journal === null ? endInterrupted(server, by) : endAct(server, journal, by);
      }),
    ),
  ];
};
