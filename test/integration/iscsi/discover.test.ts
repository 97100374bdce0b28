import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession, scsi } from '../../../main/iscsi/index.ts';
import { everythingIn, runCli, startCli, temporaryData } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTargetOptions } from '../../support/embedded-target.ts';
import { arrayChap, chap, expectNothingLeft, nodeName, portalOf } from '../../support/iscsi-cli.ts';

const twoLuns: TestTargetOptions = {
  luns: [
    { lun: 1, sizeBytes: mebibytes(600), serial: 'QUORATE-1' },
    { lun: 2, sizeBytes: mebibytes(8), serial: 'QUORATE-2' },
  ],
};

describe('quorate iscsi discover', () => {
  it('lists targets with every portal, and with --luns their logical units', async () => {
    const target = await startTarget({ ...twoLuns, portalGroups: [1, 2] });
    const data = temporaryData();
    const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName];
    const plain = await runCli(args, { data });
    expect(plain).toMatchObject({ code: 0, err: '' });
    expect(plain.out).toContain(target.name);
    for (const { port, tag } of target.portals) expect(plain.out).toContain(`127.0.0.1:${port}, portal group ${tag}`);
    expect(plain.out).not.toContain('LUN');

    const json = await runCli([...args, '--luns', '--json'], { data });
    expect(json).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({
      schema: 'quorate.iscsi-discovery/1',
      portal: portalOf(target),
      initiator: nodeName,
      localAddress: expect.stringMatching(/^127\.0\.0\.1/) as string,
      targets: [
        {
          name: target.name,
          problem: null,
          portals: target.portals.map(({ port, tag }) => ({ address: `127.0.0.1:${port}`, portalGroupTag: tag })),
          luns: [
            { lun: 1, serial: 'QUORATE-1', sizeBytes: String(mebibytes(600)), blockSizeBytes: 512 },
            { lun: 2, serial: 'QUORATE-2', sizeBytes: String(mebibytes(8)) },
          ],
        },
      ],
    });
    await expectNothingLeft(target);
  });

  it('reaches an IPv6 portal from a named source address', async () => {
    const target = await startTarget({ ipv6: true });
    const portal = `[::1]:${target.port}`;
    const args = ['iscsi', 'discover', '--portal', portal, '--source-ip', '::1', '--initiator', nodeName, '--json'];
    const { code, out } = await runCli(args, { data: temporaryData() });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ targets: [{ portals: [{ address: portal }] }] });
  });

  it('says of a target that refuses the logon what it said, beside what was found', async () => {
    const target = await startTarget({ ...twoLuns, faults: ['target-full'] });
    const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName, '--luns', '--json'];
    const { code, out } = await runCli(args, { data: temporaryData() });
    const { targets } = JSON.parse(out) as { targets: { luns: unknown; problem: { code: string; what: string } }[] };
    expect(code).toBe(5);
    expect(targets).toMatchObject([{ luns: null, problem: { code: 'ISCSI_LOGIN_OUT_OF_RESOURCES' } }]);
    expect(targets[0]?.problem.what).toContain(target.name);
  });

  it('names the initiator to admit where the portal shows it nothing', async () => {
    const target = await startTarget({ ...twoLuns, admit: ['iqn.2026-01.example:somebody'] });
    const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName];
    const { code, out, err } = await runCli(args, { data: temporaryData() });
    expect(code).toBe(0);
    expect(out).toContain(`shows no target to ${nodeName}`);
    expect(err).toContain('--initiator');
  });
});

describe('quorate iscsi inspect', () => {
  it('shows identity, capabilities, keys and the reservation with its holder, and changes nothing', async () => {
    const target = await startTarget(twoLuns);
    const holder = await openSession({ portal: portalOf(target), target: target.name, initiatorName: nodeName });
    const lun = scsi.lunFromNumber(1);
    await scsi.testUnitReady(holder, lun);
    const type = 'writeExclusiveRegistrantsOnly';
    await scsi.persistentReserveOut(holder, lun, { action: 'register', serviceActionKey: 0xabcdn });
    await scsi.persistentReserveOut(holder, lun, { action: 'reserve', key: 0xabcdn, type });
    const generation = target.store.get(1)?.reservations.generation;
    const data = temporaryData();
    const args = ['iscsi', 'inspect', '--portal', portalOf(target), '--target', target.name, '--initiator'];
    const other = 'iqn.2026-01.example:other';

    const one = await runCli([...args, other, '--lun', '1', '--json'], { data });
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(one.out)).toMatchObject({
      schema: 'quorate.iscsi-inspection/1',
      target: target.name,
      authentication: 'none',
      luns: [
        {
          lun: 1,
          serial: 'QUORATE-1',
          identity: expect.stringMatching(/^naa\./) as string,
          keys: ['0x000000000000abcd'],
          reservation: {
            key: '0x000000000000abcd',
            type: 'Write Exclusive - Registrants Only (5)',
            holder: expect.stringContaining(nodeName) as string,
          },
          capabilities: { persistThroughPowerLossCapable: true },
        },
      ],
    });
    const all = await runCli([...args, other], { data });
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/LUN 1:[\s\S]*Write Exclusive - Registrants Only[\s\S]*LUN 2:[\s\S]*keys +none/);
    expect(target.store.get(1)?.reservations.generation).toBe(generation);
    await holder.close();
  });

  it('makes what a device says of itself harmless for the terminal', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8), serial: 'A\u001b[31mB' }] });
    const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName, '--luns'];
    const { code, out } = await runCli(args, { data: temporaryData() });
    expect(code).toBe(0);
    expect(out).not.toContain('\u001b');
  });
});

describe('CHAP on the command line', () => {
  const guarded = (): ReturnType<typeof startTarget> =>
    startTarget({ ...twoLuns, chap: { initiator: chap, target: arrayChap }, admit: [nodeName] });

  it('takes the secrets from a file or from standard input, one way and mutual', async () => {
    const target = await guarded();
    const data = temporaryData();
    const file = join(data, 'secret.txt');
    writeFileSync(file, `\ufeff${chap.secret}\r\nsecond line\r\n`);
    const args = ['iscsi', 'inspect', '--portal', portalOf(target), '--target', target.name, '--initiator', nodeName];
    const user = ['--json', '--chap-user', chap.user, '--chap-secret-file'];
    const mutual = ['--chap-mutual-user', arrayChap.user, '--chap-mutual-secret-file'];
    const oneWay = await runCli([...args, ...user, file], { data });
    expect(oneWay).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(oneWay.out)).toMatchObject({ authentication: 'chap' });
    const both = await runCli([...args, ...user, '-', ...mutual, '-'], {
      data,
      stdin: `${chap.secret}\n${arrayChap.secret}\n`,
    });
    expect(both).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(both.out)).toMatchObject({ authentication: 'mutualChap' });
    const wrong = await runCli([...args, ...user, file, ...mutual, '-'], { data, stdin: 'another-secret-1\n' });
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.out)).toMatchObject({ error: { code: 'ISCSI_MUTUAL_CHAP_FAILED' } });
    await expectNothingLeft(target);
  });

  it.runIf(process.platform === 'linux')(
    'shows the secret neither in the process list nor in output, trace, log or notes',
    async () => {
      const target = await guarded();
      target.faults.add('slow-disk:200');
      const data = temporaryData();
      const secrets = [chap.secret, arrayChap.secret];
      const running = startCli(
        [
          ...['iscsi', 'qualify', '--portal', portalOf(target), '--target', target.name, '--lun', '1'],
          ...['--initiator', nodeName, '--allow-reservations', '--case', 'Reservations.Conflict.UnregisteredReader'],
          ...['--chap-user', chap.user, '--chap-secret-file', '-'],
          ...['--chap-mutual-user', arrayChap.user, '--chap-mutual-secret-file', '-'],
          ...['--report', join(data, 'report.json')],
        ],
        { data, stdin: `${secrets.join('\n')}\n`, env: { QUORATE_TRACE: 'pdu,text,scsi' } },
      );
      const seen: string[] = [];
      const look = (): number => {
        for (const name of ['cmdline', 'environ'])
          seen.push(readFileSync(`/proc/${running.child.pid}/${name}`, 'latin1'));
        return target.store.get(1)?.reservations.registrations.length ?? 0;
      };
      await expect.poll(look).toBeGreaterThan(0);
      const { code, out, err } = await running.done;
      expect(code).toBe(5);
      // The trace is there, so that its silence about the secret means something.
      expect(err).toContain('CHAP_N');
      const everything = [...seen, out, err, everythingIn(data)].join('\n');
      for (const secret of secrets) {
        expect(everything).not.toContain(secret);
        expect(everything.toLowerCase()).not.toContain(Buffer.from(secret).toString('hex'));
      }
    },
  );

  it('discovers where the portal wants CHAP for discovery, and where only the target wants it', async () => {
    const data = temporaryData();
    const only = await guarded();
    const both = await startTarget({
      ...twoLuns,
      chap: { initiator: chap, target: null },
      discoveryChap: { initiator: chap, target: null },
    });
    const secret = ['--chap-user', chap.user, '--chap-secret-file', '-'];
    for (const [target, authentication] of [
      [only, 'none'],
      [both, 'chap'],
    ] as const) {
      const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName, '--luns', '--json'];
      const { code, out } = await runCli([...args, ...secret], { data, stdin: chap.secret });
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ authentication, targets: [{ luns: [{ lun: 1 }, { lun: 2 }] }] });
    }
    const args = ['iscsi', 'discover', '--portal', portalOf(both), '--initiator', nodeName];
    const wrong = await runCli([...args, ...secret], { data, stdin: 'another-secret-1' });
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('[ISCSI_LOGIN_AUTHENTICATION_FAILED]');
  });

  it.each([
    ['a user without a secret', ['--chap-user', 'u']],
    ['a secret without a user', ['--chap-secret-file', '-']],
    ['a mutual user without a secret', ['--chap-user', 'u', '--chap-secret-file', '-', '--chap-mutual-user', 'a']],
    ['a mutual secret alone', ['--chap-mutual-secret-file', '-']],
  ])('refuses half of it: %s', async (_what, half) => {
    const { code, out, err } = await runCli(['iscsi', 'discover', '--portal', '127.0.0.1', ...half], {
      data: temporaryData(),
      stdin: 'a-secret-of-node1\n',
    });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/belong together|needs --chap/);
  });
});

describe('quorate iscsi bench', () => {
  it('reads for the time given and says how quickly, and never writes', async () => {
    const target = await startTarget(twoLuns);
    const args = ['iscsi', 'bench', '--portal', portalOf(target), '--target', target.name, '--lun', '2'];
    const { code, out } = await runCli(
      [...args, '--initiator', nodeName, '--block', '8k', '--depth', '4', '--seconds', '1', '--json'],
      { data: temporaryData() },
    );
    expect(code).toBe(0);
    const result = JSON.parse(out) as {
      iops: number;
      mbPerSecond: number;
      seconds: number;
      latencyMs: { p50: number; p99: number };
    };
    expect(result).toMatchObject({ schema: 'quorate.iscsi-bench/1', lun: 2, blockBytes: 8192, depth: 4 });
    expect(result.iops).toBeGreaterThan(10);
    expect(result.mbPerSecond).toBeCloseTo((result.iops * 8192) / 1e6, 0);
    expect(result.seconds).toBeGreaterThanOrEqual(1);
    expect(result.latencyMs.p99).toBeGreaterThanOrEqual(result.latencyMs.p50);
    await expectNothingLeft(target);
  });
});
