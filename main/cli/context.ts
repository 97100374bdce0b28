import type { Progress } from '../../shared/contract/define.ts';
import type { Input, MethodName, Output } from '../../shared/contract/index.ts';
import { explain, fromEnvelope, type Envelope } from '../../shared/errors/failure.ts';
import { chooseDataFolder, prepareDataFolder } from '../agent/data-folder.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { choosePaint, printable, type Paint } from './text/style.ts';

/** A command line that commander accepts and that makes no sense all the same: exit code 2. */
export class UsageError extends Error {}

/** The process around a command; tests give their own. */
export interface CliStreams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** What a command uses: output, the core, cancellation. One per run. */
export class CliContext {
  readonly streams: CliStreams;
  readonly paint: Paint;
  readonly signal: AbortSignal;
  dataFolderOption: string | undefined;
  exitCode: ExitCode = exitCodes.done;
  readonly #closers: (() => void | Promise<void>)[] = [];
  #local: CoreApi | undefined;
  #owner: CoreApi | undefined;

  constructor(streams: CliStreams, signal: AbortSignal) {
    this.streams = streams;
    this.signal = signal;
    this.paint = choosePaint(streams.stdout.isTTY === true, streams.env);
  }

  /** Writes a line of the answer. */
  print(text = ''): void {
    this.streams.stdout.write(`${text}\n`);
  }

  /** Writes the one JSON document of a `--json` run. */
  printJson(document: unknown): void {
    this.streams.stdout.write(`${JSON.stringify(document, jsonValue, 2)}\n`);
  }

  /** Writes a message that is not the answer. */
  note(text: string): void {
    this.streams.stderr.write(`${printable(text)}\n`);
  }

  dataFolder(): string {
    return prepareDataFolder(chooseDataFolder(this.dataFolderOption, this.streams.env));
  }

  /**
   * Calls a method of the contract: what only reads runs in this process; what changes something runs in the core that
   * runs for this data folder or, if none does, in this process as that core.
   * @throws Failure
   */
  async call<Name extends MethodName>(
    name: Name,
    input: Input<Name>,
    onProgress?: (progress: Progress) => void,
  ): Promise<Output<Name>> {
    // Loaded with the first call: help, completion and readiness do without the schemas.
    const { findMethod } = await import('../../shared/contract/index.ts');
    const method = findMethod(name);
    const core =
      method && method.kind === 'read' && !method.inCore ? await this.#localCore() : await this.#owningCore();
    const outcome = await core.call(name, input, {
      caller: 'cli',
      signal: this.signal,
      ...(onProgress ? { onProgress } : {}),
    });
    if (!outcome.ok) throw fromEnvelope(outcome.error);
    return outcome.result as Output<Name>;
  }

  /** A line on the terminal that shows how far a work is; silent where stderr is not a terminal. */
  progressLine(): (progress: Progress) => void {
    if (this.streams.stderr.isTTY !== true) return () => undefined;
    return (progress) => {
      const share = progress.done !== null && progress.total ? ` ${progress.done}/${progress.total}` : '';
      const left = progress.leftMs !== null ? `, ${Math.ceil(progress.leftMs / 1000)} s left` : '';
      this.streams.stderr.write(`\r\u001b[K${printable(progress.doing)}${share}${left}`);
    };
  }

  /** Clears the progress line before something else is printed. */
  endProgressLine(): void {
    if (this.streams.stderr.isTTY === true) this.streams.stderr.write('\r\u001b[K');
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.reverse()) await closer();
  }

  async #localCore(): Promise<CoreApi> {
    if (!this.#local) {
      const { createCore } = await import('../agent/compose.ts');
      this.#local = createCore({ dataFolder: chooseDataFolder(this.dataFolderOption, this.streams.env), host: 'cli' });
    }
    return this.#local;
  }

  async #owningCore(): Promise<CoreApi> {
    if (this.#owner) return this.#owner;
    const { startCore, findRunningCore } = await import('../agent/core-process.ts');
    const dataFolder = this.dataFolder();
    const own = await startCore({ dataFolder, host: 'cli' });
    if (own) {
      this.#closers.push(() => own.close());
      this.#owner = own.core;
    } else {
      const remote = await findRunningCore(dataFolder);
      this.#closers.push(() => remote.close());
      this.#owner = remote;
    }
    return this.#owner;
  }
}

const jsonValue = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** What was typed was wrong by itself: nothing was asked of anybody. */
const usageCodes: ReadonlySet<string> = new Set([
  'CALL_INPUT_INVALID',
  'ISCSI_NAME_MALFORMED',
  'ISCSI_PORTAL_MALFORMED',
  'ISCSI_OPTION_OUT_OF_RANGE',
  'ISCSI_CHAP_SECRET_TOO_SHORT',
  'ISCSI_CHAP_SECRET_REUSED',
  'QUALIFY_NO_SUCH_CASE',
  'QUALIFY_SERIAL_NEEDED',
]);

/** Prints a failure: two sentences and the code on stderr, and with `--json` the envelope as the one document. */
export const reportFailure = (context: CliContext, envelope: Envelope, isJson: boolean): ExitCode => {
  const { what, next, code } = explain(envelope);
  if (isJson) context.printJson({ schema: 'quorate.failure/1', error: envelope, what, next });
  context.note(`${what} [${code}]`);
  context.note(next);
  if (envelope.effect === 'partial') context.note('A part of the change was made before it stopped.');
  if (envelope.effect === 'unknown' && code !== 'INTERNAL_BUG')
    context.note('Whether anything was changed is not known.');
  return code === 'CANCELLED' ? exitCodes.cancelled : usageCodes.has(code) ? exitCodes.usage : exitCodes.failed;
};
