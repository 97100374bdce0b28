import { IscsiError } from '../error.ts';

/** One key=value pair; keys may repeat (SendTargets answers), so text is a list and not a map. */
export type TextPair = readonly [key: string, value: string];

/** RFC 7143 section 6.1: a key name is at most 63 bytes. */
export const MAX_KEY_LENGTH = 63;
/** RFC 7143 section 6.1: "unless otherwise specified, the maximum length of a text-value is 255 bytes"; CHAP's binary ones reach 1024 bytes encoded in hex. */
export const MAX_VALUE_LENGTH = 8192;

/**
 * RFC 7143 section 6.1: standard-label; X- keys with dots, X# Y# Z# extensions. It wants a capital letter first, and the RFC's own
 * `iSCSIProtocolLevel` (13.24) begins with a small one.
 */
const KEY = /^(?:[XYZ]#)?[A-Za-z][A-Za-z0-9.\-+@_]*$/;

const malformed = (reason: string): IscsiError => new IscsiError('TEXT_MALFORMED', { detail: { reason } });

const isControl = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
};

/** Why a value cannot be sent; undefined: it can. Its words are not repeated, because it may be a secret. */
export const wrongText = (value: string, maxBytes = MAX_VALUE_LENGTH): string | undefined => {
  if (isControl(value)) return 'it has control characters';
  const lengthBytes = Buffer.byteLength(value, 'utf8');
  return lengthBytes > maxBytes ? `it is ${lengthBytes} bytes long and ${maxBytes} are the most` : undefined;
};

/**
 * The pairs as the data segment of a login or text PDU: each ends with one zero byte (RFC 7143 section 6.1). Throws OPTION_OUT_OF_RANGE for a
 * pair that `decodeText` would not give back, above all for a value that would begin another pair.
 */
export const encodeText = (pairs: readonly TextPair[]): Buffer => {
  let text = '';
  for (const [key, value] of pairs) {
    const reason = !KEY.test(key) || key.length > MAX_KEY_LENGTH ? 'it is not the name of a key' : wrongText(value);
    if (reason !== undefined) {
      throw new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option: JSON.stringify(key), reason } });
    }
    text += `${key}=${value}\0`;
  }
  return Buffer.from(text, 'utf8');
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decodePair = (bytes: Buffer): TextPair => {
  const equals = bytes.indexOf(0x3d);
  if (equals < 0) throw malformed('a pair has no "="');
  if (equals > MAX_KEY_LENGTH) throw malformed('a key is longer than 63 bytes');
  if (bytes.length - equals - 1 > MAX_VALUE_LENGTH) throw malformed('a value is too long');
  const key = bytes.toString('latin1', 0, equals);
  if (!KEY.test(key)) throw malformed('a key has characters that a key cannot have');
  let value: string;
  try {
    value = decoder.decode(bytes.subarray(equals + 1));
  } catch {
    throw malformed(`the value of ${key} is not UTF-8`);
  }
  if (isControl(value)) throw malformed(`the value of ${key} has control characters`);
  return [key, value];
};

/**
 * Decodes the text of a whole request or response (the data segments of a chain with the C bit put together). Empty pairs, which
 * padding by careless targets makes, are passed over. Throws TEXT_MALFORMED.
 */
export const decodeText = (text: Buffer): TextPair[] => {
  const pairs: TextPair[] = [];
  let offset = 0;
  while (offset < text.length) {
    let end = text.indexOf(0, offset);
    if (end < 0) end = text.length; // some targets leave out the last zero byte
    if (end > offset) pairs.push(decodePair(text.subarray(offset, end)));
    offset = end + 1;
  }
  return pairs;
};

/** Puts the data segments of a chain of text PDUs together, with a bound: RFC 7143 section 6.2 names none, we do. */
export class TextAssembler {
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #lengthBytes = 0;

  constructor(limitBytes = 64 * 1024) {
    this.#limitBytes = limitBytes;
  }

  /** Throws TEXT_TOO_LONG. */
  add(data: Buffer): void {
    this.#lengthBytes += data.length;
    if (this.#lengthBytes > this.#limitBytes) {
      throw new IscsiError('TEXT_TOO_LONG', { detail: { limit: this.#limitBytes } });
    }
    this.#parts.push(data);
  }

  /** Ends the chain: its pairs. */
  take(): TextPair[] {
    const text = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#lengthBytes = 0;
    return decodeText(text);
  }
}

/** The value of a key that must not repeat: RFC 7143 section 6.2, a key is negotiated once. Throws TEXT_MALFORMED. */
export const findValue = (pairs: readonly TextPair[], key: string): string | undefined => {
  const found = pairs.filter(([name]) => name === key);
  if (found.length > 1) throw malformed(`the key ${key} comes more than once`);
  return found[0]?.[1];
};

/** Bytes as a hex-constant: RFC 7143 section 6.1. */
export const encodeBinaryValue = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** A hex-constant or base64-constant, or undefined when it is neither or longer than the limit: RFC 7143 section 6.1. */
export const decodeBinaryValue = (value: string, limitBytes = 1024): Buffer | undefined => {
  if (/^0[xX][0-9a-fA-F]+$/.test(value)) {
    const digits = value.slice(2);
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    return bytes.length <= limitBytes ? bytes : undefined;
  }
  if (/^0[bB][A-Za-z0-9+/]+={0,2}$/.test(value)) {
    const bytes = Buffer.from(value.slice(2), 'base64');
    return bytes.length <= limitBytes ? bytes : undefined;
  }
  return undefined;
};

/** A numerical-value, decimal or hex-constant, of at most 64 bits: RFC 7143 section 6.1. Undefined when it is none. */
export const decodeNumberValue = (value: string): number | undefined => {
  if (/^(?:0|[1-9][0-9]*)$/.test(value) || /^0[xX][0-9a-fA-F]+$/.test(value)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : undefined;
  }
  return undefined;
};
