import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ClaimStore } from '../../../main/coordination/claim-store.ts';
import { SingleWriter, type OtherServer } from '../../../main/coordination/single-writer.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { whyNotKept, type DiskKept } from '../../../shared/model/promise.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';

const root = mkdtempSync(join(tmpdir(), 'quorate-promise-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

const disk = { disk: '6001405A', serial: 'LAB-1', isShared: true };
const write = { do: 'disk.initialize', disk: disk.disk } as never;
const offline: DiskKept = { sanPolicy: 'OfflineShared', isOffline: true, hasSession: true, hasFavorite: true };

/** Servers in this process that reach each other by calls; each has its own disk. */
const lab = (names: readonly string[]) => {
  const who = new Map(
    names.map((name, at): [string, OtherServer] => [name, { name, fingerprint: 'abcd'[at]!.repeat(64) }]),
  );
  const cut = new Set<string>();
  const kept = new Map<string, DiskKept>(names.map((name) => [name, offline]));
  const servers = new Map<string, SingleWriter>();
  const stores = new Map<string, string>(names.map((name) => [name, join(root, `${(made += 1)}-${name}`)]));
  const reach = (from: string, id: string): string => {
    const to = [...who.values()].find(({ fingerprint }) => peerIdOf(fingerprint) === id)!.name;
    if (cut.has(from) || cut.has(to)) throw failure('PEER_UNREACHABLE', { address: to, reason: 'cut' });
    return to;
  };
  const start = (name: string): void => {
    const me = who.get(name)!;
    servers.set(
      name,
      new SingleWriter({
        store: new ClaimStore(stores.get(name)!),
        others: () => Promise.resolve([...who.values()].filter((other) => other !== me)),
        ask: async (id, asked) => {
          const to = reach(name, id);
          return servers.get(to)!.answer(me, asked, kept.get(to)!);
        },
        giveBack: async (id, asked) => servers.get(reach(name, id))!.takeBack(me.fingerprint, asked),
      }),
    );
  };
  for (const name of names) start(name);
  return {
    of: (name: string) => servers.get(name)!,
    /** Ends its process: only its disk stays. */
    restart: start,
    cut,
    kept,
    folderOf: (name: string) => stores.get(name)!,
    idOf: (name: string) => peerIdOf(who.get(name)!.fingerprint),
  };
};

const kindOf = (server: SingleWriter): string => server.claims()[0]?.claim.kind ?? 'free';

describe('a server that wants to write to a shared disk', () => {
  it('asks everybody, who keep the promise over a restart, and hands it back', async () => {
    const { of, restart } = lab(['A', 'B', 'C']);
    await of('A').beforeChange(write, disk);
    for (const name of ['B', 'C']) restart(name);
    expect(['A', 'B', 'C'].map((name) => kindOf(of(name)))).toEqual(['writing', 'promised', 'promised']);
    await expect(of('B').beforeChange(write, disk)).rejects.toMatchObject({
      code: 'DISK_PROMISED',
      detail: { writer: 'A', disk: 'LAB-1' },
    });
    const online = { do: 'disk.setOnline', disk: disk.disk, online: true } as const;
    await expect(of('B').beforeChange(online, disk)).rejects.toMatchObject({ code: 'DISK_PROMISED' });
    await of('B').beforeChange({ ...online, online: false }, disk);
    await expect(of('B').beforeChange({ do: 'disk.setSanPolicy', policy: 'OnlineAll' }, null)).rejects.toMatchObject({
      code: 'DISK_PROMISED',
    });
    await of('A').finish();
    expect(['A', 'B', 'C'].map((name) => kindOf(of(name)))).toEqual(['free', 'free', 'free']);
    await of('B').beforeChange(write, disk);
  });

  it('writes nothing where one does not answer, and then nobody is held', async () => {
    const { of, cut, idOf } = lab(['A', 'B', 'C']);
    cut.add('C');
    await expect(of('A').beforeChange(write, disk)).rejects.toMatchObject({
      code: 'PROMISE_NOT_ANSWERED',
      detail: { refusals: expect.stringContaining('C: ') as unknown },
    });
    expect(kindOf(of('B'))).toBe('free');
    // The fallback is a person's word, for a server that really does not answer.
    of('A').declarePoweredDown([idOf('C'), idOf('B')]);
    await of('A').finish();
    await of('A').beforeChange(write, disk);
    expect(kindOf(of('B'))).toBe('promised');
  });

  it('waits for a server that does not answer before it hands back, and names the one that stays away', async () => {
    const { of, cut } = lab(['A', 'B']);
    const { signal } = new AbortController();
    await of('A').beforeChange(write, disk);
    cut.add('B');
    const left = { code: 'PROMISE_NOT_RETURNED', detail: { servers: 'B', disk: 'LAB-1' } };
    await expect(of('A').finishPatiently(signal, { limitMs: 20, pollMs: 1 })).rejects.toMatchObject(left);
    const done = of('A').finishPatiently(signal, { limitMs: 60_000, pollMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(kindOf(of('B'))).toBe('promised');
    cut.delete('B');
    await done;
    expect(['A', 'B'].map((name) => kindOf(of(name)))).toEqual(['free', 'free']);
  });

  it('waits for a server that does not answer before it writes, asks everybody anew, and says that what it read is old', async () => {
    const { of, cut, kept } = lab(['A', 'B', 'C']);
    const { signal } = new AbortController();
    const told: string[] = [];
    const patience = (limitMs: number) => ({
      signal,
      limitMs,
      pollMs: 1,
      tell: (doing: string) => void told.push(doing),
    });
    expect(await of('A').beforeChange(write, disk, patience(60_000))).toBe(false);
    expect(told).toEqual([]);
    for (const isBegun of [true, false]) {
      if (!isBegun) await of('A').finish();
      cut.add('C');
      told.length = 0;
      const done = of('A').beforeChange(write, disk, patience(60_000));
      await expect.poll(() => told.at(-1)).toBe('Waiting until every other server promises to leave the disk alone');
      // Nobody is held while it waits: another server may write.
      await expect.poll(() => kindOf(of('B'))).toBe('free');
      cut.delete('C');
      expect(await done).toBe(true);
      expect(['A', 'B', 'C'].map((name) => kindOf(of(name)))).toEqual(['writing', 'promised', 'promised']);
    }
    await of('A').finish();
    cut.add('C');
    const waited = of('A').beforeChange(write, disk, patience(30));
    await expect(waited).rejects.toMatchObject({ code: 'PROMISE_NOT_ANSWERED' });
    // Who says no is not asked until it says yes.
    cut.delete('C');
    kept.set('B', { ...offline, isOffline: false });
    const refused = of('A').beforeChange(write, disk, patience(60_000));
    await expect(refused).rejects.toMatchObject({ code: 'PROMISE_NOT_GIVEN' });
  });

  it.each(['before it writes', 'before it hands back'])(
    'ends as cancelled where that is given up while it waits %s, although the answer could be had by then',
    async (when) => {
      const { of, cut } = lab(['A', 'B']);
      const stop = new AbortController();
      const { signal } = stop;
      const patience = { signal, limitMs: 60_000, pollMs: 60_000, tell: () => undefined };
      await of('A').beforeChange(write, disk);
      cut.add('B');
      const waiting =
        when === 'before it writes'
          ? of('A').beforeChange(write, disk, patience)
          : of('A').finishPatiently(signal, patience);
      setTimeout(() => {
        cut.delete('B');
        stop.abort();
      }, 20);
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', effect: 'none' });
      expect(kindOf(of('A'))).toBe('returning');
    },
  );

  it('does not write after it waited where another server has begun meanwhile', async () => {
    const { of, cut } = lab(['A', 'B', 'C']);
    const patience = { signal: new AbortController().signal, limitMs: 60_000, pollMs: 5, tell: () => undefined };
    cut.add('C');
    const waiting = of('A').beforeChange(write, disk, patience);
    await new Promise((resolve) => setTimeout(resolve, 20));
    cut.delete('C');
    const other = of('B').beforeChange(write, disk, patience);
    const outcomes = await Promise.allSettled([waiting, other]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    const writers = ['A', 'B', 'C'].filter((name) => kindOf(of(name)) === 'writing');
    expect(writers.length).toBeLessThanOrEqual(1);
  });

  it('asks again before each step', async () => {
    const { of, cut } = lab(['A', 'B']);
    await of('A').beforeChange(write, disk);
    cut.add('B');
    await expect(of('A').beforeChange(write, disk)).rejects.toMatchObject({ code: 'PROMISE_NOT_ANSWERED' });
  });

  it('needs nobody for a disk of its own, nor where it has no peers', async () => {
    const { of } = lab(['A', 'B']);
    await of('A').beforeChange(write, { ...disk, isShared: false });
    expect(kindOf(of('A'))).toBe('free');
    await lab(['A']).of('A').beforeChange(write, disk);
  });
});

describe('a promise', () => {
  it.each<[string, Partial<DiskKept>, string | null]>([
    ['the disk is offline', {}, null],
    ['there is neither session nor favorite target', { isOffline: null, hasSession: false, hasFavorite: false }, null],
    ['the policy brings disks online', { sanPolicy: 'OnlineAll' }, 'SAN policy is OnlineAll'],
    ['the policy was not read', { sanPolicy: null }, 'was not read'],
    ['the disk is online', { isOffline: false }, 'online there'],
    ['the disk may arrive', { isOffline: null }, 'may arrive'],
    ['the sessions were not read', { isOffline: null, hasSession: null }, 'not read'],
  ])('is given by what is read: %s', (_what, read, because) => {
    const found = whyNotKept({ ...offline, ...read });
    if (because === null) expect(found).toBeNull();
    else expect(found).toContain(because);
  });

  it('is released by hand with the serial number and the sentence, and with nothing less', async () => {
    const { of } = lab(['A', 'B']);
    await of('A').beforeChange(write, disk);
    for (const [serial, words] of [
      ['LAB-2', 'A is powered down'],
      ['LAB-1', 'yes'],
    ] as const)
      expect(() => of('B').release(disk.disk, serial, words)).toThrowError(
        expect.objectContaining({ code: 'PROMISE_RELEASE_REFUSED' }),
      );
    of('B').release(disk.disk, 'LAB-1', 'A is powered down');
    expect(kindOf(of('B'))).toBe('free');
    expect(() => of('B').release(disk.disk, 'LAB-1', 'A is powered down')).toThrowError(
      expect.objectContaining({ code: 'PROMISE_UNKNOWN' }),
    );
  });

  it('counts for nothing less where its file is damaged', async () => {
    const { of, folderOf, restart } = lab(['A', 'B']);
    await of('A').beforeChange(write, disk);
    writeFileSync(join(folderOf('B'), 'coordination', 'promises.json'), '{"version":1');
    restart('B');
    await expect(of('B').beforeChange(write, disk)).rejects.toMatchObject({ code: 'SETTINGS_DAMAGED' });
  });
});

it('is held by everybody else whenever one writes, whatever is cut, restarted, begun or ended', async () => {
  const names = ['A', 'B', 'C'] as const;
  const act = fc.record({
    what: fc.constantFrom('write', 'write', 'write', 'finish', 'restart', 'cut', 'heal', 'online', 'offline'),
    who: fc.constantFrom(...names),
  });
  let writes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      const { of, restart, cut, kept } = lab(names);
      for (const { what, who } of acts) {
        const server = of(who);
        if (what === 'restart') restart(who);
        else if (what === 'cut') cut.add(who);
        else if (what === 'heal') cut.delete(who);
        else if (what === 'online' && kindOf(server) !== 'promised') kept.set(who, { ...offline, isOffline: false });
        else if (what === 'offline') kept.set(who, offline);
        else if (what === 'finish') await server.finish().catch(expectFailure);
        else if (what === 'write') {
          const isWritten = await server.beforeChange(write, disk).then(() => true, expectFailure);
          if (!isWritten) continue;
          writes += 1;
          for (const other of names.filter((name) => name !== who)) {
            expect(of(other).claims()[0]?.claim).toMatchObject({ kind: 'promised' });
            expect(kept.get(other)!.isOffline).toBe(true);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(writes).toBeGreaterThan(50);
});

const expectFailure = (error: unknown): false => {
  if (!(error instanceof Failure)) throw error;
  return false;
};
