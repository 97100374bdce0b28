import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../../main/cli/exit-codes.ts';
import { runCli } from '../../../main/cli/run.ts';
import { openRawSession, RawInitiator } from '../../support/raw-initiator.ts';
import { removeFolder } from '../../support/remove-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quorate-serve-'));
});
afterEach(() => removeFolder(folder));

interface Running {
  readonly lines: string[];
  readonly notes: () => string;
  readonly exit: Promise<number>;
  readonly stop: () => void;
}

/** Runs a command line in this process, with a data folder of its own. */
const quorate = (args: readonly string[], data = 'data', stdin = ''): Running => {
  const lines: string[] = [];
  let out = '';
  let notes = '';
  const controller = new AbortController();
  const exit = runCli(
    ['--data', join(folder, data), ...args],
    {
      stdout: {
        write: (text: string) => {
          out += text;
          const parts = out.split('\n');
          out = parts.pop() ?? '';
          lines.push(...parts);
        },
      },
      stderr: { write: (text: string) => (notes += text) },
      stdin: Readable.from([stdin]),
      env: {},
    },
    controller.signal,
  );
  return { lines, notes: () => notes, exit, stop: () => controller.abort() };
};

interface Started {
  readonly target: { name: string; portals: { host: string; port: number; portalGroupTag: number }[]; luns: unknown[] };
}

const started = async (running: Running): Promise<Started> => {
  await expect.poll(() => running.lines.length).toBeGreaterThan(0);
  return JSON.parse(running.lines[0]!) as Started;
};

describe('quorate target serve', () => {
  it('serves until it is stopped, says what happens, and leaves nothing open', async () => {
    const disk = join(folder, 'disk.img');
    const running = quorate([
      'target',
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--listen',
      '[::1]:0,2',
      '--lun',
      '64M',
      '--lun',
      `${disk},1M`,
      '--json',
    ]);
    const { target } = await started(running);
    expect(target.portals.map(({ host, portalGroupTag }) => [host, portalGroupTag])).toEqual([
      ['127.0.0.1', 1],
      ['::1', 2],
    ]);
    expect(target.luns).toMatchObject([
      { lun: 0, sizeBytes: '67108864', file: null },
      { lun: 1, sizeBytes: '1048576', file: disk },
    ]);
    expect(running.notes()).toContain('not for data');
    const initiator = await openRawSession(target.portals[0]!, { targetName: target.name });
    await initiator.clearAttentions(0);
    const list = Buffer.alloc(24);
    list.writeBigUInt64BE(7n, 8);
    await initiator.command('5f000000000000001800', { lun: 0, dataOut: list });
    running.stop();
    expect(await running.exit).toBe(exitCodes.done);
    await initiator.closed();
    const news = running.lines.map((line) => JSON.parse(line) as { kind?: string; schema: string });
    expect(news.map((one) => one.kind ?? one.schema)).toEqual([
      'started',
      'login',
      'reservations',
      'sessionEnded',
      'quorate.target-served/1',
    ]);
    expect(news[4]).toMatchObject({
      sessionsServed: 1,
      loginsRefused: 0,
      target: { luns: [{ registrations: [{ key: '7' }] }, { registrations: [] }] },
    });
    await expect(RawInitiator.connect(target.portals[0]!)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('asks for CHAP, admits by name and shows faults, with the secret from a file or from standard input', async () => {
    const secretFile = join(folder, 'secret');
    await writeFile(secretFile, 'initiator-secret\n');
    const running = quorate(
      [
        ...['target', 'serve', '--listen', '127.0.0.1:0', '--json', '--admit', 'iqn.2026-01.test:raw'],
        ...[
          '--chap-user',
          'node1',
          '--chap-secret-file',
          secretFile,
          '--mutual-user',
          'array',
          '--mutual-secret-file',
          '-',
        ],
        ...['--fault', 'chap-proof-wrong', '--name', 'iqn.2026-01.test:array'],
      ],
      'data',
      'target-secret-1\n',
    );
    const { target } = await started(running);
    const chap = { user: 'node1', secret: 'initiator-secret', mutualSecret: 'target-secret-1' };
    const login = async (options: object): Promise<string> =>
      (await (await RawInitiator.connect(target.portals[0]!)).login({ targetName: target.name, ...options })).status;
    expect(await login({ chap, initiatorName: 'iqn.2026-01.test:other' })).toBe('0202');
    expect(await login({})).toBe('0201');
    expect(await login({ chap })).toBe('target not proven');
    const { mutualSecret, ...oneWay } = chap;
    expect(mutualSecret).toBe('target-secret-1');
    expect(await login({ chap: oneWay })).toBe('0000');
    running.stop();
    expect(await running.exit).toBe(exitCodes.done);
    expect(running.lines.join('\n')).not.toContain('initiator-secret');
  });

  it('changes faults while it runs, from another command', async () => {
    const running = quorate(['target', 'serve', '--listen', '127.0.0.1:0', '--fault', 'slow-disk', '--json']);
    await started(running);
    const change = quorate(['target', 'fault', 'write-protected', 'cut:r2t@3', '--off', 'slow-disk']);
    expect(await change.exit).toBe(exitCodes.done);
    expect(change.lines).toEqual(['Faults: write-protected, cut:r2t@3']);
    const wrong = quorate(['target', 'fault', 'nonsense', '--off', 'write-protected']);
    expect(await wrong.exit).toBe(exitCodes.usage);
    expect(wrong.notes()).toContain('TARGET_FAULT_UNKNOWN');
    const parts = ['overlong:login-final', 'overlong:nop-in'];
    const more = quorate(['target', 'fault', ...parts]);
    expect(await more.exit).toBe(exitCodes.done);
    const one = quorate(['target', 'fault', '--off', 'overlong:login-final']);
    expect(await one.exit).toBe(exitCodes.done);
    expect(one.lines).toEqual(['Faults: write-protected, cut:r2t@3, overlong:nop-in']);
    const gone = quorate(['target', 'fault', '--off', 'overlong:login-final']);
    expect(await gone.exit).toBe(exitCodes.usage);
    expect(gone.notes()).toContain('it is not on');
    const rest = quorate(['target', 'fault', '--off', 'overlong', '--off', 'overlong:nop-in']);
    expect(await rest.exit).toBe(exitCodes.done);
    const listed = quorate(['target', 'list', '--json']);
    expect(await listed.exit).toBe(exitCodes.done);
    expect(JSON.parse(listed.lines.join('\n'))).toMatchObject({
      targets: [{ faults: ['write-protected', 'cut:r2t@3'] }],
    });
    running.stop();
    await running.exit;
    const after = quorate(['target', 'fault', 'write-protected']);
    expect(await after.exit).toBe(exitCodes.failed);
    expect(after.notes()).toContain('TARGET_NOT_SERVED');
  });

  it('has room for as many sessions and registrations as it is told', async () => {
    const limits = ['--max-sessions', '2', '--max-registrations', '1'];
    const running = quorate(['target', 'serve', '--listen', '127.0.0.1:0', '--json', ...limits]);
    const { target } = await started(running);
    const portal = target.portals[0]!;
    const open = (name: string) =>
      openRawSession(portal, { targetName: target.name, initiatorName: `iqn.2026-01.test:${name}` });
    const [first, second] = [await open('a'), await open('b')];
    const third = await RawInitiator.connect(portal);
    expect((await third.login({ targetName: target.name, initiatorName: 'iqn.2026-01.test:c' })).status).toBe('0302');
    const list = Buffer.alloc(24);
    list.writeBigUInt64BE(7n, 8);
    for (const one of [first, second]) await one.clearAttentions(0);
    expect((await first.command('5f000000000000001800', { lun: 0, dataOut: list })).status).toBe(0);
    const refused = await second.command('5f000000000000001800', { lun: 0, dataOut: list });
    expect(refused.sense).toEqual({ key: 5, asc: 0x55, ascq: 4 });
    running.stop();
    expect(await running.exit).toBe(exitCodes.done);
    const wrong = quorate(['target', 'serve', '--max-sessions', '0']);
    expect(await wrong.exit).toBe(exitCodes.usage);
  });

  it.each([
    ['an address that others can reach', ['--listen', '0.0.0.0:0'], 'TARGET_ADDRESS_NOT_LOOPBACK'],
    ['a LUN in a folder that does not exist', ['--lun', '/nowhere/at/all/disk.img,1M'], 'TARGET_LUN_UNUSABLE'],
  ])('refuses %s', async (_what, args, code) => {
    const running = quorate(['target', 'serve', '--listen', '127.0.0.1:0', ...args]);
    expect(await running.exit).toBe(exitCodes.failed);
    expect(running.notes()).toContain(`[${code}]`);
  });

  it.each([
    ['a fault that does not exist', ['--fault', 'nonsense'], '[TARGET_FAULT_UNKNOWN]'],
    ['a name that is none', ['--name', 'my target'], '[TARGET_NAME_INVALID]'],
    ['a LUN of no block', ['--lun', '100'], '512 bytes'],
    ['a LUN of no size', ['--lun', '0'], '512 bytes'],
    ['a file of no size', ['--lun', 'disk.img,0'], '512 bytes'],
    ['a user without secret', ['--chap-user', 'node1'], '[TARGET_CHAP_UNUSABLE]'],
    ['a secret that is too short', ['--chap-user', 'node1', '--chap-secret-file', '-'], '[TARGET_CHAP_UNUSABLE]'],
    ['a file of the secret that is not there', ['--chap-user', 'u', '--chap-secret-file', '/none'], '/none'],
    ['a folder for the secret', ['--chap-user', 'u', '--chap-secret-file', '/'], '[SECRET_FILE_UNUSABLE]'],
  ])('%s was typed wrong: 2', async (_what, args, says) => {
    const running = quorate(['target', 'serve', '--listen', '127.0.0.1:0', ...args], 'data', 'short\n');
    expect(await running.exit).toBe(exitCodes.usage);
    expect(running.notes()).toContain(says);
  });

  it('says what is wrong with a port that is taken', async () => {
    const first = quorate(['target', 'serve', '--listen', '127.0.0.1:0', '--json'], 'one');
    const { target } = await started(first);
    const second = quorate(['target', 'serve', '--listen', `127.0.0.1:${target.portals[0]!.port}`], 'two');
    expect(await second.exit).toBe(exitCodes.failed);
    expect(second.notes()).toContain('[TARGET_CANNOT_LISTEN]');
    first.stop();
    await first.exit;
  });

  it('lists faults and steps without a core', async () => {
    const listed = quorate(['target', 'serve', '--list-faults']);
    expect(await listed.exit).toBe(exitCodes.done);
    const text = listed.lines.join('\n');
    expect(text).toContain('reservations-ignored');
    expect(text).toContain('command-persistent-reserve-out');
  });
});
