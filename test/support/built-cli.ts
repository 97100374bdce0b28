import { spawn, type ChildProcess } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { removeFolder } from './remove-folder.ts';

/** The command line as it ships: dist/cli, made by build/bundle.mjs. */
export const builtCli = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'quorate.mjs');

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
  /** What it wrote so far. */
  readonly soFar: () => { readonly out: string; readonly err: string };
}

export interface CliOptions {
  /** The data folder. */
  readonly data: string;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another program that runs the bundle, with what stands before it: Electron, `ip netns exec`. */
  readonly program?: readonly [string, ...string[]];
}

/** Starts the built command line; a test that ends earlier ends it. */
export const startCli = (args: readonly string[], options: CliOptions): RunningCli => {
  const [program, ...before] = options.program ?? [process.execPath];
  const child = spawn(program, [...before, builtCli, ...args], {
    env: { ...process.env, QUORATE_DATA: options.data, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  // A command that wants nothing from standard input may have ended already.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const done = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { child, done, soFar: () => ({ out, err }) };
};

export const runCli = (args: readonly string[], options: CliOptions): Promise<CliResult> => {
  const running = startCli(args, options);
  onTestFinished(() => {
    running.child.kill('SIGKILL');
  });
  return running.done;
};

/** A data folder that goes with the test. */
export const temporaryData = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
  onTestFinished(() => removeFolder(folder));
  return folder;
};

/** Every byte of every file below a folder, as Latin-1 text: to look for what must not be there. */
export const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
