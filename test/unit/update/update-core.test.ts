import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releaseOf } from '../../../build/delivery/core-zip.mjs';
import {
  compareVersions,
  findBase,
  folderOf,
  readInstallation,
  versionIn,
} from '../../../main/operations/update/installation.ts';
import { PackageFile } from '../../../main/operations/update/package-file.ts';
import { rollBack, updateCore, type Switched, type UpdateMeans } from '../../../main/operations/update/update-core.ts';
import { writeUpdateZip } from '../../support/update-zip.ts';

let folder = '';
let base = '';
/** How often a running core was told to end. */
let ended = 0;
/** What a version answers instead of its own; `starter`: only when quorate.cmd starts it. */
let broken: { version: string; by: 'program' | 'starter' | 'both' } | null = null;

const filesOf = (version: string) => [
  { name: 'app/package.json', content: JSON.stringify({ version }) },
  { name: 'node.exe', content: `node of ${version}` },
  { name: 'quorate.cmd', content: '@echo off' },
];

/** What the programs would answer, by what lies in the folders. */
const means = (more: Partial<UpdateMeans> = {}): UpdateMeans => ({
  askVersion: async (of, by) => {
    const from = by === 'program' ? of : folderOf(of, readInstallation(of).current);
    const version = versionIn(from) ?? 'nothing is there';
    const isBroken = broken?.version === version && (broken.by === by || broken.by === 'both');
    if (isBroken) throw new Error('it ended with 1');
    return version;
  },
  endCore: async () => void (ended += 1),
  tell: () => undefined,
  ...more,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-update-'));
  base = join(folder, 'Quorate');
  ended = 0;
  broken = null;
  for (const { name, content } of [
    ...filesOf('1.0.0'),
    { name: 'release.json', content: releaseOf('1.0.0', filesOf('1.0.0')) },
  ]) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), content);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const update = async (
  version: string,
  {
    allowOlder = false,
    release = {},
    with: given = means(),
  }: { allowOlder?: boolean; release?: Record<string, unknown>; with?: UpdateMeans } = {},
): Promise<Switched | null> => {
  const path = join(folder, `core-${version}.zip`);
  await writeUpdateZip(path, { version, files: filesOf(version), release });
  const file = await PackageFile.open(path);
  try {
    return await updateCore(base, { file, release: await file.readRelease() }, { allowOlder }, given);
  } finally {
    file.close();
  }
};
const inUse = (): string | null => versionIn(folderOf(base, readInstallation(base).current));
const versions = (): string[] => (existsSync(join(base, 'versions')) ? readdirSync(join(base, 'versions')).sort() : []);

describe('an update', () => {
  it('puts the version beside the one in use, whole, and has quorate.cmd start it', async () => {
    expect(await update('1.1.0')).toEqual({ from: '1.0.0', to: '1.1.0', removed: [] });
    expect(inUse()).toBe('1.1.0');
    expect(versions()).toEqual(['1.1.0', 'current.txt', 'previous.txt']);
    // quorate.cmd reads it with "set /p": the first line.
    expect(readFileSync(join(base, 'versions', 'current.txt'), 'utf8')).toBe('1.1.0\r\n');
    expect(readFileSync(join(base, 'versions', '1.1.0', 'node.exe'), 'utf8')).toBe('node of 1.1.0');
    expect(ended).toBe(1);
  });

  it('to the version in use changes nothing', async () => {
    expect(await update('1.0.0')).toBeNull();
    expect(versions()).toEqual([]);
    expect(ended).toBe(0);
  });

  it('to an older one is refused unless it is allowed', async () => {
    await update('1.2.0');
    await expect(update('1.1.9')).rejects.toMatchObject({
      code: 'UPDATE_OLDER',
      detail: { version: '1.1.9', current: '1.2.0' },
    });
    expect(inUse()).toBe('1.2.0');
    expect(await update('1.1.9', { allowOlder: true })).toMatchObject({ from: '1.2.0', to: '1.1.9' });
  });

  it.each([
    ['another product', { product: 'quorate-desktop' }, 'UPDATE_NOT_QUORATE'],
    ['another platform', { platform: 'win-arm64' }, 'UPDATE_OTHER_PLATFORM'],
  ])('of %s is refused', async (_what, release, code) => {
    await expect(update('1.1.0', { release })).rejects.toMatchObject({ code, effect: 'none' });
    expect(versions()).toEqual([]);
  });

  it.each(['program', 'starter', 'both'] as const)(
    'to a version that does not start (%s) leaves the one in use and nothing of the new one',
    async (by) => {
      broken = { version: '1.1.0', by };
      await expect(update('1.1.0')).rejects.toMatchObject({
        code: 'UPDATE_VERSION_BROKEN',
        effect: 'none',
        detail: { version: '1.1.0', current: '1.0.0', reason: 'it ended with 1' },
      });
      expect(inUse()).toBe('1.0.0');
      expect(versions()).toEqual([]);
      broken = null;
      expect(await update('1.1.0')).toMatchObject({ to: '1.1.0' });
    },
  );

  it('that fails after others keeps what those could go back to', async () => {
    await update('1.1.0');
    await update('1.2.0');
    broken = { version: '1.3.0', by: 'starter' };
    await expect(update('1.3.0')).rejects.toMatchObject({ code: 'UPDATE_VERSION_BROKEN' });
    expect(inUse()).toBe('1.2.0');
    expect(await rollBack(base, means())).toMatchObject({ from: '1.2.0', to: '1.1.0' });
  });

  it('that answers with another version than its file says is refused', async () => {
    await expect(update('1.1.0', { with: means({ askVersion: async () => '1.0.9' }) })).rejects.toThrow(
      /it answered "1\.0\.9"/,
    );
    expect(inUse()).toBe('1.0.0');
  });

  it('is refused by a core that works, with nothing switched', async () => {
    const endCore = async (): Promise<void> => {
      throw new Error('it works on something');
    };
    await expect(update('1.1.0', { with: means({ endCore }) })).rejects.toThrow('it works on something');
    expect(inUse()).toBe('1.0.0');
    expect(versions()).toEqual([]);
  });

  it('that is cancelled while it unpacks leaves nothing', async () => {
    const controller = new AbortController();
    const tell = (_doing: string, done: number | null): void => {
      if (done === 1) controller.abort();
    };
    await expect(update('1.1.0', { with: means({ tell, signal: controller.signal }) })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(versions()).toEqual([]);
  });

  it('mends a folder of that version that is not whole, and deletes versions that nothing goes back to', async () => {
    await update('1.1.0');
    await update('1.2.0');
    writeFileSync(join(base, 'versions', '1.1.0', 'node.exe'), 'changed');
    expect(await update('1.1.0', { allowOlder: true })).toMatchObject({ to: '1.1.0' });
    expect(readFileSync(join(base, 'versions', '1.1.0', 'node.exe'), 'utf8')).toBe('node of 1.1.0');
    expect(await update('1.3.0')).toMatchObject({ removed: ['1.2.0'] });
    expect(versions()).toEqual(['1.1.0', '1.3.0', 'current.txt', 'previous.txt']);
  });

  it('is one at a time, and one whose process is gone does not count', async () => {
    mkdirSync(join(base, 'versions'));
    writeFileSync(join(base, 'versions', 'update.lock'), String(process.ppid));
    await expect(update('1.1.0')).rejects.toMatchObject({ code: 'UPDATE_RUNS', retry: 'later' });
    writeFileSync(join(base, 'versions', 'update.lock'), '999999999');
    expect(await update('1.1.0')).toMatchObject({ to: '1.1.0' });
    // Another program has the number since the machine was restarted.
    writeFileSync(join(base, 'versions', 'update.lock'), String(process.ppid));
    utimesSync(join(base, 'versions', 'update.lock'), 946_684_800, 946_684_800);
    expect(await update('1.2.0')).toMatchObject({ to: '1.2.0' });
  });

  it('says that the disk is full before anything is written', async () => {
    const path = join(folder, 'large.zip');
    await writeUpdateZip(path, { version: '1.1.0', files: filesOf('1.1.0') });
    const file = await PackageFile.open(path);
    const release = await file.readRelease();
    const large = { ...release, files: [{ ...release.files[0]!, size: Number.MAX_SAFE_INTEGER }] };
    const work = updateCore(base, { file, release: large }, { allowOlder: false }, means());
    await expect(work).rejects.toMatchObject({
      code: 'UPDATE_NOT_STORED',
      detail: { reason: expect.stringMatching(/^the disk is full/) as string },
    });
    file.close();
    expect(versions()).toEqual([]);
  });

  it('says what stands where the versions are to lie', async () => {
    writeFileSync(join(base, 'versions'), 'a file');
    await expect(update('1.1.0')).rejects.toMatchObject({ code: 'UPDATE_NOT_STORED', effect: 'none' });
  });

  it.skipIf(process.platform !== 'linux')(
    'asks for an elevated console where nothing may be written (skipped: needs sysfs of Linux)',
    async () => {
      base = '/sys';
      await expect(update('1.1.0')).rejects.toMatchObject({ code: 'UPDATE_NOT_PERMITTED', detail: { folder: '/sys' } });
    },
  );
});

describe('going back', () => {
  it('is to the version before, and back again', async () => {
    await update('1.1.0');
    expect(await rollBack(base, means())).toMatchObject({ from: '1.1.0', to: '1.0.0' });
    expect([inUse(), existsSync(join(base, 'versions', 'current.txt'))]).toEqual(['1.0.0', false]);
    expect(await rollBack(base, means())).toMatchObject({ from: '1.0.0', to: '1.1.0' });
    expect(inUse()).toBe('1.1.0');
  });

  it('needs a version to go back to', async () => {
    await expect(rollBack(base, means())).rejects.toMatchObject({ code: 'UPDATE_NOTHING_EARLIER' });
    await update('1.1.0');
    for (const text of ['..\\..\\elsewhere', '../../elsewhere', '9.9.9', '1.1.0', '']) {
      writeFileSync(join(base, 'versions', 'previous.txt'), text);
      await expect(rollBack(base, means())).rejects.toMatchObject({ code: 'UPDATE_NOTHING_EARLIER' });
    }
    expect(inUse()).toBe('1.1.0');
  });

  it.each(['changed', 'gone'])('is refused where a file of it is %s', async (how) => {
    await update('1.1.0');
    if (how === 'gone') rmSync(join(base, 'node.exe'));
    else writeFileSync(join(base, 'node.exe'), 'changed');
    await expect(rollBack(base, means())).rejects.toThrow(/missing or were changed/);
    expect(inUse()).toBe('1.1.0');
  });

  it('to one that does not start is taken back', async () => {
    await update('1.1.0');
    broken = { version: '1.0.0', by: 'starter' };
    await expect(rollBack(base, means())).rejects.toMatchObject({ code: 'UPDATE_VERSION_BROKEN' });
    expect(inUse()).toBe('1.1.0');
    broken = null;
    expect(await rollBack(base, means())).toMatchObject({ to: '1.0.0' });
  });
});

describe('the folder that is updated', () => {
  const at = (execPath: string, there: string[], more: object = {}): string =>
    findBase({
      platform: 'win32',
      execPath,
      isElectron: false,
      exists: (path) => there.includes(path.toLowerCase()),
      ...more,
    });

  it('is that of the first version, from any version', () => {
    const there = ['c:\\q\\quorate.cmd', 'c:\\q\\versions\\1.1.0\\quorate.cmd'];
    expect(at('C:\\Q\\node.exe', there)).toBe('C:\\Q');
    expect(at('C:\\Q\\versions\\1.1.0\\node.exe', there)).toBe('C:\\Q');
  });

  it.each<[string, () => string, RegExp]>([
    ['the desktop', () => at('C:\\Q\\quorate-window.exe', [], { isElectron: true }), /newer setup/],
    [
      'what setup installed',
      () => at('C:\\Q\\node.exe', ['c:\\q\\quorate.cmd', 'c:\\q\\uninstall.exe']),
      /core-setup.*\/DOWNGRADE/,
    ],
    ['the sources', () => at('C:\\node\\node.exe', []), /Unpack the newer zip/],
    ['another system', () => at('/usr/bin/node', [], { platform: 'linux' }), /--check FILE/],
  ])('is not that of %s, which says how it is updated', (_what, find, next) => {
    expect(find).toThrow(
      expect.objectContaining({ code: 'UPDATE_NOT_HERE', next: expect.stringMatching(next) as string }),
    );
  });
});

it.each([
  ['1.2.3', '1.2.3', 0],
  ['1.2.10', '1.2.9', 1],
  ['2.0.0', '10.0.0', -1],
  ['1.3.0', '1.2.99', 1],
])('%s against %s', (first, second, sign) => {
  expect(Math.sign(compareVersions(first, second))).toBe(sign);
});
