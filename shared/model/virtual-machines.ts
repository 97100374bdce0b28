import * as z from 'zod';
import { unreadSchema } from './observed.ts';

/**
 * `VMState` of Hyper-V that a person acts on; the others are `other`. `critical` stands for all states whose names end so (`OffCritical`, `PausedCritical`):
 * Hyper-V cannot reach the machine's configuration or a disk of it (learn.microsoft.com/powershell/module/hyper-v/set-vm, AutomaticCriticalErrorAction).
 */
export const machineStates = [
  'off',
  'running',
  'saved',
  'paused',
  'starting',
  'stopping',
  'critical',
  'other',
] as const;

/** What a file of a virtual machine is for. */
export const machineFileKinds = ['configuration', 'disk', 'checkpoint', 'paging', 'dvd', 'floppy'] as const;

export const machineFileSchema = z.object({ kind: z.enum(machineFileKinds), path: z.string() });
export type MachineFile = z.infer<typeof machineFileSchema>;

/** `ClusterGroup.Priority`: 3000, 2000, 1000 and 0 (learn.microsoft.com, "Clustered role priority"). */
export const machinePriorities = { high: 3000, medium: 2000, low: 1000, noAutoStart: 0 } as const;
export type MachinePriority = keyof typeof machinePriorities;
export const machinePriorityNames = Object.keys(machinePriorities) as [MachinePriority, ...MachinePriority[]];

export const virtualMachineSchema = z.object({
  name: z.string(),
  /** The id of Hyper-V, which survives moves. */
  id: z.string(),
  /** The server that has it; one of a cluster is read from every node. */
  host: z.string(),
  state: z.enum(machineStates),
  generation: z.number().int(),
  memoryBytes: z.string(),
  /** The virtual switches that its network adapters are connected to. */
  switches: z.array(z.string()),
  files: z.array(machineFileSchema),
  /** Disks of the host that it has directly (pass-through), and graphics processors. */
  hostDevices: z.array(z.string()),
  /** `CompatibilityForMigrationEnabled` of its processor; null or left out: not read. */
  hasProcessorCompatibility: z.boolean().nullable().optional(),
  /** Null: not highly available. */
  role: z
    .object({
      group: z.string(),
      priority: z.number().int(),
      preferredOwners: z.array(z.string()),
      /** Possible owners of both of its resources; a node that is in one alone cannot take it. */
      possibleOwners: z.array(z.string()),
      antiAffinity: z.array(z.string()),
    })
    .nullable(),
});
export type VirtualMachine = z.infer<typeof virtualMachineSchema>;

export const virtualSwitchSchema = z.object({
  name: z.string(),
  kind: z.enum(['external', 'internal', 'private']),
  /** InterfaceGuids of the NICs behind an external one; several: switch embedded teaming. */
  nics: z.array(z.string()),
  /** Whether the host itself uses it, by a virtual NIC named `vEthernet (NAME)`. */
  hasHostNic: z.boolean(),
});
export type VirtualSwitch = z.infer<typeof virtualSwitchSchema>;

/**
 * Roles of a cluster that start together (`MSCluster_GroupSet`, Windows Server 2016 on). Microsoft, "Failover Clustering Sets for Start Ordering".
 */
export const startSetSchema = z.object({
  name: z.string(),
  /** Names of the roles in it. */
  machines: z.array(z.string()),
  /** Names of the sets that have to be ready before these machines start. */
  after: z.array(z.string()),
  /** When it counts as ready: a time after its start, or as soon as its roles are online. */
  ready: z.enum(['delay', 'online', 'unknown']),
  /** That time, in seconds. */
  delaySeconds: z.number().int(),
});
export type StartSet = z.infer<typeof startSetSchema>;
/** `StartupDelay` of a new set (same source). */
export const defaultStartDelaySeconds = 20;

export const machinesStateSchema = z.object({
  /** False where the role or its service is missing: nothing else is known then. */
  isHyperVRunning: z.boolean(),
  switches: z.array(virtualSwitchSchema),
  machines: z.array(virtualMachineSchema),
  /** `Win32_Processor.Name` of this server; null or left out: not read. */
  processor: z.string().nullable().optional(),
  /** Names of the cluster's nodes, which are the possible owners where nothing else was set; null: in no cluster, or not read. */
  clusterNodes: z.array(z.string()).nullable(),
  /** The order in which the cluster starts its roles; null or left out: in no cluster, or not read. */
  startSets: z.array(startSetSchema).nullable().optional(),
  unread: z.array(unreadSchema),
});
export type MachinesState = z.infer<typeof machinesStateSchema>;

const isInside = (path: string, folder: string): boolean => path.toLowerCase().startsWith(folder.toLowerCase());

/** The places that every node of a cluster reaches: cluster shared volumes, and letters of the cluster's own disks. */
export const isOnClusteredStorage = (path: string, letters: readonly string[]): boolean =>
  isInside(path, 'C:\\ClusterStorage\\') || letters.some((letter) => isInside(path, `${letter}:\\`));
