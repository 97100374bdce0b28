import { writeFileSync } from 'node:fs';
import { rest } from '../../../main/rehearsal/world/change.ts';
import { isClusteringInstalled } from '../../../main/rehearsal/world/cluster-view.ts';
import { eventsOf, stopEventsOf } from '../../../main/rehearsal/world/failover/event-log.ts';
import { NotModelled, refuse } from '../../../main/rehearsal/world/refusal.ts';
import { beginValidation, endValidation, readValidation } from '../../../main/rehearsal/world/validation/run.ts';
import { listedTests } from '../../../main/rehearsal/world/validation/tests.ts';
import { refuseCmdlet } from './behaviours.ts';
import { changer, net, reader, warning, type CimValue, type Cmdlet } from './cim.ts';
import { testObject } from './cluster-objects.ts';

/** Longer than all tests take by the clock of a rehearsal: the cmdlet answers at the end of its run. */
const afterAllMs = 3_600_000;

/** The events of the cluster in the logs of a server, by the one filter that the product asks with. */
const eventCmdlets: readonly Cmdlet[] = [
  reader('Get-WinEvent', 'FilterHashtable MaxEvents', (look, parameters) => {
    const [filter = {}] = parameters.objects('FilterHashtable');
    if (JSON.stringify(filter['Id']) === '[13,41,1074,6008]') {
      const written = stopEventsOf(look.server);
      if (look.server.wentDown !== undefined) rest(look, 'host.event.wentDown');
      if (written.length === 0) throw refuseCmdlet('events.none');
      return written.map(({ id, provider, atMs }) =>
        net('System.Diagnostics.Eventing.Reader.EventLogRecord', {
          ...{
            TimeCreated: { $date: new Date(atMs).toISOString() },
            Id: id,
            ProviderName: provider,
            LogName: 'System',
          },
        }),
      );
    }
    if (filter['ProviderName'] !== 'Microsoft-Windows-FailoverClustering')
      throw new NotModelled(`Get-WinEvent of ${String(filter['ProviderName'])}`);
    const { $date = '' } = filter['StartTime'] as { $date?: string };
    // The script counts back from the clock of its own process, and the world from the one of its rehearsal.
    const found = eventsOf(look, Math.round((Date.now() - Date.parse($date)) / 60_000));
    if (found.length === 0) throw refuseCmdlet('events.none');
    return found.map(({ atMs, id, level, node, text }) =>
      net('System.Diagnostics.Eventing.Reader.EventLogRecord', {
        TimeCreated: { $date: new Date(atMs).toISOString() },
        ...{ Id: id, Level: level, LogName: 'System', MachineName: node, Message: text },
        ProviderName: 'Microsoft-Windows-FailoverClustering',
      }),
    );
  }),
];

/** Test-Cluster: its list, and a whole run whose report lies where -ReportName says, with the extension that Windows gives it. */
export const validationCmdlets: readonly Cmdlet[] = [
  ...eventCmdlets,
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
