import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { envelopeSchema } from '../../../shared/contract/core.ts';
import {
  acceptWarningsSchema,
  formationDirections,
  formationStepResultSchema,
  skipSchema,
  type FormationStatus,
  type FormationStepResult,
  type WarningAcceptance,
} from '../../../shared/contract/formation.ts';
import { Failure, type Envelope } from '../../../shared/errors/failure.ts';
import { seenServerSchema, type SeenServer } from '../../../shared/model/formation.ts';
import { wantedOf } from '../../../shared/plan/formation/wanted.ts';
import { readFileIfThere } from '../../system/durable-file.ts';
import type { KeptSerial } from './kept-serials.ts';
import { parseClusterFile } from './parse-cluster-file.ts';

const eventSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begin'),
    at: z.iso.datetime(),
    formation: z.string(),
    cluster: z.string(),
    path: z.string(),
    /** The cluster file as it was given: what it is gone on with. */
    text: z.string(),
    by: z.string(),
    direction: z.enum(formationDirections).default('form'),
    /** The ids of the questions that were answered with a plain yes. */
    agreed: z.array(z.string()).default([]),
    acceptWarnings: acceptWarningsSchema,
    pid: z.number().int(),
  }),
  z.object({ kind: z.literal('step'), at: z.iso.datetime(), result: formationStepResultSchema }),
  z.object({
    kind: z.literal('seen'),
    at: z.iso.datetime(),
    /** Before its first step, or after its last one. */
    when: z.enum(['before', 'after']),
    servers: z.array(seenServerSchema),
  }),
  /** Typed by a person, for what the question said is lost; no secret. */
  z.object({
    kind: z.literal('serial'),
    at: z.iso.datetime(),
    question: z.string(),
    serial: z.string(),
    text: z.string(),
  }),
  /** What a reader of the record has to know besides its steps. */
  z.object({ kind: z.literal('note'), at: z.iso.datetime(), text: z.string() }),
  z.object({ kind: z.literal('pause'), at: z.iso.datetime(), isPaused: z.boolean() }),
  z.object({
    kind: z.literal('end'),
    at: z.iso.datetime(),
    state: z.enum(['formed', 'undone', 'failed', 'cancelled']),
    error: envelopeSchema.nullable(),
  }),
]);
type Event = z.output<typeof eventSchema>;

export interface FormationRecord extends Omit<
  FormationStatus,
  'skips' | 'servers' | 'wanted' | 'coordinator' | 'doing'
> {
  readonly text: string;
  readonly by: string;
  readonly agreed: readonly string[];
  readonly serials: readonly KeptSerial[];
  readonly acceptWarnings: readonly WarningAcceptance[];
  /** What happened besides its steps, each with its time (ISO 8601). */
  readonly notes: readonly { readonly at: string; readonly text: string }[];
  /** The servers as they saw themselves before the first step of it, and after its last one; null where nobody wrote it. */
  readonly before: readonly SeenServer[] | null;
  readonly after: readonly SeenServer[] | null;
}

type OneRecord = Omit<FormationRecord, 'earlier'>;

const isWhole = ({ state }: OneRecord): boolean => state === 'formed' || state === 'undone';

/** Those of an earlier run that a later one found done: they are not taken again, and belong to the formation all the same. */
const doneIn = (records: readonly OneRecord[], than: OneRecord): FormationStepResult[] => {
  const known = new Set(than.steps.map(({ id }) => id));
  const steps = new Map<string, FormationStepResult>();
  for (const { steps: own } of records)
    for (const step of own)
      if (!known.has(step.id) && ['done', 'alreadyDone', 'skipped'].includes(step.state)) steps.set(step.id, step);
  return [...steps.values()];
};

/**
 * What a coordinator remembers of its formations: for people and their records. Nothing is decided by it: what is done, every server
 * shows itself.
 */
export class FormationLog {
  readonly #folder: string;
  readonly #isRunning: (formation: string) => boolean;
  /** Records of runs that have ended: nothing is written into them any more. */
  readonly #ended = new Map<string, OneRecord>();

  /**
   * `isRunning`: what the core of this data folder knows of a formation without an end. The number of the process that began it says nothing: after a
   * restart of the server it belongs to whichever program got it then.
   */
  constructor(dataFolder: string, isRunning: (formation: string) => boolean) {
    this.#folder = join(dataFolder, 'formation');
    this.#isRunning = isRunning;
  }

  begin(about: Omit<Extract<Event, { kind: 'begin' }>, 'kind' | 'pid'>): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#write(about.formation, { kind: 'begin', pid: process.pid, ...about });
  }

  step(formation: string, at: Date, result: FormationStepResult): void {
    this.#write(formation, { kind: 'step', at: at.toISOString(), result });
  }

  seen(formation: string, at: Date, when: 'before' | 'after', servers: readonly SeenServer[]): void {
    this.#write(formation, { kind: 'seen', at: at.toISOString(), when, servers: [...servers] });
  }

  serial(formation: string, at: Date, kept: KeptSerial): void {
    this.#write(formation, { kind: 'serial', at: at.toISOString(), ...kept });
  }

  /** Something about the formation that was begun last, whichever core writes its steps. */
  note(at: Date, text: string): void {
    const last = this.#names().at(-1);
    if (last !== undefined) this.#write(last.replace(/\.ndjson$/, ''), { kind: 'note', at: at.toISOString(), text });
  }

  /** A person paused it, or has it go on. */
  pause(formation: string, at: Date, isPaused: boolean): void {
    this.#write(formation, { kind: 'pause', at: at.toISOString(), isPaused });
  }

  end(formation: string, at: Date, state: 'formed' | 'undone' | 'failed' | 'cancelled', error: Envelope | null): void {
    this.#write(formation, { kind: 'end', at: at.toISOString(), state, error: error as never });
  }

  /**
   * The formation that was begun last, with what the runs that it goes on with had done; null where there was none. A formation that came to its
   * end is gone on with by none.
   */
  last(): FormationRecord | null {
    const [name, ...older] = this.#names().toReversed();
    const last = name === undefined ? null : this.#read(name);
    if (!last) return null;
    const chain: OneRecord[] = [];
    for (const one of older) {
      const record = this.#read(one);
      if (!record || record.cluster !== last.cluster || record.direction !== last.direction || isWhole(record)) break;
      chain.unshift(record);
    }
    const before = chain.find((record) => record.before !== null)?.before ?? last.before;
    const notes = [...chain, last].flatMap((record) => record.notes);
    return { ...last, before, notes, earlier: doneIn(chain, last) };
  }

  skip(skip: z.output<typeof skipSchema>): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    appendFileSync(join(this.#folder, 'skips.ndjson'), `${JSON.stringify(skip)}\n`, { mode: 0o600 });
  }

  /** What a person left out since a formation was last undone here: the next one is another decision. */
  skips(): z.output<typeof skipSchema>[] {
    const skips = linesOf(readFileIfThere(join(this.#folder, 'skips.ndjson')), skipSchema);
    if (skips.length === 0) return skips;
    const undone = this.#names()
      .map((name) => this.#read(name))
      .findLast((record) => record?.state === 'undone');
    return skips.filter(({ at }) => Date.parse(at) > Date.parse(undone?.endedAt ?? '1970-01-01T00:00:00Z'));
  }

  #write(formation: string, event: Event): void {
    appendFileSync(join(this.#folder, `${formation}.ndjson`), `${JSON.stringify(event)}\n`, { mode: 0o600 });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /^form-.*\.ndjson$/.test(name))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #read(name: string): OneRecord | null {
    const known = this.#ended.get(name);
    if (known) return known;
    const events = linesOf(readFileIfThere(join(this.#folder, name)), eventSchema);
    const begin = events.find((event) => event.kind === 'begin');
    if (!begin) return null;
    const end = events.findLast((event) => event.kind === 'end');
    const steps = new Map<string, FormationStepResult>();
    for (const event of events) if (event.kind === 'step') steps.set(event.result.id, event.result);
    const state = end?.state ?? (this.#isRunning(begin.formation) ? 'running' : 'interrupted');
    const seenAt = (when: 'before' | 'after'): SeenServer[] | null =>
      events.flatMap((event) => (event.kind === 'seen' && event.when === when ? [event.servers] : [])).at(-1) ?? null;
    const record: OneRecord = {
      formation: begin.formation,
      cluster: begin.cluster,
      path: begin.path,
      text: begin.text,
      by: begin.by,
      agreed: begin.agreed,
      serials: events.flatMap((event) =>
        event.kind === 'serial' ? [{ question: event.question, serial: event.serial, text: event.text }] : [],
      ),
      acceptWarnings: begin.acceptWarnings,
      notes: events.flatMap((event) => (event.kind === 'note' ? [{ at: event.at, text: event.text }] : [])),
      direction: begin.direction,
      state,
      isPaused: !end && events.findLast((event) => event.kind === 'pause')?.isPaused === true,
      startedAt: begin.at,
      endedAt: end?.at ?? null,
      // What ran when everything else ended has no end of its own: nobody knows how far it came.
      steps: [...steps.values()].map((step) =>
        state !== 'running' && step.state === 'running' ? { ...step, state: 'interrupted' as const } : step,
      ),
      error: end?.error ?? null,
      before: seenAt('before'),
      after: seenAt('after'),
    };
    if (end) this.#ended.set(name, record);
    return record;
  }
}

/** How an ended formation stands: its servers as they were read last. */
export const statusOfRecord = (
  {
    by: _by,
    before: _before,
    after,
    agreed: _agreed,
    serials: _serials,
    acceptWarnings: _accepted,
    notes: _notes,
    ...shown
  }: FormationRecord,
  log: FormationLog,
): FormationStatus => {
  let wanted: FormationStatus['wanted'] = null;
  try {
    wanted = wantedOf(parseClusterFile(shown.text, shown.path));
  } catch (error) {
    // It was right when it began; a newer program may read it more strictly.
    if (!(error instanceof Failure)) throw error;
  }
  return { ...shown, servers: [...(after ?? [])], wanted, skips: log.skips(), coordinator: null, doing: null };
};

/** The lines that are whole; a last one that a crash tore says nothing. */
const linesOf = <Schema extends z.ZodType>(text: string | null, schema: Schema): z.output<Schema>[] =>
  (text ?? '').split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
