import type { FailureCode, Messages } from '../messages/index.ts';
import { fillText, type Effect, type MessageRow, type Placeholders, type Retry } from '../messages/define.ts';
import { messages } from '../messages/index.ts';
import { inRehearsal, nextInRehearsal, type RehearsedPlace } from './rehearsed-words.ts';

export type { Effect, Retry };

export type DetailValue = string | number | boolean | null;
export type Detail = Readonly<Record<string, DetailValue>>;

type DetailNames<Code extends FailureCode> =
  | Placeholders<Messages[Code]['what']>
  | Placeholders<Messages[Code]['next']>;

/** The details that a code's texts name must be given; more may be. */
export type DetailOf<Code extends FailureCode> = Record<DetailNames<Code>, DetailValue> & Detail;

/** The form in which a failure crosses IPC, the loopback page, the pipe and TLS. */
export interface Envelope {
  readonly code: string;
  readonly detail: Detail;
  readonly retry: Retry;
  readonly effect: Effect;
  readonly cause: Envelope | null;
}

/** How a call ended, as it crosses every boundary. */
export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: Envelope };

export interface FailureOptions {
  readonly retry?: Retry;
  readonly effect?: Effect;
  readonly cause?: unknown;
}

/** An expected failure with a code. Answers are values, cancellation is `CANCELLED`, anything else is a bug. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: Detail;
  readonly retry: Retry;
  readonly effect: Effect;

  constructor(code: FailureCode, detail: Detail, options: FailureOptions = {}) {
    const row: MessageRow = messages[code];
    super(fillText(row.what, detail), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.detail = detail;
    this.retry = options.retry ?? row.retry;
    this.effect = options.effect ?? row.effect;
  }

  /** What to do next, as a sentence. */
  get next(): string {
    return fillText(messages[this.code].next, this.detail);
  }
}

/** Makes a failure; the details named in the code's texts are checked at compile time. */
export const failure = <Code extends FailureCode>(
  code: Code,
  detail: DetailOf<Code>,
  options?: FailureOptions,
): Failure => new Failure(code, detail, options);

/** The failure that tells a caller that its own abort signal ended the call. */
export const cancelled = (what: string, effect: Effect = 'none'): Failure => failure('CANCELLED', { what }, { effect });

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Turns anything that was thrown into an envelope; what is not a {@link Failure} is a bug and says so. */
export const toEnvelope = (error: unknown): Envelope => {
  if (error instanceof Failure) {
    return {
      code: error.code,
      detail: error.detail,
      retry: error.retry,
      effect: error.effect,
      cause: error.cause === undefined ? null : toEnvelope(error.cause),
    };
  }
  if (error instanceof Error && error.name === 'AbortError') return toEnvelope(cancelled('The call'));
  return { code: 'INTERNAL_BUG', detail: { message: describe(error) }, retry: 'never', effect: 'unknown', cause: null };
};

/** The envelope of a call that only reads: however it ended, it changed nothing. */
export const ofReading = (envelope: Envelope): Envelope =>
  envelope.effect === 'none' ? envelope : { ...envelope, effect: 'none' };

/** Rebuilds the failure on the other side of a boundary; a code of a newer version becomes a bug that names it. */
export const fromEnvelope = (envelope: Envelope): Failure =>
  envelope.code in messages
    ? new Failure(envelope.code as FailureCode, envelope.detail, {
        retry: envelope.retry,
        effect: envelope.effect,
        ...(envelope.cause ? { cause: fromEnvelope(envelope.cause) } : {}),
      })
    : new Failure('INTERNAL_BUG', { message: envelope.code }, { retry: envelope.retry, effect: envelope.effect });

/** A failure of a rehearsed formation: its sentences name the commands that work there. */
export const ofRehearsal = (envelope: Envelope, place: RehearsedPlace): Envelope => ({
  ...envelope,
  detail: { ...envelope.detail, rehearsal: `${place.name}/${place.server}/${place.direction}` },
  cause: envelope.cause && ofRehearsal(envelope.cause, place),
});

const placeOf = (detail: Detail): RehearsedPlace | null => {
  const [name, server, direction] = typeof detail['rehearsal'] === 'string' ? detail['rehearsal'].split('/') : [];
  if (name === undefined || server === undefined) return null;
  const servers = Object.values(detail).filter((value) => typeof value === 'string');
  return {
    name,
    server: typeof detail['node'] === 'string' ? detail['node'] : server,
    direction: direction === 'undo' ? 'undo' : 'form',
    servers,
  };
};

/**
 * The two sentences that a person reads, and the code to search for. Whose step of a formation failed is said before: "this server" is not the
 * one that is read at. What failed on other servers at the same time is said after it. How the server was left, where that cannot wait, comes before
 * what to do next.
 */
export const explain = (envelope: Envelope): { what: string; next: string; code: string } => {
  const { code, detail } = envelope;
  const row: MessageRow | undefined = (messages as Readonly<Record<string, MessageRow>>)[code];
  if (!row) return { what: `The failure ${code} was reported.`, next: 'Update Quorate on this side.', code };
  const what = fillText(row.what, detail);
  const { inStep, besides, aftermath } = detail;
  const told = typeof inStep === 'string' ? `${inStep}. ${what}` : what;
  const next = fillText(row.next, detail);
  const whole = typeof besides === 'string' ? `${told} Also failed: ${besides}` : told;
  const then = typeof aftermath === 'string' ? `${aftermath} ${next}` : next;
  const place = placeOf(detail);
  if (place === null) return { what: whole, next: then, code };
  return { what: inRehearsal(whole, place) || whole, next: nextInRehearsal(then, place), code };
};
