import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeptMatrices } from '../../../main/operations/peers/kept-matrices.ts';
import { renderHtmlMatrix } from '../../../main/operations/peers/html-matrix.ts';
import { findLargest, measureOneLink } from '../../../main/operations/peers/measure-link.ts';
import type { GroupServer } from '../../../main/ports/peer-port.ts';
import { measureMatrix } from '../../../main/operations/peers/measure-matrix.ts';
import type { MeasurePort } from '../../../main/ports/measure-port.ts';
import { failure } from '../../../shared/errors/failure.ts';
import {
  measureSettingsSchema,
  type Answering,
  type EchoAnswer,
  type LinkFigures,
  type MeasuredEnd,
} from '../../../shared/model/network-measure.ts';
import { judgeLink, type JudgedLink } from '../../../shared/rules/peers/judge-link.ts';
import { summariseEchoes } from '../../../shared/rules/peers/round-trip.ts';
import { tournament } from '../../../shared/rules/peers/tournament.ts';

const settings = measureSettingsSchema.parse({ echoes: 5, segmentMs: 50 });

describe('a tournament', () => {
  it.each([2, 3, 4, 5, 8, 15, 16, 63, 64])('of %i lets every pair meet once, nobody twice in a round', (count) => {
    const rounds = tournament(count);
    expect(rounds).toHaveLength(count % 2 === 0 ? count - 1 : count);
    const met = new Set<string>();
    for (const round of rounds) {
      const busy = round.flat();
      expect(new Set(busy).size).toBe(busy.length);
      expect(round).toHaveLength(Math.floor(count / 2));
      for (const [one, other] of round) met.add(`${one} ${other}`);
    }
    expect(met.size).toBe((count * (count - 1)) / 2);
  });

  it('of fewer than two has no rounds', () => {
    expect([tournament(0), tournament(1)]).toEqual([[], []]);
  });
});

describe('round trips', () => {
  it('are told by nearest rank, with the mean step between neighbours', () => {
    const answers = [1, 3, 'timeout', 2, 10] satisfies EchoAnswer[];
    expect(summariseEchoes(answers)).toEqual({ sent: 5, answered: 4, p50Ms: 2, p99Ms: 10, jitterMs: (2 + 1 + 8) / 3 });
    expect(summariseEchoes(['timeout', 'other'])).toEqual({
      sent: 2,
      answered: 0,
      p50Ms: null,
      p99Ms: null,
      jitterMs: null,
    });
  });
});

describe('the largest packet', () => {
  it.each([68, 69, 1_400, 1_499, 1_500])('is found exactly when it is %i', async (limit) => {
    let asked = 0;
    const largest = await findLargest(68, 1_500, async (bytes) => {
      asked += 1;
      return bytes <= limit;
    });
    expect(largest).toBe(limit);
    expect(asked).toBeLessThan(14);
  });

  it('is none where not even the smallest passes', async () => {
    expect(await findLargest(68, 1_500, async () => false)).toBeNull();
  });
});

const end = (address: string, more: Partial<MeasuredEnd> = {}): MeasuredEnd => ({
  address,
  prefixLength: 24,
  nic: 'Ethernet',
  role: null,
  mtuBytes: 1_500,
  linkSpeedBps: 1e9,
  ...more,
});

/** A port that answers as the test says. */
const portOf = (more: Partial<MeasurePort> = {}): MeasurePort => ({
  ends: async () => ({ ends: [end('10.0.1.1')], portals: [] }),
  echo: async ({ count }) => Array.from({ length: count }, () => 0.5),
  answer: async () => ({ token: 't', addresses: [] }),
  endAnswer: async () => undefined,
  knock: async ({ ports }) => ports.map(() => 'answered' as const),
  push: async ({ forMs }) => ({ bytes: 125_000 * forMs, ms: forMs }),
  hear: async ({ on }) => on.map((address) => ({ on: address, from: [], because: null })),
  tell: async () => undefined,
  ...more,
});

const ask = { source: '10.0.1.1', destination: '10.0.1.2', sinkPort: 5_000, ports: [], settings };

describe('one direction', () => {
  it('is measured in all its parts', async () => {
    const figures = await measureOneLink(portOf(), { ...ask, ports: [{ protocol: 'tcp', port: 445 }] });
    expect(figures).toMatchObject({ largestPacketBytes: 1_500, bandwidthBps: 1e9, unread: [] });
    expect(figures.ports).toEqual([{ protocol: 'tcp', port: 445, state: 'answered', answerer: null }]);
  });

  it('finds a small MTU on the way though packets get lost', async () => {
    let number = 0;
    const echo: MeasurePort['echo'] = async ({ count, packetBytes }) =>
      Array.from({ length: count }, () => ((number += 1) % 3 === 0 || packetBytes > 1_400 ? 'timeout' : 0.3));
    expect((await measureOneLink(portOf({ echo }), ask)).largestPacketBytes).toBe(1_400);
  });

  it('takes no lost first echo for a server that does not answer', async () => {
    let number = 0;
    const echo: MeasurePort['echo'] = async ({ count }) =>
      Array.from({ length: count }, () => ((number += 1) === 1 ? 'timeout' : 0.3));
    expect((await measureOneLink(portOf({ echo }), ask)).roundTrip?.sent).toBe(settings.echoes);
  });

  it('says what could not be measured, and measures the rest', async () => {
    const echo = () => Promise.reject(failure('MEASURE_NO_ECHO', { reason: 'Operation not permitted' }));
    const push = () =>
      Promise.reject(failure('MEASURE_STREAM_BROKEN', { destination: '10.0.1.2', reason: 'ECONNRESET' }));
    const figures = await measureOneLink(portOf({ echo, push }), { ...ask, ports: [{ protocol: 'tcp', port: 445 }] });
    expect(figures).toMatchObject({ roundTrip: null, largestPacketBytes: null, bandwidthBps: null });
    expect(figures.unread.map(({ property }) => property)).toEqual(['roundTrip', 'bandwidthBps']);
    expect(figures.ports).toHaveLength(1);
  });

  it('is refused from an address that is not ours, and to one beyond the subnet', async () => {
    await expect(measureOneLink(portOf(), { ...ask, source: '10.0.9.9' })).rejects.toMatchObject({
      code: 'MEASURE_NOT_OURS',
    });
    await expect(measureOneLink(portOf(), { ...ask, destination: '192.0.2.1' })).rejects.toMatchObject({
      code: 'MEASURE_NOT_ON_LINK',
    });
  });

  it('hides neither a bug nor a cancellation behind "not measured"', async () => {
    await expect(measureOneLink(portOf({ echo: () => Promise.reject(new Error('bug')) }), ask)).rejects.toThrow('bug');
    const cancelledEcho = () => Promise.reject(failure('CANCELLED', { what: 'it' }));
    await expect(measureOneLink(portOf({ echo: cancelledEcho }), ask)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

const goodFigures: LinkFigures = {
  roundTrip: { sent: 50, answered: 50, p50Ms: 0.2, p99Ms: 0.4, jitterMs: 0.05 },
  largestPacketBytes: 1_500,
  triedPacketBytes: 1_500,
  bandwidthBps: 0.94e9,
  ports: [{ protocol: 'udp', port: 3343, state: 'answered', answerer: 'held' }],
  unread: [],
};
const judge = (figures: Partial<LinkFigures>, more: Partial<JudgedLink> = {}) => {
  const findings = judgeLink({
    from: 'NODE1',
    to: 'NODE2',
    isPortal: false,
    subnet: '10.0.1.0/24',
    source: end('10.0.1.1'),
    destination: end('10.0.1.2'),
    figures: { ...goodFigures, ...figures },
    strayedTo: null,
    isBandwidthWanted: true,
    ...more,
  });
  return Object.fromEntries(findings.map(({ id, outcome }) => [id, outcome]));
};
const silence = { ...goodFigures.roundTrip!, answered: 0, p50Ms: null, p99Ms: null, jitterMs: null };
const silentPorts: LinkFigures['ports'] = [{ protocol: 'udp', port: 3343, state: 'silent', answerer: 'held' }];

describe('what a direction means', () => {
  it.each<readonly [string, Partial<LinkFigures>, Partial<JudgedLink>, Record<string, string>]>([
    [
      'all is well',
      {},
      {},
      { reach: 'pass', loss: 'pass', roundTrip: 'pass', packet: 'pass', bandwidth: 'pass', ports: 'pass' },
    ],
    ['one echo lost', { roundTrip: { ...goodFigures.roundTrip!, answered: 49 } }, {}, { loss: 'warn' }],
    ['many lost', { roundTrip: { ...goodFigures.roundTrip!, answered: 40 } }, {}, { loss: 'fail' }],
    ['a long way', { roundTrip: { ...goodFigures.roundTrip!, p50Ms: 25 } }, {}, { roundTrip: 'warn' }],
    [
      'a switch with a smaller MTU',
      { largestPacketBytes: 1_500 },
      { source: end('10.0.1.1', { mtuBytes: 9_000 }), destination: end('10.0.1.2', { mtuBytes: 9_000 }) },
      { packet: 'fail' },
    ],
    ['NICs of different MTU', {}, { source: end('10.0.1.1', { mtuBytes: 9_000 }) }, { packet: 'warn' }],
    ['a size that is not known', { largestPacketBytes: null }, {}, { packet: 'unknown' }],
    ['a slow link between the switches', { bandwidthBps: 0.1e9 }, {}, { bandwidth: 'warn' }],
    ['a bandwidth that was not counted', { bandwidthBps: null }, {}, { bandwidth: 'unknown' }],
    ['a firewall that drops', { ports: silentPorts }, {}, { reach: 'pass', ports: 'fail' }],
    [
      'a port that nobody could hold there',
      { ports: [{ protocol: 'tcp', port: 6600, state: 'rejected', answerer: 'refused' }] },
      {},
      { ports: 'unknown' },
    ],
    [
      'a rejected port that Quorate holds there',
      { ports: [{ protocol: 'tcp', port: 6600, state: 'rejected', answerer: 'held' }] },
      {},
      { ports: 'fail' },
    ],
    [
      'a cluster that runs there already',
      { ports: [{ protocol: 'udp', port: 3343, state: 'silent', answerer: 'inUse' }] },
      {},
      { ports: 'unknown' },
    ],
  ])('%s', (_title, figures, more, expected) => {
    expect(judge(figures, more)).toMatchObject(expected);
  });

  it('is nothing but a failure where nobody answers', () => {
    expect(judge({ roundTrip: silence, ports: silentPorts, largestPacketBytes: null, bandwidthBps: null })).toEqual({
      reach: 'fail',
    });
  });

  it('is not known where only ICMP is blocked, and where no echo could be sent', () => {
    expect(judge({ roundTrip: silence, largestPacketBytes: null }).reach).toBe('unknown');
    const unread: LinkFigures['unread'] = [{ property: 'roundTrip', because: 'perl is not installed' }];
    expect(
      judge({ roundTrip: null, largestPacketBytes: null, bandwidthBps: null, ports: silentPorts, unread }).reach,
    ).toBe('unknown');
  });

  it('names the network in which the frames arrive instead', () => {
    const [reach] = judgeLink({
      from: 'NODE1',
      to: 'NODE2',
      isPortal: false,
      subnet: '10.0.1.0/24',
      source: end('10.0.1.1', { nic: 'SLOT 2' }),
      destination: end('10.0.1.2'),
      figures: { ...goodFigures, roundTrip: silence, ports: silentPorts },
      strayedTo: '10.0.2.0/24',
      isBandwidthWanted: true,
    });
    expect(reach).toMatchObject({ outcome: 'fail' });
    expect(reach!.text).toContain('through SLOT 2 arrives in 10.0.2.0/24');
  });
});

interface FakeServer extends GroupServer {
  /** The most measurements that this server was in at once. */
  readonly most: () => number;
}

/** Servers in one process that count how many measurements each is in. */
const fakeServers = (count: number, more: { readonly fails?: string } = {}): FakeServer[] => {
  const inMeasurement = new Map<string, number>();
  const most = new Map<string, number>();
  const addressOf = (at: number): string => `10.0.1.${at + 1}`;
  const during = async <T>(addresses: readonly string[], work: () => Promise<T>): Promise<T> => {
    for (const address of addresses) {
      const now = (inMeasurement.get(address) ?? 0) + 1;
      inMeasurement.set(address, now);
      most.set(address, Math.max(most.get(address) ?? 0, now));
    }
    try {
      return await work();
    } finally {
      for (const address of addresses) inMeasurement.set(address, inMeasurement.get(address)! - 1);
    }
  };
  return Array.from({ length: count }, (_, at): FakeServer => {
    const name = `NODE${at + 1}`;
    const address = addressOf(at);
    return {
      id: at === 0 ? 'local' : String(at).padStart(16, '0'),
      name,
      most: () => most.get(address) ?? 0,
      call: async (method, raw) => {
        if (more.fails === name) throw failure('HOST_UNREACHABLE', { server: name, reason: 'it is off' });
        const input = raw as { destination: string; on: string[]; from: string[]; addresses: string[] };
        switch (method) {
          case 'measure.ends':
            return { ends: [end(address)], portals: [{ address: '10.0.1.200', port: 3260 }] };
          case 'measure.answer':
            return {
              token: 't',
              addresses: input.addresses.map((one) => ({ address: one, sinkPort: 5_000, because: null, ports: [] })),
            } satisfies Answering;
          case 'measure.link':
            return during([address, input.destination], async () => {
              await new Promise((resolve) => setImmediate(resolve));
              return goodFigures;
            });
          case 'measure.hear':
            return { heard: input.on.map((on) => ({ on, from: input.from, because: null })) };
          default:
            return {};
        }
      },
    };
  });
};
const run = {
  id: 'matrix-20260101-000000-000',
  isRehearsal: true,
  settings,
  portals: [],
  now: () => new Date(0),
  progress: () => undefined,
};

describe('all servers', () => {
  it('tell which NICs are not measured because they have IPv6 alone', async () => {
    const [one, two] = fakeServers(2);
    const six = {
      ...two!,
      call: async (method: string, input: unknown) => {
        const answer = await two!.call(method, input);
        return method === 'measure.ends'
          ? { ...(answer as object), ipv6Only: [{ nic: 'Six', address: 'fd00::2' }] }
          : answer;
      },
    };
    const { findings, outcome } = await measureMatrix([one!, six], run);
    expect(outcome).toBe('unknown');
    expect(findings).toContainEqual({
      id: 'ipv6',
      outcome: 'unknown',
      text: 'Six of NODE2 has IPv6 addresses alone (fd00::2): Quorate measures over IPv4 only, so this network was not measured.',
      next: expect.stringContaining('IPv4 address') as unknown,
    });
  });

  it('are measured in both directions, sixty-four of them, and nobody with two at once', async () => {
    const servers = fakeServers(64);
    const rounds = new Set<number>();
    const matrix = await measureMatrix(servers, {
      ...run,
      progress: ({ done }) => done !== null && rounds.add(done),
    });
    // 63 rounds, and one for the portals.
    expect(rounds.size).toBe(64);
    expect(matrix.links.filter(({ to }) => to !== null)).toHaveLength(64 * 63);
    expect(matrix.links.filter(({ portal }) => portal !== null)).toHaveLength(64);
    expect(Math.max(...servers.map(({ most }) => most()))).toBe(1);
    expect(matrix).toMatchObject({ outcome: 'pass', sentence: expect.stringContaining('carry a cluster') as string });
  });

  it('cost only their own paths when they fail', async () => {
    const matrix = await measureMatrix(fakeServers(3, { fails: 'NODE2' }), run);
    expect(matrix.servers.find(({ name }) => name === 'NODE2')!.because).toContain('it is off');
    expect(matrix.links.filter(({ to }) => to !== null)).toHaveLength(2);
    expect(matrix.outcome).toBe('unknown');
  });

  it('are two at least', async () => {
    await expect(measureMatrix(fakeServers(1), run)).rejects.toMatchObject({ code: 'PEER_NONE_TO_COMPARE' });
  });

  it('stop when they are told to, and answers end all the same', async () => {
    const stop = new AbortController();
    const servers = fakeServers(4).map((server): GroupServer => ({
      ...server,
      call: (method, input) => {
        if (method === 'measure.link') stop.abort();
        return server.call(method, input);
      },
    }));
    await expect(measureMatrix(servers, { ...run, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('make a report that escapes their names', async () => {
    const matrix = await measureMatrix(fakeServers(2), run);
    const html = renderHtmlMatrix({
      ...matrix,
      servers: matrix.servers.map((one) => ({ ...one, name: `<b>${one.name}` })),
    });
    expect(html).toContain('REHEARSAL');
    expect(html).toContain('&lt;b&gt;NODE1');
    expect(html).not.toContain('<b>NODE');
  });
});

describe('kept matrices', () => {
  const folderOf = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-matrix-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };

  it('come back whole, newest first, and none is overwritten', async () => {
    const folder = folderOf();
    const kept = new KeptMatrices(folder);
    expect(kept.last()).toBeNull();
    const at = new Date('2026-11-28T14:00:00.123Z');
    const first = { ...(await measureMatrix(fakeServers(2), run)), id: kept.newId(at) };
    kept.keep(first);
    const second = { ...first, id: kept.newId(at) };
    expect(second.id).toBe(`${first.id}-2`);
    kept.keep(second);
    expect(kept.list().map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(kept.read(first.id)).toEqual(first);
  });

  it('say so when one is missing or damaged', () => {
    const folder = folderOf();
    const kept = new KeptMatrices(folder);
    expect(() => kept.read('matrix-20260101-000000-000')).toThrow(/There is no network matrix/);
    kept.keep({ id: 'matrix-20260101-000000-000' } as never);
    writeFileSync(join(folder, 'matrix', 'matrix-20260101-000000-000.json'), '{"half":');
    expect(() => kept.last()).toThrow(/cannot be read/);
  });
});
