import { describe, expect, test } from 'vitest';
import {
  decodeCdb,
  encodeReadKeys,
  encodeReportLuns,
  encodeTargetPortGroups,
  lunFromNumber,
  NO_RESIDUAL,
  scsi,
  STATUS,
  type Cdb,
  type PersistentReserveOut,
  type ScsiExecutor,
} from '../../../main/iscsi/index.ts';

const lun = lunFromNumber(1);

/** A device that has this to say, cut to what was asked for. */
const saying = (
  whole: Buffer,
  place?: ScsiExecutor['place'],
): ScsiExecutor & { readonly asked: { readonly cdb: Cdb | undefined; readonly room: number }[] } => {
  const asked: { readonly cdb: Cdb | undefined; readonly room: number }[] = [];
  return {
    asked,
    ...(place === undefined ? {} : { place }),
    execute: async ({ cdb, expectedDataInBytes = 0 }) => {
      asked.push({ cdb: decodeCdb(cdb), room: expectedDataInBytes });
      return { status: STATUS.GOOD, data: whole.subarray(0, expectedDataInBytes), residual: NO_RESIDUAL };
    },
  };
};

const silent = (): ReturnType<typeof saying> => saying(Buffer.alloc(0));

describe('what would destroy other data than was meant is not sent', () => {
  test.each([
    ['no blocks, which would be all to the end of the medium', 0, 512],
    ['less than none', -1, 512],
    ['half a block', 0.5, 512],
    ['no number', NaN, 512],
    ['more than the field holds', 2 ** 32, 512],
    ['an empty block', 1, 0],
  ])('WRITE SAME: %s', async (_what, blocks, blockBytes) => {
    const executor = silent();
    const writing = scsi.writeSame(executor, lun, { firstBlock: 0n, blocks }, Buffer.alloc(blockBytes));
    await expect(writing).rejects.toMatchObject({ code: 'OPTION_OUT_OF_RANGE', phase: 'input' });
    expect(executor.asked).toEqual([]);
  });

  test.each([
    ['an address below 0', [{ firstBlock: -1n, blocks: 1 }]],
    ['an address of 65 bits', [{ firstBlock: 2n ** 64n, blocks: 1 }]],
    ['a length of 33 bits', [{ firstBlock: 0n, blocks: 2 ** 32 + 8 }]],
    ['a length below 0', [{ firstBlock: 0n, blocks: -1 }]],
    ['half a block', [{ firstBlock: 0n, blocks: 1.5 }]],
    ['one range too many', Array.from({ length: 4096 }, () => ({ firstBlock: 0n, blocks: 1 }))],
  ])('UNMAP: %s', async (_what, ranges) => {
    const executor = silent();
    await expect(scsi.unmap(executor, lun, ranges)).rejects.toMatchObject({ code: 'OPTION_OUT_OF_RANGE' });
    expect(executor.asked).toEqual([]);
  });

  test('UNMAP: as much as fits', async () => {
    const ranges = Array.from({ length: 4095 }, () => ({ firstBlock: 2n ** 64n - 1n, blocks: 2 ** 32 - 1 }));
    const executor = silent();
    expect(await scsi.unmap(executor, lun, ranges)).toMatchObject({ ok: true });
    expect(executor.asked[0]?.cdb).toMatchObject({ parameterListLength: 65528 });
  });

  test.each([-1n, 2n ** 64n, 2n ** 64n + 5n])('a reservation key of %d', async (key) => {
    const executor = silent();
    const named = { code: 'OPTION_OUT_OF_RANGE', detail: { option: 'key' } };
    const port = { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined } as const;
    const flags = { unregister: false, persistThroughPowerLoss: false, relativeTargetPort: 1, transportId: port };
    await expect(
      scsi.persistentReserveOut(executor, lun, { action: 'register', serviceActionKey: key }),
    ).rejects.toMatchObject(named);
    await expect(scsi.persistentReserveOut(executor, lun, { action: 'clear', key })).rejects.toMatchObject(named);
    await expect(
      scsi.registerAndMove(executor, lun, 'exclusiveAccess', { key, serviceActionKey: 1n, ...flags }),
    ).rejects.toMatchObject(named);
    expect(executor.asked).toEqual([]);
  });
});

test('a reservation without a type, and ports with anything but a registration, do not compile', () => {
  const port = { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined } as const;
  const refused: PersistentReserveOut[] = [
    // @ts-expect-error -- type 0 is no reservation type
    { action: 'reserve', key: 1n },
    // @ts-expect-error -- nor is it one to release
    { action: 'release', key: 1n },
    // @ts-expect-error -- nor one to preempt for
    { action: 'preempt', key: 1n, serviceActionKey: 2n },
    // @ts-expect-error -- SPEC_I_PT: SPC-4 section 6.16.3
    { action: 'reserve', type: 'writeExclusive', key: 1n, initiatorPorts: [port] },
    // @ts-expect-error -- not even with this registration
    { action: 'registerAndIgnoreExistingKey', serviceActionKey: 1n, initiatorPorts: [port] },
    // @ts-expect-error -- a clear has no type
    { action: 'clear', key: 1n, type: 'writeExclusive' },
  ];
  const taken: PersistentReserveOut[] = [
    { action: 'register', serviceActionKey: 1n, initiatorPorts: [port], allTargetPorts: true },
    { action: 'reserve', type: 'writeExclusive', key: 1n },
    { action: 'preemptAndAbort', type: 'writeExclusive', key: 1n, serviceActionKey: 2n },
    { action: 'clear', key: 1n },
  ];
  expect([...refused, ...taken]).toHaveLength(10);
});

describe('long lists are asked for again with the length that they announce', () => {
  test('REPORT TARGET PORT GROUPS', async () => {
    const groups = Array.from({ length: 300 }, (_, group) => ({
      preferred: false,
      accessState: 0,
      supportedStates: 0,
      group,
      statusCode: 0,
      relativeTargetPorts: [1, 2, 3],
    }));
    const executor = saying(encodeTargetPortGroups(groups));
    expect(await scsi.reportTargetPortGroups(executor, lun)).toMatchObject({ ok: true, value: groups });
    expect(executor.asked.map(({ room }) => room)).toEqual([4096, 4 + 300 * 20]);
  });

  test('REPORT TARGET PORT GROUPS, and what nobody can have', async () => {
    const whole = Buffer.alloc(4096);
    whole.writeUInt32BE(0x7fff_ffff, 0);
    const executor = saying(whole);
    await expect(scsi.reportTargetPortGroups(executor, lun)).rejects.toMatchObject({ code: 'DATA_MALFORMED' });
    expect(executor.asked).toHaveLength(1);
  });

  test('REPORT LUNS', async () => {
    const luns = Array.from({ length: 20_000 }, (_, i) => BigInt(i) << 32n);
    const outcome = await scsi.reportLuns(saying(encodeReportLuns(luns)));
    expect(outcome.ok && outcome.value.luns.length).toBe(20_000);
  });

  test('REPORT LUNS, up to a bound that is told', async () => {
    const whole = Buffer.alloc(1024 * 1024);
    whole.writeUInt32BE(8 * 1_000_000, 0);
    const executor = saying(whole);
    const outcome = await scsi.reportLuns(executor);
    expect(outcome.ok && [outcome.value.luns.length, outcome.value.total]).toEqual([131_071, 1_000_000]);
    expect(executor.asked[1]?.room).toBe(1024 * 1024);
  });

  test('READ KEYS, as far as the command has room', async () => {
    const keys = Array.from({ length: 8190 }, (_, i) => BigInt(i + 1));
    const outcome = await scsi.readKeys(saying(encodeReadKeys(1, keys)), lun);
    expect(outcome.ok && outcome.value.keys.length).toBe(8190);
  });

  test('READ KEYS never leaves out a key without a word', async () => {
    const keys = Array.from({ length: 8191 }, (_, i) => BigInt(i + 1));
    await expect(scsi.readKeys(saying(encodeReadKeys(1, keys)), lun)).rejects.toMatchObject({
      code: 'DATA_MALFORMED',
      lun: '1',
    });
  });
});

describe('data that cannot be what it should be', () => {
  const place = { portal: '192.0.2.1:3260', target: 'iqn.2026-01.test:t' };

  test('is told with the place it came from', async () => {
    const reading = scsi.inquiry(saying(Buffer.alloc(10), place), lun);
    await expect(reading).rejects.toMatchObject({ code: 'DATA_MALFORMED', ...place, lun: '1' });
    await expect(reading).rejects.toThrow('(target iqn.2026-01.test:t, portal 192.0.2.1:3260, LUN 1)');
  });

  test('is told with its LUN where the executor knows no more', async () => {
    const reading = scsi.inquiry(saying(Buffer.alloc(10)), lun);
    await expect(reading).rejects.toMatchObject({ code: 'DATA_MALFORMED', portal: undefined, lun: '1' });
  });
});
