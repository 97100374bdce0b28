import packet, { type Answer, type Question } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  announcement,
  goodbye,
  isInSubnet,
  legacyReply,
  readResponse,
  replyTo,
  serviceType,
  type Announced,
} from '../../../main/peer/discovery/records.ts';

const nic = { address: '10.0.0.5', netmask: '255.255.255.0' };
const announced: Announced = {
  id: '0123456789abcdef',
  name: 'NODE1',
  version: '1.2.3',
  protocols: [1],
  port: 23_343,
  isInviting: true,
  run: 'aabbccddeeff0011',
};
const ask = (name: string, type: Question['type']): Question[] => [{ name, type }];
const over = (answers: readonly Answer[]): Answer[] =>
  packet.decode(packet.encode({ type: 'response', answers: [...answers] })).answers ?? [];

describe('what is announced', () => {
  it('is read back by another server, from the address that the packet came from', () => {
    const { sightings, incomplete } = readResponse(over(announcement(announced, nic).answers), '10.0.0.9', nic);
    expect(incomplete).toEqual([]);
    expect(sightings).toEqual([
      {
        id: announced.id,
        name: 'NODE1',
        version: '1.2.3',
        protocols: [1],
        isInviting: true,
        run: announced.run,
        address: '10.0.0.9',
        port: 23_343,
        heardOn: '10.0.0.5',
        isLeaving: false,
      },
    ]);
  });

  it('names the address of its own NIC and no other', () => {
    const a = announcement(announced, nic).answers.filter(({ type }) => type === 'A');
    expect(a).toHaveLength(1);
    expect(a[0]).toMatchObject({ data: '10.0.0.5', ttl: 120, flush: true });
  });

  it('is taken back at the end', () => {
    const { sightings } = readResponse(over(goodbye(announced, nic).answers), '10.0.0.9', nic);
    expect(sightings[0]?.isLeaving).toBe(true);
  });

  it('fits into labels of DNS, whatever the computer is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 63 }), (name) => {
        expect(() => over(announcement({ ...announced, name }, nic).answers)).not.toThrow();
      }),
    );
  });
});

describe('a question', () => {
  it('for the service is answered with all that there is to know', () => {
    const reply = replyTo(ask(serviceType, 'PTR'), [], announced, nic);
    expect(reply?.answers.map(({ type }) => type)).toEqual(['PTR']);
    expect(reply?.additionals.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A']);
  });

  it('for the types of services names ours (RFC 6763, 9)', () => {
    const reply = replyTo(ask('_services._dns-sd._udp.local', 'PTR'), [], announced, nic);
    expect(reply?.answers).toMatchObject([{ type: 'PTR', data: serviceType }]);
  });

  it('for something else is not answered', () => {
    for (const question of [ask('_http._tcp.local', 'PTR'), ask('NODE1.local', 'A'), ask(serviceType, 'A'), []])
      expect(replyTo(question, [], announced, nic)).toBeNull();
  });

  it('of somebody who knows the answer is not answered (RFC 6762, 7.1)', () => {
    const [ptr] = announcement(announced, nic).answers as [Answer];
    expect(replyTo(ask(serviceType, 'PTR'), [ptr], announced, nic)).toBeNull();
    expect(replyTo(ask(serviceType, 'PTR'), [{ ...ptr, ttl: 100 } as Answer], announced, nic)).not.toBeNull();
  });

  it('of a resolver that knows no multicast is answered for ten seconds (RFC 6762, 6.7)', () => {
    const reply = replyTo(ask(serviceType, 'PTR'), [], announced, nic);
    const plain = legacyReply(reply!);
    for (const answer of [...plain.answers, ...plain.additionals])
      expect(answer).toMatchObject({ ttl: 10, flush: false });
  });
});

describe('a response of somebody else', () => {
  const instance = `X.${serviceType}`;
  const srv: Answer = { type: 'SRV', name: instance, ttl: 120, data: { target: 'x.local', port: 7 } };
  const txt = (lines: string[]): Answer => ({ type: 'TXT', name: instance, ttl: 120, data: lines });

  it('without its place or its text is asked about', () => {
    const ptr: Answer = { type: 'PTR', name: serviceType, ttl: 120, data: instance };
    expect(readResponse(over([ptr]), '10.0.0.9', nic).incomplete).toEqual([instance.toLowerCase()]);
    expect(readResponse(over([srv]), '10.0.0.9', nic).incomplete).toEqual([instance.toLowerCase()]);
  });

  it.each([
    ['no text', []],
    ['a name that is no name', ['id=0123456789abcdef', 'name=\u001b[2J', 'v=1']],
    ['an identity that is none', ['id=xyz', 'name=A', 'v=1']],
    ['no version', ['id=0123456789abcdef', 'name=A']],
  ])('with %s is no server', (_what, lines) => {
    expect(readResponse(over([srv, txt(lines)]), '10.0.0.9', nic).sightings).toEqual([]);
  });

  it('counts the first of a key (RFC 6763, 6.4)', () => {
    const lines = ['id=0123456789abcdef', 'name=A', 'v=1', 'name=B'];
    expect(readResponse(over([srv, txt(lines)]), '10.0.0.9', nic).sightings[0]?.name).toBe('A');
  });

  it('is read without failing, whatever bytes it has', () => {
    const whole = packet.encode({ type: 'response', answers: announcement(announced, nic).answers });
    const damaged = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          let decoded: packet.DecodedPacket;
          try {
            decoded = packet.decode(bytes);
          } catch {
            return;
          }
          const records = [...(decoded.answers ?? []), ...(decoded.additionals ?? [])];
          const { sightings } = readResponse(records, '10.0.0.9', nic);
          for (const sighting of sightings)
            expect(sighting).toMatchObject({ address: '10.0.0.9', heardOn: '10.0.0.5' });
          replyTo(decoded.questions ?? [], decoded.answers ?? [], announced, nic);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('a subnet', () => {
  it.each([
    ['10.0.0.200', true],
    ['10.0.1.1', false],
    ['fe80::1', false],
    ['nonsense', false],
  ])('of 10.0.0.5/24 holds %s: %s', (address, is) => expect(isInSubnet(address, nic)).toBe(is));
});
