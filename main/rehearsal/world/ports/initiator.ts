import type { SessionDisks } from '../../../../shared/model/lun-map.ts';
import { type InitiatorState, type IscsiSession, type MpioState } from '../../../../shared/model/windows-iscsi.ts';
import { rest } from '../change.ts';
import type { ServerState, SessionState } from '../state.ts';
import { visibleDisks } from '../visible-disks.ts';
import { nothing, reads, type Look } from './method.ts';

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
  if (own.sessions.some((session) => session.boundAddress === null)) rest({ used }, 'iscsi.session.blankAddress');
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

/** The volumes on iSCSI disks that are online, as BindPersistentVolumes keeps them. */
export const volumesToBind = (look: Pick<Look, 'world' | 'server'>): string[] =>
  visibleDisks(look.world, look.server)
    .filter((disk) => disk.bus === 'iscsi' && disk.view.online)
    .flatMap((disk) =>
      disk.content.partitions.flatMap((partition) =>
        partition.volume?.fileSystem ? [`\\\\?\\Volume${partition.volume.guid.toLowerCase()}\\`] : [],
      ),
    );

/** As Windows: the disk of every connected session, with MPIO one disk for several. */
const listSessionDisks = ({ world, server }: Look): SessionDisks[] => {
  const disks = visibleDisks(world, server);
  if (server.services['MSiSCSI']?.state !== 'running') return [];
  return server.initiator.sessions
    .filter(({ connected }) => connected)
    .map(({ id }) => ({
      sessionIdentifier: id,
      disks: disks
        .filter(({ sessions }) => sessions.some((session) => session.id === id))
        .map((disk) => ({
          uniqueId: disk.uniqueId,
          uniqueIdFormat: 'fcphName' as const,
          serialNumber: disk.serial,
          sizeBytes: BigInt(disk.sizeBytes),
        })),
      because: null,
    }));
};

export const initiatorMethods = {
  'initiator.readState': reads(nothing, readState),
  'initiator.listSessionDisks': reads(nothing, listSessionDisks),
};

export const mpioMethods = {
  'mpio.readState': reads(nothing, readMpio),
};
