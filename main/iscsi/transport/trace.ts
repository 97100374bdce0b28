import { decodePdu, type Pdu } from '../pdu/codec.ts';
import { kindOfOpcode, PDU_LAYOUTS } from '../pdu/layouts.ts';
import { isKeyName, OBSOLETE_KEYS } from '../text/keys.ts';
import { decodeText, type TextPair } from '../text/pairs.ts';

/** What a trace can show. */
export type TraceTopic = 'pdu' | 'text' | 'scsi';
/** Takes one line, without its end. */
export type TraceWriter = (line: string) => void;

const TOPICS: readonly TraceTopic[] = ['pdu', 'text', 'scsi'];

/**
 * Whose values may appear in a trace: the keys of RFC 7143 section 13 and what is no secret of CHAP. All others are hidden, because nobody knows what
 * a vendor's key holds: whatever a CHAP secret could be guessed from stays out, and who uses it.
 */
const isOpen = (key: string): boolean =>
  isKeyName(key) || OBSOLETE_KEYS.includes(key) || key === 'CHAP_A' || key === 'CHAP_I';

/** Kinds whose data segment is text. Others may carry what belongs to the user, and only their length is shown. */
const TEXT_KINDS: readonly string[] = ['loginRequest', 'loginResponse', 'textRequest', 'textResponse'];

const writeToStandardError: TraceWriter = (line) => {
  process.stderr.write(`${line}\n`);
};

/** A value of a decoded field: bytes in hexadecimal. */
const formatValue = (value: unknown): string => {
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return String(value);
};

/** Fields that say something, `name=value`; what is zero is left out. */
export const describeFields = (fields: object): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== 0 && value !== false && value !== 0n)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(' ');

/** Pairs as they may be shown. */
export const describeText = (pairs: readonly TextPair[]): string =>
  pairs.map(([key, value]) => `${key}=${isOpen(key) ? value : '(hidden)'}`).join(' ');

/** Writes what is said on a connection, decoded and without secrets, one line each. Made only when it was asked for. */
export class Trace {
  readonly #topics: ReadonlySet<TraceTopic>;
  readonly #write: TraceWriter;
  readonly #where: string;
  /** Does the text of the next PDU in this direction go on where the last one's was cut? */
  readonly #goesOn = { '->': false, '<-': false };

  constructor(topics: ReadonlySet<TraceTopic>, write: TraceWriter, where: string) {
    this.#topics = topics;
    this.#write = write;
    this.#where = where;
  }

  /** `outgoing`: from us to the other side. `dataLength`: of the data segment, where the data itself is not at hand. */
  pdu(outgoing: boolean, pdu: Pdu, dataLength = pdu.data.length): void {
    const arrow = outgoing ? '->' : '<-';
    if (this.#topics.has('pdu')) {
      const { kind, ahs, data: _data, ...fields } = pdu;
      const lengths = `${ahs.length === 0 ? '' : ` ahs=${ahs.length}`}${dataLength === 0 ? '' : ` data=${dataLength} bytes`}`;
      this.line(`${arrow} ${PDU_LAYOUTS[kind].name} ${describeFields(fields)}${lengths}`);
    }
    if (!TEXT_KINDS.includes(pdu.kind)) return;
    const goesOn = this.#goesOn[arrow];
    this.#goesOn[arrow] = 'continue' in pdu && pdu.continue;
    if (!this.#topics.has('text') || pdu.data.length === 0) return;
    // 11.12.2: with the C bit a text may be cut anywhere, so this could begin with the second half of a secret.
    const shown = goesOn ? `(${pdu.data.length} bytes that go on with the last)` : this.#describeSegment(pdu.data);
    this.line(`${arrow} text ${shown}`);
  }

  /** The same for a PDU as it stands in a buffer. */
  bytes(outgoing: boolean, bhs: Buffer, ahs: Buffer, data: Buffer): void {
    if (!this.#topics.has('pdu') && !TEXT_KINDS.includes(kindOfOpcode(bhs[0] ?? 0) ?? '')) return;
    try {
      // 11.2.1.6: what we send by reference is not here, but its length is in the header.
      this.pdu(outgoing, decodePdu(bhs, ahs, data), data.length === 0 ? bhs.readUIntBE(5, 3) : data.length);
    } catch (error) {
      this.line(`${outgoing ? '->' : '<-'} unreadable PDU: ${error instanceof Error ? error.message : ''}`);
    }
  }

  /** True when this topic was asked for; then `line` is worth its words. */
  shows(topic: TraceTopic): boolean {
    return this.#topics.has(topic);
  }

  /** A line that somebody else has put into words; never data, never secrets. */
  line(text: string): void {
    this.#write(`${this.#where} ${text}`);
  }

  #describeSegment(data: Buffer): string {
    try {
      return describeText(decodeText(data));
    } catch {
      // Half of a chain may not decode; it is not shown, because it might hold half of a secret.
      return `(${data.length} bytes that are not whole pairs)`;
    }
  }
}

/** `pdu,text,scsi` or a part of it, as `QUORATE_TRACE` has it. Unknown words are passed over: other parts of the product have theirs. */
export const parseTraceTopics = (text: string | undefined): ReadonlySet<TraceTopic> =>
  new Set(TOPICS.filter((topic) => (text ?? '').split(',').some((word) => word.trim() === topic)));

/** Undefined when nothing is to be traced, so that it costs nothing. `where` begins each line. */
export const createTrace = (where: string, write: TraceWriter = writeToStandardError): Trace | undefined => {
  const topics = parseTraceTopics(process.env['QUORATE_TRACE']);
  return topics.size === 0 ? undefined : new Trace(topics, write, where);
};
