import { between, rest, type Change } from '../../change.ts';
import { nameFault } from '../../cluster-view.ts';
import { mayCreateComputers } from '../../directory-view.ts';
import { reachesDomain } from '../../reach.ts';
import { refuse } from '../../refusal.ts';
import { clusterOf } from './access.ts';

/** The account of the name gets the password that the cluster keeps, with the rights of the caller; the name stays as it is until it is brought online. */
export const repairNameAccount = (change: Change): void => {
  const { world, server } = change;
  const cluster = clusterOf(change);
  const { name } = cluster;
  if (server.version !== '2025') throw refuse('cluster.name.repairByHand', { name });
  const domain = server.membership.kind === 'domain' ? server.membership.name : null;
  if (domain === null || !reachesDomain(world, server, domain))
    throw refuse('cluster.name.repairFailed', { name, reason: 'no domain controller answers' });
  if (!mayCreateComputers(world, domain)) throw refuse('cluster.name.rightsMissing', { name });
  const account = nameFault(world, name);
  if (account === null) return;
  if (account !== 'passwordDiffers')
    throw refuse('cluster.name.repairFailed', { name, reason: `the account is ${account}` });
  rest(change, 'cluster.name.account');
  rest(change, 'cluster.name.repair');
  world.faults = world.faults.filter(({ kind }) => kind !== 'clusterNameFails');
  cluster.isNameOffline = true;
};

/** Brings the name online, which logs on to its account. */
export const bringNameOnline = (change: Change): void => {
  const cluster = clusterOf(change);
  if (nameFault(change.world, cluster.name) !== null)
    throw refuse('cluster.name.repairFailed', { name: cluster.name, reason: 'the name cannot log on to its account' });
  delete cluster.isNameOffline;
};

export const repairName = (change: Change): void => {
  repairNameAccount(change);
  between(change);
  bringNameOnline(change);
};
