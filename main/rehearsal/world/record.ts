import { applyPatches, enablePatches, type Patch } from 'immer';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../system/durable-file.ts';
import { SecretSeal } from './seal.ts';
import type { WorldState } from './state.ts';

/** Who did what and when. */
export interface LogEntry {
  readonly seq: number;
  /** The world's clock, ISO 8601. */
  readonly at: string;
  /** The client's name for itself. */
  readonly who: string;
  readonly server: string | null;
  /** The cmdlet, the port method or the control request. */
  readonly what: string;
  /** The input without secrets. */
  readonly input: unknown;
  /** `done`, the behaviour that refused, or what else ended it. */
  readonly outcome: string;
}

/** The parts of the state that a transaction of an earlier version changed: `servers/NODE1` -> its new value, null: gone. */
type Changes = Readonly<Record<string, unknown>>;

interface WalRecord {
  readonly entry: LogEntry;
  readonly patches?: readonly Patch[];
  /** What an earlier version of Quorate wrote instead. */
  readonly changes?: Changes;
}

const applyChanges = (state: WorldState, changes: Changes): void => {
  const target = state as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const slash = name.indexOf('/');
    if (slash < 0) {
      target[name] = value;
      continue;
    }
    const group = target[name.slice(0, slash)] as Record<string, unknown>;
    if (value === null) delete group[name.slice(slash + 1)];
    else group[name.slice(slash + 1)] = value;
  }
};

enablePatches();

const sum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

const checkpointEvery = 200;

/**
 * Keeps a world on disk so that a SIGKILL at any moment loses no transaction that was answered: each one is a line with
 * a checksum, written before the answer (it has to survive its process, not this machine's loss of power); now and then the whole state is written aside and renamed.
 */
export class WorldRecord {
  readonly #folder: string;
  readonly #seal: SecretSeal;
  #wal: number | null = null;
  #log: number | null = null;
  #inWal = 0;
  #seq = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#seal = new SecretSeal(folder);
  }

  get seq(): number {
    return this.#seq;
  }

  /** The last state that was kept; null when there is none. A torn last line is dropped: its request was never answered. */
  load(): WorldState | null {
    const snapshot = readLines(join(this.#folder, 'state.json'))[0];
    if (snapshot === undefined || snapshot === '') return null;
    const kept = this.#seal.parse(snapshot) as { seq: number; state: WorldState };
    let { state } = kept;
    this.#seq = kept.seq;
    const logged = readLines(join(this.#folder, 'log.ndjson')).filter((line) => line !== '');
    const lastLogged = logged.reduce((last, line) => {
      try {
        return Math.max(last, (JSON.parse(line) as LogEntry).seq);
      } catch {
        return last;
      }
    }, 0);
    for (const line of readLines(join(this.#folder, 'wal.ndjson'))) {
      const record = parseRecord(line, this.#seal);
      if (!record) break;
      if (record.entry.seq <= this.#seq) continue;
      if (record.patches) state = applyPatches(state, record.patches);
      else applyChanges(state, record.changes ?? {});
      this.#seq = record.entry.seq;
      if (record.entry.seq > lastLogged) this.#writeLog(record.entry);
    }
    this.checkpoint(state);
    return state;
  }

  /** Keeps a transaction. After it returned, the end of the process does not lose it. */
  append(entry: Omit<LogEntry, 'seq'>, patches: readonly Patch[]): LogEntry {
    const numbered: LogEntry = { seq: this.#seq + 1, ...entry };
    if (patches.length > 0) {
      const text = this.#seal.stringify({ entry: numbered, patches } satisfies WalRecord);
      this.#wal ??= openSync(join(this.#folder, 'wal.ndjson'), 'a', 0o600);
      writeSync(this.#wal, `${sum(text)} ${text}\n`);
      this.#inWal += 1;
    }
    this.#seq = numbered.seq;
    this.#writeLog(numbered);
    return numbered;
  }

  get wantsCheckpoint(): boolean {
    return this.#inWal >= checkpointEvery;
  }

  /** Writes the whole state aside, flushes it, renames it into place and starts an empty list of transactions. */
  checkpoint(state: WorldState): void {
    const path = join(this.#folder, 'state.json');
    replaceFile(path, `${this.#seal.stringify({ seq: this.#seq, state })}\n`);
    if (this.#wal !== null) closeSync(this.#wal);
    this.#wal = null;
    rmSync(join(this.#folder, 'wal.ndjson'), { force: true });
    this.#inWal = 0;
  }

  /** The newest `limit` entries of the log, oldest first. */
  readLog(limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (const line of readLines(join(this.#folder, 'log.ndjson'))) {
      try {
        if (line !== '') entries.push(JSON.parse(line) as LogEntry);
      } catch {
        // A line that a crash tore; the transaction itself is in the write-ahead file.
      }
    }
    return entries.slice(-limit);
  }

  close(): void {
    for (const handle of [this.#wal, this.#log]) if (handle !== null) closeSync(handle);
    this.#wal = null;
    this.#log = null;
  }

  #writeLog(entry: LogEntry): void {
    this.#log ??= openSync(join(this.#folder, 'log.ndjson'), 'a', 0o600);
    writeSync(this.#log, `${JSON.stringify(entry)}\n`);
  }
}

const parseRecord = (line: string, seal: SecretSeal): WalRecord | null => {
  const space = line.indexOf(' ');
  const text = line.slice(space + 1);
  return space > 0 && line.slice(0, space) === sum(text) ? (seal.parse(text) as WalRecord) : null;
};
