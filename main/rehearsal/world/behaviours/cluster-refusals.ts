import { clusterRefusals, type ClusterRefusal } from '../../../../shared/model/cluster-refusals.ts';
import type { ServerChangeName } from '../../../../shared/changes/index.ts';
import type { FailureCode } from '../../../../shared/messages/index.ts';
import { inferred, type Behaviour, type WindowsError } from '../behaviour.ts';

/*
 * Refusals that a rehearsal is given by the fault clusterRefuses. The numbers and what they mean are documented; that a cmdlet gives this one in
 * this case is inferred, but for what a source is named with.
 */

type On = Extract<ServerChangeName, `cluster.${string}` | `vm.${string}`>;

interface RefusalRow {
  readonly on: readonly On[];
  readonly number: Pick<WindowsError, 'win32' | 'hresult' | 'id'> | number;
  readonly failure: FailureCode;
  readonly source?: string;
}

const migration =
  'https://learn.microsoft.com/en-us/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues';
const joining: readonly On[] = ['cluster.create', 'cluster.addNode'];
const hresult = (number: number) => ({ id: 'OperationFailed', hresult: number | 0 });

const rows: Readonly<Record<ClusterRefusal, RefusalRow>> = {
  rpcUnavailable: { on: [...joining, 'cluster.evictNode'], number: 1722, failure: 'CLUSTER_NODE_UNREACHABLE' },
  networkPathNotFound: { on: joining, number: 53, failure: 'CLUSTER_NODE_UNREACHABLE' },
  noDomainController: {
    on: ['cluster.create'],
    number: { id: 'New-Cluster', hresult: 0xc000005e | 0 },
    failure: 'CLUSTER_NO_DOMAIN_CONTROLLER',
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/high-availability/creating-failover-cluster-fails-error-0xc0000055',
  },
  resourceNotFound: {
    on: ['cluster.removeDisk', 'cluster.renameResource', 'cluster.addSharedVolume', 'cluster.setQuorum'],
    number: 5007,
    failure: 'CLUSTER_OBJECT_GONE',
  },
  groupNotFound: {
    on: ['cluster.moveGroup', 'vm.move', 'vm.leaveCluster'],
    number: 5013,
    failure: 'CLUSTER_OBJECT_GONE',
  },
  networkNotFound: {
    on: ['cluster.renameNetwork', 'cluster.setNetworkRole'],
    number: 5045,
    failure: 'CLUSTER_OBJECT_GONE',
  },
  notAnOwner: {
    on: ['vm.move', 'cluster.moveGroup'],
    number: 5016,
    failure: 'CLUSTER_NODE_CANNOT_HOST',
    source: migration,
  },
  resourceOnline: { on: ['cluster.removeDisk'], number: 5019, failure: 'CLUSTER_DISK_IN_USE' },
  notQuorumCapable: { on: ['cluster.setQuorum'], number: 5021, failure: 'CLUSTER_WITNESS_REFUSED' },
  coreResource: { on: ['cluster.removeDisk'], number: 5026, failure: 'CLUSTER_DISK_IN_USE' },
  noMigrationNetwork: { on: ['vm.move'], number: 5035, failure: 'VM_MOVE_NO_NETWORK', source: migration },
  nodeNotAvailable: { on: ['cluster.moveGroup', 'vm.move'], number: 5036, failure: 'CLUSTER_NODE_DOWN' },
  noNodeAvailable: { on: ['cluster.moveGroup', 'vm.move'], number: 5037, failure: 'CLUSTER_NODE_DOWN' },
  resourceFailed: { on: ['cluster.moveGroup'], number: 5038, failure: 'CLUSTER_MOVE_FAILED' },
  nodeExists: {
    on: ['cluster.addNode'],
    number: 5040,
    failure: 'CLUSTER_NODE_IN_CLUSTER',
  },
  nodeUnreachable: { on: ['cluster.addNode', 'cluster.evictNode'], number: 5051, failure: 'CLUSTER_NODE_UNREACHABLE' },
  nodeNotMember: { on: ['cluster.pauseNode', 'cluster.moveGroup'], number: 5052, failure: 'CLUSTER_NODE_DOWN' },
  addressInUse: { on: ['cluster.create'], number: 5057, failure: 'CLUSTER_ADDRESS_TAKEN' },
  alreadyMember: { on: joining, number: 5065, failure: 'CLUSTER_NODE_IN_CLUSTER' },
  cannotHost: { on: ['cluster.moveGroup', 'vm.move'], number: 5071, failure: 'CLUSTER_NODE_CANNOT_HOST' },
  joinAborted: { on: ['cluster.addNode'], number: 5074, failure: 'CLUSTER_JOIN_ABORTED' },
  incompatibleVersions: { on: ['cluster.addNode'], number: 5075, failure: 'CLUSTER_VERSIONS_DIFFER' },
  quorumDiskNotFound: { on: ['cluster.setQuorum'], number: 5086, failure: 'CLUSTER_WITNESS_REFUSED' },
  membershipHalt: {
    on: ['cluster.addNode', 'cluster.pauseNode', 'cluster.moveGroup'],
    number: 5892,
    failure: 'CLUSTER_HALTED',
  },
  evictedUncleaned: { on: ['cluster.evictNode'], number: 5896, failure: 'CLUSTER_EVICTED_UNCLEANED' },
  cannotBeClustered: { on: joining, number: 5898, failure: 'CLUSTER_NODE_UNFIT' },
  wrongVersion: { on: joining, number: 5899, failure: 'CLUSTER_VERSIONS_DIFFER' },
  systemDriveConflict: { on: joining, number: 5903, failure: 'CLUSTER_SYSTEM_DRIVE_CONFLICT' },
  accountMismatch: { on: joining, number: 5905, failure: 'CLUSTER_ACCOUNT_MISMATCH' },
  portRefused: { on: ['vm.move'], number: 10_061, failure: 'VM_MOVE_PORT_CLOSED', source: migration },
  portTimedOut: { on: ['vm.move'], number: 10_060, failure: 'VM_MOVE_PORT_CLOSED', source: migration },
  noMemory: { on: ['vm.move'], number: 14, failure: 'VM_MOVE_NO_MEMORY', source: migration },
  noResources: { on: ['vm.move'], number: 1450, failure: 'VM_MOVE_NO_MEMORY', source: migration },
  fileNotOpened: {
    on: ['vm.move'],
    number: hresult(0xc03a0014),
    failure: 'VM_MOVE_FILE_UNREACHABLE',
    source: migration,
  },
  noCredentials: { on: ['vm.move'], number: hresult(0x8009030e), failure: 'VM_MOVE_NOT_TRUSTED', source: migration },
  logonNotGranted: { on: ['vm.move'], number: 1385, failure: 'VM_MOVE_NOT_TRUSTED', source: migration },
};

type Id = `cluster.refuses.${ClusterRefusal}`;

/** Which changes a refusal can be of. */
export const refusedChanges = (name: ClusterRefusal): readonly On[] => rows[name].on;

const cmdletOf: Readonly<Partial<Record<On, string>>> = {
  'cluster.create': 'New-Cluster',
  'cluster.addNode': 'Add-ClusterNode',
  'cluster.evictNode': 'Remove-ClusterNode',
  'cluster.pauseNode': 'Suspend-ClusterNode',
  'cluster.moveGroup': 'Move-ClusterGroup',
  'cluster.removeDisk': 'Remove-ClusterResource',
  'cluster.renameResource': 'Get-ClusterResource',
  'cluster.addSharedVolume': 'Add-ClusterSharedVolume',
  'cluster.setQuorum': 'Set-ClusterQuorum',
  'cluster.renameNetwork': 'Get-ClusterNetwork',
  'cluster.setNetworkRole': 'Get-ClusterNetwork',
  'vm.move': 'Move-ClusterVirtualMachineRole',
  'vm.leaveCluster': 'Remove-ClusterGroup',
};

export const clusterRefusalBehaviours = Object.fromEntries(
  Object.entries(rows).map(([name, { on, number, failure, source = inferred }]): [Id, Behaviour] => {
    const words = clusterRefusals[name as ClusterRefusal];
    const at = [...new Set(on.map((one) => cmdletOf[one] ?? one))];
    return [
      `cluster.refuses.${name as ClusterRefusal}`,
      {
        kind: 'refusal',
        what: `It is refused: ${words}.`,
        at,
        source,
        error: {
          ...(typeof number === 'number' ? { id: at[0]!, win32: number } : number),
          category: 'NotSpecified',
          message: `An error occurred while performing the operation: ${words}.`,
        },
        failure,
      },
    ];
  }),
) as Readonly<Record<Id, Behaviour>>;
