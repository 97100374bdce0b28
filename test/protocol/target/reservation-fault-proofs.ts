import { expect } from 'vitest';
import { startTarget } from '../../support/embedded-target.ts';
import { rawInitiatorName } from '../../support/raw-initiator.ts';
import {
  block,
  clear,
  keysOf,
  list,
  open,
  other,
  preempt,
  read,
  readKeys,
  register,
  release,
  reserve,
  reserveOut,
  startHeld,
  synchronizeCache,
  third,
  write,
} from './fault-conversations.ts';

/** One proof for each fault of the reservations: what is wrong with it on, seen over the wire. */
export const reservationProofs = {
  'no-reservations': async () => {
    const initiator = await open(await startTarget({ faults: ['no-reservations'] }));
    expect((await initiator.command('5e000000000000ff0000', { expectedLength: 255 })).sense).toEqual({
      key: 5,
      asc: 0x20,
      ascq: 0,
    });
    expect((await initiator.command(register, { dataOut: list(0n, 1n) })).sense).toEqual({
      key: 5,
      asc: 0x20,
      ascq: 0,
    });
  },
  'reservations-forgotten': async () => {
    const target = await startTarget({ faults: ['reservations-forgotten'] });
    const initiator = await open(target);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect(target.store.get(1)?.reservations.registrations).toHaveLength(1);
    await initiator.logout();
    await initiator.closed();
    expect(target.store.get(1)?.reservations.registrations).toEqual([]);
  },
  'reservations-ignored': async () => {
    const target = await startTarget({ faults: ['reservations-ignored'] });
    const holder = await open(target);
    await holder.command(register, { dataOut: list(0n, 1n) });
    expect((await holder.command(reserve(5), { dataOut: list(1n, 0n) })).status).toBe(0);
    expect(target.store.get(1)?.reservations.reservation).toMatchObject({ type: 5 });
    const stranger = await open(target, 0, other);
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0);
  },
  'registrations-short': async () => {
    const target = await startTarget({ faults: ['registrations-short:1'] });
    const first = await open(target);
    expect((await first.command(register, { dataOut: list(0n, 1n) })).status).toBe(0);
    const second = await open(target, 0, other);
    expect((await second.command(register, { dataOut: list(0n, 2n) })).sense).toEqual({ key: 5, asc: 0x55, ascq: 4 });
  },
  'reservation-types': async () => {
    const initiator = await open(await startTarget({ faults: ['reservation-types:1,3'] }));
    const capabilities = await initiator.command('5e020000000000000800', { expectedLength: 8 });
    expect(capabilities.data.readUInt16BE(4)).toBe(0x0a00);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect((await initiator.command(reserve(5), { dataOut: list(1n, 0n) })).sense).toEqual({
      key: 5,
      asc: 0x24,
      ascq: 0,
    });
    expect((await initiator.command(reserve(1), { dataOut: list(1n, 0n) })).status).toBe(0);
  },
  'generation-stuck': async () => {
    const target = await startTarget({ faults: ['generation-stuck'] });
    const initiator = await open(target);
    await initiator.command(register, { dataOut: list(0n, 1n) });
    expect(target.store.get(1)?.reservations).toMatchObject({ generation: 0, registrations: [{ key: 1n }] });
  },
  'unit-attentions-missing': async () => {
    const target = await startTarget({ faults: ['unit-attentions-missing'] });
    const first = await open(target);
    const second = await open(target, 0, other);
    await first.command(register, { dataOut: list(0n, 1n) });
    await second.command(register, { dataOut: list(0n, 2n) });
    expect((await second.command('5f030000000000001800', { dataOut: list(2n, 0n) })).status).toBe(0);
    expect(await first.clearAttentions()).toEqual([]);
  },
  'aptpl-refused': async () => {
    const initiator = await open(await startTarget({ faults: ['aptpl-refused'] }));
    expect((await initiator.command(register, { dataOut: list(0n, 1n, 0x01) })).sense).toEqual({
      key: 5,
      asc: 0x26,
      ascq: 0,
    });
    expect((await initiator.command(register, { dataOut: list(0n, 1n) })).status).toBe(0);
  },
  'reservations-forgotten-on-cut': async () => {
    const target = await startTarget({ faults: ['reservations-forgotten-on-cut'] });
    const unit = target.store.get(1);
    const polite = await open(target);
    await reserveOut(polite, register, 0n, 1n);
    await polite.logout();
    await polite.closed();
    expect(unit?.reservations.registrations).toHaveLength(1);
    const cut = await open(target);
    await reserveOut(cut, reserve(5), 1n);
    cut.close();
    await expect.poll(() => unit?.reservations).toMatchObject({ registrations: [], reservation: null });
  },
  'writes-not-enforced': async () => {
    const { target } = await startHeld('writes-not-enforced');
    const stranger = await open(target, 0, other);
    expect((await stranger.command(synchronizeCache)).status).toBe(0x18);
    expect((await stranger.command('1b0000000000')).status).toBe(0x18);
    expect((await stranger.command('2a000000000000000000')).status).toBe(0);
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0);
    target.faults.clear();
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0x18);
  },
  'reservations-per-portal': async () => {
    const target = await startTarget({ faults: ['reservations-per-portal'], portalGroups: [1, 2] });
    const [holder, here, there] = [await open(target), await open(target, 0, other), await open(target, 1, other)];
    await reserveOut(holder, register, 0n, 1n);
    await reserveOut(holder, reserve(5), 1n);
    expect(await keysOf(here)).toEqual([1n]);
    expect((await here.command(write, { dataOut: block })).status).toBe(0x18);
    expect(await keysOf(there)).toEqual([]);
    expect((await there.command(write, { dataOut: block })).status).toBe(0);
    await reserveOut(there, register, 0n, 2n);
    expect(await reserveOut(there, reserve(1), 2n)).toBe(0);
    expect(await keysOf(there)).toEqual([2n]);
    expect(target.store.get(1)?.reservations).toMatchObject({ registrations: [{ key: 1n }, { key: 2n }] });
    target.faults.clear();
    expect(await keysOf(there)).toEqual([1n, 2n]);
    expect((await there.command(write, { dataOut: block })).status).toBe(0);
    expect((await here.command(write, { dataOut: block })).status).toBe(0x18);
  },
  'reservation-kept-on-unregister': async () => {
    const { target, holder } = await startHeld('reservation-kept-on-unregister');
    const stranger = await open(target, 0, other);
    expect(await reserveOut(holder, register, 1n, 0n)).toBe(0);
    expect(await keysOf(holder)).toEqual([]);
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0x18);
    target.faults.clear();
    await reserveOut(stranger, register, 0n, 2n);
    expect(await reserveOut(stranger, clear, 2n)).toBe(0);
    expect((await (await open(target, 0, third)).command(write, { dataOut: block })).status).toBe(0);
  },
  'reservations-lost-on-reset': async () => {
    const { target, holder } = await startHeld('reservations-lost-on-reset');
    expect(await holder.manageTask(5)).toBe(0);
    expect(await holder.clearAttentions()).toEqual(['29/3']);
    expect(await keysOf(holder)).toEqual([]);
    expect(target.store.get(1)?.reservations).toMatchObject({ generation: 1, reservation: null });
  },
  'keys-unchecked': async () => {
    const { target, holder } = await startHeld('keys-unchecked');
    const stranger = await open(target, 0, other);
    expect(await reserveOut(holder, register, 9n, 4n)).toBe(0);
    expect(await keysOf(stranger)).toEqual([4n]);
    expect(await reserveOut(stranger, release(5), 7n)).toBe(0);
    expect(target.store.get(1)?.reservations.reservation).toBeNull();
    await reserveOut(holder, reserve(5), 4n);
    expect(await reserveOut(stranger, preempt(5), 7n, 4n)).toBe(0);
    expect(await keysOf(stranger)).toEqual([]);
    await holder.clearAttentions();
    await reserveOut(holder, register, 0n, 1n);
    expect(await reserveOut(stranger, clear, 7n)).toBe(0);
    expect(target.store.get(1)?.reservations).toMatchObject({ registrations: [], reservation: null });
    // RESERVE is not among them.
    expect(await reserveOut(stranger, reserve(5), 7n)).toBe(0x18);
  },
  'only-data-refused': async () => {
    const { target } = await startHeld('only-data-refused');
    const stranger = await open(target, 0, other);
    const verify = '2f020000000000000100';
    expect((await stranger.command(synchronizeCache)).status).toBe(0);
    expect((await stranger.command('2a000000000000000000')).status).toBe(0);
    expect((await stranger.command(write, { dataOut: block })).status).toBe(0x18);
    expect((await stranger.command(verify, { dataOut: block })).status).toBe(0x18);
    expect(await reserveOut(stranger, register, 0n, 2n)).toBe(0);
    expect((await stranger.command(verify, { dataOut: block })).status).not.toBe(0x18);
  },
  'register-fails-and-registers': async () => {
    const target = await startTarget({ faults: ['register-fails-and-registers'] });
    const initiator = await open(target);
    const answer = await initiator.command(register, { dataOut: list(0n, 1n) });
    expect(answer.sense).toEqual({ key: 2, asc: 0x08, ascq: 0 });
    expect(await keysOf(initiator)).toEqual([1n]);
  },
  'reserve-not-ready': async () => {
    const target = await startTarget({ faults: ['reserve-not-ready'] });
    const initiator = await open(target);
    expect((await initiator.command(reserve(5), { dataOut: list(1n, 0n) })).sense).toEqual({ key: 2, asc: 8, ascq: 0 });
    const node = await open(target, 0, other);
    await reserveOut(node, register, 0n, 2n);
    expect(await reserveOut(node, reserve(5), 2n, 0n)).toBe(0);
    expect(await reserveOut(initiator, reserve(5), 1n, 0n)).toBe(0x18);
  },
  'names-taken-for-initiators': async () => {
    const { target } = await startHeld('names-taken-for-initiators');
    const second = await open(target, 0, rawInitiatorName, '900001370002');
    await reserveOut(second, register, 0n, 2n);
    expect(await reserveOut(second, preempt(5), 2n, 1n)).toBe(0x18);
    const node = await open(target, 0, other);
    await reserveOut(node, register, 0n, 3n);
    expect(await reserveOut(node, preempt(5), 3n, 1n)).toBe(0);
  },
  'path-unregisters-name': async () => {
    const target = await startTarget({ faults: ['path-unregisters-name'] });
    const [path, otherPath] = [await open(target), await open(target, 0, rawInitiatorName, '400001370002')];
    const node = await open(target, 0, other);
    for (const [one, key] of [
      [path, 1n],
      [otherPath, 1n],
      [node, 2n],
    ] as const)
      expect(await reserveOut(one, register, 0n, key)).toBe(0);
    expect(await reserveOut(node, reserve(5), 2n, 0n)).toBe(0);
    expect((await otherPath.command(write, { dataOut: block })).status).toBe(0);
    expect(await reserveOut(path, register, 1n, 0n)).toBe(0);
    expect(await keysOf(node)).toEqual([1n, 2n]);
    expect((await otherPath.command(write, { dataOut: block })).status).toBe(0x18);
  },
  standby: async () => {
    const initiator = await open(await startTarget({ faults: ['standby:1'] }));
    expect((await initiator.command('000000000000')).sense).toEqual({ key: 2, asc: 4, ascq: 0x0b });
    expect((await initiator.command(read, { expectedLength: 512 })).sense).toEqual({ key: 2, asc: 4, ascq: 0x0b });
    expect(await reserveOut(initiator, register, 0n, 1n)).toBe(0);
    expect(await keysOf(initiator)).toEqual([1n]);
  },
  'one-key-once': async () => {
    const { target } = await startHeld('one-key-once');
    const second = await open(target, 0, other);
    expect(await reserveOut(second, register, 0n, 1n)).toBe(0x18);
    expect(await reserveOut(second, '5f060000000000001800', 0n, 1n)).toBe(0x18);
    expect(await reserveOut(second, register, 0n, 2n)).toBe(0);
    expect(await reserveOut(second, register, 2n, 2n)).toBe(0);
  },
  'preempt-removes-one': async () => {
    const { target } = await startHeld('preempt-removes-one');
    const samePath = await open(target, 0, rawInitiatorName, '400001370002');
    const node = await open(target, 0, other);
    await reserveOut(samePath, register, 0n, 1n);
    await reserveOut(node, register, 0n, 2n);
    expect(await reserveOut(node, preempt(5), 2n, 1n)).toBe(0);
    expect(await keysOf(node)).toEqual([1n, 2n]);
    expect(await samePath.clearAttentions()).toEqual([]);
    expect((await samePath.command(write, { dataOut: block })).status).toBe(0);
    target.faults.clear();
    expect(await reserveOut(node, preempt(5), 2n, 1n)).toBe(0);
    expect(await keysOf(node)).toEqual([2n]);
  },
  'preempt-of-absent-refused': async () => {
    const { target, holder } = await startHeld('preempt-of-absent-refused');
    const node = await open(target, 0, other);
    await reserveOut(node, register, 0n, 2n);
    await holder.logout();
    await holder.closed();
    expect(await reserveOut(node, preempt(5), 2n, 1n)).toBe(0x18);
    await open(target);
    expect(await reserveOut(node, preempt(5), 2n, 1n)).toBe(0);
    expect(await keysOf(node)).toEqual([2n]);
  },
  'reserve-6-held': async () => {
    const target = await startTarget();
    const initiator = await open(target);
    target.faults.add('reserve-6-held');
    for (const cdb of ['000000000000', read, '160000000000', readKeys]) {
      expect((await initiator.command(cdb, { expectedLength: 512 })).status).toBe(0x18);
    }
    expect(await reserveOut(initiator, register, 0n, 1n)).toBe(0x18);
    expect((await initiator.command('12000000ff00', { expectedLength: 255 })).status).toBe(0);
    expect((await initiator.command('170000000000')).status).toBe(0);
    expect((await initiator.command(read, { expectedLength: 512 })).status).toBe(0x18);
    target.faults.clear();
    expect((await initiator.command(read, { expectedLength: 512 })).status).toBe(0);
  },
};
