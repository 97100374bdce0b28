import { isSameAddress } from '../../../../shared/model/address.ts';
import { findChapSecretProblem, findIscsiNameProblem } from '../../../../shared/model/windows-iscsi.ts';
import { between, findFault, requireAdministrator, rest, type Change } from '../change.ts';
import { nextHex, nextId } from '../random.ts';
import { portalsOf, routesToPortal, type PortalRoute } from '../reach.ts';
import { refuse } from '../refusal.ts';
import type { ChapState, FavouriteState, PortalState, ServerState, SessionState, WorldState } from '../state.ts';
import { joinsPaths } from '../visible-disks.ts';
import { isDiskInUse, syncDisks } from './disks.ts';

export const requireService = (change: Change): void => {
  if (change.server.services['MSiSCSI']?.state !== 'running') throw refuse('iscsi.service.stopped');
};

export const setService = (change: Change, running: boolean, startMode: 'automatic' | 'manual' | 'disabled'): void => {
  requireAdministrator(change);
  const { server, world } = change;
  const service = server.services['MSiSCSI'];
  if (!service) throw refuse('service.notFound', { what: 'MSiSCSI' });
  service.startMode = startMode;
  between(change);
  if (running && service.state !== 'running') {
    service.state = 'running';
    logOnFavourites(world, server);
  } else if (!running && service.state === 'running') {
    service.state = 'stopped';
    server.initiator.sessions = [];
  }
  syncDisks(world, server);
};

export const setFirewall = (change: Change, names: readonly string[], enabled: boolean): void => {
  requireAdministrator(change);
  for (const rule of change.server.firewallRules) if (names.includes(rule.name)) rule.enabled = enabled;
};

export const setName = (change: Change, name: string): void => {
  requireAdministrator(change);
  requireService(change);
  if (findIscsiNameProblem(name) !== null) throw refuse('iscsi.name.invalid', { name });
  change.server.initiator.name = name;
};

const checkSecret = (secret: string): void => {
  if (findChapSecretProblem(secret) !== null) {
    throw refuse('iscsi.chap.length', { problem: `has ${Buffer.byteLength(secret)} bytes` });
  }
};

export const setMutualSecret = (change: Change, secret: string | null): void => {
  requireAdministrator(change);
  requireService(change);
  if (secret !== null) checkSecret(secret);
  change.server.initiator.mutualSecret = secret;
};

const samePortal = (
  portal: PortalState,
  wanted: { readonly address: string; readonly port: number; readonly initiatorAddress: string | null },
): boolean =>
  isSameAddress(portal.address, wanted.address) &&
  portal.port === wanted.port &&
  (portal.initiatorAddress === null) === (wanted.initiatorAddress === null) &&
  (wanted.initiatorAddress === null || isSameAddress(portal.initiatorAddress ?? '', wanted.initiatorAddress));

export const addPortal = (change: Change, portal: PortalState): PortalState => {
  requireAdministrator(change);
  requireService(change);
  const { server } = change;
  if (portal.chap.secret !== null) checkSecret(portal.chap.secret);
  discoverOver(change, portal);
  const present = server.initiator.portals.find((one) =>
    samePortal(one, { address: portal.address, port: portal.port, initiatorAddress: portal.initiatorAddress }),
  );
  if (present) {
    rest(change, 'iscsi.portal.addedTwice');
    return present;
  }
  server.initiator.portals.push(portal);
  return portal;
};

export const removePortal = (
  change: Change,
  wanted: { readonly address: string; readonly port: number; readonly initiatorAddress: string | null },
): void => {
  requireAdministrator(change);
  requireService(change);
  const { initiator } = change.server;
  const portal = initiator.portals.find((one) => samePortal(one, wanted));
  if (!portal) throw refuse('iscsi.portal.notFound', { portal: `${wanted.address}:${wanted.port}` });
  initiator.portals = initiator.portals.filter((one) => one !== portal);
};

const portalDetail = (portal: { address: string; port: number; initiatorAddress: string | null }) => ({
  portal: `${portal.address}:${portal.port}`,
  source: portal.initiatorAddress ?? 'any address',
});

/** A discovery session: the names of the targets that admit this initiator, or a refusal. */
const discoverOver = (change: Change, portal: PortalState): void => {
  const { world, server } = change;
  const routes = routesToPortal(world, server, portal.address, portal.port, portal.initiatorAddress);
  if (routes.length === 0) throw refuse('iscsi.portal.unreachable', portalDetail(portal));
  for (const { target } of routes) {
    if (target.admits !== null && !target.admits.includes(server.initiator.name)) continue;
    if (!server.initiator.discovered.includes(target.name)) server.initiator.discovered.push(target.name);
  }
};

/** Asks every portal again; a portal that does not answer ends it after the others were asked. */
export const discover = (change: Change): void => {
  requireAdministrator(change);
  requireService(change);
  const silent: PortalState[] = [];
  for (const portal of change.server.initiator.portals) {
    try {
      discoverOver(change, portal);
    } catch {
      silent.push(portal);
    }
  }
  const [first] = silent;
  if (first) throw refuse('iscsi.portal.unreachable', portalDetail(first), { keepsChanges: true });
};

export interface Logon {
  readonly target: string;
  readonly initiatorAddress: string | null;
  readonly portalAddress: string | null;
  readonly portalPort: number | null;
  readonly persistent: boolean;
  readonly multipath: boolean;
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
  readonly chap: ChapState;
}

/** Logs on as Connect-IscsiTarget does: what is left out means "any". */
export const logOn = (change: Change, request: Logon): SessionState => {
  requireAdministrator(change);
  requireService(change);
  const { server, world } = change;
  if (!server.initiator.discovered.includes(request.target)) {
    throw refuse('iscsi.target.notFound', { target: request.target });
  }
  if (request.chap.secret !== null) checkSecret(request.chap.secret);
  if (
    request.initiatorAddress !== null &&
    !server.nics.some((nic) => nic.addresses.some((held) => isSameAddress(held.address, request.initiatorAddress!)))
  ) {
    throw refuse('iscsi.source.unknown', { address: request.initiatorAddress });
  }
  if (!request.multipath && server.initiator.sessions.some((one) => one.target === request.target && one.connected)) {
    throw refuse('iscsi.session.exists', { target: request.target });
  }
  const session = establish(world, server, request);
  if (request.portalAddress === null || request.initiatorAddress === null) rest(change, 'iscsi.logon.default');
  server.initiator.sessions.push(session);
  between(change);
  if (request.persistent) server.initiator.favourites.push(favouriteOf(world, session));
  syncDisks(world, server);
  return session;
};

/** Opens a session or refuses; it is not yet in the list. */
const establish = (world: WorldState, server: ServerState, request: Logon): SessionState => {
  const { name } = server.initiator;
  const target = world.targets[request.target];
  const portals = (target ? portalsOf(world, target) : []).filter(
    (portal) =>
      request.portalAddress === null ||
      (isSameAddress(portal.address, request.portalAddress) &&
        (request.portalPort === null || portal.port === request.portalPort)),
  );
  const routes = portals.flatMap((portal) =>
    routesToPortal(world, server, portal.address, portal.port, request.initiatorAddress).filter(
      (route) => route.target.name === request.target,
    ),
  );
  const [route] = routes;
  if (!route) {
    throw refuse('iscsi.connection.failed', {
      portal: `${request.portalAddress ?? 'any portal'}:${request.portalPort ?? 3260}`,
      source: request.initiatorAddress ?? 'any address',
    });
  }
  checkAdmission(world, server, request, route, name);
  const id = nextId(world);
  return {
    id: `ffff${nextHex(world, 12).toLowerCase()}-4000013700000${(0x100 + id).toString(16).toLowerCase()}`,
    target: request.target,
    initiatorName: name,
    boundAddress: request.initiatorAddress,
    localAddress: route.localAddress,
    localPort: 49_152 + (id % 16_000),
    portalAddress: route.portal.address,
    portalPort: route.portal.port,
    connectionId: `ffff${nextHex(world, 12).toLowerCase()}-${id.toString(16)}`,
    isid: `40000137${(id & 0xffff).toString(16).padStart(4, '0')}`,
    tsih: (0x100 + id).toString(16).padStart(4, '0'),
    persistent: request.persistent,
    connected: true,
    claimed: joinsPaths(server),
    discovered: true,
    multipath: request.multipath,
    headerDigest: request.headerDigest,
    dataDigest: request.dataDigest,
    chap: request.chap,
  };
};

const checkAdmission = (
  world: WorldState,
  server: ServerState,
  request: Logon,
  route: PortalRoute,
  initiatorName: string,
): void => {
  const { target } = route;
  const detail = { target: target.name, initiator: initiatorName };
  const refused = findFault(
    world,
    'logonRefused',
    (fault) => fault.target === target.name && (fault.initiator === null || fault.initiator === initiatorName),
  );
  if (refused?.reason === 'authorization' || (target.admits !== null && !target.admits.includes(initiatorName))) {
    throw refuse('iscsi.logon.authorization', { ...detail, reason: 'the target does not admit this name' });
  }
  const wrong = { ...detail, reason: 'the CHAP name or secret is not the one of the target' };
  if (refused?.reason === 'authentication') throw refuse('iscsi.logon.authentication', wrong);
  if (target.chap) {
    const { chap } = request;
    if (chap.kind === 'NONE' || chap.userName !== target.chap.userName || chap.secret !== target.chap.secret) {
      throw refuse('iscsi.logon.authentication', wrong);
    }
  }
  if (request.chap.kind === 'MUTUALCHAP' && target.mutual?.secret !== server.initiator.mutualSecret) {
    throw refuse('iscsi.logon.authentication', { ...detail, reason: 'the target did not prove itself' });
  }
};

const favouriteOf = (world: WorldState, session: SessionState): FavouriteState => ({
  id: `favourite-${nextId(world)}`,
  target: session.target,
  initiatorAddress: session.boundAddress,
  portalAddress: session.portalAddress,
  portalPort: session.portalPort,
  multipath: session.multipath,
  headerDigest: session.headerDigest,
  dataDigest: session.dataDigest,
  chap: session.chap,
});

/** What the service does when it starts: one session for every favourite, so a doubled favourite gives two. */
export const logOnFavourites = (world: WorldState, server: ServerState): void => {
  for (const favourite of server.initiator.favourites) {
    try {
      const session = establish(world, server, { ...favourite, persistent: true });
      server.initiator.sessions.push(session);
    } catch {
      // The service tries again by itself later; until then the favourite has no session.
    }
  }
};

export const findSession = (server: ServerState, id: string): SessionState | undefined =>
  server.initiator.sessions.find((session) => session.id.toLowerCase() === id.toLowerCase());

const sessionOrRefuse = (change: Change, id: string): SessionState => {
  const session = findSession(change.server, id);
  if (!session) throw refuse('iscsi.session.notFound', { session: id });
  return session;
};

export const logOff = (change: Change, id: string): void => {
  requireAdministrator(change);
  requireService(change);
  const { server, world } = change;
  const session = sessionOrRefuse(change, id);
  const lastPath =
    server.initiator.sessions.filter((other) => other.target === session.target && other.connected).length === 1;
  if (lastPath && isDiskInUse(world, server, session)) throw refuse('iscsi.session.busy', { session: id });
  server.initiator.sessions = server.initiator.sessions.filter((other) => other !== session);
  syncDisks(world, server);
};

/** Makes a session persistent; done twice it leaves two favourites. */
export const registerSession = (change: Change, id: string, multipath: boolean, chap: ChapState): SessionState => {
  requireAdministrator(change);
  requireService(change);
  const session = sessionOrRefuse(change, id);
  if (session.persistent) rest(change, 'iscsi.register.twice');
  session.persistent = true;
  change.server.initiator.favourites.push({
    ...favouriteOf(change.world, { ...session, multipath, chap: chap.kind === 'NONE' ? session.chap : chap }),
  });
  return session;
};

const fits = (favourite: FavouriteState, session: SessionState): boolean =>
  favourite.target === session.target &&
  favourite.initiatorAddress === session.boundAddress &&
  (favourite.portalAddress === null || isSameAddress(favourite.portalAddress, session.portalAddress));

export const unregisterSession = (change: Change, id: string): void => {
  requireAdministrator(change);
  requireService(change);
  const { initiator } = change.server;
  const session = sessionOrRefuse(change, id);
  const favourite = initiator.favourites.find((one) => fits(one, session));
  if (!favourite) throw refuse('iscsi.favourite.notFound', { target: session.target, source: '', portal: '' });
  initiator.favourites = initiator.favourites.filter((one) => one !== favourite);
  session.persistent = initiator.favourites.some((one) => fits(one, session));
};

export const removeFavourite = (
  change: Change,
  wanted: Pick<FavouriteState, 'target' | 'initiatorAddress' | 'portalAddress' | 'portalPort'>,
): void => {
  requireAdministrator(change);
  requireService(change);
  const { initiator } = change.server;
  const equal = (one: string | null, other: string | null): boolean =>
    one === null || other === null ? one === other : isSameAddress(one, other);
  const favourite = initiator.favourites.find(
    (one) =>
      one.target === wanted.target &&
      equal(one.initiatorAddress, wanted.initiatorAddress) &&
      equal(one.portalAddress, wanted.portalAddress) &&
      one.portalPort === wanted.portalPort,
  );
  if (!favourite) {
    throw refuse('iscsi.favourite.notFound', {
      target: wanted.target,
      source: wanted.initiatorAddress ?? 'any address',
      portal: wanted.portalAddress ?? 'any portal',
    });
  }
  initiator.favourites = initiator.favourites.filter((one) => one !== favourite);
  for (const session of initiator.sessions) {
    session.persistent = initiator.favourites.some((one) => fits(one, session));
  }
};
