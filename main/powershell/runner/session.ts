import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import { messageOf } from '../../system/reason.ts';
import { startHostProcess, type HostProcess } from './host-process.ts';
import { quoteText } from './literal.ts';
import type { PowerShellProgram } from './locate.ts';
import { windowsEnvironment, windowsModules, type Environment } from './session-environment.ts';
import { windowsFolder } from './windows-folder.ts';
import {
  createLineReader,
  encodeLine,
  sessionMessageSchema,
  type Notice,
  type ProgressMessage,
  type ScriptEnvelope,
  type SessionMessage,
} from './wire.ts';

export interface SessionOptions {
  readonly program: PowerShellProgram;
  /** The folder that holds Start-Session.ps1 and Script-Support.ps1. */
  readonly sessionFolder: string;
  /** Modules to import before the first script, by name or path. */
  readonly modules?: readonly string[];
  /** More variables for the process; a variable that is undefined is removed. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly readyMs: number;
  /** A line on stdout that is not of the protocol, or text on stderr. */
  readonly onChatter?: (text: string) => void;
}

export interface ScriptRequest {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface SessionListener {
  readonly onProgress?: ((progress: ProgressMessage) => void) | undefined;
  readonly onNotice?: ((notice: Notice) => void) | undefined;
}

/** How a call to a session ended: with an envelope, stopped on request, or with the end of the process. */
export type SessionOutcome =
  | { readonly kind: 'end'; readonly envelope: ScriptEnvelope }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'garbled'; readonly problem: string }
  | { readonly kind: 'died'; readonly reason: string };

interface Pending {
  readonly id: number;
  readonly listener: SessionListener;
  readonly settle: (outcome: SessionOutcome) => void;
}

export interface Session {
  readonly version: string;
  readonly edition: string;
  readonly processId: number;
  /** False once the process ended or was told to. */
  readonly usable: boolean;
  /** Runs one script; a session runs one at a time. */
  run(request: ScriptRequest, listener: SessionListener): Promise<SessionOutcome>;
  /** Asks the running script to stop (BeginStop). */
  stop(): void;
  /** Ends the process: by closing its stdin, and by force where that takes longer than `graceMs`. */
  end(graceMs?: number): Promise<void>;
  /** Ends the process by force. */
  kill(): void;
}

type FirstWord =
  | Extract<SessionMessage, { kind: 'ready' | 'blocked' | 'refused' }>
  | { readonly kind: 'ended'; readonly reason: string };

/** The one line that starts the protocol. It tells a restricted language and a blocked file apart before anything runs. */
const firstLine = (mark: string, options: SessionOptions): string => {
  // 5.1 puts the folder of the user's own modules before a PSModulePath that it finds; anybody's program can write there.
  const modulePath =
    process.platform === 'win32' && !options.env?.['PSModulePath']
      ? `$env:PSModulePath = ${quoteText(windowsModules(windowsFolder()))}; `
      : '';
  const start = quoteText(join(options.sessionFolder, 'Start-Session.ps1'));
  const support = quoteText(join(options.sessionFolder, 'Script-Support.ps1'));
  const modules = (options.modules ?? []).map(quoteText).join(', ');
  // Under Constrained Language no method may be called: plain text to the pipeline still arrives.
  return [
    `if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {`,
    `'${mark}{"kind":"blocked","mode":"' + $ExecutionContext.SessionState.LanguageMode + '"}'`,
    `} else { try { ${modulePath}$QuorateMark = '${mark}'; $QuorateSupportPath = ${support}; $QuorateModules = @(${modules}); . ${start} }`,
    `catch { [System.Console]::Out.WriteLine('${mark}{"kind":"refused","error":"' + ($_.FullyQualifiedErrorId -replace '[^ !#-\\[\\]-~]', '?')`,
    `+ '","category":"' + $_.CategoryInfo.Category + '","detail":"' + ([string] $_.Exception.Message -replace '[^ !#-\\[\\]-~]', '?') + '"}') } }\n`,
  ].join(' ');
};

const tailLength = 2_000;

/**
 * Starts a session and waits until it is ready. Throws `POWERSHELL_NOT_STARTED`, `POWERSHELL_NOT_READY`,
 * `POWERSHELL_POLICY_BLOCKED`, `POWERSHELL_LANGUAGE_RESTRICTED` or `POWERSHELL_MODULE_MISSING`; the process has then
 * ended or was told to.
 */
export const startSession = async (options: SessionOptions): Promise<Session> => {
  const { program } = options;
  const env: Environment = {
    ...(process.platform === 'win32' ? windowsEnvironment(process.env, windowsFolder()) : process.env),
    NO_COLOR: '1',
    TERM: 'dumb',
    POWERSHELL_TELEMETRY_OPTOUT: '1',
    POWERSHELL_UPDATECHECK: 'Off',
    ...options.env,
  };
  let host: HostProcess;
  try {
    host = startHostProcess({
      executable: program.path,
      // Group policy wins over this. What runs is checked by digest, so the mark of a downloaded zip need not stop it.
      executableOptions: { '-NoProfile': true, '-NonInteractive': true, '-ExecutionPolicy': 'Bypass' },
      spawnOptions: { env, windowsHide: true },
      throwOnInvocationError: false,
    });
  } catch (cause) {
    throw failure('POWERSHELL_NOT_STARTED', { path: program.path, reason: messageOf(cause) }, { cause });
  }
  const { child, streams } = host;

  const mark = `#q${randomBytes(8).toString('hex')}#`;
  let stderrTail = '';
  let pending: Pending | null = null;
  let usable = true;
  let nextId = 1;
  let ended = false;
  let settleReady: (outcome: FirstWord) => void = () => undefined;
  const ready = new Promise<FirstWord>((settled) => (settleReady = settled));

  const settle = (outcome: SessionOutcome): void => {
    const current = pending;
    pending = null;
    current?.settle(outcome);
  };
  const kill = (): void => {
    usable = false;
    child.kill('SIGKILL');
  };
  const onEnd = (reason: string): void => {
    usable = false;
    ended = true;
    settleReady({ kind: 'ended', reason });
    settle({ kind: 'died', reason });
  };

  const onLine = (line: string): void => {
    const at = line.indexOf(mark);
    if (at < 0) {
      if (line.length > 0) options.onChatter?.(line);
      return;
    }
    if (at > 0) options.onChatter?.(line.slice(0, at));
    let message;
    try {
      message = sessionMessageSchema.parse(JSON.parse(line.slice(at + mark.length)));
    } catch (cause) {
      settle({ kind: 'garbled', problem: messageOf(cause).slice(0, 500) });
      return;
    }
    switch (message.kind) {
      case 'ready':
      case 'blocked':
      case 'refused':
        settleReady(message);
        return;
      case 'progress':
        if (pending?.id === message.id) pending.listener.onProgress?.(message);
        return;
      case 'notice':
        if (pending?.id === message.id) {
          pending.listener.onNotice?.({ level: message.level, text: message.text, error: message.error });
        }
        return;
      case 'end':
        if (pending?.id === message.id) settle({ kind: 'end', envelope: message.envelope });
        return;
      case 'stopped':
        if (pending?.id === message.id) settle({ kind: 'stopped' });
    }
  };

  const readLines = createLineReader(onLine);
  // node-powershell has set both streams to text; the wire is ASCII, so no character is ever cut.
  streams.stdout.on('data', (chunk: string) => {
    try {
      readLines(chunk);
    } catch (cause) {
      settle({ kind: 'garbled', problem: messageOf(cause) });
      kill();
    }
  });
  streams.stderr.on('data', (chunk: string) => {
    stderrTail = (stderrTail + chunk).slice(-tailLength);
    options.onChatter?.(chunk);
  });
  for (const stream of [streams.stdin, streams.stdout, streams.stderr]) {
    stream.on('error', () => undefined);
  }
  child.once('error', (error) => onEnd(messageOf(error)));
  // `close` comes after the last output was read, `exit` may come before it.
  child.once('close', (code, signal) => onEnd(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`));

  streams.stdin.write(firstLine(mark, options));
  const timer = setTimeout(() => settleReady({ kind: 'ended', reason: 'late' }), options.readyMs);
  const first = await ready;
  clearTimeout(timer);
  if (first.kind !== 'ready') {
    const late = !ended && first.kind === 'ended';
    kill();
    switch (first.kind) {
      case 'blocked':
        throw failure('POWERSHELL_LANGUAGE_RESTRICTED', { mode: first.mode });
      case 'refused':
        throw refusal(first, options);
      case 'ended':
        if (late) throw failure('POWERSHELL_NOT_READY', { path: program.path, seconds: options.readyMs / 1000 });
        throw failure('POWERSHELL_NOT_STARTED', {
          path: program.path,
          reason: [first.reason, stderrTail.trim().split(/\r?\n/, 1)[0] ?? ''].filter(Boolean).join(': '),
        });
    }
  }

  const stop = (): void => {
    if (pending) streams.stdin.write(encodeLine({ kind: 'cancel', id: pending.id }));
  };
  const end = async (graceMs = 2_000): Promise<void> => {
    usable = false;
    if (ended) return;
    const gone = new Promise<void>((settled) => child.once('close', () => settled()));
    streams.stdin.end();
    const force = setTimeout(kill, graceMs);
    await gone;
    clearTimeout(force);
  };
  return {
    version: first.version,
    edition: first.edition,
    processId: first.processId,
    get usable() {
      return usable;
    },
    run(request, listener) {
      if (pending) throw new Error('a session runs one script at a time');
      if (!usable) return Promise.resolve({ kind: 'died', reason: 'it had ended before' });
      const id = nextId++;
      return new Promise((settled) => {
        pending = { id, listener, settle: settled };
        streams.stdin.write(encodeLine({ kind: 'run', id, ...request }));
      });
    },
    stop,
    end,
    kill,
  };
};

/** What forbade the first line to go on, told apart by id and category. */
const refusal = (first: { error: string; category: string; detail: string }, options: SessionOptions) => {
  const id = first.error.split(',', 1)[0] ?? '';
  if (id === 'UnauthorizedAccess' || first.category === 'SecurityError') {
    return failure('POWERSHELL_POLICY_BLOCKED', { path: join(options.sessionFolder, 'Start-Session.ps1') });
  }
  if (id === 'Modules_ModuleNotFound') {
    return failure('POWERSHELL_MODULE_MISSING', {
      module: (options.modules ?? []).join(', '),
      script: 'the session',
      id: first.error,
    });
  }
  return failure('POWERSHELL_NOT_STARTED', {
    path: options.program.path,
    reason: `${first.detail} (${first.error})`,
  });
};
