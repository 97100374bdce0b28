import * as z from 'zod';
import type { Observed } from '../plan/observed.ts';
import { unknown, type Done } from './done.ts';
import { joinDomain } from './host/join-domain.ts';
import { joinWorkgroup } from './host/join-workgroup.ts';
import { registerResume } from './host/register-resume.ts';
import { removeResume } from './host/remove-resume.ts';
import { renameHost } from './host/rename.ts';
import { restart } from './host/restart.ts';
import { setTime } from './host/set-time.ts';
import type { Area, ChangeKind, Given, ObservedOf } from './kind.ts';
import { addAddress } from './nic/add-address.ts';
import { addPortal } from './initiator/add-portal.ts';
import { bindVolumes } from './initiator/bind-volumes.ts';
import { clear } from './disk/clear.ts';
import { createPartition } from './disk/create-partition.ts';
import { discover } from './initiator/discover.ts';
import { format } from './disk/format.ts';
import { initialize } from './disk/initialize.ts';
import { installFeature } from './mpio/install-feature.ts';
import { leavePath } from './initiator/leave-path.ts';
import { logOff } from './initiator/log-off.ts';
import { logOn } from './initiator/log-on.ts';
import { registerSession } from './initiator/register-session.ts';
import { removeAddress } from './nic/remove-address.ts';
import { removeFavourite } from './initiator/remove-favourite.ts';
import { removePortal } from './initiator/remove-portal.ts';
import { rename } from './nic/rename.ts';
import {
  addDisk,
  addSharedVolume,
  removeDisk,
  removeSharedVolume,
  renameResource,
  setQuorum,
} from './cluster/disks.ts';
import { bringWitnessOnline, startNode, stopNode, takeWitnessOffline } from './cluster/drill.ts';
import { addNode, clearNode, evictNode, pauseNode, resumeNode } from './cluster/nodes.ts';
import { createCluster } from './cluster/create.ts';
import { repairName } from './cluster/repair-name.ts';
import { destroyCluster, moveGroup, setLowerQuorumPriority } from './cluster/whole.ts';
import { installRoles } from './roles/install.ts';
import { removeRoles } from './roles/remove.ts';
import { createMachine } from './vm/create.ts';
import { createSwitch } from './vm/create-switch.ts';
import {
  leaveCluster,
  makeHighlyAvailable,
  moveMachine,
  removeMachine,
  setAntiAffinity,
  setOwners,
  setPriority,
} from './vm/role.ts';
import { startMachine, stopMachine, turnOffMachine } from './vm/power.ts';
import { removeStartSet, setStartSet } from './vm/start-set.ts';
import {
  createVirtualDisk,
  deleteDiskFile,
  extendVirtualDisk,
  importVirtualDisk,
  removeVirtualDisk,
} from './storage-host/disks.ts';
import { mapDisk, unmapDisk } from './storage-host/mappings.ts';
import { createStorageTarget, removeStorageTarget, setInitiators, setTargetChap } from './storage-host/targets.ts';
import { setMigrationNetworks, setNetworkMetric } from './cluster/migration-networks.ts';
import { renameNetwork, setNetworkRole } from './cluster/networks.ts';
import { renameSharedVolume } from './cluster/shared-volume-folder.ts';
import { setAutomount } from './disk/set-automount.ts';
import { setBinding } from './nic/set-binding.ts';
import { setDhcp } from './nic/set-dhcp.ts';
import { setDnsRegistration } from './nic/set-dns-registration.ts';
import { setDnsServers } from './nic/set-dns-servers.ts';
import { setDriveLetter } from './disk/set-drive-letter.ts';
import { setEnabled } from './nic/set-enabled.ts';
import { setFirewall } from './initiator/set-firewall.ts';
import { setGateway } from './nic/set-gateway.ts';
import { setIscsiClaim } from './mpio/set-iscsi-claim.ts';
import { setJumboPacket } from './nic/set-jumbo-packet.ts';
import { setLoadBalancePolicy } from './mpio/set-load-balance-policy.ts';
import { setMutualSecret } from './initiator/set-mutual-secret.ts';
import { setName } from './initiator/set-name.ts';
import { setNetbios } from './nic/set-netbios.ts';
import { setNetworkCategory } from './nic/set-network-category.ts';
import { setOnline } from './disk/set-online.ts';
import { setPathWanted } from './initiator/set-path-wanted.ts';
import { setPowerSaving } from './nic/set-power-saving.ts';
import { setReadOnly } from './disk/set-read-only.ts';
import { setRole } from './nic/set-role.ts';
import { setSanPolicy } from './disk/set-san-policy.ts';
import { setService } from './initiator/set-service.ts';
import type { NicSetting } from './nic/setting.ts';
import { unregisterSession } from './initiator/unregister-session.ts';

/** Kinds that a host of a server carries out: Windows by the script of each, a rehearsal by its effect on the state. */
const serverKinds = {
  'host.joinDomain': joinDomain,
  'host.joinWorkgroup': joinWorkgroup,
  'host.registerResume': registerResume,
  'host.removeResume': removeResume,
  'host.rename': renameHost,
  'host.restart': restart,
  'host.setTime': setTime,
  'nic.addAddress': addAddress,
  'nic.removeAddress': removeAddress,
  'nic.rename': rename,
  'nic.setBinding': setBinding,
  'nic.setDhcp': setDhcp,
  'nic.setDnsRegistration': setDnsRegistration,
  'nic.setDnsServers': setDnsServers,
  'nic.setEnabled': setEnabled,
  'nic.setGateway': setGateway,
  'nic.setJumboPacket': setJumboPacket,
  'nic.setNetbios': setNetbios,
  'nic.setNetworkCategory': setNetworkCategory,
  'nic.setPowerSaving': setPowerSaving,
  'disk.clear': clear,
  'disk.createPartition': createPartition,
  'disk.format': format,
  'disk.initialize': initialize,
  'disk.setAutomount': setAutomount,
  'disk.setDriveLetter': setDriveLetter,
  'disk.setOnline': setOnline,
  'disk.setReadOnly': setReadOnly,
  'disk.setSanPolicy': setSanPolicy,
  'initiator.addPortal': addPortal,
  'initiator.bindVolumes': bindVolumes,
  'initiator.discover': discover,
  'initiator.logOff': logOff,
  'initiator.logOn': logOn,
  'initiator.registerSession': registerSession,
  'initiator.removeFavourite': removeFavourite,
  'initiator.removePortal': removePortal,
  'initiator.setFirewall': setFirewall,
  'initiator.setMutualSecret': setMutualSecret,
  'initiator.setName': setName,
  'initiator.setService': setService,
  'initiator.unregisterSession': unregisterSession,
  'mpio.installFeature': installFeature,
  'mpio.setIscsiClaim': setIscsiClaim,
  'mpio.setLoadBalancePolicy': setLoadBalancePolicy,
  'roles.install': installRoles,
  'roles.remove': removeRoles,
  'cluster.create': createCluster,
  'cluster.destroy': destroyCluster,
  'cluster.addNode': addNode,
  'cluster.clearNode': clearNode,
  'cluster.evictNode': evictNode,
  'cluster.pauseNode': pauseNode,
  'cluster.resumeNode': resumeNode,
  'cluster.stopNode': stopNode,
  'cluster.startNode': startNode,
  'cluster.takeWitnessOffline': takeWitnessOffline,
  'cluster.bringWitnessOnline': bringWitnessOnline,
  'cluster.renameNetwork': renameNetwork,
  'cluster.setNetworkRole': setNetworkRole,
  'cluster.setNetworkMetric': setNetworkMetric,
  'cluster.setMigrationNetworks': setMigrationNetworks,
  'cluster.addDisk': addDisk,
  'cluster.removeDisk': removeDisk,
  'cluster.renameResource': renameResource,
  'cluster.addSharedVolume': addSharedVolume,
  'cluster.removeSharedVolume': removeSharedVolume,
  'cluster.renameSharedVolume': renameSharedVolume,
  'cluster.setQuorum': setQuorum,
  'cluster.setLowerQuorumPriority': setLowerQuorumPriority,
  'cluster.moveGroup': moveGroup,
  'cluster.repairName': repairName,
  'switch.create': createSwitch,
  'vm.create': createMachine,
  'vm.start': startMachine,
  'vm.stop': stopMachine,
  'vm.turnOff': turnOffMachine,
  'vm.makeHighlyAvailable': makeHighlyAvailable,
  'vm.leaveCluster': leaveCluster,
  'vm.move': moveMachine,
  'vm.setOwners': setOwners,
  'vm.setPriority': setPriority,
  'vm.setAntiAffinity': setAntiAffinity,
  'vm.setStartSet': setStartSet,
  'vm.removeStartSet': removeStartSet,
  'vm.remove': removeMachine,
  'storageHost.createDisk': createVirtualDisk,
  'storageHost.extendDisk': extendVirtualDisk,
  'storageHost.removeDisk': removeVirtualDisk,
  'storageHost.importDisk': importVirtualDisk,
  'storageHost.deleteFile': deleteDiskFile,
  'storageHost.createTarget': createStorageTarget,
  'storageHost.setInitiators': setInitiators,
  'storageHost.setChap': setTargetChap,
  'storageHost.removeTarget': removeStorageTarget,
  'storageHost.mapDisk': mapDisk,
  'storageHost.unmapDisk': unmapDisk,
} as const;

/** Kinds that change what Quorate itself keeps about a server. */
const keptKinds = {
  'nic.setRole': setRole,
  'initiator.setPathWanted': setPathWanted,
} as const;

/** Kinds that come to several changes of a server, found out when they run. */
const compoundKinds = {
  'initiator.leavePath': leavePath,
} as const;

/** Every kind of change by its name. Whatever is asked of a change is looked up here; nothing else knows the kinds. */
export const changeKinds = { ...serverKinds, ...keptKinds, ...compoundKinds };

export type ChangeName = keyof typeof changeKinds;
export type ServerChangeName = keyof typeof serverKinds;
export type ChangeOf<Name extends ChangeName> = z.output<(typeof changeKinds)[Name]['schema']>;
export type Change = { [Name in ChangeName]: ChangeOf<Name> }[ChangeName];
export type ServerChange = { [Name in ServerChangeName]: ChangeOf<Name> }[ServerChangeName];

type SettingOf<Kind> = Kind extends { readonly setting: infer Setting } ? Setting : never;
type NicSettingKind = SettingOf<(typeof serverKinds)[ServerChangeName]>;

const settingsIn = <Kinds extends Readonly<Record<string, object>>>(kinds: Kinds): SettingOf<Kinds[keyof Kinds]>[] =>
  Object.values(kinds).flatMap((kind) => ('setting' in kind ? [kind.setting as SettingOf<Kinds[keyof Kinds]>] : []));

/** The settings of an adapter that are one value each, with the kinds that set them. */
export const nicSettings: readonly NicSetting<NicSettingKind['key'], z.ZodType>[] = settingsIn(serverKinds);

/** The fields of a NIC's desire that follow from {@link nicSettings}. */
export const nicSettingShape = Object.fromEntries(nicSettings.map(({ key, value }) => [key, value.optional()])) as {
  [Setting in NicSettingKind as Setting['key']]: z.ZodOptional<Setting['value']>;
};

/** The changes of one area, such as `nic`. */
export type ChangeIn<Area extends string> = Extract<Change, { readonly do: `${Area}.${string}` }>;

export const isServerChange = (change: Change): change is ServerChange => change.do in serverKinds;

const schemas = Object.values(changeKinds).map(({ schema }) => schema);

/** A change as data. The journal, plans and the wire to a simulated server keep changes in this form. */
export const changeSchema = z.discriminatedUnion(
  'do',
  schemas as unknown as [z.ZodObject<{ do: z.ZodLiteral<string> }>],
) as unknown as z.ZodType<Change>;

/** Whether the effect of a change is there, judged on what was observed. */
export const isDone = (change: Change, observed: Observed): Done => {
  const kind = kindOf(change);
  const part = observed[kind.area];
  return part ? kind.done(change, part) : unknown('it was not read');
};

/** The parameters of a change's script. */
export const parametersOf = <Secret>(change: Change, given: Given<Secret>): Readonly<Record<string, unknown>> => {
  const { parameters } = kindOf(change);
  if (parameters) return parameters(change, given);
  const { do: _name, ...fields } = change;
  return fields;
};

/** What takes a change back, judged on the server just before it; null where nothing does. */
export const undoOf = (
  change: Change,
  observed: ObservedOf<Area>,
): { readonly text: string; readonly changes: readonly Change[] } | null => {
  const undo = kindOf(change).undo(change, observed);
  return undo && { text: undo.text, changes: undo.changes.map((one) => changeSchema.parse(one)) };
};

/** What a change comes to on the server as it is found: itself, or its parts. */
export const partsOf = (change: Change, observed: ObservedOf<Area> | undefined): readonly Change[] => {
  const { parts } = kindOf(change);
  if (!parts) return [change];
  return observed ? parts(change, observed).map((one) => changeSchema.parse(one)) : [];
};

/** A kind for code that treats all of them alike. */
export const kindOf = (change: Change): ChangeKind<z.ZodObject<{ do: z.ZodLiteral<string> }>> =>
  changeKinds[change.do] as unknown as ChangeKind<z.ZodObject<{ do: z.ZodLiteral<string> }>>;
