import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../shared/errors/failure.ts';
import { Secret } from '../../../main/ports/secret.ts';
import { engineMissing, findEngine, startEngine, type Engine, type EngineOptions } from '../../support/engine.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const folders: string[] = [];
const engines: Engine[] = [];
afterAll(async () => {
  for (const engine of engines) await engine.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const open = async (options: EngineOptions = {}): Promise<Engine> => {
  const engine = await startEngine({ sources: [fixtures], ...options });
  engines.push(engine);
  return engine;
};

const failureOf = async (call: Promise<unknown>): Promise<Failure> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('the call did not fail');
};

/** A program that a test writes; shell scripts, so not on Windows. */
const program = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-program-'));
  folders.push(folder);
  const path = join(folder, 'pwsh');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
const core = (path: string) => ({ path, edition: 'core' as const });

describe.skipIf(engineMissing)('a session that cannot start', () => {
  it('says that a program is missing', async () => {
    const engine = await open({ program: core(join(tmpdir(), 'no-such-powershell')) });
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error).toMatchObject({ code: 'POWERSHELL_NOT_STARTED', effect: 'none' });
    expect(error.message).toContain('no-such-powershell');
  });

  it.skipIf(process.platform === 'win32')('says that a program ended at once, with what it said', async () => {
    const engine = await open({ program: core(program('echo "libicu is missing" >&2; exit 134')) });
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error.code).toBe('POWERSHELL_NOT_STARTED');
    expect(error.message).toContain('134');
    expect(error.message).toContain('libicu is missing');
  });

  it.skipIf(process.platform === 'win32')('says that a program does not answer', async () => {
    const engine = await open({ program: core(program('exec sleep 60')), readyMs: 500 });
    expect(await failureOf(engine.runner.run('Get-Echo', {}))).toMatchObject({
      code: 'POWERSHELL_NOT_READY',
      retry: 'later',
    });
  });

  it('says that a module is missing', async () => {
    const engine = await open({ modules: ['QuorateNoSuchModule'] });
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error.code).toBe('POWERSHELL_MODULE_MISSING');
    expect(error.message).toContain('QuorateNoSuchModule');
  });

  /** The engine with a session configuration before the runner's own options; a shell script, so not on Windows. */
  const configured = (configuration: string, startScript?: string): ReturnType<typeof core> => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-configuration-'));
    folders.push(folder);
    const started = join(folder, 'started.ps1');
    if (startScript !== undefined) writeFileSync(started, startScript);
    const file = join(folder, 'session.pssc');
    const guid = randomUUID();
    writeFileSync(
      file,
      `@{ SchemaVersion = '2.0.0.0'; GUID = '${guid}'; ${configuration.replace('STARTED', started)} }\n`,
    );
    return core(program(`exec "${findEngine().program.path}" -ConfigurationFile "${file}" "$@"`));
  };

  // Off Windows the engine never asks for its execution policy, so the refusal is raised one step earlier.
  it.skipIf(process.platform === 'win32')('says that the execution policy forbids scripts', async () => {
    const engine = await open({
      program: configured(
        `ScriptsToProcess = 'STARTED'`,
        `$ExecutionContext.InvokeCommand.PreCommandLookupAction = {
    param($name, $lookup)
    if ($name -notlike '*.ps1') { return }
    $lookup.CommandScriptBlock = { throw [System.Management.Automation.PSSecurityException]::new('Running scripts is disabled on this system.') }
    $lookup.StopSearch = $true
}
`,
      ),
    });
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error.code).toBe('POWERSHELL_POLICY_BLOCKED');
    expect(error.message).toContain('Start-Session.ps1');
  });

  it.skipIf(process.platform === 'win32')('says that the language is restricted', async () => {
    const engine = await open({ program: configured(`LanguageMode = 'ConstrainedLanguage'`) });
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error).toMatchObject({ code: 'POWERSHELL_LANGUAGE_RESTRICTED', detail: { mode: 'ConstrainedLanguage' } });
  });

  it('runs nothing that was altered, in the scripts or in the session', async () => {
    const engine = await open();
    expect((await engine.runner.run('Get-Echo', { value: 1 })).ok).toBe(true);
    appendFileSync(join(engine.folder, 'scripts/Get-Echo.ps1'), '\n# altered\n');
    const error = await failureOf(engine.runner.run('Get-Echo', {}));
    expect(error).toMatchObject({ code: 'POWERSHELL_SCRIPT_ALTERED', effect: 'none' });
    expect(error.message).toContain('Get-Echo.ps1');
    expect(await failureOf(engine.runner.run('Get-NoSuchScript', {}))).toMatchObject({
      code: 'POWERSHELL_SCRIPT_UNKNOWN',
      detail: { script: 'Get-NoSuchScript' },
    });
    const other = await open();
    appendFileSync(join(other.folder, 'session/Script-Support.ps1'), '\n# altered\n');
    expect((await failureOf(other.runner.run('Get-EveryType', {}))).code).toBe('POWERSHELL_SCRIPT_ALTERED');
  });
});

describe.skipIf(engineMissing || process.platform === 'win32')('the wire', () => {
  it('is ASCII in both directions, and holds a secret on stdin alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-wire-'));
    folders.push(folder);
    const real = findEngine().program.path;
    const tee = program(`echo "$0 $@" > "${folder}/arguments"
mkfifo "${folder}/in"
exec 3<&0
tee "${folder}/stdin" <&3 > "${folder}/in" &
"${real}" "$@" < "${folder}/in" | tee "${folder}/stdout"`);
    const engine = await open({ program: core(tee) });
    const answer = await engine.runner.run('Get-Echo', {
      value: 'Größe 日本 😀 \u2028',
      secret: new Secret('Chap-Geheimnis'),
    });
    expect(answer).toMatchObject({ ok: true, data: { value: 'Größe 日本 😀 \u2028', secretLength: 14 } });
    await engine.close();
    for (const name of ['stdin', 'stdout']) {
      const bytes = readFileSync(join(folder, name));
      expect(bytes.length).toBeGreaterThan(100);
      expect(bytes.every((byte) => byte < 0x80)).toBe(true);
    }
    expect(readFileSync(join(folder, 'stdin'), 'latin1')).toContain('Chap-Geheimnis');
    expect(readFileSync(join(folder, 'stdout'), 'latin1')).not.toContain('Chap-Geheimnis');
    expect(readFileSync(join(folder, 'arguments'), 'latin1')).not.toContain('Chap-Geheimnis');
  });

  it('ends the session when the runner is gone, also in the middle of a script', async () => {
    const { program: found } = findEngine();
    const engine = await open();
    const child = execFile(found.path, ['-NoProfile', '-NonInteractive', '-Command', '-']);
    const support = join(engine.folder, 'session');
    const script = join(engine.folder, 'scripts/Invoke-Wait.ps1');
    const { sha256 } = await engine.runner.scripts.read('Invoke-Wait');
    let text = '';
    const closed = new Promise<number>((settled) => child.once('close', () => settled(Date.now())));
    await new Promise<void>((settled) => {
      child.stdout!.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('"ready"') && !text.includes('"progress"')) {
          child.stdin!.write(
            `${JSON.stringify({ kind: 'run', id: 1, name: 'Invoke-Wait', path: script, sha256, input: { seconds: 3_600 } })}\n`,
          );
        }
        if (text.includes('"progress"')) settled();
      });
      child.stdin!.write(
        `$QuorateMark = '#m#'; $QuorateModules = @(); $QuorateSupportPath = '${support}/Script-Support.ps1'; . '${support}/Start-Session.ps1'\n`,
      );
    });
    const endedAt = Date.now();
    child.stdin!.end();
    expect((await closed) - endedAt).toBeLessThan(300_000); // the script itself takes an hour
  });
});

describe.skipIf(engineMissing)('text for a person', () => {
  it('parses, runs by itself and gives what the script gives', async () => {
    const engine = await open();
    const value = { name: "O'Neill ü", list: [1, 'two', null, true], size: 12345678901234567890n };
    const text = await engine.runner.render('Get-Echo', { value, padding: 3, size: 5n });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text).not.toMatch(/\n\s*\n/);
    const parsed = await engine.runner.run('Test-Text', { text });
    expect(parsed).toMatchObject({ ok: true, data: { problems: [], statements: 1 } });

    const folder = mkdtempSync(join(tmpdir(), 'quorate-render-'));
    folders.push(folder);
    const file = join(folder, 'rendered.ps1');
    // Only what a person would do is added: looking at one property of the result.
    writeFileSync(
      file,
      `$result = ${text.slice(text.indexOf('& {'))}\n$result.padding + $result.value.name + $result.value.size\n`,
    );
    const { stdout } = await promisify(execFile)(engine.program.path, ['-NoProfile', '-NonInteractive', '-File', file]);
    expect(stdout.trim()).toBe("xxxO'Neill ü12345678901234567890");
  });

  it('parses for every script of the product', async () => {
    const engine = await open();
    for (const name of await engine.runner.scripts.names()) {
      const text = await engine.runner.render(name, {});
      expect(await engine.runner.run('Test-Text', { text }), name).toMatchObject({ data: { problems: [] } });
    }
  });

  it('asks for every secret and holds none', async () => {
    const engine = await open();
    const text = await engine.runner.render('Get-Echo', {
      secret: new Secret('Chap-Geheimnis'),
      credential: { userName: "LAB\\O'Neill", password: new Secret('Noch-Geheimer') },
      value: [new Secret('Drittes-Geheimnis')],
    });
    expect(text).not.toContain('eheim');
    expect(text.match(/Read-Host -AsSecureString/g)).toHaveLength(3);
    expect(await engine.runner.run('Test-Text', { text })).toMatchObject({ data: { problems: [] } });
  });
});
