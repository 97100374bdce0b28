import { isSameAddress } from '../../../shared/model/address.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { Action, ActionOf } from '../../../shared/plan/action.ts';
import { onlyPartition } from '../../../shared/plan/disk/goal.ts';
import type { Account } from '../../../shared/plan/host/desire.ts';
import type { Authentication } from '../../../shared/plan/initiator/desire.ts';
import { favouriteMatches, sessionsOnPath } from '../../../shared/plan/initiator/paths.ts';
import type { CallOptions } from '../../ports/call.ts';
import type { LogonAuthentication } from '../../ports/initiator-port.ts';
import type { Credential } from '../../ports/secret.ts';
import { secretOf, type SecretTexts, type Server } from './server.ts';

const credentialOf = (account: Account, secrets: SecretTexts): Credential => ({
  userName: account.userName,
  password: secretOf(secrets, account.passwordName),
});

const logonOf = (authentication: Authentication, secrets: SecretTexts): LogonAuthentication =>
  authentication.kind === 'none'
    ? { kind: 'none' }
    : {
        kind: authentication.kind,
        userName: authentication.userName,
        secret: secretOf(secrets, authentication.secretName),
      };

/** The number of the one partition that can hold the volume, read just before it is used, because numbers change. */
const partitionNumberOf = async (server: Server, disk: string, options: CallOptions): Promise<number> => {
  const found = (await server.ports.disks.list(options)).find((candidate) => candidate.uniqueId === disk);
  if (!found) throw failure('DISK_NOT_FOUND', { disk });
  const partition = onlyPartition(found);
  if (!partition) throw failure('DISK_PARTITION_NOT_FOUND', { disk, partition: 'for data' });
  return partition.partitionNumber;
};

/** Ends the sessions of a path and its favourites; what is gone already is left out, so that it can be repeated. */
const leavePath = async (
  { ports }: Server,
  { path }: ActionOf<'initiator.leavePath'>,
  options: CallOptions,
): Promise<void> => {
  const state = await ports.initiator.readState(options);
  if (!state.sessions || !state.favourites) throw failure('INITIATOR_SERVICE_STOPPED', {});
  for (const session of sessionsOnPath(path, state.sessions)) {
    if (session.isPersistent) await ports.initiator.unregisterSession(session.sessionIdentifier, options);
    await ports.initiator.logOff(session.sessionIdentifier, options);
  }
  const left = (await ports.initiator.readState(options)).favourites ?? [];
  for (const favourite of left)
    if (
      favourite.initiatorPortalAddress !== null &&
      isSameAddress(favourite.initiatorPortalAddress, path.initiatorPortalAddress) &&
      favouriteMatches(favourite, path)
    )
      await ports.initiator.removeFavourite(favourite, options);
};

/** Secrets that an action needs, by name. */
export const secretsOfAction = (action: Action): string[] => {
  switch (action.do) {
    case 'host.rename':
    case 'host.joinWorkgroup':
      return action.account ? [action.account.passwordName] : [];
    case 'host.joinDomain':
      return [action.account.passwordName];
    case 'host.registerResume':
      return action.passwordName === null ? [] : [action.passwordName];
    case 'initiator.setMutualSecret':
      return action.secretName === null ? [] : [action.secretName];
    case 'initiator.addPortal':
    case 'initiator.logOn':
    case 'initiator.registerSession':
      return action.authentication.kind === 'none' ? [] : [action.authentication.secretName];
    default:
      return [];
  }
};

/** Does what an action says: one write of a port. It neither looks first nor reads back. */
export const act = async (
  server: Server,
  action: Action,
  secrets: SecretTexts,
  options: CallOptions,
): Promise<void> => {
  const { host, nics, initiator, mpio, disks } = server.ports;
  switch (action.do) {
    case 'host.rename':
      return host.rename(action.newName, action.account && credentialOf(action.account, secrets), options);
    case 'host.joinDomain':
      return host.joinDomain(
        { domain: action.domain, ou: action.ou, credential: credentialOf(action.account, secrets) },
        options,
      );
    case 'host.joinWorkgroup':
      return host.joinWorkgroup(
        { workgroup: action.workgroup, credential: action.account && credentialOf(action.account, secrets) },
        options,
      );
    case 'host.setTime':
      return host.setTimeSource(action.setting, options);
    case 'host.registerResume':
      return host.registerResume(
        {
          token: action.token,
          trigger: action.trigger,
          account: action.account,
          command: server.resumeCommand,
          password: action.passwordName === null ? null : secretOf(secrets, action.passwordName),
        },
        options,
      );
    case 'host.removeResume':
      return host.removeResume(action.token, options);
    case 'host.restart':
      return host.restart({ reason: action.reason }, options);
    case 'nic.setRole':
      return server.settings.setRole(
        { interfaceGuid: action.nic, permanentAddress: action.permanentAddress },
        action.role,
      );
    case 'nic.rename':
      return nics.rename(action.nic, action.newName, options);
    case 'nic.setEnabled':
      return action.enabled ? nics.enable(action.nic, options) : nics.disable(action.nic, options);
    case 'nic.setDhcp':
      return nics.setDhcp(action.nic, action.family, action.enabled, options);
    case 'nic.addAddress':
    case 'nic.removeAddress':
      return server.ports.apply(action, options);
    case 'nic.setGateway':
      return nics.setGateway(action.nic, action.family, action.nextHop, options);
    case 'nic.setDnsServers':
      return nics.setDnsServers(action.nic, action.family, action.servers, options);
    case 'nic.setDnsRegistration':
      return nics.setDnsRegistration(action.nic, action.registers, options);
    case 'nic.setNetbios':
      return nics.setNetbios(action.nic, action.setting, options);
    case 'nic.setJumboPacket':
      return nics.setJumboPacket(action.nic, action.valueBytes, options);
    case 'nic.setBinding':
      return nics.setBinding(action.nic, action.componentId, action.enabled, options);
    case 'nic.setPowerSaving':
      return nics.setPowerSaving(action.nic, action.allowed, options);
    case 'initiator.setService':
      return initiator.setService(action.running, options);
    case 'initiator.setFirewall':
      return initiator.setFirewall(action.enabled, options);
    case 'initiator.setName':
      return initiator.setName(action.iqn, options);
    case 'initiator.setMutualSecret':
      return initiator.setMutualSecret(
        action.secretName === null ? null : secretOf(secrets, action.secretName),
        options,
      );
    case 'initiator.addPortal':
      return initiator.addPortal(
        {
          targetPortalAddress: action.targetPortalAddress,
          targetPortalPort: action.targetPortalPort,
          initiatorPortalAddress: action.initiatorPortalAddress,
          authentication: logonOf(action.authentication, secrets),
        },
        options,
      );
    case 'initiator.removePortal':
      return initiator.removePortal(
        {
          targetPortalAddress: action.targetPortalAddress,
          targetPortalPort: action.targetPortalPort,
          initiatorPortalAddress: action.initiatorPortalAddress,
        },
        options,
      );
    case 'initiator.discover':
      return initiator.discover(options);
    case 'initiator.logOn':
      await initiator.logOn(
        {
          ...action.path,
          isPersistent: true,
          isMultipathEnabled: action.isMultipathEnabled,
          isHeaderDigest: action.isHeaderDigest,
          isDataDigest: action.isDataDigest,
          authentication: logonOf(action.authentication, secrets),
        },
        options,
      );
      return;
    case 'initiator.logOff':
      return initiator.logOff(action.sessionIdentifier, options);
    case 'initiator.registerSession':
      return initiator.registerSession(
        {
          sessionIdentifier: action.sessionIdentifier,
          isMultipathEnabled: action.isMultipathEnabled,
          authentication: logonOf(action.authentication, secrets),
        },
        options,
      );
    case 'initiator.unregisterSession':
      return initiator.unregisterSession(action.sessionIdentifier, options);
    case 'initiator.removeFavourite':
      return initiator.removeFavourite(
        {
          targetNodeAddress: action.targetNodeAddress,
          initiatorPortalAddress: action.initiatorPortalAddress,
          targetPortalAddress: action.targetPortalAddress,
          targetPortalPort: action.targetPortalPort,
        },
        options,
      );
    case 'initiator.leavePath':
      return leavePath(server, action, options);
    case 'initiator.bindVolumes':
      return initiator.bindVolumes(options);
    case 'initiator.setPathWanted':
      return server.settings.setPathWanted(action.path, action.wanted);
    case 'mpio.installFeature':
      await mpio.installFeature(options);
      return;
    case 'mpio.setIscsiClaim':
      return mpio.setIscsiClaim(action.claims, options);
    case 'mpio.setLoadBalancePolicy':
      return mpio.setLoadBalancePolicy(action.policy, options);
    case 'disk.setOnline':
      return disks.setOnline(action.disk, action.online, options);
    case 'disk.setReadOnly':
      return disks.setReadOnly(action.disk, action.readOnly, options);
    case 'disk.clear':
      return disks.clear(action.disk, options);
    case 'disk.initialize':
      return disks.initialize(action.disk, action.style, options);
    case 'disk.createPartition':
      return disks.createPartition(action.disk, { driveLetter: null }, options);
    case 'disk.format':
      return disks.format(
        action.disk,
        {
          partitionNumber: await partitionNumberOf(server, action.disk, options),
          fileSystem: action.fileSystem,
          label: action.label,
          allocationUnitBytes: action.allocationUnitBytes,
        },
        options,
      );
    case 'disk.setDriveLetter':
      return disks.setDriveLetter(
        action.disk,
        {
          partitionNumber: await partitionNumberOf(server, action.disk, options),
          driveLetter: action.driveLetter,
        },
        options,
      );
    case 'disk.setSanPolicy':
      return disks.setSanPolicy(action.policy, options);
    case 'disk.setAutomount':
      return disks.setAutomount(action.enabled, options);
  }
};
