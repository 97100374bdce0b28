import type { ServerChangeName } from '../../../shared/changes/index.ts';
import type { Detail } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { ErrorContext, ErrorRow, ScriptError } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * What the cluster cmdlets refuse with. Numbers: "System Error Codes (4000-5999)",
 * https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--4000-5999-
 * Identifiers: reports of users at github.com/dsccommunity/FailoverClusterDsc (154, 180, 185, 197).
 */
const none = 'none' as const;

const reasonOf = (error: ScriptError): string => error.at.target ?? error.id.split(',', 1)[0] ?? error.id;

const nodeDetail = (_error: ScriptError, { input }: ErrorContext): Detail => ({
  node: inputText(input, 'node') || 'this server',
});

const row = (
  code: FailureCode,
  where: Pick<ErrorRow, 'id' | 'win32' | 'hresult' | 'command'>,
  detail: ErrorRow['detail'],
  effect: ErrorRow['effect'] = none,
): ErrorRow => ({ code, ...where, ...(detail ? { detail } : {}), ...(effect ? { effect } : {}) });

const service: readonly ErrorRow[] = [
  row('CLUSTER_SERVICE_STOPPED', { id: 'ClusterEndpointNotRegistered' }, nodeDetail),
];

/** For what only reads. */
export const clusterReadErrors: readonly ErrorRow[] = service;

export const reportErrors: readonly ErrorRow[] = [
  row('CLUSTER_REPORT_MISSING', { id: 'Quorate.ClusterReportMissing' }, (_error, { input }) => ({
    path: inputText(input, 'path'),
  })),
];

/** What a change was of, for the words of what is not there any more. */
const thingOf = (input: Readonly<Record<string, unknown>>): string => {
  const text = (name: string): string => inputText(input, name);
  if (text('group') !== '') return `the group ${text('group')}`;
  if (text('network') !== '') return `the network ${text('network')}`;
  if (text('disk') !== '') return `the disk ${text('disk')}`;
  return text('name') === '' ? 'what was asked for' : text('name');
};

/** Refusals whose number alone tells them, whatever was asked for. */
export const clusterNumbers: readonly ErrorRow[] = [
  row('CLUSTER_OBJECT_GONE', { win32: [5007, 5013, 5045] }, (_error, { input }) => ({ thing: thingOf(input) })),
  row('CLUSTER_NODE_CANNOT_HOST', { win32: [5016, 5071] }, (error, context) => ({
    ...nodeDetail(error, context),
    thing: thingOf(context.input),
  })),
  row('CLUSTER_NODE_DOWN', { win32: [5036, 5037, 5050, 5052] }, nodeDetail),
  row('CLUSTER_NODE_PAUSED', { win32: 5070 }, nodeDetail),
  row('CLUSTER_HALTED', { win32: 5892 }, nodeDetail),
];

const joining: readonly ErrorRow[] = [
  row('CLUSTER_JOIN_ABORTED', { win32: 5074 }, nodeDetail, 'partial'),
  row('CLUSTER_VERSIONS_DIFFER', { win32: [5075, 5899] }, nodeDetail),
  row('CLUSTER_NODE_UNFIT', { win32: 5898 }, nodeDetail),
  row('CLUSTER_SYSTEM_DRIVE_CONFLICT', { win32: 5903 }, nodeDetail),
  row('CLUSTER_ACCOUNT_MISMATCH', { win32: 5905 }, nodeDetail),
];

const textsIn = (input: Readonly<Record<string, unknown>>, name: string): readonly string[] => {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
};

/** Which node it was, Windows says in its sentence alone: the one of them that stands there, else all. */
const nodesDetail = (error: ScriptError, { input }: ErrorContext): Detail => {
  const named = textsIn(input, 'nodes');
  const found = named.filter((node) => error.message.toLowerCase().includes(node.toLowerCase()));
  return { node: (found.length === 1 ? found : named).join(', ') || 'this server' };
};

const nodes: readonly ErrorRow[] = [
  row('CLUSTER_NODE_UNREACHABLE', { id: ['ClusterNodeNotReachable', 'ClusterRpcConnection'] }, nodeDetail),
  row('CLUSTER_NODE_UNREACHABLE', { win32: [1722, 53, 5051] }, nodeDetail),
  // On whichever of the servers: this one's own rights are looked at where it happens (apply.ts).
  row('CLUSTER_RIGHTS_MISSING', { win32: 5 }, nodeDetail),
  row('CLUSTER_NODE_IN_CLUSTER', { win32: [5065, 5040] }, nodeDetail),
  row('CLUSTER_NODE_NOT_FOUND', { win32: 5042 }, nodeDetail),
  ...clusterNumbers,
  row('CLUSTER_LEFTOVER', { id: 'InvalidHandle' }, nodeDetail),
  row('CLUSTER_LEFTOVER', { win32: 6 }, nodeDetail),
];

/** For Test-Cluster, which cannot even be started where a node has no WMI or lacks the feature. */
export const validationErrors: readonly ErrorRow[] = [
  row('CLUSTER_RIGHTS_MISSING', { win32: 5 }, nodesDetail),
  row('VALIDATION_NODE_UNREACHABLE', { win32: [1722, 53] }, nodesDetail),
];

/** What New-FailoverCluster.ps1 found of the report: its path, and what it warns of in its own words, in whatever language; they are only shown. */
const reportOf = (error: ScriptError): { readonly report: string; readonly said: string } | null => {
  const [report = '', said = ''] = (error.at.target ?? '').split('\n');
  return /\.(?:html?|mht)$/i.test(report) ? { report, said: said.replace(/\.$/, '') } : null;
};

const createDetail = (error: ScriptError, { input }: ErrorContext): Detail => {
  const found = reportOf(error);
  return {
    ...{ name: inputText(input, 'name'), node: inputText(input, 'node') },
    reason: found ? found.said || 'Windows gave its reason in the report alone' : reasonOf(error),
    ...(found ? { report: found.report } : {}),
  };
};

const create: readonly ErrorRow[] = [
  row(
    'CLUSTER_CREATE_WARNED',
    { id: 'Quorate.ClusterCreateWarned' },
    (error, { input }) => {
      const { report = '', said = '' } = reportOf(error) ?? {};
      return { name: inputText(input, 'name'), report, reason: said || 'its name or address may not come online' };
    },
    'partial',
  ),
  row('CLUSTER_NO_DOMAIN_CONTROLLER', { hresult: 0xc000005e }, createDetail, 'partial'),
  row('CLUSTER_TIMED_OUT', { win32: 1460 }, createDetail, 'partial'),
  row('CLUSTER_NAME_TAKEN', { win32: [5900, 2224] }, createDetail),
  row('CLUSTER_ADDRESS_TAKEN', { win32: 5057 }, (_error, { input }) => ({
    address: (input['addresses'] as readonly string[] | undefined)?.join(', ') ?? '',
  })),
  row('CLUSTER_ADDRESS_NOT_IN_NETWORK', { win32: 5894 }, (_error, { input }) => ({
    address: (input['addresses'] as readonly string[] | undefined)?.join(', ') ?? '',
  })),
  row('CLUSTER_CREATE_FAILED', { command: 'New-Cluster' }, createDetail, 'partial'),
];

const diskDetail = (error: ScriptError, { input }: ErrorContext): Detail => ({
  disk: inputText(input, 'disk'),
  user: 'a role, the quorum or a shared volume',
  reason: reasonOf(error),
  witness: inputText(input, 'path') || 'The chosen disk',
  name: inputText(input, 'newName'),
});

const disks: readonly ErrorRow[] = [
  ...deniedAtOnce,
  row('CLUSTER_DISK_NOT_AVAILABLE', { id: 'Quorate.ClusterDiskNotAvailable' }, diskDetail),
  row('CLUSTER_RESOURCE_NAME_TAKEN', { win32: 5010 }, diskDetail),
  ...clusterNumbers,
  row('CLUSTER_DISK_IN_USE', { command: ['Remove-ClusterResource', 'Remove-ClusterSharedVolume'] }, diskDetail),
  row('CLUSTER_SHARED_VOLUME_FAILED', { command: 'Add-ClusterSharedVolume' }, diskDetail),
  row('CLUSTER_WITNESS_REFUSED', { command: 'Set-ClusterQuorum' }, diskDetail),
];

const networkDetail = (error: ScriptError, { input }: ErrorContext): Detail => ({
  network: inputText(input, 'network'),
  name: inputText(input, 'newName'),
  thing: `the network ${inputText(input, 'network')}`,
  reason: reasonOf(error),
});

const networks: readonly ErrorRow[] = [
  ...deniedAtOnce,
  row('CLUSTER_OBJECT_GONE', { id: 'Quorate.ClusterNetworkNotFound' }, networkDetail),
  ...clusterNumbers,
  row('CLUSTER_NETWORK_LAST_INTERNAL', { win32: 5066 }, networkDetail),
  row('CLUSTER_NETWORK_NAME_TAKEN', { win32: 5010 }, networkDetail),
];

const roleDetail = (error: ScriptError, { input }: ErrorContext): Detail => ({
  features: (input['features'] as readonly string[] | undefined)?.join(', ') ?? '',
  reason: reasonOf(error),
});

const roles: readonly ErrorRow[] = [
  row('ROLE_UNKNOWN', { id: 'NameDoesNotExist' }, roleDetail),
  row('ROLE_PREREQUISITE_FAILED', { id: ['Prerequisite_Error', 'Prerequisite_Error_Failed'] }, roleDetail),
  row('ROLE_SOURCE_MISSING', { id: 'DISMAPI_Error__Cbs_Download_Failure' }, roleDetail),
  row('ROLE_INSTALL_FAILED', { id: 'Quorate.FeatureFailed' }, roleDetail, 'unknown'),
  ...deniedAtOnce,
  row(
    'ROLE_INSTALL_FAILED',
    { command: ['Install-WindowsFeature', 'Add-WindowsFeature', 'Uninstall-WindowsFeature', 'Remove-WindowsFeature'] },
    roleDetail,
    'unknown',
  ),
];

const nameDetail = (_error: ScriptError, { input }: ErrorContext): Detail => ({ name: inputText(input, 'name') });

const reasonRow = (
  code: FailureCode,
  command: string | readonly string[],
  effect: ErrorRow['effect'] = 'unknown',
): ErrorRow =>
  row(
    code,
    { command },
    (error, { input }) => ({
      node: inputText(input, 'node'),
      name: inputText(input, 'name'),
      group: inputText(input, 'group'),
      resource: inputText(input, 'resource'),
      property: 'LowerQuorumPriorityNodeID',
      reason: reasonOf(error),
    }),
    effect,
  );

type ClusterChangeName = Extract<ServerChangeName, `cluster.${string}` | `roles.${string}`>;

export const clusterErrors: Readonly<Record<ClusterChangeName, readonly ErrorRow[]>> = {
  'roles.install': roles,
  'roles.remove': roles,
  'cluster.create': [...service, ...nodes, ...joining, ...create],
  'cluster.destroy': [...service, ...deniedAtOnce, reasonRow('CLUSTER_DESTROY_FAILED', 'Remove-Cluster', 'partial')],
  'cluster.addNode': [
    ...service,
    ...nodes,
    ...joining,
    reasonRow('CLUSTER_ADD_NODE_FAILED', 'Add-ClusterNode', 'partial'),
  ],
  'cluster.clearNode': [...nodes, reasonRow('CLUSTER_CLEAR_FAILED', 'Clear-ClusterNode')],
  'cluster.evictNode': [
    ...service,
    ...nodes,
    row('CLUSTER_EVICTED_UNCLEANED', { win32: 5896 }, nodeDetail, 'partial'),
    row('CLUSTER_LAST_NODE', { win32: 5068 }, nodeDetail),
    reasonRow('CLUSTER_EVICT_FAILED', 'Remove-ClusterNode'),
  ],
  'cluster.pauseNode': [...service, ...nodes, reasonRow('CLUSTER_DRAIN_FAILED', 'Suspend-ClusterNode', 'partial')],
  'cluster.resumeNode': [...service, ...nodes, reasonRow('CLUSTER_RESUME_FAILED', 'Resume-ClusterNode')],
  'cluster.stopNode': [...service, ...nodes, reasonRow('CLUSTER_STOP_NODE_FAILED', 'Stop-ClusterNode')],
  'cluster.startNode': [...nodes, reasonRow('CLUSTER_START_NODE_FAILED', 'Start-ClusterNode')],
  'cluster.takeWitnessOffline': [
    ...service,
    ...deniedAtOnce,
    reasonRow('CLUSTER_WITNESS_STATE_FAILED', 'Stop-ClusterResource'),
  ],
  'cluster.bringWitnessOnline': [
    ...service,
    ...deniedAtOnce,
    reasonRow('CLUSTER_WITNESS_STATE_FAILED', 'Start-ClusterResource'),
  ],
  'cluster.renameNetwork': [...service, ...networks],
  'cluster.setNetworkRole': [...service, ...networks],
  'cluster.setNetworkMetric': [...service, ...networks],
  'cluster.setMigrationNetworks': [
    ...service,
    ...networks,
    row('CLUSTER_MIGRATION_NETWORKS_REFUSED', { id: 'Quorate.MachineTypeMissing' }, (error) => ({
      reason: `the cluster has no resource type ${reasonOf(error)}`,
    })),
    row('CLUSTER_MIGRATION_NETWORKS_REFUSED', { command: 'Set-ClusterParameter' }, (error) => ({
      reason: reasonOf(error),
    })),
  ],
  'cluster.addDisk': [...service, ...disks],
  'cluster.removeDisk': [...service, ...disks],
  'cluster.renameResource': [...service, ...disks],
  'cluster.addSharedVolume': [...service, ...disks],
  'cluster.removeSharedVolume': [...service, ...disks],
  'cluster.renameSharedVolume': [
    ...service,
    row('CLUSTER_SHARED_VOLUME_ELSEWHERE', { id: 'Quorate.SharedVolumeElsewhere' }, (error, context) => ({
      ...diskDetail(error, context),
      node: reasonOf(error),
    })),
    ...deniedAtOnce,
    row('CLUSTER_FOLDER_RENAME_FAILED', { command: 'Rename-Item' }, diskDetail),
    ...disks,
  ],
  'cluster.setQuorum': [...service, ...disks],
  'cluster.setLowerQuorumPriority': [
    ...service,
    ...nodes,
    reasonRow('CLUSTER_PROPERTY_REFUSED', 'Set-FailoverClusterQuorumPriority.ps1'),
  ],
  'cluster.repairName': [
    row('CLUSTER_NAME_REPAIR_BY_HAND', { id: 'Quorate.ClusterNameRepairByHand' }, nameDetail),
    row('CLUSTER_OBJECT_GONE', { id: 'Quorate.ClusterNameNotFound' }, (_error, { input }) => ({
      thing: thingOf(input),
    })),
    ...service,
    row('CLUSTER_NAME_RIGHTS_MISSING', { win32: 5 }, nameDetail),
    reasonRow('CLUSTER_NAME_REPAIR_FAILED', ['Repair-ClusterNameAccount', 'Start-ClusterResource']),
  ],
  'cluster.moveGroup': [...service, ...nodes, reasonRow('CLUSTER_MOVE_FAILED', 'Move-ClusterGroup', none)],
};
