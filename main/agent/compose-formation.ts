import type { OutputOf } from '../../shared/contract/define.ts';
import {
  formationAgreed,
  formationApply,
  formationCancel,
  formationCheckFile,
  formationConsent,
  formationConsents,
  formationContinue,
  formationExport,
  formationFile,
  formationInit,
  formationJoin,
  formationLeave,
  formationLook,
  formationPause,
  formationPlan,
  formationReadFile,
  formationRehearse,
  formationScript,
  formationSkip,
  formationStatus,
  formationTake,
} from '../../shared/contract/formation.ts';
import { failure } from '../../shared/errors/failure.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import type { FormationCoreTools } from '../operations/formation/formation-core.ts';
import type { Rehearsals, RehearsalTools } from '../operations/formation/rehearsals.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import { localFiles } from './local-files.ts';
import type { ServerAccess } from './server-access.ts';
import { version } from './version.ts';

/** Makes the core of a data folder: the composition root's own function, which reaches this file as an argument. */
export type ComposeCore = (settings: CoreSettings) => {
  readonly core: CoreApi;
  readonly peers: Pick<Peers, 'start' | 'names' | 'close'>;
  readonly closeServers: () => Promise<void>;
};

const loadFormationCore = () =>
  Promise.all([import('../operations/formation/formation-core.ts'), import('./formation-checks.ts')]);

/** Rehearsals of formations: a core of this product for each simulated server. */
export const rehearsalsOf = async (
  compose: ComposeCore,
  settings: CoreSettings & Pick<RehearsalTools, 'pressAfterMs'>,
): Promise<Rehearsals> => {
  const [{ Rehearsals: Made }, { startRehearsedWorld }] = await Promise.all([
    import('../operations/formation/rehearsals.ts'),
    import('../rehearsal/host/rehearsed-world.ts'),
  ]);
  return new Made({
    dataFolder: settings.dataFolder,
    files: localFiles,
    pressAfterMs: settings.pressAfterMs,
    startWorld: async (order) => {
      // What forms the cluster is read while the process of the world starts.
      const [world] = await Promise.all([startRehearsedWorld(order), loadFormationCore()]);
      return world;
    },
    openCore: ({ dataFolder, world, server, pollMs, ...hooks }) => {
      const { core, peers, closeServers } = compose({
        dataFolder,
        worldsFolder: settings.dataFolder,
        host: 'agent',
        localServer: { kind: 'rehearsal', world, server },
        patience: { pollMs },
        durability: 'process',
        ...hooks,
        ...(settings.log ? { log: settings.log } : {}),
      });
      return {
        call: (method, input, options = {}) => core.call(method, input, { caller: { kind: 'cli' }, ...options }),
        listen: () => peers.start([{ address: '127.0.0.1', port: 0 }]),
        peers: () => peers.names(),
        close: async () => {
          await peers.close();
          await closeServers();
        },
      };
    },
  });
};

/** What formations need of the rest of their core. */
type FormationParts = Omit<FormationCoreTools, 'version' | 'files' | 'checks' | 'settings' | 'access'> & {
  readonly settings: CoreSettings;
  readonly access: ServerAccess;
};

/** Forming clusters: bound here, loaded when it is first called. */
export const formationImplementations = (tools: FormationParts, compose: ComposeCore): Implementation[] => {
  let made: ReturnType<typeof make> | null = null;
  const make = async () => {
    const [{ FormationCore }, { checkTools }] = await loadFormationCore();
    return new FormationCore({ ...tools, version, files: localFiles, checks: (order) => checkTools(tools, order) });
  };
  const core = () => (made ??= make());
  let known: Promise<Rehearsals> | null = null;
  const rehearsals = () => (known ??= rehearsalsOf(compose, tools.settings));
  /** Orders the core of a rehearsal that coordinates there. Throws FORM_NOT_RUNNING. */
  const atRehearsal = async <Order extends typeof formationPause | typeof formationContinue | typeof formationCancel>(
    name: string,
    order: Order,
  ): Promise<OutputOf<Order>> =>
    order.output.parse(await (await rehearsals()).order(name, order.name)) as OutputOf<Order>;
  // Another server sees and pauses the formation of this core; rehearsals are nobody's but this console's.
  return [
    implement(formationCheckFile, async ({ text }) => {
      const { checkClusterFile } = await import('../operations/formation/parse-cluster-file.ts');
      return checkClusterFile(text);
    }),
    implement(formationReadFile, async ({ file }) => {
      const { readInput } = await import('../operations/readiness/import-facts.ts');
      const { name, bytes } = await readInput(file, localFiles);
      return { name, text: new TextDecoder().decode(bytes) };
    }),
    implement(formationLook, async (input, { signal }) => (await core()).look(input, signal)),
    implement(formationJoin, async (input, { signal, caller }) => (await core()).join(input, caller, signal)),
    implement(formationAgreed, async ({ formation }, { caller }) => (await core()).agreed(formation, caller)),
    implement(formationTake, async (input, { signal, caller, progress }) =>
      (await core()).take(input, caller, signal, progress),
    ),
    implement(formationLeave, async ({ formation, state }, { caller }) =>
      (await core()).leave(formation, state, caller),
    ),
    implement(formationConsents, async () => ({ consents: [...(await core()).consents()] })),
    implement(formationConsent, async ({ formation, agrees }, { caller }) =>
      (await core()).consent(formation, agrees, printCaller(caller)),
    ),
    implement(formationPlan, async (input, { signal }) => (await core()).plan(input, signal)),
    implement(formationApply, async (input, { signal, progress, caller }) => {
      if (caller.kind === 'peer')
        throw failure('CALL_NOT_ALLOWED', { caller: printCaller(caller), method: formationApply.name });
      return (await core()).apply(input, signal, progress, caller);
    }),
    implement(formationInit, async (input, { signal }) => (await core()).init(input, signal)),
    implement(formationFile, async () => (await core()).file()),
    implement(formationStatus, async ({ rehearsal }, { caller }) =>
      rehearsal === undefined || caller.kind === 'peer'
        ? (await core()).status(caller)
        : (await rehearsals()).status(rehearsal),
    ),
    implement(formationPause, async ({ rehearsal }, { caller }) =>
      rehearsal === undefined || caller.kind === 'peer'
        ? (await core()).pause(caller)
        : atRehearsal(rehearsal, formationPause),
    ),
    implement(formationContinue, async ({ rehearsal }) =>
      rehearsal === undefined ? (await core()).goOn() : atRehearsal(rehearsal, formationContinue),
    ),
    implement(formationCancel, async ({ rehearsal }) =>
      rehearsal === undefined ? (await core()).cancel() : atRehearsal(rehearsal, formationCancel),
    ),
    implement(formationSkip, async ({ step, reason }, { signal, caller }) =>
      (await core()).skip(step, reason, printCaller(caller), signal),
    ),
    implement(formationScript, async ({ step, rehearsal }, { signal }) => {
      if (rehearsal === undefined) return (await core()).script(step, signal);
      return formationScript.output.parse(await (await rehearsals()).order(rehearsal, formationScript.name, { step }));
    }),
    implement(formationExport, async (input, { signal }) => {
      const { electronPrinter } = await import('./electron-printer.ts');
      if (input.rehearsal === undefined) return (await core()).export(input, signal, electronPrinter);
      return (await rehearsals()).export(input.rehearsal, input, signal, electronPrinter);
    }),
    implement(formationRehearse, async (input, { signal, progress }) =>
      (await rehearsals()).rehearse(input, signal, progress),
    ),
  ];
};
