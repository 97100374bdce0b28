import { decodePdu, type Pdu } from './pdu/codec.ts';
import { kindOfOpcode, PDU_LAYOUTS } from './pdu/layouts.ts';
import { CHAP_KEYS } from './text/keys.ts';
import { decodeText, type TextPair } from './text/pairs.ts';
import { decodeCdb, nameOfCdb } from './scsi/cdb.ts';
import type { ScsiResponse } from './scsi/executor.ts';
import { formatLun } from './scsi/lun.ts';
import { describeSense } from './scsi/sense.ts';
import { describeStatus } from './scsi/status.ts';

export type TraceTopic = 'pdu' | 'text' | 'scsi';
export type TraceWriter = (line: string) => void;

const TOPICS: readonly TraceTopic[] = ['pdu', 'text', 'scsi'];

/** Values that never appear in a trace: everything from which a CHAP secret could be guessed, and who uses it. */
const SECRET_KEYS: readonly string[] = CHAP_KEYS.filter((key) => key !== 'CHAP_A' && key !== 'CHAP_I');

/** Kinds whose data segment is text. Others may carry what belongs to the user, and only their length is shown. */
const TEXT_KINDS: readonly string[] = ['loginRequest', 'loginResponse', 'textRequest', 'textResponse'];

const writeToStandardError: TraceWriter = (line) => {
  process.stderr.write(`${line}\n`);
};

const formatValue = (value: unknown): string => {
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return String(value);
};

/** Pairs as they may be shown: the values of CHAP keys are left out. */
export const describeText = (pairs: readonly TextPair[]): string =>
  pairs.map(([key, value]) => `${key}=${SECRET_KEYS.includes(key) ? '(hidden)' : value}`).join(' ');

/** Writes what is said on a connection, decoded and without secrets, one line each. Made only when it was asked for. */
export class Trace {
  readonly #topics: ReadonlySet<TraceTopic>;
  readonly #write: TraceWriter;
  readonly #where: string;

  constructor(topics: ReadonlySet<TraceTopic>, write: TraceWriter, where: string) {
    this.#topics = topics;
    this.#write = write;
    this.#where = where;
  }

  /** `outgoing`: from us to the other side. */
  pdu(outgoing: boolean, pdu: Pdu): void {
    const arrow = outgoing ? '->' : '<-';
    if (this.#topics.has('pdu')) {
      const { kind, ahs, data, ...fields } = pdu;
      const shown = Object.entries(fields)
        .filter(([, value]) => value !== 0 && value !== false && value !== 0n)
        .map(([name, value]) => `${name}=${formatValue(value)}`)
        .join(' ');
      const lengths = `${ahs.length === 0 ? '' : ` ahs=${ahs.length}`}${data.length === 0 ? '' : ` data=${data.length} bytes`}`;
      this.#write(`${this.#where} ${arrow} ${PDU_LAYOUTS[kind].name} ${shown}${lengths}`);
    }
    if (this.#topics.has('text') && TEXT_KINDS.includes(pdu.kind) && pdu.data.length > 0) {
      this.#write(`${this.#where} ${arrow} text ${this.#describeSegment(pdu.data)}`);
    }
  }

  /** The same for a PDU as it stands in a buffer. */
  bytes(outgoing: boolean, bhs: Buffer, ahs: Buffer, data: Buffer): void {
    if (!this.#topics.has('pdu') && !TEXT_KINDS.includes(kindOfOpcode(bhs[0] ?? 0) ?? '')) return;
    try {
      this.pdu(outgoing, decodePdu(bhs, ahs, data));
    } catch (error) {
      this.#write(
        `${this.#where} ${outgoing ? '->' : '<-'} unreadable PDU: ${error instanceof Error ? error.message : ''}`,
      );
    }
  }

  command(cdb: Buffer, lun: bigint): void {
    if (!this.#topics.has('scsi')) return;
    const { kind: _kind, ...fields } = decodeCdb(cdb) ?? { kind: undefined };
    const shown = Object.entries(fields)
      .filter(([, value]) => value !== 0 && value !== false && value !== 0n)
      .map(([name, value]) => `${name}=${formatValue(value)}`)
      .join(' ');
    this.#write(`${this.#where} LUN ${formatLun(lun)} ${nameOfCdb(cdb)} ${shown}`.trimEnd());
  }

  response(cdb: Buffer, lun: bigint, response: ScsiResponse): void {
    if (!this.#topics.has('scsi')) return;
    const { residual, sense } = response;
    const rest =
      (response.data.length === 0 ? '' : ` ${response.data.length} bytes`) +
      (residual.kind === 'none' ? '' : ` ${residual.kind} ${residual.bytes}`) +
      (sense === undefined ? '' : ` ${describeSense(sense)}`);
    this.#write(`${this.#where} LUN ${formatLun(lun)} ${nameOfCdb(cdb)}: ${describeStatus(response.status)}${rest}`);
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
