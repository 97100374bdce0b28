import Ajv2020 from 'ajv/dist/2020.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../main/cli/run.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import type { WhatIf } from '../../../shared/availability/what-if.ts';
import { fourAndFour } from '../../support/availability-states.ts';
import { readyServer, temporaryFolder } from '../../support/readiness.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  let out = '';
  let err = '';
  const code = await runCli(
    ['availability', ...args],
    {
      stdout: { write: (text: string) => (out += text), columns: 120 },
      stderr: { write: (text: string) => (err += text), isTTY: false },
      stdin: Readable.from([]),
      env: { QUORATE_DATA: join(folder.path, 'data') },
    },
    new AbortController().signal,
  );
  return { code, out, err };
};

const file = (name: string, content: unknown): string => {
  const path = join(folder.path, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const state = file('state.json', fourAndFour());
const failureOf = (out: string): { error: { code: string }; what: string; next: string } =>
  JSON.parse(out) as { error: { code: string }; what: string; next: string };
const schemaOf = (name: string): object =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../docs/schemas/${name}.schema.json`, import.meta.url)), 'utf8'),
  ) as object;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

describe('quorate availability what-if', () => {
  it('answers with the shape that the schema publishes', async () => {
    const { code, out } = await run('what-if', '--state', state, '--lose', 'node:HV02', '--json');
    const answer = JSON.parse(out) as WhatIf;
    expect(ajv.validate(schemaOf('availability-what-if'), answer)).toBe(true);
    expect(ajv.validate(schemaOf('availability-state'), fourAndFour())).toBe(true);
    expect(answer.results).toHaveLength(1);
    expect(answer.results[0]).toMatchObject({
      lose: ['node:HV02'],
      quorum: 'kept',
      votes: { have: 2, of: 3 },
      largestNotRestarted: null,
    });
    expect(answer.results[0]!.vms.map(({ name, outcome, nodes }) => [name, outcome, nodes])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`VM${number}`, number <= 4 ? 'stays' : 'restarts', ['HV01']]),
    );
    expect(code).toBe(0);
  });
  it('says with its exit code whether something stops for good or depends', async () => {
    expect((await run('what-if', '--state', state, '--lose', 'target:SAN1', '--json')).code).toBe(4);
    const two = file('two.json', { ...fourAndFour(), witness: null });
    expect((await run('what-if', '--state', two, '--lose', 'node:HV01', '--json')).code).toBe(5);
  });
  it('takes every single loss, every pair, and several in order', async () => {
    const all = JSON.parse((await run('what-if', '--state', state, '--all', 'double', '--json')).out) as WhatIf;
    expect(all.results).toHaveLength(6);
    const text = await run('what-if', '--state', state, '--lose', 'node:HV01', '--lose', 'witness');
    expect(text.out).toContain('Node HV01, then the witness');
    expect(text.out).toContain('Node HV01 and the witness at once');
    expect(text.out).toContain('the cluster stops: 1 of 3 votes is left');
    expect((await run('what-if', '--state', state)).out).toContain('Of 4 losses');
  });
  it.each<[string, string[], number, string, RegExp]>([
    [
      'an unknown element',
      ['--state', state, '--lose', 'node:HV20'],
      2,
      'AVAILABILITY_LOSS_UNKNOWN',
      /Did you mean node:HV01 or node:HV02/,
    ],
    ['one twice', ['--state', state, '--lose', 'witness', '--lose', 'WITNESS'], 2, 'AVAILABILITY_LOSS_TWICE', /once/],
    ['no source', ['--lose', 'witness'], 2, 'CLI_USAGE', /./],
    ['two sources', ['--state', state, '--facts', state], 2, 'CLI_USAGE', /./],
    ['neither single nor double', ['--state', state, '--all', 'triple'], 2, 'CLI_USAGE', /./],
    ['no file', ['--state', join(folder.path, 'none.json')], 1, 'FILE_NOT_FOUND', /./],
    ['half a file', ['--state', file('half.json', '{"nodes": [')], 1, 'IMPORT_FILE_TRUNCATED', /./],
    ['no JSON', ['--state', file('text.json', 'hello')], 1, 'IMPORT_JSON_INVALID', /./],
    [
      'JSON of something else',
      ['--state', file('else.json', { a: 1 })],
      1,
      'AVAILABILITY_STATE_OF_ANOTHER_KIND',
      /--facts/,
    ],
    [
      'a newer version',
      ['--state', file('newer.json', { ...fourAndFour(), schema: 'quorate.availability-state/2' })],
      1,
      'IMPORT_NEWER_VERSION',
      /Update Quorate/,
    ],
    [
      'a machine on an unknown node',
      [
        '--state',
        file('vm.json', { ...fourAndFour(), vms: [{ name: 'x', node: 'HV3', memoryMB: 1, priority: 'low' }] }),
      ],
      1,
      'AVAILABILITY_STATE_INVALID',
      /schema/,
    ],
  ])('%s is refused with the next step', async (_name, args, expected, wanted, next) => {
    const { code, out } = await run('what-if', ...args, '--json');
    expect(code).toBe(expected);
    const document = failureOf(out);
    expect(document.error.code).toBe(wanted);
    expect(document.next).toMatch(next);
  });
});

describe('quorate availability report', () => {
  it('begins with the printed example and writes HTML and JSON', async () => {
    const html = join(folder.path, 'r.html');
    const json = join(folder.path, 'r.json');
    const { code, out } = await run('report', '--state', state, '--report', html, json);
    expect(code).toBe(4);
    expect(out.startsWith('Four and four become eight on one')).toBe(true);
    const page = readFileSync(html, 'utf8');
    expect(page.indexOf('Four and four become eight on one')).toBeGreaterThan(0);
    expect(page).not.toContain('<script');
    const report = JSON.parse(readFileSync(json, 'utf8')) as AvailabilityReport;
    expect(ajv.validate(schemaOf('availability'), report)).toBe(true);
    expect(report.sentence.startsWith('Four and four become eight on one')).toBe(true);
    // The state of an exported report is a source again; an altered one is refused.
    expect((await run('what-if', '--state', json, '--lose', 'node:HV01', '--json')).code).toBe(0);
    const altered = file('altered.json', { ...report, sentence: 'All is well.' });
    expect(failureOf((await run('what-if', '--state', altered, '--json')).out).error.code).toBe('REPORT_ALTERED');
  });
  it('makes nothing of markup in names', async () => {
    const evil = fourAndFour();
    evil.vms[0]!.name = '<img src=x onerror=alert(1)>';
    const html = join(folder.path, 'evil.html');
    await run('report', '--state', file('evil.json', evil), '--report', html);
    expect(readFileSync(html, 'utf8')).not.toContain('<img');
  });
  it('takes exported facts of servers that are far away, and says what they lack', async () => {
    const files = ['HV01', 'HV02'].map((name) => {
      const facts = readyServer();
      facts.machine.name = { known: true, value: name, name: 'Name', from: 'constructed' };
      facts.machine.names = [name];
      return file(`${name}.json`, facts);
    });
    const { code, out } = await run('report', '--facts', ...files, '--json');
    const report = JSON.parse(out) as AvailabilityReport;
    expect(report.state.nodes.map(({ name }) => name)).toEqual(['HV01', 'HV02']);
    expect(report.questions.map(({ id }) => id)).toContain('witness');
    expect(report.source.kind).toBe('facts');
    expect(report.notes.join(' ')).toContain('neither the witness nor storage nor virtual machines');
    expect(code).toBe(5);
    const twice = await run('report', '--facts', files[0]!, files[0]!, '--json');
    expect(failureOf(twice.out).error.code).toBe('AVAILABILITY_FACTS_TWICE');
  });
  it('advises, and prints the state to be added to', async () => {
    const advice = await run('advise', '--state', state);
    expect(advice.code).toBe(0);
    expect(advice.out).toContain('First: Redundant iSCSI targets');
    const printed = JSON.parse((await run('state', '--state', state)).out) as { schema: string };
    expect(printed.schema).toBe('quorate.availability-state/1');
  });
});

describe('servers themselves', () => {
  it('refuses a rehearsal that does not exist, with the next step', async () => {
    const unknown = await run('report', '--server', 'rehearsal:none', '--json');
    expect(unknown.code).toBe(1);
    expect(failureOf(unknown.out).next).not.toBe('');
  });
});
