import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

/** Opens a session under an ISID that Windows' own initiator uses, answers each line with what became of it, and says when it ends. */
const program = `
import { createInterface } from 'node:readline';
import { openSession, scsi } from './main/iscsi/index.ts';
const { portal, target, initiatorName, chap } = JSON.parse(process.argv[2]);
const session = await openSession({ portal, target, initiatorName, isid: Buffer.from('400001370000', 'hex'), chap });
const say = (text) => process.stdout.write(text + '\\n');
void session.closed.then(() => { say('ended'); process.exit(1); });
say('open');
for await (const lun of createInterface({ input: process.stdin })) {
  const at = scsi.lunFromNumber(Number(lun));
  let answer = await scsi.testUnitReady(session, at);
  for (let more = 0; !answer.ok && answer.sense?.senseKey === 6 && more < 8; more += 1) answer = await scsi.testUnitReady(session, at);
  say(answer.ok ? 'alive' : 'refused ' + answer.status);
}
process.exit(0);
`;

export interface ForeignSession {
  /** TEST UNIT READY over the session that was opened in the beginning: `alive`, or what became of it. */
  ask(lun: number): Promise<string>;
  stop(): Promise<void>;
}

export interface ForeignOptions {
  readonly portal: string;
  readonly target: string;
  readonly initiatorName: string;
  readonly chap: { name: string; secret: string; mutual: { name: string; secret: string } };
}

/** The session of a node's own initiator, in a process of its own on that node: `inside` is what stands before the program. */
export const openForeignSessionInside = async (
  inside: readonly string[],
  options: ForeignOptions,
): Promise<ForeignSession> => {
  const folder = join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `foreign-session-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`);
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'silent',
  });
  const [command = process.execPath, ...args] = [...inside, process.execPath, outfile, JSON.stringify(options)];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  let rest = '';
  const wake = (): void => waiting.splice(0).forEach((one) => one());
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  let isGone = false;
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      isGone = true;
      wake();
      resolve();
    }),
  );
  const next = async (): Promise<string> => {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) return line;
      if (isGone) return 'the process ended';
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(outfile, { force: true });
  };
  const first = await next();
  if (first !== 'open') {
    await stop();
    throw new Error(`the foreign session could not be opened: ${first}`);
  }
  return {
    ask: async (lun) => {
      child.stdin.write(`${lun}\n`);
      return next();
    },
    stop,
  };
};
