import { connect as connectTls12, createServer as createTlsServer } from 'node:tls';
import { connect as connectTcp, type AddressInfo, type Server } from 'node:net';
import { Channel } from '../../main/channel/channel.ts';
import { peerLimits, strangerLimits } from '../../main/channel/limits.ts';
import { connectTls, tlsOptions } from '../../main/channel/tls.ts';
import { openIdentity } from '../../main/peer/identity/identity.ts';
import { defaultTimings } from '../../main/peer/link.ts';
import { exportForPairing, proofOf } from '../../main/peer/pairing/proof.ts';
import { PeerService } from '../../main/peer/service.ts';
import { protocols } from '../../main/peer/talk.ts';
import { parseInvitation } from '../../shared/model/invitation.ts';

/*
 * A server of the product, and somebody who means it no good, as functions whose arguments and answers are JSON: the same in this process and in one of another
 * runtime (far-parties.ts). Nothing here knows of a test framework.
 */

export interface PartyOptions {
  readonly name: string;
  /** A server that listens nowhere only joins. */
  readonly isListening?: boolean;
  /** How long a conversation of pairing waits for an answer, in milliseconds. */
  readonly patienceMs?: number;
}

export interface Party {
  readonly id: string;
  readonly port: number;
  invite(): Promise<string>;
  /** The two words, or the code of the failure. */
  join(code: string, port: number): Promise<{ readonly words: string | null; readonly failure: string | null }>;
  /** What another one is to it; null: nothing. */
  stateOf(id: string): Promise<string | null>;
  isConnected(id: string): Promise<boolean>;
  ask(id: string, input: unknown): Promise<unknown>;
  lastWords(): Promise<string | null>;
  wrongTries(): Promise<number | null>;
  /** From now on it waits so long for an answer of pairing. */
  wait(patienceMs: number): Promise<void>;
  /** Puts its clock ahead. */
  advance(ms: number): Promise<void>;
  /** Where it looks for another one from now on. */
  reachBy(id: string, port: number): Promise<void>;
  close(): Promise<void>;
}

const memory = () => {
  const content: Record<string, string> = {};
  return {
    pathOf: (name: string) => `memory/${name}`,
    read: (name: string) => content[name] ?? null,
    replace: (name: string, text: string) => void (content[name] = text),
  };
};

const calmMs = 60_000;

/** Opens one on loopback. */
export const openParty = async ({ name, isListening = true, patienceMs = calmMs }: PartyOptions): Promise<Party> => {
  let ahead = 0;
  const timings = { ...defaultTimings, firstRetryMs: 50, lastRetryMs: 400, helloMs: patienceMs, connectMs: patienceMs };
  const service = await PeerService.open({
    files: memory(),
    name,
    version: '1.2.3',
    answer: async (method, input) => ({ method, input, by: name }),
    timings,
    limits: { ...peerLimits, heartbeatMs: 200, silenceMs: 1_500 },
    isDiscovering: false,
    now: () => Date.now() + ahead,
  });
  const [door] = isListening ? await service.listen([{ address: '127.0.0.1', port: 0 }]) : [];
  const at = (port: number) => [{ address: '127.0.0.1', port }];
  return {
    id: service.me.identity.id,
    port: door?.port ?? 0,
    invite: async () => service.invite().code,
    join: (code, port) =>
      service.join(code, at(port)).then(
        ({ words }) => ({ words, failure: null }),
        (error: unknown) => ({ words: null, failure: (error as { code?: string }).code ?? String(error) }),
      ),
    stateOf: async (id) => service.book.byId(id)?.state ?? null,
    isConnected: async (id) =>
      service.peers().some(({ record, link }) => record.fingerprint.startsWith(id) && link.state === 'connected'),
    ask: (id, input) => service.call(id, 'asked', input),
    lastWords: async () => service.lastPaired()?.words ?? null,
    wrongTries: async () => service.invitations.wrongTries(),
    wait: async (ms) => void Object.assign(timings, { helloMs: ms, connectMs: ms }),
    advance: async (ms) => void (ahead += ms),
    reachBy: async (id, port) => {
      const record = service.book.byId(id);
      if (record) service.book.change(record.fingerprint, { endpoints: at(port) });
    },
    close: () => service.close(),
  };
};

const hello = {
  purpose: 'pair',
  protocols: [...protocols],
  self: { name: 'SOMEBODY', version: '1.0.0', endpoints: [] },
  run: '0123456789abcdef',
};

/** Somebody with a certificate of its own who has shaken hands. */
const knock = async (port: number) => {
  const identity = await openIdentity(memory(), 'SOMEBODY', []);
  const { socket, fingerprint } = await connectTls({ address: '127.0.0.1', port, identity, timeoutMs: calmMs });
  return { identity, socket, exported: exportForPairing(socket), inviter: fingerprint, joiner: identity.fingerprint };
};

const middles = new Map<number, { readonly server: Server; heard: number }>();

/** What somebody does who was not invited. Each says in JSON how it ended. */
export const strangers = {
  /** Right proofs, made for another connection, another role, another certificate: what each is answered. */
  proveElsewhere: async ({ port, code }: { port: number; code: string }): Promise<string[]> => {
    const read = parseInvitation(code);
    if (!read.ok) throw new Error('no invitation');
    const { secret } = read.parts;
    const overheard = await knock(port);
    const kinds: string[] = [];
    for (const which of ['connection', 'role', 'certificate'] as const) {
      const mine = await knock(port);
      const channel = new Channel(mine.socket, { peer: 'x', limits: strangerLimits, onCall: async () => null });
      await channel.call('hello', hello);
      const proof = {
        connection: () => proofOf(secret, overheard, 'joiner'),
        role: () => proofOf(secret, mine, 'inviter'),
        certificate: () => proofOf(secret, { ...mine, joiner: overheard.joiner }, 'joiner'),
      }[which]();
      const { kind } = (await channel.call('pair.prove', { proof })) as { kind: string };
      kinds.push(kind);
      // The same once more on this connection is no second try.
      await channel.call('pair.prove', { proof }).catch(() => undefined);
      await channel.closed;
    }
    overheard.socket.destroy();
    return kinds;
  },

  /** Announces a message of two gigabytes: whether the other side hung up without taking it. */
  announceTooMuch: async ({ port }: { port: number }): Promise<string> => {
    const { socket } = await knock(port);
    socket.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.resume();
    socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
    await ended;
    return 'hung up';
  },

  /** Speaks TLS 1.2 and no later one. */
  connectByTls12: async ({ port }: { port: number }): Promise<string> => {
    const identity = await openIdentity(memory(), 'OLD', []);
    const socket = connectTls12({
      ...(tlsOptions(identity) as object),
      ...{ host: '127.0.0.1', port, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
    });
    const outcome = await new Promise<string>((resolve) => {
      socket.once('error', () => resolve('refused'));
      socket.once('secureConnect', () => resolve('let in'));
    });
    socket.destroy();
    return outcome;
  },

  /** A server with a certificate of its own that passes everything on to the inviter; with `tls12` it speaks no later one. Its port. */
  stand: async ({ port, isOld = false }: { port: number; isOld?: boolean }): Promise<number> => {
    const identity = await openIdentity(memory(), 'MIDDLE', []);
    const versions = isOld ? ({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const) : {};
    const server = createTlsServer({ ...tlsOptions(identity), ...versions }, (fromJoiner) => {
      fromJoiner.on('error', () => undefined);
      const toInviter = connectTls12({ port, host: '127.0.0.1', ...(tlsOptions(identity) as object) });
      toInviter.on('error', () => undefined);
      fromJoiner.on('data', (bytes: Buffer) => {
        const middle = middles.get(own);
        if (middle) middle.heard += bytes.length;
        toInviter.write(bytes);
      });
      toInviter.on('data', (bytes: Buffer) => fromJoiner.write(bytes));
      fromJoiner.on('close', () => toInviter.destroy());
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = (server.address() as AddressInfo).port;
    middles.set(own, { server, heard: 0 });
    return own;
  },

  /** How many bytes it heard; it goes. */
  leave: async ({ port }: { port: number }): Promise<number> => {
    const middle = middles.get(port);
    middle?.server.close();
    middles.delete(port);
    return middle?.heard ?? 0;
  },

  /** So many connections that say nothing, from fifty addresses, none closed by this side until all have come. */
  crowd: async ({ port, count }: { port: number; count: number }): Promise<number> => {
    const sockets: ReturnType<typeof connectTcp>[] = [];
    const come = (n: number): Promise<void> =>
      new Promise((resolve) => {
        const socket = connectTcp({ port, host: '127.0.0.1', localAddress: `127.0.1.${(n % 50) + 1}` });
        sockets.push(socket);
        socket.once('connect', resolve);
        socket.once('close', () => resolve());
        socket.on('error', () => undefined);
      });
    // No more at once than wait in the listener's queue: the system would send the others' first packet again after a second.
    for (let done = 0; done < count; done += 250)
      await Promise.all(Array.from({ length: Math.min(250, count - done) }, (_, n) => come(n)));
    for (const socket of sockets) socket.destroy();
    return sockets.length;
  },
};

export type Stranger = keyof typeof strangers;
