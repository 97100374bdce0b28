import * as z from 'zod';
import { heartbeatSchema, resiliencySchema } from '../model/cluster.ts';
import { windowsServers } from '../model/windows-server.ts';

/** The identity and version of a state file. A file may leave `schema` out; a newer version is refused. */
export const stateSchemaId = 'quorate.availability-state';
export const stateSchemaVersion = 1;
export const stateSchemaName = `${stateSchemaId}/${stateSchemaVersion}` as const;

const name = z.string().min(1).max(256);
/** Mebibytes; at most one exbibyte, so that sums stay exact. */
const megabytes = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);

export const vmPriorities = ['high', 'medium', 'low', 'noAutoStart'] as const;
/** The `Priority` of a virtual machine's group: 3000, 2000, 1000 and 0. */
export type VmPriority = (typeof vmPriorities)[number];

/** What a NIC, or a portal, is for; as in the product's NIC roles. */
export const linkRoles = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'] as const;
export type LinkRole = (typeof linkRoles)[number];

const stateNicSchema = z.object({
  name,
  /** Left out or null: not known. */
  role: z.enum(linkRoles).nullable().optional(),
  /** The physical switch at the other end; left out or null: not known. */
  switch: name.nullable().optional(),
});

export const stateNodeSchema = z.object({
  name,
  /** Physical memory. */
  memoryMB: megabytes,
  /** False: it was not read, `memoryMB` stands for nothing, and whether a virtual machine finds room there is not known. */
  isMemoryKnown: z.boolean().optional(),
  /** What the host keeps for itself: no virtual machine is placed into it. */
  reserveMB: megabytes,
  /** False: `NodeWeight` is 0, the node never votes. */
  vote: z.boolean().optional(),
  site: name.optional(),
  /** Power feeds; the node runs as long as one of them does. */
  power: z.array(name).optional(),
  nics: z.array(stateNicSchema).optional(),
  /** Make and model are in the Windows Server Catalog; left out or null: not looked up. */
  catalogued: z.boolean().nullable().optional(),
});

export const witnessKinds = ['disk', 'share', 'cloud'] as const;

const stateWitnessSchema = z.object({
  kind: z.enum(witnessKinds),
  /** The target whose fate it shares: a disk witness is a LUN of it. */
  target: name.optional(),
  lun: name.optional(),
  site: name.optional(),
  power: z.array(name).optional(),
});

const stateTargetSchema = z.object({
  name,
  site: name.optional(),
  power: z.array(name).optional(),
  portals: z
    .array(z.object({ address: name, network: z.enum(linkRoles).optional(), switch: name.nullable().optional() }))
    .optional(),
  luns: z.array(name).optional(),
  /** The target of which this one holds the same data at every moment, as the user states it. */
  mirrorOf: name.optional(),
  /** Read from the servers: every disk of the cluster has a path over another target, on every node. Left out: the mirror is stated. */
  isMirrorProven: z.boolean().optional(),
  /** True for a storage array; false for target software on a server. */
  hardware: z.boolean().optional(),
});

const stateVmSchema = z.object({
  name,
  /** Where it runs now. */
  node: name,
  /** Memory assigned to it. */
  memoryMB: megabytes,
  priority: z.enum(vmPriorities),
  preferredOwners: z.array(name).optional(),
  /** Left out: every node. An empty list: none. */
  possibleOwners: z.array(name).optional(),
  /** `AntiAffinityClassNames`. */
  antiAffinity: z.union([name, z.array(name)]).optional(),
  /** The target that holds its disks; left out: the only target there is, else not known. */
  target: name.optional(),
  lun: name.optional(),
  dynamicMemory: z.object({ startupMB: megabytes, minimumMB: megabytes }).optional(),
});

export const stateDocumentSchema = z.object({
  $schema: z.string().optional(),
  schema: z.literal(stateSchemaName).optional(),
  name: z.string().optional(),
  comment: z.string().optional(),
  nodes: z
    .array(stateNodeSchema)
    .min(1, 'names no node; at least one is needed')
    .max(64, 'names more nodes than a cluster can have; 64 is the limit'),
  /** Null: there is none. Left out: not known, and both are reckoned with. */
  witness: stateWitnessSchema.nullable().optional(),
  targets: z.array(z.union([name, stateTargetSchema])),
  vms: z.array(stateVmSchema).max(20_000),
  switches: z.array(z.object({ name, site: name.optional(), power: z.array(name).optional() })).optional(),
  cluster: z
    .object({
      operatingSystem: z.enum(windowsServers).optional(),
      /** `(Get-Cluster).DynamicQuorum`; default: from Windows Server 2012 on. */
      dynamicQuorum: z.boolean().optional(),
      /** Default: from Windows Server 2012 R2 on. */
      dynamicWitness: z.boolean().optional(),
      /** The node that `LowerQuorumPriorityNodeID` names. */
      lowerQuorumPriorityNode: name.nullable().optional(),
      /** `ClusterEnforcedAntiAffinity` is 1. */
      enforcedAntiAffinity: z.boolean().optional(),
      /** `ResiliencyLevel` and `ResiliencyDefaultPeriod`; left out: as a new cluster has them from Windows Server 2016 on. */
      resiliency: resiliencySchema.optional(),
      /** `SameSubnetDelay`, `SameSubnetThreshold` and those across subnets; left out: as a new cluster has them. */
      heartbeat: heartbeatSchema.optional(),
    })
    .optional(),
  multiSite: z
    .object({
      /** The same subnets at every site; left out or null: not known. */
      stretchedSubnets: z.boolean().nullable().optional(),
      /** As the user states it, such as `synchronous, by the arrays`. */
      replication: z.string().optional(),
    })
    .optional(),
});
export type StateDocument = z.input<typeof stateDocumentSchema>;
export type ParsedState = z.output<typeof stateDocumentSchema>;

export type StateNode = ParsedState['nodes'][number];
export type StateNic = NonNullable<StateNode['nics']>[number];
export type StateVm = ParsedState['vms'][number];
export type StateWitness = NonNullable<ParsedState['witness']>;
export type StateTarget = z.output<typeof stateTargetSchema>;
export type StateSwitch = NonNullable<ParsedState['switches']>[number];

/** A state with every target as an object: what the analysis works on. */
export type AvailabilityState = Omit<ParsedState, 'targets'> & { readonly targets: readonly StateTarget[] };
