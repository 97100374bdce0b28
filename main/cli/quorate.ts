import { runCli } from './run.ts';

/** The console program. Ctrl-C asks the command to stop; a second Ctrl-C ends the process at once. */
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (controller.signal.aborted) process.exit(3);
    controller.abort();
  });
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

const code = await runCli(process.argv.slice(2), process, controller.signal);
process.exitCode = code;
