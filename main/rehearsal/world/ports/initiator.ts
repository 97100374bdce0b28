import * as z from 'zod';
import {
  loadBalancePolicies,
  type InitiatorState,
  type IscsiSession,
  type MpioState,
} from '../../../../shared/model/windows-iscsi.ts';
import { requireAdministrator } from '../change.ts';
import * as features from '../changes/features.ts';
import * as initiator from '../changes/initiator.ts';
import type { ChapState, ServerState, SessionState } from '../state.ts';
import { visibleDisks } from '../visible-disks.ts';
import { changes, nothing, reads, type Look } from './method.ts';

const authentication = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('oneWayChap'), userName: z.string(), secret: z.string() }),
  z.object({ kind: z.literal('mutualChap'), userName: z.string(), secret: z.string() }),
]);

const toChap = (input: z.output<typeof authentication>): ChapState =>
  input.kind === 'none'
    ? { kind: 'NONE', userName: null, secret: null }
    : {
        kind: input.kind === 'oneWayChap' ? 'ONEWAYCHAP' : 'MUTUALCHAP',
        userName: input.userName,
        secret: input.secret,
      };

export const observeSession = (server: ServerState, session: SessionState): IscsiSession => ({
  sessionIdentifier: session.id,
  targetNodeAddress: session.target,
  initiatorNodeAddress: session.initiatorName,
  initiatorPortalAddress: session.boundAddress,
  initiatorInstanceName: server.initiator.instance,
  initiatorSideIdentifier: session.isid,
  targetSideIdentifier: session.tsih,
  authenticationType: session.chap.kind,
  isConnected: session.connected,
  isPersistent: session.persistent,
  isDiscovered: session.discovered,
  isHeaderDigest: session.headerDigest,
  isDataDigest: session.dataDigest,
  connections: session.connected
    ? [
        {
          connectionIdentifier: session.connectionId,
          initiatorAddress: session.localAddress,
          initiatorPort: session.localPort,
          targetAddress: session.portalAddress,
          targetPort: session.portalPort,
        },
      ]
    : [],
});

/** What the service needs to run for is null, and said so, while it does not. */
const readState = ({ server, used }: Look): InitiatorState => {
  const service = server.services['MSiSCSI'];
  const running = service?.state === 'running';
  const needsService = ['iqn', 'portals', 'targets', 'sessions', 'favourites', 'boundVolumes'];
  const { initiator: own } = server;
  if (own.sessions.some((session) => session.boundAddress === null)) used.add('iscsi.session.blankAddress');
  return {
    service: { state: service?.state ?? null, startMode: service?.startMode ?? null },
    iqn: running ? own.name : null,
    firewallRules: server.firewallRules
      .filter((rule) => rule.group === '@FirewallAPI.dll,-29002')
      .map((rule) => ({
        name: rule.name,
        direction: rule.direction,
        enabled: rule.enabled,
        action: rule.action,
        profiles: rule.profiles.length === 3 ? ['any' as const] : rule.profiles,
      })),
    portals: running
      ? own.portals.map((portal) => ({
          targetPortalAddress: portal.address,
          targetPortalPort: portal.port,
          initiatorPortalAddress: portal.initiatorAddress,
          initiatorInstanceName: portal.initiatorInstance,
          isHeaderDigest: portal.headerDigest,
          isDataDigest: portal.dataDigest,
        }))
      : null,
    targets: running
      ? own.discovered.map((nodeAddress) => ({
          nodeAddress,
          isConnected: own.sessions.some((session) => session.target === nodeAddress && session.connected),
        }))
      : null,
    sessions: running ? own.sessions.map((session) => observeSession(server, session)) : null,
    favourites: running
      ? own.favourites.map((favourite) => ({
          targetNodeAddress: favourite.target,
          initiatorPortalAddress: favourite.initiatorAddress,
          targetPortalAddress: favourite.portalAddress,
          targetPortalPort: favourite.portalPort,
          isMultipathEnabled: favourite.multipath,
        }))
      : null,
    boundVolumes: running ? own.boundVolumes : null,
    unread: running ? [] : needsService.map((property) => ({ property, because: 'INITIATOR_SERVICE_STOPPED' })),
  };
};

const readMpio = ({ server }: Look): MpioState => {
  const feature = server.features['Multipath-IO']?.state ?? 'removed';
  const ready = feature === 'installed';
  return {
    feature,
    claimsIscsi: ready ? server.mpio.claimsIscsi : null,
    loadBalancePolicy: ready ? server.mpio.policy : null,
    unread: ready
      ? []
      : ['claimsIscsi', 'loadBalancePolicy'].map((property) => ({ property, because: 'MPIO_NOT_INSTALLED' })),
  };
};

const portalName = z.object({
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int(),
  initiatorPortalAddress: z.string().nullable(),
});

/** The volumes on iSCSI disks that are online, as BindPersistentVolumes keeps them. */
export const volumesToBind = (look: Pick<Look, 'world' | 'server'>): string[] =>
  visibleDisks(look.world, look.server)
    .filter((disk) => disk.bus === 'iscsi' && disk.view.online)
    .flatMap((disk) =>
      disk.content.partitions.flatMap((partition) =>
        partition.volume?.fileSystem ? [`\\\\?\\Volume${partition.volume.guid.toLowerCase()}\\`] : [],
      ),
    );

export const initiatorMethods = {
  'initiator.readState': reads(nothing, readState),
  'initiator.setService': changes(z.object({ running: z.boolean() }), (change, input) =>
    initiator.setService(change, input.running, input.running ? 'automatic' : 'manual'),
  ),
  'initiator.setFirewall': changes(z.object({ enabled: z.boolean() }), (change, input) =>
    initiator.setFirewall(change, ['MsiScsi-In-TCP', 'MsiScsi-Out-TCP'], input.enabled),
  ),
  'initiator.setName': changes(z.object({ iqn: z.string() }), (change, input) => initiator.setName(change, input.iqn)),
  'initiator.setMutualSecret': changes(z.object({ secret: z.string().nullable() }), (change, input) =>
    initiator.setMutualSecret(change, input.secret),
  ),
  'initiator.addPortal': changes(portalName.extend({ authentication }), (change, input) => {
    initiator.addPortal(change, {
      address: input.targetPortalAddress,
      port: input.targetPortalPort,
      initiatorAddress: input.initiatorPortalAddress,
      initiatorInstance: input.initiatorPortalAddress === null ? null : change.server.initiator.instance,
      headerDigest: false,
      dataDigest: false,
      chap: toChap(input.authentication),
    });
  }),
  'initiator.removePortal': changes(portalName, (change, input) =>
    initiator.removePortal(change, {
      address: input.targetPortalAddress,
      port: input.targetPortalPort,
      initiatorAddress: input.initiatorPortalAddress,
    }),
  ),
  'initiator.discover': changes(nothing, (change) => initiator.discover(change)),
  'initiator.logOn': changes(
    z.object({
      targetNodeAddress: z.string(),
      initiatorPortalAddress: z.string(),
      targetPortalAddress: z.string(),
      targetPortalPort: z.number().int(),
      isPersistent: z.boolean(),
      isMultipathEnabled: z.boolean(),
      isHeaderDigest: z.boolean(),
      isDataDigest: z.boolean(),
      authentication,
    }),
    (change, input) =>
      observeSession(
        change.server,
        initiator.logOn(change, {
          target: input.targetNodeAddress,
          initiatorAddress: input.initiatorPortalAddress,
          portalAddress: input.targetPortalAddress,
          portalPort: input.targetPortalPort,
          persistent: input.isPersistent,
          multipath: input.isMultipathEnabled,
          headerDigest: input.isHeaderDigest,
          dataDigest: input.isDataDigest,
          chap: toChap(input.authentication),
        }),
      ),
  ),
  'initiator.logOff': changes(z.object({ sessionIdentifier: z.string() }), (change, input) =>
    initiator.logOff(change, input.sessionIdentifier),
  ),
  'initiator.registerSession': changes(
    z.object({ sessionIdentifier: z.string(), isMultipathEnabled: z.boolean(), authentication }),
    (change, input) => {
      initiator.registerSession(
        change,
        input.sessionIdentifier,
        input.isMultipathEnabled,
        toChap(input.authentication),
      );
    },
  ),
  'initiator.unregisterSession': changes(z.object({ sessionIdentifier: z.string() }), (change, input) =>
    initiator.unregisterSession(change, input.sessionIdentifier),
  ),
  'initiator.removeFavourite': changes(
    z.object({
      targetNodeAddress: z.string(),
      initiatorPortalAddress: z.string().nullable(),
      targetPortalAddress: z.string().nullable(),
      targetPortalPort: z.number().int().nullable(),
    }),
    (change, input) =>
      initiator.removeFavourite(change, {
        target: input.targetNodeAddress,
        initiatorAddress: input.initiatorPortalAddress,
        portalAddress: input.targetPortalAddress,
        portalPort: input.targetPortalPort,
      }),
  ),
  'initiator.bindVolumes': changes(nothing, (change) => {
    requireAdministrator(change);
    initiator.requireService(change);
    change.server.initiator.boundVolumes = volumesToBind(change);
  }),
};

export const mpioMethods = {
  'mpio.readState': reads(nothing, readMpio),
  'mpio.installFeature': changes(nothing, (change) => ({
    restart: features.installFeatures(change, ['Multipath-IO']).restart ? 'needed' : 'notNeeded',
  })),
  'mpio.setIscsiClaim': changes(z.object({ claims: z.boolean() }), (change, input) =>
    features.setIscsiClaim(change, input.claims),
  ),
  'mpio.setLoadBalancePolicy': changes(z.object({ policy: z.enum(loadBalancePolicies) }), (change, input) =>
    features.setLoadBalancePolicy(change, input.policy),
  ),
};
