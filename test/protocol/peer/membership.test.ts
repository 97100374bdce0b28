import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Doors } from '../../../main/peer/doors.ts';
import { openIdentity } from '../../../main/peer/identity/identity.ts';
import { freePort } from '../../support/free-port.ts';
import {
  isConnected,
  loopback,
  memoryFiles,
  pair,
  quickTimings,
  startPeer,
  startRelay,
  stateOf,
  until,
} from '../../support/peers.ts';
import { measuredUntil } from '../../support/measured.ts';

describe('membership', () => {
  it('introduces a third server to all, who are asked before they take it', async () => {
    const [a, b, c] = [await startPeer('NODE1'), await startPeer('NODE2'), await startPeer('NODE3')];
    await pair(a, b);
    await until('a and b are connected', () => isConnected(a, b) && isConnected(b, a));
    await pair(a, c);
    await until('b and c heard of each other', () => stateOf(b, c) === 'introduced' && stateOf(c, b) === 'introduced');
    expect(b.service.book.byId(c.id)).toMatchObject({ name: 'NODE3', introducedBy: a.id, how: 'introduced' });
    await expect(b.service.call('NODE3', 'm', {})).rejects.toMatchObject({ code: 'PEER_CONSENT_NEEDED' });
    b.service.accept('NODE3');
    await until('c says that it waits', () =>
      b.service.peers().some(({ record, link }) => record.name === 'NODE3' && link.state === 'down'),
    );
    expect(isConnected(b, c)).toBe(false);
    c.service.accept(b.id);
    await until('b and c are connected', () => isConnected(b, c) && isConnected(c, b));
    expect(await c.service.call('NODE2', 'm', {})).toMatchObject({ result: { by: 'NODE2' } });
  });

  it('keeps a connection whose peer cannot be written down, because the disk is full', async () => {
    const bugs: unknown[] = [];
    const files = memoryFiles();
    const a = await startPeer('NODE1', { files, log: { info: () => undefined, error: (bug) => bugs.push(bug) } });
    const b = await startPeer('NODE2');
    await pair(a, b);
    await until('a and b are connected', () => isConnected(a, b) && isConnected(b, a));
    await b.service.close();
    await until('a misses b', () => !isConnected(a, b));
    files.replace = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const again = await startPeer('NODE2', { files: b.files, port: b.port });
    await until('a and b are connected again', () => isConnected(a, again) && isConnected(again, a));
    expect(await a.service.call('NODE2', 'm', {})).toMatchObject({ result: { by: 'NODE2' } });
    expect(await again.service.call('NODE1', 'm', {})).toMatchObject({ result: { by: 'NODE1' } });
    expect(JSON.stringify(bugs)).toContain('ENOSPC');
  });

  it('tells of each open connection the address of this server that it runs over, at both ends', async () => {
    const [a, b] = [await startPeer('NODE1', { address: '127.0.0.2' }), await startPeer('NODE2', { address: null })];
    expect(a.service.connections()).toEqual([]);
    await b.service.join(a.service.invite().code, [{ address: '127.0.0.2', port: a.port }]);
    await until('a and b are connected', () => isConnected(a, b) && isConnected(b, a));
    // Who does not listen dials, from the address that the system chooses.
    expect(a.service.connections()).toContainEqual({ name: 'NODE2', localAddress: '127.0.0.2' });
    expect(b.service.connections()).toContainEqual({
      name: 'NODE1',
      localAddress: expect.stringMatching(/^127\.0\.0\.[12]$/) as string,
    });
    await b.service.forget('NODE1');
    await until('nothing is connected', () => !isConnected(a, b) && !isConnected(b, a));
    expect([...a.service.connections(), ...b.service.connections()]).toEqual([]);
  });

  it('carries the number of an epoch with an order, whose coordinator the connection proves', async () => {
    const heard: unknown[] = [];
    const a = await startPeer('NODE1', {
      answer: async (method, input, { peer, epoch }) => {
        heard.push({ method, input, fingerprint: peer.fingerprint, epoch });
        return { ok: true, result: null };
      },
    });
    const b = await startPeer('NODE2');
    await pair(a, b);
    await b.service.call('NODE1', 'formation.take', { step: 'x' }, { epoch: 7 });
    await b.service.call('NODE1', 'host.read', {});
    const { fingerprint } = b.service.me.identity;
    expect(heard).toEqual([
      { method: 'formation.take', input: { step: 'x' }, fingerprint, epoch: 7 },
      { method: 'host.read', input: {}, fingerprint, epoch: null },
    ]);
    // What belongs to no epoch is refused by the form of the message, before anything of it is looked at.
    await expect(b.service.call('NODE1', 'formation.take', {}, { epoch: 0 })).rejects.toThrow();
    expect(heard).toHaveLength(2);
  });

  it('forgets a peer everywhere, also where it could not be told at once', async () => {
    const [a, b, c] = [await startPeer('NODE1'), await startPeer('NODE2'), await startPeer('NODE3')];
    await pair(a, b);
    await pair(a, c);
    await until('b and c heard of each other', () => stateOf(b, c) === 'introduced' && stateOf(c, b) === 'introduced');
    b.service.accept('NODE3');
    c.service.accept('NODE2');
    await until('all are connected', () => isConnected(b, c) && isConnected(a, b) && isConnected(a, c));
    const { files, port } = c;
    await c.service.close();
    const { toBeTold } = await a.service.forget('NODE2');
    expect(toBeTold).toEqual([c.id]);
    await until('b knows that a forgot it', () => stateOf(b, a) === 'forgotten');
    expect(b.service.book.byId(a.id)?.forgottenBy).toBe(a.id);
    const again = await startPeer('NODE3', { files, port });
    await until('c is told when it is back', () => stateOf(again, b) === 'forgotten');
    expect(again.service.book.byId(b.id)?.forgottenBy).toBe(a.id);
    await until('the notice is done', () => a.service.book.noticesFor(c.id).length === 0);
    await expect(b.service.call('NODE1', 'm', {})).rejects.toMatchObject({ code: 'PEER_UNKNOWN' });
    // It is not let in again by an introduction.
    await pair(a, again);
    expect(stateOf(a, b)).toBe('forgotten');
  });

  it('connects again after each of both was started again', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const files = b.files;
    await b.service.close();
    await until('a sees that it is down', () => !isConnected(a, b));
    await expect(a.service.call('NODE2', 'm', {}, {})).rejects.toMatchObject({ code: 'PEER_NOT_CONNECTED' });
    const again = await startPeer('NODE2', { files, port: b.port });
    expect(again.id).toBe(b.id);
    await until('they are connected again', () => isConnected(a, again) && isConnected(again, a));
  });

  it('waits with a call for a peer that connects by itself as long as its back-off may last, and no longer', async () => {
    const timings = { ...quickTimings, patienceMs: 20, connectMs: 1_000 };
    const before = await startPeer('NODE1', { timings });
    const b = await startPeer('NODE2', { address: null, timings });
    await pair(before, b);
    await until('they are connected', () => isConnected(before, b) && isConnected(b, before));
    const { files, port } = before;
    await before.service.close();
    await until('b tries again', () => !isConnected(b, before));
    const a = await startPeer('NODE1', { files, port, timings });
    expect(isConnected(a, b)).toBe(false);
    // It was never there before in the life of this process, and the call is not too early.
    expect(await a.service.call('NODE2', 'm', 1)).toMatchObject({ result: { by: 'NODE2', input: 1 } });
    await b.service.close();
    await until('a has lost it', () => !isConnected(a, b));
    const failsAfter = async (): Promise<number> => {
      const asked = performance.now();
      const lost = { code: 'PEER_NOT_CONNECTED', effect: 'none' };
      await expect(a.service.call('NODE2', 'm', 2)).rejects.toMatchObject(lost);
      return performance.now() - asked;
    };
    const first = await failsAfter();
    expect(first).toBeGreaterThan(1_000);
    // It had its time; now a call says soon that it is not there. A machine that stands still meanwhile does so not each time.
    await measuredUntil(failsAfter, (second) => expect(second).toBeLessThan(first / 2));
  });

  it('waits with a call for a peer that is just gone, and makes one attempt for one that was gone before', async () => {
    const timings = { ...quickTimings, patienceMs: 2_000 };
    const a = await startPeer('NODE1', { timings });
    const b = await startPeer('NODE2', { timings });
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const { files, port } = b;
    const failsAfter = async (): Promise<number> => {
      const asked = performance.now();
      await expect(a.service.call('NODE2', 'm', 1)).rejects.toMatchObject({
        code: 'PEER_NOT_CONNECTED',
        detail: { reason: expect.stringContaining('the connection was refused') as unknown },
      });
      return performance.now() - asked;
    };
    await b.service.close();
    await until('a has lost it', () => !isConnected(a, b));
    const first = await failsAfter();
    expect(first).toBeGreaterThan(1_000);
    await measuredUntil(failsAfter, (second) => expect(second).toBeLessThan(first / 2));
    // The attempt that a call makes finds it as soon as it is back.
    const again = await startPeer('NODE2', { files, port, timings });
    expect(await a.service.call('NODE2', 'm', 2)).toMatchObject({ result: { by: 'NODE2', input: 2 } });
    expect(isConnected(a, again)).toBe(true);
  });

  it('makes an attempt of its own for a call that comes while another one is failing', async () => {
    const timings = { ...quickTimings, patienceMs: 2_000, connectMs: 1_000 };
    const a = await startPeer('NODE1', { timings });
    const b = await startPeer('NODE2', { timings });
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const { files, port } = b;
    // Nobody but a dials: b does not know any more where a is.
    b.service.book.change(a.service.me.identity.fingerprint, { endpoints: [] });
    await b.service.close();
    await until('a has lost it', () => !isConnected(a, b));
    await expect(a.service.call('NODE2', 'm', 1)).rejects.toMatchObject({ code: 'PEER_NOT_CONNECTED' });
    let heard = (): void => undefined;
    const dialled = new Promise<void>((resolve) => (heard = resolve));
    const silent = createServer((socket) => {
      heard();
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { fingerprint } = a.service.book.byId(b.id)!;
    a.service.book.change(fingerprint, { endpoints: loopback((silent.address() as AddressInfo).port) });
    await startPeer('NODE2', { files, port, timings });
    await dialled;
    a.service.book.change(fingerprint, { endpoints: loopback(port) });
    expect(await a.service.call('NODE2', 'm', 2)).toMatchObject({ result: { by: 'NODE2', input: 2 } });
  });

  it('finds a half-open link in seconds and mends it when the network is back', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2', { address: null });
    const relay = await startRelay(a.port);
    await pair(a, b, relay.port);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    // a names its own address as well; the link has to go through the relay alone.
    b.service.book.change(a.service.me.identity.fingerprint, { endpoints: loopback(relay.port) });
    for (const peer of [a, b]) expect(peer.service.peers()).toHaveLength(1);
    const start = Date.now();
    relay.stall();
    await until('both know', () => !isConnected(a, b) && !isConnected(b, a));
    // Of itself it would never be found: nothing is sent that could fail.
    expect(Date.now() - start).toBeLessThan(60_000);
    relay.flow();
    await until('they are connected again', () => isConnected(a, b) && isConnected(b, a));
  });

  it('tries first where it reached a peer last, before addresses that do not answer', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2', { address: null });
    let tries = 0;
    const silent = createServer((socket) => {
      tries += 1;
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const { port } = silent.address() as AddressInfo;
    b.service.book.change(a.service.me.identity.fingerprint, { endpoints: [...loopback(port), ...loopback(a.port)] });
    await a.service.close();
    await until('it is gone', () => !isConnected(b, a));
    const again = await startPeer('NODE1', { files: a.files, port: a.port });
    await until('they are connected again', () => isConnected(again, b) && isConnected(b, again));
    expect(tries).toBe(0);
  });

  it('blocks another identity at the address of a peer, and says so until the right one is back', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const { files, port } = b;
    await b.service.close();
    // Somebody else takes the address, and knows a’s certificate as a peer, so that it would let it in.
    const impostor = await startPeer('NODE2', { port });
    impostor.service.book.put({
      ...a.service.book.all()[0]!,
      fingerprint: a.service.me.identity.fingerprint,
      name: 'NODE1',
      endpoints: [],
    });
    await until(
      'a is alarmed',
      () => a.service.book.byId(b.id)?.changedIdentity?.fingerprint.startsWith(impostor.id) === true,
    );
    expect(isConnected(a, b)).toBe(false);
    await expect(a.service.call('NODE2', 'm', {})).rejects.toMatchObject({
      code: 'PEER_NOT_CONNECTED',
      detail: { reason: expect.stringContaining('another identity') as unknown },
    });
    await impostor.service.close();
    const again = await startPeer('NODE2', { files, port });
    await until('the right one is back', () => isConnected(a, again));
    expect(a.service.book.byId(b.id)?.changedIdentity).toBeNull();
  });

  it('shuts out both when a copy of a disk shows the identity of a peer', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    const copy = await startPeer('NODE2-COPY', { files: memoryFiles({ ...b.files.content }) });
    expect(copy.id).toBe(b.id);
    await until('a sees two of them', () => stateOf(a, b) === 'cloned');
    await until('both are out', () => !isConnected(b, a) && !isConnected(copy, a));
    await expect(a.service.call('NODE2', 'm', {})).rejects.toMatchObject({ code: 'PEER_CLONED' });
  });

  it('does not make a new identity silently where peers know the old one', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    await pair(a, b);
    const content = { ...b.files.content };
    delete content['identity/identity.pem'];
    await expect(startPeer('NODE2', { files: memoryFiles(content) })).rejects.toMatchObject({
      code: 'PEER_IDENTITY_LOST',
      detail: { peers: 'NODE1' },
    });
    for (const damage of [
      (pem: string) => pem.slice(0, 400),
      (pem: string) => pem.replace(/PRIVATE KEY/g, 'SOMETHING'),
      (pem: string) => pem.replace(/[A-Za-z0-9]{40}\n/, `${'A'.repeat(40)}\n`),
    ]) {
      const pem = b.files.content['identity/identity.pem'] ?? '';
      await expect(openIdentity(memoryFiles({ 'identity/identity.pem': damage(pem) }), 'X', [])).rejects.toMatchObject({
        code: 'PEER_IDENTITY_DAMAGED',
      });
    }
    const other = await openIdentity(memoryFiles(), 'Y', []);
    const mixed = (b.files.content['identity/identity.pem'] ?? '').replace(/-----BEGIN PRIVATE[\s\S]+/, other.key);
    await expect(openIdentity(memoryFiles({ 'identity/identity.pem': mixed }), 'X', [])).rejects.toMatchObject({
      detail: { reason: 'its key does not belong to its certificate' },
    });
  });

  it('tells the clock of a peer', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2', { now: () => Date.now() + 90_000 });
    await pair(a, b);
    const link = () => a.service.peers()[0]?.link;
    await until('the clock was measured', () => (link()?.clockOffsetMs ?? null) !== null);
    const tolerance = link()?.clockToleranceMs ?? 0;
    expect(Math.abs((link()?.clockOffsetMs ?? 0) - 90_000)).toBeLessThanOrEqual(tolerance + 50);
  });

  it('says which of two servers of one name is meant', async () => {
    const a = await startPeer('NODE1');
    const [b, c] = [await startPeer('TWIN'), await startPeer('twin')];
    await pair(a, b);
    await pair(a, c);
    expect(() => a.service.book.find('twin')).toThrow(expect.objectContaining({ code: 'PEER_AMBIGUOUS' }) as Error);
    expect(a.service.book.find(c.id).name).toBe('twin');
    expect(a.service.book.find(`peer:${b.id.slice(0, 10)}`).name).toBe('TWIN');
    expect(() => a.service.book.find('nobody')).toThrow(expect.objectContaining({ code: 'PEER_UNKNOWN' }) as Error);
  });

  it('listens on chosen addresses only, and says what cannot be had', async () => {
    const a = await startPeer('NODE1');
    await expect(
      a.service.listen([
        { address: '127.0.0.1', port: a.port },
        { address: '203.0.113.1', port: 4_000 },
      ]),
    ).rejects.toMatchObject({
      code: 'PEER_LISTEN_FAILED',
      detail: { address: '203.0.113.1:4000', reason: 'this server has no such address' },
    });
    expect(a.service.doors()).toHaveLength(1);
    const b = await startPeer('NODE2', { address: null });
    await expect(b.service.listen(loopback(a.port))).rejects.toMatchObject({ code: 'PEER_LISTEN_FAILED' });
    await a.service.listen([]);
    expect(a.service.doors()).toEqual([]);
    await b.service.listen(loopback(a.port));
  });

  it('closes the door of an address that vanishes, and opens it when it is back', async () => {
    const identity = await openIdentity(memoryFiles(), 'X', []);
    const lan = { nic: 'lan', mac: '02:00:00:00:00:01', netmask: 'ffff::', family: 'IPv6' as const };
    let addresses = [{ ...lan, address: '::1' }];
    const doors = new Doors(
      identity,
      () => undefined,
      () => undefined,
      () => addresses,
    );
    onTestFinished(() => doors.close());
    await doors.set([{ address: '::1', port: await freePort() }]);
    const port = doors.endpoints()[0]?.port ?? 0;
    addresses = [];
    await doors.look();
    expect(doors.list()).toEqual([
      { address: '::1', port, isOpen: false, reason: 'this server does not have the address any more' },
    ]);
    expect(doors.endpoints()).toEqual([]);
    addresses = [{ ...lan, address: '::1' }];
    await doors.look();
    expect(doors.list()).toEqual([{ address: '::1', port, isOpen: true, reason: null }]);
  });

  it('leaves no door open that was given up while it was opened again', async () => {
    const identity = await openIdentity(memoryFiles(), 'X', []);
    const lan = { nic: 'lan', mac: '02:00:00:00:00:01', netmask: 'ffff::', family: 'IPv6' as const };
    const wanted = [{ address: '::1', port: await freePort() }];
    for (const giveUp of [(doors: Doors) => doors.set([]), (doors: Doors) => doors.close()]) {
      let addresses = [{ ...lan, address: '::1' }];
      const quiet = (): void => undefined;
      const doors = new Doors(identity, quiet, quiet, () => addresses);
      await doors.set(wanted);
      addresses = [];
      await doors.look();
      addresses = [{ ...lan, address: '::1' }];
      await Promise.all([doors.look(), giveUp(doors)]);
      const next = new Doors(identity, quiet, quiet, () => addresses);
      await next.set(wanted);
      await Promise.all([next.close(), doors.close()]);
    }
  });

  it('is kept under the new address of its NIC for every start to come', async () => {
    const lan = { nic: 'lan', mac: '02:00:00:00:00:01', netmask: 'ffff::', family: 'IPv6' as const };
    let addresses = [{ ...lan, address: '::1' }];
    const { service, port } = await startPeer('NODE1', { address: '::1', addresses: () => addresses });
    service.book.setListen([
      { address: '::1', port },
      { address: '192.0.2.1', port },
    ]);
    addresses = [{ ...lan, address: '::ffff:127.0.0.1' }];
    const moved = { address: '::ffff:127.0.0.1', port, isOpen: true, reason: null };
    await expect.poll(() => service.doors()[0]).toEqual(moved);
    expect(service.book.listen()).toEqual([
      { address: '::ffff:127.0.0.1', port },
      { address: '192.0.2.1', port },
    ]);
  });

  it('goes with the address of its NIC, and opens at a start what was kept as soon as its address is there', async () => {
    const lan = { nic: 'lan', mac: '02:00:00:00:00:01', netmask: 'ffff::', family: 'IPv6' as const };
    const other = { ...lan, nic: 'storage', mac: '02:00:00:00:00:02' };
    const [lease, fixed] = ['::1', '::ffff:127.0.0.1'];
    let addresses: (typeof lan & { readonly address: string })[] = [];
    const moves: unknown[] = [];
    const doors = new Doors(
      await openIdentity(memoryFiles(), 'X', []),
      () => undefined,
      (moved) => moved && moves.push(moved),
      () => addresses,
    );
    onTestFinished(() => doors.close());
    // A server that has just started has its addresses later; who names one in a command is told at once.
    const gone = { address: '2001:db8::1', port: 4_000 };
    await expect(doors.set([gone])).rejects.toMatchObject({ code: 'PEER_LISTEN_FAILED' });
    await doors.set([gone], true);
    expect(doors.list()).toMatchObject([{ ...gone, isOpen: false }]);
    expect(doors.list()[0]?.reason).toContain('no such address');
    addresses = [{ ...lan, address: lease }];
    await doors.look();
    expect(doors.list()).toMatchObject([{ ...gone, isOpen: false }]);

    await doors.set([{ address: lease, port: await freePort() }], true);
    const port = doors.endpoints()[0]!.port;
    // Neither what the NIC gives itself, nor the address of another one.
    addresses = [
      { ...lan, address: 'fe80::1' },
      { ...other, address: fixed },
    ];
    await doors.look();
    expect(doors.list()).toMatchObject([{ address: lease, isOpen: false }]);
    addresses = [{ ...lan, address: fixed }];
    await doors.look();
    expect(doors.list()).toEqual([{ address: fixed, port, isOpen: true, reason: null }]);
    // The change was not confirmed, and taken back.
    addresses = [{ ...lan, address: lease }];
    await doors.look();
    expect(doors.endpoints()).toEqual([{ address: lease, port }]);
    const [before, after] = [
      { address: lease, port },
      { address: fixed, port },
    ];
    expect(moves).toEqual([
      { from: before, to: after },
      { from: after, to: before },
    ]);
  });
});
