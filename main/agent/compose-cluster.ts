import { clusterReadValidationReport } from '../../shared/contract/cluster.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { localFiles } from './local-files.ts';

/** The cluster: bound here, loaded when it is first called. */
export const clusterImplementations = (): Implementation[] => [
  implement(clusterReadValidationReport, async ({ file }) => {
    const { readValidationReport } = await import('../operations/cluster/read-validation-report.ts');
    return readValidationReport(file, localFiles);
  }),
];
