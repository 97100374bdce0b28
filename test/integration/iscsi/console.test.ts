import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtCli, runCli, startCli, temporaryData, type RunningCli } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget } from '../../support/embedded-target.ts';
import { expectNothingLeft, nodeName, portalOf } from '../../support/iscsi-cli.ts';

const twoLuns = (): Promise<TestTarget> =>
  startTarget({
    luns: [
      { lun: 1, sizeBytes: mebibytes(600), serial: 'QUORATE-1' },
      { lun: 2, sizeBytes: mebibytes(600), serial: 'QUORATE-2' },
    ],
  });

const where = (target: TestTarget, lun = 1): string[] => [
  ...['--portal', portalOf(target), '--target', target.name, '--lun', String(lun), '--initiator', nodeName],
];

/** All that somebody did at the target. */
const askedOf = (target: TestTarget): string[] =>
  target.events.map(({ kind }) => kind).filter((kind) => kind !== 'listening');

const isPosix = process.platform !== 'win32';

/** The built command line behind a shell, which ends with its exit code: `"$@"` is the command. */
const throughShell = (script: string): [string, ...string[]] => ['bash', '-c', script, process.execPath];
const node = `"${process.execPath}" "$@"`;

describe.runIf(isPosix)('a standard output that takes nothing', () => {
  it('closed early: the exit code is that of the verdict all the same', async () => {
    const target = await startTarget({ faults: ['write-protected'] });
    const args = ['iscsi', 'qualify', ...where(target), '--case', 'Identity.*'];
    const program = throughShell(`${node} | true; exit \${PIPESTATUS[0]}`);
    const { code, err } = await runCli(args, { data: temporaryData(), program });
    expect([code, err]).toEqual([4, '']);
    await expectNothingLeft(target);
  });

  it('stderr closed as well, in the middle: own keys are removed', async () => {
    const target = await twoLuns();
    const args = ['iscsi', 'qualify', ...where(target), '--allow-reservations'];
    const program = throughShell(`${node} 2>&1 | true; exit \${PIPESTATUS[0]}`);
    expect((await runCli(args, { data: temporaryData(), program, env: { QUORATE_TRACE: 'scsi' } })).code).toBe(0);
    await expectNothingLeft(target);
  });

  it.runIf(existsSync('/dev/full'))('full: said on stderr, and 1', async () => {
    const target = await twoLuns();
    const args = ['iscsi', 'inspect', ...where(target)];
    const { code, err } = await runCli(args, { data: temporaryData(), program: throughShell(`${node} > /dev/full`) });
    expect(code).toBe(1);
    expect(err).toMatch(/could not be written to standard output: the disk is full/);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('--report', () => {
  it.each([
    ['a folder that does not exist', 'none/report.html'],
    ['a folder of that name', 'folder.json'],
  ])('into %s is refused before the target is asked anything', async (_what, name) => {
    const target = await twoLuns();
    const data = temporaryData();
    mkdirSync(join(data, 'folder.json'));
    const args = ['iscsi', 'qualify', ...where(target), '--allow-reservations', '--report', join(data, name)];
    const { code, out, err } = await runCli(args, { data });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('[FILE_NOT_WRITABLE]');
    expect(err).toContain(join(data, name));
    expect(askedOf(target)).toEqual([]);
  });

  it('as PDF where nothing can print is refused before the target is asked anything', async () => {
    const target = await twoLuns();
    const data = temporaryData();
    const args = ['iscsi', 'qualify', ...where(target), '--allow-reservations', '--report', join(data, 'report.pdf')];
    const { code, err } = await runCli(args, { data, env: { QUORATE_ELECTRON: '/nowhere/electron' } });
    expect(code).toBe(1);
    expect(err).toContain('[REPORT_PDF_UNAVAILABLE]');
    expect(askedOf(target)).toEqual([]);
  });

  it('that cannot be written any more when the verdict is there: the verdict is told, and the file is missed', async () => {
    const target = await twoLuns();
    const data = temporaryData();
    const path = join(data, 'report.pdf');
    // An electron that is there and ends at once: that is found out only by printing.
    const args = ['iscsi', 'qualify', ...where(target), '--case', 'Identity.*', '--report', path, '--json'];
    const { code, out, err } = await runCli(args, { data, env: { QUORATE_ELECTRON: '/bin/false', DISPLAY: ':99' } });
    expect(JSON.parse(out)).toMatchObject({ schema: 'quorate.qualification/1', verdict: 'inconclusive' });
    expect(code).toBe(5);
    expect(err).toContain('[REPORT_PDF_UNAVAILABLE]');
  });

  it('says that it replaced a file', async () => {
    const target = await twoLuns();
    const data = temporaryData();
    const path = join(data, 'report.json');
    const args = ['iscsi', 'qualify', ...where(target), '--case', 'Identity.*', '--report', path];
    expect((await runCli(args, { data })).err).toContain(`was written to ${path}`);
    writeFileSync(path, 'something else');
    expect((await runCli(args, { data })).err).toContain(`The report replaced ${path}.`);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ schema: 'quorate.qualification/1' });
  });
});

describe('--json', () => {
  it.each([
    ['an option that is missing', ['discover', '--json'], '--portal'],
    ['an option that does not exist', [...'inspect --json --nonsense --portal x --target x'.split(' ')], '--nonsense'],
    ['a value that is none', ['inspect', '--portal', 'x', '--target', 'x', '--lun', 'one', '--json'], '0 to 16777215'],
    ['half of CHAP', ['discover', '--portal', '127.0.0.1', '--chap-user', 'u', '--json'], 'belong together'],
    [
      'a report of unknown form',
      ['qualify', ...'--portal x --target x --lun 1 --report x.doc --json'.split(' ')],
      '.html',
    ],
    ['a verb that does not exist', ['format', '--json'], 'format'],
  ])('prints one document for wrong usage: %s', async (_what, args, says) => {
    const { code, out } = await runCli(['iscsi', ...args], { data: temporaryData() });
    expect(code).toBe(2);
    const document = JSON.parse(out) as { schema: string; what: string; next: string; error: { code: string } };
    expect(document).toMatchObject({ schema: 'quorate.failure/1', error: { code: 'CLI_USAGE', effect: 'none' } });
    expect(document.what).toContain(says);
    expect(document.next).not.toBe('');
  });
});

/** Starts a case that reserves and then reads, from a disk that takes long: what happens then, happens in the middle. */
const startInTheMiddle = async (target: TestTarget, data: string, lun = 1, slowMs = 60_000): Promise<RunningCli> => {
  target.faults.add(`slow-disk:${slowMs}`);
  const args = ['--allow-reservations', '--case', 'Reservations.Conflict.UnregisteredReader'];
  const running = startCli(['iscsi', 'qualify', ...where(target, lun), ...args], { data });
  await expect.poll(() => target.store.get(lun)?.reservations.reservation ?? null).not.toBeNull();
  return running;
};

describe.runIf(isPosix)('a command that is asked to stop', () => {
  it('says so at once, and at the end what became of its keys', async () => {
    const target = await twoLuns();
    const running = await startInTheMiddle(target, temporaryData());
    running.child.kill('SIGINT');
    const { code, err } = await running.done;
    expect(code).toBe(3);
    const [first] = err.split('\n');
    expect(first).toBe('Stopping: own keys are removed first; Ctrl-C again ends at once and leaves a note.');
    expect(err).toContain(`Own keys were removed: none is left on LUN 1 of ${target.name}.`);
    await expectNothingLeft(target);
  });

  it('by a console that is closed, which says so twice: removes its keys all the same', async () => {
    const target = await twoLuns();
    const running = await startInTheMiddle(target, temporaryData());
    // The removal takes some answers more than it would, so that the second one comes in its middle.
    target.faults.add('busy:2');
    running.child.kill('SIGHUP');
    await expect.poll(() => running.soFar().err, { interval: 2 }).toContain('Stopping');
    running.child.kill('SIGHUP');
    expect((await running.done).code).toBe(3);
    await expectNothingLeft(target);
  });

  it('by a second Ctrl-C ends at once, and its notes find what it left', async () => {
    const target = await twoLuns();
    const data = temporaryData();
    // Nothing answers any more, so that the removal takes its time.
    const running = await startInTheMiddle(target, data);
    target.faults.add('stall:command-persistent-reserve-out');
    target.faults.add('stall:command-persistent-reserve-in');
    running.child.kill('SIGINT');
    await expect.poll(() => running.soFar().err).toContain('Stopping');
    running.child.kill('SIGINT');
    expect((await running.done).code).toBe(3);
    target.faults.clear();
    expect((await runCli(['iscsi', 'reservations', 'clear-mine'], { data })).code).toBe(0);
    await expectNothingLeft(target);
  });
});

describe.runIf(isPosix)('two commands of one data folder', () => {
  // The first may be over before it is asked to stop, where this machine stood still for longer than its disk is slow.
  it('the first ends, and the second, which works in its process, goes on to its end', { retry: 3 }, async () => {
    const target = await twoLuns();
    const data = temporaryData();
    const first = await startInTheMiddle(target, data, 1, 6_000);
    const second = await startInTheMiddle(target, data, 2, 6_000);
    first.child.kill('SIGINT');
    await expect.poll(() => first.soFar().err).toContain('Another command is still using this process');
    target.faults.clear();
    const [one, two] = await Promise.all([first.done, second.done]);
    expect(one.code).toBe(3);
    expect(two.err).not.toContain('CORE_CONNECTION_LOST');
    expect(two.code).toBe(5);
    expect(two.out).toContain('1 passed');
    await expectNothingLeft(target);
  });

  it('another Ctrl-C at the first asks the second to stop, too, and both leave nothing', async () => {
    const target = await twoLuns();
    const data = temporaryData();
    const first = await startInTheMiddle(target, data, 1);
    const second = await startInTheMiddle(target, data, 2);
    first.child.kill('SIGINT');
    await expect.poll(() => first.soFar().err).toContain('Another command is still using this process');
    first.child.kill('SIGINT');
    const [one, two] = await Promise.all([first.done, second.done]);
    expect([one.code, two.code]).toEqual([3, 3]);
    await expectNothingLeft(target);
  });
});

it('the program of these tests is the built one', () => expect(existsSync(builtCli)).toBe(true));
