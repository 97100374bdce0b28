import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findWineEngine } from '../../build/setup/wine-engine.mjs';
import { compileForWindows, endWindows, prepareWine, type PreparedWine } from '../../build/setup/wine.mjs';
import { writeUpdateZip } from '../support/update-zip.ts';
import { until } from '../support/world.ts';

/** The core as it ships for Windows, run by Windows' own node.exe and cmd.exe: docs/wine.md says what Wine can and cannot show. */
describe('the core for Windows under Wine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-wine-'));
  let prepared: PreparedWine | null = null;
  let whyNot = '';
  beforeAll(async () => {
    const made = await prepareWine(folder);
    if ('missing' in made) whyNot = made.missing;
    else prepared = made;
  });
  beforeEach((context) => context.skip(prepared === null, whyNot));
  afterAll(() => {
    if (prepared) endWindows(prepared);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a Windows program; its output goes to files, because node.exe cannot write to a pipe of this Wine. */
  interface Ran {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }
  const runOnce = (args: readonly string[]): Ran => {
    const { wine, env, core } = prepared!;
    const paths = [join(folder, 'out'), join(folder, 'err')];
    const files = paths.map((path) => openSync(path, 'w'));
    const { status } = spawnSync(wine, args, { cwd: core, env, stdio: ['ignore', ...files], timeout: 240_000 });
    for (const file of files) closeSync(file);
    const [out, err] = paths.map((path) => readFileSync(path, 'utf8'));
    return { code: status, out: out!, err: err! };
  };
  /** Its cmd, seen once in many runs, does not start a program that is there (49, "Can't recognize"). What is wrong with the command stays wrong. */
  const run = (...args: string[]): Ran => {
    let ran = runOnce(args);
    for (let again = 0; again < 2 && ran.code === 49 && ran.err.startsWith("Can't recognize '"); again++)
      ran = runOnce(args);
    return ran;
  };
  /** There is no PowerShell under Wine, so that nothing can be known of a folder's access rights. */
  const withData = (args: readonly string[]): string[] =>
    args.includes('--data') ? ['--unprotected-data', ...args] : [...args];
  const quorate = (...args: string[]) => run('./node.exe', 'app/dist/cli/quorate.mjs', ...withData(args));

  interface Running {
    readonly out: () => string;
    readonly err: () => string;
    readonly ended: Promise<number | null>;
    readonly kill: () => void;
  }
  const under = new Set<Running>();
  afterEach(() => {
    for (const one of under) one.kill();
    under.clear();
  });
  /** Starts a command of Quorate that goes on until it is told to end. */
  const begin = (name: string, ...args: string[]): Running => {
    const { wine, env, core } = prepared!;
    const paths = ['out', 'err'].map((kind) => join(folder, `${name}.${kind}`));
    const files = paths.map((path) => openSync(path, 'w'));
    const child = spawn(wine, ['./node.exe', 'app/dist/cli/quorate.mjs', ...withData(args)], {
      cwd: core,
      env,
      stdio: ['ignore', ...files],
    });
    for (const file of files) closeSync(file);
    const running: Running = {
      out: () => readFileSync(paths[0]!, 'utf8'),
      err: () => readFileSync(paths[1]!, 'utf8'),
      ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
      kill: () => child.kill('SIGKILL'),
    };
    under.add(running);
    return running;
  };
  const onDrive = (...names: string[]): string => join(prepared!.env.WINEPREFIX!, 'drive_c', ...names);
  /** How long something may take that is over at once on a machine with nothing else to do. */
  const patienceMs = 300_000;

  it('starts by quorate.cmd from a folder with a blank and an umlaut, and hands the exit code on', () => {
    const version = run('cmd', '/c', 'quorate.cmd', '--version');
    expect(version).toMatchObject({ code: 0, err: '' });
    expect(version.out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const wrong = run('cmd', '/c', 'quorate.cmd', 'nonsense');
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain("unknown command 'nonsense'");
    // A variable of the user, which reaches elevated consoles, too, has node.exe load nothing.
    const planted = run('cmd', '/c', 'set NODE_OPTIONS=--require=./planted.cjs&& quorate.cmd --version');
    expect(planted).toEqual(version);
  });

  it('is updated from its zip and goes back, and a version that does not start changes nothing', async () => {
    const { core } = prepared!;
    const released = JSON.parse(readFileSync(join(core, 'release.json'), 'utf8')) as {
      version: string;
      files: { name: string }[];
    };
    /** The core itself as a zip of another version; `spoil` changes a file before it is listed. */
    const pack = async (
      version: string,
      spoil: (name: string, bytes: Buffer) => Buffer,
      // The page is most of the files, and each is flushed to the disk.
      isIn: (name: string) => boolean = (name) => !name.startsWith('app/dist/renderer/'),
    ): Promise<string> => {
      const files = released.files
        .filter(({ name }) => isIn(name))
        .map(({ name }) => ({ name, content: spoil(name, readFileSync(join(core, name))) }));
      const name = `quorate-core-${version}-win-x64.zip`;
      const path = onDrive('Ablage ü', name);
      await writeUpdateZip(path, { version, files });
      const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
      appendFileSync(onDrive('Ablage ü', 'SHA256SUMS'), `${sum}  ${name}\n`);
      return `C:\\Ablage ü\\${name}`;
    };
    const starter = (...args: string[]) => run('cmd', '/c', 'quorate.cmd', ...args);
    const data = ['--data', 'C:\\Updated', '--unprotected-data'];
    const renamed =
      (version: string) =>
      (name: string, bytes: Buffer): Buffer =>
        name.endsWith('.mjs') || name === 'app/package.json'
          ? Buffer.from(bytes.toString('latin1').replaceAll(`"${released.version}"`, `"${version}"`), 'latin1')
          : bytes;
    mkdirSync(onDrive('Ablage ü'), { recursive: true });
    const newer = await pack('9.0.0', renamed('9.0.0'));
    const updated = starter(...data, 'update', newer, '--json');
    expect(updated.err).toBe('');
    expect(JSON.parse(updated.out)).toMatchObject({ outcome: 'updated', from: released.version, to: '9.0.0' });
    expect(starter('--version').out.trim()).toBe('9.0.0');
    expect(existsSync(join(core, 'versions', '9.0.0', 'node.exe'))).toBe(true);

    // Without its node.exe it is whole by its list, and does not start.
    const broken = await pack('9.1.0', renamed('9.1.0'), (name) => name !== 'node.exe');
    const refused = starter(...data, 'update', broken, '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'UPDATE_VERSION_BROKEN', effect: 'none' } });
    expect(readdirSync(join(core, 'versions')).sort()).toEqual(['9.0.0', 'current.txt', 'previous.txt']);

    const back = starter(...data, 'update', '--rollback', '--json');
    expect(JSON.parse(back.out)).toMatchObject({ outcome: 'rolledBack', from: '9.0.0', to: released.version });
    expect(readdirSync(join(core, 'versions')).sort()).toEqual(['9.0.0', 'previous.txt']);
    rmSync(join(core, 'versions'), { recursive: true });
  });

  it('keeps its data where a path of Windows says', () => {
    const data = 'C:\\Daten\\Ä b';
    const { code, out } = quorate('--data', data, 'journal', 'list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ schema: 'quorate.journal/1', entries: [] });
    expect(readdirSync(join(prepared!.env.WINEPREFIX!, 'drive_c', 'Daten'))).toEqual(['Ä b']);
  });

  it('uses no folder whose access rights are not known, unless an administrator noted it in the registry', () => {
    const list = (): ReturnType<typeof run> =>
      run('./node.exe', 'app/dist/cli/quorate.mjs', '--data', 'C:\\Closed', 'journal', 'list', '--json');
    const refused = list();
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'DATA_FOLDER_UNPROTECTED' } });
    const script =
      "const { dev, ino } = require('fs').statSync('C:/Closed', { bigint: true }); console.log(dev.toString(16) + '-' + ino.toString(16))";
    const identity = run('./node.exe', '-e', script).out.trim();
    const key = 'HKLM\\SOFTWARE\\Quorate\\ProtectedFolders';
    expect(run('reg', 'add', key, '/v', identity, '/d', 'C:\\Closed', '/f').code).toBe(0);
    expect(list()).toMatchObject({ code: 0, err: '' });
  });

  it('says which file cannot be read, by its path of Windows', () => {
    const { code, err } = quorate('--data', 'C:\\Daten', 'readiness', '--facts', 'C:\\nicht da\\facts ü.json');
    expect(code).not.toBe(0);
    expect(err).toContain('facts ü.json');
  });

  it('is started by quorate.exe with the arguments as they were typed', (context) => {
    const { launcher, core } = prepared!;
    if (launcher === null) context.skip('there is no C compiler for Windows');
    const beside = dirname(launcher!);
    // The runtime stands in for Electron's; the program is where an installation has it.
    cpSync(join(core, 'node.exe'), join(beside, 'quorate-window.exe'));
    const program = join(beside, 'resources/app.asar/dist/cli');
    cpSync(join(core, 'app/dist/cli'), program, { recursive: true });
    writeFileSync(
      join(program, 'quorate.mjs'),
      'console.log(JSON.stringify({ given: process.argv.slice(2), layer: process.env.__COMPAT_LAYER })); process.exitCode = 5;\n',
    );
    expect(existsSync(launcher!)).toBe(true);
    const seen = ({ code, out }: { code: number | null; out: string }) => ({ code, ...(JSON.parse(out) as object) });
    // A console without elevation: the runtime's manifest asks for it, and the launcher says to Windows that it starts it as it is.
    const asItIs = { code: 5, layer: 'RunAsInvoker' };
    expect(seen(run(launcher!, 'one', 'two three', 'Zeuge "Ä"', '日本'))).toEqual({
      ...asItIs,
      given: ['one', 'two three', 'Zeuge "Ä"', '日本'],
    });
    // The C runtime takes quotation marks in the middle of the program's name, and what stands behind them up to a blank is a part of it.
    const [drive, ...names] = launcher!.split('/').slice(1);
    const typed = `@"Z:\\${drive}\\${names.slice(0, -1).join('\\')}"\\quor"ate.exe" eins "zwei  drei" "C:\\Ende\\\\"`;
    writeFileSync(onDrive('typed.cmd'), `${typed}\r\n`);
    expect(seen(run('cmd', '/c', 'C:\\typed.cmd'))).toEqual({ ...asItIs, given: ['eins', 'zwei  drei', 'C:\\Ende\\'] });

    // The same source, where Windows starts the runtime for nobody without elevation (740), and opens no window either.
    const refused = join(folder, 'refused.c');
    writeFileSync(
      refused,
      `#define WIN32_LEAN_AND_MEAN
#define UNICODE
#include <windows.h>
#include <shellapi.h>
static BOOL refuse(void) { SetLastError(740); return FALSE; }
#define CreateProcessW(...) refuse()
#define ShellExecuteW(...) ((HINSTANCE)SE_ERR_ACCESSDENIED)
#include "${join(import.meta.dirname, '../../build/launcher/quorate.c')}"
`,
    );
    expect(compileForWindows(refused, join(beside, 'refused.exe'))).toBe(true);
    for (const words of [['host', 'show'], []]) {
      const { code, out, err } = run(join(beside, 'refused.exe'), ...words);
      expect({ code, out, err: err.trimEnd() }).toEqual({
        code: 1,
        out: '',
        err: 'This console is not elevated. Open an elevated console ("Run as administrator") and run quorate there.',
      });
    }
  });

  it('runs an agent: its pipe is found, its page is served once asked for, and it ends when it is told to', async () => {
    const data = 'C:\\Agent';
    const agent = begin('agent', '--data', data, 'agent');
    // The address is printed when the pipe listens and the page is served.
    const address = await until(agent.out, (text) => text.includes('http://'), 'the address of the page', patienceMs);
    // For Windows it is one folder, whatever the letter case that it is named in.
    const status = quorate('--data', 'c:\\AGENT', 'agent', 'status', '--json');
    expect(JSON.parse(status.out)).toMatchObject({ running: true, core: { host: 'agent' }, activities: [] });

    const page = await fetch(address.trim(), { redirect: 'manual' });
    expect([200, 302, 303]).toContain(page.status);
    const cookie = page.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const home = await fetch(new URL('/', address.trim()), { headers: { cookie } });
    expect(await home.text()).toContain('<title>Quorate');
    // The address worked once.
    expect((await fetch(address.trim(), { redirect: 'manual' })).status).toBe(403);

    const stopped = quorate('--data', data, 'agent', 'stop', '--json');
    expect(JSON.parse(stopped.out)).toMatchObject({ running: true, stopped: true, worksOn: [] });
    expect(await agent.ended).toBe(0);
    expect(existsSync(onDrive('Agent', 'core.json'))).toBe(false);
    const gone = quorate('--data', data, 'agent', 'status', '--json');
    expect(JSON.parse(gone.out)).toEqual({ schema: 'quorate.agent-status/1', running: false });
  });

  it('serves a target on loopback, and qualifies its LUN with every case', async () => {
    const serving = begin(
      'target',
      ...['--data', 'C:\\Target', 'target', 'serve'],
      ...['--listen', '127.0.0.1:0', '--lun', '64M', '--json'],
    );
    const news = await until(serving.out, (text) => text.includes('\n'), 'the target', patienceMs);
    const { target } = JSON.parse(news.split('\n', 1)[0]!) as {
      target: { name: string; portals: readonly { port: number }[] };
    };
    const qualified = quorate(
      ...['--data', 'C:\\Initiator', 'iscsi', 'qualify', '--json', '--allow-reservations'],
      // The initiator's own name stands in Windows' WMI, which this Wine lacks.
      ...['--initiator', 'iqn.1991-05.com.microsoft:wine'],
      ...['--portal', `127.0.0.1:${target.portals[0]!.port}`, '--target', target.name, '--lun', '0'],
    );
    expect(qualified.err).toMatch(/^The data folder C:\\Initiator is used although it is not protected: [^\n]*\n\n?$/);
    const report = JSON.parse(qualified.out) as {
      verdict: string;
      leftBehind: unknown[];
      cases: { id: string; verdict: string }[];
    };
    expect([qualified.code, report.verdict, report.leftBehind]).toEqual([0, 'qualified', []]);
    expect(report.cases.length).toBeGreaterThanOrEqual(50);
    // Whether a registration outlives a loss of power cannot be seen without one, as on every machine.
    const notPassed = report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive');
    expect(notPassed.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['Reservations.Register.PersistsThroughPowerLoss', 'inconclusive'],
    ]);
  });

  it('writes the collector to a stick, whose batch file says so when it could read nothing', () => {
    const written = quorate('--data', 'C:\\Stick-Data', 'collect', '--out', 'C:\\Stick', '--json');
    expect(written.code).toBe(0);
    expect(readdirSync(onDrive('Stick')).sort()).toEqual(['Collect-QuorateFacts.ps1', 'collect.cmd']);
    // What an earlier run left does not count.
    mkdirSync(onDrive('Stick', `facts-${hostname().toUpperCase()}`));
    writeFileSync(
      onDrive('Stick', `facts-${hostname().toUpperCase()}`, 'Win32_BIOS.wmi'),
      'SerialNumber=OLD\r\n'.repeat(9),
    );
    // This wmic knows no /value and wants its properties named, so that every reading fails.
    const collected = run('cmd', '/c', 'C:\\Stick\\collect.cmd');
    expect(collected.out).toContain('Reading Win32_Processor');
    expect(collected.out).toContain('Nothing could be read.');
    expect(collected.out).not.toContain('Written:');
    expect(collected.code).toBe(1);
  });

  it('reads collected facts where cmd.exe leaves the wildcard to the program', () => {
    const facts = onDrive('Stick', 'facts-OLD');
    mkdirSync(facts, { recursive: true });
    const classes = {
      Win32_OperatingSystem: { Caption: 'Microsoft Windows Server 2008 R2 Standard', Version: '6.1.7601' },
      Win32_ComputerSystem: { Name: 'OLD', TotalPhysicalMemory: '8589934592' },
    };
    for (const [name, values] of Object.entries(classes))
      writeFileSync(
        join(facts, `${name}.wmi`),
        `\ufeff\r\n${Object.entries(values)
          .map(([key, value]) => `${key}=${value}\r\n`)
          .join('')}\r\n`,
        'utf16le',
      );
    const judged = run(
      'cmd',
      '/c',
      'quorate.cmd --data C:\\Facts readiness --facts C:\\Stick\\facts-OLD\\*.wmi --json',
    );
    expect(judged.err).toBe('');
    expect(judged.out).toContain('2008 R2');
  });

  it('says that the execution policy forbids scripts, as the real engine for Windows tells it', (context) => {
    const engine = findWineEngine();
    if ('missing' in engine) return context.skip(engine.missing);
    // Where Windows has its PowerShell; Wine has a stub there, which starts nothing.
    const home = onDrive('windows', 'system32', 'WindowsPowerShell', 'v1.0');
    rmSync(home, { recursive: true, force: true });
    cpSync(engine.folder, home, { recursive: true });
    const starter = join(import.meta.dirname, '..', 'fixtures', 'start-engine.c');
    if (!compileForWindows(starter, join(home, 'powershell.exe')))
      return context.skip('there is no C compiler for Windows');
    const asked = (): unknown => JSON.parse(quorate('--data', 'C:\\Policy', 'host', 'show', '--json').out);
    expect(asked()).toMatchObject({
      error: {
        code: 'POWERSHELL_POLICY_BLOCKED',
        detail: { path: expect.stringMatching(/\\session\\Start-Session\.ps1$/) as unknown },
        effect: 'none',
      },
    });
    // Once the policy lets scripts run, the session starts and runs one, which asks for what this Windows does not have.
    const policy = 'HKLM\\Software\\Policies\\Microsoft\\PowerShellCore';
    run('reg', 'add', policy, '/v', 'EnableScripts', '/t', 'REG_DWORD', '/d', '1', '/f');
    run('reg', 'add', policy, '/v', 'ExecutionPolicy', '/d', 'Bypass', '/f');
    expect(asked()).toMatchObject({
      error: { code: 'POWERSHELL_COMMAND_MISSING', detail: { command: 'Get-CimInstance' } },
    });
  });
});
