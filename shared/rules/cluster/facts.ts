import * as z from 'zod';
import { clusterStateSchema } from '../../model/cluster.ts';
import { diskPolicySchema, diskSchema } from '../../model/disk.ts';
import { hostStateSchema, pendingRestartSchema } from '../../model/host.ts';
import { nameLookupSchema } from '../../model/name-lookup.ts';
import { nicSchema } from '../../model/nic.ts';
import { rolesStateSchema } from '../../model/roles.ts';
import { initiatorStateSchema } from '../../model/windows-iscsi.ts';

export const clusterFactsSchemaId = 'quorate.cluster-facts';
export const clusterFactsSchemaVersion = 1;

const part = <Value extends z.ZodType>(value: Value) =>
  z.union([z.object({ value, because: z.null() }), z.object({ value: z.null(), because: z.string() })]);

/** Of a NIC what the rules look at. */
export const checkedNicSchema = nicSchema.pick({
  interfaceGuid: true,
  name: true,
  macAddress: true,
  permanentAddress: true,
  isHardware: true,
  addresses: true,
  gateways: true,
});
export type CheckedNic = z.infer<typeof checkedNicSchema>;

/** Of a disk what the rules look at. */
export const checkedDiskSchema = diskSchema.pick({
  uniqueId: true,
  serialNumber: true,
  busType: true,
  isBoot: true,
  partitionStyle: true,
});
export type CheckedDisk = z.infer<typeof checkedDiskSchema>;

/** What a future node shows of itself, as the known-failure rules look at it: from the server, or from the file that was written there. */
export const clusterFactsSchema = z.object({
  schema: z.literal(`${clusterFactsSchemaId}/${clusterFactsSchemaVersion}`),
  /** ISO 8601. */
  readAt: z.string(),
  node: z.string().min(1),
  host: part(hostStateSchema),
  pendingRestart: part(pendingRestartSchema),
  nics: part(z.array(checkedNicSchema)),
  initiator: part(initiatorStateSchema),
  disks: part(z.array(checkedDiskSchema)),
  policy: part(diskPolicySchema),
  roles: part(rolesStateSchema),
  cluster: part(clusterStateSchema),
  /** What it found of the name that the cluster is to have; null: it was not asked. */
  name: part(nameLookupSchema).nullable(),
  /** What it heard of the addresses that it was asked about; one whose network it is not in is left out. */
  probes: z.array(z.object({ address: z.string(), heard: z.enum(['free', 'answered', 'unknown']) })),
});
export type ClusterFacts = z.infer<typeof clusterFactsSchema>;
