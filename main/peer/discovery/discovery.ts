import multicastDns, { type MulticastDNS } from 'multicast-dns';
import { pause } from '../../system/pause.ts';
import {
  announcement,
  goodbye,
  isInSubnet,
  legacyReply,
  readResponse,
  replyTo,
  serviceType,
  type Announced,
  type DiscoveryNic,
  type Reply,
  type Sighting,
} from './records.ts';

const mdnsPort = 5_353;
/** RFC 6762, 6: answers that several may give wait a moment, so that they do not collide. */
const answerDelayMs = { least: 20, most: 120 };
/** What is asked again while somebody looks, in milliseconds after the first question. */
const questionsAtMs = [0, 1_000, 3_000];
const repeatMs = 60_000;
/** After so long without a word a sighting is forgotten, in milliseconds: twice the time that it asks again in. */
const staleMs = 150_000;
/** Somebody may flood the network with names. */
const maxSightings = 1_024;
const maxFollowUps = 16;

export interface DiscoveryOptions {
  readonly nics: readonly DiscoveryNic[];
  /** What to announce; null to listen only. */
  readonly announced: () => Announced | null;
  readonly onSighting?: (sighting: Sighting) => void;
  /** A NIC on which nothing can be sent or heard, and why. */
  readonly onTrouble?: (nic: DiscoveryNic, reason: string) => void;
  /**
   * How a socket is bound that speaks through one NIC: `any` hears multicasts on Linux, where one bound to an address hears none. On Windows
   * the address itself may be what is needed; nobody measured it.
   */
  readonly bind?: 'any' | 'address';
  readonly now?: () => number;
}

/** One NIC with its own socket: the library sends through one only, and answers with what it is given. */
class NicVoice {
  readonly nic: DiscoveryNic;
  readonly #options: DiscoveryOptions;
  readonly #mdns: MulticastDNS;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #asked = new Set<string>();
  #isReady = false;
  #isClosed = false;
  #lastTrouble: string | null = null;

  constructor(nic: DiscoveryNic, options: DiscoveryOptions) {
    this.nic = nic;
    this.#options = options;
    this.#mdns = multicastDns({
      interface: nic.address,
      bind: options.bind === 'address' ? nic.address : '0.0.0.0',
      loopback: true,
      reuseAddr: true,
    });
    this.#mdns.on('error', (error) => this.#trouble(error));
    this.#mdns.on('warning', (error) => {
      // What a packet of somebody else is wrong in is not our trouble.
      if ((error as NodeJS.ErrnoException).syscall !== undefined) this.#trouble(error);
    });
    this.#mdns.on('ready', () => {
      this.#isReady = true;
      this.announce();
      this.#later(1_000, () => this.announce());
    });
    this.#mdns.on('query', (query, from) => {
      // Linux hands a multicast to every socket of the host, whichever NIC it came in on.
      if (!isInSubnet(from.address, nic)) return;
      const announced = options.announced();
      const reply = announced && replyTo(query.questions ?? [], query.answers ?? [], announced, nic);
      if (!reply) return;
      if (from.port !== mdnsPort) {
        const plain = legacyReply(reply);
        this.#mdns.respond(
          { ...plain, id: query.id, questions: query.questions },
          { address: from.address, port: from.port },
          (error) => this.#trouble(error),
        );
        return;
      }
      const { least, most } = answerDelayMs;
      this.#later(least + Math.random() * (most - least), () => this.#say(reply));
    });
    this.#mdns.on('response', (response, from) => {
      if (!isInSubnet(from.address, nic) || from.port !== mdnsPort) return;
      const records = [...(response.answers ?? []), ...(response.additionals ?? [])];
      const { sightings, incomplete } = readResponse(records, from.address, nic);
      for (const sighting of sightings) options.onSighting?.(sighting);
      for (const name of incomplete) this.#askWhere(name);
    });
  }

  ask(): void {
    if (this.#isClosed) return;
    this.#asked.clear();
    this.#mdns.query([{ name: serviceType, type: 'PTR' }], (error: Error | null) => this.#trouble(error));
  }

  announce(): void {
    const announced = this.#options.announced();
    if (announced && this.#isReady) this.#say(announcement(announced, this.nic));
  }

  async close(farewell: Announced | null): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    if (farewell && this.#isReady)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#mdns.respond(goodbye(farewell, this.nic), () => {
          clearTimeout(timer);
          resolve();
        });
      });
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#mdns.destroy(resolve));
  }

  /** A record that came without the others: its place and text are asked for once. */
  #askWhere(name: string): void {
    if (this.#asked.has(name) || this.#asked.size >= maxFollowUps) return;
    this.#asked.add(name);
    const questions = [
      { name, type: 'SRV' as const },
      { name, type: 'TXT' as const },
    ];
    this.#mdns.query(questions, (error: Error | null) => this.#trouble(error));
  }

  #say(reply: Reply): void {
    if (this.#isClosed) return;
    this.#mdns.respond(reply, (error) => this.#trouble(error));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  #trouble(error: Error | null | undefined): void {
    if (!error || this.#isClosed) return;
    const reason = (error as NodeJS.ErrnoException).code ?? error.message;
    if (reason === this.#lastTrouble) return;
    this.#lastTrouble = reason;
    this.#options.onTrouble?.(this.nic, reason);
  }
}

interface Kept {
  readonly sighting: Sighting;
  readonly at: number;
}

/** Servers near, by DNS-SD over mDNS (RFC 6762, RFC 6763), on the chosen NICs and on no other. */
export class Discovery {
  readonly #voices: readonly NicVoice[];
  readonly #options: DiscoveryOptions;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #repeat: NodeJS.Timeout;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#voices = options.nics.map(
      (nic) => new NicVoice(nic, { ...options, onSighting: (sighting) => this.#keep(sighting) }),
    );
    this.#repeat = setInterval(() => this.ask(), repeatMs);
    this.#repeat.unref();
  }

  /** Those heard of lately, one for each server, NIC and running Quorate. */
  sightings(): Sighting[] {
    const limit = this.#now() - staleMs;
    for (const [key, { at }] of this.#kept) if (at < limit) this.#kept.delete(key);
    return [...this.#kept.values()].map(({ sighting }) => sighting);
  }

  /** Asks once. */
  ask(): void {
    for (const voice of this.#voices) voice.ask();
  }

  /** Asks and listens for so many milliseconds; ends earlier when `isEnough` says so. */
  async look(
    ms: number,
    signal?: AbortSignal,
    isEnough: (found: readonly Sighting[]) => boolean = () => false,
  ): Promise<Sighting[]> {
    const until = this.#now() + ms;
    const asked = questionsAtMs.filter((at) => at < ms);
    const start = this.#now();
    while (this.#now() < until && !signal?.aborted && !isEnough(this.sightings())) {
      while (asked.length > 0 && this.#now() - start >= (asked[0] ?? 0)) {
        asked.shift();
        this.ask();
      }
      await pause(25);
    }
    return this.sightings();
  }

  /** Says what changed. */
  announce(): void {
    for (const voice of this.#voices) voice.announce();
  }

  async close(): Promise<void> {
    clearInterval(this.#repeat);
    const farewell = this.#options.announced();
    await Promise.all(this.#voices.map((voice) => voice.close(farewell)));
  }

  #keep(sighting: Sighting): void {
    const key = `${sighting.id} ${sighting.run} ${sighting.heardOn} ${sighting.address}`;
    if (sighting.isLeaving) this.#kept.delete(key);
    else if (this.#kept.has(key) || this.#kept.size < maxSightings) this.#kept.set(key, { sighting, at: this.#now() });
    this.#options.onSighting?.(sighting);
  }
}
