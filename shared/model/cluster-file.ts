import * as z from 'zod';
import { addressSchema, macSchema, normaliseAddress } from './address.ts';
import { fileSystems, normaliseLetter } from './disk.ts';
import { nicRoleSchema } from './nic.ts';
import { iscsiPort, loadBalancePolicies } from './windows-iscsi.ts';

/*
 * The cluster file: what a person wants several servers to become. It may hold comments, and never a secret: accounts and
 * CHAP users are named here, their secrets are asked for when they are needed.
 */

/** The version of the form that this program writes and reads. */
export const clusterFileVersion = 1;

const name = (most: number) => z.string().min(1).max(most);

/** `192.0.2.21/24`: an address with the prefix length of its network. */
const addressWithPrefix = z.string().refine((text) => {
  const [address, length, ...more] = text.split('/');
  return (
    more.length === 0 && normaliseAddress(address ?? '') !== null && length !== undefined && /^\d{1,3}$/.test(length)
  );
}, 'must be an address with its prefix length, such as 192.0.2.21/24');

const letter = z
  .string()
  .transform((text, context) => {
    const normal = normaliseLetter(text);
    if (normal !== null) return normal;
    context.addIssue({ code: 'custom', message: 'must be a drive letter from C to Z' });
    return z.NEVER;
  })
  .meta({ description: 'A drive letter from C to Z, with or without its colon.' });

const nicSchema = z.strictObject({
  mac: macSchema.describe('The burned-in MAC address: names and numbers of adapters change, this does not.'),
  role: nicRoleSchema.describe('What the adapter is for.'),
  name: name(255).optional().describe('The name that it is given; by its role when it is left out.'),
  addresses: z.array(addressWithPrefix).default([]).describe('Its static addresses. None: they come by DHCP.'),
  gateway: addressSchema.nullable().default(null).describe('Only the production adapter has one.'),
  dnsServers: z.array(addressSchema).default([]),
  jumboPacketBytes: z.number().int().min(1514).max(16_128).optional().describe('Bytes with the Ethernet header.'),
});
export type ClusterFileNic = z.output<typeof nicSchema>;

const serverSchema = z.strictObject({
  name: name(15).describe('The computer name that the server is to have.'),
  initiatorName: name(223)
    .optional()
    .describe(
      'The name of its iSCSI initiator. Left out: as Windows has it, or after its computer name with a storage host.',
    ),
  nics: z.array(nicSchema).min(1).describe('The server is known by the MAC addresses of its adapters.'),
});
export type ClusterFileServer = z.output<typeof serverSchema>;

const membershipSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('domain'),
    name: name(155),
    ou: z.string().nullable().default(null).describe('Distinguished name of the unit for the computer objects.'),
    account: name(256).describe('The account that may join, such as LAB\\installer. Its password is asked for.'),
  }),
  z.strictObject({ kind: z.literal('workgroup'), name: name(15) }),
]);

const lunSchema = z.strictObject({
  purpose: z.enum(['witness', 'data']),
  serial: name(252)
    .default('')
    .describe('The serial number that the target reports for the LUN (VPD page 80h). Left out where "disk" is named.'),
  disk: name(60)
    .optional()
    .describe('A disk of the storage host instead of a serial number, which it has only once it is made.'),
  letter: letter.optional().describe('Q for the witness and F for data when it is left out.'),
  label: z.string().max(32).default(''),
  fileSystem: z.enum(fileSystems).default('NTFS'),
  sharedVolume: z.boolean().default(false).describe('Make it a Cluster Shared Volume. It loses its letter.'),
  discardContent: z
    .boolean()
    .default(false)
    .describe('What is on the disk may be lost. Its serial number is asked for all the same.'),
});
export type ClusterFileLun = z.output<typeof lunSchema>;

const storageSchema = z.strictObject({
  target: name(223)
    .default('')
    .describe(
      'The iSCSI name of the target. With a storage host it may be left out: Windows names it after the server.',
    ),
  portals: z
    .array(
      z.strictObject({
        address: addressSchema,
        port: z.number().int().min(1).max(65_535).default(iscsiPort),
        path: z.enum(['iscsiA', 'iscsiB']).describe('The role of the adapters that log on to this portal.'),
      }),
    )
    .min(1),
  luns: z.array(lunSchema).min(1),
  multipath: z.boolean().default(true).describe('Microsoft MPIO over all paths. Without it only one path is used.'),
  loadBalancePolicy: z.enum(loadBalancePolicies).default('RR'),
  chapUser: name(223).nullable().default(null).describe('The CHAP user. Its secret is asked for.'),
});

/** The third machine of the procedure, where there is no target yet: Windows' own iSCSI Target Server. */
const storageHostSchema = z.strictObject({
  server: serverSchema.describe('It is no node: it gets a name, addresses and the role iSCSI Target Server.'),
  volume: z
    .strictObject({
      serial: name(252).describe('The serial number of the local disk that the volume is made on.'),
      letter: letter.default('E'),
      label: z.string().max(32).default('iSCSI'),
      discardContent: z
        .boolean()
        .default(false)
        .describe('What is on the disk may be lost. Its serial number is asked for all the same.'),
    })
    .optional()
    .describe('A volume for the virtual disks. Left out: the one that the folder names is there.'),
  folder: z
    .string()
    .regex(/^[A-Za-z]:\\[^\\/:*?"<>|]+(?:\\[^\\/:*?"<>|]+)?$/, 'must be a folder such as E:\\\\iSCSIVirtualDisks')
    .optional()
    .describe('Where the virtual disks lie: iSCSIVirtualDisks on the volume, or on C:, when it is left out.'),
  target: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, 'must be letters, digits, hyphens and dots')
    .default('cluster')
    .describe('The short name of the target. It admits the initiators of the nodes, and nobody else.'),
  disks: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,58}[A-Za-z0-9])?$/, 'must be letters, digits, hyphens and blanks')
          .describe('The name of the file, and what a LUN refers to it by.'),
        purpose: z.enum(['witness', 'data']),
        sizeMB: z
          .number()
          .int()
          .min(16)
          .max(64 * 1024 * 1024)
          .describe('In MiB, as everywhere in Windows.'),
        fixed: z
          .boolean()
          .default(true)
          .describe(
            'Take all of its room now. False: it grows, and can find the volume full while the cluster writes.',
          ),
      }),
    )
    .min(1)
    .max(64),
});
export type ClusterFileStorageHost = z.output<typeof storageHostSchema>;

const clusterSchema = z.strictObject({
  name: name(15),
  addresses: z.array(addressSchema).default([]).describe('Unused addresses of the production network; none: DHCP.'),
  administrativeAccessPoint: z
    .enum(['activeDirectoryAndDns', 'dns', 'none'])
    .optional()
    .describe('By the membership when it is left out: a workgroup has no Active Directory.'),
  witness: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('disk') }),
      z.strictObject({ kind: z.literal('fileShare'), path: name(260) }),
      z.strictObject({ kind: z.literal('none') }),
    ])
    .default({ kind: 'disk' }),
});

const switchSchema = z.strictObject({
  name: name(100).describe('The same on every server: virtual machines look for it by name when they move.'),
  kind: z.enum(['external', 'internal', 'private']).default('external'),
  role: nicRoleSchema.default('production').describe('The adapters with this role carry an external switch.'),
  sharedWithHost: z.boolean().default(true).describe('The server keeps a network adapter of its own on the switch.'),
});
export type ClusterFileSwitch = z.output<typeof switchSchema>;

const virtualMachineSchema = z.strictObject({
  name: name(100),
  memoryMB: z.number().int().min(32).default(2048),
  processors: z.number().int().min(1).max(240).default(2),
  diskGB: z.number().int().min(1).max(65_536).default(40),
  generation: z.union([z.literal(1), z.literal(2)]).default(2),
  switch: z.string().nullable().default(null),
  preferredOwners: z.array(z.string()).default([]),
  highlyAvailable: z.boolean().default(true),
});
export type ClusterFileVirtualMachine = z.output<typeof virtualMachineSchema>;

export const clusterFileSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(clusterFileVersion),
  /** JSON pointers of what was guessed, such as `/servers/0/nics/1/role`; a person looks at these first. */
  guessed: z.array(z.string().startsWith('/')).default([]),
  membership: membershipSchema.default({ kind: 'workgroup', name: 'WORKGROUP' }),
  servers: z.array(serverSchema).min(2).max(64),
  storage: storageSchema,
  storageHost: storageHostSchema.optional(),
  cluster: clusterSchema,
  switches: z.array(switchSchema).default([]),
  virtualMachines: z.array(virtualMachineSchema).default([]),
  afterRestart: z
    .enum(['logon', 'startup'])
    .default('logon')
    .describe(
      'How work goes on after a restart. "logon": when the account that Quorate runs as logs on again. "startup": before anyone logs on, in a task whose password Windows keeps until the formation is over; the password is asked for.',
    ),
  restartWaitSeconds: z
    .number()
    .int()
    .min(10)
    .max(14_400)
    .default(1200)
    .describe(
      'How long each restart of a server is waited for, in seconds, before the formation stops and names the server. More where a server takes longer to start.',
    ),
  /** What is tried once everything stands. */
  drill: z
    .strictObject({
      quickMigration: z.boolean().default(true),
      loseHost: z.boolean().default(true),
      restartServers: z.boolean().default(true),
    })
    .prefault({}),
});
/** What several servers are to become, with everything that was left out filled in. */
export type ClusterFile = z.output<typeof clusterFileSchema>;
export type ClusterFileInput = z.input<typeof clusterFileSchema>;

/** The letter of a LUN; a Cluster Shared Volume keeps none once it is one. */
export const letterOf = (lun: ClusterFileLun): string => lun.letter ?? (lun.purpose === 'witness' ? 'Q' : 'F');

/** How the cluster is found by its clients: as the file says, or as its membership allows. */
export const accessPointOf = (file: ClusterFile): 'activeDirectoryAndDns' | 'dns' | 'none' =>
  file.cluster.administrativeAccessPoint ?? (file.membership.kind === 'domain' ? 'activeDirectoryAndDns' : 'dns');

/** The names of adapters and cluster networks by role. */
export const roleLabels = {
  production: 'Production',
  clusterPrivate: 'Private',
  iscsiA: 'iSCSI A',
  iscsiB: 'iSCSI B',
  unused: 'Unused',
} as const;
