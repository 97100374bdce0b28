import * as z from 'zod';
import { nameAccountTrouble } from '../../model/cluster.ts';
import { judge, no, unknown, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterLock, clusterTool, judgeCluster } from './cluster.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({ do: z.literal('cluster.repairName'), name: z.string() });

const refusals = { missing: 'CLUSTER_NAME_ACCOUNT_MISSING', disabled: 'CLUSTER_NAME_ACCOUNT_DISABLED' } as const;

/**
 * Gives the account of the cluster's name the password that the cluster keeps (Repair-ClusterNameAccount), and brings the name online. It makes no account
 * that is not there. Microsoft, "Understanding the Repair Active Directory Object Recovery Action". Throws `CLUSTER_NAME_REPAIR_BY_HAND`,
 * `CLUSTER_NAME_RIGHTS_MISSING`, `CLUSTER_NAME_REPAIR_FAILED`.
 */
export const repairName: ChangeKind<typeof schema, 'cluster'> = {
  schema,
  area: 'cluster',
  script: 'Repair-FailoverClusterName',
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: () => clusterLock,
  words: ({ name }, { state }) => ({
    title: `Repair the account of ${name} in Active Directory`,
    why: `${name} ${(state.cluster && nameAccountTrouble(state.cluster)) ?? 'is asked to be repaired'}. It needs "Reset password" on that account, and brings the name online.`,
    manual: `${clusterTool}: the cluster, Cluster Core Resources, the name, More Actions, Repair Active Directory Object (on Windows Server before 2025 the only way).`,
  }),
  refusal: ({ name }, { state: { cluster } }): PlannedRefusal | null => {
    if (!cluster) return null;
    if (!isSameName(cluster.name, name))
      return { code: 'CLUSTER_OBJECT_GONE', detail: { thing: `the cluster ${name}` } };
    if (cluster.accessPoint !== 'activeDirectoryAndDns')
      return { code: 'CLUSTER_NAME_WITHOUT_ACCOUNT', detail: { name } };
    const account = cluster.nameAccount?.account;
    return account === 'missing' || account === 'disabled' ? { code: refusals[account], detail: { name } } : null;
  },
  undo: () => null,
  stays: 'The old password is not known, and nothing uses it.',
  done: ({ name }, observed) =>
    judgeCluster(observed, (cluster) => {
      if (!isSameName(cluster.name, name)) return no(`${observed.node} is a node of ${cluster.name}`);
      if (cluster.accessPoint !== 'activeDirectoryAndDns') return no(`${name} has no account`);
      if (!cluster.nameAccount) return unknown(`the name of ${cluster.name} was not read`);
      const { state } = cluster.nameAccount;
      const trouble = nameAccountTrouble(cluster);
      return judge(state === 'online' && trouble === null, trouble ? `${name} ${trouble}` : `${name} reads ${state}`);
    }),
};
