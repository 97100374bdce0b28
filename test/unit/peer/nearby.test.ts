import { describe, expect, it } from 'vitest';
import { explain, Failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { describeNearby } from '../../../main/peer/describe.ts';
import type { Sighting } from '../../../main/peer/discovery/records.ts';
import { refusalFailure } from '../../../main/peer/pairing/join.ts';
import type { PeerService } from '../../../main/peer/service.ts';
import { protocols } from '../../../main/peer/talk.ts';

const me = { identity: { id: 'a'.repeat(16) }, name: 'NODE1', run: 'r1' };
const service = { me, book: { byId: () => undefined } } as unknown as PeerService;
const seen = (changes: Partial<Sighting>): Sighting => ({
  id: 'b'.repeat(16),
  name: 'NODE2',
  version: '1.2.3',
  protocols: [...protocols],
  isInviting: false,
  run: 'r2',
  address: '10.0.0.2',
  port: 23_343,
  heardOn: '10.0.0.1',
  isLeaving: false,
  ...changes,
});

describe('servers nearby', () => {
  it.each([
    ['one alone', [seen({})], [null]],
    [
      'two of one name',
      [seen({}), seen({ id: 'c'.repeat(16), name: 'node2' })],
      [/same name; the identity tells/, /same name/],
    ],
    ['one with the name of this server', [seen({ name: 'NODE1' })], [/same name/]],
    [
      'two of one identity',
      [seen({}), seen({ run: 'r3', address: '10.0.0.3' })],
      [/copy of the other’s disk/, /copy of/],
    ],
    [
      'one with the identity of this server',
      [seen({ id: me.identity.id })],
      [/this server’s own identity: one of the two is a copy/],
    ],
    ['this server itself', [seen({ id: me.identity.id, run: me.run })], []],
    ['one of another protocol', [seen({ protocols: [99] })], [/speaks protocol 99, which this version does not/]],
  ])('are told apart and explained: %s', (_what, sightings, remarks) => {
    const told = describeNearby(service, sightings).map(({ remark }) => remark);
    expect(told).toHaveLength(remarks.length);
    remarks.forEach((remark, at) => (remark === null ? expect(told[at]).toBeNull() : expect(told[at]).toMatch(remark)));
  });
});

it('says which versions and protocols do not go together, and what to do', () => {
  const refused = { accepted: false, because: 'version', name: 'OLD', version: '0.1.0', protocols: [99] } as const;
  const error = refusalFailure({ ...refused, protocols: [...refused.protocols] }, '10.0.0.2:23343');
  expect(error).toBeInstanceOf(Failure);
  expect(explain(toEnvelope(error))).toMatchObject({
    code: 'PEER_VERSION_SKEW',
    what: `The Quorate at 10.0.0.2:23343 (version 0.1.0) speaks protocol 99; this one speaks ${protocols.join(', ')}.`,
    next: 'Install the same version of Quorate on both servers.',
  });
});
