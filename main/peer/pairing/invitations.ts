import { randomBytes } from 'node:crypto';
import { formatInvitation, invitationSecretBits } from '../../../shared/model/invitation.ts';
import { isProof, prefixOf, type PairingBinding } from './proof.ts';

/** How long an invitation is valid, in milliseconds. */
export const invitationLifeMs = 10 * 60_000;
/** So many wrong tries lock pairing until a person opens it again. */
export const triesAllowed = 5;
/** For so long somebody with the right code is told what became of it; after that the door is shut to strangers. */
const rememberedMs = 60 * 60_000;

export interface OpenInvitation {
  readonly code: string;
  readonly expiresAt: Date;
}

type Fate = 'open' | 'used' | 'expired' | 'withdrawn' | 'locked';

interface Invitation {
  readonly secret: bigint;
  readonly code: string;
  readonly expiresAt: number;
  fate: Fate;
  /** Those who tried with a wrong proof. */
  wrong: number;
}

export type Verdict =
  | { readonly kind: 'right'; readonly secret: bigint }
  | { readonly kind: 'wrong'; readonly left: number }
  | { readonly kind: 'locked' | 'expired' | 'used' | 'none' };

/** The invitations of this server: at most one is open. They live in memory only, and end with the process. */
export class Invitations {
  readonly #fingerprint: string;
  readonly #now: () => number;
  #latest: Invitation | null = null;

  constructor(fingerprint: string, now: () => number = Date.now) {
    this.#fingerprint = fingerprint;
    this.#now = now;
  }

  /** Opens one; an older one is withdrawn. It is the act of a person, and unlocks pairing. */
  open(): OpenInvitation {
    const secret = BigInt(`0x${randomBytes(8).toString('hex')}`) & ((1n << BigInt(invitationSecretBits)) - 1n);
    const expiresAt = this.#now() + invitationLifeMs;
    const code = formatInvitation({ prefix: prefixOf(this.#fingerprint), secret });
    this.#latest = { secret, code, expiresAt, fate: 'open', wrong: 0 };
    return { code, expiresAt: new Date(expiresAt) };
  }

  /** Closes the open one. False when none was. */
  withdraw(): boolean {
    const open = this.#openOne();
    if (!open) return false;
    open.fate = 'withdrawn';
    return true;
  }

  current(): OpenInvitation | null {
    const open = this.#openOne();
    return open ? { code: open.code, expiresAt: new Date(open.expiresAt) } : null;
  }

  /** How many wrong tries the open invitation has seen; null when none is open. */
  wrongTries(): number | null {
    return this.#openOne()?.wrong ?? null;
  }

  isLocked(): boolean {
    return this.#latest?.fate === 'locked';
  }

  /** Is there any reason to hear what somebody says whom we do not know? */
  hearsStrangers(): boolean {
    return this.#latest !== null && this.#now() - this.#latest.expiresAt < rememberedMs;
  }

  /** Judges a proof, and uses the invitation up when it is right. */
  judge(proof: string, binding: PairingBinding): Verdict {
    const latest = this.#latest;
    if (!latest) return { kind: 'none' };
    this.#openOne();
    if (latest.fate === 'locked') return { kind: 'locked' };
    if (isProof(proof, latest.secret, binding, 'joiner')) {
      switch (latest.fate) {
        case 'open':
          latest.fate = 'used';
          return { kind: 'right', secret: latest.secret };
        case 'used':
          return { kind: 'used' };
        case 'expired':
          return { kind: 'expired' };
        case 'withdrawn':
          return { kind: 'none' };
      }
    }
    if (latest.fate !== 'open') return { kind: 'none' };
    latest.wrong += 1;
    if (latest.wrong < triesAllowed) return { kind: 'wrong', left: triesAllowed - latest.wrong };
    latest.fate = 'locked';
    return { kind: 'locked' };
  }

  #openOne(): Invitation | null {
    const latest = this.#latest;
    if (latest?.fate === 'open' && this.#now() >= latest.expiresAt) latest.fate = 'expired';
    return latest?.fate === 'open' ? latest : null;
  }
}
