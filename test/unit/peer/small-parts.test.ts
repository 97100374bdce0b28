import fc from 'fast-check';
import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { Admission } from '../../../main/channel/admission.ts';
import { onBeat } from '../../../main/channel/beat.ts';
import { Channel } from '../../../main/channel/channel.ts';
import { Deadlines } from '../../../main/channel/deadlines.ts';
import { FrameReader, FrameWriter, TooLongError } from '../../../main/channel/frames.ts';
import { frameOf } from '../../support/frames.ts';
import { peerLimits } from '../../../main/channel/limits.ts';
import { Numbered } from '../../../main/channel/numbered.ts';
import type { Message } from '../../../main/channel/rpc.ts';
import { BackOff } from '../../../main/channel/backoff.ts';
import { readListen } from '../../../main/cli/endpoints.ts';
import { fingerprintGroups, fingerprintWords, wordsOf } from '../../../main/peer/identity/words.ts';
import { PeerBook } from '../../../main/peer/membership/book.ts';
import { presentableName } from '../../../main/peer/me.ts';
import { usableEndpoints } from '../../../main/peer/told-endpoints.ts';
import { commonProtocol } from '../../../main/peer/talk.ts';
import { memoryFiles } from '../../support/peers.ts';

describe('an address', () => {
  it.each([
    ['10.0.0.11', { address: '10.0.0.11', port: 23_343 }],
    ['10.0.0.11:4000', { address: '10.0.0.11', port: 4_000 }],
    ['[fe80::1%eth0]:4000', { address: 'fe80::1%eth0', port: 4_000 }],
    ['[::1]', { address: '::1', port: 23_343 }],
    ['fd00::12', { address: 'fd00::12', port: 23_343 }],
    ['node2.example:99', { address: 'node2.example', port: 99 }],
    ['NODE2', { address: 'NODE2', port: 23_343 }],
    ['', null],
    ['10.0.0', null],
    ['10.0.0.300', null],
    ['10.0.0.11:', null],
    ['10.0.0.11:0', null],
    ['10.0.0.11:65536', null],
    ['[10.0.0.11]:1', null],
    ['a b', null],
    ['-x', null],
  ])('%s is read as %j', (text, expected) => expect(parseEndpoint(text)).toEqual(expected));

  it('to listen on may be the name of a NIC, and is never all networks', () => {
    const nics = {
      lan: [
        { address: '10.0.0.5', netmask: '', family: 'IPv4' as const, mac: '', internal: false, cidr: null },
        { address: 'fe80::5', netmask: '', family: 'IPv6' as const, mac: '', internal: false, cidr: null, scopeid: 2 },
      ],
    };
    expect(readListen('lan:77', nics)).toEqual([{ address: '10.0.0.5', port: 77 }]);
    expect(readListen('10.0.0.5:0', nics)).toEqual([{ address: '10.0.0.5', port: 0 }]);
    for (const text of ['0.0.0.0', '0.0.0.0:99', '::', '[::]:5', '*'])
      expect(() => readListen(text, nics)).toThrow(expect.objectContaining({ code: 'PEER_LISTEN_FAILED' }) as Error);
    for (const text of ['wan', 'node2.example'])
      expect(() => readListen(text, nics)).toThrow(
        expect.objectContaining({ code: 'PEER_ADDRESS_MALFORMED' }) as Error,
      );
  });
});

describe('an address that a peer tells', () => {
  const at = (address: string, port = 23_343) => ({ address, port });
  it.each([
    ['as it is', [at('10.0.0.2'), at('fd00::2'), at('node2')], [], [at('10.0.0.2'), at('fd00::2'), at('node2')]],
    ['link-local with the zone of this server', [at('fe80::2%eth0')], ['fe80::2%12'], [at('fe80::2%12')]],
    ['link-local not at all where it was never reached', [at('fe80::2%eth0'), at('FE80::3')], ['10.0.0.2'], []],
    [
      'once',
      [at('fe80::2%lan'), at('fe80::2%eth0'), at('fe80::2', 1)],
      ['fe80::2%lan'],
      [at('fe80::2%lan'), at('fe80::2%lan', 1)],
    ],
  ])('is used %s', (_how, told, reached, expected) => expect(usableEndpoints(told, reached)).toEqual(expected));
});

describe('a fingerprint', () => {
  it('is told in words of the list, most significant bits first', () => {
    expect(wordsOf('0000', 1)).toEqual(['abandon']);
    expect(wordsOf('ffff', 1)).toEqual(['zoo']);
    expect(wordsOf('002004', 2)).toEqual(['ability', 'ability']);
    expect(() => wordsOf('ff', 1)).toThrow(RangeError);
    expect(fingerprintWords('00'.repeat(32)).split(' ')).toHaveLength(12);
    expect(fingerprintGroups('0123456789abcdef')).toBe('0123 4567 89AB CDEF');
  });
});

describe('the door', () => {
  it('has room for some of each address, and the oldest of those with the most makes room for the newest', () => {
    let now = 0;
    const limits = { atOnce: 4, atOncePerAddress: 2, perSecondPerAddress: 1, burstPerAddress: 3 };
    const door = new Admission(limits, () => now);
    const evicted: string[] = [];
    const admit = (address: string, name = address) => door.admit(address, () => evicted.push(name));
    const first = admit('a', 'a1');
    expect([first, admit('a', 'a2')].every(Boolean)).toBe(true);
    expect(admit('a')).toBeNull();
    expect([admit('b', 'b1'), admit('b', 'b2')].every(Boolean)).toBe(true);
    expect(admit('c', 'c1')).not.toBeNull();
    expect(evicted).toEqual(['a1']);
    first?.release();
    expect(door.waiting).toBe(4);
    // Three came from a within the moment: the next has to wait for a second.
    const third = admit('a', 'a3');
    expect(third).not.toBeNull();
    // Of a, b and c only b held two places.
    expect(evicted).toEqual(['a1', 'b1']);
    third?.release();
    expect(admit('a')).toBeNull();
    now = 1_000;
    expect(admit('a', 'a4')).not.toBeNull();
  });

  it('lets the one stand who has shaken hands while a crowd says nothing', () => {
    const limits = { atOnce: 4, atOncePerAddress: 4, perSecondPerAddress: 1, burstPerAddress: 100 };
    const door = new Admission(limits, () => 0);
    const evicted: string[] = [];
    const admit = (address: string) => door.admit(address, () => evicted.push(address));
    // It came first and from the address of the crowd.
    admit('crowd')?.shookHands();
    admit('joiner');
    for (let n = 0; n < 50; n += 1) admit(`crowd${n % 2 ? '' : ' too'}`);
    expect(evicted.length).toBeGreaterThan(40);
    expect(evicted).not.toContain('joiner');
    expect(door.waiting).toBe(4);
    // Where all have shaken hands, one of those with the most goes.
    const busy = new Admission({ ...limits, atOnce: 2 }, () => 0);
    for (const name of ['a', 'a', 'b']) busy.admit(name, () => evicted.push(`busy ${name}`))?.shookHands();
    expect(evicted.slice(-1)).toEqual(['busy a']);
  });

  it('remembers so many addresses and no more', () => {
    const door = new Admission({ atOnce: 8, atOncePerAddress: 2, perSecondPerAddress: 1, burstPerAddress: 3 }, () => 0);
    for (let n = 0; n < 20_000; n += 1) door.admit(`address ${n}`, () => undefined)?.release();
    expect(door.remembered).toBeLessThanOrEqual(4_096);
  });
});

describe('values by number', () => {
  it('are those that were added and not deleted, as a Map has them', () => {
    const ours = new Numbered<string>();
    const map = new Map<number, string>();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(12), fc.boolean())), (acts) => {
        ours.clear();
        map.clear();
        for (const [number, isAdding] of acts) {
          if (!isAdding) {
            ours.delete(number);
            map.delete(number);
          } else if (!ours.has(number)) {
            ours.add(number, `value ${number}`);
            map.set(number, `value ${number}`);
          }
          expect(ours.get(number)).toBe(map.get(number));
        }
        expect(ours.size).toBe(map.size);
        expect(new Map(ours.entries())).toEqual(map);
      }),
    );
  });
});

describe('frames', () => {
  const notice = (text: string): Message => ({ jsonrpc: '2.0', method: 'x', params: { text } });
  const tap = () => {
    const chunks: Buffer[] = [];
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    });
    return { stream, chunks };
  };
  const listen = (stream: Duplex, onMessage: (message: Message) => void) => {
    const nothing = (): void => undefined;
    return new FrameReader(stream, peerLimits, { onBytes: nothing, onBroken: nothing, onEnd: nothing, onMessage });
  };
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  it('of one turn leave in one piece and in their order, and at once when they are many', async () => {
    const { stream, chunks } = tap();
    const writer = new FrameWriter(stream, peerLimits, () => undefined);
    for (const text of ['one', 'zwei ä', '三']) writer.write(notice(text));
    await nextTurn();
    expect(chunks).toEqual([Buffer.concat(['one', 'zwei ä', '三'].map((text) => frameOf(notice(text))))]);
    writer.write(notice('x'.repeat(70_000)));
    expect(chunks).toHaveLength(2);
    writer.write(notice('last'));
    writer.end();
    expect(chunks[2]).toEqual(frameOf(notice('last')));
    // Nothing follows an end, and nobody has to ask for it first: who waits for an answer is told by the end of the stream.
    writer.write(notice('late'));
    writer.flush();
    expect(chunks).toHaveLength(3);
  });

  it('that are too long are not sent: of an answer the asking side is told, of anything else who sends it', () => {
    const { stream, chunks } = tap();
    const writer = new FrameWriter(stream, { maxMessageBytes: 100 }, () => undefined);
    expect(() => writer.write(notice('x'.repeat(200)))).toThrow(TooLongError);
    writer.write({ jsonrpc: '2.0', id: 7, result: 'x'.repeat(200) });
    writer.flush();
    const error = { code: -32_051, message: 'a message of 236 bytes is too long' };
    expect(chunks).toEqual([frameOf({ jsonrpc: '2.0', id: 7, error })]);
  });

  it('of a question come after those who waited for the answer before it went on', async () => {
    const { stream } = tap();
    const order: string[] = [];
    listen(stream, (message) => {
      if (!('id' in message)) return void order.push('question');
      order.push('answer');
      void Promise.resolve().then(async () => {
        for (let steps = 0; steps < 20; steps += 1) await Promise.resolve();
        order.push('went on');
      });
    });
    stream.push(Buffer.concat([frameOf({ jsonrpc: '2.0', id: 1, result: null }), frameOf(notice('x'))]));
    for (let turns = 0; order.length < 3 && turns < 1_000; turns += 1) await nextTurn();
    expect(order).toEqual(['answer', 'went on', 'question']);
  });

  it('are handed over 32 in a turn, so that others of the process have theirs', async () => {
    const { stream } = tap();
    const heard: unknown[] = [];
    listen(stream, (message) => heard.push(message));
    stream.push(Buffer.concat(Array.from({ length: 70 }, (_, at) => frameOf(notice(String(at))))));
    let turns = 0;
    let most = 0;
    for (let before = 0; heard.length < 70 && turns < 1_000; turns += 1) {
      await nextTurn();
      most = Math.max(most, heard.length - before);
      before = heard.length;
    }
    expect(heard).toHaveLength(70);
    expect(most).toBe(32);
  });
});

describe('what waits for an answer', () => {
  it('is told once when its deadline is over, the earliest first, with one timer', () => {
    vi.useFakeTimers();
    try {
      const deadlines = new Deadlines();
      const late: number[] = [];
      for (const [call, ms] of [
        [1, 300],
        [2, 100],
        [3, 200],
        [4, 50],
      ] as const)
        deadlines.set(call, ms, () => late.push(call));
      expect(vi.getTimerCount()).toBe(1);
      deadlines.delete(4);
      vi.advanceTimersByTime(99);
      expect(late).toEqual([]);
      vi.advanceTimersByTime(120);
      expect(late).toEqual([2, 3]);
      deadlines.set(5, 10, () => late.push(5));
      vi.advanceTimersByTime(20);
      expect(late).toEqual([2, 3, 5]);
      deadlines.clear();
      vi.advanceTimersByTime(1_000);
      expect(late).toEqual([2, 3, 5]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a sign of life', () => {
  it('of many connections costs one timer, and none when the last has ended', () => {
    vi.useFakeTimers();
    try {
      const beats: string[] = [];
      const stops = ['a', 'b', 'c'].map((name) => onBeat(1_000, () => beats.push(name)));
      const stopSlow = onBeat(5_000, () => beats.push('slow'));
      expect(vi.getTimerCount()).toBe(2);
      vi.advanceTimersByTime(1_000);
      stops[1]?.();
      stops[1]?.();
      vi.advanceTimersByTime(4_000);
      expect(beats.join('')).toBe(`abc${'ac'.repeat(4)}slow`);
      stops[0]?.();
      stops[2]?.();
      stopSlow();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('follows the last word after one and a half beats at the latest, and silence ends the connection at the next beat', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const said: number[] = [];
      const stream = new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, done) => {
          said.push(performance.now() - begun);
          done();
        },
      });
      const begun = performance.now();
      const channel = new Channel(stream, { peer: 'B', limits: peerLimits, onCall: async () => null });
      const { heartbeatMs, silenceMs } = peerLimits;
      const pass = async (ms: number): Promise<void> => {
        vi.advanceTimersByTime(ms);
        for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      };
      // The worst moment to have said something: just so late that the next beat says nothing.
      const word = heartbeatMs / 2 + 50;
      await pass(word);
      void channel.call('asks', 1, { deadlineMs: null }).catch(() => undefined);
      await pass(0);
      await pass(heartbeatMs - word);
      await pass(heartbeatMs);
      expect(said).toEqual([word, 2 * heartbeatMs]);
      await pass(silenceMs - 2 * heartbeatMs);
      expect(channel.isOpen).toBe(true);
      await pass(3 * heartbeatMs - silenceMs);
      expect(channel.isOpen).toBe(false);
      expect(await channel.closed).toBe('nothing was heard from the other side for 7.5 s');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('trying again', () => {
  it('waits twice as long each time, to a limit, and from the start after a success', () => {
    const backOff = new BackOff({ firstMs: 100, mostMs: 500, random: () => 0.5 });
    expect([1, 2, 3, 4, 5].map(() => backOff.next())).toEqual([100, 200, 400, 500, 500]);
    backOff.reset();
    expect(backOff.next()).toBe(100);
    expect(new BackOff({ firstMs: 100, mostMs: 500, random: () => 0 }).next()).toBe(75);
  });
});

describe('the book of peers', () => {
  it('is never taken for empty when it is damaged', () => {
    for (const text of ['', '{', '{"version":1}', '{"version":2,"peers":[],"notices":[],"listen":[]}'])
      expect(() => new PeerBook(memoryFiles({ 'peers.json': text })).all()).toThrow(
        expect.objectContaining({ code: 'PEER_BOOK_DAMAGED' }) as Error,
      );
    expect(new PeerBook(memoryFiles()).all()).toEqual([]);
  });
});

it('uses the newest protocol that both speak', () => {
  expect(commonProtocol([1, 7])).toBe(1);
  expect(commonProtocol([7])).toBeNull();
});

it('tells others a name that is no trick', () => {
  expect(presentableName('NODE1')).toBe('NODE1');
  expect(presentableName('a\u202eb')).toBe('a-b');
  expect(presentableName('')).toBe('server');
  expect(presentableName('x'.repeat(100))).toHaveLength(63);
});
