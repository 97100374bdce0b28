import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { keptHere, surveyClaims } from '../../../main/operations/peers/claims.ts';
import { clockOf } from '../../../main/operations/peers/consistency.ts';
import { answered, chosenOf } from '../../../main/operations/peers/group.ts';
import { groupOf } from '../../../main/peer/group.ts';
import { seenHere } from '../../../main/operations/peers/luns.ts';
import type { Ports } from '../../../main/ports/ports.ts';
import { failure } from '../../../shared/errors/failure.ts';

describe('a server and those that are paired with it', () => {
  const asked: unknown[] = [];
  const group = groupOf({
    name: 'NODE1',
    here: async (method, input) => void asked.push(['here', method, input]),
    paired: [{ fingerprint: 'ab'.repeat(32), name: 'NODE2' }],
    peers: { call: async (peer, method, input, options) => void asked.push([peer, method, input, options]) },
  });
  const [here, other] = [group[0]!, group[1]!];

  it('are asked each through its own core', async () => {
    await here.call('luns.seen', { portals: [] });
    const { signal } = new AbortController();
    await other.call('luns.seen', { portals: [] }, signal);
    expect(asked).toEqual([
      ['here', 'luns.seen', { portals: [] }],
      [other.id, 'luns.seen', { portals: [] }, { signal }],
    ]);
    expect(group.map(({ name }) => name)).toEqual(['NODE1', 'NODE2']);
  });

  it('are chosen by their ids, in their own order', () => {
    expect(chosenOf(group, [])).toEqual(group);
    expect(chosenOf(group, [other.id, 'local'])).toEqual(group);
    expect(chosenOf(group, [other.id])).toEqual([other]);
    expect(() => chosenOf(group, ['p9'])).toThrow(expect.objectContaining({ code: 'PEER_UNKNOWN' }) as Error);
  });

  it('say why they do not answer; a bug and what was cancelled go on', async () => {
    const schema = z.object({ a: z.number() });
    const away = failure('HOST_UNREACHABLE', { server: 'NODE2', reason: 'it is off' });
    expect(await answered(Promise.resolve({ a: 1 }), schema)).toEqual({ answer: { a: 1 }, because: null });
    expect(await answered(Promise.resolve({ b: 1 }), schema)).toEqual({
      answer: null,
      because: 'it answered in no form that this version knows',
    });
    expect(await answered(Promise.reject(away), schema)).toMatchObject({
      answer: null,
      because: expect.stringContaining('[HOST_UNREACHABLE]') as string,
    });
    await expect(answered(Promise.reject(new TypeError('a bug')), schema)).rejects.toThrow('a bug');
    await expect(answered(Promise.reject(away), schema, AbortSignal.abort())).rejects.toBe(away);
  });
});

describe('promises', () => {
  it('of another server that does not answer are told as that; our own that cannot be read are a failure', async () => {
    const away = failure('HOST_UNREACHABLE', { server: 'NODE2', reason: 'it is off' });
    const ours = { id: 'local', name: 'NODE1', call: async () => ({ claims: [] }) };
    const theirs = { id: 'p2', name: 'NODE2', call: () => Promise.reject(away) };
    expect(await surveyClaims([ours, theirs])).toMatchObject([
      { id: 'local', claims: [], because: null },
      { id: 'p2', claims: null, because: expect.stringContaining('[HOST_UNREACHABLE]') as string },
    ]);
    await expect(surveyClaims([{ ...ours, call: () => Promise.reject(away) }])).rejects.toBe(away);
  });

  it.each([
    ['no disk of this identity', [], null],
    [
      'one path online',
      [
        { uniqueId: 'd', isOffline: true },
        { uniqueId: 'd', isOffline: false },
      ],
      false,
    ],
    [
      'all offline',
      [
        { uniqueId: 'd', isOffline: true },
        { uniqueId: 'x', isOffline: false },
      ],
      true,
    ],
  ])('rest on what Windows shows: %s', async (_what, disks, isOffline) => {
    const ports = {
      disks: { readPolicy: async () => ({ sanPolicy: 'OfflineShared' }), list: async () => disks },
      initiator: { readState: async () => ({ sessions: [], favourites: null }) },
    } as unknown as Ports;
    expect(await keptHere(ports, 'd', new AbortController().signal)).toEqual({
      sanPolicy: 'OfflineShared',
      isOffline,
      hasSession: false,
      hasFavorite: null,
    });
  });
});

describe('what a server sees of LUNs', () => {
  const portals = [{ address: '10.0.3.50', port: 3260 }];

  it('is nothing without Windows and without a portal, and it says what to do', async () => {
    const own = { addresses: () => [], discover: async () => ({ targets: [] }) };
    const { paths } = await seenHere([], { windows: null, own });
    expect(paths).toMatchObject([{ units: null, because: expect.stringContaining('--portal') as string }]);
    expect((await seenHere(portals, { windows: null, own })).paths).toMatchObject([
      { portal: '10.0.3.50:3260', because: 'it has no address in the subnet of the portal' },
    ]);
  });

  it('is told by its own sessions where it is simulated', async () => {
    const { paths } = await seenHere(portals, { windows: async () => [] as never, own: null });
    expect(paths).toMatchObject([
      { portal: '10.0.3.50:3260', because: expect.stringContaining('simulated') as string },
    ]);
  });
});

describe('the clock of another server', () => {
  it('is known only where the connection measured it', () => {
    expect(clockOf(undefined)).toBeNull();
    expect(clockOf({ clockOffsetMs: null, clockToleranceMs: 3 })).toBeNull();
    expect(clockOf({ clockOffsetMs: 0, clockToleranceMs: null })).toEqual({ offsetMs: 0, toleranceMs: 0 });
  });
});
