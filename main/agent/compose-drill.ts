import { hostname } from 'node:os';
import {
  drillAsk,
  drillBegin,
  drillEnd,
  drillList,
  drillLook,
  drillPlan,
  drillRun,
} from '../../shared/contract/drill.ts';
import { printCaller, type Caller } from '../../shared/model/caller.ts';
import { localServer, printServerRef } from '../../shared/model/server-ref.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { DrillCall } from '../operations/drills/drills.ts';
import type { DrillOrderer } from '../operations/drills/ordered-drills.ts';
import type { LoadCoordinatorship } from './coordinatorship-here.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

/** What drills need of the rest of their core. */
interface DrillParts {
  readonly access: ServerAccess;
  readonly statePorts: (context: CallContext) => StatePorts;
  readonly ask: AskCore;
  readonly peers: Peers;
  readonly coordinatorship: LoadCoordinatorship;
}

/** Drills: bound here, loaded when they are first called. */
export const drillImplementations = (settings: CoreSettings, parts: DrillParts): Implementation[] => {
  const { access, statePorts, ask, peers, coordinatorship } = parts;
  const { onServer, openJournal } = access;
  const loadAtServer = () => import('../operations/drills/at-server.ts');
  const callOf = (context: CallContext): DrillCall => ({
    read: statePorts(context).readServer,
    signal: context.signal,
    progress: context.progress,
    by: printCaller(context.caller),
  });

  const make = async () => {
    const [{ Drills }, { DrillHistory }, { whyNoOrders }] = await Promise.all([
      import('../operations/drills/drills.ts'),
      import('../operations/drills/history.ts'),
      import('../operations/peers/why-no-orders.ts'),
    ]);
    const own = settings.localServer;
    return new Drills({
      history: new DrillHistory(settings.dataFolder),
      ask,
      peers,
      whyNoOrders: async () => whyNoOrders(await (await coordinatorship()).show()),
      orderEpoch: async (signal, progress) => (await coordinatorship()).orderEpoch(signal, progress),
      openJournal,
      me: { server: printServerRef(own ?? localServer), node: own?.server ?? hostname() },
    });
  };
  let made: ReturnType<typeof make> | null = null;
  const drills = () => (made ??= make());

  const makeOrdered = async () => {
    const [{ OrderedDrills }, { Consents }] = await Promise.all([
      import('../operations/drills/ordered-drills.ts'),
      import('../operations/formation/consents.ts'),
    ]);
    return new OrderedDrills(new Consents(settings.dataFolder), (journal) => {
      ask('drill.end', { server: 'local', journal }, new AbortController().signal).catch((error: unknown) =>
        settings.log?.error({ journal, error: String(error) }, 'a drill was not given back in time'),
      );
    });
  };
  let ordered: ReturnType<typeof makeOrdered> | null = null;
  const orderedDrills = () => (ordered ??= makeOrdered());

  const ordererOf = async (caller: Caller): Promise<DrillOrderer | null> => {
    if (caller.kind !== 'peer') return null;
    const name = (await peers.names()).find(({ id }) => id === caller.id)?.name ?? caller.id;
    return { fingerprint: caller.fingerprint, name, epoch: caller.epoch?.number ?? 0, by: printCaller(caller) };
  };

  return [
    implement(drillPlan, async (input, context) => (await drills()).plan(input, callOf(context))),
    implement(drillRun, async (input, context) => (await drills()).run(input, callOf(context))),
    implement(drillList, async () => (await drills()).list()),
    implement(drillLook, ({ server: ref, act }, { signal }) =>
      onServer(ref, async (server) => (await loadAtServer()).lookAtAct(server, act, signal)),
    ),
    implement(drillAsk, async ({ server: ref, ...input }, context) => {
      const [here, orderer] = [await orderedDrills(), await ordererOf(context.caller)];
      return onServer(ref, (server) => here.ask(server, input, orderer, callOf(context).read, context.signal));
    }),
    implement(drillBegin, async ({ server: ref, order, ...input }, context) => {
      const { signal, caller } = context;
      const [here, orderer] = [await orderedDrills(), await ordererOf(caller)];
      const { act, title, guardSeconds } = input;
      return onServer(ref, async (server) =>
        orderer
          ? here.begin(server, input, order, orderer, callOf(context).read, signal)
          : (await loadAtServer()).beginAct(server, act, title, guardSeconds, { by: printCaller(caller), signal }),
      );
    }),
    implement(drillEnd, async ({ server: ref, journal }, { caller }) => {
      const [here, orderer] = [await orderedDrills(), await ordererOf(caller)];
      return onServer(ref, async (server) => {
        if (orderer) return here.end(server, journal, orderer);
        const { endAct, endInterrupted } = await loadAtServer();
        const by = printCaller(caller);
        return journal === null ? endInterrupted(server, by) : endAct(server, journal, by);
      });
    }),
  ];
};
