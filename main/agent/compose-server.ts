import { areas, type Area } from '../../shared/changes/kind.ts';
import { areaMethods } from '../../shared/contract/areas.ts';
import type { Method } from '../../shared/contract/define.ts';
import type { Desire } from '../../shared/plan/desire.ts';
import { diskList, diskRescan } from '../../shared/contract/disk.ts';
import { hostLastStop, hostRead } from '../../shared/contract/host.ts';
import { initiatorRead } from '../../shared/contract/initiator.ts';
import { stepPlan, stepTake } from '../../shared/contract/steps.ts';
import { nicConfirm, nicEcho, nicIdentify, nicList } from '../../shared/contract/nic.ts';
import { clusterRead, machinesRead, rolesRead } from '../../shared/contract/listed.ts';
import { storageHostRead } from '../../shared/contract/storage-host.ts';
import { vmCheck } from '../../shared/contract/vm-check.ts';
import { printCaller } from '../../shared/model/caller.ts';
import type { ServerRef } from '../../shared/model/server-ref.ts';
import type { PlanAnswers } from '../../shared/plan/plan.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import { runOptions } from './run-options.ts';
import type { ServerAccess } from './server-access.ts';

/** The methods about one server: what it is, plans and their application. */
export const serverImplementations = ({ onServer }: ServerAccess): Implementation[] => {
  const plan = (
    ref: ServerRef,
    wanted: Desire,
    answers: PlanAnswers,
    secrets: Readonly<Record<string, string>>,
    { signal }: CallContext,
  ) =>
    onServer(ref, async (server) => {
      const [{ makePlan }, { assertIdle }] = await Promise.all([
        import('../operations/plans/make-plan.ts'),
        import('../operations/plans/lane.ts'),
      ]);
      // What it would be planned from is about to change, and a server that hangs answers nobody.
      assertIdle(server);
      return (await makePlan(server, wanted, answers, secrets, { signal })).view;
    });

  interface PlanInput {
    readonly server: ServerRef;
    readonly desire: unknown;
    readonly answers: PlanAnswers;
    /** Left out by areas that take none. */
    readonly secrets?: Readonly<Record<string, string>>;
  }
  interface ApplyInput {
    readonly server: ServerRef;
    readonly plan: string | null;
    readonly answers: PlanAnswers;
    readonly secrets: Readonly<Record<string, string>>;
    readonly revertAfterSeconds: number;
  }
  const apply = (method: string, input: ApplyInput, wanted: Desire, context: CallContext) =>
    onServer(input.server, async (server) => {
      const { applyDesire } = await import('../operations/plans/apply-plan.ts');
      return applyDesire(
        server,
        method,
        wanted,
        { expectedPlan: input.plan, answers: input.answers },
        runOptions(input, context),
      );
    });

  /** Alike in every area: its own schema has checked what is wanted before it comes here. */
  const ofArea = (area: Area): Implementation[] => {
    const { plan: planIt, apply: applyIt } = areaMethods[area];
    const wantedOf = (desire: unknown): Desire => ({ area, desire }) as Desire;
    return [
      implement<Method>(planIt, (input, context) => {
        const { server, desire, answers, secrets = {} } = input as PlanInput;
        return plan(server, wantedOf(desire), answers, secrets, context);
      }),
      implement<Method>(applyIt, (input, context) => {
        const given = input as ApplyInput & { readonly desire: unknown };
        return apply(applyIt.name, given, wantedOf(given.desire), context);
      }),
    ];
  };

  return [
    ...areas.flatMap(ofArea),
    implement(hostRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/host/read-host.ts')).readHost(server, signal)),
    ),
    implement(hostLastStop, ({ server: ref }, { signal }) =>
      onServer(ref, ({ ports }) => ports.host.readLastStop({ signal })),
    ),
    implement(nicList, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/network/list-nics.ts')).listNics(server, signal)),
    ),
    implement(nicConfirm, ({ server: ref, revert }, { signal, caller }) =>
      onServer(ref, async (server) => {
        const { confirmChange } = await import('../operations/network/revert.ts');
        return { confirmed: await confirmChange(server, revert, printCaller(caller), signal) };
      }),
    ),
    implement(nicIdentify, (input, context) =>
      onServer(input.server, async (server) => {
        const { blinkNic, watchLinks } = await import('../operations/network/identify-nic.ts');
        return input.how === 'blink'
          ? blinkNic(server, input.nic, input.times, { ...context, by: printCaller(context.caller) })
          : watchLinks(server, input.seconds, context);
      }),
    ),
    implement(nicEcho, ({ server: ref, destination, source, payloadBytes, dontFragment }, { signal }) =>
      onServer(ref, async ({ ports }) => {
        const echo = await ports.nics.sendEcho({ destination, source, payloadBytes, dontFragment }, { signal });
        return echo.answered
          ? { answered: true, roundTripMs: echo.roundTripMs, because: null }
          : { answered: false, roundTripMs: null, because: echo.because };
      }),
    ),
    implement(initiatorRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/storage/read-initiator.ts')).readInitiator(server, signal),
      ),
    ),
    implement(diskList, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/storage/list-disks.ts')).listDisks(server, signal)),
    ),
    implement(diskRescan, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/storage/list-disks.ts')).rescanDisks(server, signal),
      ),
    ),
    implement(rolesRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/cluster/read-listed.ts')).readRoles(server, signal)),
    ),
    implement(clusterRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/cluster/read-listed.ts')).readCluster(server, signal),
      ),
    ),
    implement(machinesRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/cluster/read-listed.ts')).listMachines(server, signal),
      ),
    ),
    implement(storageHostRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/cluster/read-listed.ts')).readStorageHost(server, signal),
      ),
    ),
    implement(vmCheck, async ({ server: ref, name, others }, { signal }) => {
      const { checkMachineHere, readOther } = await import('../operations/vms/check-machine.ts');
      const read = await Promise.all(others.map((other) => onServer(other, (server) => readOther(server, signal))));
      return onServer(ref, (server) => checkMachineHere(server, name, read, signal));
    }),
    implement(stepPlan, ({ server, wanted, answers, secrets }, context) =>
      plan(server, wanted, answers, secrets, context),
    ),
    implement(stepTake, ({ server: ref, secrets, revertAfterSeconds, ...ordered }, context) =>
      onServer(ref, async (server) => {
        const { takeStep } = await import('../operations/plans/take-step.ts');
        return takeStep(server, stepTake.name, ordered, runOptions({ secrets, revertAfterSeconds }, context));
      }),
    ),
  ];
};
