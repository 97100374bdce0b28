import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { discover, openSession, scsi } from '../../main/iscsi/index.ts';
import { qualify } from '../../main/qualify/index.ts';
import { memoryKeyNotes } from '../support/key-notes.ts';
import type { QualificationSettings } from '../../main/qualify/runner/run.ts';
import { qualificationReportSchema, type QualificationReport } from '../../shared/model/qualification.ts';
import { runCli, temporaryData } from '../support/built-cli.ts';
import { forwarded, lioTarget, serveUsual, startLio, whyNoLio, type Lio } from '../support/lio.ts';
import { caseOf } from '../support/qualification.ts';
import { noWindowBecause, TestWindow } from '../support/window.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/*
 * The Linux kernel's own target (LIO), which most storage boxes are built on: Debian's kernel in a QEMU guest. How each case of the qualification
 * ends on it stands in targets.json and is held against iscsi-test-cu (qualification-judge.test.ts); here is what it does in other set-ups.
 */

const noWindow = noWindowBecause();

const guestPorts = [3260, 3261];
const one = 'iqn.2026-01.example:one';
const two = 'iqn.2026-01.example:two';
const aptpl = 'Reservations.Register.PersistsThroughPowerLoss';
const oneUnregisters = 'Reservations.Paths.OneUnregisters';
const targetOf = (name: string): string => `iqn.2026-01.example.quorate:${name}`;

describe.skipIf(whyNoLio !== null)(titled('the Linux kernel’s target', whyNoLio), () => {
  let lio: Lio;

  const admitting = async (name: string, initiators: readonly string[], more = ''): Promise<void> => {
    await lio.run(`P=$C/iscsi/${targetOf(name)}/tpgt_1; echo 0 >$P/attrib/generate_node_acls`);
    for (const initiator of initiators)
      await lio.run(
        `A=$P/acls/${initiator}; mkdir -p $A/lun_0; ln -s $P/lun/lun_0 $A/lun_0/store; echo 0 >$A/lun_0/write_protect${more}`,
      );
  };

  /** A target of its own over the first port, with a LUN 0 of 64 MiB. */
  const make = async (number: number, name: string, ports: readonly number[] = [3260]): Promise<void> => {
    const digit = number.toString(16);
    await lio.run(`unit ${number} ${name} 64 ${digit}a0b0c0d-0000-4000-8000-00000000000${digit}`);
    for (const [at, port] of ports.entries()) {
      await lio.run(`group ${targetOf(name)} ${at + 1} 0.0.0.0:${port}`);
      await lio.run(`map ${targetOf(name)} ${at + 1} 0 fileio_${number}/${name}`);
    }
  };

  const serve = async (name: string, groups = 1): Promise<void> => {
    for (let tag = 1; tag <= groups; tag += 1) await lio.run(`serve ${targetOf(name)} ${tag}`);
  };

  beforeAll(async () => {
    lio = await startLio(await forwarded(guestPorts));
    await serveUsual(lio, guestPorts);
  });
  afterAll(() => lio?.kill());

  const runAndLeave = async (name: string, more: Partial<QualificationSettings> = {}) => {
    const [portal = ''] = lio.portals;
    const target = name === '' ? lioTarget : targetOf(name);
    const notes = memoryKeyNotes();
    const outcome = await qualify({
      access: { portal, target },
      otherPaths: [],
      target,
      lun: 0,
      purpose: 'vm',
      nodes: 2,
      paths: 2,
      allowReservations: true,
      allowDataLoss: false,
      initiatorA: one,
      initiatorB: two,
      clusterInitiators: [],
      notes,
      now: () => new Date(),
      signal: new AbortController().signal,
      machine: 'lab',
      toolVersion: '0',
      isRehearsal: false,
      onProgress: () => undefined,
      ...more,
    });
    if (outcome.kind !== 'report') throw new Error(outcome.kind);
    return { report: outcome.report, noted: await notes.list() };
  };

  const run = async (name: string, more: Partial<QualificationSettings> = {}): Promise<QualificationReport> => {
    const { report, noted } = await runAndLeave(name, more);
    expect([report.leftBehind, noted]).toEqual([[], []]);
    return report;
  };

  const openOf = (report: QualificationReport): string[] =>
    report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive').map(({ id }) => id);

  it('is qualified from the command line over both portals, without leave to lose data', async () => {
    const [first = '', second = ''] = lio.portals;
    const args = ['iscsi', 'qualify', '--portal', first, '--portal', second, '--target', lioTarget, '--lun', '1'];
    const more = ['--initiator', one, '--allow-reservations', '--nodes', '2', '--paths', '2', '--json'];
    const { code, out, err } = await runCli([...args, ...more], { data: temporaryData() });
    expect(code, err).toBe(0);
    const report = qualificationReportSchema.parse(JSON.parse(out));
    expect(report).toMatchObject({
      verdict: 'qualified',
      leftBehind: [],
      lun: { vendor: 'LIO-ORG', product: 'IBLOCK' },
    });
    expect(openOf(report)).toEqual([aptpl, oneUnregisters]);
    expect(caseOf(report, 'Reservations.Conflict.RealWrite')).toMatchObject({ verdict: 'passed', required: true });
  });

  it.skipIf(noWindow !== null)(
    titled('is qualified from the window over both portals, blank afterwards, its report in a file', noWindow),
    async () => {
      await make(10, 'window', guestPorts);
      await serve('window', 2);
      const bytes = (): Promise<string> => lio.run("tr -d '\\0' </window.img | wc -c");
      expect((await bytes()).trim()).toBe('0');
      const folder = mkdtempSync(join(tmpdir(), 'quorate-lio-window-'));
      const window = await TestWindow.open({ height: 1000 });
      onTestFinished(async ({ task }) => {
        if (task.result?.state === 'fail') await window.screenshot('qualification-lio-failed');
        await window.close();
        await removeFolder(folder);
      });
      const { page } = window;
      const [first = '', second = ''] = lio.portals;
      await window.goTo('Storage');
      await page.getByLabel('Portal of the storage').fill(first);
      await page.getByRole('button', { name: 'Discover targets' }).click();
      const target = page.getByRole('region', { name: `Target ${targetOf('window')}` });
      const card = target.locator('.g-unit[data-lun="0"]');
      await card.waitFor();
      expect(await card.innerText()).toContain('LIO-ORG FILEIO');
      expect(await target.innerText()).toContain('The portal 10.0.2.15:3260 is listed in the portal groups 1 and 2');
      await card.getByLabel('What it is for').selectOption('vm');
      await card.getByRole('button', { name: 'Qualify LUN 0' }).click();
      const form = page.getByRole('region', { name: /^Qualify LUN 0 for/ });
      // The guest lists its own address, which does not lead there from outside: the portal that was asked is offered beside it.
      expect(await form.getByRole('checkbox', { name: first }).isChecked()).toBe(true);
      await form.getByRole('checkbox', { name: '10.0.2.15:3260' }).uncheck();
      await form.getByLabel('Another portal').fill(second);
      await form.getByRole('button', { name: 'Add this portal' }).click();
      await form.getByRole('checkbox', { name: /^Reserve LUN 0/ }).check();
      expect(await form.getByRole('checkbox', { name: /^Write to LUN 0/ }).isChecked()).toBe(false);
      await form.getByRole('button', { name: 'Start the qualification' }).click();
      const report = page.getByRole('region', { name: 'Qualification of LUN 0, seen from' }).first();
      await report.waitFor({ timeout: 600_000 });
      expect(await report.getAttribute('data-verdict')).toBe('qualified');
      await card.getByRole('button', { name: 'Open report' }).click();
      await window.screenshot('qualification-lio');
      const path = join(folder, 'lio.json');
      await window.answerSave(path);
      await report.getByRole('button', { name: 'Export JSON' }).click();
      await report.getByText(path).waitFor();
      const exported = qualificationReportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      expect(exported).toMatchObject({
        verdict: 'qualified',
        allowed: { reservations: true, dataLoss: false },
        portals: [first, second],
        leftBehind: [],
        lun: { vendor: 'LIO-ORG', product: 'FILEIO' },
      });
      expect(openOf(exported)).toEqual([aptpl, oneUnregisters]);
      expect(caseOf(exported, 'Reservations.Conflict.RealWrite')).toMatchObject({ verdict: 'passed', required: true });
      expect((await bytes()).trim()).toBe('0');
      const session = await openSession({ portal: first, target: targetOf('window'), initiatorName: one });
      const lun = scsi.lunFromNumber(0);
      for (let left = 4; left > 0 && !(await scsi.testUnitReady(session, lun)).ok; left -= 1);
      expect(await scsi.readKeys(session, lun)).toMatchObject({ ok: true, value: { keys: [] } });
      await session.logout();
      expect(window.complaints).toEqual([]);
    },
  );

  it('is never called failed on a LUN with data, and nothing is written there', async () => {
    await make(2, 'data');
    await serve('data');
    await lio.run('yes data | dd of=/data.img bs=512 count=8 conv=notrunc; md5sum /data.img');
    const before = await lio.run('md5sum /data.img');
    const report = await run('data');
    expect(report.verdict).toBe('inconclusive');
    expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(caseOf(report, 'Reservations.Conflict.UnregisteredWriter').because).toContain('--allow-data-loss');
    expect(await lio.run('md5sum /data.img')).toBe(before);
    expect(await run('data', { allowDataLoss: true })).toMatchObject({ verdict: 'qualified' });
    expect(await lio.run('md5sum /data.img')).toBe(before);
  });

  it('fails every registration on Debian’s default set-up, and makes it: failed with the remedy, and removed', async () => {
    await lio.run('mv /var/target/pr /var/target/pr.away');
    const report = await run('');
    await lio.run('mv /var/target/pr.away /var/target/pr');
    expect(report.verdict).toBe('notQualified');
    expect(caseOf(report, 'Reservations.Register.Register').because).toMatch(/08h\/00h.*mkdir -p/);
    expect(await run('')).toMatchObject({ verdict: 'qualified' });
  });

  it('with one admitted name proves nothing about two nodes, and says what to name', async () => {
    await make(3, 'onename');
    await admitting('onename', [one]);
    await serve('onename');
    const report = await run('onename');
    expect(report).toMatchObject({ verdict: 'inconclusive', oneNameBecause: 'refused' });
    expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(caseOf(report, 'Reservations.Preempt.TakesOver').because).toContain('--second-initiator');
  });

  it('wants CHAP and says so to an initiator that has none; with it the LUN is qualified', async () => {
    const chap = { name: 'node', secret: 'secret-of-node1' };
    await make(4, 'chap');
    await admitting(
      'chap',
      [one, two],
      `; echo -n ${chap.name} >$A/auth/userid; echo -n ${chap.secret} >$A/auth/password`,
    );
    await lio.run(`echo 1 >$C/iscsi/${targetOf('chap')}/tpgt_1/attrib/authentication`);
    await serve('chap');
    const [portal = ''] = lio.portals;
    const args = ['iscsi', 'inspect', '--portal', portal, '--target', targetOf('chap'), '--initiator', one];
    const { code, err } = await runCli(args, { data: temporaryData() });
    expect(code).toBe(1);
    expect(err).toContain('[ISCSI_LOGIN_CHAP_NEEDED]');
    const report = await run('chap', { access: { portal, target: targetOf('chap'), chap } });
    expect(report.verdict).toBe('qualified');
  });

  it.each([
    ['a file', 'fileio_6', 'unit 6 high 64 6a0b0c0d-0000-4000-8000-000000000006', 300],
    [
      'memory',
      'rd_mcp_7',
      'mkdir -p $C/core/rd_mcp_7/high; echo rd_pages=16384 >$C/core/rd_mcp_7/high/control; echo 7a0b0c0d-0000-4000-8000-000000000007 >$C/core/rd_mcp_7/high/wwn/vpd_unit_serial; echo 1 >$C/core/rd_mcp_7/high/enable',
      16_000,
    ],
  ])('qualifies a LUN of %s with a number above 255', async (_what, store, made, lun) => {
    const name = `high${lun}`;
    await lio.run(made);
    await lio.run(`group ${targetOf(name)} 1 0.0.0.0:3260`);
    await lio.run(`map ${targetOf(name)} 1 ${lun} ${store}/high`);
    await serve(name);
    const access = ['--portal', lio.portals[0] ?? '', '--target', targetOf(name), '--initiator', one, '--json'];
    const { code, out, err } = await runCli(
      ['iscsi', 'qualify', ...access, '--lun', String(lun), '--allow-reservations'],
      { data: temporaryData() },
    );
    expect(code, err).toBe(0);
    expect(qualificationReportSchema.parse(JSON.parse(out))).toMatchObject({
      verdict: 'qualified',
      leftBehind: [],
      lun: { vendor: 'LIO-ORG', lun },
    });
  });

  it('whose LUN is taken away in the middle of a run ends that run, without a verdict of failed', async () => {
    await make(8, 'gone');
    await serve('gone');
    let taken: Promise<string> | undefined;
    const { report, noted } = await runAndLeave('gone', {
      access: {
        portal: lio.portals[0] ?? '',
        target: targetOf('gone'),
        loginTimeoutMs: 10_000,
        commandTimeoutMs: 10_000,
      },
      onProgress: (event) => {
        if (event.kind === 'begin' && event.caseId === 'Reservations.Preempt.TakesOver')
          taken ??= lio.run(`rm $C/iscsi/${targetOf('gone')}/tpgt_1/lun/lun_0/store`);
      },
    });
    await taken;
    const failed = report.cases.filter(({ verdict }) => verdict === 'failed');
    expect(failed.map(({ id, because }) => [id, because])).toEqual([]);
    expect(report.verdict).toBe('inconclusive');
    const [because] = new Set(
      report.cases.map((one) => one.because).filter((text) => text?.includes('answers under this number')),
    );
    expect(because).toMatch(/^LUN 0 of .* and no logical unit answers under this number since the case "/);
    // Its keys cannot be looked for any more: each is named, and stays noted for later.
    expect(report.leftBehind).toHaveLength(noted.length);
  });

  it('with 128 registrations of others is looked at whole, and qualified for nobody', async () => {
    await make(9, 'crowd');
    await serve('crowd');
    const [portal = ''] = lio.portals;
    const lun = scsi.lunFromNumber(0);
    const crowd: Awaited<ReturnType<typeof openSession>>[] = [];
    for (let number = 1; number <= 128; number += 1) {
      const session = await openSession({ portal, target: targetOf('crowd'), initiatorName: `${one}-${number}` });
      for (let left = 4; left > 0 && !(await scsi.testUnitReady(session, lun)).ok; left -= 1);
      const key = BigInt(number);
      await scsi.persistentReserveOut(session, lun, { action: 'registerAndIgnoreExistingKey', serviceActionKey: key });
      crowd.push(session);
    }
    const args = ['iscsi', 'inspect', '--portal', portal, '--target', targetOf('crowd'), '--initiator', one];
    const { code, out, err } = await runCli([...args, '--json'], { data: temporaryData() });
    expect(code, err).toBe(0);
    const { luns } = JSON.parse(out) as { luns: { keys: unknown[] }[] };
    expect(luns[0]?.keys).toHaveLength(128);
    // Registrations of others are never touched.
    const { verdict, cases } = await run('crowd');
    expect(verdict).toBe('inconclusive');
    expect(cases.filter((one) => one.verdict === 'failed')).toEqual([]);
    const keys = await scsi.readKeys(crowd[0] as (typeof crowd)[0], lun);
    expect(keys).toMatchObject({ ok: true, value: { keys: { length: 128 } } });
    await Promise.all(crowd.map((session) => session.logout()));
  });

  it('with a portal group in standby is judged over the active one, whichever is named first', async () => {
    await make(5, 'alua', guestPorts);
    const alua = '$C/core/fileio_5/alua/alua';
    await lio.run(
      `mkdir ${alua}/standby; echo 1 >${alua}/standby/tg_pt_gp_id; echo 1 >${alua}/standby/alua_access_type`,
    );
    await lio.run(`echo standby >$C/iscsi/${targetOf('alua')}/tpgt_2/lun/lun_0/alua_tg_pt_gp`);
    await lio.run(`echo 2 >${alua}/standby/alua_access_state`);
    await serve('alua', 2);
    const [active = '', standby = ''] = lio.portals;
    const report = await run('alua', { otherPaths: [{ portal: standby }] });
    expect(report.verdict).toBe('qualified');
    expect(caseOf(report, 'Behaviour.Portals.Consistent').figures).toMatchObject({ portalsInStandby: 1 });
    const access = { portal: standby, target: targetOf('alua') };
    expect(await run('alua', { access, otherPaths: [{ portal: active }] })).toMatchObject({ verdict: 'qualified' });
  });

  it('takes paths with the same first four bytes of the ISID for one where it enforces', async () => {
    const [portal = ''] = lio.portals;
    const lun = scsi.lunFromNumber(0);
    const open = async (initiatorName: string, isid: string) => {
      const session = await openSession({ portal, target: lioTarget, initiatorName, isid: Buffer.from(isid, 'hex') });
      for (let left = 4; left > 0 && !(await scsi.testUnitReady(session, lun)).ok; left -= 1);
      return session;
    };
    const type = 'writeExclusiveRegistrantsOnly';
    const [path, sameNode, otherBytes] = [
      await open(one, '800102030000'),
      await open(one, '800102030001'),
      await open(one, '800908070000'),
    ];
    await scsi.persistentReserveOut(path, lun, { action: 'registerAndIgnoreExistingKey', serviceActionKey: 1n });
    await scsi.persistentReserveOut(path, lun, { action: 'reserve', key: 1n, type });
    const write = (session: typeof path) => scsi.write(session, lun, 0n, Buffer.alloc(512), 512);
    expect(await write(sameNode)).toMatchObject({ ok: true });
    expect(await write(otherBytes)).toMatchObject({ ok: false, status: scsi.STATUS.RESERVATION_CONFLICT });
    expect(await scsi.synchronizeCache(otherBytes, lun)).toMatchObject({ ok: true });
    await scsi.persistentReserveOut(path, lun, { action: 'registerAndIgnoreExistingKey', serviceActionKey: 0n });
    expect(await scsi.readKeys(path, lun)).toMatchObject({ ok: true, value: { keys: [] } });
    await Promise.all([path.logout(), sameNode.logout(), otherBytes.logout()]);
  });

  it('frozen in the middle of a run costs no more than its deadlines, and the keys are named', async () => {
    let frozen = false;
    const controller = new AbortController();
    const begun = performance.now();
    const outcome = await qualify({
      access: { portal: lio.portals[0] ?? '', target: lioTarget, loginTimeoutMs: 1_000, commandTimeoutMs: 1_000 },
      ...{ otherPaths: [], target: lioTarget, lun: 0, purpose: 'vm', nodes: 2, paths: 1 },
      ...{ allowReservations: true, allowDataLoss: false, initiatorA: one, initiatorB: two, clusterInitiators: [] },
      ...{
        notes: memoryKeyNotes(),
        now: () => new Date(),
        signal: controller.signal,
        machine: 'lab',
        toolVersion: '0',
      },
      isRehearsal: false,
      onProgress: (event) => {
        if (frozen || event.kind !== 'begin' || event.caseId !== 'Reservations.Preempt.TakesOver') return;
        frozen = true;
        lio.freeze(true);
      },
    });
    lio.freeze(false);
    if (outcome.kind !== 'report') throw new Error(outcome.kind);
    expect(outcome.report.verdict).toBe('inconclusive');
    expect(outcome.report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(300_000);
    const found = await discover({ portal: lio.portals[0] ?? '', initiatorName: one });
    expect(found.targets.length).toBeGreaterThan(0);
  });
});
