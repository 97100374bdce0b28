import * as z from 'zod';
import { featureStateOf, roleFeatureSchema, roleFeatures } from '../../model/roles.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('roles.remove'), features: z.array(roleFeatureSchema).min(1) });

const gone = new Set(['available', 'removed', 'uninstallPending', 'notOffered']);

/** Removes roles and features (Uninstall-WindowsFeature). Throws `ROLE_INSTALL_FAILED`. */
export const removeRoles: ChangeKind<typeof schema, 'roles'> = {
  schema,
  area: 'roles',
  script: 'Remove-Role',
  timeoutMs: 3_600_000,
  restart: ({ features }) => (features.some((name) => roleFeatures[name].restart) ? 'after' : 'none'),
  subject: ({ features }) => [...features].sort(),
  words: ({ features }, { node }) => {
    const names = features.map((name) => roleFeatures[name].title).join(', ');
    return {
      title: `Remove ${names} from ${node}`,
      why: `Installed, and no longer wanted: ${names}.`,
      manual: 'Server Manager: Manage, Remove Roles and Features.',
    };
  },
  undo: ({ features }) => ({
    text: 'Installs them again.',
    changes: [{ do: 'roles.install', features, source: null }],
  }),
  isInForce: ({ state }) => state.features.every((one) => one.state !== 'uninstallPending'),
  done: ({ features }, { state }) => {
    const left = features.filter((name) => !gone.has(featureStateOf(state, name)));
    return judge(
      left.length === 0,
      left.length === 0
        ? 'none of them is installed'
        : `still installed: ${left.map((name) => roleFeatures[name].title).join(', ')}`,
    );
  },
};
