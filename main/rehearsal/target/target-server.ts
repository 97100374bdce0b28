import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  encodeSendTargets,
  formatPortal,
  loadNativeCrc32c,
  type TaggedPortal,
  type TextPair,
} from '../../iscsi/index.ts';
import { endOfAll, sameNexus, type AbortReason, type Nexus, type NexusEnd } from '../store/index.ts';
import { Faults } from '../faults/index.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { loginStatus, TargetLogin, type LoginClaim, type LoginDone, type LoginVerdict } from './login.ts';
import { DeviceServer } from './scsi/device-server.ts';
import { TargetSession } from './session.ts';
import {
  defaultMaxSessions,
  defaultWishes,
  isLoopback,
  type EmbeddedTargetOptions,
  type ListenAddress,
  type SessionInfo,
  type TargetOptions,
} from './target-options.ts';
import type { ChapSettings } from './chap.ts';
import { flood } from './text-flood.ts';
import type { TargetEvent } from './events.ts';

interface Bound {
  readonly server: Server;
  readonly portal: TaggedPortal & { readonly tag: number };
  readonly isWildcard: boolean;
}

interface Entry {
  readonly info: SessionInfo;
  readonly session: TargetSession;
  readonly target: RunningTarget | null;
}

interface RunningTarget {
  options: TargetOptions;
  readonly deviceServer: DeviceServer;
  readonly stopAborts: () => void;
}

/**
 * A small iSCSI target (RFC 7143) for rehearsals and tests: ErrorRecoveryLevel 0, one connection per session. Not for data:
 * its LUNs are in memory or plain files and it has faults on demand.
 */
export class EmbeddedTarget implements ConnectionHost {
  readonly faults: Faults;
  readonly loginTimeoutMs: number;
  readonly #options: EmbeddedTargetOptions;
  readonly #targets = new Map<string, RunningTarget>();
  readonly #bound: Bound[] = [];
  readonly #connections = new Map<Connection, { tsih: number }>();
  readonly #entries = new Map<number, Entry>();
  #nextTsih = 1;
  #nextSessionId = 1;
  #isClosing = false;

  constructor(options: EmbeddedTargetOptions) {
    this.#options = options;
    this.faults = options.faults ?? options.targets[0]?.store.faults ?? new Faults();
    this.loginTimeoutMs = options.loginTimeoutMs ?? 15_000;
    for (const target of options.targets) this.#addTarget(target);
  }

  #addTarget(target: TargetOptions): void {
    for (const { portalGroupTag } of this.#listen()) target.store.addPortalGroup(portalGroupTag ?? 1);
    this.#targets.set(target.name, {
      options: target,
      deviceServer: new DeviceServer(target.store),
      stopAborts: target.store.onAbort((lun, nexus, reason) => {
        const theirs = [...this.#entries.values()].filter(
          (one) => one.target?.options.store === target.store && sameNexus(one.session.host.nexus, nexus),
        );
        return endOfAll(theirs.map(({ session }) => abortOn(session, lun, reason)));
      }),
    });
  }

  /** Who may log on to a target from now on, and with what proof; sessions that run go on. */
  changeAccess(name: string, access: Pick<TargetOptions, 'admit' | 'chap'>): void {
    const target = this.#findTarget(name);
    if (!target) return;
    const { admit: _admit, chap: _chap, ...rest } = target.options;
    target.options = { ...rest, ...access };
  }

  #listen(): readonly ListenAddress[] {
    return this.#options.listen ?? [{ host: '127.0.0.1', port: 0 }];
  }

  /** Starts listening. Throws a RangeError for a forbidden address and the system's error when a port is taken. */
  async start(): Promise<void> {
    await loadNativeCrc32c();
    try {
      for (const [index, address] of this.#listen().entries()) {
        if (!this.#options.allowAnyAddress && !isLoopback(address.host)) {
          throw new RangeError(`${address.host} is not a loopback address`);
        }
        this.#bound.push(await this.#bind(address, index));
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #bind({ host, port, portalGroupTag = 1 }: ListenAddress, index: number): Promise<Bound> {
    const server = createServer((socket) => this.#accept(socket, index));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    const bound = server.address() as AddressInfo;
    const isWildcard = bound.address === '0.0.0.0' || bound.address === '::';
    this.report({ kind: 'listening', host: bound.address, port: bound.port, portalGroupTag });
    return { server, portal: { host: bound.address, port: bound.port, tag: portalGroupTag }, isWildcard };
  }

  #accept(socket: Socket, portalIndex: number): void {
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    const slot = { tsih: 0 };
    this.#connections.set(new Connection(socket, portalIndex, this), slot);
  }

  /** Where the target listens, in the order of the options. */
  get portals(): readonly (TaggedPortal & { readonly tag: number })[] {
    return this.#bound.map((one) => one.portal);
  }

  get targetNames(): readonly string[] {
    return [...this.#targets.keys()];
  }

  /** The sessions that are open, discovery sessions included. */
  get sessions(): readonly SessionInfo[] {
    return [...this.#entries.values()].map((entry) => entry.info);
  }

  /** TCP connections, those in login included. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Sends an asynchronous message to every session (RFC 7143 section 11.9.1); `seconds` is Parameter3. */
  sendAsync(event: 0 | 1 | 2 | 3 | 4, seconds = 0): void {
    for (const { session } of this.#entries.values()) session.sendAsync(event, { parameter3: seconds });
  }

  /** Asks every session for a NOP-Out; resolves when all have answered. */
  async pingAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ session }) => session.ping()));
  }

  /** Cuts connections, as a pulled cable or a controller that fails over does; all of them by default. */
  cutConnections(matches: (info: SessionInfo) => boolean = () => true): void {
    for (const { info, session } of [...this.#entries.values()]) {
      if (matches(info)) session.connection.destroy('cut from outside');
    }
  }

  /** Leaves the connections open and says nothing any more: a path that is dead and does not know it. */
  fallSilent(matches: (info: SessionInfo) => boolean = () => true): void {
    for (const { info, session } of this.#entries.values()) if (matches(info)) session.connection.fallSilent();
  }

  /** Ends everything at once. The stores stay: whoever made them closes them. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const connection of [...this.#connections.keys()]) connection.destroy('the target is closing');
    for (const { stopAborts } of this.#targets.values()) stopAborts();
    await Promise.all(
      this.#bound.splice(0).map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  // ConnectionHost

  startLogin(connection: Connection): TargetLogin {
    return new TargetLogin(
      (claim) => this.#judge(claim, connection),
      () => this.#takeTsih(connection),
    );
  }

  enter(connection: Connection, done: LoginDone, cmdSn: number, tsih: number): TargetSession {
    const { claim } = done;
    const bound = this.#bound[connection.portalIndex];
    const tag = bound?.portal.tag ?? 1;
    const target = claim.sessionType === 'Normal' ? this.#findTarget(claim.targetName) : null;
    const nexus: Nexus = { initiatorName: claim.initiatorName, isid: claim.isid, portalGroupTag: tag };
    const reinstated = target ? this.#reinstate(nexus, target) : false;
    const id = this.#nextSessionId++;
    const info: SessionInfo = {
      id,
      sessionType: claim.sessionType,
      targetName: claim.targetName,
      initiatorName: claim.initiatorName,
      isid: claim.isid,
      tsih,
      portalGroupTag: tag,
      portalIndex: connection.portalIndex,
      from: connection.from,
      authenticated: done.authenticated,
    };
    const session = new TargetSession(
      {
        id,
        deviceServer: target?.deviceServer ?? null,
        nexus,
        port: {
          targetName: claim.targetName ?? '',
          portalGroupTag: tag,
          portalIndex: connection.portalIndex,
          portalGroupTags: [...new Set(this.portals.map((portal) => portal.tag))].sort((left, right) => left - right),
        },
        parameters: done.parameters,
        queueDepth: this.#options.queueDepth ?? 64,
        phaseCollapse: this.#options.phaseCollapse ?? true,
        answerSendTargets: (value) => this.#sendTargets(value, claim, connection),
        scope: {
          sessions: () => [...this.#entries.values()].filter((one) => one.target === target).map((one) => one.session),
          coldReset: () => this.cutConnections((one) => one.targetName === claim.targetName),
        },
        ended: (because, end) => this.#sessionEnded(id, nexus, target, because, end),
      },
      connection,
      cmdSn,
    );
    this.#entries.set(id, { info, session, target });
    if (target) this.#formNexus(nexus, target, reinstated);
    this.report({
      kind: 'login',
      session: id,
      sessionType: claim.sessionType,
      initiatorName: claim.initiatorName,
      isid: claim.isid,
      targetName: claim.targetName,
      from: connection.from,
      reinstated,
    });
    return session;
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  report(event: TargetEvent): void {
    this.#options.onEvent?.(event);
  }

  // Login

  #judge(claim: LoginClaim, connection: Connection): LoginVerdict {
    const refuse = (status: number, because: string): LoginVerdict => ({ kind: 'refused', status, because });
    const forced = this.faults.argument('login-status');
    if (forced !== undefined) return refuse(parseInt(forced, 16), `the fault login-status:${forced}`);
    const only = this.faults.argument('admit-one');
    if (only !== undefined && claim.initiatorName !== only) {
      return refuse(loginStatus.authorizationFailure, `${claim.initiatorName} is not the one that is admitted`);
    }
    const tag = this.#bound[connection.portalIndex]?.portal.tag ?? 1;
    const welcome = (chap: ChapSettings | null | undefined, alias: string | null): LoginVerdict => ({
      kind: 'welcome',
      chap: chap ? { ...chap, wrongProof: () => this.faults.has('chap-proof-wrong') } : null,
      wishes: { ...defaultWishes, ...this.#options.wishes },
      portalGroupTag: tag,
      alias,
    });
    if (claim.sessionType === 'Discovery') return welcome(this.#options.discoveryChap, null);
    const target = this.#findTarget(claim.targetName);
    if (!target) return refuse(loginStatus.notFound, `there is no target ${claim.targetName ?? ''}`);
    if (!admits(target.options, claim.initiatorName)) {
      return refuse(loginStatus.authorizationFailure, `${claim.initiatorName} is not admitted`);
    }
    const moved = this.#movedTo(connection);
    if (moved) return moved;
    if (claim.tsih !== 0) return refuse(...this.#judgeTsih(claim));
    const open = [...this.#entries.values()].filter((one) => one.target === target);
    const replaces = open.some(({ info }) => info.initiatorName === claim.initiatorName && info.isid === claim.isid);
    const isFull = this.faults.has('target-full') || open.length >= (target.options.maxSessions ?? defaultMaxSessions);
    if (isFull && !replaces) return refuse(loginStatus.outOfResources, 'there is no room for another session');
    return welcome(target.options.chap, target.options.alias ?? null);
  }

  #movedTo(connection: Connection): LoginVerdict | null {
    const temporary = this.faults.argument('redirect-temporary');
    const permanent = this.faults.argument('redirect-permanent');
    const address = temporary ?? permanent;
    const here = this.#bound[connection.portalIndex]?.portal;
    // Whoever already came to where it is sent is let in: else a redirect among our own portals would never end.
    if (address === undefined || (here && formatPortal(here) === address)) return null;
    const status = temporary === undefined ? loginStatus.movedPermanently : loginStatus.movedTemporarily;
    return { kind: 'moved', status, address };
  }

  /** A second connection for a session (RFC 7143 section 6.3.1): MaxConnections is 1, so there is never room for it. */
  #judgeTsih(claim: LoginClaim): [number, string] {
    const exists = [...this.#entries.values()].some(
      ({ info }) => info.tsih === claim.tsih && info.initiatorName === claim.initiatorName && info.isid === claim.isid,
    );
    return exists
      ? [loginStatus.tooManyConnections, 'the session has its one connection already']
      : [loginStatus.sessionDoesNotExist, `there is no session with the TSIH ${claim.tsih}`];
  }

  #findTarget(name: string | null): RunningTarget | null {
    // iSCSI names are compared in lower case (RFC 7143 section 4.2.7.2).
    return (name === null ? undefined : this.#targets.get(name.toLowerCase())) ?? null;
  }

  #takeTsih(connection: Connection): number {
    const tsih = this.#nextTsih;
    this.#nextTsih = (tsih % 0xffff) + 1;
    const slot = this.#connections.get(connection);
    if (slot) slot.tsih = tsih;
    return tsih;
  }

  /** The same name, ISID and portal group again: the old session ends (RFC 7143 section 6.3.5). */
  #reinstate(nexus: Nexus, target: RunningTarget): boolean {
    const old = [...this.#entries.values()].find(
      (entry) => entry.target === target && sameNexus(entry.session.host.nexus, nexus),
    );
    if (!old) return false;
    old.session.end('the session was reinstated');
    old.session.connection.destroy('the session was reinstated');
    return true;
  }

  #formNexus(nexus: Nexus, target: RunningTarget, reinstated: boolean): void {
    const { store } = target.options;
    store.nexusFormed(nexus);
    if (this.#options.powerOnAttention === false) return;
    for (const lun of store.luns) store.get(lun)?.establish(nexus, reinstated ? 'nexusLoss' : 'powerOn');
  }

  #sessionEnded(id: number, nexus: Nexus, target: RunningTarget | null, because: string, end: NexusEnd): void {
    this.#entries.delete(id);
    target?.options.store.nexusLost(nexus, end);
    this.report({ kind: 'sessionEnded', session: id, because });
  }

  // Discovery

  #sendTargets(value: string, claim: LoginClaim, connection: Connection): TextPair[] {
    if (this.faults.has('text-flood')) return flood();
    const portals = [
      ...this.#bound.map((one) => this.#advertised(one, connection)),
      ...(this.#options.alsoAdvertise ?? []),
    ];
    // RFC 7143 appendix C: All only in a discovery session; empty means this session's own target; else the one named.
    const wanted = (name: string): boolean => {
      if (value === 'All') return claim.sessionType === 'Discovery';
      return value === '' ? name === claim.targetName : name === value;
    };
    const seen = [...this.#targets.values()]
      .filter(({ options }) => wanted(options.name) && admits(options, claim.initiatorName))
      .map(({ options }) => ({ name: options.name, portals }));
    return encodeSendTargets(seen).map(([key, text]): TextPair => [key, text]);
  }

  /** A wildcard address means the one under which the initiator reached us. */
  #advertised({ portal, isWildcard }: Bound, connection: Connection): TaggedPortal {
    const host = isWildcard ? (connection.socket.localAddress ?? portal.host).replace(/^::ffff:/, '') : portal.host;
    return { ...portal, host };
  }
}

/**
 * Ends the commands of a session on one LUN. The one that preempts is spared where it preempts its own key, and so is
 * another that waits for what it ended (SPC-4 clause 5.13.11.2.5): two that end each other would wait for ever.
 */
const abortOn = (session: TargetSession, lun: number, reason: AbortReason): Promise<unknown> | null =>
  session.abortTasks(
    (task) =>
      task.lunNumber === lun &&
      !(reason === 'preempted' && task.isRunning && task.command === 'persistent-reserve-out'),
  ).ended;

const admits = (target: TargetOptions, initiatorName: string): boolean =>
  target.admit === undefined || target.admit.some((name) => name.toLowerCase() === initiatorName.toLowerCase());

/** Makes a target and starts it. */
export const startEmbeddedTarget = async (options: EmbeddedTargetOptions): Promise<EmbeddedTarget> => {
  const target = new EmbeddedTarget(options);
  await target.start();
  return target;
};
