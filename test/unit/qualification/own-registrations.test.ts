import { afterEach, describe, expect, it, vi } from 'vitest';
import { type KeyNote, type KeyNotes } from '../../../main/qualify/index.ts';
import { memoryKeyNotes } from '../../support/key-notes.ts';
import { Nexus } from '../../../main/qualify/runner/nexus.ts';
import { OwnRegistrations } from '../../../main/qualify/runner/own-registrations.ts';

const target = 'iqn.2026-01.example:array';
const at = new Date('2026-01-02T03:04:05.000Z');
const key = 0x5152415400000001n;

const nexusOf = (name = 'iqn.2026-01.example:one', sourceAddress?: string): Nexus =>
  new Nexus('A', name, { portal: '192.0.2.1:3260', target, ...(sourceAddress === undefined ? {} : { sourceAddress }) });

const open = (notes: KeyNotes = memoryKeyNotes()): { own: OwnRegistrations; notes: KeyNotes } => ({
  own: new OwnRegistrations({ target, lun: 3, notes, now: () => at }),
  notes,
});

const keysOf = async (notes: KeyNotes): Promise<string[]> => (await notes.list()).map((note) => note.key);

afterEach(() => vi.useRealTimers());

describe('a registration', () => {
  it('counts as ours only once it is noted', async () => {
    let write = (): void => undefined;
    const writing = new Promise<void>((resolve) => (write = resolve));
    const noted: KeyNote[] = [];
    const { own } = open({
      ...memoryKeyNotes(),
      add: async (...more) => {
        await writing;
        noted.push(...more);
      },
    });
    const nexus = nexusOf();
    let isDone = false;
    const adding = own.add(nexus, key).then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect({ isDone, list: own.list, wasOurs: own.wasOurs(key) }).toEqual({ isDone: false, list: [], wasOurs: false });
    write();
    await adding;
    expect(noted.map((note) => note.key)).toEqual(['0x5152415400000001']);
    expect(own.list).toEqual([{ nexus, key }]);
    expect(own.wasOurs(key)).toBe(true);
  });

  it('that cannot be noted is not ours', async () => {
    const { own } = open({ ...memoryKeyNotes(), add: () => Promise.reject(new Error('the disk is full')) });
    await expect(own.add(nexusOf(), key)).rejects.toThrow('the disk is full');
    expect(own.list).toEqual([]);
    expect(own.wasOurs(key)).toBe(false);
  });

  it('is noted with everything that it takes to come back as the same nexus, once', async () => {
    const { own, notes } = open();
    const nexus = nexusOf('iqn.2026-01.example:one', '192.0.2.9');
    await own.note([
      { nexus, key },
      { nexus, key },
    ]);
    await own.add(nexus, key);
    await own.add(nexus, key + 2n);
    expect(await notes.list()).toEqual(
      [key, key + 2n].map((one) => ({
        portal: '192.0.2.1:3260',
        sourceIp: '192.0.2.9',
        target,
        lun: 3,
        initiator: 'iqn.2026-01.example:one',
        isid: nexus.isidText,
        key: `0x${one.toString(16)}`,
        since: at.toISOString(),
      })),
    );
  });

  it('is told by nexus and key: the last of a nexus is its current one', async () => {
    const { own } = open();
    const [one, two] = [nexusOf(), nexusOf()];
    await own.add(one, key);
    await own.add(one, key + 2n);
    await own.add(two, key);
    expect([own.currentOf(one), own.currentOf(two)]).toEqual([key + 2n, key]);
    own.forget(one, key + 2n);
    own.forget(two, key + 2n);
    expect([own.currentOf(one), own.currentOf(two)]).toEqual([key, key]);
    expect(own.wasOurs(key + 2n)).toBe(true);
  });
});

describe('notes', () => {
  it('of what is gone go at the end, those of what is left stay', async () => {
    const { own, notes } = open();
    const nexus = nexusOf();
    await own.add(nexus, key);
    await own.add(nexus, key + 2n);
    own.forget(nexus, key);
    await own.settleNotes();
    expect(await keysOf(notes)).toEqual(['0x5152415400000003']);
  });

  it('of others are none of ours', async () => {
    const { own, notes } = open();
    const nexus = nexusOf();
    const foreign = {
      portal: '192.0.2.1:3260',
      target,
      lun: 3,
      initiator: nexus.name,
      isid: '80ffffffffff',
      key: '0x5152415400000001',
      since: at.toISOString(),
    };
    await notes.add(foreign);
    await own.add(nexus, key);
    own.forget(nexus, key);
    await own.settleNotes();
    expect(await notes.list()).toEqual([foreign]);
  });

  it('of a reservation that stays without its key stay too', async () => {
    const { own, notes } = open();
    const nexus = nexusOf();
    await own.add(nexus, key);
    own.forget(nexus, key);
    own.keepNoteOf({ nexus, key });
    await own.settleNotes();
    expect(await keysOf(notes)).toEqual(['0x5152415400000001']);
  });

  it('of a run are few: what belongs together is noted together, with one momentary key', async () => {
    let writes = 0;
    const inner = memoryKeyNotes();
    const { own } = open({ ...inner, add: (...more) => ((writes += 1), inner.add(...more)) });
    const nexuses = Array.from({ length: 64 }, () => nexusOf());
    await own.noteWithMomentary(nexuses.map((nexus, index) => ({ nexus, key: key + BigInt(2 * index) })));
    for (const [index, nexus] of nexuses.entries()) await own.add(nexus, key + BigInt(2 * index));
    const momentary = nexuses.map((nexus) => own.momentaryOf(nexus));
    for (const one of momentary) await one.add(one.key ?? 0n);
    expect(writes).toBe(1);
    expect(new Set(momentary.map((one) => one.key)).size).toBe(1);
    expect((await inner.list()).length).toBe(128);
  });
});

describe('a look', () => {
  it('keeps what the device still shows', async () => {
    const { own } = open();
    const nexus = nexusOf();
    await own.add(nexus, key);
    await own.add(nexus, key + 2n);
    own.keepShown([key + 2n, 0xabcdn]);
    expect([...own.keys]).toEqual([key + 2n]);
  });

  it('that showed nobody is as good as new for a moment only', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { own } = open();
    expect(own.isJustSeenFree).toBe(false);
    own.seeFree(true);
    expect(own.isJustSeenFree).toBe(true);
    vi.advanceTimersByTime(49);
    expect(own.isJustSeenFree).toBe(true);
    vi.advanceTimersByTime(1);
    expect(own.isJustSeenFree).toBe(false);
  });

  it('that showed somebody is no such look, and neither is one before an own registration', async () => {
    const { own } = open();
    own.seeFree(true);
    own.seeFree(false);
    expect(own.isJustSeenFree).toBe(false);
    own.seeFree(true);
    await own.add(nexusOf(), key);
    expect(own.isJustSeenFree).toBe(false);
  });
});
