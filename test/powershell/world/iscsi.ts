import { isSameAddress } from '../../../shared/model/address.ts';
import { rest } from '../../../main/rehearsal/world/change.ts';
import * as initiator from '../../../main/rehearsal/world/changes/initiator.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { ChapState, PortalState, ServerState, SessionState } from '../../../main/rehearsal/world/state.ts';
import { shows } from './behaviours.ts';
import { changer, cim, reader, type CimObject, type Cmdlet, type Parameters } from './cim.ts';
import { visibleDisks } from '../../../main/rehearsal/world/visible-disks.ts';

const space = 'ROOT/Microsoft/Windows/Storage';

const chapOf = (parameters: Parameters): ChapState => {
  const kind = (parameters.text('AuthenticationType') ?? 'NONE').toUpperCase();
  return {
    kind: kind === 'ONEWAYCHAP' || kind === 'MUTUALCHAP' ? kind : 'NONE',
    userName: parameters.text('ChapUsername'),
    secret: parameters.text('ChapSecret'),
  };
};

export const sessionObject = (server: ServerState, session: SessionState): CimObject =>
  cim(space, 'MSFT_iSCSISession', {
    SessionIdentifier: session.id,
    TargetNodeAddress: session.target,
    InitiatorNodeAddress: session.initiatorName,
    // Blank, not null, when the logon was not bound to an address.
    InitiatorPortalAddress: session.boundAddress ?? '',
    InitiatorInstanceName: server.initiator.instance,
    InitiatorSideIdentifier: session.isid,
    TargetSideIdentifier: session.tsih,
    AuthenticationType: session.chap.kind,
    IsConnected: session.connected,
    IsPersistent: session.persistent,
    IsDiscovered: session.discovered,
    IsHeaderDigest: session.headerDigest,
    IsDataDigest: session.dataDigest,
    NumberOfConnections: session.connected ? 1 : 0,
  });

const connectionObject = (session: SessionState): CimObject =>
  cim(space, 'MSFT_iSCSIConnection', {
    ConnectionIdentifier: session.connectionId,
    InitiatorAddress: session.localAddress,
    InitiatorPortNumber: session.localPort,
    TargetAddress: session.portalAddress,
    TargetPortNumber: session.portalPort,
  });

const portalObject = (portal: PortalState): CimObject =>
  cim(space, 'MSFT_iSCSITargetPortal', {
    TargetPortalAddress: portal.address,
    TargetPortalPortNumber: portal.port,
    InitiatorPortalAddress: portal.initiatorAddress ?? '',
    InitiatorInstanceName: portal.initiatorInstance ?? '',
    IsHeaderDigest: portal.headerDigest,
    IsDataDigest: portal.dataDigest,
  });

const targetObject = (server: ServerState, nodeAddress: string): CimObject =>
  cim(space, 'MSFT_iSCSITarget', {
    NodeAddress: nodeAddress,
    IsConnected: server.initiator.sessions.some((session) => session.target === nodeAddress && session.connected),
  });

const requireRunning = (server: ServerState): void => {
  if (server.services['MSiSCSI']?.state !== 'running') throw refuse('iscsi.service.stopped');
};

const text = (object: Readonly<Record<string, unknown>>, name: string): string => {
  const value = object[name];
  return typeof value === 'string' ? value : '';
};

/** Sessions by identifier, or of the objects that were passed in. */
const chooseSessions = (server: ServerState, parameters: Parameters): SessionState[] => {
  const ids = parameters.texts('SessionIdentifier').map((id) => id.toLowerCase());
  const targets = parameters.objects('IscsiTarget').map((object) => text(object, 'NodeAddress'));
  const connections = parameters.objects('IscsiConnection').map((object) => text(object, 'ConnectionIdentifier'));
  const disks = parameters.objects('Disk').map((object) => text(object, 'UniqueId'));
  return server.initiator.sessions.filter(
    (session) =>
      (ids.length === 0 || ids.includes(session.id.toLowerCase())) &&
      (targets.length === 0 || targets.includes(session.target)) &&
      (connections.length === 0 || connections.includes(session.connectionId)) &&
      (disks.length === 0 || disks.length > 0),
  );
};

const wantedPortals = (parameters: Parameters): { address: string; port: number | null; source: string | null }[] =>
  parameters.has('InputObject')
    ? parameters.objects('InputObject').map((object) => ({
        address: text(object, 'TargetPortalAddress'),
        port: Number(object['TargetPortalPortNumber'] ?? 3260),
        source: text(object, 'InitiatorPortalAddress') || null,
      }))
    : parameters.texts('TargetPortalAddress').map((address) => ({
        address,
        port: parameters.number('TargetPortalPortNumber'),
        source: parameters.text('InitiatorPortalAddress'),
      }));

const findPortals = (server: ServerState, parameters: Parameters): PortalState[] =>
  wantedPortals(parameters).flatMap((wanted) => {
    const found = server.initiator.portals.filter(
      (portal) =>
        isSameAddress(portal.address, wanted.address) &&
        (wanted.port === null || portal.port === wanted.port) &&
        (wanted.source === null || isSameAddress(portal.initiatorAddress ?? '', wanted.source)),
    );
    if (found.length === 0) throw refuse('iscsi.portal.notFound', { portal: wanted.address });
    return found;
  });

const sessionIds = (parameters: Parameters): string[] =>
  parameters.has('InputObject')
    ? parameters.objects('InputObject').map((object) => text(object, 'SessionIdentifier'))
    : parameters.texts('SessionIdentifier');

const portalKeys = 'TargetPortalAddress TargetPortalPortNumber InitiatorPortalAddress InitiatorInstanceName';

export const iscsiCmdlets: readonly Cmdlet[] = [
  reader(
    'Get-IscsiTarget',
    'NodeAddress IscsiSession IscsiConnection IscsiTargetPortal InitiatorPort',
    ({ server }, parameters) => {
      requireRunning(server);
      const names = parameters.texts('NodeAddress');
      const ofSessions = parameters.objects('IscsiSession').map((object) => text(object, 'TargetNodeAddress'));
      return server.initiator.discovered
        .filter(
          (name) =>
            (names.length === 0 || names.includes(name)) && (ofSessions.length === 0 || ofSessions.includes(name)),
        )
        .map((name) => targetObject(server, name));
    },
  ),
  reader(
    'Get-IscsiSession',
    'SessionIdentifier IscsiTarget IscsiConnection IscsiTargetPortal Disk InitiatorPort InitiatorSideIdentifier TargetSideIdentifier NumberOfConnections',
    ({ server, world, used }, parameters) => {
      requireRunning(server);
      shows({ used }, 'iscsi.session.noMultipath');
      let chosen = chooseSessions(server, parameters);
      const disks = parameters.objects('Disk').map((object) => text(object, 'UniqueId'));
      if (disks.length > 0) {
        const own = visibleDisks(world, server).filter((disk) => disks.includes(disk.uniqueId));
        chosen = chosen.filter((session) => own.some((disk) => disk.sessions.some((one) => one.id === session.id)));
      }
      if (chosen.some((session) => session.boundAddress === null)) rest({ used }, 'iscsi.session.blankAddress');
      return chosen.map((session) => sessionObject(server, session));
    },
  ),
  reader(
    'Get-IscsiConnection',
    'ConnectionIdentifier IscsiSession IscsiTarget iSCSITargetPortal Disk InitiatorPort InitiatorPortalAddress InitiatorSideIdentifier TargetSideIdentifier InitiatorPortalPortNumber',
    ({ server }, parameters) => {
      requireRunning(server);
      const ids = parameters.objects('IscsiSession').map((object) => text(object, 'SessionIdentifier'));
      const targets = parameters.objects('IscsiTarget').map((object) => text(object, 'NodeAddress'));
      const keys = parameters.texts('ConnectionIdentifier');
      return server.initiator.sessions
        .filter(
          (session) =>
            session.connected &&
            (!parameters.has('IscsiSession') || ids.includes(session.id)) &&
            (!parameters.has('IscsiTarget') || targets.includes(session.target)) &&
            (keys.length === 0 || keys.includes(session.connectionId)),
        )
        .map(connectionObject);
    },
  ),
  reader(
    'Get-IscsiTargetPortal',
    `${portalKeys} iSCSISession iSCSITarget iSCSIConnection`,
    ({ server }, parameters) => {
      requireRunning(server);
      return (parameters.has('TargetPortalAddress') ? findPortals(server, parameters) : server.initiator.portals).map(
        portalObject,
      );
    },
  ),
  changer(
    'New-IscsiTargetPortal',
    `${portalKeys} AuthenticationType ChapUsername ChapSecret IsHeaderDigest IsDataDigest`,
    (change, parameters) => [
      portalObject(
        initiator.addPortal(change, {
          address: parameters.text('TargetPortalAddress') ?? '',
          port: parameters.number('TargetPortalPortNumber') ?? 3260,
          initiatorAddress: parameters.text('InitiatorPortalAddress'),
          initiatorInstance: parameters.text('InitiatorInstanceName'),
          headerDigest: parameters.boolean('IsHeaderDigest') ?? false,
          dataDigest: parameters.boolean('IsDataDigest') ?? false,
          chap: chapOf(parameters),
        }),
      ),
    ],
  ),
  changer('Remove-IscsiTargetPortal', `${portalKeys} InputObject`, (change, parameters) => {
    initiator.requireService(change);
    for (const portal of findPortals(change.server, parameters)) initiator.removePortal(change, portal);
  }),
  changer('Update-IscsiTargetPortal', `${portalKeys} InputObject`, (change, parameters) => {
    initiator.requireService(change);
    const chosen = findPortals(change.server, parameters);
    const all = change.server.initiator.portals;
    change.server.initiator.portals = all.filter((portal) => chosen.includes(portal));
    try {
      initiator.discover(change);
    } finally {
      change.server.initiator.portals = all;
    }
  }),
  changer('Update-IscsiTarget', 'NodeAddress InputObject IscsiTargetPortal IscsiSession', (change) => {
    initiator.discover(change);
    return change.server.initiator.discovered.map((name) => targetObject(change.server, name));
  }),
  changer(
    'Connect-IscsiTarget',
    'NodeAddress InputObject InitiatorInstanceName InitiatorPortalAddress TargetPortalAddress TargetPortalPortNumber AuthenticationType ChapUsername ChapSecret IsDataDigest IsHeaderDigest IsMultipathEnabled IsPersistent ReportToPnP',
    (change, parameters) => {
      shows(change, 'iscsi.logon.persistent');
      const names = parameters.has('InputObject')
        ? parameters.objects('InputObject').map((object) => text(object, 'NodeAddress'))
        : parameters.texts('NodeAddress');
      return names.map((target) =>
        sessionObject(
          change.server,
          initiator.logOn(change, {
            target,
            initiatorAddress: parameters.text('InitiatorPortalAddress'),
            portalAddress: parameters.text('TargetPortalAddress'),
            portalPort: parameters.number('TargetPortalPortNumber'),
            persistent: parameters.boolean('IsPersistent') ?? false,
            multipath: parameters.boolean('IsMultipathEnabled') ?? false,
            headerDigest: parameters.boolean('IsHeaderDigest') ?? false,
            dataDigest: parameters.boolean('IsDataDigest') ?? false,
            chap: chapOf(parameters),
          }),
        ),
      );
    },
  ),
  changer('Disconnect-IscsiTarget', 'NodeAddress SessionIdentifier InputObject', (change, parameters) => {
    initiator.requireService(change);
    const targets = parameters.has('InputObject')
      ? parameters.objects('InputObject').map((object) => text(object, 'NodeAddress'))
      : parameters.texts('NodeAddress');
    const ids = parameters.texts('SessionIdentifier');
    const chosen =
      ids.length > 0
        ? ids
        : change.server.initiator.sessions
            .filter((one) => targets.length === 0 || targets.includes(one.target))
            .map((one) => one.id);
    for (const id of chosen) initiator.logOff(change, id);
  }),
  changer(
    'Register-IscsiSession',
    'SessionIdentifier InputObject IsMultipathEnabled ChapUsername ChapSecret',
    (change, parameters) => {
      for (const id of sessionIds(parameters)) {
        const secret = parameters.text('ChapSecret');
        initiator.registerSession(change, id, parameters.boolean('IsMultipathEnabled') ?? false, {
          kind: secret === null ? 'NONE' : 'ONEWAYCHAP',
          userName: parameters.text('ChapUsername'),
          secret,
        });
      }
    },
  ),
  changer('Unregister-IscsiSession', 'SessionIdentifier InputObject', (change, parameters) => {
    for (const id of sessionIds(parameters)) initiator.unregisterSession(change, id);
  }),
  changer('Set-IscsiChapSecret', 'ChapSecret', (change, parameters) =>
    initiator.setMutualSecret(change, parameters.text('ChapSecret') || null),
  ),
  reader('Get-InitiatorPort', 'NodeAddress ConnectionType InstanceName ObjectId', ({ server }, parameters) => {
    const running = server.services['MSiSCSI']?.state === 'running';
    const wanted = parameters.texts('NodeAddress');
    return running && (wanted.length === 0 || wanted.includes(server.initiator.name))
      ? [
          cim(
            space,
            'MSFT_InitiatorPort',
            {
              NodeAddress: server.initiator.name,
              PortAddress: 'ISCSI ANY PORT',
              InstanceName: server.initiator.instance,
              // 2: iSCSI
              ConnectionType: 2,
              PortType: 1,
              OperationalStatus: [2],
              ObjectId: `{1}\\\\${server.computerName}\\root/Microsoft/Windows/Storage/Providers_v2\\WSP_InitiatorPort.ObjectId="iscsi"`,
            },
            { ConnectionType: 'iSCSI', OperationalStatus: ['Operational'] },
          ),
        ]
      : [];
  }),
  changer('Set-InitiatorPort', 'NodeAddress ObjectId InputObject NewNodeAddress', (change, parameters) =>
    initiator.setName(change, parameters.text('NewNodeAddress') ?? ''),
  ),
];
