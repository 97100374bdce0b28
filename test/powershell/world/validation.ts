import { writeFileSync } from 'node:fs';
import { isClusteringInstalled } from '../../../main/rehearsal/world/cluster-view.ts';
import { NotModelled, refuse } from '../../../main/rehearsal/world/refusal.ts';
import { beginValidation, endValidation, readValidation } from '../../../main/rehearsal/world/validation/run.ts';
import { listedTests } from '../../../main/rehearsal/world/validation/tests.ts';
import { changer, net, warning, type CimValue, type Cmdlet } from './cim.ts';
import { testObject } from './cluster-objects.ts';

/** Longer than all tests take by the clock of a rehearsal: the cmdlet answers at the end of its run. */
const afterAllMs = 3_600_000;

/** Test-Cluster: its list, and a whole run whose report lies where -ReportName says, with the extension that Windows gives it. */
export const validationCmdlets: readonly Cmdlet[] = [
  changer('Test-Cluster', 'List Node Include Ignore ReportName', (change, parameters): CimValue[] => {
    const { server, world, nowMs } = change;
    if (parameters.boolean('List') === true) {
      if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
      return listedTests(server.version).map(({ category, name }) => testObject(category, name));
    }
    const path = parameters.text('ReportName');
    if (path === null) throw new NotModelled('Test-Cluster without -ReportName');
    const { id } = beginValidation(change, {
      nodes: parameters.texts('Node'),
      include: parameters.texts('Include'),
      ignore: parameters.texts('Ignore'),
    });
    const ended = readValidation(world, server, nowMs + afterAllMs, id)?.ended;
    endValidation(change, id);
    if (!ended) throw new NotModelled('a run of Test-Cluster that takes longer than an hour');
    const file = `${path}.htm`;
    writeFileSync(file, ended.html);
    return [net('System.IO.FileInfo', { FullName: file, Exists: true }), ...ended.warnings.map(warning)];
  }),
];
