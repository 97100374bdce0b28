import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareWine, type PreparedWine } from '../../build/setup/wine.mjs';

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
    if (prepared) spawnSync(prepared.wine, ['wineboot', '-k'], { env: prepared.env, timeout: 30_000 });
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a Windows program; its output goes to files, because node.exe cannot write to a pipe of this Wine. */
  const run = (...args: string[]): { code: number | null; out: string; err: string } => {
    const { wine, env, core } = prepared!;
    const paths = [join(folder, 'out'), join(folder, 'err')];
    const files = paths.map((path) => openSync(path, 'w'));
    const { status } = spawnSync(wine, args, { cwd: core, env, stdio: ['ignore', ...files], timeout: 90_000 });
    for (const file of files) closeSync(file);
    const [out, err] = paths.map((path) => readFileSync(path, 'utf8'));
    return { code: status, out: out!, err: err! };
  };
  const quorate = (...args: string[]) => run('./node.exe', 'app/dist/cli/quorate.mjs', ...args);

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

  it('keeps its data where a path of Windows says', () => {
    const data = 'C:\\Daten\\Ä b';
    const { code, out } = quorate('--data', data, 'journal', 'list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ schema: 'quorate.journal/1', entries: [] });
    expect(readdirSync(join(prepared!.env.WINEPREFIX!, 'drive_c', 'Daten'))).toEqual(['Ä b']);
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
      'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 5;\n',
    );
    expect(existsSync(launcher!)).toBe(true);
    const { code, out } = run(launcher!, 'one', 'two three', 'Zeuge "Ä"', '日本');
    expect({ code, given: JSON.parse(out) as unknown }).toEqual({
      code: 5,
      given: ['one', 'two three', 'Zeuge "Ä"', '日本'],
    });
  });
});
