import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createLunStore,
  decodeTransportId,
  encodeTransportId,
  uniqueIdOf,
  type Nexus,
} from '../../../main/rehearsal/store/index.ts';
import { createMemoryMedium, openFileMedium, type Medium } from '../../../main/rehearsal/store/medium.ts';
import { Faults } from '../../../main/rehearsal/faults/index.ts';
import { ownReservations, type ReservationHome } from '../../../main/rehearsal/store/reservation-home.ts';
import { identityFromSerial } from '../../../main/rehearsal/store/identity.ts';
import { reserveOut } from '../../support/reserve-request.ts';
import type { StoreChange } from '../../../main/rehearsal/store/lun-store.ts';

const a: Nexus = { initiatorName: 'iqn.2026-01.test:a', isid: '400001370001', portalGroupTag: 1 };
const b: Nexus = { initiatorName: 'iqn.2026-01.test:b', isid: '400001370001', portalGroupTag: 1 };
const mebibyte = 1024n * 1024n;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quorate-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a medium', () => {
  const writes = fc.array(
    fc.record({
      offset: fc.integer({ min: 0, max: 200_000 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
    }),
    { maxLength: 12 },
  );
  const behavesLike = async (medium: Medium, steps: { offset: number; bytes: Uint8Array }[]): Promise<void> => {
    const model = Buffer.alloc(Number(medium.sizeBytes));
    for (const [index, { offset, bytes }] of steps.entries()) {
      if (index % 4 === 3) {
        await medium.unmap(offset, bytes.length);
        model.fill(0, offset, offset + bytes.length);
      } else {
        expect(await medium.write(offset, Buffer.from(bytes))).toBe(true);
        Buffer.from(bytes).copy(model, offset);
      }
    }
    expect((await medium.read(0, model.length)).equals(model)).toBe(true);
    for (const { offset, bytes } of steps) {
      expect((await medium.read(offset, bytes.length)).equals(model.subarray(offset, offset + bytes.length))).toBe(
        true,
      );
    }
  };

  it('in memory gives back what was written, across chunks', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (steps) => behavesLike(createMemoryMedium(256n * 1024n), steps)),
      { numRuns: 50 },
    );
  });

  it('in a file does the same', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(writes, async (steps) => {
        const medium = await openFileMedium(join(folder, `${count++}.img`), 256n * 1024n);
        try {
          await behavesLike(medium, steps);
        } finally {
          await medium.close();
        }
      }),
      { numRuns: 15 },
    );
  });

  it('hands out copies: a later write does not change what was read', async () => {
    const medium = createMemoryMedium(mebibyte);
    await medium.write(0, Buffer.alloc(512, 1));
    const before = await medium.read(0, 512);
    await medium.write(0, Buffer.alloc(512, 2));
    expect(before.every((byte) => byte === 1)).toBe(true);
  });

  it('in memory has a limit, and says no before anything is written', async () => {
    const medium = createMemoryMedium(1024n * mebibyte, 128 * 1024);
    expect(await medium.write(0, Buffer.alloc(128 * 1024, 1))).toBe(true);
    expect(await medium.write(256 * 1024, Buffer.alloc(1, 1))).toBe(false);
    expect(await medium.write(0, Buffer.alloc(64 * 1024, 2))).toBe(true);
    medium.unmap(0, 1024 * 1024 * 1024) as undefined;
    expect(medium.isMapped(0, 1024 * 1024)).toBe(false);
  });

  it('keeps the content and the size of a file that exists, and makes no empty LUN', async () => {
    const path = join(folder, 'old.img');
    await writeFile(path, Buffer.alloc(8192, 7));
    const medium = await openFileMedium(path, mebibyte);
    expect(medium.sizeBytes).toBe(8192n);
    await medium.close();
    expect((await readFile(path)).every((byte) => byte === 7)).toBe(true);
    await expect(openFileMedium(join(folder, 'new.img'))).rejects.toThrow(RangeError);
    await expect(openFileMedium(join(folder, 'none', 'new.img'), mebibyte)).rejects.toThrow(/ENOENT/);
  });

  it('in a new file is sparse', async () => {
    const path = join(folder, 'sparse.img');
    const medium = await openFileMedium(path, 1024n * mebibyte);
    await medium.write(512 * 1024 * 1024, Buffer.alloc(512, 1));
    await medium.close();
    const { size, blocks } = await stat(path);
    expect(size).toBe(1024 * 1024 * 1024);
    expect(blocks).toBeLessThan(200);
  });
});

describe('identity', () => {
  it('follows from the serial number: NAA 3h, the same every time', () => {
    const one = identityFromSerial('QUORATE-1');
    expect(one.naa).toHaveLength(8);
    expect(one.naa.readUInt8(0) >> 4).toBe(3);
    expect(identityFromSerial('QUORATE-1').naa.equals(one.naa)).toBe(true);
    expect(identityFromSerial('QUORATE-2').naa.equals(one.naa)).toBe(false);
    expect(uniqueIdOf(one)).toMatch(/^3[0-9A-F]{15}$/);
  });
});

describe('TransportID', () => {
  it('golden bytes with and without ISID', () => {
    const text = 'iqn.2026-01.test:a';
    expect(encodeTransportId({ initiatorName: text, isid: null }).toString('hex')).toBe(
      `05000014${Buffer.from(text).toString('hex')}0000`,
    );
    const withIsid = encodeTransportId(a);
    expect(withIsid.subarray(0, 4).toString('hex')).toBe('45000024');
    expect(withIsid.toString('ascii', 4, 39)).toBe('iqn.2026-01.test:a,i,0x400001370001');
  });

  it('comes back, and nothing else is taken for one', () => {
    for (const id of [a, { initiatorName: 'iqn.2026-01.test:x', isid: null }]) {
      const bytes = Buffer.concat([Buffer.alloc(3), encodeTransportId(id)]);
      const decoded = decodeTransportId(bytes, 3);
      expect(decoded?.id).toEqual({ initiatorName: id.initiatorName, isid: id.isid });
      expect(decoded?.nextOffset).toBe(bytes.length);
      expect(decodeTransportId(bytes.subarray(0, bytes.length - 1), 3)).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoded = decodeTransportId(Buffer.from(bytes), 0);
        expect(decoded === null || decoded.nextOffset <= bytes.length).toBe(true);
      }),
    );
  });
});

describe('a store that simulated servers and sessions share', () => {
  const register = (key: bigint) => reserveOut({ action: 'register', actionKey: key });

  it('gives every nexus the same bytes and the same reservations', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    const unit = store.get(0)!;
    expect(await unit.write(a, 5n, Buffer.alloc(512, 0x5a))).toEqual({ status: 'good', value: undefined });
    expect(unit.persistentReserveOut(a, register(1n)).status).toBe('good');
    expect(unit.persistentReserveOut(a, reserveOut({ action: 'reserve', key: 1n, type: 5 })).status).toBe('good');
    const read = await unit.read(b, 5n, 1);
    expect(read.status === 'good' && read.value.every((byte) => byte === 0x5a)).toBe(true);
    expect(await unit.write(b, 5n, Buffer.alloc(512))).toEqual({ status: 'reservationConflict' });
    expect(await unit.flush(b)).toEqual({ status: 'reservationConflict' });
    expect(await unit.unmap(b, 5n, 1n)).toEqual({ status: 'reservationConflict' });
    unit.persistentReserveOut(b, register(2n));
    expect((await unit.write(b, 5n, Buffer.alloc(512))).status).toBe('good');
    await store.close();
  });

  it('tells whoever watches, and delivers unit attentions to a nexus that asks', async () => {
    const store = await createLunStore([{ lun: 3, sizeBytes: mebibyte }]);
    const seen: StoreChange[] = [];
    store.watch((change) => seen.push(change));
    const unit = store.get(3)!;
    unit.persistentReserveOut(a, register(1n));
    unit.persistentReserveOut(b, register(2n));
    unit.persistentReserveOut(b, reserveOut({ action: 'clear', key: 2n }));
    expect(seen.map((one) => [one.lun, one.kind, one.kind === 'reservations' ? one.action : one.sense])).toEqual([
      [3, 'reservations', 'register'],
      [3, 'reservations', 'register'],
      [3, 'reservations', 'clear'],
      [3, 'unitAttention', 'reservationsPreempted'],
    ]);
    expect(unit.unitAttentions.take(a)).toMatchObject({ asc: 0x2a, ascq: 0x03 });
    expect(unit.unitAttentions.take(a)).toBeNull();
    await store.close();
  });

  it('keeps its reservations where it is told to, whole or divided, and sees what others change there', async () => {
    const home = ownReservations();
    const writers: (string | null)[] = [];
    const kept: ReservationHome = {
      read: () => home.read(),
      write: (state, by) => {
        writers.push(by?.initiatorName ?? null);
        home.write(state, by);
      },
    };
    const faults = new Faults();
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte, reservations: kept }], faults);
    const unit = store.get(0)!;
    unit.persistentReserveOut(a, register(1n));
    expect(home.read().registrations.map(({ key }) => key)).toEqual([1n]);
    expect(writers).toEqual([a.initiatorName]);
    // Somebody else takes everything away.
    home.write({ ...home.read(), registrations: [] }, null);
    expect(unit.keyOf(a)).toBeNull();

    faults.add('reservations-per-portal');
    const second = { ...a, portalGroupTag: 2 };
    unit.persistentReserveOut(a, register(1n));
    unit.persistentReserveOut(second, register(2n));
    expect(unit.reservationsAt(1).registrations.map(({ key }) => key)).toEqual([1n]);
    expect(home.read().registrations.map(({ key }) => key)).toEqual([1n, 2n]);
    home.write({ ...home.read(), registrations: home.read().registrations.slice(1) }, null);
    expect(unit.reservationsAt(1).registrations).toEqual([]);
    expect(unit.reservationsAt(2).registrations.map(({ key }) => key)).toEqual([2n]);
    await store.close();
  });

  it('survives as JSON: a world that is stopped and started again has the same reservations', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    const unit = store.get(0)!;
    unit.persistentReserveOut(a, register((1n << 64n) - 1n));
    unit.persistentReserveOut(a, reserveOut({ action: 'reserve', key: (1n << 64n) - 1n, type: 6 }));
    const text = JSON.stringify(unit.reservationSnapshot());
    expect(text).toContain('"18446744073709551615"');
    const again = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    again.get(0)!.restoreReservations(JSON.parse(text) as ReturnType<typeof unit.reservationSnapshot>);
    expect(again.get(0)?.reservations).toEqual(unit.reservations);
    await store.close();
    await again.close();
  });

  it('a session that ends leaves registrations, and power loss takes them without APTPL', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    const unit = store.get(0)!;
    store.nexusFormed(a);
    unit.persistentReserveOut(a, register(1n));
    store.nexusLost(a);
    expect(unit.keyOf(a)).toBe(1n);
    store.losePower();
    expect(unit.keyOf(a)).toBeNull();
    await store.close();
  });

  it('has the target ports that serve it, and no other', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    const unit = store.get(0)!;
    const tagsAfter = (nexus: Nexus): number[] => {
      const all = { action: 'registerAndIgnore', actionKey: 1n, allTargetPorts: true } as const;
      expect(unit.persistentReserveOut(nexus, reserveOut(all)).status).toBe('good');
      return unit.reservations.registrations.map((one) => one.nexus.portalGroupTag);
    };
    expect(tagsAfter(a)).toEqual([1]);
    unit.persistentReserveOut(a, reserveOut({ action: 'clear', key: 1n }));
    store.addPortalGroup(2);
    store.addPortalGroup(3);
    expect(tagsAfter({ ...a, portalGroupTag: 3 })).toEqual([3, 2]);
    await store.close();
  });

  it('adds and removes LUNs while it is used', async () => {
    const store = await createLunStore([{ lun: 0, sizeBytes: mebibyte }]);
    store.nexusFormed(a);
    await store.add({ lun: 5, sizeBytes: mebibyte });
    expect(store.luns).toEqual([0, 5]);
    expect(store.get(0)?.unitAttentions.take(a)).toMatchObject({ asc: 0x3f, ascq: 0x0e });
    expect(store.get(5)?.knownNexuses()).toEqual([a]);
    await expect(store.add({ lun: 5, sizeBytes: mebibyte })).rejects.toThrow(RangeError);
    await expect(store.add({ lun: 256, sizeBytes: mebibyte })).rejects.toThrow(RangeError);
    await expect(store.add({ lun: 1 })).rejects.toThrow(RangeError);
    await expect(store.add({ lun: 1, sizeBytes: 100n })).rejects.toThrow(RangeError);
    await store.remove(5);
    expect(store.luns).toEqual([0]);
    await store.close();
  });
});
