/** How many may stand at the door without having proven anything, and how fast they may come. */
export interface AdmissionLimits {
  /** At once, from everywhere; beyond, one makes room, see {@link Admission.admit}. */
  readonly atOnce: number;
  /** At once, from one address. */
  readonly atOncePerAddress: number;
  /** New ones from one address within a second, on average. */
  readonly perSecondPerAddress: number;
  /** New ones from one address that may come together. */
  readonly burstPerAddress: number;
}

export const defaultAdmission: AdmissionLimits = {
  atOnce: 64,
  atOncePerAddress: 16,
  perSecondPerAddress: 10,
  burstPerAddress: 32,
};

interface Bucket {
  tokens: number;
  at: number;
  open: number;
}

/** A place at the door; it is given back once, when the one who stood there is known or gone. */
export interface Place {
  /** The one who stands there has shaken hands, which costs something: others make room first. */
  shookHands(): void;
  release(): void;
}

interface Waiting {
  readonly bucket: Bucket;
  readonly evict: () => void;
  readonly release: () => void;
  hasShaken: boolean;
}

/** So many addresses are remembered; beyond, those that nobody holds a place from are forgotten first. */
const rememberedAddresses = 4_096;

/** Counts those who have not proven anything yet, before a byte of theirs is read. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #waiting = new Set<Waiting>();

  constructor(limits: AdmissionLimits = defaultAdmission, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get remembered(): number {
    return this.#buckets.size;
  }

  /**
   * Lets one in, or null where there are too many. `evict` is called when this one has to make room for a newer one: those who say nothing before those who have
   * shaken hands, of these the ones whose address holds the most places, of these the one that has waited longest. So whoever comes once and goes on
   * talking is let through a crowd from few addresses.
   */
  admit(address: string, evict: () => void): Place | null {
    const bucket = this.#bucketOf(address);
    if (bucket.open >= this.#limits.atOncePerAddress || bucket.tokens < 1) return null;
    if (this.#waiting.size >= this.#limits.atOnce) {
      const leaving = this.#leastWorthy();
      leaving?.release();
      leaving?.evict();
    }
    bucket.tokens -= 1;
    bucket.open += 1;
    const entry: Waiting = {
      bucket,
      evict,
      hasShaken: false,
      release: () => {
        if (!this.#waiting.delete(entry)) return;
        bucket.open -= 1;
      },
    };
    this.#waiting.add(entry);
    return { release: entry.release, shookHands: () => (entry.hasShaken = true) };
  }

  #leastWorthy(): Waiting | undefined {
    let least: Waiting | undefined;
    for (const one of this.#waiting) {
      if (least === undefined) least = one;
      else if (one.hasShaken === least.hasShaken ? one.bucket.open > least.bucket.open : least.hasShaken) least = one;
    }
    return least;
  }

  #bucketOf(address: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(address);
    if (known) {
      const { burstPerAddress, perSecondPerAddress } = this.#limits;
      known.tokens = Math.min(burstPerAddress, known.tokens + ((now - known.at) / 1000) * perSecondPerAddress);
      known.at = now;
      // What was used last stands last, so that the forgotten ones are the oldest.
      this.#buckets.delete(address);
      this.#buckets.set(address, known);
      return known;
    }
    if (this.#buckets.size >= rememberedAddresses)
      for (const [other, bucket] of this.#buckets) {
        if (bucket.open > 0) continue;
        this.#buckets.delete(other);
        break;
      }
    const fresh = { tokens: this.#limits.burstPerAddress, at: now, open: 0 };
    this.#buckets.set(address, fresh);
    return fresh;
  }
}
