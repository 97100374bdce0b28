import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The names under which a world keeps CHAP secrets and passwords (`state.ts`). */
const secretNames = new Set(['secret', 'mutualSecret', 'password']);

/** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the text; base64. */
interface Sealed {
  readonly sealed: string;
}

const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'sealed';

const readKey = (folder: string): Buffer => {
  const path = join(folder, 'secrets.key');
  try {
    writeFileSync(path, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = readFileSync(path);
  if (key.length !== 32) throw new Error(`${path} is not a key of 32 bytes`);
  return key;
};

/**
 * Keeps the secrets of a world out of its files: whoever gets a copy of a state or of a log reads none. The key lies in the same
 * folder, for its user only, so this is no protection from who can read all of it.
 */
export class SecretSeal {
  readonly #key: Buffer;

  constructor(folder: string) {
    this.#key = readKey(folder);
  }

  /** JSON text in which every secret of the value is sealed, those of patches (`path` ends in the name) too. */
  stringify(value: unknown): string {
    return JSON.stringify(value, (name, inner: unknown) => {
      if (secretNames.has(name) && typeof inner === 'string') return this.#seal(inner);
      if (this.#isPatchOfSecret(inner)) return { ...inner, value: this.#seal(inner.value) };
      return inner;
    });
  }

  /** Throws where a sealed text was altered or the key is another one. */
  parse(text: string): unknown {
    return JSON.parse(text, (_name, inner: unknown) => (isSealed(inner) ? this.#open(inner) : inner));
  }

  #isPatchOfSecret(value: unknown): value is { readonly value: string } {
    if (typeof value !== 'object' || value === null || !('path' in value) || !('value' in value)) return false;
    const last: unknown = Array.isArray(value.path) ? value.path.at(-1) : null;
    return typeof last === 'string' && secretNames.has(last) && typeof value.value === 'string';
  }

  #seal(text: string): Sealed {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64') };
  }

  #open({ sealed }: Sealed): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}
