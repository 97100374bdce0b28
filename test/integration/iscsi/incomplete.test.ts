import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCore } from '../../../main/agent/compose.ts';
import { cdbOf, decodeCdb, decodeText, encodeFixedSense, findValue } from '../../../main/iscsi/index.ts';
import { runCli, temporaryData, type CliResult } from '../../support/built-cli.ts';
import { mebibytes, startTarget } from '../../support/embedded-target.ts';
import { FakeTarget, type FakeTargetOptions } from '../../support/fake-iscsi-target.ts';
import { arrayChap, chap, expectPlainFailure, nodeName, portalOf } from '../../support/iscsi-cli.ts';

const startFake = async (options: FakeTargetOptions): Promise<FakeTarget> => {
  const target = await FakeTarget.start(options);
  onTestFinished(() => target.stop());
  return target;
};

const hardwareError = encodeFixedSense({ senseKey: 4, asc: 0x44, ascq: 0 });

/** A target that answers one command with HARDWARE ERROR. */
const failing = (kind: string): Promise<FakeTarget> =>
  startFake({
    onCommand: (command, connection) => {
      if (decodeCdb(cdbOf(command))?.kind !== kind) return false;
      connection.respond(command, 2, hardwareError);
      return true;
    },
  });

const run = (verb: string, portal: string, ...more: string[]): Promise<CliResult> =>
  runCli(['iscsi', verb, '--portal', portal, '--initiator', nodeName, ...more], { data: temporaryData() });

describe('what a target did not answer is not what it does not have', () => {
  it('REPORT LUNS: discover and inspect say so, with 5', async () => {
    const target = await failing('reportLuns');
    const discovered = await run('discover', target.portal, '--luns', '--json');
    expect(discovered.code).toBe(5);
    expect(JSON.parse(discovered.out)).toMatchObject({
      targets: [
        {
          luns: null,
          problem: { code: 'QUALIFY_LUNS_NOT_TOLD', what: expect.stringContaining('HARDWARE ERROR') as string },
        },
      ],
    });
    const inspected = await run('inspect', target.portal, '--target', target.name);
    expect(inspected.code).toBe(5);
    expect(inspected.out).toMatch(/problem: REPORT LUNS was answered with CHECK CONDITION, HARDWARE ERROR/);
    expect(inspected.out).not.toContain('shows no LUN');
  });

  it('INQUIRY: the LUN is named, with 5', async () => {
    const target = await failing('inquiry');
    const discovered = await run('discover', target.portal, '--luns');
    expect(discovered.code).toBe(5);
    expect(discovered.out).toContain('LUN 0: INQUIRY was answered with');
    const inspected = await run('inspect', target.portal, '--target', target.name, '--lun', '0');
    expect(inspected.code).toBe(5);
    expect(inspected.out).toContain('problem: LUN 0: INQUIRY was answered with');
  });

  it('READ RESERVATION: not "none", in text and in JSON, with 5', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8) }] });
    // The first PERSISTENT RESERVE IN of a session reads the keys; the second one meets a LUN that is busy.
    const silent = await startFake({
      onCommand: (command, connection) => {
        const cdb = cdbOf(command);
        const isPage = cdb[0] === 0x12 && (cdb[1]! & 1) === 1;
        if (cdb[0] !== 0x5e && !isPage) return false;
        if (isPage) connection.respond(command, 2, encodeFixedSense({ senseKey: 5, asc: 0x24, ascq: 0 }));
        else if ((cdb[1]! & 0x1f) === 0) connection.sendData(command, Buffer.alloc(8));
        else connection.respond(command, 8);
        return true;
      },
    });
    const where = ['--target', silent.name, '--lun', '0'];
    const text = await run('inspect', silent.portal, ...where);
    expect(text.code, text.err).toBe(5);
    expect(text.out).toMatch(/reservation +not answered/);
    const json = await run('inspect', silent.portal, ...where, '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      luns: [{ keys: [], reservation: null, reservationState: 'notAnswered', reservations: null }],
    });
    const free = await run('inspect', portalOf(target), '--target', target.name, '--lun', '1', '--json');
    expect(free.code).toBe(0);
    expect(JSON.parse(free.out)).toMatchObject({ luns: [{ reservation: null, reservationState: 'none' }] });
  });

  it('persistent reservations that the device does not have are an answer: 0', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8) }], faults: ['no-reservations'] });
    const { code, out } = await run('inspect', portalOf(target), '--target', target.name, '--lun', '1', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ luns: [{ keys: null, reservationState: 'notSupported', problem: null }] });
  });

  it('a target that shows no LUN to this name says so', async () => {
    const target = await startTarget({ faults: ['luns-masked:iqn.2026-01.example:other'] });
    const discovered = await run('discover', portalOf(target), '--luns');
    expect(discovered).toMatchObject({ code: 0 });
    expect(discovered.out).toContain(`shows no LUN to ${nodeName}`);
    const inspected = await run('inspect', portalOf(target), '--target', target.name);
    expect(inspected.out).toContain(`shows no LUN to ${nodeName}`);
  });

  it('a LUN that is not ready says so', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8) }], faults: ['not-ready'] });
    const where = ['--target', target.name, '--lun', '1'];
    expect((await run('inspect', portalOf(target), ...where)).out).toMatch(/state +NOT READY: .*NOT READY/);
    const bench = await run('bench', portalOf(target), ...where, '--seconds', '1');
    expect(bench.code).toBe(1);
    expectPlainFailure(bench.err, ['[QUALIFY_LUN_NOT_READY]', 'LUN 1', target.name, 'NOT READY']);
  });
});

describe('a measurement that fails says what failed', () => {
  it('a read, with its sense', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8) }], faults: ['read-error'] });
    const { code, err } = await run('bench', portalOf(target), '--target', target.name, '--lun', '1', '--seconds', '1');
    expect(code).toBe(1);
    expectPlainFailure(err, ['[QUALIFY_LUN_UNREADABLE]', 'MEDIUM ERROR']);
  });

  it('a block that does not fit the device', async () => {
    const target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(8), blockSizeBytes: 4096 }] });
    const where = ['--target', target.name, '--lun', '1', '--seconds', '1'];
    const odd = await run('bench', portalOf(target), ...where, '--block', '512');
    expectPlainFailure(odd.err, ['[QUALIFY_BLOCK_SIZE_WRONG]', '4096 bytes', '--block']);
    const large = await run('bench', portalOf(target), ...where, '--block', '16m');
    expectPlainFailure(large.err, ['[QUALIFY_BLOCK_SIZE_WRONG]', '8388608 bytes']);
  });

  it('digests that the target does not take', async () => {
    const target = await startFake({ wishes: { HeaderDigest: 'None', DataDigest: 'None' } });
    const { code, err } = await run('bench', target.portal, '--target', target.name, '--lun', '0', '--digests');
    expect(code).toBe(1);
    expectPlainFailure(err, ['[ISCSI_DIGESTS_REFUSED]', 'leave --digests out']);
  });
});

describe('proof of the target at the discovery', () => {
  const data = temporaryData;
  const mutual = [
    ...['--chap-user', chap.user, '--chap-secret-file', '-'],
    ...['--chap-mutual-user', arrayChap.user, '--chap-mutual-secret-file', '-'],
  ];
  const stdin = `${chap.secret}\n${arrayChap.secret}\n`;

  it.each([
    ['an impostor that only refuses', 'refuses'],
    ['a portal that takes no CHAP', 'takes none'],
  ])('is not given up: %s is not asked without CHAP', async (_what, kind) => {
    const methods: string[] = [];
    const impostor = await startFake({
      onPdu: (pdu, connection) => {
        if (pdu.kind !== 'loginRequest') return false;
        const method = findValue(decodeText(pdu.data), 'AuthMethod') ?? '';
        methods.push(method);
        if (kind === 'takes none' || method !== 'CHAP') return false;
        connection.send({ kind: 'loginResponse', itt: pdu.itt, isid: pdu.isid, statusClass: 2, statusDetail: 1 });
        return true;
      },
    });
    const args = ['iscsi', 'discover', '--portal', impostor.portal, '--initiator', nodeName, ...mutual];
    const { code, out, err } = await runCli(args, { data: data(), stdin });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/\[ISCSI_(LOGIN_AUTHENTICATION_FAILED|DISCOVERY_UNPROVEN)\]/);
    expect(methods.filter((method) => method !== '' && method !== 'CHAP')).toEqual([]);
  });

  it('one way: says that the discovery did not test the secret', async () => {
    const target = await startTarget({ chap: { initiator: chap, target: null } });
    const args = ['iscsi', 'discover', '--portal', portalOf(target), '--initiator', nodeName, ...mutual.slice(0, 4)];
    const plain = await runCli(args, { data: data(), stdin });
    expect(plain.code).toBe(0);
    expect(plain.err).toContain('the secret was not tested');
    expect((await runCli([...args, '--luns'], { data: data(), stdin })).err).not.toContain('not tested');
  });
});

describe('secrets as Windows writes them', () => {
  it.each([
    ['UTF-16 in a file', Buffer.from(`\ufeff${chap.secret}\r\n`, 'utf16le'), 'file'],
    ['UTF-8 with its mark on standard input', Buffer.from(`\ufeff${chap.secret}\r\n`), '-'],
  ])('%s', async (_what, bytes, from) => {
    const target = await startTarget({ chap: { initiator: chap, target: null } });
    const data = temporaryData();
    const path = from === '-' ? '-' : join(data, 'secret.txt');
    if (from !== '-') writeFileSync(path, bytes);
    const args = ['iscsi', 'inspect', '--portal', portalOf(target), '--target', target.name, '--initiator', nodeName];
    const running = await runCli([...args, '--chap-user', chap.user, '--chap-secret-file', path], {
      data,
      stdin: from === '-' ? bytes.toString() : '',
    });
    expect(running).toMatchObject({ code: 0, err: '' });
  });

  it('longer than Windows takes is told', async () => {
    const long = { user: 'node1', secret: 'a-secret-of-17-by' };
    const target = await startTarget({ chap: { initiator: long, target: null } });
    const args = ['iscsi', 'inspect', '--portal', portalOf(target), '--target', target.name, '--initiator', nodeName];
    const { code, err } = await runCli([...args, '--chap-user', long.user, '--chap-secret-file', '-'], {
      data: temporaryData(),
      stdin: long.secret,
    });
    expect(code).toBe(0);
    expect(err).toMatch(/secret of the initiator .* 17 bytes long.*12 to 16/);
  });
});

describe('a name that Quorate made', () => {
  it.runIf(process.platform === 'linux')('is told as such, unless one was given', async () => {
    const target = await startTarget();
    const args = ['iscsi', 'discover', '--portal', portalOf(target)];
    const { err, out } = await runCli([...args, '--json'], { data: temporaryData() });
    const { initiator } = JSON.parse(out) as { initiator: string };
    if (initiator.startsWith('iqn.2026-01.org.quorate:')) expect(err).toContain(`Quorate made one: ${initiator}`);
    else expect(err).toBe('');
    expect((await runCli([...args, '--initiator', nodeName], { data: temporaryData() })).err).toBe('');
  });
});

describe('a target that takes its time', () => {
  it.each([
    ['iscsi.inspect', {}, 'reportLuns', 'REPORT LUNS'],
    ['iscsi.discover', { withLuns: true }, 'reportLuns', 'REPORT LUNS'],
    ['iscsi.bench', { lun: 0 }, 'inquiry', 'INQUIRY and capacity of LUN 0'],
  ])('%s says what is waited for while it waits', async (method, more, silent, words) => {
    const target = await startFake({ onCommand: (command) => decodeCdb(cdbOf(command))?.kind === silent });
    const controller = new AbortController();
    const said: string[] = [];
    const core = createCore({ dataFolder: temporaryData(), host: 'cli' });
    const input = { portal: target.portal, target: target.name, initiator: nodeName, ...more };
    const call = core.call(method, input, {
      caller: { kind: 'cli' },
      signal: controller.signal,
      onProgress: ({ doing }) => said.push(doing),
    });
    await expect.poll(() => said.at(-1)).toContain(words);
    // It goes on saying so: somebody watches.
    const count = said.length;
    await expect.poll(() => said.length).toBeGreaterThan(count);
    controller.abort();
    expect(await call).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    expect(said).toContain(`Waiting for ${method === 'iscsi.discover' ? target.name : target.portal}: ${words}`);
  });
});
