import * as z from 'zod';
import {
  featureStateOf,
  isHyperVRunning,
  roleFeatureSchema,
  roleFeatures,
  type RoleFeature,
} from '../../model/roles.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({
  do: z.literal('roles.install'),
  features: z.array(roleFeatureSchema).min(1),
  /** A folder or share with the payload, for features whose payload was removed; null: Windows Update or the image. */
  source: z.string().nullable(),
});

const namesOf = (features: readonly RoleFeature[]): string =>
  features.map((name) => roleFeatures[name].title).join(', ');

/**
 * Installs roles and features (Install-WindowsFeature). Those that want a restart are `installPending` until then. Throws
 * `ROLE_PREREQUISITE_FAILED`, `ROLE_SOURCE_MISSING`, `ROLE_INSTALL_FAILED`.
 */
export const installRoles: ChangeKind<typeof schema, 'roles'> = {
  schema,
  area: 'roles',
  script: 'Install-Role',
  timeoutMs: 3_600_000,
  restart: ({ features }) => (features.some((name) => roleFeatures[name].restart) ? 'after' : 'none'),
  parameters: ({ features, source }) => ({ features, source: source ?? '' }),
  subject: ({ features }) => [...features].sort(),
  words: ({ features }, { node, state }) => {
    const missing = features.filter((name) => featureStateOf(state, name) !== 'installed');
    const restarting = features.filter((name) => roleFeatures[name].restart);
    return {
      title: `Install ${namesOf(features)} on ${node}`,
      why:
        `Not installed yet: ${namesOf(missing)}. ` +
        (restarting.length > 0
          ? `${namesOf(restarting)} ${restarting.length === 1 ? 'needs' : 'need'} a restart.`
          : 'No restart is needed.'),
      manual: 'Server Manager: Manage, Add Roles and Features.',
    };
  },
  undo: ({ features }, { state }) => {
    const added = features.filter((name) => featureStateOf(state, name) === 'available');
    return added.length === 0
      ? null
      : {
          text: `Removes ${namesOf(added)} again. A feature that needs a restart to be installed also needs one to be removed.`,
          changes: [{ do: 'roles.remove', features: added }],
        };
  },
  isInForce: ({ state }) => state.features.every((one) => one.state !== 'installPending'),
  done: ({ features }, { state }) => {
    const unread = features.filter((name) => !state.features.some((one) => one.name === name));
    if (unread.length > 0) return unknown(`${namesOf(unread)} could not be read`);
    const missing = features.filter((name) => !['installed', 'installPending'].includes(featureStateOf(state, name)));
    if (missing.length > 0) return judge(false, `not installed: ${namesOf(missing)}`);
    // The feature's state alone says nothing: a hypervisor that the firmware keeps off leaves it installed.
    const isWaiting = featureStateOf(state, 'Hyper-V') === 'installPending';
    if (!features.includes('Hyper-V') || isWaiting) return judge(true, `installed: ${namesOf(features)}`);
    const runs = isHyperVRunning(state);
    return runs === null
      ? unknown('whether the hypervisor runs could not be read')
      : judge(
          runs,
          runs ? `installed, and the hypervisor is running` : 'Hyper-V is installed, but the hypervisor is not running',
        );
  },
};
