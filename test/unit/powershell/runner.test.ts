import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../shared/errors/failure.ts';
import { errorNumber, mapScriptError, matchesRow } from '../../../main/powershell/runner/error-table.ts';
import { quoteText } from '../../../main/powershell/runner/literal.ts';
import { findPowerShell } from '../../../main/powershell/runner/locate.ts';
import { windowsEnvironment } from '../../../main/powershell/runner/session-environment.ts';
import { windowsFolder } from '../../../main/powershell/runner/windows-folder.ts';
import type { ScriptError } from '../../../main/powershell/runner/wire.ts';
import { toProgress } from '../../../main/powershell/runner/runner.ts';
import { createSessionPool } from '../../../main/powershell/runner/session-pool.ts';
import type { Session } from '../../../main/powershell/runner/session.ts';
import { createLineReader, encodeLine, toParameters } from '../../../main/powershell/runner/wire.ts';
import { Secret } from '../../../main/ports/secret.ts';

const scriptError = (given: Partial<ScriptError>): ScriptError => ({
  id: 'Some.Id,Get-Something',
  category: 'NotSpecified',
  hresult: null,
  win32: null,
  message: 'text',
  at: { script: null, line: null, command: 'Get-Something', target: null },
  ...given,
});
const context = { script: 'Set-X', path: 'Set-X.ps1', changes: 'one', input: {} } as const;

describe('which PowerShell', () => {
  const look = (platform: NodeJS.Platform, env: Record<string, string>, programs: readonly string[]) =>
    findPowerShell({
      platform,
      env,
      isProgram: (path) => programs.includes(path),
      windows: () => 'C:\\Windows',
    });
  const windowsPowerShell = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

  it('is the one that was named', () => {
    expect(
      look('linux', { QUORATE_POWERSHELL: '/opt/p/pwsh', PATH: '/usr/bin' }, ['/opt/p/pwsh', '/usr/bin/pwsh']),
    ).toEqual({
      path: '/opt/p/pwsh',
      edition: 'core',
    });
    expect(() => look('linux', { QUORATE_POWERSHELL: '/opt/p/pwsh', PATH: '/usr/bin' }, ['/usr/bin/pwsh'])).toThrow(
      /QUORATE_POWERSHELL/,
    );
  });
  it("is Windows' own on Windows, whatever variables and the PATH say", () => {
    const env = {
      SystemRoot: 'D:\\Evil',
      windir: 'D:\\Evil',
      PATH: 'C:\\Temp',
      QUORATE_POWERSHELL: 'C:\\Temp\\pwsh.exe',
    };
    const planted = [
      'C:\\Temp\\powershell.exe',
      'C:\\Temp\\pwsh.exe',
      'D:\\Evil\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    ];
    expect(look('win32', env, [windowsPowerShell, ...planted])).toEqual({
      path: windowsPowerShell,
      edition: 'desktop',
    });
    const thirtyTwoBit = 'C:\\Windows\\Sysnative\\WindowsPowerShell\\v1.0\\powershell.exe';
    expect(look('win32', env, [windowsPowerShell, thirtyTwoBit]).path).toBe(thirtyTwoBit);
    try {
      look('win32', env, planted);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'POWERSHELL_NOT_FOUND' });
      expect((error as Failure).message).toContain(windowsPowerShell);
      expect((error as Failure).message).not.toContain('Temp');
    }
  });
  it('is pwsh on the PATH elsewhere, else a failure that says so', () => {
    expect(look('linux', { PATH: '/a:/b' }, ['/b/pwsh']).path).toBe('/b/pwsh');
    expect(() => look('linux', { PATH: '/a:/b' }, [])).toThrow(/pwsh on the PATH/);
  });
});

describe("a PowerShell's surroundings on Windows", () => {
  it("are found by the kernel's own link, which costs no report", () => {
    const asked: string[] = [];
    const realPath = (link: string): string => {
      asked.push(link);
      return 'D:\\Windows';
    };
    const loaded = (): never => {
      throw new Error('the report was asked for');
    };
    expect(windowsFolder({ realPath, loaded })).toBe('D:\\Windows');
    expect(asked).toEqual(['\\\\?\\GLOBALROOT\\SystemRoot']);
  });
  it('are found by where the loader took ntdll.dll from where that link does not lead to a drive', () => {
    const missing = (): never => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    };
    const sharedObjects = ['C:\\Quorate\\node.exe', 'E:\\WinNT\\SYSTEM32\\ntdll.dll'];
    expect(windowsFolder({ realPath: missing, loaded: () => ({ sharedObjects }) })).toBe('E:\\WinNT');
    for (const realPath of [() => '\\\\?\\GLOBALROOT\\SystemRoot', () => 'GLOBALROOT\\SystemRoot', () => 'C:\\'])
      expect(windowsFolder({ realPath, loaded: () => ({ sharedObjects }) })).toBe('E:\\WinNT');
    expect(windowsFolder({ realPath: missing, loaded: () => ({ sharedObjects: ['ntdll.dll'] }) })).toBe('C:\\Windows');
    expect(windowsFolder({ realPath: missing, loaded: () => ({}) })).toBe('C:\\Windows');
  });
  it('hold programs and modules of Windows alone, and no variable that loads code', () => {
    const given = {
      Path: 'C:\\Temp',
      PSModulePath: 'C:\\Users\\a\\Documents\\WindowsPowerShell\\Modules',
      COR_ENABLE_PROFILING: '1',
      COR_PROFILER_PATH: 'C:\\Temp\\p.dll',
      COMPlus_Version: 'v2.0',
      DOTNET_STARTUP_HOOKS: 'C:\\Temp\\h.dll',
      NODE_OPTIONS: '--require x',
      systemroot: 'D:\\Evil',
      ComSpec: 'C:\\Temp\\cmd.exe',
      UserName: 'a',
      'ProgramFiles(x86)': 'C:\\Program Files (x86)',
    };
    const env = windowsEnvironment(given, 'E:\\WinNT');
    expect(env).toEqual({
      UserName: 'a',
      'ProgramFiles(x86)': 'C:\\Program Files (x86)',
      SystemRoot: 'E:\\WinNT',
      windir: 'E:\\WinNT',
      SystemDrive: 'E:',
      ComSpec: 'E:\\WinNT\\System32\\cmd.exe',
      PATHEXT: '.COM;.EXE;.BAT;.CMD',
      PATH: 'E:\\WinNT\\System32;E:\\WinNT;E:\\WinNT\\System32\\Wbem;E:\\WinNT\\System32\\WindowsPowerShell\\v1.0',
      PSModulePath: 'E:\\WinNT\\System32\\WindowsPowerShell\\v1.0\\Modules',
    });
  });
});

describe('the wire', () => {
  it('is one ASCII line whatever is sent', () => {
    const line = encodeLine({ text: 'ä\u2028\n😀\u007f', list: [1] });
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(line)).toEqual({ text: 'ä\u2028\n😀\u007f', list: [1] });
  });
  it('reveals secrets, writes 64-bit quantities as text, and leaves out what was not given', () => {
    const password = new Secret('p');
    expect(
      toParameters({
        a: password,
        b: { userName: 'u', password },
        c: 5n,
        d: null,
        e: undefined,
        f: [password, null],
        g: { h: null },
      }),
    ).toEqual({
      a: { $secret: 'p' },
      b: { $credential: { userName: 'u', password: { $secret: 'p' } } },
      c: '5',
      f: [{ $secret: 'p' }, null],
      g: { h: null },
    });
  });
  it('puts lines together from any pieces', () => {
    const lines: string[] = [];
    const read = createLineReader((line) => lines.push(line));
    for (const chunk of ['a', 'b\nc', '\r\n\n', 'd'.repeat(3), 'e\nrest']) read(chunk);
    expect(lines).toEqual(['ab', 'c', '', 'ddde']);
  });
});

describe('PowerShell text', () => {
  it.each([
    ['plain', "'plain'"],
    ["O'Neill $x `n", "'O''Neill $x `n'"],
    ['', "''"],
    ['a\nb', "('a' + [char] 0xa + 'b')"],
    ['\u2019x', "('' + [char] 0x2019 + 'x')"],
    ['😀', "('' + [char] 0xd83d + [char] 0xde00)"],
  ])('of %j', (text, expected) => expect(quoteText(text)).toBe(expected));
});

describe('error table', () => {
  it('looks at ids, categories and numbers, signed or not, and never at the message', () => {
    expect(matchesRow({ code: 'ACCESS_DENIED', hresult: 0x80070005 }, scriptError({ hresult: -2147024891 }))).toBe(
      true,
    );
    expect(matchesRow({ code: 'ACCESS_DENIED', hresult: -2147024891 }, scriptError({ hresult: -2147024891 }))).toBe(
      true,
    );
    expect(matchesRow({ code: 'ACCESS_DENIED', id: 'some.id' }, scriptError({}))).toBe(true);
    expect(matchesRow({ code: 'ACCESS_DENIED', id: 'Some' }, scriptError({}))).toBe(false);
    expect(matchesRow({ code: 'ACCESS_DENIED', id: 'Some.Id', command: 'Set-Other' }, scriptError({}))).toBe(false);
    expect(
      matchesRow({ code: 'ACCESS_DENIED', category: 'PermissionDenied' }, scriptError({ message: 'Access is denied' })),
    ).toBe(false);
  });
  it("takes the caller's row first, and one id for everything by its Win32 code", () => {
    const rows = [
      { code: 'INITIATOR_SESSION_EXISTS', id: 'HRESULT 0xefff003f' },
      { code: 'INITIATOR_SERVICE_STOPPED', id: 'Generic', win32: 1062 },
    ] as const;
    const generic = (win32: number) =>
      mapScriptError(scriptError({ id: 'Generic,Connect-IscsiTarget', win32 }), rows, context);
    expect(generic(1062).code).toBe('INITIATOR_SERVICE_STOPPED');
    expect(generic(5).code).toBe('ACCESS_DENIED');
    expect(generic(1722).code).toBe('WINDOWS_RPC_UNAVAILABLE');
    expect(generic(87).code).toBe('POWERSHELL_ERROR_UNKNOWN');
  });
  it('knows what a failure may have changed', () => {
    const denied = scriptError({ win32: 5 });
    expect(mapScriptError(denied, [], context).effect).toBe('none');
    expect(mapScriptError(denied, [], { ...context, changes: 'nothing' }).effect).toBe('none');
    expect(mapScriptError(denied, [], { ...context, changes: 'something' }).effect).toBe('unknown');
    expect(mapScriptError(denied, [{ code: 'WINDOWS_REFUSED', win32: 5, effect: 'partial' }], context).effect).toBe(
      'partial',
    );
    expect(mapScriptError(scriptError({}), [], { ...context, changes: 'nothing' }).effect).toBe('none');
    expect(mapScriptError(scriptError({}), [], { ...context, changes: 'one' }).effect).toBe('unknown');
  });
  it('writes the number that can be looked up', () => {
    expect(errorNumber(scriptError({ hresult: -2147024891, win32: 5 }))).toBe('0x80070005');
    expect(errorNumber(scriptError({ win32: 1722 }))).toBe('Win32 1722');
  });
});

describe('progress', () => {
  const message = {
    kind: 'progress' as const,
    id: 1,
    activityId: 0,
    activity: 'Format',
    status: 'Processing',
    operation: null,
    percent: -1,
    secondsLeft: -1,
    completed: false,
  };
  it('is unknown where Windows does not say', () => {
    expect(toProgress(message)).toEqual({ doing: 'Format', done: null, total: null, leftMs: null });
    expect(toProgress({ ...message, status: 'Q:', percent: 30, secondsLeft: 2 })).toEqual({
      doing: 'Format: Q:',
      done: 30,
      total: 100,
      leftMs: 2_000,
    });
  });
});

describe('session pool', () => {
  const open = (options: { atMost: number; long: number }) => {
    const made: { usable: boolean; ended: number }[] = [];
    const start = async (): Promise<Session> => {
      const session = { usable: true, ended: 0, end: async () => void session.ended++ };
      made.push(session);
      return session as unknown as Session;
    };
    const pool = createSessionPool(start, {
      sessionsAtMost: options.atMost,
      longAtMost: options.long,
      idleKept: 1,
      idleMs: 60_000,
    });
    return { pool, made };
  };
  const never = new AbortController().signal;

  it('uses an idle session again, and no broken one', async () => {
    const { pool, made } = open({ atMost: 2, long: 1 });
    const first = await pool.take(false, never);
    pool.giveBack(first, false, true);
    expect(await pool.take(false, never)).toBe(first);
    pool.giveBack(first, false, false);
    expect(await pool.take(false, never)).not.toBe(first);
    expect(made.map((session) => session.ended)).toEqual([1, 0]);
    await pool.close();
  });
  it('keeps room for quick calls while long ones wait their turn', async () => {
    const { pool } = open({ atMost: 2, long: 1 });
    const long = await pool.take(true, never);
    let second: Session | null = null;
    const waiting = pool.take(true, never).then((session) => (second = session));
    const quick = await pool.take(false, never);
    expect(second).toBeNull();
    pool.giveBack(quick, false, true);
    expect(second).toBeNull();
    pool.giveBack(long, true, true);
    await waiting;
    expect(second).not.toBeNull();
    await pool.close();
  });
  it('starts a spare session behind a long call, and gives it to the next quick one', async () => {
    const { pool, made } = open({ atMost: 3, long: 1 });
    const long = await pool.take(true, never);
    await expect.poll(() => pool.counts.idle).toBe(1);
    expect(made).toHaveLength(2);
    const quick = await pool.take(false, never);
    expect(made).toHaveLength(2);
    pool.giveBack(quick, false, true);
    pool.giveBack(long, true, true);
    await pool.close();
    expect(made.map((session) => session.ended)).toEqual([1, 1]);
  });
  it('lets a waiting call be cancelled, and counts again after a start that failed', async () => {
    const { pool } = open({ atMost: 1, long: 1 });
    const held = await pool.take(false, never);
    const controller = new AbortController();
    const waiting = pool.take(false, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    pool.giveBack(held, false, true);
    expect(pool.counts).toMatchObject({ busy: 0, idle: 1 });
    await pool.close();
    const failing = createSessionPool(() => Promise.reject(new Error('no start')), {
      sessionsAtMost: 1,
      longAtMost: 1,
      idleKept: 1,
      idleMs: 1,
    });
    await expect(failing.take(false, never)).rejects.toThrow('no start');
    await expect(failing.take(false, never)).rejects.toThrow('no start');
  });
});
