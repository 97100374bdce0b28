import { join } from 'node:path';
import {
  clusterAcceptWarning,
  clusterListValidations,
  clusterPlanValidation,
  clusterReadValidation,
  clusterValidate,
} from '../../shared/contract/validation.ts';
import { clusterCheck, clusterObserve } from '../../shared/contract/cluster-check.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import { localFiles } from './local-files.ts';
import type { ServerAccess } from './server-access.ts';

/** What validations of a data folder are kept and read with. `ref`: whose; a simulated server has those of its formation as well. */
export const validationTools = async (dataFolder: string, ref?: ServerRef) => {
  const { KeptValidations } = await import('../operations/validation/kept-validations.ts');
  const formedIn = ref?.kind === 'rehearsal' ? join(dataFolder, 'rehearsed', ref.world) : null;
  return { kept: new KeptValidations(dataFolder, formedIn), files: localFiles };
};

/** Before the cluster: known failures, and Test-Cluster. Bound here, loaded when they are first called. */
export const validationImplementations = (
  dataFolder: string,
  { onServer }: ServerAccess,
  ask: AskCore,
): Implementation[] => [
  implement(clusterObserve, ({ server: ref, ...proposal }, { signal }) =>
    onServer(ref, async (server) =>
      (await import('../operations/cluster/check-servers.ts')).lookAtNode(server, proposal, signal),
    ),
  ),
  implement(clusterCheck, async ({ servers, facts, ...proposal }, { signal }) => {
    const { checkServers } = await import('../operations/cluster/check-servers.ts');
    const { readFactsFile } = await import('../operations/cluster/read-facts-file.ts');
    const looked = await Promise.all([
      // A peer reads itself; the core hands the call over.
      ...servers.map(async (ref) => ({
        facts: await ask('cluster.observe', { server: printServerRef(ref), ...proposal }, signal),
        file: null,
      })),
      ...facts.map((file) => readFactsFile(file, localFiles)),
    ]);
    return checkServers(looked, proposal);
  }),
  implement(clusterPlanValidation, ({ server: ref, ...ask }, { signal }) =>
    onServer(ref, async (server) => {
      const { planValidation } = await import('../operations/validation/plan-validation.ts');
      return (await planValidation(server, ask, await validationTools(dataFolder, server.ports.ref), signal)).plan;
    }),
  ),
  implement(clusterValidate, ({ server: ref, ...ask }, { signal, progress }) =>
    onServer(ref, async (server) => {
      const { validate } = await import('../operations/validation/validate.ts');
      return validate(server, ask, await validationTools(dataFolder, server.ports.ref), { signal, progress });
    }),
  ),
  implement(clusterListValidations, ({ server: ref }, { signal }) =>
    onServer(ref, async (server) => {
      const [{ viewOf }, { readNode }, { validatedElsewhere }, { kept }] = await Promise.all([
        import('../operations/host/read-host.ts'),
        import('../operations/plans/read-part.ts'),
        import('../operations/formation/validated-elsewhere.ts'),
        validationTools(dataFolder, server.ports.ref),
      ]);
      const node = await readNode(server, signal);
      return {
        server: viewOf(server, node),
        validations: [...kept.of(server.name, node)],
        elsewhere: server.ports.ref.kind === 'local' ? validatedElsewhere(server.journal, dataFolder) : null,
      };
    }),
  ),
  implement(clusterReadValidation, ({ server: ref, id }) =>
    onServer(ref, async (server) => {
      const { readKept } = await import('../operations/validation/validate.ts');
      return readKept(server, id, await validationTools(dataFolder, server.ports.ref));
    }),
  ),
  implement(clusterAcceptWarning, ({ server: ref, ...given }, { caller }) =>
    onServer(ref, async (server) => {
      const { acceptWarnings } = await import('../operations/validation/validate.ts');
      return acceptWarnings(server, given, await validationTools(dataFolder, server.ports.ref), printCaller(caller));
    }),
  ),
];
