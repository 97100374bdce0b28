import { fileReasonOf } from '../system/reason.ts';
import { optimizeLate } from '../system/short-lived.ts';
import { exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { runCli } from './run.ts';
import { StopRequests } from './stop-requests.ts';

optimizeLate();

/**
 * The console program. Ctrl-C, a service manager and a closing console ask the command to stop; another Ctrl-C ends the process at once.
 * Windows sends SIGHUP when the console is closed and SIGBREAK for Ctrl-Break.
 */
const stop = new StopRequests();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const)
  process.on(name, () => {
    const isAsked = stop.next();
    // A closing console says so more than once (the system and the shell), and nobody is there to be in a hurry.
    if (!isAsked && name !== 'SIGHUP') process.exit(exitCodes.cancelled);
  });

let isAnswerLost = false;
const stderr = new Output(process.stderr);
const stdout = new Output(process.stdout, (error) => {
  isAnswerLost = true;
  process.exitCode = exitCodes.failed;
  stderr.write(`The answer could not be written to standard output: ${fileReasonOf(error)}.\n`);
  stderr.write('Give it a place that takes it, then run the command again.\n');
});

const streams = { stdout, stderr, stdin: process.stdin, env: process.env };
const code = await runCli(process.argv.slice(2), streams, stop.own, stop);
process.exitCode = isAnswerLost ? exitCodes.failed : code;
