import { describe, expect, it } from 'vitest';
import { clearOwnKeys } from '../../../main/operations/qualification/clear-own-keys.ts';
import { inspectTarget } from '../../../main/operations/qualification/inspect-target.ts';
import { type KeyNote } from '../../../main/qualify/index.ts';
import { memoryKeyNotes } from '../../support/key-notes.ts';
import { type Nexus } from '../../../main/rehearsal/store/index.ts';
import { reserveOut } from '../../support/reserve-request.ts';
import { swallowing, makeLie, lyingIn, type LyingDevice } from '../../support/lying-device.ts';
import { nodeName, startQualified, type QualifiedTarget } from '../../support/qualification.ts';

/* The keys of earlier runs, taken back by the operation: as whom it logs on, and what it sends. */

const isid = '80aabbccdd01';
const key = 0x5152415400000001n;
const stranger: Nexus = { initiatorName: 'iqn.2026-01.example:stranger', isid: '400001370001', portalGroupTag: 1 };
const own: Nexus = { initiatorName: nodeName, isid, portalGroupTag: 1 };

const server = { ownName: () => Promise.resolve(nodeName), addresses: () => [] };
const noteOf = (target: QualifiedTarget, more: Partial<KeyNote> = {}): KeyNote => ({
  portal: `${target.host}:${target.port}`,
  target: target.name,
  lun: 1,
  initiator: nodeName,
  isid,
  key: `0x${key.toString(16)}`,
  since: '2026-01-01T00:00:00.000Z',
  ...more,
});

const unitOf = (target: QualifiedTarget): NonNullable<ReturnType<QualifiedTarget['store']['get']>> => {
  const unit = target.store.get(1);
  if (!unit) throw new Error('no LUN 1');
  return unit;
};

const chapOf = (target: QualifiedTarget): object => {
  const { chap } = target.settings().access;
  return chap ? { chap: { user: chap.name, secret: String(chap.secret) } } : {};
};

const clear = (target: QualifiedTarget, notes: ReturnType<typeof memoryKeyNotes>): ReturnType<typeof clearOwnKeys> =>
  clearOwnKeys(chapOf(target), server, notes, new AbortController().signal);

const actionsOf = (device: LyingDevice): string[] => device.seen.flatMap(({ out }) => (out ? [out.action] : []));
const logons = (target: QualifiedTarget): string[] =>
  target.events.flatMap((event) =>
    event.kind === 'login' && event.isid !== '400001370000' ? [`${event.initiatorName} ${event.isid}`] : [],
  );

describe.each(lyingIn)('the keys of an earlier run (%s)', (kind) => {
  it('are unregistered by the very nexus that registered them: no PREEMPT, no CLEAR, no other ISID', async () => {
    const target = await startQualified(kind);
    const device = makeLie(target, {}, { oneName: kind === 'guarded' });
    unitOf(target).persistentReserveOut(own, reserveOut({ action: 'register', actionKey: key }));
    unitOf(target).persistentReserveOut(own, reserveOut({ action: 'reserve', key, type: 5 }));
    unitOf(target).persistentReserveOut(stranger, reserveOut({ action: 'register', actionKey: 0xabcdn }));
    const notes = memoryKeyNotes();
    await notes.add(noteOf(target));
    expect(await clear(target, notes)).toEqual({ removed: [noteOf(target)], gone: [], left: [], excluded: [] });
    expect(logons(target)).toEqual([`${nodeName} ${isid}`]);
    expect(actionsOf(device)).toEqual(['release', 'register']);
    expect(unitOf(target).reservations).toMatchObject({
      registrations: [{ nexus: stranger, key: 0xabcdn }],
      reservation: null,
    });
    expect(await notes.list()).toEqual([]);
  });

  it('that are gone cost a question, and their note', async () => {
    const target = await startQualified(kind);
    const notes = memoryKeyNotes();
    await notes.add(noteOf(target));
    expect(await clear(target, notes)).toMatchObject({ removed: [], gone: [noteOf(target)], left: [] });
    expect(await notes.list()).toEqual([]);
  });

  it('that the device keeps whatever is sent are told with their note, which stays', async () => {
    const target = await startQualified(kind);
    makeLie(target, swallowing(({ action }) => action !== 'release')(), { oneName: kind === 'guarded' });
    unitOf(target).persistentReserveOut(own, reserveOut({ action: 'register', actionKey: key }));
    const notes = memoryKeyNotes();
    await notes.add(noteOf(target));
    const cleared = await clear(target, notes);
    expect(cleared.removed).toEqual([]);
    expect(cleared.left).toMatchObject([{ ...noteOf(target), because: 'the device still shows the key' }]);
    expect((await notes.list()).map((note) => note.key)).toContain(noteOf(target).key);
    expect(unitOf(target).reservations.registrations).toHaveLength(1);
  });
});

describe.each(lyingIn)('what is read of a LUN with two registrants (%s)', (kind) => {
  it.each([0, 1])('names the one that holds, whichever registered first (%i)', async (holder) => {
    const target = await startQualified(kind);
    const registrants = [stranger, { ...stranger, initiatorName: 'iqn.2026-01.example:another' }];
    const unit = unitOf(target);
    for (const [at, nexus] of registrants.entries())
      unit.persistentReserveOut(nexus, reserveOut({ action: 'register', actionKey: BigInt(0xa0 + at) }));
    const holds = registrants[holder] ?? stranger;
    unit.persistentReserveOut(holds, reserveOut({ action: 'reserve', key: BigInt(0xa0 + holder), type: 6 }));
    const inspection = await inspectTarget(
      {
        portal: `${target.host}:${target.port}`,
        target: target.name,
        lun: 1,
        initiator: nodeName,
        ...chapOf(target),
      },
      server,
      { signal: new AbortController().signal, progress: () => undefined },
    );
    const [lun] = inspection.luns;
    expect(lun?.reservation).toMatchObject({
      key: `0x00000000000000a${holder}`,
      type: 'Exclusive Access - Registrants Only (6)',
      holder: `${holds.initiatorName} (ISID 400001370001)`,
    });
    expect(lun?.keys).toEqual(['0x00000000000000a0', '0x00000000000000a1']);
  });
});
