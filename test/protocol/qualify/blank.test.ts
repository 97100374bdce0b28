import { describe, expect, it } from 'vitest';
import { allCases } from '../../../main/qualify/suites/index.ts';
import { check, expectLeftAsFound, lyingIn, makeLie } from '../../support/lying-device.ts';
import { caseOf, startQualified, type QualifiedTarget } from '../../support/qualification.ts';

/* Nothing is written to a LUN that is not proven blank, and everything that a common tool writes is looked at. */

const realWrite = 'Reservations.Conflict.RealWrite';
const mebibyte = 1024 * 1024;

const unitOf = (target: QualifiedTarget): NonNullable<ReturnType<QualifiedTarget['store']['get']>> => {
  const unit = target.store.get(1);
  if (!unit) throw new Error('no LUN 1');
  return unit;
};

/** Bytes of a LUN of 6 MiB, at which it is no longer blank. */
const data: readonly { where: string; at: number }[] = [
  { where: 'in the first byte', at: 0 },
  { where: 'at 1.5 MiB', at: 1.5 * mebibyte },
  { where: 'in the last byte of the first 2 MiB', at: 2 * mebibyte - 1 },
  { where: 'in the first byte of the last 2 MiB', at: 4 * mebibyte },
  { where: 'in the last block', at: 6 * mebibyte - 512 },
  { where: 'in the last byte', at: 6 * mebibyte - 1 },
];

const watchWrites = (target: QualifiedTarget): { readonly written: number[] } => {
  const { medium } = unitOf(target);
  const written: number[] = [];
  const write = medium.write.bind(medium);
  medium.write = (at, bytes) => {
    if (bytes.length > 0) written.push(at);
    return write(at, bytes);
  };
  return { written };
};

describe.each(lyingIn)('the proof that a LUN is blank (%s)', (kind) => {
  it.each(data)('finds data $where, and nothing is written', async ({ at }) => {
    const target = await startQualified(kind);
    target.expectOtherBytes();
    const { medium } = unitOf(target);
    await medium.write(at, Buffer.from([1]));
    const before = await medium.read(0, 6 * mebibyte);
    const { written } = watchWrites(target);
    const report = await target.run();
    expect(caseOf(report, realWrite)).toMatchObject({
      verdict: 'skipped',
      because: expect.stringMatching(/^the logical unit is not blank \(data from block \d+ on\)/) as unknown,
    });
    const [, from = ''] = /from block (\d+) on/.exec(caseOf(report, realWrite).because ?? '') ?? [];
    expect(Math.floor(at / 512) - Number(from)).toBeGreaterThanOrEqual(0);
    expect(Math.floor(at / 512) - Number(from)).toBeLessThan(512);
    expect(written).toEqual([]);
    expect(before.equals(await medium.read(0, 6 * mebibyte))).toBe(true);
    expect(report.verdict).toBe('qualified');
    await expectLeftAsFound(target);
  });

  it.each([0, 1, 2 * 2048 - 1, 4 * 2048, 6 * 2048 - 1])(
    'does not take a LUN for blank whose block %i cannot be read',
    async (bad) => {
      const target = await startQualified(kind);
      const { written } = watchWrites(target);
      makeLie(
        target,
        {
          answers: ({ name, cdb }) => {
            if (name !== 'read-10') return undefined;
            const from = cdb.readUInt32BE(2);
            // Only where a whole range is asked for: the cases that read block 0 alone go on.
            const [count, isIn] = [cdb.readUInt16BE(7), bad >= from && bad < from + cdb.readUInt16BE(7)];
            return isIn && count > 8 ? check('unrecoveredReadError') : undefined;
          },
        },
        { oneName: kind === 'guarded' },
      );
      const report = await target.run();
      expect(caseOf(report, realWrite)).toMatchObject({
        verdict: 'skipped',
        because: expect.stringMatching(
          /^block \d+ could not be read, so the logical unit is not proven blank/,
        ) as unknown,
      });
      expect(written).toEqual([]);
      await expectLeftAsFound(target);
    },
  );

  it.each([
    [512, 6],
    [4096, 6],
    [512, 3],
    [512, 1],
  ])('reads every block of the first and the last 2 MiB (blocks of %i bytes, %i MiB)', async (size, mebibytes) => {
    const sizeBytes = BigInt(mebibytes * mebibyte);
    const target = await startQualified(kind, {
      luns: [{ lun: 1, sizeBytes, serial: 'QUORATE-1', blockSizeBytes: size }],
    });
    const read = new Set<number>();
    makeLie(
      target,
      {
        answers: ({ name, cdb }) => {
          const [from, count] = name === 'read-10' ? [cdb.readUInt32BE(2), cdb.readUInt16BE(7)] : [0, 0];
          for (let at = from; at < from + count; at += 1) read.add(at);
          return undefined;
        },
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run({ cases: [realWrite] });
    expect(caseOf(report, realWrite).verdict).toBe('passed');
    const blocks = Number(sizeBytes) / size;
    const end = (2 * mebibyte) / size;
    const wanted = Array.from({ length: blocks }, (_, at) => at).filter((at) => at < end || at >= blocks - end);
    expect(wanted.filter((at) => !read.has(at))).toEqual([]);
    expect(read.size).toBe(wanted.length);
  });

  it.each([
    ['blank, is missed', false, 'inconclusive', [realWrite]],
    ['not blank, could not have run', true, 'qualified', []],
  ])('that was not asked for, on a LUN that is %s', async (_how, isFull, verdict, notAsked) => {
    const target = await startQualified(kind);
    if (isFull) await target.fill();
    const { written } = watchWrites(target);
    const report = await target.run({ cases: allCases.map(({ id }) => id).filter((id) => id !== realWrite) });
    expect(report).toMatchObject({ verdict, notAsked });
    expect(written).toEqual([]);
  });

  it('is not needed with leave to lose data, and still only the bytes that were read are written', async () => {
    const target = await startQualified(kind);
    await target.fill();
    const { written } = watchWrites(target);
    const report = await target.run({ allowDataLoss: true });
    expect(caseOf(report, realWrite).verdict).toBe('passed');
    expect(written).toEqual([0]);
  });
});
