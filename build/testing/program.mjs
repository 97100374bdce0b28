// Programs that `npm test` runs: their output kept, their time bounded.
import { spawn } from 'node:child_process';
import { root } from '../setup/steps.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
const hasGroups = process.platform !== 'win32';

/** Sends a signal to a program and to what it started. @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
const signalAll = (child, signal) => {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended by itself.
  }
};

/** Ends every program that still runs, and what each of them started. @param {NodeJS.Signals} signal */
export const endPrograms = (signal) => {
  for (const child of children) signalAll(child, signal);
};

/**
 * @typedef {object} ProgramEnd
 * @property {number} code its exit code; 1 where it did not start or a signal ended it
 * @property {string} output standard output and standard error in the order of their arrival; empty where it was shown
 * @property {boolean} isLate it did not end in its time and was ended
 */

/**
 * Runs a program to its end, or ends it and all that it started when its time is over.
 * @param {string} command @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, isShown?: boolean, limitMs: number, graceMs?: number }} options `isShown`: the output is written at once instead
 * of being kept; `graceMs`: how long it may take to end after it was told to
 * @returns {Promise<ProgramEnd>}
 */
export const runProgram = (command, args, { env = process.env, isShown = false, limitMs, graceMs = 10_000 }) =>
  new Promise((resolve) => {
    // A group of its own, so that what hangs is ended together with the processes that hold its pipes.
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: hasGroups });
    children.add(child);
    let output = '';
    let isLate = false;
    /** @type {NodeJS.Timeout | undefined} */
    let force;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        if (isShown) process.stderr.write(text);
        else output += text;
      });
    const end = (code, text = '') => {
      clearTimeout(limit);
      clearTimeout(force);
      children.delete(child);
      resolve({ code, output: output + text, isLate });
    };
    const limit = setTimeout(() => {
      isLate = true;
      signalAll(child, 'SIGTERM');
      force = setTimeout(() => {
        signalAll(child, 'SIGKILL');
        // Nobody that left the group may keep the run waiting for the end of a pipe.
        child.stdout.destroy();
        child.stderr.destroy();
      }, graceMs);
    }, limitMs);
    child.on('error', (error) => end(1, error.message));
    child.on('close', (code) => end(code ?? 1));
  });
