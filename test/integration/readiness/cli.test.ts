import Ajv2020 from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../main/cli/run.ts';
import type { Comparison, ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { fixtures, outcomesOfReport, readyServer, temporaryFolder, unpackTree } from '../../support/readiness.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = async (args: readonly string[], options: { tty?: boolean; env?: NodeJS.ProcessEnv } = {}): Promise<Run> => {
  let out = '';
  let err = '';
  const code = await runCli(
    args,
    {
      stdout: { write: (text: string) => (out += text), isTTY: options.tty === true, columns: 100 },
      stderr: { write: (text: string) => (err += text), isTTY: false },
      stdin: Readable.from([]),
      env: { QUORATE_DATA: join(folder.path, 'data'), ...options.env },
    },
    new AbortController().signal,
  );
  return { code, out, err };
};
const json = (text: string): ReadinessReport => JSON.parse(text) as ReadinessReport;
const wmi = (name: string): string => join(fixtures, 'wmi', name);
const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../docs/schemas/readiness.schema.json', import.meta.url)), 'utf8'),
) as object;
const factsFile = (name: string, change: Parameters<typeof readyServer>[0] = {}): string => {
  const path = join(folder.path, `${name}.json`);
  const facts = readyServer(change);
  facts.machine.name = { known: true, value: name, name: 'Name', from: 'constructed' };
  facts.machine.names = [name];
  writeFileSync(path, JSON.stringify(facts));
  return path;
};
const ready = factsFile('READY');

describe('quorate readiness', () => {
  it.runIf(process.platform === 'linux')('judges the machine that it runs on, as hardware', async () => {
    const { code, out, err } = await run(['readiness', '--json']);
    const report = json(out);
    expect(report.scope).toBe('hardware');
    expect(code).toBe({ ready: 0, notReady: 4, unknown: 5 }[report.verdict]);
    expect(report.checks.find((check) => check.id === 'cpu.x64')?.outcome).toBe(
      process.arch === 'x64' ? 'pass' : 'fail',
    );
    expect(err).toBe('');
  });

  it.each([
    ['ready', [ready], 0],
    ['unknown', [wmi('7-Win32_Processor.wmi')], 5],
    ['notReady', [wmi('2003-Win32_Processor.wmi')], 4],
  ])('%s has its own exit code, one JSON document on stdout and nothing on stderr', async (verdict, files, exit) => {
    const { code, out, err } = await run(['readiness', '--json', '--facts', ...files]);
    expect(json(out).verdict).toBe(verdict);
    expect(code).toBe(exit);
    expect(err).toBe('');
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(check(JSON.parse(out)), JSON.stringify(check.errors)).toBe(true);
  });

  it('reads a captured tree and nothing else', async () => {
    const tree = unpackTree('x86_64-dell_e4310', folder.path);
    const { code, out } = await run(['readiness', '--sysroot', tree, '--json']);
    const report = json(out);
    expect(code).toBe(5);
    expect(report.facts.source).toEqual({ kind: 'sysroot', names: [tree] });
    expect(report.machine.name).toBeNull();
    expect(outcomesOfReport(report)).toMatchObject({
      'cpu.virtualization': 'pass',
      memory: 'unknown',
      'nic.count': 'unknown',
    });
  });

  it('judges for the chosen release', async () => {
    const { out } = await run([
      'readiness',
      '--json',
      '--for',
      '2008',
      '--facts',
      wmi('2008-with-2-different-cpus-Win32_Processor.wmi'),
    ]);
    expect(json(out)).toMatchObject({ judgedFor: '2008', judgedForBecause: 'chosen', verdict: 'unknown' });
  });

  it('takes files of one machine together', async () => {
    const { out } = await run(['readiness', '--json', '--facts', ready, wmi('proxmox-Win32_ComputerSystem.wmi')]);
    expect(json(out).machine.model).toBe('PowerEdge R650');
  });

  it('takes the folder of the collector, and wildcards that no shell has expanded', async () => {
    const dir = join(folder.path, 'facts-PVE');
    mkdirSync(dir);
    for (const name of ['proxmox-Win32_ComputerSystem.wmi', '7-Win32_Processor.wmi'])
      writeFileSync(join(dir, name), readFileSync(wmi(name)));
    const plain = await run([
      'readiness',
      '--json',
      '--facts',
      ...['7-Win32_Processor.wmi', 'proxmox-Win32_ComputerSystem.wmi'].map((name) => join(dir, name)),
    ]);
    for (const given of [dir, join(dir, '*.wmi')]) {
      const { code, out } = await run(['readiness', '--json', '--facts', given]);
      expect(json(out).facts.source).toEqual(json(plain.out).facts.source);
      expect(outcomesOfReport(json(out))).toEqual(outcomesOfReport(json(plain.out)));
      expect(code).toBe(plain.code);
    }
    const none = await run(['readiness', '--facts', join(dir, '*.xml')]);
    expect(none.code).toBe(1);
    expect(none.err).toContain('holds no file with facts');
  });

  it('prints a table that a person reads: the answer first, every check, what to do', async () => {
    const { out } = await run(['readiness', '--facts', wmi('2003-Win32_Processor.wmi')]);
    expect(out).toMatch(/^This server cannot be a Hyper-V cluster node/);
    for (const id of ['cpu.x64', 'cpu.dep', 'os.edition', 'nic.count', 'domain'])
      expect(out).toMatch(new RegExp(`^${id.replace('.', '\\.')} `, 'm'));
    expect(out).toContain('What to do');
    expect(out).not.toContain('\u001b');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('colours on a terminal only, and not where NO_COLOR speaks against it', async () => {
    const args = ['readiness', '--facts', ready];
    expect((await run(args, { tty: true })).out).toContain('\u001b[32m');
    expect((await run(args, { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
  });

  it('writes reports beside the answer', async () => {
    const html = join(folder.path, 'out.html');
    const copy = join(folder.path, 'out.json');
    const { code, err } = await run(['readiness', '--facts', ready, '--report', html, copy]);
    expect(code).toBe(0);
    expect(err).toBe(`Written: ${html}\nWritten: ${copy}\n`);
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>[\s\S]*READY/);
    expect((await run(['report', 'show', copy, '--json'])).out).toBe(readFileSync(copy, 'utf8'));
  });

  it.each([
    ['an unknown release', ['--for', '2003'], 2],
    ['two sources at once', ['--sysroot', '/', '--facts', 'x'], 2],
    ['an unknown option', ['--frobnicate'], 2],
    ['a facts file that is not there', ['--facts', 'nowhere.json'], 1],
    ['a sysroot without /proc', ['--sysroot', fixtures], 1],
    ['a report of unknown form', ['--facts', ready, '--report', 'x.docx'], 1],
    [
      'a report path that cannot be written',
      ['--facts', ready, '--report', join(folder.path, 'no', 'such', 'x.html')],
      1,
    ],
  ])('%s: a sentence, a next step, no stack trace, nothing on stdout', async (_what, args, exit) => {
    const { code, out, err } = await run(['readiness', ...args]);
    expect(code).toBe(exit);
    expect(out).toBe('');
    expect(err.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('gives a failure as one JSON document with --json', async () => {
    const { code, out } = await run(['readiness', '--json', '--facts', 'nowhere.json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'quorate.failure/1',
      error: { code: 'FILE_NOT_FOUND', effect: 'none' },
    });
  });

  it('writes nothing at all when one of the reports cannot be written', async () => {
    const dir = join(folder.path, 'readonly');
    mkdirSync(dir);
    await run(['readiness', '--facts', ready, '--report', join(dir, 'missing', 'x.html')]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('quorate report', () => {
  const exported = async (name: string, change: Parameters<typeof readyServer>[0] = {}): Promise<string> => {
    const path = join(folder.path, `report-${name}.json`);
    await run(['readiness', '--facts', factsFile(name, change), '--report', path]);
    return path;
  };

  it('shows a report with the exit code of its verdict', async () => {
    const { code, out } = await run(['report', 'show', await exported('NODE1')]);
    expect(code).toBe(0);
    expect(out).toMatch(/^This server can be a Hyper-V cluster node with Windows Server 2025/);
  });

  it('refuses an altered one', async () => {
    const path = await exported('NODE2');
    writeFileSync(path, readFileSync(path, 'utf8').replace('PowerEdge R650', 'PowerEdge R750'));
    const { code, out, err } = await run(['report', 'show', path]);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('REPORT_ALTERED');
  });

  it('compares: 0 when all that must match does, 4 when something differs, 5 when something is not known', async () => {
    const first = await exported('NODE1');
    const compare = (path: string) => run(['report', 'compare', first, path, '--json']);
    const same = await compare(await exported('NODE3'));
    expect([same.code, (JSON.parse(same.out) as Comparison).verdict]).toEqual([0, 'match']);
    const other = await compare(await exported('NODE4', { os: { Version: '10.0.20348', BuildNumber: '20348' } }));
    expect([other.code, (JSON.parse(other.out) as Comparison).verdict]).toEqual([4, 'differ']);
    const partial = join(folder.path, 'partial.json');
    await run(['readiness', '--facts', wmi('7-Win32_NetworkAdapter.wmi'), '--report', partial]);
    const unknown = await compare(partial);
    expect([unknown.code, (JSON.parse(unknown.out) as Comparison).verdict]).toEqual([5, 'unknown']);
    const table = await run(['report', 'compare', first, partial]);
    expect(table.out).toMatch(/must match/);
  });

  it('wants two reports', async () => {
    expect((await run(['report', 'compare', await exported('NODE1')])).code).toBe(2);
  });
});

describe('quorate collect', () => {
  it('writes both collectors with their digests, and says what to do with them', async () => {
    const dir = join(folder.path, 'stick', 'quorate');
    const { code, out } = await run(['collect', '--out', dir, '--json']);
    expect(code).toBe(0);
    const written = JSON.parse(out) as { files: { name: string; sha256: string }[]; steps: string[] };
    expect(readdirSync(dir).sort()).toEqual(['Collect-QuorateFacts.ps1', 'collect.cmd']);
    for (const file of written.files)
      expect(
        createHash('sha256')
          .update(readFileSync(join(dir, file.name)))
          .digest('hex'),
      ).toBe(file.sha256);
    expect(written.steps.length).toBeGreaterThan(2);
    // cmd.exe wants CR LF, and both are read by systems of any code page.
    expect(readFileSync(join(dir, 'collect.cmd'), 'latin1')).not.toMatch(/[^\r]\n|[^\t\n\r -~]/);
    expect(readFileSync(join(dir, 'Collect-QuorateFacts.ps1'), 'latin1')).not.toMatch(/[^\t\n\r -~]/);
  });

  it('says where it cannot write', async () => {
    writeFileSync(join(folder.path, 'afile'), '');
    const { code, err } = await run(['collect', '--out', join(folder.path, 'afile', 'x')]);
    expect(code).toBe(1);
    expect(err).toContain('FILE_NOT_WRITABLE');
  });
});
