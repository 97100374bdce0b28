import { clusterEvents, clusterReadReport, clusterReadValidationReport } from '../../shared/contract/cluster.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { localFiles } from './local-files.ts';
import type { ServerAccess } from './server-access.ts';

/** The cluster: bound here, loaded when it is first called. */
export const clusterImplementations = (
  dataFolder: string,
  { onServer }: Pick<ServerAccess, 'onServer'>,
): Implementation[] => [
  implement(clusterReadReport, ({ server: ref, path }, { signal }) =>
    onServer(ref, async (server) =>
      (await import('../operations/cluster/read-report.ts')).readReport(server, path, dataFolder, signal),
    ),
  ),
  implement(clusterEvents, ({ server: ref, ...asked }, { signal }) =>
    onServer(ref, async (server) =>
      (await import('../operations/cluster/read-events.ts')).readEvents(server, asked, signal),
    ),
  ),
  implement(clusterReadValidationReport, async ({ file }) => {
    const { readValidationReport } = await import('../operations/cluster/read-validation-report.ts');
    return readValidationReport(file, localFiles);
  }),
];
