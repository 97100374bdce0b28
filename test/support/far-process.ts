import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openParty, strangers, type Party, type PartyOptions, type Stranger } from './party.ts';

/** Where servers are opened: in this process or in one of another runtime. */
export interface Place {
  readonly runtime: string;
  open(options: PartyOptions): Promise<Party>;
  /** Has somebody who was not invited do this, from there. */
  stranger<Name extends Stranger>(
    name: Name,
    input: Parameters<(typeof strangers)[Name]>[0],
  ): Promise<Awaited<ReturnType<(typeof strangers)[Name]>>>;
  close(): Promise<void>;
}

/** This process. */
export const here: Place = {
  runtime: process.versions['electron'] === undefined ? 'Node' : 'Electron',
  open: openParty,
  stranger: (name, input) => strangers[name](input as never) as never,
  close: async () => undefined,
};

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A process of another runtime that opens servers when it is told to. */
export const startFarPlace = async (executable: string, env: NodeJS.ProcessEnv): Promise<Place> => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'far-parties-'));
  const outfile = join(folder, 'far-parties.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/support/far-parties.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    logLevel: 'warning',
  });
  const child = spawn(executable, [outfile], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the other process ended: ${said}`));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { n, result, error } = JSON.parse(line) as { n: number; result?: unknown; error?: string };
    const one = waiting.get(n);
    waiting.delete(n);
    if (error === undefined) one?.resolve(result);
    else one?.reject(new Error(error));
  });
  const ask = <T>(party: number | null, method: string, ...args: unknown[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const n = (asked += 1);
      waiting.set(n, { resolve: resolve as (value: unknown) => void, reject });
      child.stdin.write(`${JSON.stringify({ n, party, method, args })}\n`);
    });
  return {
    runtime: await ask<string>(null, 'runtime'),
    stranger: (name, input) => ask(null, name, input),
    open: async (options) => {
      const { party, id, port } = await ask<{ party: number; id: string; port: number }>(null, 'open', options);
      return {
        id,
        port,
        invite: () => ask(party, 'invite'),
        join: (code, to) => ask(party, 'join', code, to),
        stateOf: (other) => ask(party, 'stateOf', other),
        isConnected: (other) => ask(party, 'isConnected', other),
        ask: (other, input) => ask(party, 'ask', other, input),
        lastWords: () => ask(party, 'lastWords'),
        wrongTries: () => ask(party, 'wrongTries'),
        wait: (ms) => ask(party, 'wait', ms),
        advance: (ms) => ask(party, 'advance', ms),
        reachBy: (other, to) => ask(party, 'reachBy', other, to),
        close: () => ask(party, 'close'),
      };
    },
    close: async () => {
      child.stdin.end();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
