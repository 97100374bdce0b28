import { inspect } from 'node:util';

/** A password or CHAP secret. It shows itself to nobody but the adapter that asks for it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: only for the wire to the system that needs it, never for an argument, a script's text or a log. */
  reveal(): string {
    return this.#text;
  }

  /** Length in UTF-8 bytes, which is what limits are given in. */
  get lengthBytes(): number {
    return Buffer.byteLength(this.#text, 'utf8');
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** An account with its password. `userName` is `DOMAIN\user` or `user@domain`. */
export interface Credential {
  readonly userName: string;
  readonly password: Secret;
}
