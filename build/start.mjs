// `npm start`: sets up what is missing, then opens the window, or without a display prints the readiness table and
// serves the page. `npm start -- ARGS` and `npm run quorate -- ARGS` run the command line instead.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installSystemPackages, prepareBase, root, say, windowPackages } from './setup/steps.mjs';

const args = process.argv.slice(2);
const isCli = args[0] === '--cli';
const cliArgs = isCli ? args.slice(1) : args;
const cli = join(root, 'dist', 'cli', 'quorate.mjs');

/** Runs a program in the foreground and hands its exit code on; Ctrl-C reaches it through the terminal. */
const runForeground = (command, commandArgs) =>
  new Promise((resolve) => {
    const child = spawn(command, commandArgs, { stdio: 'inherit' });
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(name, () => child.kill(name));
    child.on('error', (error) => {
      say(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal ? 3 : 1)));
  });

const hasDisplay = () =>
  process.platform === 'win32' ||
  process.platform === 'darwin' ||
  Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

const openWindow = async () => {
  for (const missing of await installSystemPackages(windowPackages.slice(1)))
    say(`Not installed: ${missing.what}; ${missing.why}.`);
  const { ensureElectron, sessionArguments } = await import('./setup/electron-runtime.mjs');
  const runtime = await ensureElectron();
  if ('missing' in runtime) {
    say(`There is a display, but ${runtime.missing}. Starting without a window.`);
    return null;
  }
  say('Opening the Quorate window ...');
  return runForeground(runtime.executable, [...runtime.args, ...sessionArguments()]);
};

const runWithoutWindow = async () => {
  await runForeground(process.execPath, [cli, 'readiness']);
  if (process.platform !== 'win32')
    say('This machine does not run Windows Server. Rehearse on simulated servers: npm run quorate -- rehearse');
  return runForeground(process.execPath, [cli, 'agent']);
};

await prepareBase();
if (isCli || cliArgs.length > 0) process.exitCode = await runForeground(process.execPath, [cli, ...cliArgs]);
else process.exitCode = (hasDisplay() ? await openWindow() : null) ?? (await runWithoutWindow());
