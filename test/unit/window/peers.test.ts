import { describe, expect, test } from 'vitest';
import { standingOf } from '../../../renderer/features/peers/standing.ts';
import type { PeerView } from '../../../shared/contract/peers.ts';
import { claimText, clockText, nearbyText, peerMark, peerRemarks } from '../../../shared/rules/peers/peer-words.ts';

const peer = (name: string, part: Partial<PeerView> = {}): PeerView =>
  ({
    id: '0123456789abcdef',
    name,
    state: 'paired',
    changedIdentity: null,
    introducedBy: null,
    isNameShared: false,
    versionSkew: 'same',
    version: '1.0.0',
    words: 'apple anchor',
    link: { state: 'connected', reason: null, clockOffsetMs: null, clockToleranceMs: null },
    ...part,
  }) as PeerView;
const down = { link: { state: 'down', reason: 'ECONNREFUSED' } } as Partial<PeerView>;
const changed = { changedIdentity: { fingerprint: 'f'.repeat(64), at: '', address: '10.0.0.12' } };
const self = { name: 'HV01', copyHeardAt: null };

describe('how a server stands among its peers', () => {
  test('the worst is said: identity, then consent, then connection', () => {
    const all = [peer('HV02', changed), peer('HV03', { state: 'introduced' }), peer('HV04', down)];
    expect(standingOf({ ...self, copyHeardAt: '10.0.0.9' }, all)).toMatchObject({
      outcome: 'fail',
      word: 'Identity copied',
    });
    expect(standingOf(self, all)).toEqual({
      outcome: 'fail',
      word: 'Wrong identity',
      text: 'The identity of HV02 is not the one that was paired.',
    });
    expect(standingOf(self, [peer('HV02', { state: 'cloned' })])).toEqual({
      outcome: 'fail',
      word: 'Identity copied',
      text: 'Two servers show the identity of HV02: one is a copy of the other’s disk.',
    });
    expect(standingOf(self, all.slice(1))).toEqual({
      outcome: 'warn',
      word: 'Consent needed',
      text: 'HV03 was introduced and waits for your consent.',
    });
  });

  test('who is not connected is named, however many there are', () => {
    expect(standingOf(self, []).text).toBe('HV01 is paired with no other server.');
    expect(standingOf(self, [peer('HV02')]).text).toBe('HV01 is connected to HV02.');
    expect(standingOf(self, [peer('HV02'), peer('HV03')])).toMatchObject({
      outcome: 'pass',
      text: 'HV01 is connected to its 2 peers.',
    });
    const unlike = peer('HV02', { versionSkew: 'unlike' });
    expect(standingOf(self, [unlike])).toEqual({
      outcome: 'warn',
      word: 'Another version',
      text: 'HV01 is connected to HV02, which runs another version of Quorate.',
    });
    expect(standingOf(self, [unlike, peer('HV03')]).text).toBe(
      'HV01 is connected to its 2 peers. Another version of Quorate runs on HV02.',
    );
    expect(standingOf(self, [peer('HV02', down)]).text).toBe('HV01 is not connected to HV02.');
    expect(standingOf(self, [peer('HV02'), peer('HV03', down)])).toEqual({
      outcome: 'warn',
      word: '1 not connected',
      text: 'HV01 is not connected to HV03 (1 of 2 peers).',
    });
  });
});

describe('the words about peers', () => {
  test('an identity that changed is louder than any state of the connection', () => {
    expect(peerMark(peer('HV02', changed)).outcome).toBe('fail');
    expect(peerMark(peer('HV02', { state: 'cloned' })).outcome).toBe('fail');
    expect(peerMark(peer('HV02', { state: 'introduced' })).outcome).toBe('warn');
    expect(peerMark(peer('HV02'))).toEqual({ outcome: 'pass', word: 'Connected' });
    expect(peerMark(peer('HV02', down))).toEqual({ outcome: 'fail', word: 'Not connected' });
  });

  test('what a person has to know is said once each', () => {
    expect(peerRemarks(peer('HV02'))).toEqual([]);
    expect(peerRemarks(peer('HV02', { ...down, isNameShared: true, versionSkew: 'unlike' }))).toHaveLength(3);
    expect(peerRemarks(peer('HV02', changed))[0]).toContain('10.0.0.12');
  });

  test('who introduced a server is named, not numbered', () => {
    const introduced = peer('HV03', { state: 'introduced', introducedBy: 'da01451e23a9781b' });
    expect(peerRemarks(introduced, new Map([['da01451e23a9781b', 'HV02']]))[0]).toContain('introduced by HV02.');
  });

  test('a clock that was not measured is no clock that is right', () => {
    expect(clockText({ clockOffsetMs: null, clockToleranceMs: null })).toBeNull();
    expect(clockText({ clockOffsetMs: -0.2, clockToleranceMs: 1 })).toBe('+0.000 s ± 0.001 s');
    expect(clockText({ clockOffsetMs: -1_500, clockToleranceMs: 20 })).toBe('-1.500 s ± 0.020 s');
  });

  test('a remark stands before the relation, and a promise names its writer', () => {
    expect(nearbyText({ remark: null, relation: 'stranger' })).toBe('');
    expect(nearbyText({ remark: 'Another server has the same name.', relation: 'peer' })).toContain('same name');
    const writer = 'ab'.repeat(32);
    const claim = { kind: 'promised', writer, go: '0'.repeat(16) } as const;
    expect(claimText({ claim, writerName: 'HV02' })).toBe('promised to HV02');
    expect(claimText({ claim, writerName: null })).toBe(`promised to ${writer.slice(0, 16)}`);
  });
});
