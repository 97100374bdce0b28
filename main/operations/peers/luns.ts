import { explain, Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { isAddress, isInPrefix } from '../../../shared/model/address.ts';
import { isOnSharedBus, type BusType, type Disk } from '../../../shared/model/disk.ts';
import {
  identityOfDisk,
  seenLunsSchema,
  type LunMap,
  type SeenLuns,
  type SeenPath,
} from '../../../shared/model/lun-map.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import type { IscsiSession } from '../../../shared/model/windows-iscsi.ts';
import { judgeLuns, type SeeingServer } from '../../../shared/rules/peers/luns.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { formatPortal } from '../../iscsi/index.ts';
import type { Ports } from '../../ports/ports.ts';
import { readPart } from '../plans/read-part.ts';
import { answered } from './group.ts';
import type { LocalAddress } from '../qualification/access.ts';

type DiskIdentity = Pick<Disk, 'uniqueId' | 'uniqueIdFormat' | 'serialNumber' | 'sizeBytes'>;

const toUnit = (disk: DiskIdentity) => ({
  lun: null,
  identity: identityOfDisk(disk),
  serial: disk.serialNumber,
  sizeBytes: disk.sizeBytes.toString(),
});

const blind = (path: Partial<SeenPath>, because: string): SeenPath => ({
  by: 'windows',
  bus: 'iscsi',
  target: null,
  portal: null,
  source: null,
  ...path,
  units: null,
  because,
});

const endsOf = ({ connections, initiatorPortalAddress }: IscsiSession): Pick<SeenPath, 'portal' | 'source'> => {
  const [connection] = connections ?? [];
  return {
    portal: connection ? formatPortal({ host: connection.targetAddress, port: connection.targetPort }) : null,
    source: initiatorPortalAddress ?? connection?.initiatorAddress ?? null,
  };
};

const stopped = 'INITIATOR_SERVICE_STOPPED';

/** The units that Windows itself shows: over each session of its initiator, and over other buses that servers share. Reads only. */
export const seenByWindows = async (ports: Ports, signal?: AbortSignal): Promise<SeenPath[]> => {
  const options = signal ? { signal } : {};
  const [state, sessionDisks, disks] = await Promise.all([
    readPart(() => ports.initiator.readState(options)),
    readPart(() => ports.initiator.listSessionDisks(options)),
    readPart(() => ports.disks.list(options)),
  ]);
  const paths: SeenPath[] = [];
  const unreadSessions =
    state.because ?? state.value?.unread.find(({ property }) => property === 'sessions')?.because ?? null;
  // A service that is stopped leads to no disk; sessions that could not be read may lead to any.
  if (unreadSessions !== null && unreadSessions !== stopped) paths.push(blind({}, unreadSessions));
  if (sessionDisks.because !== null) paths.push(blind({}, sessionDisks.because));
  const bySession = new Map((sessionDisks.value ?? []).map((one) => [one.sessionIdentifier, one]));
  for (const session of (state.value?.sessions ?? []).filter(({ isConnected }) => isConnected)) {
    const path = { target: session.targetNodeAddress, ...endsOf(session) };
    const found = bySession.get(session.sessionIdentifier);
    if (!found?.disks) paths.push(blind(path, found?.because ?? 'the session came or went while it was read'));
    else paths.push({ by: 'windows', bus: 'iscsi', ...path, units: found.disks.map(toUnit), because: null });
  }
  if (disks.because !== null) paths.push(blind({}, disks.because));
  const told = new Set(paths.flatMap(({ units }) => (units ?? []).map(({ identity }) => identity)));
  const others = new Map<BusType, SeenPath['units']>();
  for (const disk of (disks.value ?? []).filter(isOnSharedBus)) {
    // What no session leads to came over a host bus adapter.
    const unit = toUnit(disk);
    if (disk.busType !== 'iscsi' || !told.has(unit.identity))
      others.set(disk.busType, [...(others.get(disk.busType) ?? []), unit]);
  }
  for (const [bus, units] of others)
    paths.push({ by: 'windows', bus, target: null, portal: null, source: null, units, because: null });
  return paths;
};

export interface OwnInitiator {
  addresses(): readonly LocalAddress[];
  discover(input: {
    readonly portal: string;
    readonly sourceIp: string;
    readonly withLuns: true;
  }): Promise<Pick<Output<'iscsi.discover'>, 'targets'>>;
}

/** With what to do where the person who compares can do it at once. */
const why = ({ code, what, next }: { readonly code: string; readonly what: string; readonly next: string }): string =>
  code === 'ISCSI_LOGIN_CHAP_NEEDED' ? `it needs CHAP. ${next} Then compare again.` : `${what} [${code}]`;

const lookOver = async (
  own: OwnInitiator,
  portal: string,
  source: string,
  signal?: AbortSignal,
): Promise<SeenPath[]> => {
  const path = { by: 'quorate', bus: 'iscsi', portal, source } as const;
  try {
    const { targets } = await own.discover({ portal, sourceIp: source, withLuns: true });
    if (targets.length === 0) return [{ ...path, target: null, units: [], because: null }];
    return targets.map(({ name, luns, problem, lunsReadOver }) => {
      const over = lunsReadOver ?? portal;
      if (!luns) return blind({ ...path, target: name, portal: over }, problem ? why(problem) : 'it told no units');
      const units = luns.map(({ lun, identity, serial, sizeBytes }) => ({ lun, identity, serial, sizeBytes }));
      return { ...path, target: name, portal: over, units, because: null };
    });
  } catch (error) {
    if (signal?.aborted || !(error instanceof Failure) || error.code === 'INTERNAL_BUG') throw error;
    return [blind({ ...path, target: null }, why(explain(toEnvelope(error))))];
  }
};

/**
 * The units that Quorate's own initiator is shown over these portals, from every address that this server has in the portal's subnet. A portal that is
 * not on a link of this server is not connected to. Reads only.
 */
export const seenOverPortals = async (
  portals: readonly Endpoint[],
  own: OwnInitiator,
  signal?: AbortSignal,
): Promise<SeenPath[]> => {
  const paths: SeenPath[] = [];
  const addresses = portals.length === 0 ? [] : own.addresses();
  for (const { address, port } of portals) {
    const portal = formatPortal({ host: address, port });
    const sources = isAddress(address)
      ? addresses.filter((one) => isInPrefix(address, one.address, one.prefixLength)).map((one) => one.address)
      : [];
    if (sources.length === 0)
      paths.push(
        blind(
          { by: 'quorate', portal },
          isAddress(address) ? 'it has no address in the subnet of the portal' : 'the portal has to be an address',
        ),
      );
    for (const source of sources) paths.push(...(await lookOver(own, portal, source, signal)));
  }
  return paths;
};

/** How the server at hand is looked at. */
export interface LookHere {
  /** Reads its Windows; null where it is none. */
  readonly windows: (<T>(read: (ports: Ports) => Promise<T>) => Promise<T>) | null;
  /** Quorate's own initiator here; null where the server is simulated and has no network that a logon could take. */
  readonly own: OwnInitiator | null;
}

/** What this server sees: by Windows, and by Quorate's own initiator over the portals that are named. Reads only. */
export const seenHere = async (
  portals: readonly Endpoint[],
  { windows, own }: LookHere,
  signal?: AbortSignal,
): Promise<SeenLuns> => {
  const byWindows = await windows?.((ports) => seenByWindows(ports, signal));
  const nothing = blind({ by: 'quorate' }, 'it is no Windows Server: name the portals to look over ("--portal")');
  const overPortals = own
    ? await seenOverPortals(portals, own, signal)
    : portals.map(({ address, port }) =>
        blind(
          { by: 'quorate', portal: formatPortal({ host: address, port }) },
          'a simulated server logs on nowhere; its own sessions are told',
        ),
      );
  return seenLuns([...(byWindows ?? (portals.length === 0 ? [nothing] : [])), ...overPortals]);
};

/** A server whose units are still to be asked for. */
export interface ServerToLookAt {
  readonly id: string;
  readonly name: string;
  /** Answers in the form of `seenLunsSchema`, not yet checked. */
  readonly ask: () => Promise<unknown>;
}

/**
 * Asks all servers at once and puts their units side by side. One that does not answer has a column that says why.
 * @throws Failure PEER_NONE_TO_COMPARE, CANCELLED
 */
export const mapLuns = async (
  servers: readonly ServerToLookAt[],
  at: string,
  signal?: AbortSignal,
): Promise<LunMap> => {
  if (servers.length < 2) throw failure('PEER_NONE_TO_COMPARE', {});
  const seeing = await Promise.all(
    servers.map(async ({ id, name, ask }): Promise<SeeingServer> => {
      const { answer, because } = await answered(ask(), seenLunsSchema, signal);
      return { id, name, seen: answer, because };
    }),
  );
  return judgeLuns(seeing, at);
};

export const seenLuns = (paths: readonly SeenPath[]): SeenLuns => ({
  schema: 'quorate.seen-luns/1',
  paths: [...paths],
});
