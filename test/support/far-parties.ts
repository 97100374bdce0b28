import { createInterface } from 'node:readline';
import { openParty, strangers, type Party, type PartyOptions, type Stranger } from './party.ts';

/*
 * Servers in a process of another runtime: a line of JSON asks, a line of JSON answers. It ends with its standard input. (Bundled and started by
 * far-process.ts.)
 */

interface Request {
  readonly n: number;
  readonly party: number | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

const parties: Party[] = [];

const answer = async ({ party, method, args }: Request): Promise<unknown> => {
  if (party !== null) {
    const act = parties[party]?.[method as keyof Party] as (...values: readonly unknown[]) => Promise<unknown>;
    return act(...args);
  }
  if (method === 'runtime') return process.versions['electron'] === undefined ? 'Node' : 'Electron';
  if (method !== 'open') return strangers[method as Stranger](args[0] as never);
  const made = await openParty(args[0] as PartyOptions);
  return { party: parties.push(made) - 1, id: made.id, port: made.port };
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const request = JSON.parse(line) as Request;
  answer(request)
    .then(
      (result) => ({ n: request.n, result: result ?? null }),
      (error: unknown) => ({
        n: request.n,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    )
    .then((said) => process.stdout.write(`${JSON.stringify(said)}\n`))
    .catch(() => undefined);
});
lines.on('close', () => process.exit(0));
