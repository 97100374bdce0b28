import { randomBytes, timingSafeEqual } from 'node:crypto';

/** An address is opened at once or not at all; a session ends with a working day, or when nobody used it for hours. */
export const lifetimes = {
  tokenMs: 10 * 60_000,
  idleMs: 4 * 3_600_000,
  sessionMs: 12 * 3_600_000,
} as const;

interface PageSession {
  readonly value: string;
  readonly endsAt: number;
  idleUntil: number;
}

const same = (left: string, right: string): boolean => {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Who may use the loopback page: tokens that work once, exchanged for sessions that end. */
export class PageSessions {
  readonly #tokens = new Map<string, number>();
  readonly #now: () => number;
  #sessions: PageSession[] = [];

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A token for an address, good once and for ten minutes. */
  newToken(): string {
    const now = this.#now();
    for (const [token, endsAt] of this.#tokens) if (endsAt <= now) this.#tokens.delete(token);
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, now + lifetimes.tokenMs);
    return token;
  }

  /** Exchanges a token for the value of a session; null for one that is unknown, used or too old. */
  open(token: string): string | null {
    const endsAt = this.#tokens.get(token);
    this.#tokens.delete(token);
    const now = this.#now();
    if (endsAt === undefined || endsAt <= now) return null;
    const value = randomBytes(32).toString('base64url');
    this.#sessions.push({ value, endsAt: now + lifetimes.sessionMs, idleUntil: now + lifetimes.idleMs });
    return value;
  }

  /** Whether this is a session that has not ended; being asked for is being used. */
  use(value: string): boolean {
    const now = this.#now();
    this.#sessions = this.#sessions.filter(({ endsAt, idleUntil }) => endsAt > now && idleUntil > now);
    const found = this.#sessions.find((session) => same(session.value, value));
    if (found) found.idleUntil = now + lifetimes.idleMs;
    return found !== undefined;
  }
}
