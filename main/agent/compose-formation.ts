import {
  formationApply,
  formationCancel,
  formationCheckFile,
  formationContinue,
  formationExport,
  formationInit,
  formationLeave,
  formationLook,
  formationPause,
  formationPlan,
  formationRehearse,
  formationSkip,
  formationStatus,
  formationTake,
} from '../../shared/contract/formation.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { CoreSettings } from './core-settings.ts';
import type { FormationPeers } from './formation-core.ts';
import type { ComposeCore } from './rehearse.ts';
import type { ServerAccess } from './server-access.ts';

const load = () => import('./formation-core.ts');

/** Forming clusters: bound here, loaded when it is first called. */
export const formationImplementations = (
  settings: CoreSettings,
  access: ServerAccess,
  peers: FormationPeers,
  compose: ComposeCore,
  ask: AskCore,
): Implementation[] => {
  let made: ReturnType<typeof make> | null = null;
  const make = async () => {
    const { FormationCore } = await load();
    return new FormationCore(settings, access, peers, ask);
  };
  const core = () => (made ??= make());
  return [
    implement(formationCheckFile, async ({ text }) => {
      const { checkClusterFile } = await import('../operations/formation/parse-cluster-file.ts');
      return checkClusterFile(text);
    }),
    implement(formationLook, async (input, { signal }) => (await core()).look(localServer, input, signal)),
    implement(formationTake, async (input, { signal, caller }) =>
      (await core()).take(localServer, input, signal, printCaller(caller)),
    ),
    implement(formationLeave, async ({ formation, state }) => ({ left: (await core()).leave(formation, state) })),
    implement(formationPlan, async (input, { signal }) => (await core()).plan(input, signal)),
    implement(formationApply, async (input, { signal, progress, caller }) =>
      (await core()).apply(input, signal, progress, printCaller(caller)),
    ),
    implement(formationInit, async (input, { signal }) => (await core()).init(input, signal)),
    implement(formationStatus, async () => (await core()).status()),
    implement(formationPause, async () => (await core()).pause()),
    implement(formationContinue, async () => (await core()).goOn()),
    implement(formationCancel, async () => (await core()).cancel()),
    implement(formationSkip, async ({ step, reason }, { signal, caller }) =>
      (await core()).skip(step, reason, printCaller(caller), signal),
    ),
    implement(formationExport, async (input, { signal }) => {
      const { electronPrinter } = await import('./electron-printer.ts');
      return (await core()).export(input, signal, electronPrinter);
    }),
    implement(formationRehearse, async (input, { signal, progress }) => {
      const { rehearse } = await import('./rehearse.ts');
      return rehearse(compose, settings, input, signal, progress);
    }),
  ];
};
