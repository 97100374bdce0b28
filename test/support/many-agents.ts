import { setTimeout } from 'node:timers/promises';
import { peerLimits } from '../../main/channel/limits.ts';
import { defaultTimings } from '../../main/peer/link.ts';
import { PeerService } from '../../main/peer/service.ts';
import type { GroupServer } from '../../main/ports/peer-port.ts';
import type { LinkFigures } from '../../shared/model/network-measure.ts';

/*
 * Servers with identities and connections of their own, in one process, whose measurements wait and answer well: what is tried is who measures with whom and when.
 */

/** All come from one address, of which the door lets no more than ten in a second: who is turned away comes again. */
const joinInTime = async (
  other: PeerService,
  inviter: PeerService,
  at: Parameters<PeerService['join']>[1],
): Promise<void> => {
  const until = performance.now() + 300_000;
  for (;;) {
    try {
      await other.join(inviter.invite().code, at);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await setTimeout(100);
    }
  }
};

const goodFigures: LinkFigures = {
  roundTrip: { sent: 5, answered: 5, p50Ms: 0.5, p99Ms: 0.6, jitterMs: 0.05 },
  triedPacketBytes: 1_500,
  largestPacketBytes: 1_500,
  bandwidthBps: 1e9,
  ports: [],
  unread: [],
};

/** A connection that the door turned away is made again after a pause that grows: longer than a call waits for one. */
const allConnected = async (first: PeerService, count: number): Promise<void> => {
  const until = performance.now() + 300_000;
  const missing = () => first.peers().filter(({ link }) => link.state !== 'connected');
  while (first.peers().length < count || missing().length > 0) {
    if (performance.now() > until)
      throw new Error(`not connected: ${JSON.stringify(missing().map(({ record, link }) => [record.name, link]))}`);
    await setTimeout(50);
  }
};

export interface ManyAgents {
  /** The first of them and those that it paired with, as its core asks them. */
  readonly group: readonly GroupServer[];
  /** The most measurements that any of them was in at once. */
  most(): number;
  close(): Promise<void>;
}

export interface ManyAgentsOptions {
  readonly count: number;
  /** How long one direction of a measurement takes, in milliseconds. */
  readonly measureMs: number;
}

/** Opens them and pairs all with the first. Calls go over TLS on loopback. */
export const openManyAgents = async ({ count, measureMs }: ManyAgentsOptions): Promise<ManyAgents> => {
  const addressOf = (at: number): string => `10.0.1.${at + 1}`;
  const now = new Map<string, number>();
  let most = 0;
  const during = async (addresses: readonly string[]): Promise<LinkFigures> => {
    for (const address of addresses) {
      now.set(address, (now.get(address) ?? 0) + 1);
      most = Math.max(most, now.get(address) ?? 0);
    }
    await setTimeout(measureMs);
    for (const address of addresses) now.set(address, (now.get(address) ?? 0) - 1);
    return goodFigures;
  };
  const answerOf =
    (at: number): GroupServer['call'] =>
    async (method, raw) => {
      const input = raw as { destination: string; addresses: readonly string[] };
      switch (method) {
        case 'measure.ends':
          return {
            ends: [
              { address: addressOf(at), prefixLength: 24, nic: 'LAN', role: null, mtuBytes: 1_500, linkSpeedBps: 1e9 },
            ],
            portals: [],
          };
        case 'measure.answer':
          return {
            token: 't',
            addresses: input.addresses.map((address) => ({ address, sinkPort: 5_000, because: null, ports: [] })),
          };
        case 'measure.link':
          return during([addressOf(at), input.destination]);
        default:
          return {};
      }
    };
  const memory = () => {
    const content: Record<string, string> = {};
    return {
      pathOf: (name: string) => `memory/${name}`,
      read: (name: string) => content[name] ?? null,
      replace: (name: string, text: string) => void (content[name] = text),
    };
  };
  const services = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      PeerService.open({
        files: memory(),
        name: `NODE${at + 1}`,
        version: '1.2.3',
        answer: (method, input) => answerOf(at)(method, input),
        // They share one thread: what waits for a turn is not silent.
        timings: { ...defaultTimings, connectMs: 60_000, helloMs: 60_000 },
        limits: { ...peerLimits, silenceMs: 120_000 },
        isDiscovering: false,
      }),
    ),
  );
  const close = async (): Promise<void> => void (await Promise.all(services.map((service) => service.close())));
  const [first, ...others] = services;
  if (!first) throw new Error('there are none');
  try {
    const [door] = await first.listen([{ address: '127.0.0.1', port: 0 }]);
    const at = [{ address: '127.0.0.1', port: door?.port ?? 0 }];
    for (const other of others) await joinInTime(other, first, at);
    await allConnected(first, others.length);
  } catch (error) {
    await close();
    throw error;
  }
  const group: GroupServer[] = [
    { id: 'local', name: 'NODE1', call: answerOf(0) },
    ...others.map(({ me }, n): GroupServer => ({
      id: me.identity.id,
      name: `NODE${n + 2}`,
      call: (method, input, signal) =>
        first.call(me.identity.id, method, input, { deadlineMs: null, ...(signal ? { signal } : {}) }),
    })),
  ];
  return { group, most: () => most, close };
};
