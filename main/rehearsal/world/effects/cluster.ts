import * as cluster from '../changes/cluster/index.ts';
import * as roles from '../changes/roles.ts';
import type { EffectsOf } from './effect.ts';

/** What each change of roles and features does to a simulated server. */
export const rolesEffects: EffectsOf<'roles'> = {
  'roles.install': (change, { features, source }) => roles.installRoles(change, features, source),
  'roles.remove': (change, { features }) => roles.removeRoles(change, features),
};

/** What each change of the cluster does, asked for over one of its nodes. */
export const clusterEffects: EffectsOf<'cluster'> = {
  'cluster.create': (change, input) => cluster.createCluster(change, input),
  'cluster.destroy': (change) => cluster.destroyCluster(change),
  'cluster.addNode': (change, { node }) => cluster.addNode(change, node),
  'cluster.clearNode': (change, { node }) => cluster.clearNode(change, node),
  'cluster.evictNode': (change, { node }) => cluster.evictNode(change, node),
  'cluster.pauseNode': (change, { node }) => cluster.setPaused(change, node, true),
  'cluster.resumeNode': (change, { node }) => cluster.setPaused(change, node, false),
  'cluster.stopNode': (change, { node }) => cluster.stopNode(change, node),
  'cluster.startNode': (change, { node }) => cluster.startNode(change, node),
  'cluster.takeWitnessOffline': (change, { resource }) => cluster.setWitnessOnline(change, resource, false),
  'cluster.bringWitnessOnline': (change, { resource }) => cluster.setWitnessOnline(change, resource, true),
  'cluster.renameNetwork': (change, { network, newName }) => cluster.renameNetwork(change, network, newName),
  'cluster.setNetworkRole': (change, { network, role }) => cluster.setNetworkRole(change, network, role),
  'cluster.setNetworkMetric': (change, { network, metric }) => cluster.setNetworkMetric(change, network, metric),
  'cluster.setMigrationNetworks': (change, input) => cluster.setMigrationNetworks(change, input),
  'cluster.addDisk': (change, { disk }) => cluster.addDisk(change, disk),
  'cluster.removeDisk': (change, { disk }) => cluster.removeDisk(change, disk),
  'cluster.renameResource': (change, { disk, newName }) => cluster.renameResource(change, disk, newName),
  'cluster.addSharedVolume': (change, { disk }) => cluster.addSharedVolume(change, disk),
  'cluster.removeSharedVolume': (change, { disk }) => cluster.removeSharedVolume(change, disk),
  'cluster.renameSharedVolume': (change, { disk, newName }) => cluster.renameSharedVolume(change, disk, newName),
  'cluster.setQuorum': (change, { witness }) => cluster.setQuorum(change, witness),
  'cluster.setLowerQuorumPriority': (change, { node }) => cluster.setLowerQuorumPriority(change, node),
  'cluster.repairName': (change) => cluster.repairName(change),
  'cluster.moveGroup': (change, { group, node }) => cluster.moveGroup(change, group, node),
};
