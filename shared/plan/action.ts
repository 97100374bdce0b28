import * as z from 'zod';
import { changeKinds } from '../changes/index.ts';
import { addressFamilySchema } from '../model/address.ts';
import { fileSystems, sanPolicies } from '../model/disk.ts';
import { timeSettingSchema } from '../model/host.ts';
import { netbiosSettings, nicRoleSchema } from '../model/nic.ts';
import { iscsiPathSchema, loadBalancePolicies } from '../model/windows-iscsi.ts';
import type { Area } from '../changes/kind.ts';
import { accountSchema } from './host/desire.ts';
import { authenticationSchema } from './initiator/desire.ts';

/*
 * What a step does, as data: one entry for each method of a port that writes, and for what Quorate itself keeps (roles of
 * NICs, wanted paths). The journal stores actions, so none of them holds a secret: secrets are named.
 */

const nic = z.string();
const disk = z.string();
const family = addressFamilySchema;

const hostActions = [
  z.object({ do: z.literal('host.rename'), newName: z.string(), account: accountSchema.nullable() }),
  z.object({
    do: z.literal('host.joinDomain'),
    domain: z.string(),
    ou: z.string().nullable(),
    account: accountSchema,
  }),
  z.object({ do: z.literal('host.joinWorkgroup'), workgroup: z.string(), account: accountSchema.nullable() }),
  z.object({ do: z.literal('host.setTime'), setting: timeSettingSchema }),
  z.object({
    do: z.literal('host.registerResume'),
    token: z.string(),
    trigger: z.enum(['logon', 'startup']),
    account: z.string(),
    passwordName: z.string().nullable(),
  }),
  z.object({ do: z.literal('host.removeResume'), token: z.string() }),
  /** `bootedBefore` is the last start before it, so that a later one proves the restart. */
  z.object({ do: z.literal('host.restart'), reason: z.string(), bootedBefore: z.iso.datetime() }),
] as const;

const nicActions = [
  z.object({
    do: z.literal('nic.setRole'),
    nic,
    permanentAddress: z.string().nullable(),
    role: nicRoleSchema.nullable(),
  }),
  z.object({ do: z.literal('nic.rename'), nic, newName: z.string() }),
  z.object({ do: z.literal('nic.setEnabled'), nic, enabled: z.boolean() }),
  z.object({ do: z.literal('nic.setDhcp'), nic, family, enabled: z.boolean() }),
  changeKinds['nic.addAddress'].schema,
  changeKinds['nic.removeAddress'].schema,
  z.object({ do: z.literal('nic.setGateway'), nic, family, nextHop: z.string().nullable() }),
  z.object({ do: z.literal('nic.setDnsServers'), nic, family, servers: z.array(z.string()) }),
  z.object({ do: z.literal('nic.setDnsRegistration'), nic, registers: z.boolean() }),
  z.object({ do: z.literal('nic.setNetbios'), nic, setting: z.enum(netbiosSettings) }),
  z.object({ do: z.literal('nic.setJumboPacket'), nic, valueBytes: z.number().int() }),
  z.object({ do: z.literal('nic.setBinding'), nic, componentId: z.string(), enabled: z.boolean() }),
  z.object({ do: z.literal('nic.setPowerSaving'), nic, allowed: z.boolean() }),
] as const;

const portalFields = {
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int(),
  initiatorPortalAddress: z.string().nullable(),
};

const initiatorActions = [
  z.object({ do: z.literal('initiator.setService'), running: z.boolean() }),
  z.object({ do: z.literal('initiator.setFirewall'), enabled: z.boolean() }),
  z.object({ do: z.literal('initiator.setName'), iqn: z.string() }),
  z.object({ do: z.literal('initiator.setMutualSecret'), secretName: z.string().nullable() }),
  z.object({ do: z.literal('initiator.addPortal'), ...portalFields, authentication: authenticationSchema }),
  z.object({ do: z.literal('initiator.removePortal'), ...portalFields }),
  z.object({ do: z.literal('initiator.discover') }),
  z.object({
    do: z.literal('initiator.logOn'),
    path: iscsiPathSchema,
    isMultipathEnabled: z.boolean(),
    isHeaderDigest: z.boolean(),
    isDataDigest: z.boolean(),
    authentication: authenticationSchema,
  }),
  z.object({ do: z.literal('initiator.logOff'), sessionIdentifier: z.string() }),
  z.object({
    do: z.literal('initiator.registerSession'),
    sessionIdentifier: z.string(),
    isMultipathEnabled: z.boolean(),
    authentication: authenticationSchema,
  }),
  z.object({ do: z.literal('initiator.unregisterSession'), sessionIdentifier: z.string() }),
  z.object({
    do: z.literal('initiator.removeFavourite'),
    targetNodeAddress: z.string(),
    initiatorPortalAddress: z.string().nullable(),
    targetPortalAddress: z.string().nullable(),
    targetPortalPort: z.number().int().nullable(),
  }),
  /** Ends whatever goes over a path and takes its favourites away: what takes a logon back. */
  z.object({ do: z.literal('initiator.leavePath'), path: iscsiPathSchema }),
  z.object({ do: z.literal('initiator.bindVolumes') }),
  z.object({ do: z.literal('initiator.setPathWanted'), path: iscsiPathSchema, wanted: z.boolean() }),
  z.object({ do: z.literal('mpio.installFeature') }),
  z.object({ do: z.literal('mpio.setIscsiClaim'), claims: z.boolean() }),
  z.object({ do: z.literal('mpio.setLoadBalancePolicy'), policy: z.enum(loadBalancePolicies) }),
] as const;

const diskActions = [
  z.object({ do: z.literal('disk.setOnline'), disk, online: z.boolean() }),
  z.object({ do: z.literal('disk.setReadOnly'), disk, readOnly: z.boolean() }),
  z.object({
    do: z.literal('disk.clear'),
    disk,
    /** What was on the disk when its serial number was typed; anything else found there is not removed. */
    content: z.string(),
  }),
  z.object({ do: z.literal('disk.initialize'), disk, style: z.enum(['gpt', 'mbr']) }),
  z.object({ do: z.literal('disk.createPartition'), disk }),
  z.object({
    do: z.literal('disk.format'),
    disk,
    fileSystem: z.enum(fileSystems),
    label: z.string(),
    allocationUnitBytes: z.number().int().nullable(),
    /** True only when the serial number was typed: a partition that has a file system may be formatted. */
    discardsContent: z.boolean(),
  }),
  z.object({ do: z.literal('disk.setDriveLetter'), disk, driveLetter: z.string().nullable() }),
  z.object({ do: z.literal('disk.setSanPolicy'), policy: z.enum(sanPolicies) }),
  z.object({ do: z.literal('disk.setAutomount'), enabled: z.boolean() }),
] as const;

export const actionSchema = z.discriminatedUnion('do', [
  ...hostActions,
  ...nicActions,
  ...initiatorActions,
  ...diskActions,
]);
export type Action = z.infer<typeof actionSchema>;
export type ActionKind = Action['do'];
export type ActionOf<Kind extends ActionKind> = Extract<Action, { readonly do: Kind }>;

type KindOf<Area extends string> = Extract<ActionKind, `${Area}.${string}`>;
export type HostAction = ActionOf<KindOf<'host'>>;
export type NicAction = ActionOf<KindOf<'nic'>>;
export type InitiatorAction = ActionOf<KindOf<'initiator'> | KindOf<'mpio'>>;
export type DiskAction = ActionOf<KindOf<'disk'>>;

export { areas, type Area } from '../changes/kind.ts';

export const areaOf = (action: Action): Area => {
  const [prefix] = action.do.split('.') as ['host' | 'nic' | 'initiator' | 'mpio' | 'disk'];
  return ({ host: 'host', nic: 'network', initiator: 'initiator', mpio: 'initiator', disk: 'storage' } as const)[
    prefix
  ];
};

export const isNicAction = (action: Action): action is NicAction => action.do.startsWith('nic.');
export const isDiskAction = (action: Action): action is DiskAction => action.do.startsWith('disk.');
export const isHostAction = (action: Action): action is HostAction => action.do.startsWith('host.');

export { no, noTrace, unknown, yes, type Done as Satisfied } from '../changes/done.ts';
