import type { Desire } from '../../shared/plan/desire.ts';
import { diskApply, diskList, diskPlan, diskRescan } from '../../shared/contract/disk.ts';
import { hostApply, hostPlan, hostRead } from '../../shared/contract/host.ts';
import { initiatorApply, initiatorPlan, initiatorRead } from '../../shared/contract/initiator.ts';
import {
  journalFinish,
  journalInspect,
  journalList,
  journalPlan,
  journalSetAside,
  journalUndo,
} from '../../shared/contract/journal.ts';
import { stepPlan, stepTake } from '../../shared/contract/steps.ts';
import { nicApply, nicConfirm, nicEcho, nicIdentify, nicList, nicPlan } from '../../shared/contract/nic.ts';
import {
  clusterApply,
  clusterPlan,
  clusterRead,
  machinesApply,
  machinesPlan,
  machinesRead,
  rolesApply,
  rolesPlan,
  rolesRead,
} from '../../shared/contract/listed.ts';
import { storageHostApply, storageHostPlan, storageHostRead } from '../../shared/contract/storage-host.ts';
import { vmCheck } from '../../shared/contract/vm-check.ts';
import { failure } from '../../shared/errors/failure.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { parseServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import type { PlanAnswers } from '../../shared/plan/plan.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { RunOptions } from '../operations/plans/run-steps.ts';
import type { ServerAccess } from './server-access.ts';

/** What every run of a plan takes from its call. */
const runOptions = (
  given: Pick<RunOptions, 'secrets' | 'revertAfterSeconds'>,
  { caller, signal, progress }: CallContext,
): RunOptions => ({ ...given, by: printCaller(caller), signal, progress });

/** The server of a journal entry. Throws JOURNAL_SERVER_UNKNOWN for one that this version can not name. */
const serverOf = (stored: string): ServerRef => {
  const ref = parseServerRef(stored);
  if (!ref) throw failure('JOURNAL_SERVER_UNKNOWN', { server: stored });
  return ref;
};

/** The methods about one server: what it is, plans and their application, the journal. */
export const serverImplementations = ({ onServer, openJournal }: ServerAccess): Implementation[] => {
  const plan = (
    ref: ServerRef,
    wanted: Desire,
    answers: PlanAnswers,
    secrets: Readonly<Record<string, string>>,
    { signal }: CallContext,
  ) =>
    onServer(ref, async (server) => {
      const { makePlan } = await import('../operations/plans/make-plan.ts');
      return (await makePlan(server, wanted, answers, secrets, { signal })).view;
    });

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

  return [
    implement(hostRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/host/read-host.ts')).readHost(server, signal)),
    ),
    implement(hostPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'host', desire }, answers, {}, context),
    ),
    implement(hostApply, (input, context) =>
      apply('host.apply', input, { area: 'host', desire: input.desire }, context),
    ),
    implement(nicList, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/network/list-nics.ts')).listNics(server, signal)),
    ),
    implement(nicPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'network', desire }, answers, {}, context),
    ),
    implement(nicApply, (input, context) =>
      apply('nic.apply', input, { area: 'network', desire: input.desire }, context),
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
    implement(initiatorPlan, ({ server, desire, answers, secrets }, context) =>
      plan(server, { area: 'initiator', desire }, answers, secrets, context),
    ),
    implement(initiatorApply, (input, context) =>
      apply('initiator.apply', input, { area: 'initiator', desire: input.desire }, context),
    ),
    implement(diskList, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) => (await import('../operations/storage/list-disks.ts')).listDisks(server, signal)),
    ),
    implement(diskRescan, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/storage/list-disks.ts')).rescanDisks(server, signal),
      ),
    ),
    implement(diskPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'storage', desire }, answers, {}, context),
    ),
    implement(diskApply, (input, context) =>
      apply('disk.apply', input, { area: 'storage', desire: input.desire }, context),
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
    implement(rolesPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'roles', desire }, answers, {}, context),
    ),
    implement(rolesApply, (input, context) =>
      apply('roles.apply', input, { area: 'roles', desire: input.desire }, context),
    ),
    implement(clusterPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'cluster', desire }, answers, {}, context),
    ),
    implement(clusterApply, (input, context) =>
      apply('cluster.apply', input, { area: 'cluster', desire: input.desire }, context),
    ),
    implement(machinesPlan, ({ server, desire, answers }, context) =>
      plan(server, { area: 'vms', desire }, answers, {}, context),
    ),
    implement(machinesApply, (input, context) =>
      apply('vm.apply', input, { area: 'vms', desire: input.desire }, context),
    ),
    implement(storageHostRead, ({ server: ref }, { signal }) =>
      onServer(ref, async (server) =>
        (await import('../operations/cluster/read-listed.ts')).readStorageHost(server, signal),
      ),
    ),
    implement(storageHostPlan, ({ server, desire, answers, secrets }, context) =>
      plan(server, { area: 'storageHost', desire }, answers, secrets, context),
    ),
    implement(storageHostApply, (input, context) =>
      apply('storageHost.apply', input, { area: 'storageHost', desire: input.desire }, context),
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
    implement(journalList, async ({ server, open }) => {
      const [opened, { listEntries }] = await Promise.all([
        openJournal(),
        import('../operations/plans/journal-view.ts'),
      ]);
      return listEntries(opened, server ?? null, open);
    }),
    implement(journalInspect, async ({ id }, { signal }) => {
      const entry = (await openJournal()).read(id);
      return onServer(serverOf(entry.begin.server), async (server) =>
        (await import('../operations/plans/finish-change.ts')).inspectChange(server, id, signal),
      );
    }),
    implement(journalPlan, async ({ id, how, answers, secrets }, { signal }) => {
      const entry = (await openJournal()).read(id);
      return onServer(serverOf(entry.begin.server), async (server) =>
        how === 'finish'
          ? (await import('../operations/plans/finish-change.ts')).planFinish(server, id, answers, secrets, signal)
          : (await import('../operations/plans/undo-change.ts')).planUndo(server, id, answers, signal),
      );
    }),
    implement(journalFinish, async ({ id, answers, ...given }, context) => {
      const entry = (await openJournal()).read(id);
      return onServer(serverOf(entry.begin.server), async (server) =>
        (await import('../operations/plans/finish-change.ts')).finishChange(
          server,
          id,
          answers,
          runOptions(given, context),
        ),
      );
    }),
    implement(journalUndo, async ({ id, answers, ...given }, context) => {
      const entry = (await openJournal()).read(id);
      return onServer(serverOf(entry.begin.server), async (server) =>
        (await import('../operations/plans/undo-change.ts')).undoChange(
          server,
          id,
          answers,
          runOptions(given, context),
        ),
      );
    }),
    implement(journalSetAside, async ({ id }, { caller }) =>
      (await import('../operations/plans/finish-change.ts')).setAsideChange(
        await openJournal(),
        id,
        printCaller(caller),
      ),
    ),
  ];
};
