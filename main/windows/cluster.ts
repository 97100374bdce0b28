import * as z from 'zod';
import { prefixLengthOfMask } from '../../shared/model/address.ts';
import {
  clusterGroupSchema,
  clusterNetworkSchema,
  networkRoles,
  nodeStates,
  resiliencyLevels,
  resourceStates,
  type Cluster,
  type ClusterDisk,
  type ClusterName,
  type ClusterState,
  type NameAccount,
  type Heartbeat,
  type Resiliency,
  type WitnessKind,
} from '../../shared/model/cluster.ts';
import type { NameLookup } from '../../shared/model/name-lookup.ts';
import {
  featureStates,
  roleFeatureNames,
  roleFeatureSchema,
  rolesStateSchema,
  type RolesState,
} from '../../shared/model/roles.ts';
import type { ClusterPort, RolesPort } from '../ports/cluster-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { readClusterEvents } from './cluster-events.ts';
import { clusterReadErrors, reportErrors } from './errors/cluster-errors.ts';
import { lookUpName } from './name-lookup.ts';
import { nameOr } from './names.ts';
import { Gathering, partOf } from './part.ts';
import { createValidation } from './validation.ts';

const rolesAnswer = z.object({
  features: partOf(z.array(z.object({ name: z.string(), state: nameOr(featureStates, null) }))),
  hypervisorPresent: partOf(z.boolean()),
  managementService: partOf(nameOr(rolesStateSchema.shape.managementService.unwrap().options, null)),
});

const toRoles = (answer: z.output<typeof rolesAnswer>): RolesState => {
  const gathering = new Gathering();
  const read = gathering.read('features', answer.features) ?? [];
  return {
    features: roleFeatureNames.flatMap((name) => {
      const found = read.find((one) => roleFeatureSchema.safeParse(one.name).data === name);
      if (answer.features.ok && !found) return [{ name, state: 'notOffered' as const }];
      return found?.state ? [{ name, state: found.state }] : [];
    }),
    hypervisorPresent: gathering.read('hypervisorPresent', answer.hypervisorPresent),
    managementService: gathering.read('managementService', answer.managementService),
    unread: gathering.unread,
  };
};

/** The roles port over scripts. */
export const createRolesPort = (runner: Runner): RolesPort => ({
  async readState(options) {
    const call = { script: 'Get-RoleState', input: { features: roleFeatureNames }, timeoutMs: 180_000 };
    return toRoles(await readWith(runner, call, rolesAnswer, { call: options, errors: [] }));
  },
});

const list = <Schema extends z.ZodType>(schema: Schema) => partOf(z.array(schema)).optional();

const clusterAnswer = z.object({
  service: z.enum(['absent', 'running', 'stopped']),
  startMode: z.string().nullable(),
  hasDatabase: partOf(z.boolean()),
  cluster: partOf(
    z.object({
      name: z.string(),
      accessPoint: nameOr(['activeDirectoryAndDns', 'dns', 'none'], 'none', {
        activeDirectory: 'activeDirectoryAndDns',
      }),
      functionalLevel: z.number().nullable(),
      dynamicQuorum: z.number().nullable(),
      witnessDynamicWeight: z.number().nullable(),
      lowerQuorumPriorityNodeId: z.number().nullable(),
      resiliencyLevel: z.string().nullable(),
      resiliencyDefaultPeriod: z.number().nullable(),
      sameSubnetDelay: z.number().nullable(),
      sameSubnetThreshold: z.number().nullable(),
      crossSubnetDelay: z.number().nullable(),
      crossSubnetThreshold: z.number().nullable(),
    }),
  ).nullable(),
  nodes: list(
    z.object({
      name: z.string(),
      id: z.string(),
      state: nameOr(nodeStates, 'unknown'),
      status: z.string().nullable(),
      assignedVote: z.number(),
      currentVote: z.number(),
    }),
  ),
  networks: list(
    z.object({
      id: z.string(),
      name: z.string(),
      // ClusterNetworkRole: 0 None, 1 Cluster, 3 ClusterAndClient.
      role: nameOr(networkRoles, 'none', { 0: 'none', 1: 'cluster', 3: 'clusterAndClient' }),
      metric: z.number(),
      autoMetric: z.boolean(),
      address: z.string(),
      addressMask: z.string(),
      state: nameOr(clusterNetworkSchema.shape.state.options, 'unknown'),
    }),
  ),
  groups: list(
    z.object({
      name: z.string(),
      // CLUSGROUP_TYPE of clusapi.h, where a module shows the number: 1 core cluster, 2 available storage, 111 virtual machine.
      kind: nameOr(clusterGroupSchema.shape.kind.options, 'other', {
        1: 'cluster',
        2: 'availableStorage',
        111: 'virtualMachine',
      }),
      ownerNode: z.string(),
      state: nameOr(clusterGroupSchema.shape.state.options, 'unknown', { partialOnline: 'partial' }),
    }),
  ),
  resources: list(
    z.object({
      name: z.string(),
      kind: z.string(),
      group: z.string(),
      ownerNode: z.string(),
      state: nameOr(resourceStates, 'unknown'),
    }),
  ),
  owners: list(z.object({ group: z.string(), nodes: z.array(z.string()) })),
  parameters: list(z.object({ resource: z.string(), name: z.string(), value: z.string() })),
  /** Of the partitions on disks of the cluster: their letter with a colon, or a path of the device. */
  partitions: list(z.object({ resource: z.string(), path: z.string() })),
  quorum: partOf(z.object({ resource: z.string().nullable(), kind: z.string().nullable() })).optional(),
  sharedVolumes: list(
    z.object({
      name: z.string(),
      ownerNode: z.string(),
      state: nameOr(resourceStates, 'unknown'),
      path: z.string(),
    }),
  ),
  /** Disks by their key: the GUID of a GPT, the signature of an MBR (ConvertTo-DiskKey). */
  availableDisks: list(z.string()),
  localDisks: list(z.object({ uniqueId: z.string(), key: z.string(), size: z.string() })),
});
type Answer = z.output<typeof clusterAnswer>;

/** The names that resource types of a witness have been seen with (outputs of Get-ClusterQuorum). */
const witnessKindOf = (kind: string | null): WitnessKind => {
  if (kind === null) return 'none';
  const kinds: Readonly<Record<string, WitnessKind>> = {
    'Physical Disk': 'disk',
    'File Share Witness': 'share',
    'File Share Quorum Witness': 'share',
    'Cloud Witness': 'cloud',
  };
  return kinds[kind] ?? 'unknown';
};

const valuesOf = <T>(
  gathering: Gathering,
  name: string,
  part: { readonly ok: true; readonly data: readonly T[] } | { readonly ok: false } | undefined,
): readonly T[] => (part ? (gathering.read(name, part as never) ?? []) : []);

const disksOf = (answer: Answer, gathering: Gathering, witness: string | null): ClusterDisk[] => {
  const local = new Map(
    valuesOf(gathering, 'localDisks', answer.localDisks).flatMap((disk) => (disk.key === '' ? [] : [[disk.key, disk]])),
  );
  const keys = new Map(
    valuesOf(gathering, 'parameters', answer.parameters).flatMap(({ resource, name, value }) =>
      name.startsWith('Disk') && value !== '' ? [[resource, value]] : [],
    ),
  );
  const letters = new Map(
    valuesOf(gathering, 'partitions', answer.partitions).flatMap(({ resource, path }) =>
      /^[A-Za-z]:/.test(path) ? [[resource, path.slice(0, 1).toUpperCase()]] : [],
    ),
  );
  const of = (name: string) => {
    const found = local.get(keys.get(name) ?? '');
    return { disk: found?.uniqueId ?? null, sizeBytes: found?.size ?? null };
  };
  // Its name is that of the language in which the cluster was created.
  const available = valuesOf(gathering, 'groups', answer.groups).find(({ kind }) => kind === 'availableStorage');
  const shared = valuesOf(gathering, 'sharedVolumes', answer.sharedVolumes).map(
    ({ name, state, ownerNode, path }): ClusterDisk => ({
      name,
      state,
      group: name,
      ownerNode,
      use: 'sharedVolume',
      ...of(name),
      path: path || null,
      driveLetter: null,
    }),
  );
  const plain = valuesOf(gathering, 'resources', answer.resources)
    .filter(({ kind, name }) => kind === 'Physical Disk' && !shared.some((one) => one.name === name))
    .map(({ name, state, group, ownerNode }): ClusterDisk => {
      const isWitness = witness !== null && name.toLowerCase() === witness.toLowerCase();
      const use = isWitness ? 'witness' : group === available?.name ? 'available' : 'role';
      return { name, state, group, ownerNode, use, ...of(name), path: null, driveLetter: letters.get(name) ?? null };
    });
  return [...plain, ...shared];
};

/** The state of the witness's own resource. */
const stateOfResource = (
  answer: Answer,
  gathering: Gathering,
  name: string | null,
): Pick<Cluster['witness'], 'state'> => {
  const found = valuesOf(gathering, 'resources', answer.resources).find((one) => one.name === name);
  return found ? { state: found.state } : {};
};

/** The level comes as its name, or as its number where a module shows that. Null where the version has no compute resiliency. */
const resiliencyOf = (level: string | null, periodSeconds: number | null): Resiliency | null => {
  const at = resiliencyLevels.findIndex((name, index) => {
    const shown = level?.toLowerCase();
    return shown === name.toLowerCase() || shown === String(index + 1);
  });
  const found = resiliencyLevels[at];
  return found === undefined || periodSeconds === null ? null : { level: found, periodSeconds };
};

const heartbeatOf = (read: {
  readonly sameSubnetDelay: number | null;
  readonly sameSubnetThreshold: number | null;
  readonly crossSubnetDelay: number | null;
  readonly crossSubnetThreshold: number | null;
}): Heartbeat | null => {
  const { sameSubnetDelay, sameSubnetThreshold, crossSubnetDelay, crossSubnetThreshold } = read;
  return sameSubnetDelay === null ||
    sameSubnetThreshold === null ||
    crossSubnetDelay === null ||
    crossSubnetThreshold === null
    ? null
    : {
        sameSubnetDelayMs: sameSubnetDelay,
        sameSubnetThreshold,
        crossSubnetDelayMs: crossSubnetDelay,
        crossSubnetThreshold,
      };
};

/** Ids with semicolons between them; a cluster without Hyper-V has no such parameter, keeps nothing off and tries none first. */
const migrationIdsOf = (
  { parameters }: Answer,
  wanted: 'MigrationExcludeNetworks' | 'MigrationNetworkOrder',
): string[] | null => {
  if (!parameters?.ok) return null;
  const found = parameters.data.find(({ name }) => name === wanted);
  return (found?.value ?? '').split(';').filter((id) => id !== '');
};

const toCluster = (answer: Answer, gathering: Gathering): Cluster | null => {
  const whole = answer.cluster && gathering.read('cluster', answer.cluster);
  if (!whole) return null;
  const quorum = answer.quorum ? gathering.read('quorum', answer.quorum) : null;
  const nodes = valuesOf(gathering, 'nodes', answer.nodes);
  const networks = valuesOf(gathering, 'networks', answer.networks);
  const groups = valuesOf(gathering, 'groups', answer.groups);
  const owners = valuesOf(gathering, 'owners', answer.owners);
  const core = groups.find(({ kind }) => kind === 'cluster')?.name;
  const ofRoles = new Set(
    valuesOf(gathering, 'resources', answer.resources).flatMap(({ name, group }) =>
      core === undefined || group === core ? [] : [name],
    ),
  );
  const named = whole.lowerQuorumPriorityNodeId;
  return {
    name: whole.name,
    accessPoint: whole.accessPoint,
    // Those of roles are addresses of the roles.
    addresses: valuesOf(gathering, 'parameters', answer.parameters)
      .filter(({ resource, name, value }) => name === 'Address' && value !== '' && !ofRoles.has(resource))
      .map(({ value }) => value),
    functionalLevel: whole.functionalLevel,
    nodes: nodes.map(({ name, id, state, status, assignedVote, currentVote }) => ({
      name,
      id: Number(id),
      state: status === 'Isolated' ? 'isolated' : status === 'Quarantined' ? 'quarantined' : state,
      assignedVote,
      currentVote,
    })),
    networks: networks.map(({ addressMask, ...network }) => ({
      ...network,
      prefixLength: prefixLengthOfMask(addressMask) ?? 0,
    })),
    disks: disksOf(answer, gathering, quorum?.resource ?? null),
    groups: groups.map((group) => ({
      ...group,
      preferredOwners: [...(owners.find((one) => one.group === group.name)?.nodes ?? [])],
    })),
    witness: {
      kind: witnessKindOf(quorum?.kind ?? null),
      resource: quorum?.resource ?? null,
      path:
        valuesOf(gathering, 'parameters', answer.parameters).find(
          ({ resource, name }) => name === 'SharePath' && resource === quorum?.resource,
        )?.value ?? null,
      currentVote: whole.witnessDynamicWeight ?? 0,
      ...stateOfResource(answer, gathering, quorum?.resource ?? null),
    },
    dynamicQuorum: whole.dynamicQuorum === 1,
    lowerQuorumPriorityNode: named ? (nodes.find(({ id }) => Number(id) === named)?.name ?? null) : null,
    resiliency: resiliencyOf(whole.resiliencyLevel, whole.resiliencyDefaultPeriod),
    heartbeat: heartbeatOf(whole),
    migrationExcludes: migrationIdsOf(answer, 'MigrationExcludeNetworks'),
    migrationOrder: migrationIdsOf(answer, 'MigrationNetworkOrder'),
    availableDisks: valuesOf(gathering, 'availableDisks', answer.availableDisks).flatMap((id) => {
      const local = valuesOf(gathering, 'localDisks', answer.localDisks);
      const found = local.find(({ key }) => key !== '' && key === id);
      return found ? [found.uniqueId] : [];
    }),
  };
};

const nameKinds = ['Network Name', 'Distributed Network Name'];
/** StatusKerberos before the first Kerberos operation. */
const noKerberosYet = 0xff_ff_ff_ff;
/** ERROR_LOGON_FAILURE: unknown user name or bad password. */
const logonFailure = 1326;

/** The resource of the cluster's name with the code of its last Kerberos operation; null: there is none, or it was not read. */
const nameResourceOf = ({ resources, groups, parameters }: Answer) => {
  if (!resources?.ok || !groups?.ok) return null;
  const core = groups.data.find(({ kind }) => kind === 'cluster');
  const found = resources.data.find(({ kind, group }) => nameKinds.includes(kind) && group === core?.name);
  if (!found) return null;
  const code = parameters?.ok
    ? parameters.data.find(({ resource, name }) => resource === found.name && name === 'StatusKerberos')?.value
    : undefined;
  return { resource: found.name, state: found.state, kerberos: code ? Number(code) >>> 0 : noKerberosYet };
};

const accountOf = ({ object, unread }: NameLookup, kerberos: number): NameAccount => {
  if (unread.some(({ property }) => property === 'object')) return 'unknown';
  if (!object) return 'missing';
  if (object.isDisabled) return 'disabled';
  return kerberos === logonFailure ? 'passwordDiffers' : 'unknown';
};

/** The directory is asked only where the name does not log on. */
const nameAccountOf = async (
  answer: Answer,
  cluster: Cluster,
  lookUp: (name: string) => Promise<NameLookup>,
): Promise<ClusterName | null> => {
  const found = cluster.accessPoint === 'activeDirectoryAndDns' ? nameResourceOf(answer) : null;
  if (!found) return null;
  const { resource, state, kerberos } = found;
  if (state === 'online' && (kerberos === 0 || kerberos === noKerberosYet)) return { resource, state, account: 'fits' };
  return { resource, state, account: accountOf(await lookUp(cluster.name), kerberos) };
};

const toClusterState = (answer: Answer): ClusterState => {
  const gathering = new Gathering(clusterReadErrors);
  if (answer.service === 'absent') return { membership: 'notInstalled', cluster: null, unread: [] };
  if (answer.service === 'stopped') {
    // The service of a node starts by itself; without that, a database is what an unfinished creation left.
    const isNode = answer.startMode !== null && /^auto/i.test(answer.startMode);
    const hasDatabase = gathering.read('membership', answer.hasDatabase);
    const membership = isNode ? 'stopped' : hasDatabase ? 'leftover' : 'none';
    return { membership, cluster: null, unread: gathering.unread };
  }
  const cluster = toCluster(answer, gathering);
  return { membership: 'member', cluster, unread: gathering.unread };
};

/** The cluster port over scripts. */
export const createClusterPort = (runner: Runner): ClusterPort => ({
  async readState(options) {
    const call = { script: 'Get-FailoverClusterState', input: {}, timeoutMs: 180_000 };
    const answer = await readWith(runner, call, clusterAnswer, { call: options, errors: clusterReadErrors });
    const state = toClusterState(answer);
    const lookUp = (name: string): Promise<NameLookup> => lookUpName(runner, name, options);
    if (state.cluster) state.cluster.nameAccount = await nameAccountOf(answer, state.cluster, lookUp);
    return state;
  },
  readEvents: (minutes, options) => readClusterEvents(runner, minutes, options),
  lookUpName: (name, options) => lookUpName(runner, name, options),
  async readReport(path, options) {
    const call = { script: 'Get-FailoverClusterReport', input: { path } };
    return (await readWith(runner, call, z.object({ text: z.string() }), { call: options, errors: reportErrors })).text;
  },
  ...createValidation(runner),
});
