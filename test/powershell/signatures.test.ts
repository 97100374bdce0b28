import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { loadCatalogue } from './signatures/catalogue.ts';
import { checkScript, type ScriptReport } from './signatures/check-script.ts';
import { loadMachine, readPrintedSet } from './signatures/machine.ts';
import { newerSyntax, plantedErrors, wholeScript } from './signatures/planted.ts';
import { ownClasses, ownCommands, ownMethods, ownPrograms } from './signatures/own-list.ts';
import { syntaxSchema, type Syntax } from './signatures/syntax.ts';

/** Every call in every script is true to the catalogue, as PowerShell's own parser sees it. */
const product = resolve(import.meta.dirname, '../../main/powershell');
const scripts = readdirSync(join(product, 'scripts')).filter((name) => name.endsWith('.ps1'));
const sessionFiles = readdirSync(join(product, 'session'));

describe.skipIf(engineMissing)('signatures', () => {
  let engine: Engine;
  const catalogue = loadCatalogue();
  const machine = loadMachine();
  let supportFunctions: readonly string[] = [];

  const ask = async (text: string): Promise<Syntax> => {
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    if (!answer.ok) throw new Error('unreachable');
    return answer.data;
  };
  /** Each text is walked once: the tests by script and the one over all of them ask for the same. */
  const read = new Map<string, Promise<Syntax>>();
  const readSyntax = (text: string): Promise<Syntax> => {
    const known = read.get(text) ?? ask(text);
    read.set(text, known);
    return known;
  };
  const check = async (text: string): Promise<ScriptReport> =>
    checkScript(text, await readSyntax(text), catalogue, machine, supportFunctions);

  beforeAll(async () => {
    engine = await startEngine({ sources: [join(import.meta.dirname, 'signatures/net')] });
    const support = readFileSync(join(product, 'session/Script-Support.ps1'), 'utf8');
    supportFunctions = (await readSyntax(support)).functions;
  });
  afterAll(() => engine.close());

  it.each(scripts)('%s', async (name) => {
    const report = await check(readFileSync(join(product, 'scripts', name), 'utf8'));
    expect(report.findings).toEqual([]);
    expect(report.os.length).toBeGreaterThan(0);
    expect(name).toMatch(/^[A-Z][a-z]+-[A-Z][A-Za-z]+\.ps1$/);
  });

  it('checks every call of every script', async () => {
    let commands = 0;
    let checked = 0;
    let onMachine = 0;
    for (const name of scripts) {
      const text = readFileSync(join(product, 'scripts', name), 'utf8');
      const syntax = await readSyntax(text);
      const report = checkScript(text, syntax, catalogue, machine, supportFunctions);
      commands += syntax.commands.length;
      checked += report.checked;
      onMachine += report.onMachine;
    }
    console.log(
      `signature net: ${scripts.length} scripts, ${commands} commands, ${checked} calls checked (once per Windows Server), ${onMachine} also against a real machine's own parameter sets, none uncatalogued`,
    );
    expect(checked).toBeGreaterThan(commands);
    expect(onMachine).toBeGreaterThan(200);
  });

  it.each(sessionFiles)('%s is ASCII and has no syntax of PowerShell 7', async (name) => {
    const text = readFileSync(join(product, 'session', name), 'utf8');
    const syntax = await readSyntax(text);
    expect(syntax.problems).toEqual([]);
    expect(syntax.newer).toEqual([]);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('finds nothing in a script that is right', async () => {
    expect((await check(wholeScript("Send-Result 'fine'"))).findings).toEqual([]);
  });

  it.each(plantedErrors.map((one) => [one.what, one] as const))('catches %s', async (_what, planted) => {
    const text = planted.whole ?? wholeScript(planted.body!, planted.os);
    const report = await check(text);
    expect(report.findings.map((finding) => finding.rule)).toContain(planted.rule);
    if (planted.says) expect(report.findings.map((finding) => finding.text).join('\n')).toContain(planted.says);
    if (planted.fixed) expect((await check(wholeScript(planted.fixed, planted.os))).findings).toEqual([]);
  });

  it.each([
    ['a parameter that it does not have', "New-NetRoute -InterfaceIndex 1 -DestinationPrefix '0.0.0.0/0' -Colour 'x'"],
    ['sets that it does not mix', "Get-Disk -Number 1 -UniqueId 'a'"],
    ['what it wants and does not get', 'New-NetIPAddress -InterfaceIndex 1'],
    ['a number that does not fit', "New-NetIPAddress -IPAddress '192.0.2.1' -InterfaceIndex 1 -PrefixLength 256"],
    ['too much by position', 'Get-Disk 1 2'],
  ])('the machine sees %s', async (_what, text) => {
    const { findings } = await check(wholeScript(`${text}\nSend-Result $null`));
    expect(findings.map(({ rule }) => rule)).toContain('machine');
  });

  it.each(newerSyntax)('catches syntax that 5.1 does not know: %s', async (piece) => {
    const report = await check(wholeScript(`${piece}\nSend-Result $null`));
    // The parser of 5.1 itself refuses most of them; the newer parser says what they are.
    expect(report.findings.some((finding) => ['5.1', 'syntax', 'parameter'].includes(finding.rule))).toBe(true);
  });

  it('names a public page for everything that is typed by hand', () => {
    const all = [...ownCommands, ...ownPrograms, ...ownClasses, ...ownMethods];
    for (const one of all) expect(one.page).toMatch(/^https:\/\/learn\.microsoft\.com\//);
  });
});

describe("the machine's catalogue", () => {
  it('reads what Get-Command prints', () => {
    const read = readPrintedSet('[-A] <uint32[]> [[-B] <string>] -C <bool> [-D <Type>] [-E {On | Off}] -F [-G]');
    const brief = read.map(({ name, parameter, mandatory, positional }) => [
      name,
      parameter.type,
      mandatory,
      positional,
    ]);
    expect(brief).toEqual([
      ['A', 'UInt32[]', true, true],
      ['B', 'String', false, true],
      ['C', 'Boolean', true, false],
      ['D', 'Type', false, false],
      ['E', 'String', false, false],
      ['F', 'SwitchParameter', true, false],
      ['G', 'SwitchParameter', false, false],
    ]);
    expect(read[4]?.parameter.accepted).toEqual(['On', 'Off']);
    expect(() => readPrintedSet('[-A] <string> and more')).toThrow('and more');
  });

  it('has most of the commands that the first one has, with the same parameters on Windows Server 2016', () => {
    const machine = loadMachine();
    const catalogue = loadCatalogue();
    let same = 0;
    for (const name of machine.commands) {
      const pages = catalogue.view(name, '2016');
      if (pages === null || pages === 'absent') continue;
      const printed = Object.keys(machine.view(name)!.parameters);
      if (printed.every((one) => one in pages.parameters)) same++;
    }
    // A few differ: a later update brought a parameter, or a page is wrong. The calls of the scripts fit both.
    expect(same / machine.commands.length).toBeGreaterThan(0.9);
  });
});
