import type { OutputOf } from '../../shared/contract/define.ts';
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
  formationReadFile,
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
import { localFiles } from './local-files.ts';
import type { ComposeCore } from './rehearse.ts';
import type { ServerAccess } from './server-access.ts';

const load = () => import('./formation-core.ts');

/** Orders the core of a rehearsal that coordinates there. Throws FORM_NOT_RUNNING. */
const atRehearsal = async <Order extends typeof formationPause | typeof formationContinue | typeof formationCancel>(
  name: string,
  order: Order,
): Promise<OutputOf<Order>> => {
  const { orderRehearsal } = await import('./rehearse.ts');
  return order.output.parse(await orderRehearsal(name, order.name)) as OutputOf<Order>;
};

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
    implement(formationReadFile, async ({ file }) => {
      const { readInput } = await import('../operations/readiness/import-facts.ts');
      const { name, bytes } = await readInput(file, localFiles);
      return { name, text: new TextDecoder().decode(bytes) };
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
    implement(formationStatus, async ({ rehearsal }) => {
      if (rehearsal === undefined) return (await core()).status();
      const { rehearsedStatus } = await import('./rehearse.ts');
      return rehearsedStatus(settings.dataFolder, rehearsal);
    }),
    implement(formationPause, async ({ rehearsal }) =>
      rehearsal === undefined ? (await core()).pause() : atRehearsal(rehearsal, formationPause),
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
    implement(formationExport, async (input, { signal }) => {
      const { electronPrinter } = await import('./electron-printer.ts');
      if (input.rehearsal === undefined) return (await core()).export(input, signal, electronPrinter);
      const { exportRehearsed } = await import('./rehearse.ts');
      return exportRehearsed(settings.dataFolder, input.rehearsal, input, signal, electronPrinter);
    }),
    implement(formationRehearse, async (input, { signal, progress }) => {
      const { rehearse } = await import('./rehearse.ts');
      return rehearse(compose, settings, input, signal, progress);
    }),
  ];
};
