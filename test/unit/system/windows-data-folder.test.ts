import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../main/agent/data-folder.ts';
import { resumeCommandIn } from '../../../main/agent/resume-command.ts';
import { readTakenOver } from '../../../main/agent/taken-over.ts';
import type { WindowsFolders } from '../../../main/agent/windows-data-folder.ts';
import type { FolderSecurityPort } from '../../../main/ports/folder-security-port.ts';
import { registerResume } from '../../../shared/changes/host/register-resume.ts';
import { failure } from '../../../shared/errors/failure.ts';

/** What Windows would say, in memory: each path's descriptor, and what is noted in the registry. */
class Windows implements WindowsFolders {
  readonly security = new Map<string, string>();
  readonly noted = new Set<string>();
  /** What a path has that nobody set. */
  usual = 'O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)';
  keepsRights = true;
  isElevated: boolean | null = true;
  starts = 0;
  reads = 0;
  identity = 'a-1';
  readonly fails: { start?: Error; protect?: Error } = {};
  onProtect: () => void = () => undefined;

  readonly identityOf = (): string => this.identity;
  readonly isNoted = (identity: string): boolean => this.noted.has(identity);
  readonly #port: FolderSecurityPort = {
    read: async (paths) => {
      this.reads += 1;
      return {
        user: 'S-1-5-21-1-2-3-1001',
        isElevated: this.isElevated,
        items: paths.map((path) => {
          const sddl = this.security.get(path) ?? this.usual;
          return sddl === 'unread'
            ? { path, unread: 'Attempted to perform an unauthorized operation.' }
            : { path, sddl };
        }),
      };
    },
    protect: async (path, sddl) => {
      if (this.fails.protect) throw this.fails.protect;
      this.onProtect();
      if (!this.keepsRights) return;
      const owner = sddl.startsWith('O:') ? '' : 'O:S-1-5-21-1-2-3-1001';
      this.security.set(path, `${owner}${sddl}`);
      // What lies in it inherits.
      this.usual = 'O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)';
    },
    note: async (identity) => void this.noted.add(identity),
  };
  readonly open: WindowsFolders['open'] = async () => {
    this.starts += 1;
    if (this.fails.start) throw this.fails.start;
    return { port: this.#port, close: async () => undefined };
  };
}

let above = '';
let folder = '';
let windows = new Windows();
let told: string[] = [];
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'quorate-acl-'));
  folder = join(above, 'data');
  windows = new Windows();
  told = [];
});
afterEach(() => rmSync(above, { recursive: true, force: true }));

const open = (options: { accept?: boolean; onlyNoted?: boolean; path?: string } = {}): Promise<string> =>
  openDataFolder(
    options.path ?? folder,
    {
      acceptUnprotected: options.accept === true,
      onlyNoted: options.onlyNoted === true,
      tell: (text) => told.push(text),
    },
    { platform: 'win32', windows },
  );
const refused = (reason: string | RegExp) => ({
  code: 'DATA_FOLDER_UNPROTECTED',
  detail: expect.objectContaining({
    reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as unknown),
  }) as unknown,
});

describe('the data folder on Windows', () => {
  it('is made, protected and noted without a word; later starts need no PowerShell', async () => {
    await open();
    expect(windows.security.get(folder)).toBe('O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)');
    expect(told).toEqual([]);
    expect(windows.starts).toBe(1);
    await open();
    await open({ onlyNoted: true });
    expect(windows.starts).toBe(1);
  });

  it('is taken over aloud where others could use it: no core is believed, no change goes on by itself', async () => {
    mkdirSync(join(folder, 'journal'), { recursive: true });
    writeFileSync(join(folder, 'journal', '20260101-000000-000-abcdef.jsonl'), 'planted');
    mkdirSync(join(folder, 'formation'));
    for (const name of ['form-20260101-000000-000-abcd.ndjson', 'consents.json', 'skips.ndjson'])
      writeFileSync(join(folder, 'formation', name), 'planted');
    writeFileSync(join(folder, 'core.json'), '{}');
    await open();
    expect(readdirSync(folder)).not.toContain('core.json');
    expect(readTakenOver(folder)).toEqual(['20260101-000000-000-abcdef', 'form-20260101-000000-000-abcd']);
    // A consent that nobody here gave would let another server change this one.
    expect(readdirSync(join(folder, 'formation'))).not.toContain('consents.json');
    expect(told).toEqual([expect.stringMatching(/Users could use it until now\. Its 2 changes could be from anybody/)]);
    expect(readFileSync(join(folder, 'journal', '20260101-000000-000-abcdef.jsonl'), 'utf8')).toBe('planted');
    // A list that is not understood holds everything back.
    writeFileSync(join(folder, 'taken-over.json'), '{');
    expect(readTakenOver(folder)).toBeNull();
  });

  it.each([
    [
      'another account made it',
      () => windows.security.set(folder, 'O:S-1-5-21-9-9-9-1D:'),
      /belongs to another account/,
    ],
    ['its rights cannot be read', () => windows.security.set(folder, 'unread'), /cannot be read: Attempted/],
    ['its rights are not understood', () => windows.security.set(folder, 'O:?'), /not understood/],
    ['the session cannot tell its own rights', () => (windows.isElevated = null), /elevated cannot be read/],
    [
      'a file in it is of another account',
      () => windows.security.set(join(folder, 'x'), 'O:S-1-5-21-9-9-9-1D:'),
      /x: it belongs to/,
    ],
    [
      'a file in it keeps rights of its own',
      () => windows.security.set(join(folder, 'x'), 'O:BAD:P(A;;FA;;;WD)'),
      /x: Everyone/,
    ],
    ['the volume keeps no rights', () => (windows.keepsRights = false), /do not stay.*Users may still use it; FAT32/],
    [
      'the change is denied',
      () => (windows.fails.protect = failure('ACCESS_DENIED', { command: 'Set-Acl', target: folder } as never)),
      /denied|rights/i,
    ],
    [
      'there is no PowerShell',
      () => (windows.fails.start = failure('POWERSHELL_NOT_FOUND', { searched: 'C:' })),
      /PowerShell/,
    ],
  ])('is refused where %s, and noted nowhere; a person may take it all the same', async (_what, prepare, reason) => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'x'), '');
    prepare();
    await expect(open()).rejects.toMatchObject(refused(reason));
    expect([...windows.noted]).toEqual([]);
    await open({ accept: true });
    expect(told.at(-1)).toMatch(/used although it is not protected: /);
    expect([...windows.noted]).toEqual([]);
  });

  it('is refused where another folder takes its place while it is looked at', async () => {
    windows.onProtect = () => (windows.identity = 'a-2');
    await expect(open()).rejects.toMatchObject(refused('another folder took its place meanwhile'));
    expect([...windows.noted]).toEqual([]);
  });

  it('is no link, and holds none', async () => {
    mkdirSync(join(above, 'real'));
    symlinkSync(join(above, 'real'), folder);
    await expect(open()).rejects.toMatchObject(refused(`it is a link; name ${join(above, 'real')} itself`));
    expect(windows.starts).toBe(0);
    symlinkSync(above, join(above, 'real', 'journal'));
    await expect(open({ path: join(above, 'real') })).rejects.toMatchObject(
      refused(/journal is a link to another place/),
    );
  });

  it('is proven for what runs without a person, or nothing runs: not a new one, not one that took its place', async () => {
    await expect(open({ onlyNoted: true })).rejects.toMatchObject({ code: 'RESUME_FOLDER_UNPROVEN' });
    await open();
    await open({ onlyNoted: true });
    renameSync(folder, `${folder}-away`);
    mkdirSync(folder);
    windows.identity = 'a-2';
    await expect(open({ onlyNoted: true, accept: true })).rejects.toMatchObject({ code: 'RESUME_FOLDER_UNPROVEN' });
  });

  it('is of the account alone without an administrator’s rights, looked at each time and noted nowhere', async () => {
    windows.isElevated = false;
    await open();
    windows.usual = 'O:S-1-5-21-1-2-3-1001D:AI(A;ID;FA;;;SY)';
    await open();
    expect(windows.security.get(folder)).toContain('(A;OICI;FA;;;S-1-5-21-1-2-3-1001)');
    expect([...windows.noted]).toEqual([]);
    expect(windows.starts).toBe(2);
  });
});

describe('the command that goes on after a restart', () => {
  const there = (...paths: string[]) => ({
    platform: 'win32' as const,
    execPath: 'C:\\Program Files\\Quorate\\node.exe',
    script: 'C:\\Program Files\\Quorate\\app\\dist\\cli\\quorate.mjs',
    isElectron: false,
    exists: (path: string) => paths.includes(path),
    windows: () => 'C:\\Windows',
  });
  const argumentOf = (command: ReturnType<typeof resumeCommandIn>) =>
    registerResume.parameters!(
      { do: 'host.registerResume', token: 't', trigger: 'logon', account: 'N\\a', passwordName: null },
      { secret: () => null, resumeCommand: command },
    );

  it('is quorate.cmd with the core of the zip, by a cmd.exe that runs nothing of the account', () => {
    const command = resumeCommandIn('D:\\q data', there('C:\\Program Files\\Quorate\\quorate.cmd'));
    expect(argumentOf(command)).toMatchObject({
      program: 'C:\\Windows\\System32\\cmd.exe',
      argument:
        '/d /e:on /v:off /s /c ""C:\\Program Files\\Quorate\\quorate.cmd" --data "D:\\q data" journal resume --yes"',
    });
  });

  it('is the same one after an update, and the console program of the desktop beside it', () => {
    const updated = {
      ...there('C:\\Program Files\\Quorate\\quorate.cmd'),
      execPath: 'C:\\Program Files\\Quorate\\versions\\0.2.0\\node.exe',
    };
    expect(resumeCommandIn('D:\\q', updated).line).toContain('"C:\\Program Files\\Quorate\\quorate.cmd"');
    // Each version has one of its own, and may be gone after the restart.
    const both = { ...updated, exists: (path: string) => path.endsWith('\\quorate.cmd') };
    expect(resumeCommandIn('D:\\q', both).line).toContain('"C:\\Program Files\\Quorate\\quorate.cmd"');
    const desktop = resumeCommandIn('D:\\q', { ...there(), isElectron: true });
    expect(argumentOf(desktop)).toMatchObject({
      program: 'C:\\Program Files\\Quorate\\quorate.exe',
      argument: '--data D:\\q journal resume --yes',
    });
  });

  it('is refused where cmd.exe would change a path of it', () => {
    const command = resumeCommandIn('D:\\%TEMP%', there('C:\\Program Files\\Quorate\\quorate.cmd'));
    expect(() => argumentOf(command)).toThrow(expect.objectContaining({ code: 'RESUME_PATH_UNUSABLE' }));
  });
});
