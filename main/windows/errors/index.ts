import type { ServerChangeName } from '../../../shared/changes/index.ts';
import type { Credential } from '../../ports/secret.ts';
import type { ErrorRow } from '../../powershell/index.ts';
import { clusterErrors } from './cluster-errors.ts';
import { diskErrors } from './disk-errors.ts';
import { joinErrors, renameErrors, restartErrors, resumeErrors, timeErrors } from './host-errors.ts';
import { featureErrors, initiatorErrors, mpioErrors } from './initiator-errors.ts';
import { machineErrors } from './machine-errors.ts';
import { storageHostErrors } from './storage-host-errors.ts';
import { nicErrors } from './nic-errors.ts';

type Rows = readonly ErrorRow[];
type Input = Readonly<Record<string, unknown>>;

const credentialIn = (input: Input): Credential | null => input['credential'] as Credential | null;

/** What the errors of each change's script mean: a kind without its rows does not compile. */
export const changeErrors: Readonly<Record<ServerChangeName, Rows | ((input: Input) => Rows)>> = {
  'host.rename': (input) => renameErrors(credentialIn(input)),
  'host.joinDomain': (input) => joinErrors(credentialIn(input)),
  'host.joinWorkgroup': (input) => joinErrors(credentialIn(input)),
  'host.setTime': timeErrors,
  'host.registerResume': resumeErrors,
  'host.removeResume': [],
  'host.restart': restartErrors,
  'nic.rename': nicErrors.rename,
  'nic.setEnabled': nicErrors.change,
  'nic.setDhcp': nicErrors.change,
  'nic.addAddress': nicErrors.addAddress,
  'nic.removeAddress': nicErrors.removeAddress,
  'nic.setGateway': nicErrors.setGateway,
  'nic.setDnsServers': nicErrors.setDnsServers,
  'nic.setDnsRegistration': nicErrors.change,
  'nic.setNetbios': nicErrors.setNetbios,
  'nic.setNetworkCategory': nicErrors.change,
  'nic.setJumboPacket': nicErrors.setJumboPacket,
  'nic.setBinding': nicErrors.setBinding,
  'nic.setPowerSaving': nicErrors.setPowerSaving,
  'initiator.setService': initiatorErrors.setService,
  'initiator.setFirewall': [],
  'initiator.setName': initiatorErrors.setName,
  'initiator.setMutualSecret': initiatorErrors.setMutualSecret,
  'initiator.addPortal': initiatorErrors.addPortal,
  'initiator.removePortal': initiatorErrors.removePortal,
  'initiator.discover': initiatorErrors.discover,
  'initiator.logOn': initiatorErrors.logOn,
  'initiator.logOff': initiatorErrors.logOff,
  'initiator.registerSession': initiatorErrors.registerSession,
  'initiator.unregisterSession': initiatorErrors.unregisterSession,
  'initiator.removeFavourite': initiatorErrors.removeFavourite,
  'initiator.bindVolumes': initiatorErrors.bindVolumes,
  'mpio.installFeature': featureErrors,
  'mpio.setIscsiClaim': mpioErrors,
  'mpio.setLoadBalancePolicy': mpioErrors,
  'disk.setOnline': diskErrors.change,
  'disk.setReadOnly': diskErrors.change,
  'disk.clear': diskErrors.clear,
  'disk.initialize': diskErrors.initialize,
  'disk.createPartition': diskErrors.createPartition,
  'disk.format': diskErrors.format,
  'disk.setDriveLetter': diskErrors.setDriveLetter,
  'disk.setSanPolicy': diskErrors.read,
  'disk.setAutomount': diskErrors.setAutomount,
  ...clusterErrors,
  ...machineErrors,
  ...storageHostErrors,
};
