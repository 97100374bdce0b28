import { mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Method, Progress } from '../../shared/contract/define.ts';
import { fromEnvelope, type Envelope, type Outcome } from '../../shared/errors/failure.ts';
import type { Caller } from '../../shared/model/caller.ts';
import { peerIdOf, type Endpoint, type PeerConnection } from '../../shared/model/peer.ts';
import { callerGone } from '../channel/caller-gone.ts';
import type { FirewallPort } from '../ports/firewall-port.ts';
import { unknownAnswer, type GroupServer, type PeerCallOptions, type PeerPort } from '../ports/peer-port.ts';
import type { Door } from './doors.ts';
import type { FirewallView, OpenDoor, PeerFirewall } from './firewall.ts';
import { groupOf } from './group.ts';
import type { PeerLog } from './peer-log.ts';
import type { AskingPeer, PeerService } from './service.ts';

/** Answers a method of the contract; what the core's dispatcher does. */
export type AnswerCall = (
  method: string,
  input: unknown,
  options: { readonly caller: Caller; readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
) => Promise<Outcome>;

export interface PeersOptions {
  readonly dataFolder: string;
  /** The computer name of this server. */
  readonly name: string;
  readonly version: string;
  /** The program whose ports the firewall's rules open. */
  readonly program: string;
  readonly answer: AnswerCall;
  /** The declaration of a method of the contract. */
  readonly find: (method: string) => Promise<Method | undefined>;
  /** Opens the firewall of this server for one call; null where it has none of Windows. */
  readonly onFirewall: ((work: (port: FirewallPort) => Promise<void>) => Promise<void>) | null;
  readonly log?: PeerLog;
}

/** The peers of a core. The service is opened by the first who needs it, and at the start of a core that lives on. */
export class Peers implements PeerPort {
  readonly #options: PeersOptions;
  #service: Promise<PeerService> | null = null;
  #firewall: Promise<PeerFirewall> | null = null;
  #firewallView: (() => FirewallView) | null = null;
  #starting: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** @throws Failure PEER_IDENTITY_DAMAGED, PEER_IDENTITY_LOST, PEER_BOOK_DAMAGED */
  service(): Promise<PeerService> {
    this.#service ??= this.#open().catch((error: unknown) => {
      this.#service = null;
      throw error;
    });
    return this.#service;
  }

  /**
   * Listens: on these addresses for this run, which have to be there, else where `peers listen` said, as soon as they are. Without either, nothing is
   * opened, unless peers wait for us; nor where it was closed meanwhile.
   * @throws Failure PEER_LISTEN_FAILED and those of {@link service}
   */
  start(listen: readonly Endpoint[] | undefined): Promise<PeerService | null> {
    const starting = this.#start(listen);
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  async #start(listen: readonly Endpoint[] | undefined): Promise<PeerService | null> {
    const [{ PeerBook }, files] = await Promise.all([import('./membership/book.ts'), this.#files()]);
    if (this.#isClosed) return null;
    const book = new PeerBook(files);
    const isNamed = listen !== undefined && listen.length > 0;
    const wanted = isNamed ? listen : book.listen();
    if (wanted.length === 0 && book.members().length === 0) {
      // A process that was killed may have left rules behind.
      await (await this.#openFirewall())?.set([]);
      return null;
    }
    const service = await this.service();
    await service.listen(wanted, !isNamed);
    await this.firewallSettled();
    return service;
  }

  async call(peer: string, method: string, input: unknown, options: PeerCallOptions = {}): Promise<unknown> {
    const service = await this.service();
    const outcome = (await service.call(peer, method, input, {
      deadlineMs: null,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.progress ? { onProgress: options.progress } : {}),
      ...(options.epoch ? { epoch: options.epoch.number } : {}),
    })) as Partial<Outcome> | null;
    if (outcome?.ok === true) return (outcome as { result: unknown }).result;
    if (outcome?.ok === false) throw fromEnvelope((outcome as { error: Envelope }).error);
    throw await unknownAnswer(this, peer, method, 'it is neither a result nor a failure');
  }

  async describe(peer: string): Promise<{ readonly name: string; readonly version: string | null } | null> {
    return (await this.names()).find(({ id }) => id === peer) ?? null;
  }

  /** The paired servers by the names that they have now. */
  async names(): Promise<readonly { readonly id: string; readonly name: string; readonly version: string | null }[]> {
    const service = await this.service();
    return service.book
      .members()
      .map(({ fingerprint, name, version: told }) => ({ id: peerIdOf(fingerprint), name, version: told }));
  }

  /** This server and those that are paired with it. */
  async group(): Promise<GroupServer[]> {
    const paired = await this.paired();
    const here: GroupServer['call'] = async (method, input, signal = new AbortController().signal) => {
      const outcome = await this.#options.answer(method, input, {
        caller: { kind: 'cli' },
        signal,
        onProgress: () => undefined,
      });
      if (!outcome.ok) throw fromEnvelope(outcome.error);
      return outcome.result;
    };
    return groupOf({ name: this.#options.name, here, paired, peers: this });
  }

  /** Those who know us as we know them; none are asked for where this data folder has no peers. */
  async paired(): Promise<readonly { readonly fingerprint: string; readonly name: string }[]> {
    if (!this.#service) {
      const [{ PeerBook }, files] = await Promise.all([import('./membership/book.ts'), this.#files()]);
      if (new PeerBook(files).members().length === 0) return [];
    }
    const { book } = await this.service();
    return book.members().filter(({ state }) => state === 'paired');
  }

  /** The connections of paired servers that are open now; none where this process keeps none. */
  async connections(): Promise<readonly PeerConnection[]> {
    return (await this.#service?.catch(() => null))?.connections() ?? [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Who starts at this moment would listen on, with nobody to close it.
    await this.#starting;
    const service = await this.#service?.catch(() => null);
    await service?.close();
    await (await this.#firewall?.catch(() => null))?.close();
  }

  /** How the server's firewall stands to what is listened on. */
  firewall(): FirewallView {
    return this.#firewallView?.() ?? { state: 'notManaged', reason: null };
  }

  /** Waits until the firewall is as the doors are. */
  async firewallSettled(): Promise<void> {
    const [service, firewall] = await Promise.all([this.#service?.catch(() => null), this.#openFirewall()]);
    if (service && firewall) await firewall.set(openDoors(service.doors()));
  }

  /** Null where there is no Windows firewall: what a rehearsal simulates has one. */
  #openFirewall(): Promise<PeerFirewall | null> {
    const { dataFolder, program, onFirewall, log } = this.#options;
    if (!onFirewall) return Promise.resolve(null);
    this.#firewall ??= (async () => {
      const [{ PeerFirewall: Made }, files] = await Promise.all([import('./firewall.ts'), this.#files()]);
      const firewall = new Made({ files, dataFolder, program, use: onFirewall, ...(log ? { log } : {}) });
      this.#firewallView = () => firewall.view;
      return firewall;
    })();
    return this.#firewall;
  }

  async #files() {
    const { readFileIfThere, replaceFile } = await import('../system/durable-file.ts');
    const pathOf = (name: string): string => join(this.#options.dataFolder, name);
    return {
      pathOf,
      read: (name: string) => readFileIfThere(pathOf(name)),
      replace: (name: string, text: string) => {
        mkdirSync(dirname(pathOf(name)), { recursive: true, mode: 0o700 });
        replaceFile(pathOf(name), text);
      },
    };
  }

  async #open(): Promise<PeerService> {
    const [{ PeerService: Service }, files] = await Promise.all([import('./service.ts'), this.#files()]);
    const { name, version, answer, find, log } = this.#options;
    const service = await Service.open({
      files,
      name,
      version,
      ...(log ? { log } : {}),
      answer: async (method, input, { peer, epoch, signal, progress }) => {
        const outcome = await answer(method, input, {
          caller: callerOf(peer, epoch),
          signal: (await find(method))?.kind === 'work' ? cancellationOf(signal) : signal,
          onProgress: progress,
        });
        // What a bug says of itself stays in our own log.
        if (!outcome.ok && outcome.error.code === 'INTERNAL_BUG')
          return { ok: false, error: { ...outcome.error, detail: { message: 'its log says more' }, cause: null } };
        return outcome;
      },
    });
    // Opened by who listens: a command that only asks peers must not touch the rules of the core that runs.
    service.watch(() => void this.#firewall?.then((firewall) => firewall?.set(openDoors(service.doors()))));
    return service;
  }
}

/** The doors that are open, each with the network adapter that has its address now. */
const openDoors = (doors: readonly Door[]): OpenDoor[] => {
  const addresses = Object.entries(networkInterfaces()).flatMap(([nic, held]) =>
    (held ?? []).map(({ address }) => ({ nic, address })),
  );
  return doors
    .filter(({ isOpen }) => isOpen)
    .map(({ address, port }) => ({
      address,
      port,
      nic: addresses.find((one) => one.address === address)?.nic ?? null,
    }));
};

/** A work outlives its caller, whose connection may break; a question does not. */
const cancellationOf = (signal: AbortSignal): AbortSignal => {
  const controller = new AbortController();
  const stop = (): void => {
    if (signal.reason !== callerGone) controller.abort();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return controller.signal;
};

const callerOf = ({ id, fingerprint }: AskingPeer, epoch: number | null): Caller => ({
  kind: 'peer',
  id,
  fingerprint,
  epoch: epoch === null ? null : { number: epoch, coordinator: fingerprint },
});
