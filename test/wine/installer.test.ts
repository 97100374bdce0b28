import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeInstaller } from '../../build/delivery/installer.mjs';
import { signatureProblem, signerMissing, type Signing } from '../../build/delivery/sign.mjs';
import { compileForWindows, endWindows, prepareWindows, type PreparedWindows } from '../../build/setup/wine.mjs';
import { makePublisher } from '../support/publisher.ts';
import { until } from '../support/world.ts';

const standIn = join(import.meta.dirname, '..', 'fixtures', 'stand-in.c');
const key = String.raw`HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Quorate`;

/** The installer itself, with programs that stand in for node.exe and powershell.exe: what it does around them. */
describe('the installer under Wine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-setup-'));
  let windows: PreparedWindows | null = null;
  let whyNot = '';
  /** What the first version is signed with; null where nothing can be. */
  let signing: Signing | null = null;
  const onDrive = (...names: string[]): string => join(folder, 'prefix', 'drive_c', ...names);
  const told = (...names: string[]): string => onDrive('stand-in', ...names);
  const installed = (...names: string[]): string => onDrive('Program Files', 'Quorate', ...names);

  /** A set-up program of this version; `only` is a file that this version alone has. */
  const make = (version: string, only: string, signedWith: Signing | null = null): Promise<string | null> => {
    const node = join(folder, 'stand-in.exe');
    return writeInstaller({
      version,
      signing: signedWith,
      target: join(folder, `setup-${version}.exe`),
      files: [
        { name: 'LICENSE.txt', content: 'MIT' },
        { name: `app/dist/${only}.mjs`, content: version },
        { name: 'app/dist/cli/quorate.mjs', content: version },
        { name: 'node.exe', path: node },
        { name: 'version.txt', content: version },
      ],
    });
  };

  beforeAll(async () => {
    const made = prepareWindows(folder);
    if ('missing' in made) {
      whyNot = made.missing;
      return;
    }
    if (!compileForWindows(standIn, join(folder, 'stand-in.exe'))) {
      whyNot = 'there is no C compiler for Windows';
      return;
    }
    if ((await signerMissing()) === null) {
      signing = { certificate: join(folder, 'publisher.pem'), key: join(folder, 'publisher key.pem') };
      const publisher = await makePublisher();
      writeFileSync(signing.certificate, publisher.certificate);
      writeFileSync(signing.key, publisher.key);
    }
    whyNot = (await make('1.0.0', 'old', signing)) ?? (await make('1.2.0', 'new')) ?? '';
    if (whyNot !== '') return;
    const powershell = onDrive('windows', 'system32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
    mkdirSync(dirname(powershell), { recursive: true });
    copyFileSync(join(folder, 'stand-in.exe'), powershell);
    windows = made;
  });
  beforeEach((context) => {
    context.skip(windows === null, whyNot);
    rmSync(told(), { recursive: true, force: true });
    mkdirSync(told());
  });
  afterAll(() => {
    if (windows) endWindows(windows);
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (program: string, ...args: string[]): number | null =>
    spawnSync(windows!.wine, [program, ...args], {
      cwd: folder,
      env: { ...windows!.env, NODE_OPTIONS: '--require=./planted.cjs' },
      stdio: 'ignore',
      timeout: 300_000,
    }).status;
  /** What it wrote to the file of /LOG. */
  const log = (): string => readFileSync(told('log.txt'), 'utf16le');
  const logSwitch = String.raw`/LOG=C:\stand-in\log.txt`;
  const setup = (version: string, ...args: string[]): number | null =>
    run(`./setup-${version}.exe`, '/S', logSwitch, ...args);
  /** With `_?=` it removes in its own process, so that its exit code is seen; quotes, which Wine would add, it does not bear. */
  const uninstall = (): number | null => {
    const line = String.raw`"C:\Program Files\Quorate\uninstall.exe" /S ${logSwitch} _?=C:\Program Files\Quorate`;
    writeFileSync(told('remove.cmd'), `@${line}\r\n@exit /b %ERRORLEVEL%\r\n`);
    return run('cmd', '/c', String.raw`C:\stand-in\remove.cmd`);
  };
  const entry = (): string =>
    spawnSync(windows!.wine, ['reg', 'query', key, '/s'], { env: windows!.env, encoding: 'utf8', timeout: 300_000 })
      .stdout;
  const calls = (): string => (existsSync(told('calls.txt')) ? readFileSync(told('calls.txt'), 'utf8') : '');
  const data = (): string => {
    const users = onDrive('users');
    const [user] = spawnSync('ls', [users], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((one) => one !== 'Public');
    return join(users, user!, 'AppData', 'Local', 'Quorate');
  };

  it('installs silently for the machine, with an entry in the list of programs', () => {
    expect(setup('1.0.0')).toBe(0);
    expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.0.0');
    expect(existsSync(installed('app', 'dist', 'cli', 'quorate.mjs'))).toBe(true);
    expect(entry()).toMatch(/DisplayName\s+REG_SZ\s+Quorate/);
    expect(entry()).toMatch(/DisplayVersion\s+REG_SZ\s+1\.0\.0/);
    expect(entry()).toMatch(/QuietUninstallString\s+REG_SZ\s+"C:\\Program Files\\Quorate\\uninstall\.exe" \/S/);
    expect(log()).toContain(String.raw`Quorate 1.0.0 is installed in C:\Program Files\Quorate.`);
    // Nothing was there that could have run.
    expect(calls()).toBe('');
  });

  it('is signed with the certificate that was given, and so is the uninstaller that it writes', async (context) => {
    if (signing === null) return context.skip('there is no osslsigncode');
    const { certificate } = signing;
    for (const program of [join(folder, 'setup-1.0.0.exe'), installed('uninstall.exe')])
      expect(signatureProblem(program, certificate)).toBeNull();
    expect(signatureProblem(join(folder, 'setup-1.2.0.exe'), certificate)).toMatch(/no signature/i);
    const other = join(folder, 'other.pem');
    writeFileSync(other, (await makePublisher()).certificate);
    expect(signatureProblem(installed('uninstall.exe'), other)).toMatch(/verify error/i);
    const changed = join(folder, 'changed.exe');
    const bytes = readFileSync(installed('uninstall.exe'));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(changed, bytes);
    expect(signatureProblem(changed, certificate)).toMatch(/mismatch/i);
  });

  it('refuses while Quorate is at work, says at what, and changes nothing', () => {
    writeFileSync(told('node.exe-agent.code'), '4');
    writeFileSync(told('node.exe-agent.txt'), 'Quorate is still working on: Form the cluster CLU1.\n');
    for (const code of [setup('1.2.0'), uninstall()]) {
      expect(code).toBe(5);
      expect(log()).toContain('Quorate is at work on this server. Quorate is still working on: Form the cluster CLU1.');
      expect(log()).toContain('Nothing was changed.');
      expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.0.0');
    }
    expect(calls()).toMatch(/node\.exe NODE_OPTIONS= \| .*quorate\.mjs agent stop/);
    expect(calls()).not.toContain('powershell.exe');
  });

  it('refuses while something waits for a restart, says what, and changes nothing, unless it is forced', () => {
    writeFileSync(told('node.exe-update.code'), '4');
    writeFileSync(told('node.exe-update.txt'), 'The formation of CLU1 (form-1)\n');
    for (const code of [setup('1.2.0'), uninstall()]) {
      expect(code, log()).toBe(5);
      expect(log()).toContain(
        'Something that Quorate began on this server is unfinished. The formation of CLU1 (form-1)',
      );
      expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.0.0');
    }
    expect(calls()).toMatch(/node\.exe NODE_OPTIONS= \| .*quorate\.mjs update --check/);
    expect(calls()).not.toMatch(/agent stop|powershell\.exe/);
    expect(setup('1.0.0', '/FORCE')).toBe(0);
    expect(calls()).toContain('agent stop');
  });

  it('refuses while its programs are in use by a core that the agent knows nothing of', async () => {
    const child = spawn(windows!.wine, [installed('node.exe'), 'wait'], { env: windows!.env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await until(calls, (text) => text.includes('wait'), 'the program that is in use');
      expect(setup('1.2.0')).toBe(4);
      expect(log()).toContain(String.raw`C:\Program Files\Quorate\node.exe is in use.`);
      expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.0.0');
    } finally {
      writeFileSync(told('go'), '');
      await ended;
    }
  });

  it('upgrades: the new version alone is there, the data stays', () => {
    mkdirSync(data(), { recursive: true });
    writeFileSync(join(data(), 'journal.txt'), 'kept');
    expect(setup('1.2.0')).toBe(0);
    expect(calls()).toContain('agent stop');
    expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.2.0');
    expect(existsSync(installed('app', 'dist', 'new.mjs'))).toBe(true);
    expect(existsSync(installed('app', 'dist', 'old.mjs'))).toBe(false);
    expect(entry()).toMatch(/DisplayVersion\s+REG_SZ\s+1\.2\.0/);
    expect(readFileSync(join(data(), 'journal.txt'), 'utf8')).toBe('kept');
  });

  it('goes back to an older version only when it is told to', () => {
    expect(setup('1.0.0')).toBe(6);
    expect(log()).toContain('Quorate 1.2.0 is installed, which is newer than 1.0.0.');
    expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.2.0');
    expect(setup('1.0.0', '/DOWNGRADE')).toBe(0);
    expect(readFileSync(installed('version.txt'), 'utf8')).toBe('1.0.0');
  });

  it('removes itself with its tasks and rules, and says what it leaves', () => {
    writeFileSync(installed('mine.txt'), 'put there by somebody');
    expect(uninstall()).toBe(0);
    expect(calls()).toMatch(
      /powershell\.exe .*Get-ScheduledTask -TaskPath '\\Quorate\\' .*Unregister-ScheduledTask -Confirm:\$false/,
    );
    expect(calls()).toMatch(/Get-NetFirewallRule -Group 'Quorate' .*Remove-NetFirewallRule/);
    expect(existsSync(installed('node.exe'))).toBe(false);
    expect(existsSync(installed('app'))).toBe(false);
    expect(readFileSync(installed('mine.txt'), 'utf8')).toBe('put there by somebody');
    expect(entry()).not.toContain('DisplayName');
    expect(log()).toContain("Removed: Quorate's scheduled tasks");
    expect(log()).toContain(String.raw`Left: C:\Program Files\Quorate, because there are files in it`);
    expect(log()).toMatch(/Left: C:\\users\\.*\\Quorate \(journal, settings, identity\)/);
    expect(readFileSync(join(data(), 'journal.txt'), 'utf8')).toBe('kept');
  });

  it('removes the data as well with /REMOVEDATA, and says which tasks it could not remove', async () => {
    rmSync(installed('mine.txt'), { force: true });
    expect(setup('1.0.0')).toBe(0);
    writeFileSync(told('powershell.exe.code'), '1');
    // As the list of programs starts it: it goes on in a copy of its own, so its end is seen by what it did.
    run(installed('uninstall.exe'), '/S', logSwitch, '/REMOVEDATA');
    await until(
      () => existsSync(installed()),
      (isThere) => !isThere,
      'the folder to be gone',
      60_000,
    );
    await until(log, (text) => text.includes('Left: data folders'), 'the last line of the log');
    expect(log()).toContain("Not removed: Quorate's scheduled tasks and firewall rules (PowerShell ended with 1)");
    expect(log()).toContain(String.raw`Removed: C:\Program Files\Quorate`);
    expect(existsSync(installed())).toBe(false);
    expect(existsSync(data())).toBe(false);
    expect(entry()).not.toContain('DisplayName');
  });

  it('refuses a Windows that is too old', () => {
    const set = (name: string): number | null =>
      run('reg', 'add', String.raw`HKCU\Software\Wine`, '/v', 'Version', '/d', name, '/f');
    expect(set('win81')).toBe(0);
    try {
      expect(setup('1.0.0')).toBe(3);
      expect(log()).toContain('Quorate needs Windows Server 2016 or newer (build 14393).');
      expect(existsSync(installed())).toBe(false);
    } finally {
      set('win10');
    }
  });
});
