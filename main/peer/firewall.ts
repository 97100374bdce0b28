import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Failure } from '../../shared/errors/failure.ts';
import type { FirewallPort, PeerOpening } from '../ports/firewall-port.ts';
import type { DurableFiles } from './durable-files.ts';
import type { PeerLog } from './peer-log.ts';

const fileName = 'peers/firewall.json';
const fileSchema = z.object({ version: z.literal(1), isOpen: z.boolean() });

/** How this server's firewall stands to what Quorate listens on. */
export type FirewallView =
  | { readonly state: 'notManaged' | 'closed' | 'open'; readonly reason: null }
  | { readonly state: 'failed'; readonly reason: string };

/** An open door with the network adapter that has its address. */
export interface OpenDoor {
  readonly address: string;
  readonly port: number;
  readonly nic: string | null;
}

export interface PeerFirewallOptions {
  readonly files: DurableFiles;
  readonly dataFolder: string;
  readonly program: string;
  /** Opens the server for one call. */
  readonly use: (work: (port: FirewallPort) => Promise<void>) => Promise<void>;
  readonly log?: PeerLog;
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
const isIpv4 = (address: string): boolean => !address.includes(':');

/**
 * The rules of the server's firewall for exactly what this process listens on: made when a door opens, replaced when the doors change, removed when
 * it ends. That there are any is on the disk before they are made, so that the next process removes those of one that was killed.
 */
export class PeerFirewall {
  readonly #options: PeerFirewallOptions;
  #wanted: readonly PeerOpening[] = [];
  /** What the rules are by now; null: not known, as after a failure or a process that was killed. */
  #made: string | null;
  #view: FirewallView = { state: 'closed', reason: null };
  #chain: Promise<void> = Promise.resolve();

  constructor(options: PeerFirewallOptions) {
    this.#options = options;
    this.#made = this.#isLeftOpen() ? null : '[]';
  }

  get view(): FirewallView {
    return this.#view;
  }

  /** Rules for these doors and no others. What is on loopback needs none. Failures are told by {@link view}. */
  set(doors: readonly OpenDoor[]): Promise<void> {
    this.#wanted = doors
      .filter(({ address }) => !isLoopback(address))
      .map(({ address, port, nic }) => ({
        // A zone is this server's own name for a link.
        address: address.split('%')[0] ?? address,
        port,
        nic: isIpv4(address) ? nic : null,
      }));
    return this.#settle();
  }

  /** Removes them, as the last thing before the process ends. */
  close(): Promise<void> {
    return this.set([]);
  }

  #settle(): Promise<void> {
    this.#chain = this.#chain.then(() => this.#apply());
    return this.#chain;
  }

  async #apply(): Promise<void> {
    const openings = this.#wanted;
    const key = JSON.stringify(openings);
    if (key === this.#made) return;
    const { dataFolder, program, use, log } = this.#options;
    const owner = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
    try {
      if (openings.length > 0) this.#note(true);
      await use((port) => port.setPeerOpenings({ owner, program, openings }));
      this.#made = key;
      this.#view = { state: openings.length > 0 ? 'open' : 'closed', reason: null };
      if (openings.length === 0) this.#note(false);
    } catch (error) {
      this.#made = null;
      const reason = error instanceof Failure ? `${error.message} [${error.code}]` : String(error);
      this.#view = { state: 'failed', reason };
      log?.error({ reason }, 'the firewall was not set for peers');
    }
  }

  #isLeftOpen(): boolean {
    const text = this.#options.files.read(fileName);
    if (text === null) return false;
    try {
      return fileSchema.parse(JSON.parse(text)).isOpen;
    } catch {
      // Looking once too often costs a second; a rule that stays is an open door.
      return true;
    }
  }

  #note(isOpen: boolean): void {
    this.#options.files.replace(fileName, `${JSON.stringify({ version: 1, isOpen })}\n`);
  }
}
