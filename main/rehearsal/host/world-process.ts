import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starts a program that outlives this one: `entry` is a JavaScript file for Node. Returns when it was started. */
export type Launch = (entry: string, args: readonly string[]) => void;

/** dist/world/world.mjs, seen from a bundle in dist/cli or dist/chunks, or from the source tree. */
export const findEntry = (): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [
    join(here, '..', 'world', 'world.mjs'),
    join(here, '..', '..', '..', 'dist', 'world', 'world.mjs'),
    join(here, 'world.mjs'),
  ];
  return candidates.find((candidate) => existsSync(candidate)) ?? candidates[0]!;
};

const start = (entry: string, args: readonly string[], stdin: 'ignore' | 'pipe'): ChildProcess => {
  const child = spawn(process.execPath, [entry, ...args], {
    detached: true,
    stdio: [stdin, 'ignore', 'ignore'],
    windowsHide: true,
    // Inside Electron the same executable is Node only when it is told so.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  // A program that cannot be started shows itself as a world that never listens.
  child.on('error', () => undefined);
  child.unref();
  return child;
};

let spare: { readonly entry: string; readonly child: ChildProcess } | null = null;

/**
 * Starts the process of a world that is going to be launched in a moment, so that it loads itself while this one does. It is told its arguments by
 * `launchChild`; where nothing is launched, it ends with this process.
 */
export const prepareWorldProcess = (): void => {
  if (spare) return;
  const entry = findEntry();
  const child = start(entry, ['--later'], 'pipe');
  // It may be gone by the time it is needed; the world that never listens tells of it.
  child.stdin?.on('error', () => undefined);
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  spare = { entry, child };
};

/** A child process of this Node; the one that was prepared, where there is one. */
export const launchChild: Launch = (entry, args) => {
  const prepared = spare;
  if (prepared?.entry === entry && prepared.child.exitCode === null && prepared.child.pid !== undefined) {
    spare = null;
    prepared.child.stdin?.end(`${JSON.stringify(args)}\n`);
  } else start(entry, args, 'ignore');
};
