import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { DurableFiles } from '../../main/peer/durable-files.ts';
import { defaultTimings, type LinkTimings } from '../../main/peer/link.ts';
import { PeerService, type PeerServiceOptions } from '../../main/peer/service.ts';
import { peerLimits, type ChannelLimits } from '../../main/channel/limits.ts';
import { freePort } from './free-port.ts';

/** Polls until it holds; a test that waits in vain says for what. `everyMs`: the pause between two looks, longer where a look is a process. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 180_000,
  everyMs = 10,
): Promise<void> => {
  const end = Date.now() + ms;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};

/** Files that live as long as the test; `writes` counts them. */
export const memoryFiles = (
  content: Record<string, string> = {},
): DurableFiles & { readonly content: Record<string, string> } => ({
  content,
  pathOf: (name) => `memory/${name}`,
  read: (name) => content[name] ?? null,
  replace: (name, text) => void (content[name] = text),
});

/** Short times where something is tried again; what is to succeed has all the time that a loaded machine needs. */
export const quickTimings: LinkTimings = {
  ...defaultTimings,
  connectMs: 60_000,
  helloMs: 60_000,
  firstRetryMs: 50,
  lastRetryMs: 400,
  clockEveryMs: 60_000,
};
export const quickLimits: ChannelLimits = { ...peerLimits, heartbeatMs: 200, silenceMs: 1_500 };

export interface TestPeer {
  readonly service: PeerService;
  readonly files: ReturnType<typeof memoryFiles>;
  readonly port: number;
  readonly id: string;
}

export interface TestPeerOptions extends Partial<Omit<PeerServiceOptions, 'files'>> {
  readonly files?: ReturnType<typeof memoryFiles>;
  /** Where it listens; null: nowhere. */
  readonly address?: string | null;
  /** One that nobody else has where none is named, so that who closes it may open it again. */
  readonly port?: number;
}

/** A server of its own in this process, on loopback; it goes with the test. */
export const startPeer = async (name: string, options: TestPeerOptions = {}): Promise<TestPeer> => {
  const { files = memoryFiles(), address = '127.0.0.1', port = await freePort(), ...rest } = options;
  const service = await PeerService.open({
    files,
    name,
    version: '1.2.3',
    answer: async (method, input) => ({ ok: true, result: { method, input, by: name } }),
    timings: quickTimings,
    limits: quickLimits,
    isDiscovering: false,
    ...rest,
  });
  onTestFinished(() => service.close());
  const [door] = address === null ? [] : await service.listen([{ address, port }]);
  return { service, files, port: door?.port ?? 0, id: service.me.identity.id };
};

export const loopback = (port: number) => [{ address: '127.0.0.1', port }];

/** Pairs two, by invitation of the first. */
export const pair = async (inviter: TestPeer, joiner: TestPeer, port = inviter.port) =>
  joiner.service.join(inviter.service.invite().code, loopback(port));

export const isConnected = (one: TestPeer, other: TestPeer): boolean =>
  one.service.peers().some(({ record, link }) => record.fingerprint.startsWith(other.id) && link.state === 'connected');

export const stateOf = (one: TestPeer, other: TestPeer): string | undefined => one.service.book.byId(other.id)?.state;

/** What a test does to the bytes between two ends. */
export interface Relay {
  readonly port: number;
  /** Bytes so far from the one who connects to the one who listens, and back. */
  readonly bytes: { toServer: number; toClient: number };
  /** Breaks every connection now. */
  cut(): void;
  /** Passes nothing on any more, in either direction, and says nothing about it. */
  stall(): void;
  /** Lets new and old connections through again. */
  flow(): void;
  close(): void;
}

export interface RelayRules {
  /** After so many bytes in this direction, for each connection. */
  readonly after?: number;
  readonly direction?: 'toServer' | 'toClient';
  readonly then?: 'cut' | 'stall' | 'garbage' | 'end';
}

/** Stands between two ends on loopback; it goes with the test. */
export const startRelay = async (target: number, rules: RelayRules = {}): Promise<Relay> => {
  const sockets = new Set<Socket>();
  const bytes = { toServer: 0, toClient: 0 };
  let isStalled = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const pass = (from: Socket, to: Socket, direction: 'toServer' | 'toClient'): void => {
      let seen = 0;
      let isBroken = false;
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (!isStalled) to.end();
      });
      from.on('data', (chunk: Buffer) => {
        if (isStalled || isBroken) return;
        bytes[direction] += chunk.length;
        const isMine = rules.then !== undefined && rules.direction === direction;
        const room = isMine ? Math.max(0, (rules.after ?? 0) - seen) : chunk.length;
        seen += chunk.length;
        if (room >= chunk.length) return void to.write(chunk);
        isBroken = true;
        if (room > 0) to.write(chunk.subarray(0, room));
        if (rules.then === 'cut') {
          from.resetAndDestroy();
          to.resetAndDestroy();
        } else if (rules.then === 'end') to.end();
        else if (rules.then === 'garbage') to.write(Buffer.alloc(64, 0xa5));
      });
    };
    pass(client, upstream, 'toServer');
    pass(upstream, client, 'toClient');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    bytes,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stall: () => {
      isStalled = true;
    },
    flow: () => {
      isStalled = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  onTestFinished(() => relay.close());
  return relay;
};
