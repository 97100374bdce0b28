import { desktopOnlyFeatures, roleFeatureNames, type RolesState } from '../../../../shared/model/roles.ts';
import { clusterStateOf } from '../cluster-view.ts';
import { machinesStateOf } from '../machines-view.ts';
import { nothing, reads } from './method.ts';

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

export const clusterMethods = {
  'cluster.readState': reads(nothing, ({ world, server }) => clusterStateOf(world, server)),
};

export const machineMethods = {
  'machines.readState': reads(nothing, ({ world, server }) => machinesStateOf(world, server)),
};
