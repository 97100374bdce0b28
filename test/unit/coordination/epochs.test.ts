import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EpochStore } from '../../../main/coordination/epoch-store.ts';
import { Coordinatorship, type Paired } from '../../../main/operations/peers/coordinatorship.ts';
import { contract } from '../../../shared/contract/index.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { judgeEpoch } from '../../../shared/model/epoch.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'quorate-epoch-'));
  folders.push(made);
  return made;
};

const print = (letter: string): string => letter.repeat(64);
const [a, b, c] = [print('a'), print('b'), print('c')];

/** Servers in this process that reach each other by calls; each has its own disk. */
const makeServers = (names: readonly string[]) => {
  const fingerprints = new Map(names.map((name, index) => [name, print('abcdef'[index]!)]));
  const off = new Set<string>();
  const servers = new Map<string, ReturnType<typeof makeServer>>();
  const makeServer = (name: string, data: string) => {
    const me: Paired = { name, fingerprint: fingerprints.get(name)! };
    const members = names
      .filter((other) => other !== name)
      .map((other) => ({ name: other, fingerprint: fingerprints.get(other)! }));
    const running: string[] = [];
    const store = new EpochStore(data, () => name);
    const coordinatorship = new Coordinatorship({
      store,
      me: () => Promise.resolve(me),
      members: () => Promise.resolve(members),
      find: (text) => {
        const found = members.find((one) => one.name === text);
        return found ? Promise.resolve(found) : Promise.reject(failure('PEER_UNKNOWN', { peer: text }));
      },
      running: () => running,
      call: async (id, method, _input, options) => {
        const other = [...servers.values()].find((one) => peerIdOf(one.me.fingerprint) === id)!;
        if (off.has(other.me.name) || off.has(name))
          throw failure('PEER_UNREACHABLE', { address: other.me.name, reason: 'it is off' });
        if (options?.epoch) {
          const { number } = options.epoch;
          const epoch = { number, coordinator: me.fingerprint };
          await other.coordinatorship.admit(
            { kind: 'peer', id: peerIdOf(me.fingerprint), fingerprint: me.fingerprint, epoch },
            method,
          );
          return { heard: epoch, running: other.coordinatorship.heard().running };
        }
        return other.coordinatorship.heard();
      },
    });
    return { me, data, store, running, coordinatorship };
  };
  for (const name of names) servers.set(name, makeServer(name, folder()));
  return {
    off,
    of: (name: string) => servers.get(name)!,
    /** Ends the process of a server and starts it anew: only its disk stays. */
    restart: (name: string) => servers.set(name, makeServer(name, servers.get(name)!.data)),
  };
};

const never = new AbortController().signal;
const quiet = (): void => undefined;

describe('an epoch', () => {
  it('is newer, the same, lower or contested', () => {
    expect(judgeEpoch(null, { number: 1, coordinator: a })).toBe('newer');
    expect(judgeEpoch({ number: 2, coordinator: a }, { number: 3, coordinator: b })).toBe('newer');
    expect(judgeEpoch({ number: 2, coordinator: a }, { number: 2, coordinator: a })).toBe('same');
    expect(judgeEpoch({ number: 2, coordinator: a }, { number: 2, coordinator: b })).toBe('contested');
    expect(judgeEpoch({ number: 2, coordinator: a }, { number: 1, coordinator: a })).toBe('lower');
  });

  it('is on the disk before it is answered, and a lower one is refused with who and when', () => {
    const data = folder();
    const store = new EpochStore(
      data,
      () => 'NODE1',
      () => new Date('2026-01-05T08:00:00Z'),
    );
    store.hear({ number: 4, coordinator: a }, 'NODE2');
    const path = join(data, 'coordination', 'epoch.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ heard: { number: 4, coordinator: a } });
    const again = new EpochStore(data, () => 'NODE1');
    for (const shown of [
      { number: 3, coordinator: b },
      { number: 4, coordinator: b },
    ])
      expect(() => again.hear(shown, 'NODE3')).toThrowError(
        expect.objectContaining({
          code: 'COORDINATOR_OUTDATED',
          detail: {
            server: 'NODE1',
            coordinator: 'NODE2',
            at: '2026-01-05T08:00:00.000Z',
            heard: 4,
            shown: shown.number,
            asked: 'NODE3',
          },
        }),
      );
    expect(again.hear({ number: 4, coordinator: a }, 'NODE2').number).toBe(4);
  });

  it('is no epoch where its file is damaged: nothing is admitted then', () => {
    const data = folder();
    new EpochStore(data, () => 'NODE1').hear({ number: 1, coordinator: a }, 'NODE2');
    writeFileSync(join(data, 'coordination', 'epoch.json'), '{"version":1');
    const store = new EpochStore(data, () => 'NODE1');
    expect(() => store.hear({ number: 9, coordinator: b }, 'NODE3')).toThrowError(
      expect.objectContaining({ code: 'COORDINATOR_FILE_DAMAGED' }),
    );
  });

  it('never goes down on one server, whatever is shown to it and whenever it restarts', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ number: fc.integer({ min: 1, max: 5 }), by: fc.constantFrom(a, b, c), restarts: fc.boolean() }),
          { maxLength: 20 },
        ),
        (shown) => {
          const data = folder();
          let store = new EpochStore(data, () => 'NODE1');
          for (const { number, by, restarts } of shown) {
            if (restarts) store = new EpochStore(data, () => 'NODE1');
            const before = store.heard();
            const mayPass = ['newer', 'same'].includes(judgeEpoch(before, { number, coordinator: by }));
            let passed = true;
            try {
              store.hear({ number, coordinator: by }, 'X');
            } catch (error) {
              if (!(error instanceof Failure)) throw error;
              passed = false;
            }
            expect(passed).toBe(mayPass);
            expect(store.heard()!.number).toBeGreaterThanOrEqual(before?.number ?? 0);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('becoming the coordinator', () => {
  it('takes a number above all, and the one before is refused everywhere from then on', async () => {
    const servers = makeServers(['A', 'B', 'C']);
    const first = await servers.of('A').coordinatorship.take([], never, quiet);
    expect(first).toMatchObject({ heard: { number: 1 }, isThisServer: true, mayOrder: true });
    expect(first.members.map(({ state }) => state)).toEqual(['acknowledged', 'acknowledged']);
    const epoch = await servers.of('A').coordinatorship.orderEpoch(never, quiet);
    servers.restart('B');
    await servers.of('B').coordinatorship.take([], never, quiet);
    expect(servers.of('C').store.heard()).toMatchObject({ number: 2, coordinator: b });
    expect(() => servers.of('A').coordinatorship.assertInForce(epoch!)).toThrowError(
      expect.objectContaining({ code: 'COORDINATOR_OUTDATED' }),
    );
    await expect(servers.of('A').coordinatorship.orderEpoch(never, quiet)).rejects.toMatchObject({
      code: 'COORDINATOR_NONE',
      detail: { because: expect.stringContaining('B is') as unknown },
    });
    const old = { kind: 'peer', id: peerIdOf(a), fingerprint: a, epoch } as const;
    await expect(servers.of('C').coordinatorship.admit(old, 'formation.take')).rejects.toMatchObject({
      code: 'COORDINATOR_OUTDATED',
      detail: { coordinator: 'B', asked: 'A' },
    });
    await expect(
      servers.of('C').coordinatorship.admit({ ...old, epoch: null }, 'formation.take'),
    ).rejects.toMatchObject({ code: 'CALL_NOT_ALLOWED' });
  });

  it('orders nothing after it was off while another took over, which could not tell it', async () => {
    const group = makeServers(['NODE1', 'NODE2', 'NODE3']);
    await group.of('NODE1').coordinatorship.take([], never, quiet);
    group.off.add('NODE1');
    await group.of('NODE2').coordinatorship.take(['NODE1'], never, quiet);
    group.off.delete('NODE1');
    group.restart('NODE1');
    // Its own disk still says that it coordinates, and that everybody acknowledged it.
    const { coordinatorship } = group.of('NODE1');
    expect(await coordinatorship.show()).toMatchObject({ isThisServer: true, mayOrder: true });
    await expect(coordinatorship.orderEpoch(never, quiet)).rejects.toMatchObject({
      code: 'COORDINATOR_OUTDATED',
      detail: { coordinator: 'NODE2', heard: 2, shown: 1, asked: 'NODE1' },
    });
    // One that heard of it is enough.
    group.off.add('NODE2');
    await expect(coordinatorship.orderEpoch(never, quiet)).rejects.toMatchObject({
      detail: { server: 'NODE3', coordinator: 'NODE2' },
    });
    group.off.delete('NODE2');
    expect((await group.of('NODE2').coordinatorship.orderEpoch(never, quiet))?.number).toBe(2);
  });

  it('is refused while a server is silent, unless it is declared powered down by its name', async () => {
    const servers = makeServers(['A', 'B', 'C']);
    servers.off.add('C');
    await expect(servers.of('A').coordinatorship.take([], never, quiet)).rejects.toMatchObject({
      code: 'COORDINATOR_MEMBER_SILENT',
      effect: 'none',
      detail: { silent: expect.stringContaining('C') as unknown },
    });
    expect(servers.of('B').store.heard()).toBeNull();
    await expect(servers.of('A').coordinatorship.take(['D'], never, quiet)).rejects.toMatchObject({
      code: 'PEER_UNKNOWN',
    });
    const view = await servers.of('A').coordinatorship.take(['C'], never, quiet);
    expect(view.members).toMatchObject([
      { name: 'B', state: 'acknowledged' },
      { name: 'C', state: 'poweredDown' },
    ]);
    expect(view.mayOrder).toBe(true);
    // It keeps its number when it is asked again by the same server, and the one that came back acknowledges it.
    servers.off.delete('C');
    const again = await servers.of('A').coordinatorship.take([], never, quiet);
    expect(again).toMatchObject({ heard: { number: 1 }, mayOrder: true });
    expect(servers.of('C').store.heard()).toMatchObject({ number: 1 });
  });

  it('never gives one number to two, although both ask at once', async () => {
    const servers = makeServers(['A', 'B', 'C']);
    const outcomes = await Promise.allSettled(
      ['A', 'B'].map((name) => servers.of(name).coordinatorship.take([], never, quiet)),
    );
    const mayOrder = await Promise.all(
      ['A', 'B'].map(async (name) => (await servers.of(name).coordinatorship.show()).mayOrder),
    );
    expect(mayOrder.filter(Boolean).length).toBeLessThanOrEqual(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'COORDINATOR_OUTDATED' });
    // Whoever asks once more has it.
    expect(await servers.of('B').coordinatorship.take([], never, quiet)).toMatchObject({ mayOrder: true });
  });

  it('waits for what still runs on the order of the one before', async () => {
    const servers = makeServers(['A', 'B']);
    servers.of('B').running.push('Format a disk');
    const told: string[] = [];
    const taking = servers.of('A').coordinatorship.take([], never, ({ doing }) => {
      told.push(doing);
      servers.of('B').running.length = 0;
    });
    expect(await taking).toMatchObject({ mayOrder: true });
    expect(told.join()).toContain('Asking every server');

    servers.of('B').running.push('Format a disk');
    const aborter = new AbortController();
    const waiting = servers.of('A').coordinatorship.take([], aborter.signal, ({ doing }) => {
      if (doing.includes('Format a disk')) aborter.abort();
    });
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await servers.of('A').coordinatorship.show()).toMatchObject({ mayOrder: false });
  });
});

describe('the contract', () => {
  it('has every method that a peer may call and that changes something carry an epoch', () => {
    // A promise orders nothing: it asks for restraint, of every server and by whoever writes. Nor does a pause: it asks the
    // coordinator to start nothing more, and has no way to make it go on.
    const restraint = ['promise.ask', 'promise.handBack', 'formation.pause'];
    const changing = contract.filter(
      (one) => (one.callers as readonly string[]).includes('peer') && one.kind !== 'read',
    );
    const orders = changing.filter(({ name }) => !restraint.includes(name));
    expect(orders.length).toBeGreaterThan(0);
    for (const one of orders) expect((one as { isOrder?: boolean }).isOrder, one.name).toBe(true);
  });
});
