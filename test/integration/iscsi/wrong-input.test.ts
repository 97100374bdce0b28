import { createServer, type Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runCli, temporaryData, type CliResult } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { expectNothingLeft, expectPlainFailure, nodeName, portalOf } from '../../support/iscsi-cli.ts';

let target: TestTarget;
beforeAll(async () => {
  target = await startTarget({ luns: [{ lun: 1, sizeBytes: mebibytes(16) }] }, { closesItself: false });
});
afterAll(() => target.close());

const run = (args: readonly string[], stdin = ''): Promise<CliResult> =>
  runCli(['iscsi', ...args], { data: temporaryData(), stdin });
const as = ['--initiator', nodeName];

/** Somebody else's service: it says something to whoever connects, or answers what it is sent. */
const serveOther = async (speak: { first?: Buffer; answer?: Buffer }): Promise<string> => {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    if (speak.first) socket.write(speak.first);
    if (speak.answer) socket.once('data', () => socket.write(speak.answer ?? Buffer.alloc(0)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
};

describe('what was typed wrong is wrong usage: 2, before anything is sent', () => {
  const long = `iqn.2026-01.example:${'a'.repeat(204)}`;
  it.each<[string, () => string[], string[]]>([
    [
      'an IQN that is none',
      () => ['discover', '--portal', portalOf(target), '--initiator', 'node1'],
      ['node1', 'iqn.'],
    ],
    ['an IQN of 224 bytes', () => ['discover', '--portal', portalOf(target), '--initiator', long], ['224', '223']],
    [
      'a target name that cannot be sent',
      () => ['inspect', '--portal', portalOf(target), '--target', long, ...as],
      ['224', '223'],
    ],
    ['a portal that is none', () => ['discover', '--portal', 'a b', ...as], ['"a b"']],
    ['a port that is none', () => ['discover', '--portal', '127.0.0.1:99999', ...as], ['127.0.0.1:99999', '65535']],
    [
      'a second portal that is none',
      () => ['qualify', '--portal', portalOf(target), '--portal', 'x:0', '--target', target.name, '--lun', '1', ...as],
      ['x:0'],
    ],
    [
      'a second initiator that is none',
      () => [
        ...['qualify', '--portal', portalOf(target), '--target', target.name, '--lun', '1', ...as],
        ...['--second-initiator', 'node2'],
      ],
      ['node2'],
    ],
    [
      'a node of the cluster that is none',
      () => [
        ...['qualify', '--portal', portalOf(target), '--target', target.name, '--lun', '1', ...as],
        ...['--cluster-node', 'node2'],
      ],
      ['node2'],
    ],
    [
      'a glob that matches nothing',
      () => [
        ...['qualify', '--portal', portalOf(target), '--target', target.name, '--lun', '1', ...as],
        ...['--case', 'Reservation.*'],
      ],
      ['Reservation.*', '--list'],
    ],
  ])('%s', async (_what, args, named) => {
    const { code, out, err } = await run(args());
    expect([code, out]).toEqual([2, '']);
    expectPlainFailure(err, named);
  });

  it.each<[string, string[], RegExp]>([
    ['no portal', ['discover'], /--portal/],
    ['no target', ['inspect', '--portal', '127.0.0.1'], /--target/],
    ['no LUN to qualify', ['qualify', '--portal', '127.0.0.1', '--target', 'iqn.2026-01.example:a'], /--lun/],
    ['a LUN that is no number', ['inspect', '--portal', '127.0.0.1', '--lun', 'one', '--target', 'x'], /0 to 16777215/],
    [
      'a LUN that is too high',
      ['inspect', '--portal', '127.0.0.1', '--lun', '16777216', '--target', 'x'],
      /0 to 16777215/,
    ],
    ['a purpose that is none', ['qualify', '--purpose', 'quorum'], /witness/],
    ['a block that is none', ['bench', '--portal', 'x', '--target', 'x', '--lun', '1', '--block', '4q'], /4k/],
    [
      'a block that no disk has',
      ['bench', '--portal', 'x', '--target', 'x', '--lun', '1', '--block', '1000'],
      /multiple of 512/,
    ],
    ['an empty portal', ['discover', '--portal', ''], /--portal.*It is empty/],
    ['an empty target', ['inspect', '--portal', 'x', '--target', ''], /--target.*It is empty/],
    ['an empty CHAP name', ['discover', '--portal', 'x', '--chap-user', ''], /--chap-user.*It is empty/],
    ['an empty initiator', ['discover', '--portal', 'x', '--initiator', ''], /--initiator.*It is empty/],
    ['a source that is no address', ['discover', '--portal', 'x', '--source-ip', 'eth0'], /--source-ip.*IPv4 or IPv6/],
    ['two portals where one is looked at', ['discover', '--portal', 'a', '--portal', 'b'], /one --portal/],
    [
      'a report of unknown form',
      ['qualify', '--portal', 'x', '--target', 'x', '--lun', '1', '--report', 'x.doc'],
      /html/,
    ],
    ['one report to compare', ['compare', 'a.json'], /two reports/],
    ['an unknown verb', ['format'], /format/],
  ])('%s', async (_what, args, says) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('a CHAP secret of less than 12 bytes, from a file or from standard input, without showing it', async () => {
    const file = join(temporaryData(), 'secret');
    writeFileSync(file, 'short-one\n');
    for (const path of [file, '-']) {
      const args = ['discover', '--portal', portalOf(target), ...as, '--chap-user', 'u', '--chap-secret-file', path];
      const { code, err } = await run(args, 'short-one\n');
      expect(code).toBe(2);
      expectPlainFailure(err, ['12', '9 bytes']);
      expect(err).not.toContain('short-one');
    }
  });

  it.each([
    ['a file that is not there', 'none.txt', 'there is no such file'],
    ['a folder', '.', 'it is a folder'],
    ['an empty file', 'empty.txt', 'its first line is empty'],
  ])('%s where the secret should be, said with its path and whose secret it is', async (_what, name, says) => {
    const folder = temporaryData();
    writeFileSync(join(folder, 'empty.txt'), '');
    writeFileSync(join(folder, 'good.txt'), 'secret-of-node-1\n');
    const path = join(folder, name);
    const base = ['discover', '--portal', portalOf(target), ...as, '--chap-user', 'u'];
    const own = await run([...base, '--chap-secret-file', path]);
    expect(own.code).toBe(2);
    expectPlainFailure(own.err, [path, says, '[SECRET_FILE_UNUSABLE]']);
    const other = await run([
      ...base,
      '--chap-secret-file',
      join(folder, 'good.txt'),
      '--chap-mutual-secret-file',
      path,
    ]);
    expect(other.code).toBe(2);
    if (name === 'empty.txt')
      expect([own.err, other.err]).toEqual(
        [/the initiator/, /the target/].map((one) => expect.stringMatching(one) as string),
      );
  });

  it('which name it is that is wrong, and that it is too long where that is the trouble', async () => {
    const where = ['qualify', '--portal', portalOf(target), '--target', target.name, '--lun', '1', ...as];
    expect((await run([...where, '--second-initiator', 'node2'])).err).toMatch(/^The second initiator’s name "node2"/);
    const tooLong = await run([...where, '--second-initiator', long]);
    expect(tooLong.code).toBe(2);
    expectPlainFailure(tooLong.err, ['[ISCSI_NAME_TOO_LONG]', '224 bytes', 'at most 223 bytes']);
  });

  it('with --json the failure is the one document', async () => {
    const { code, out } = await run(['discover', '--portal', portalOf(target), '--initiator', 'node1', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'quorate.failure/1',
      error: { code: 'ISCSI_NAME_MALFORMED', effect: 'none', cause: null },
      next: expect.stringContaining('iqn.') as string,
    });
  });
});

describe('what the other side does is a failure: 1, with portal, target and LUN named', () => {
  it('a name that cannot be resolved', async () => {
    const { code, err } = await run(['discover', '--portal', 'nowhere.invalid:3260', ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, ['nowhere.invalid', 'ISCSI_PORTAL_UNRESOLVABLE']);
  });

  it('nothing that listens', async () => {
    const { code, err } = await run(['discover', '--portal', '127.0.0.1:1', ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, ['127.0.0.1:1', 'ISCSI_PORTAL_REFUSED']);
  });

  it.each([
    ['an SSH server', { first: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n') }, 'ISCSI_NOT_ISCSI_SSH', 'SSH'],
    // A TLS alert, unexpected_message: what a TLS server answers to bytes that are no ClientHello (RFC 8446 section 6).
    ['a TLS speaker', { answer: Buffer.from('15030100020' + '20a', 'hex') }, 'ISCSI_NOT_ISCSI_TLS', 'TLS'],
    ['an HTTP server', { answer: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, 'ISCSI_NOT_ISCSI_HTTP', 'HTTP'],
  ])('%s on the port', async (_what, speak, errorCode, word) => {
    const portal = await serveOther(speak);
    const { code, err } = await run(['discover', '--portal', portal, ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, [portal, errorCode, word, '3260']);
  });

  it('a target that is not there', async () => {
    const name = 'iqn.2026-01.example:none';
    const { code, err } = await run(['inspect', '--portal', portalOf(target), '--target', name, ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, [name, portalOf(target), 'quorate iscsi discover']);
  });

  it.each(['inspect', 'qualify', 'bench'])('a LUN that is not there (%s)', async (verb) => {
    const args = ['--portal', portalOf(target), '--target', target.name, '--lun', '7', ...as];
    const { code, err } = await run([verb, ...args]);
    expect(code).toBe(1);
    expectPlainFailure(err, ['LUN 7', target.name, 'quorate iscsi discover --luns']);
  });

  it('a source address that no NIC has', async () => {
    const { code, err } = await run(['discover', '--portal', portalOf(target), '--source-ip', '192.0.2.7', ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, ['192.0.2.7', portalOf(target), 'network adapter']);
  });

  it('a report that cannot be written, said with the path', async () => {
    const args = ['--portal', portalOf(target), '--target', target.name, '--lun', '1', ...as, '--case', 'Identity.*'];
    const { code, err } = await run(['qualify', ...args, '--report', '/nowhere/at/all/report.html']);
    expect(code).toBe(1);
    expectPlainFailure(err, ['/nowhere/at/all/report.html', 'FILE_NOT_WRITABLE']);
  });

  it.each<[string, string, string]>([
    ['16 MiB of text keys', 'text-flood', 'ISCSI_TEXT_TOO_LONG'],
    ['garbage instead of a login response', 'garbage:login-start', 'ISCSI_'],
    ['a data segment that is too long', 'overlong:login-start', 'ISCSI_PDU_TOO_LONG'],
    ['a connection that is cut', 'cut:login-start', 'ISCSI_CONNECTION_CLOSED'],
  ])('%s', async (_what, fault, errorCode) => {
    target.faults.add(fault);
    onTestFinished(() => target.faults.clear());
    const { code, err } = await run(['discover', '--portal', portalOf(target), ...as]);
    expect(code).toBe(1);
    expectPlainFailure(err, [portalOf(target), errorCode]);
  });

  it('leaves nothing behind on the target, after all of this', async () => {
    await expectNothingLeft(target);
  });
});
