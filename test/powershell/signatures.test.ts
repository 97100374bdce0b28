import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { loadCatalogue } from './signatures/catalogue.ts';
import { checkScript, type ScriptReport } from './signatures/check-script.ts';
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
  let supportFunctions: readonly string[] = [];

  const readSyntax = async (text: string): Promise<Syntax> => {
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    if (!answer.ok) throw new Error('unreachable');
    return answer.data;
  };
  const check = async (text: string): Promise<ScriptReport> =>
    checkScript(text, await readSyntax(text), catalogue, supportFunctions);

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
    for (const name of scripts) {
      const text = readFileSync(join(product, 'scripts', name), 'utf8');
      const syntax = await readSyntax(text);
      const report = checkScript(text, syntax, catalogue, supportFunctions);
      commands += syntax.commands.length;
      checked += report.checked;
    }
    console.log(
      `signature net: ${scripts.length} scripts, ${commands} commands, ${checked} calls checked (once per Windows Server), none uncatalogued`,
    );
    expect(checked).toBeGreaterThan(commands);
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
