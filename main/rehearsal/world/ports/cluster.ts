import * as z from 'zod';
import { desktopOnlyFeatures, roleFeatureNames, type RolesState } from '../../../../shared/model/roles.ts';
import { clusterStateOf, isClusteringInstalled } from '../cluster-view.ts';
import { eventLevels } from '../../../../shared/model/cluster-events.ts';
import { readClusterReport } from '../creation-report.ts';
import { eventsOf } from '../failover/event-log.ts';
import { lookUpName } from '../directory-view.ts';
import { machinesStateOf } from '../machines-view.ts';
import { refuse } from '../refusal.ts';
import { beginValidation, cancelValidation, endValidation, readValidation } from '../validation/run.ts';
import { listedTests } from '../validation/tests.ts';
import { changes, nothing, reads } from './method.ts';

export const rolesMethods = {
  'roles.readState': reads(nothing, ({ server }): RolesState => {
    const isRunning = server.features['Hyper-V']?.state === 'installed';
    return {
      features: roleFeatureNames.map((name) => ({
        name,
        state:
          server.core && desktopOnlyFeatures.has(name) ? 'notOffered' : (server.features[name]?.state ?? 'available'),
      })),
      hypervisorPresent: isRunning,
      managementService: isRunning ? 'running' : 'absent',
      unread: [],
    };
  }),
};

const run = z.object({ id: z.string() });

export const clusterMethods = {
  'cluster.readState': reads(nothing, ({ world, server }) => clusterStateOf(world, server)),
  'cluster.readEvents': reads(z.object({ minutes: z.number().int() }), (look, { minutes }) =>
    eventsOf(look, minutes).map(({ atMs, id, level, text }) => ({
      at: new Date(atMs).toISOString(),
      id,
      level: eventLevels[level - 1] ?? 'unknown',
      log: 'System',
      text,
    })),
  ),
  'cluster.readReport': reads(z.object({ path: z.string() }), ({ server }, { path }) =>
    readClusterReport(server, path),
  ),
  'cluster.lookUpName': reads(z.object({ name: z.string() }), (look, { name }) => lookUpName(look, name)),
  'cluster.listTests': reads(nothing, ({ server }) => {
    if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
    return listedTests(server.version).map(({ category, name }) => ({ category, name }));
  }),
  'cluster.beginValidation': changes(
    z.object({ nodes: z.array(z.string()), include: z.array(z.string()), ignore: z.array(z.string()) }),
    beginValidation,
  ),
  'cluster.readValidation': reads(run, ({ world, server, nowMs }, { id }) => readValidation(world, server, nowMs, id)),
  'cluster.cancelValidation': changes(run, (change, { id }) => cancelValidation(change, id)),
  'cluster.endValidation': changes(run, (change, { id }) => endValidation(change, id)),
};

export const machineMethods = {
  'machines.readState': reads(nothing, ({ world, server }) => machinesStateOf(world, server)),
};
