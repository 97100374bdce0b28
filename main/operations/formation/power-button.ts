import type { Hands } from './drills.ts';
import type { RehearsedWorld } from '../../ports/rehearsed-world.ts';
import { pause } from '../../system/pause.ts';

/** A rehearsed restart takes hundredths of a second of this machine: a server that is away for so many milliseconds waits for somebody. */
const awayMs = 3_000;

/** How long whoever watches a rehearsal is given to press a power button, in milliseconds, before the rehearsal does it. */
const defaultPressAfterMs = 30_000;

const everyMs = 250;

/** A server that the rehearsal switched on, as it stands in the record. */
export interface Pressed {
  readonly server: string;
  readonly text: string;
}

export interface PowerButtonOptions {
  /** The rehearsal's name. */
  readonly name: string;
  readonly world: () => Pick<RehearsedWorld, 'powerOff' | 'powerOn' | 'readPower'>;
  /** Told when a server is first seen to wait for its button. */
  readonly tell: (doing: string) => void;
  /** Told what was done, for the record. */
  readonly onPressed: (pressed: Pressed) => void;
  readonly pressAfterMs?: number | undefined;
}

/**
 * The person who is there when a simulated server stays away: without power, or not back from a restart. Whoever watches the rehearsal is told the
 * command that switches it on, and may press first; then the rehearsal does, as a person in a machine room would, and says so. A server whose power a
 * drill took is the drill's.
 */
export class PowerButton {
  readonly #options: PowerButtonOptions;
  readonly #ofDrill = new Set<string>();
  /** By server: since when it is away, and why. */
  readonly #away = new Map<string, { readonly since: number; readonly why: string; isTold: boolean }>();
  readonly #ended = new AbortController();

  constructor(options: PowerButtonOptions) {
    this.#options = options;
  }

  readonly hands: Hands = {
    powerOff: async (server) => {
      this.#ofDrill.add(server.toLowerCase());
      await this.#options.world().powerOff(server);
    },
    powerOn: async (server) => {
      await this.#options.world().powerOn(server);
      this.#ofDrill.delete(server.toLowerCase());
    },
  };

  /** What waits for a person now, with the command that does it, as a sentence; null: nothing. */
  get waiting(): string | null {
    const [first] = [...this.#away].filter(([, { isTold }]) => isTold);
    return first ? this.#sentence(first[0], first[1].why) : null;
  }

  /** Looks after the servers until {@link end}. */
  async watch(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      // A world that ends has no servers any more.
      const servers = await this.#options
        .world()
        .readPower()
        .catch(() => []);
      for (const { server, power } of servers) await this.#lookAfter(server, power).catch(() => undefined);
      await pause(everyMs, signal);
    }
  }

  end(): void {
    this.#ended.abort();
  }

  async #lookAfter(server: string, power: string): Promise<void> {
    const { world, tell, onPressed, pressAfterMs = defaultPressAfterMs } = this.#options;
    if (power === 'on' || this.#ofDrill.has(server.toLowerCase())) {
      this.#away.delete(server);
      return;
    }
    const why = power === 'off' ? 'has no power' : 'does not come back from its restart';
    const known = this.#away.get(server);
    // One that lost its power while it restarted waits for its button all the same.
    const away = { since: known?.since ?? performance.now(), why, isTold: known?.isTold ?? false };
    this.#away.set(server, away);
    const forMs = performance.now() - away.since;
    if (forMs > Math.min(awayMs, pressAfterMs) && !away.isTold) {
      away.isTold = true;
      tell(this.#sentence(server, why));
    }
    if (forMs <= pressAfterMs || this.#ended.signal.aborted) return;
    await world().powerOn(server);
    this.#away.delete(server);
    const text =
      power === 'off'
        ? `${server} had no power, and the rehearsal switched it on: a real server waits for a person at its power button.`
        : `${server} did not come back from its restart, and the rehearsal switched it off and on: a real server waits for a person at its console.`;
    tell(text);
    onPressed({ server, text });
  }

  #sentence(server: string, why: string): string {
    const { name, pressAfterMs = defaultPressAfterMs } = this.#options;
    return `${server} ${why}: "quorate rehearsal power ${name} ${server} on" switches it on; after ${Math.round(pressAfterMs / 1000)} s the rehearsal does`;
  }
}
