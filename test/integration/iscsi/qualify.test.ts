import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';
import { qualificationDigestOf } from '../../../main/operations/qualification/qualification-digest.ts';
import { qualificationReportSchema, type QualificationReport } from '../../../shared/model/qualification.ts';
import type { QualificationComparison } from '../../../shared/model/qualification-comparison.ts';
import { runCli, temporaryData, type CliResult } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget, type TestTargetOptions } from '../../support/embedded-target.ts';
import { expectNothingLeft, nodeName, portalOf } from '../../support/iscsi-cli.ts';
import { titled } from '../../support/skipped.ts';

const serve = (options: TestTargetOptions = {}): Promise<TestTarget> =>
  startTarget({
    luns: [
      { lun: 1, sizeBytes: mebibytes(600), serial: 'QUORATE-1' },
      { lun: 2, sizeBytes: mebibytes(16), serial: 'QUORATE-2' },
    ],
    ...options,
  });

const qualify = (target: TestTarget, more: readonly string[], data = temporaryData()): Promise<CliResult> => {
  const where = ['--portal', portalOf(target), '--target', target.name, '--lun', '1', '--initiator', nodeName];
  return runCli(['iscsi', 'qualify', ...where, ...more], { data });
};

const reportOf = ({ out }: CliResult): QualificationReport => qualificationReportSchema.parse(JSON.parse(out));

describe('quorate iscsi qualify', () => {
  it('qualified: 0, with the agreed JSON, over two portals', async () => {
    const target = await serve({ portalGroups: [1, 2] });
    const second = ['--portal', portalOf(target, 1)];
    const size = ['--nodes', '4', '--paths', '2', '--purpose', 'witness'];
    const result = await qualify(target, ['--json', '--allow-reservations', ...second, ...size]);
    expect(result).toMatchObject({ code: 0, err: '' });
    const report = reportOf(result);
    expect(report).toMatchObject({
      verdict: 'qualified',
      purpose: 'witness',
      portals: [portalOf(target), portalOf(target, 1)],
      lun: { lun: 1, serial: 'QUORATE-1' },
      isRehearsal: true,
      leftBehind: [],
    });
    for (const { id, verdict, because, steps } of report.cases) {
      // That registrations survive a restart is never proven by the device's word.
      const wanted =
        id === 'Reservations.Register.PersistsThroughPowerLoss'
          ? ['inconclusive', 'APTPL was accepted; that registrations survive a restart of the target is not proven']
          : ['passed', null];
      expect([id, verdict, because]).toEqual([id, ...wanted]);
      expect(Array.isArray(steps)).toBe(true);
    }
    const steps = report.cases.flatMap((one) => one.steps.map(({ text }) => text));
    expect(steps.some((text) => /^Registering PR key 0x51524154/.test(text))).toBe(true);
    expect(steps).toContain('Putting PR reserve: Write Exclusive - Registrants Only (5)');
    await expectNothingLeft(target);
  });

  it('not qualified: 4, with what it means for the cluster and what to ask', async () => {
    const target = await serve({ faults: ['reservations-ignored'] });
    const { code, out, err } = await qualify(target, ['--allow-reservations']);
    expect(code).toBe(4);
    expect(err).toBe('');
    expect(out).toMatch(/^This logical unit cannot be used for clustering: .*ignores the reservation/);
    expect(out).toMatch(/failed +Reservations\.Conflict\.UnregisteredWriter/);
    expect(out).toContain('For the cluster: Two nodes write to one disk at once');
    expect(out).toContain('Ask the vendor:');
    await expectNothingLeft(target);
  });

  it('inconclusive: 5, where reservations were not allowed, which it says once, with the next step last', async () => {
    const target = await serve();
    const { code, out } = await qualify(target, []);
    expect(code).toBe(5);
    expect(out).toMatch(/^Not known yet/);
    const because = /^ {4}.*--allow-reservations/gm;
    expect(out.match(because)).toHaveLength(1);
    expect(out.trim().split('\nNext: ').at(-1)).toMatch(/^run it again with --allow-reservations/);
    expect(target.store.get(1)?.reservations.generation).toBe(0);
    await expectNothingLeft(target);
  });

  it('lists the cases without a target, all or those of a glob', async () => {
    const data = temporaryData();
    const all = await runCli(['iscsi', 'qualify', '--list'], { data });
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/Identity\.Vpd83\.Present +yes +reads only/);
    expect(all.out).toMatch(/Reservations\.Preempt\.TakesOver +yes +--allow-reservations/);
    const some = await runCli(['iscsi', 'qualify', '--list', '--case', '*.preempt.*', '--json'], { data });
    const { cases } = JSON.parse(some.out) as { cases: { id: string }[] };
    expect(cases.map(({ id }) => id)).toEqual([
      'Reservations.Preempt.TakesOver',
      'Reservations.Preempt.Generation',
      'Reservations.Preempt.UnitAttention',
      'Reservations.Preempt.AndAbort',
      'Reservations.Preempt.OfGoneNode',
    ]);
    const none = await runCli(['iscsi', 'qualify', '--list', '--case', 'Nothing.*'], { data });
    expect(none.code).toBe(2);
    expect(none.err).toContain('Nothing.*');
  });

  it('runs the cases of several globs, and is inconclusive for the others', async () => {
    const target = await serve();
    const globs = ['--case', 'Identity.Serial.*', '--case', 'Behaviour.Latency.Percentiles'];
    const result = await qualify(target, ['--json', ...globs]);
    expect(result.code).toBe(5);
    expect(reportOf(result).cases.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['Identity.Serial.Present', 'passed'],
      ['Behaviour.Latency.Percentiles', 'passed'],
    ]);
  });

  it('writes only with leave and the serial number, and then nothing but what was there', async () => {
    const target = await serve();
    await target.store.get(1)?.medium.write(0, Buffer.alloc(4096, 0x5a));
    const args = ['--allow-reservations', '--case', 'Reservations.Conflict.RealWrite', '--json'];
    const realWrite = (result: CliResult): unknown => reportOf(result).cases[0]?.verdict;
    expect(realWrite(await qualify(target, args))).toBe('skipped');
    const without = await qualify(target, [...args, '--allow-data-loss']);
    expect(without.code).toBe(2);
    // It is not told here: whoever gives it has to have looked at the LUN.
    expect(without.err).not.toContain('QUORATE-1');
    expect(without.err).toContain('--serial');
    const wrong = await qualify(target, [...args, '--allow-data-loss', '--serial', 'QUORATE-2']);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('Nothing was written');
    expect(realWrite(await qualify(target, [...args, '--allow-data-loss', '--serial', 'QUORATE-1']))).toBe('passed');
    expect(await target.store.get(1)?.medium.read(0, 8192)).toEqual(
      Buffer.concat([Buffer.alloc(4096, 0x5a), Buffer.alloc(4096)]),
    );
    await expectNothingLeft(target);
  });
});

describe('reports', () => {
  it('are written as HTML and JSON, and the JSON is the very report', async () => {
    const target = await serve();
    const data = temporaryData();
    for (const form of ['html', 'json']) {
      const path = join(data, `report.${form}`);
      const result = await qualify(target, ['--json', '--case', 'Identity.*', '--report', path], data);
      expect(result.code).toBe(5);
      expect(result.err).toContain(path);
      if (form === 'json') expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(result.out));
      else
        expect(readFileSync(path, 'utf8')).toMatch(
          /^<!doctype html>[\s\S]*Identity\.(?:<wbr>)?Vpd83\.(?:<wbr>)?Present[\s\S]*<\/html>/,
        );
    }
  });

  const electron = findElectron();
  const isPrintable = electron !== null && (process.platform !== 'linux' || existsSync('/usr/bin/xvfb-run'));
  it.skipIf(!isPrintable)(
    titled('is printed as PDF', isPrintable ? null : 'there is no Electron runtime, or no virtual display'),
    async () => {
      const target = await serve();
      const data = temporaryData();
      const path = join(data, 'report.pdf');
      const { code, err } = await qualify(target, ['--case', 'Identity.*', '--report', path], data);
      expect(err).toContain(path);
      expect(code).toBe(5);
      expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-');
    },
  );

  it('of one kind of target are compared: 0 alike, 4 where a case that counts differs, 5 where it is not proven', async () => {
    const data = temporaryData();
    const write = async (name: string, target: TestTarget, more: readonly string[] = []): Promise<string> => {
      const path = join(data, `${name}.json`);
      const cases = ['--case', 'Identity.*', '--case', 'Reservations.*'];
      await qualify(target, ['--allow-reservations', '--report', path, ...cases, ...more], data);
      return path;
    };
    const good = await write('good', await serve());
    const compare = async (other: string): Promise<[number | null, QualificationComparison]> => {
      const { code, out } = await runCli(['iscsi', 'compare', good, other, '--json'], { data });
      return [code, JSON.parse(out) as QualificationComparison];
    };
    const [same, sameView] = await compare(await write('same', await serve()));
    expect([same, sameView.verdict, sameView.isOneUnit]).toEqual([0, 'match', true]);
    const faulty = await serve({ faults: ['reservations-forgotten'], name: 'iqn.2026-01.example.quorate:other' });
    const [differs, differences] = await compare(await write('faulty', faulty));
    expect([differs, differences.verdict, differences.isOneUnit]).toEqual([4, 'differ', false]);
    expect(differences.rows.find(({ id }) => id === 'Reservations.Persistence.SurvivesLogout')).toMatchObject({
      match: 'must',
      outcome: 'different',
      values: ['passed', 'failed'],
    });
    const [open, openView] = await compare(await write('open', await serve(), ['--case', 'Identity.Serial.*']));
    expect([open, openView.verdict]).toEqual([0, 'match']);
    const less = join(data, 'less.json');
    await qualify(await serve(), ['--report', less], data);
    const [unknown, unknownView] = await compare(less);
    expect([unknown, unknownView.verdict]).toEqual([5, 'unknown']);
    const text = await runCli(['iscsi', 'compare', good, join(data, 'faulty.json')], { data });
    expect(text.out).toMatch(/must match +✗ different +passed +failed/);
    expect(Math.max(...text.out.split('\n').map((line) => line.length))).toBeLessThan(180);
  });

  it.each([
    ['another document of ours', '{"schema":"quorate.readiness/1"}', 'QUALIFY_REPORT_OF_ANOTHER_KIND'],
    ['something else', '[1,2]', 'QUALIFY_REPORT_OF_ANOTHER_KIND'],
    ['a newer form', '{"schema":"quorate.qualification/2"}', 'IMPORT_NEWER_VERSION'],
    ['a part of a report', '{"schema":"quorate.qualification/1"}', 'REPORT_INVALID'],
    ['a cut file', '{"schema":"quorate.qualification/1",', 'IMPORT_FILE_TRUNCATED'],
  ])('that are none are refused: %s', async (_what, text, code) => {
    const data = temporaryData();
    const path = join(data, 'x.json');
    writeFileSync(path, text);
    const result = await runCli(['iscsi', 'compare', path, path], { data });
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain(`[${code}]`);
    expect(result.err).toContain(path);
  });

  it('that contradict themselves are refused, and so is a field that nobody agreed on', async () => {
    const target = await serve();
    const data = temporaryData();
    const path = join(data, 'x.json');
    await qualify(target, ['--case', 'Identity.*', '--report', path], data);
    const good = JSON.parse(readFileSync(path, 'utf8')) as QualificationReport;
    const refused = async (document: QualificationReport, errorCode = 'REPORT_INVALID'): Promise<string> => {
      writeFileSync(path, JSON.stringify(document));
      const { code, err } = await runCli(['iscsi', 'compare', path, path], { data });
      expect(code).toBe(1);
      expect(err).toContain(`[${errorCode}]`);
      return err;
    };
    /** A program that writes a wrong report writes the right digest of it. */
    const signed = (document: QualificationReport): QualificationReport => ({
      ...document,
      digest: qualificationDigestOf(document),
    });
    await refused({ ...good, verdict: 'notQualified' }, 'REPORT_ALTERED');
    expect(await refused(signed({ ...good, verdict: 'notQualified' }))).toContain('add up to another');
    expect(await refused(signed({ ...good, cases: [...good.cases, ...good.cases.slice(0, 1)] }))).toContain(
      'stands there twice',
    );
    expect(await refused(signed({ ...good, approvedBy: 'me' } as QualificationReport))).toContain('approvedBy');
    expect(await refused(signed({ ...good, lun: { ...good.lun, sizeBytes: '-1' } }))).toContain('lun.sizeBytes');
  });
});
