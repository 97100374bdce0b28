import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Desire } from '../../shared/plan/desire.ts';
import { diskApply, diskList, diskPlan, diskRescan } from '../../shared/contract/disk.ts';
import { hostApply, hostPlan, hostRead } from '../../shared/contract/host.ts';
import { initiatorApply, initiatorPlan, initiatorRead } from '../../shared/contract/initiator.ts';
import {
  journalFinish,
  journalInspect,
  journalList,
  journalSetAside,
  journalUndo,
} from '../../shared/contract/journal.ts';
import { nicApply, nicConfirm, nicEcho, nicIdentify, nicList, nicPlan } from '../../shared/contract/nic.ts';
import type { PlanAnswers } from '../../shared/plan/plan.ts';
import { implement, type CallContext, type Implementation } from '../api/registry.ts';
import type { Server } from '../operations/plans/server.ts';
import type { CoreSettings } from './core-settings.ts';
import { Hosts } from './hosts.ts';

/** The command that goes on after a restart: the console program of this very installation. */
const resumeCommand = (dataFolder: string): Server['resumeCommand'] => {
  const beside = join(dirname(process.execPath), process.platform === 'win32' ? 'quorate.exe' : 'quorate');
  const rest = ['--data', dataFolder, 'journal', 'resume', '--yes'];
  if (process.versions['electron'] !== undefined || existsSync(beside)) return { program: beside, arguments: rest };
  return { program: process.execPath, arguments: [process.argv[1] ?? '', ...rest] };
};

/** The methods about one server: what it is, plans and their application, the journal. */
export const serverImplementations = (settings: CoreSettings): Implementation[] => {
  const { dataFolder } = settings;
  const hosts = new Hosts(dataFolder, settings.host === 'cli');
  let journal: Promise<Server['journal']> | null = null;
  const openJournal = (): Promise<Server['journal']> => {
    journal ??= import('../journal/journal.ts').then(({ Journal }) => new Journal(dataFolder));
    return journal;
  };

  const onServer = async <T>(spec: string, work: (server: Server) => Promise<T>): Promise<T> => {
    const [{ HostSettings }, { defaultPatience }, opened] = await Promise.all([
      import('../journal/host-settings.ts'),
      import('../operations/plans/server.ts'),
      openJournal(),
    ]);
    return hosts.use(spec, (ports) => {
      // One server has one name, however it was asked for: its roles, its journal and its lane hang on it.
      const name = ports.kind === 'rehearsal' ? `rehearsal:${ports.name}` : 'local';
      const server: Omit<Server, 'renderScripts'> = {
        spec: name,
        ports,
        settings: new HostSettings(dataFolder, name),
        journal: opened,
        patience: defaultPatience,
        now: () => new Date(),
        resumeCommand: resumeCommand(dataFolder),
      };
      return work({
        ...server,
        renderScripts: async (actions) => {
          const { renderScripts } = await import('./render-scripts.ts');
          return renderScripts(server, actions);
        },
      });
    });
  };

  const plan = (
    spec: string,
    wanted: Desire,
    answers: PlanAnswers,
    secrets: Readonly<Record<string, string>>,
    { signal }: CallContext,
  ) =>
    onServer(spec, async (server) => {
      const { makePlan } = await import('../operations/plans/make-plan.ts');
      return (await makePlan(server, wanted, answers, secrets, { signal })).view;
    });

  interface ApplyInput {
    readonly host: string;
    readonly plan: string | null;
    readonly answers: PlanAnswers;
    readonly secrets: Readonly<Record<string, string>>;
    readonly revertAfterSeconds: number;
  }
  const apply = (method: string, input: ApplyInput, wanted: Desire, { signal, progress }: CallContext) =>
    onServer(input.host, async (server) => {
      const { applyDesire } = await import('../operations/plans/apply-plan.ts');
      return applyDesire(
        server,
        method,
        wanted,
        { expectedPlan: input.plan, answers: input.answers },
        { secrets: input.secrets, signal, progress, revertAfterSeconds: input.revertAfterSeconds },
      );
    });

  return [
    implement(hostRead, ({ host }, { signal }) =>
      onServer(host, async (server) => (await import('../operations/host/read-host.ts')).readHost(server, signal)),
    ),
    implement(hostPlan, ({ host, desire, answers }, context) =>
      plan(host, { area: 'host', desire }, answers, {}, context),
    ),
    implement(hostApply, (input, context) =>
      apply('host.apply', input, { area: 'host', desire: input.desire }, context),
    ),
    implement(nicList, ({ host }, { signal }) =>
      onServer(host, async (server) => (await import('../operations/network/list-nics.ts')).listNics(server, signal)),
    ),
    implement(nicPlan, ({ host, desire, answers }, context) =>
      plan(host, { area: 'network', desire }, answers, {}, context),
    ),
    implement(nicApply, (input, context) =>
      apply('nic.apply', input, { area: 'network', desire: input.desire }, context),
    ),
    implement(nicConfirm, ({ host, revert }, { signal }) =>
      onServer(host, async (server) => {
        const { confirmChange } = await import('../operations/network/revert.ts');
        return { confirmed: await confirmChange(server, revert, signal) };
      }),
    ),
    implement(nicIdentify, (input, context) =>
      onServer(input.host, async (server) => {
        const { blinkNic, watchLinks } = await import('../operations/network/identify-nic.ts');
        return input.how === 'blink'
          ? blinkNic(server, input.nic, input.times, context)
          : watchLinks(server, input.seconds, context);
      }),
    ),
    implement(nicEcho, ({ host, destination, payloadBytes, dontFragment }, { signal }) =>
      onServer(host, async ({ ports }) => {
        const echo = await ports.nics.sendEcho({ destination, payloadBytes, dontFragment }, { signal });
        return echo.answered
          ? { answered: true, roundTripMs: echo.roundTripMs, because: null }
          : { answered: false, roundTripMs: null, because: echo.because };
      }),
    ),
    implement(initiatorRead, ({ host }, { signal }) =>
      onServer(host, async (server) =>
        (await import('../operations/storage/read-initiator.ts')).readInitiator(server, signal),
      ),
    ),
    implement(initiatorPlan, ({ host, desire, answers, secrets }, context) =>
      plan(host, { area: 'initiator', desire }, answers, secrets, context),
    ),
    implement(initiatorApply, (input, context) =>
      apply('initiator.apply', input, { area: 'initiator', desire: input.desire }, context),
    ),
    implement(diskList, ({ host }, { signal }) =>
      onServer(host, async (server) => (await import('../operations/storage/list-disks.ts')).listDisks(server, signal)),
    ),
    implement(diskRescan, ({ host }, { signal }) =>
      onServer(host, async (server) =>
        (await import('../operations/storage/list-disks.ts')).rescanDisks(server, signal),
      ),
    ),
    implement(diskPlan, ({ host, desire, answers }, context) =>
      plan(host, { area: 'storage', desire }, answers, {}, context),
    ),
    implement(diskApply, (input, context) =>
      apply('disk.apply', input, { area: 'storage', desire: input.desire }, context),
    ),
    implement(journalList, async ({ host, open }) => {
      const [opened, { viewEntry }, { openStates }] = await Promise.all([
        openJournal(),
        import('../operations/plans/journal-view.ts'),
        import('../journal/journal.ts'),
      ]);
      return opened
        .list()
        .entries.filter(({ begin }) => host === undefined || begin.host === host || begin.host.startsWith(`${host}/`))
        .filter((entry) => !open || (openStates as readonly string[]).includes(entry.state))
        .map(viewEntry);
    }),
    implement(journalInspect, async ({ id }, { signal }) => {
      const entry = (await openJournal()).read(id);
      return onServer(entry.begin.host, async (server) =>
        (await import('../operations/plans/finish-change.ts')).inspectChange(server, id, signal),
      );
    }),
    implement(journalFinish, async ({ id, answers, secrets, revertAfterSeconds }, { signal, progress }) => {
      const entry = (await openJournal()).read(id);
      return onServer(entry.begin.host, async (server) =>
        (await import('../operations/plans/finish-change.ts')).finishChange(server, id, answers, {
          secrets,
          signal,
          progress,
          revertAfterSeconds,
        }),
      );
    }),
    implement(journalUndo, async ({ id, answers, secrets, revertAfterSeconds }, { signal, progress }) => {
      const entry = (await openJournal()).read(id);
      return onServer(entry.begin.host, async (server) =>
        (await import('../operations/plans/undo-change.ts')).undoChange(server, id, answers, {
          secrets,
          signal,
          progress,
          revertAfterSeconds,
        }),
      );
    }),
    implement(journalSetAside, async ({ id }) =>
      (await import('../operations/plans/finish-change.ts')).setAsideChange(await openJournal(), id),
    ),
  ];
};
