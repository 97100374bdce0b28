import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rehearsedSchema, type Rehearsed } from '../../../shared/contract/formation.ts';
import { startCli, type CliResult } from '../../support/built-cli.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/*
 * The process that holds the coordinator and its peers is killed at a write into the journal of one of them, and started again with
 * `--resume`, where it is killed at the next write at which none was killed yet, until one comes to the end: so one formation survives a kill at
 * every write of every core, before it and, in another formation, after it. Whole by `npm run crash-matrix -- --formation`; here so many as a
 * seed chooses, which is printed with a failure.
 */

const isWhole = process.env['QUORATE_SWEEP'] === '1';
const seed = process.env['QUORATE_SEED'] ?? '20260105';
/** Of some 300 writes. */
const share = isWhole ? 1 : 0.01;
const moments = ['before', 'after'] as const;
const hook = join(import.meta.dirname, '..', '..', 'support', 'crash-at-journal.mjs');
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'quorate-crash-'));
  folders.push(made);
  return made;
};

/** Steps that leave no trace in Windows: they may be repeated, once for each kill. */
const withoutTrace: readonly string[] = [
  'initiator.discover',
  'initiator.setMutualSecret',
  // A drill that was cut is made again from its beginning.
  'vm.move',
  'host.restart',
  'cluster.pauseNode',
  'cluster.resumeNode',
];

const rehearse = (data: string, env: NodeJS.ProcessEnv, ...more: string[]): Promise<CliResult> =>
  startCli(['rehearse', '--json', ...more], { data, env, program: [process.execPath, '--import', hook] }).done;

const read = (result: CliResult): Rehearsed => rehearsedSchema.parse(JSON.parse(result.out));

/** Each change with how often the world carried it out. */
const counts = (applied: Rehearsed['applied']): Map<string, number> => {
  const found = new Map<string, number>();
  for (const { node, step } of applied) {
    // The time of the last start is part of a restart: what counts is how many there were.
    const id = `${node}/${step.startsWith('host.restart') ? 'host.restart' : step}`;
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  return found;
};

const mayRepeat = (id: string): boolean => withoutTrace.some((kind) => id.includes(kind));

describe('a formation that is killed', () => {
  let whole: Rehearsed;
  /** Writes of all cores, the coordinator's and its peer's. */
  let writes = 0;

  beforeAll(async () => {
    const count = join(folder(), 'count');
    whole = read(await rehearse(folder(), { CRASH_SEEN: count, CRASH_SHARE: '0', CRASH_COUNT: count }));
    expect(whole.error).toBeNull();
    writes = Number(readFileSync(count, 'utf8'));
    expect(writes).toBeGreaterThan(200);
  });

  /** Kills one formation again and again, and answers at which writes it was. */
  const survived = async (moment: (typeof moments)[number]): Promise<readonly string[]> => {
    const data = folder();
    const seen = join(folder(), 'seen');
    const env = { CRASH_SEEN: seen, CRASH_MOMENT: moment, CRASH_SHARE: String(share), CRASH_SEED: seed };
    const kills = (): string[] => (existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []);
    const where = (): string => `${kills().length} kills, the last at: ${kills().at(-1) ?? 'none'}; seed ${seed}`;
    let last = await rehearse(data, env);
    while (last.code === null) {
      // Each process that is killed was at a write that the ones before were not at, so this comes to an end.
      expect(kills().length, where()).toBeLessThanOrEqual(2 * writes);
      if (isWhole) process.stderr.write(`${where()}\n`);
      last = await rehearse(data, env, '--resume');
    }
    const result = read(last);
    expect(result.error, where()).toBeNull();
    expect(result.cluster, where()).toEqual(whole.cluster);
    expect(result.vms, where()).toEqual(whole.vms);
    const expected = counts(whole.applied);
    const found = counts(result.applied);
    expect([...found.keys()].sort(), where()).toEqual([...expected.keys()].sort());
    let again = 0;
    for (const [id, count] of found) {
      const once = expected.get(id) ?? 0;
      if (mayRepeat(id)) again += Math.max(0, count - once);
      else expect(count, `${id}: ${where()}`).toBe(once);
    }
    // A kill cuts at most the step that runs on each server.
    expect(again, where()).toBeLessThanOrEqual(2 * kills().length);
    const twice = read(await rehearse(data, {}, '--resume'));
    expect([twice.outcome, twice.steps], where()).toEqual(['nothingToChange', []]);
    return kills();
  };

  it(
    isWhole
      ? 'comes to the same end, killed at every write of every journal'
      : `comes to the same end (writes by seed ${seed})`,
    async () => {
      const kills = await Promise.all(moments.map(survived));
      const all = kills.flat();
      // A run of which nobody was killed would prove nothing.
      expect(all.length).toBeGreaterThan(isWhole ? 2 * (writes - 20) : 1);
      if (isWhole) process.stderr.write(`${all.length} kills at ${writes} writes\n`);
    },
    isWhole ? 4 * 3_600_000 : 300_000,
  );

  it('takes back the keys that it had registered on a LUN, qualifies it and comes to the same end', async () => {
    const data = folder();
    const noted = (): string[] =>
      readdirSync(data, { recursive: true, encoding: 'utf8' })
        .filter((path) => basename(path) === 'registered-keys.json')
        .flatMap((path) => [...readFileSync(join(data, path), 'utf8').matchAll(/"key": ?"(0x[0-9a-f]+)"/g)])
        .map(([, key = '']) => key);
    // The first key that is taken back again: by then all of them were on the LUN, and the others still are.
    const killed = await rehearse(data, { CRASH_FILE: 'registered-keys.json', CRASH_AT: '2' });
    expect(killed.code).toBeNull();
    const left = noted();
    expect(left).not.toEqual([]);
    const result = read(await startCli(['rehearse', '--json', '--resume'], { data }).done);
    expect(result.error).toBeNull();
    expect(result.cluster).toEqual(whole.cluster);
    expect(noted()).toEqual([]);
  });
});
