import * as z from 'zod';
import { clusterRefusalNames } from './cluster-refusals.ts';

/*
 * Every fault that a rehearsal can be given, declared once: its words, what it has to be told and in which words it is asked
 * for. The contract, the world, `quorate rehearsal fault` and the form in the window are derived from it. NICs are named by
 * their name or InterfaceGuid, LUNs and networks by the names of the rehearsal.
 */

const server = z.string().min(1).max(15).describe('Server');
const nic = z.string().min(1).describe('Network adapter, by its name');
const network = z.string().min(1).describe('Network');
const during = z.string().min(1).describe('During the change, such as disk.initialize');
const anyRequest = z
  .string()
  .min(1)
  .nullable()
  .default(null)
  .describe('Only this request, such as nics.list; empty: all');
/** Longer than any deadline of the product, so that every deadline can be met in a rehearsal. */
const longestDelayMs = 3_600_000;

const fault = <Kind extends string, Shape extends z.core.$ZodLooseShape>(kind: Kind, text: string, shape: Shape) =>
  z.object({ kind: z.literal(kind), ...shape }).describe(text);

export const faultSchema = z.discriminatedUnion('kind', [
  fault('nicDown', 'the link of a network adapter is down', { server, nic }),
  fault('wrongVlan', 'the switch port of a network adapter is in another network', { server, nic, network }),
  fault('packetLoss', 'packets of a network adapter get lost', {
    server,
    nic,
    percent: z.coerce.number().int().min(1).max(100).default(10).describe('Percent that is lost'),
  }),
  fault('smallMtu', 'a switch of a network drops packets above a size', {
    network,
    mtuBytes: z.coerce.number().int().min(576).max(9216).default(1500).describe('Largest packet in bytes'),
  }),
  fault('portBlocked', 'the firewall of a server drops what is sent to a port', {
    server,
    protocol: z.enum(['tcp', 'udp']).default('udp').describe('Protocol'),
    port: z.coerce.number().int().min(1).max(65_535).default(3343).describe('Number of the TCP or UDP port'),
  }),
  fault('targetUnreachable', 'a target, or one of its portals, does not answer', {
    target: z.string().min(1).describe('Target'),
    portal: z.string().nullable().default(null).describe('Portal; empty: all'),
  }),
  fault('logonRefused', 'a target refuses the logon', {
    target: z.string().min(1).describe('Target'),
    initiator: z.string().nullable().default(null).describe('Initiator; empty: all'),
    reason: z.enum(['authorization', 'authentication']).default('authorization').describe('Why'),
  }),
  fault('diskReserved', 'a LUN is reserved by a foreign initiator', {
    lun: z.string().min(1).describe('Logical unit'),
    holder: z
      .string()
      .min(1)
      .default('iqn.1991-05.com.microsoft:stranger.example')
      .describe('Who holds it; empty: a foreign initiator'),
  }),
  fault('featureFails', 'installing a feature fails', { server, feature: z.string().min(1).describe('Feature') }),
  fault('featureSourceMissing', 'the files of a feature were removed, and no source has them', {
    server,
    feature: z.string().min(1).describe('Feature'),
  }),
  fault('virtualizationOff', 'virtualization is off in the firmware, so that Hyper-V is refused', { server }),
  /** Happens once, and leaves a half-created cluster behind. */
  fault('clusterCreateTimesOut', 'creating a cluster takes too long', { server }),
  /** Happens once; the cluster is there all the same. */
  fault('clusterCreateWarns', 'a cluster is created with a warning and a report', { server }),
  fault('clusterNameTaken', 'a name is in Active Directory or DNS already', {
    name: z.string().min(1).max(15).describe('Name'),
  }),
  fault('clusterNamePrestaged', 'a disabled computer object waits for a cluster of this name', {
    name: z.string().min(1).max(15).describe('Name'),
  }),
  fault('directoryDenies', 'the account may create no computer object in a domain', {
    domain: z.string().min(1).describe('Domain'),
  }),
  fault('clusterNameFails', 'the name of the cluster cannot log on to its account in Active Directory', {
    account: z.enum(['passwordDiffers', 'disabled', 'missing']).default('passwordDiffers').describe('The account'),
  }),
  fault('clusterRightsMissing', 'the account has no rights on a server', { server }),
  fault('nodeUnreachable', 'the other servers do not reach a server by RPC', { server }),
  fault('clusterServiceStopped', 'the cluster service of a server does not run', { server }),
  fault('nodeAddFails', 'adding a server to the cluster fails', { server }),
  fault('drainFails', 'a role of a node cannot be moved away', { server }),
  fault('witnessRefused', 'a change of the witness is refused on a server', { server }),
  fault('groupMoveFails', 'no group moves to a server', { server }),
  /** Of the changes that Windows refuses in this way, every one that is asked of this server. */
  fault('clusterRefuses', 'Windows refuses a change of the cluster with one of its errors', {
    server,
    refusal: z.enum(clusterRefusalNames).describe('Refusal'),
  }),
  fault('validationFinds', 'a test of Test-Cluster ends with a warning or fails', {
    test: z.string().min(1).default('Validate All Drivers Signed').describe('Test, by its name'),
    result: z.enum(['warning', 'failed']).default('warning').describe('Result'),
    text: z.string().min(1).default('The test found something.').describe('What it finds'),
  }),
  fault('switchFails', 'a virtual switch cannot be created', { server }),
  /** Happens once. */
  fault(
    'switchLosesAddress',
    'a virtual switch takes the network adapter of a server and loses its address on the way',
    {
      server,
    },
  ),
  fault('guestHangs', 'the operating system of a virtual machine does not answer', {
    name: z.string().min(1).describe('Virtual machine'),
  }),
  fault('migrationFails', 'no virtual machine moves to a server', {
    server,
    reason: z.string().min(1).default('port 6600 is blocked (0x8007274D)').describe('Why'),
  }),
  fault('restartNeverReturns', 'the server does not come back from a restart', { server }),
  fault('addressInUse', 'another machine has an address', {
    network,
    address: z.string().min(1).describe('Address'),
  }),
  /** Happens once. */
  fault('powerLoss', 'the server loses power during a change', {
    server,
    on: during,
    moment: z.enum(['before', 'during', 'after']).describe('Moment'),
  }),
  fault('propertyNotAccepted', 'a change of a network adapter property has no effect', {
    server,
    nic,
    property: z.string().min(1).describe('Property'),
  }),
  fault('accessDenied', 'everything is denied', { server }),
  fault('runsAs', 'another kind of account runs Quorate on a server', {
    server,
    account: z.enum(['system', 'networkService', 'managedService', 'local']).default('local').describe('Account'),
  }),
  fault('notAdministrator', 'the account that Quorate uses on the other servers is not an administrator on a server', {
    server,
  }),
  fault('domainUnreachable', 'no domain controller answers', { domain: z.string().min(1).describe('Domain') }),
  fault('slow', 'the server answers slowly', {
    server,
    byMs: z.coerce.number().int().min(1).max(longestDelayMs).describe('Milliseconds for each answer'),
    on: anyRequest,
  }),
  /** Until it is taken away, the server loses its power, or who asked gives up. */
  fault('hang', 'the server does not answer', { server, on: anyRequest }),
]);
/** A fault with everything that was left out filled in. */
export type Fault = z.output<typeof faultSchema>;
export type FaultKind = Fault['kind'];
/** A fault as it is asked for. */
export type FaultInput = z.input<typeof faultSchema>;

const schemaOf = (kind: FaultKind): (typeof faultSchema.options)[number] => {
  const found = faultSchema.options.find((option) => option.shape.kind.value === kind);
  if (!found) throw new Error(`there is no fault ${kind}`);
  return found;
};

export const faultKinds: readonly FaultKind[] = faultSchema.options.map((option) => option.shape.kind.value);

/** What is wrong with each thing that a fault is told, in words by its name; empty when nothing is. */
export const faultProblems = (fault: FaultInput): Readonly<Record<string, string>> => {
  const parsed = faultSchema.safeParse(fault);
  if (parsed.success) return {};
  const shape = schemaOf(fault.kind).shape as Record<string, z.ZodType>;
  return Object.fromEntries(
    parsed.error.issues.map(({ path: [name = ''] }) => {
      const schema = shape[String(name)];
      const bare = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
      return [
        String(name),
        bare instanceof z.ZodNumber
          ? `Type a whole number from ${bare.minValue} to ${bare.maxValue}.`
          : bare instanceof z.ZodString && bare.maxLength !== null
            ? `Type 1 to ${bare.maxLength} characters.`
            : 'Type a value.',
      ];
    }),
  );
};

/** A fault in words, for lists and help. */
export const faultText = (kind: FaultKind): string => schemaOf(kind).description ?? kind;

/** One thing that a fault has to be told. */
export interface FaultField {
  readonly name: string;
  readonly label: string;
  /** The values that it may have; null: any text. */
  readonly choices: readonly string[] | null;
  /** May it be left out? */
  readonly isOptional: boolean;
}

export const faultFields = (kind: FaultKind): FaultField[] =>
  Object.entries(schemaOf(kind).shape as Record<string, z.ZodType>)
    .filter(([name]) => name !== 'kind')
    .map(([name, schema]) => {
      const bare = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
      return {
        name,
        label: schema.description ?? name,
        choices: bare instanceof z.ZodEnum ? bare.options.map(String) : null,
        isOptional: schema instanceof z.ZodDefault,
      };
    });
