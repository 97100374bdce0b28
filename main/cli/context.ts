import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clip } from './text/table.ts';
import type { Method, Progress } from '../../shared/contract/define.ts';
import type { Input, MethodName, Output } from '../../shared/contract/index.ts';
import { explain, fromEnvelope, ofReading, type Envelope, type Failure } from '../../shared/errors/failure.ts';
import { chooseDataFolder, openDataFolder } from '../agent/data-folder.ts';
import type { CoreApi, Dispatcher } from '../api/dispatcher.ts';
import type { CoreProcess } from '../agent/core-process.ts';
import type { RemoteCore } from '../agent/pipe.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { StopRequests } from './stop-requests.ts';
import { choosePaint, printable, type Paint } from './text/style.ts';

/** A command line that commander accepts and that makes no sense all the same: exit code 2. */
export class UsageError extends Error {}

/** The process around a command; tests give their own. */
export interface CliStreams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  readonly env: NodeJS.ProcessEnv;
}

/** The servers that an input is about: one, several, or those that a configuration is read from. */
const serversIn = (input: object): string[] => {
  const { server, servers, source } = input as { server?: unknown; servers?: unknown; source?: { servers?: unknown } };
  return [server, servers, source?.servers].flat().filter((one) => typeof one === 'string');
};

/** What a command uses: output, the core, cancellation. One per run. */
export class CliContext {
  readonly streams: CliStreams;
  readonly paint: Paint;
  readonly signal: AbortSignal;
  dataFolderOption: string | undefined;
  /** `--unprotected-data`: a person takes the data folder although others can use it. */
  acceptUnprotected = false;
  exitCode: ExitCode = exitCodes.done;
  /** The servers that the last call was about. */
  askedAbout: readonly string[] = [];
  readonly #closers: (() => void | Promise<void>)[] = [];
  #local: Dispatcher | undefined;
  #owner: CoreApi | undefined;
  /** True once no other process was found to be the core. */
  #isAlone = false;
  #dataFolder: Promise<string> | undefined;
  readonly #stop: StopRequests | undefined;
  #isLineOpen = false;

  constructor(streams: CliStreams, signal: AbortSignal, stop?: StopRequests) {
    this.streams = streams;
    this.signal = signal;
    this.#stop = stop;
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
    this.endProgressLine();
    this.streams.stderr.write(`${printable(text)}\n`);
  }

  /** The width of text on stdout: that of the terminal; what goes into a file or a pipe is cut and searched by lines. */
  get columns(): number {
    return this.streams.stdout.columns ?? 160;
  }

  /** Acknowledges a request to stop at once: what has to be undone first may take a while. */
  acknowledgeStop(text: string): void {
    const tell = (): void => this.note(text);
    if (this.signal.aborted) tell();
    else this.signal.addEventListener('abort', tell, { once: true });
  }

  /** The data folder, made and protected; the same for the whole run. */
  dataFolder(): Promise<string> {
    return (this.#dataFolder ??= this.#openDataFolder(false));
  }

  /** The same, only where an elevated start found it protected before: for what runs without a person. Throws RESUME_FOLDER_UNPROVEN. */
  provenDataFolder(): Promise<string> {
    return (this.#dataFolder = this.#openDataFolder(true));
  }

  /** Where the data folder is to be, whether it is there or not; nothing in it is believed yet. */
  get dataFolderPath(): string {
    return chooseDataFolder(this.dataFolderOption, this.streams.env);
  }

  #openDataFolder(onlyNoted: boolean): Promise<string> {
    return openDataFolder(this.dataFolderPath, {
      acceptUnprotected: this.acceptUnprotected && !onlyNoted,
      onlyNoted,
      tell: (text) => this.note(text),
    });
  }

  /**
   * Calls a method of the contract. What is about a server runs in the core that runs for this data folder, which has that server
   * open already. Where none runs, and for everything else, what only reads runs in this process, and what changes something in the
   * core or, if none does, in this process as that core.
   * @throws Failure
   */
  async call<Name extends MethodName>(
    name: Name,
    input: Input<Name>,
    onProgress?: (progress: Progress) => void,
  ): Promise<Output<Name>> {
    const about = serversIn(input);
    this.askedAbout = about;
    const core = (about.length > 0 ? await this.#coreBeside() : null) ?? (await this.#coreFor(name, about));
    const outcome = await core.call(name, input, {
      caller: { kind: 'cli' },
      signal: this.signal,
      ...(onProgress ? { onProgress } : {}),
    });
    if (!outcome.ok) {
      const method = outcome.error.effect === 'none' ? undefined : await (await this.#localCore()).find(name);
      throw failureOfCall(method, outcome.error);
    }
    return outcome.result as Output<Name>;
  }

  /** A line on the terminal that shows how far a work is; silent where stderr is not a terminal. */
  progressLine(): (progress: Progress) => void {
    if (this.streams.stderr.isTTY !== true) return () => undefined;
    return (progress) => {
      const share = progress.done !== null && progress.total ? ` ${progress.done}/${progress.total}` : '';
      const left = progress.leftMs !== null ? `, ${Math.ceil(progress.leftMs / 1000)} s left` : '';
      // A line that reaches the last column wraps, and then its beginning cannot be cleared any more.
      const room = Math.max(20, (this.streams.stderr.columns ?? 80) - 1) - share.length - left.length;
      this.#isLineOpen = true;
      this.streams.stderr.write(`\r\u001b[K${clip(printable(progress.doing), room)}${share}${left}`);
    };
  }

  /** Clears the progress line before something else is printed. */
  endProgressLine(): void {
    if (this.#isLineOpen) this.streams.stderr.write('\r\u001b[K');
    this.#isLineOpen = false;
  }

  /** Gives the core back, its own or the connection to another's; a call after that takes one anew. */
  async close(): Promise<void> {
    const closers = this.#closers.splice(0).reverse();
    this.#owner = undefined;
    this.#isAlone = false;
    for (const closer of closers) await closer();
  }

  /**
   * The core that runs for the data folder; null where none does. Where the address of one lies there, the folder is looked at first: what
   * is typed here goes to whoever answers at it.
   */
  async findCore(): Promise<RemoteCore | null> {
    if (!existsSync(join(this.dataFolderPath, 'core.json'))) return null;
    const [{ RemoteCore }, folder] = await Promise.all([import('../agent/pipe.ts'), this.dataFolder()]);
    return RemoteCore.find(folder);
  }

  /** The core that runs in another process; null where none does. It needs none of the schemas. */
  async #coreBeside(): Promise<CoreApi | null> {
    if (this.#owner) return this.#owner;
    if (this.#isAlone) return null;
    const remote = await this.findCore();
    if (!remote) {
      this.#isAlone = true;
      return null;
    }
    this.#closers.push(() => remote.close());
    this.#owner = remote;
    return remote;
  }

  async #coreFor(name: MethodName, about: readonly string[]): Promise<CoreApi> {
    const local = await this.#localCore();
    const method = await local.find(name);
    // The connections to peers are held by the core that runs.
    const isOfPeer = about.some((server) => server.startsWith('peer:'));
    return method && method.kind === 'read' && !method.inCore && !isOfPeer ? local : this.#owningCore();
  }

  /** Made when it is needed: help, completion, and what the core beside answers do without it. */
  async #localCore(): Promise<Dispatcher> {
    if (!this.#local) {
      const { createCore } = await import('../agent/compose.ts');
      this.#local = createCore({ dataFolder: this.dataFolderPath, host: 'cli' });
    }
    return this.#local;
  }

  async #owningCore(): Promise<CoreApi> {
    if (this.#owner) return this.#owner;
    const { openCore } = await import('../agent/core-process.ts');
    const dataFolder = await this.dataFolder();
    const { own, running } = await openCore({ dataFolder, host: 'cli' });
    if (own) {
      this.#closers.push(async () => {
        await this.#letOthersEnd(own);
        await own.close();
      });
      this.#owner = own.core;
    } else {
      this.#closers.push(() => running.close());
      this.#owner = running;
    }
    return this.#owner;
  }

  /** Commands that came while this one was the core run in this process: their work must not end with ours. */
  async #letOthersEnd(own: CoreProcess): Promise<void> {
    if (own.isIdle()) return;
    const titles = own.core.activities.running().map(({ title }) => title);
    this.note(
      `Done. Another command is still using this process${titles.length > 0 ? ` (${titles.join(', ')})` : ''}; the process ends with it, and Ctrl-C stops both.`,
    );
    const stop = this.#stop;
    if (stop) stop.isForOthers = true;
    await new Promise<void>((resolve) => {
      stop?.others.addEventListener('abort', () => resolve(), { once: true });
      void own.whenIdle().then(resolve);
    });
  }
}

const jsonValue = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** What was typed was wrong by itself: nothing was asked of anybody. */
const usageCodes: ReadonlySet<string> = new Set([
  'AVAILABILITY_LOSS_UNKNOWN',
  'AVAILABILITY_LOSS_TWICE',
  'CALL_INPUT_INVALID',
  'CLUSTER_FILE_INVALID',
  'CLUSTER_FILE_NEWER',
  'ISCSI_NAME_MALFORMED',
  'ISCSI_PORTAL_MALFORMED',
  'ISCSI_OPTION_OUT_OF_RANGE',
  'ISCSI_CHAP_SECRET_TOO_SHORT',
  'ISCSI_CHAP_SECRET_REUSED',
  'QUALIFY_NO_SUCH_CASE',
  'QUALIFY_SERIAL_NEEDED',
  'QUALIFY_SERIAL_WITHOUT_DATA_LOSS',
  'QUALIFY_DATA_LOSS_WITHOUT_RESERVATIONS',
  'QUALIFY_PORTAL_TWICE',
  'ISCSI_NAME_TOO_LONG',
  'SECRET_FILE_UNUSABLE',
  'PEER_ADDRESS_MALFORMED',
  'PEER_INVITATION_MALFORMED',
  'TARGET_FAULT_UNKNOWN',
  'TARGET_NAME_INVALID',
  'TARGET_CHAP_UNUSABLE',
]);

/** The one document of a `--json` run that failed. */
export const failureDocument = (envelope: Envelope): object => {
  const { what, next } = explain(envelope);
  return { schema: 'quorate.failure/1', error: envelope, what, next };
};

/**
 * The failure of a call. The connection to the core does not know the methods, and what only reads may lose it, too: then nothing was changed, and
 * nobody is told that it is not known.
 */
export const failureOfCall = (method: Pick<Method, 'kind'> | undefined, envelope: Envelope): Failure =>
  fromEnvelope(method?.kind === 'read' ? ofReading(envelope) : envelope);

/** Prints a failure: two sentences and the code on stderr, and with `--json` the envelope as the one document. */
export const reportFailure = (context: CliContext, envelope: Envelope, isJson: boolean): ExitCode => {
  const { what, next, code } = explain(envelope);
  context.endProgressLine();
  if (isJson) context.printJson(failureDocument(envelope));
  context.note(`${what} [${code}]`);
  context.note(next);
  const { report } = envelope.detail;
  const [server = 'local'] = context.askedAbout;
  if (typeof report === 'string' && (server !== 'local' || !next.includes(report)))
    context.note(`Windows wrote a report: quorate cluster report "${report}" --server ${server}`);
  // What was cancelled may have left something, and that is what has to be acted on.
  if (code === 'CANCELLED' && envelope.cause) {
    const left = explain(envelope.cause);
    context.note(`${left.what} [${left.code}]`);
    context.note(left.next);
  }
  if (envelope.effect === 'partial') context.note('A part of the change was made before it stopped.');
  if (envelope.effect === 'unknown' && code !== 'INTERNAL_BUG')
    context.note('Whether anything was changed is not known.');
  return code === 'CANCELLED' ? exitCodes.cancelled : usageCodes.has(code) ? exitCodes.usage : exitCodes.failed;
};
