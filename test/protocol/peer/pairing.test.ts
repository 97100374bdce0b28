import { createServer, connect as connectTcp, type AddressInfo } from 'node:net';
import { connect as connectTlsRaw, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatInvitation, parseInvitation } from '../../../shared/model/invitation.ts';
import { Channel } from '../../../main/channel/channel.ts';
import { strangerLimits } from '../../../main/channel/limits.ts';
import { connectTls, fingerprintOfPeer, tlsOptions } from '../../../main/channel/tls.ts';
import { openIdentity, type Identity } from '../../../main/peer/identity/identity.ts';
import { exportForPairing, prefixOf, proofOf } from '../../../main/peer/pairing/proof.ts';
import { protocols } from '../../../main/peer/talk.ts';
import {
  isConnected,
  loopback,
  memoryFiles,
  pair,
  startPeer,
  startRelay,
  stateOf,
  until,
  type RelayRules,
} from '../../support/peers.ts';

const newIdentity = (name = 'SOMEBODY'): Promise<Identity> => openIdentity(memoryFiles(), name, []);

const partsOf = (code: string) => {
  const read = parseInvitation(code);
  if (!read.ok) throw new Error('no invitation');
  return read.parts;
};

/** Somebody who speaks the protocol by hand. */
const knock = async (port: number, identity: Identity) => {
  const { socket, fingerprint } = await connectTls({ address: '127.0.0.1', port, identity, timeoutMs: 5_000 });
  const exported = exportForPairing(socket);
  const channel = new Channel(socket, { peer: 'test', limits: strangerLimits, onCall: async () => null });
  onTestFinished(() => channel.destroy('the test ends'));
  const hello = (spoken = [...protocols]) =>
    channel.call('hello', {
      purpose: 'pair',
      protocols: spoken,
      self: { name: 'SOMEBODY', version: '1.0.0', endpoints: [] },
      run: '0123456789abcdef',
    });
  return { channel, hello, exported, inviter: fingerprint, joiner: identity.fingerprint };
};

describe('pairing', () => {
  it('makes both know each other, show the same two words, and connect', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    const { words, record } = await pair(a, b);
    expect(record.name).toBe('NODE1');
    expect(words).toMatch(/^[a-z]+ [a-z]+$/);
    await until('the inviter knows', () => a.service.lastPaired() !== null);
    expect(a.service.lastPaired()).toMatchObject({ name: 'NODE2', words });
    await until('both are connected', () => isConnected(a, b) && isConnected(b, a));
    expect(await a.service.call('NODE2', 'some.method', { x: 1 })).toEqual({
      ok: true,
      result: { method: 'some.method', input: { x: 1 }, by: 'NODE2' },
    });
    expect(await b.service.call(a.id, 'other.method', {})).toMatchObject({ result: { by: 'NODE1' } });
  });

  it('needs a listener on the inviter’s side only', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2', { address: null });
    await pair(a, b);
    await until('both are connected', () => isConnected(a, b) && isConnected(b, a));
    expect(await a.service.call('NODE2', 'm', {})).toMatchObject({ result: { by: 'NODE2' } });
  });

  it('refuses an invitation where nobody could use it', async () => {
    const a = await startPeer('NODE1', { address: null });
    expect(() => a.service.invite()).toThrow(expect.objectContaining({ code: 'PEER_NOT_LISTENING' }) as Error);
  });

  it('takes an invitation once', async () => {
    const a = await startPeer('NODE1');
    const [b, c] = [await startPeer('NODE2'), await startPeer('NODE3')];
    const { code } = a.service.invite();
    await b.service.join(code, loopback(a.port));
    await expect(c.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_INVITATION_USED' });
    expect(stateOf(a, c)).toBeUndefined();
    expect(stateOf(c, a)).toBeUndefined();
  });

  it('says that an invitation expired, to the one who holds it', async () => {
    let ahead = 0;
    const a = await startPeer('NODE1', { now: () => Date.now() + ahead });
    const b = await startPeer('NODE2');
    const { code, expiresAt } = a.service.invite();
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(10 * 60_000);
    ahead = 10 * 60_000 + 1;
    await expect(b.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_INVITATION_EXPIRED' });
    // An hour later nobody is heard any more whom we do not know.
    ahead += 61 * 60_000;
    await expect(b.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_REFUSED' });
  });

  it('locks after five wrong tries until a person opens it again', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    const { code } = a.service.invite();
    const { prefix, secret } = partsOf(code);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      const guess = formatInvitation({ prefix, secret: secret ^ BigInt(wrong) });
      const expected =
        wrong < 5 ? { code: 'PEER_INVITATION_WRONG', detail: { left: 5 - wrong } } : { code: 'PEER_INVITATION_LOCKED' };
      await expect(b.service.join(guess, loopback(a.port))).rejects.toMatchObject(expected);
    }
    await expect(b.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_INVITATION_LOCKED' });
    expect(a.service.invitations.isLocked()).toBe(true);
    await expect(b.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_INVITATION_LOCKED' });
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b));
  });

  it('gives one try to a connection', async () => {
    const a = await startPeer('NODE1');
    a.service.invite();
    const { channel, hello } = await knock(a.port, await newIdentity());
    await hello();
    expect(await channel.call('pair.prove', { proof: '0'.repeat(64) })).toEqual({ kind: 'wrong', left: 4 });
    await expect(channel.call('pair.prove', { proof: '1'.repeat(64) })).rejects.toBeTruthy();
    await channel.closed;
    expect(a.service.invitations.wrongTries()).toBe(1);
  });

  it('answers a stranger nothing but pairing, and nothing at all when no invitation was open', async () => {
    const a = await startPeer('NODE1');
    const identity = await newIdentity();
    const shut = await knock(a.port, identity);
    expect(await shut.channel.closed).toBeTruthy();
    a.service.invite();
    for (const method of ['host.read', 'link.introduce', 'pair.confirm', 'pair.prove']) {
      const { channel } = await knock(a.port, identity);
      await expect(channel.call(method, {})).rejects.toBeTruthy();
      await channel.closed;
    }
    expect(a.service.book.all()).toEqual([]);
    expect(a.service.invitations.wrongTries()).toBe(0);
  });

  it('does not take a proof from another connection, of another role or of another certificate', async () => {
    const a = await startPeer('NODE1');
    const { secret } = partsOf(a.service.invite().code);
    const thief = await newIdentity();
    const overheard = await knock(a.port, await newIdentity());
    const mine = await knock(a.port, thief);
    const proofs = [
      // Right, but made for the connection of another.
      proofOf(secret, overheard, 'joiner'),
      // On the right connection, as the inviter would make it.
      proofOf(secret, mine, 'inviter'),
      // On the right connection, with the other’s certificate.
      proofOf(secret, { ...mine, joiner: overheard.joiner }, 'joiner'),
    ];
    for (const proof of proofs) {
      const { channel, hello } = await knock(a.port, thief);
      await hello();
      expect(await channel.call('pair.prove', { proof })).toMatchObject({ kind: 'wrong' });
    }
    expect(a.service.book.all()).toEqual([]);
  });

  it('does not say anything to a man in the middle with a certificate of his own', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    const { code } = a.service.invite();
    const middle = await newIdentity('MIDDLE');
    let heard = 0;
    const server = createTlsServer(tlsOptions(middle), (fromJoiner) => {
      fromJoiner.on('error', () => undefined);
      const toInviter = connectTlsRaw({ port: a.port, host: '127.0.0.1', ...(tlsOptions(middle) as object) });
      toInviter.on('error', () => undefined);
      fromJoiner.on('data', (bytes: Buffer) => {
        heard += bytes.length;
        toInviter.write(bytes);
      });
      toInviter.on('data', (bytes: Buffer) => fromJoiner.write(bytes));
      fromJoiner.on('close', () => toInviter.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(b.service.join(code, loopback(port))).rejects.toMatchObject({ code: 'PEER_INVITATION_OTHER' });
    expect(heard).toBe(0);
    expect(a.service.book.all()).toEqual([]);
  });

  it('believes no inviter that cannot prove the secret itself', async () => {
    const b = await startPeer('NODE2');
    const liar = await newIdentity('LIAR');
    const server = createTlsServer(tlsOptions(liar), (socket: TLSSocket) => {
      expect(fingerprintOfPeer(socket)).toBe(b.service.me.identity.fingerprint);
      new Channel(socket, {
        peer: 'joiner',
        onCall: async ({ method }) =>
          method === 'hello'
            ? {
                accepted: true,
                protocol: 1,
                self: { name: 'LIAR', version: '1', endpoints: [] },
                run: 'abcdef0123456789',
                now: 1,
              }
            : { kind: 'right', proof: 'f'.repeat(64) },
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const code = formatInvitation({ prefix: prefixOf(liar.fingerprint), secret: 42n });
    const { port } = server.address() as AddressInfo;
    await expect(b.service.join(code, loopback(port))).rejects.toMatchObject({ code: 'PEER_INVITER_UNPROVEN' });
    expect(b.service.book.all()).toEqual([]);
  });

  it('refuses a Quorate of another protocol by its version, before any proof', async () => {
    const a = await startPeer('NODE1');
    a.service.invite();
    const { hello } = await knock(a.port, await newIdentity('OLD'));
    expect(await hello([99])).toMatchObject({
      accepted: false,
      because: 'version',
      version: '1.2.3',
      protocols: [...protocols],
    });
    expect(a.service.invitations.wrongTries()).toBe(0);
    expect(a.service.book.all()).toEqual([]);
  });

  it('names itself, another program, silence and an empty port', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    const { code } = a.service.invite();
    await expect(a.service.join(code, loopback(a.port))).rejects.toMatchObject({ code: 'PEER_IS_THIS_SERVER' });
    await expect(b.service.join(code, loopback(b.port))).rejects.toMatchObject({ code: 'PEER_IS_THIS_SERVER' });
    const web = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    await expect(b.service.join(code, loopback(port))).rejects.toMatchObject({ code: 'PEER_NOT_QUORATE' });
    await new Promise((resolve) => web.close(resolve));
    await expect(b.service.join(code, loopback(port))).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    await expect(
      b.service.join(
        code.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        [],
      ),
    ).rejects.toMatchObject({
      code: 'PEER_INVITATION_MALFORMED',
      detail: { problem: expect.stringContaining('group 7') as unknown },
    });
  });

  it('is not spoken in TLS 1.2, in neither direction', async () => {
    const a = await startPeer('NODE1');
    a.service.invite();
    const identity = await newIdentity();
    const socket = connectTlsRaw({
      ...(tlsOptions(identity) as object),
      host: '127.0.0.1',
      port: a.port,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    });
    const failed = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(true));
      socket.once('secureConnect', () => resolve(false));
    });
    socket.destroy();
    expect(failed).toBe(true);
    const old = createTlsServer({ ...tlsOptions(identity), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    old.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void old.close());
    const { port } = old.address() as AddressInfo;
    await expect(connectTls({ address: '127.0.0.1', port, identity, timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'PEER_NOT_QUORATE',
    });
  });

  it('pairs anew after one side forgot the other without a word', async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    await pair(a, b);
    b.service.book.remove(a.service.me.identity.fingerprint);
    await pair(a, b);
    await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
    expect(stateOf(a, b)).toBe('paired');
  });

  it('hands a used invitation to nobody when both come at once', async () => {
    const a = await startPeer('NODE1');
    const joiners = await Promise.all(['N2', 'N3', 'N4', 'N5'].map((name) => startPeer(name)));
    const { code } = a.service.invite();
    const outcomes = await Promise.allSettled(joiners.map((one) => one.service.join(code, loopback(a.port))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(a.service.book.members()).toHaveLength(1);
  });
});

describe('pairing over a network that breaks', () => {
  const breakages: readonly NonNullable<RelayRules['then']>[] = ['cut', 'end', 'garbage'];
  // A handshake and the conversation have some 3,000 bytes each way.
  const places = [0, 50, 700, 1_200, 1_800, 2_400];
  it.each(breakages.flatMap((then) => (['toServer', 'toClient'] as const).map((direction) => ({ then, direction }))))(
    'leaves no half-made trust behind when it is broken by $then $direction',
    async ({ then, direction }) => {
      const outcomes = new Set<string>();
      for (const after of places) {
        const a = await startPeer('NODE1');
        const b = await startPeer('NODE2');
        const relay = await startRelay(a.port, { then, direction, after });
        const joined = await pair(a, b, relay.port).then(
          () => 'paired',
          (error: unknown) => (error as { code: string }).code,
        );
        outcomes.add(joined);
        if (joined === 'paired') {
          expect(stateOf(b, a)).toBe('paired');
        } else {
          expect(joined).toMatch(/^PEER_(NOT_QUORATE|REFUSED|PAIRING_BROKEN|UNREACHABLE)$/);
          // The joiner believes nobody without a proof, and whom it has written down has proven himself.
          if (stateOf(b, a) !== undefined) expect(['unfinished', 'paired']).toContain(stateOf(a, b));
          // The inviter has written down nobody without a proof.
          if (stateOf(a, b) !== undefined) expect(stateOf(a, b)).not.toBe('introduced');
        }
        relay.close();
        // Whatever happened: a new invitation over a sound network makes it good.
        await pair(a, b);
        await until('they are connected', () => isConnected(a, b) && isConnected(b, a));
        await Promise.all([a.service.close(), b.service.close()]);
      }
      expect(outcomes.size).toBeGreaterThan(1);
    },
  );

  it('gives up on a server that falls silent in the handshake', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const identity = await newIdentity();
    await expect(connectTls({ address: '127.0.0.1', port, identity, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'PEER_NOT_QUORATE',
      detail: { reason: 'it takes the connection and says nothing' },
    });
  });

  it('is cancelled at once', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const b = await startPeer('NODE2');
    const a = await startPeer('NODE1');
    const controller = new AbortController();
    const joining = b.service.join(a.service.invite().code, loopback(port), controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(joining).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('the door', () => {
  // A machine that stands still longer than a handshake may take refuses the peer, too; one that the strangers keep out is refused each time.
  it('stays open for peers while strangers stand before it in thousands', { retry: 2 }, async () => {
    const a = await startPeer('NODE1');
    const b = await startPeer('NODE2');
    a.service.invite();
    const before = process.memoryUsage().rss;
    let knocked = 0;
    const knockFrom = (host: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connectTcp({ port: a.port, host: '127.0.0.1', localAddress: host });
        const done = (): void => {
          knocked += 1;
          resolve();
        };
        socket.once('connect', done);
        socket.once('error', () => {
          if (socket.connecting || socket.localPort === undefined) done();
        });
        onTestFinished(() => void socket.destroy());
      });
    const total = 10_000;
    for (let done = 0; done < total; done += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, n) => knockFrom(`127.0.1.${(n % 50) + 1}`)));
      if (done === 5_000) {
        const { words } = await pair(a, b);
        expect(words).toBeTruthy();
      }
    }
    expect(knocked).toBe(total);
    await until('they are connected', () => isConnected(a, b));
    expect((process.memoryUsage().rss - before) / (1 << 20)).toBeLessThan(200);
  });

  it('destroys what does not shake hands in time', async () => {
    const { listenTls } = await import('../../../main/channel/listener.ts');
    const listener = await listenTls({
      address: '127.0.0.1',
      port: 0,
      identity: await newIdentity(),
      onArrival: () => undefined,
      handshakeTimeoutMs: 100,
    });
    onTestFinished(() => listener.close());
    const socket = connectTcp(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    await until('nobody waits', () => listener.waiting() === 0);
  });
});
