import { afterAll, describe, expect, it } from 'vitest';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localFiles } from '../../../main/agent/local-files.ts';
import { makeReport } from '../../../main/operations/readiness/check-readiness.ts';
import { importFacts } from '../../../main/operations/readiness/import-facts.ts';
import { importReport } from '../../../main/operations/reports/import-report.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { at, now, outcomesOf, readyServer, temporaryFolder } from '../../support/readiness.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

let count = 0;
const file = (content: string | Uint8Array, name = `file-${count++}.txt`): string => {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
};
const settings = { files: localFiles, version: '0', now };
const importPath = (...paths: string[]) =>
  importFacts(
    paths.map((path) => ({ kind: 'path' as const, path })),
    settings,
  );
const factsJson = JSON.stringify(readyServer());
const sparse = (sizeBytes: number): string => {
  const path = join(folder.path, 'huge.txt');
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, sizeBytes);
  closeSync(descriptor);
  return path;
};

describe('facts that were collected elsewhere', () => {
  it('our own facts come back whole', async () => {
    const facts = readyServer();
    expect(await importPath(file(factsJson))).toMatchObject({ ...facts, source: { kind: 'files' } });
  });

  it('reads them in UTF-16 as well, as PowerShell 2 writes with >', async () => {
    expect(outcomesOf(await importPath(file(Buffer.from(`\ufeff${factsJson}`, 'utf16le'))))['verdict']).toBe('ready');
  });

  it('takes the facts out of an exported report', async () => {
    const report = makeReport(readyServer(), '2022', { version: '1', now });
    expect(outcomesOf(await importPath(file(JSON.stringify(report))))['verdict']).toBe('ready');
  });

  it('reads what the collector writes, and keeps why a class could not be read', async () => {
    const collected = {
      schema: 'quorate.collected/1',
      collectedAt: at,
      collectedBy: { tool: 'Collect-QuorateFacts.ps1', version: '1' },
      classes: {
        Win32_Service: [{ Name: 'W32Time', Started: true, State: 'Running' }],
        Win32_ComputerSystem: [
          { Manufacturer: 'HP', Model: 'ProLiant DL380 G5', PartOfDomain: true, Domain: 'contoso.com' },
        ],
        Win32_BIOS: [{ Manufacturer: 'HP', SMBIOSBIOSVersion: 'P56' }],
        Registry: [{ PendingReboot: null, W32TimeType: 'NT5DS' }],
      },
      errors: { Win32_Tpm: 'Access denied', MSFT_NetAdapter: 'Invalid namespace' },
    };
    const facts = await importPath(file(JSON.stringify(collected)));
    expect(facts.collectedAt).toBe(at);
    expect(facts.hypervisor.vmms).toMatchObject({ known: true, value: 'absent' });
    expect(facts.tpm.present).toMatchObject({
      known: false,
      cause: 'notReadable',
      because: 'Win32_Tpm could not be read: Access denied',
    });
    expect(outcomesOf(facts)).toMatchObject({
      'host.physical': 'pass',
      'time.sync': 'pass',
      'os.pendingReboot': 'pass',
      domain: 'pass',
    });
  });

  it('merges JSON and wmic texts; the first that knows a fact wins', async () => {
    const first = file('Manufacturer=Dell Inc.\nModel=PowerEdge R740\n');
    const second = file('Manufacturer=HP\nModel=ProLiant\nHypervisorPresent=FALSE\n');
    const facts = await importPath(first, second);
    expect(facts.machine.model).toMatchObject({ value: 'PowerEdge R740' });
    expect(facts.hypervisor.present).toMatchObject({ value: false });
    expect(facts.source.names).toEqual([first, second]);
  });

  it('reads documents of earlier versions: what they did not ask for is unknown', async () => {
    const document = JSON.parse(factsJson) as { os: Record<string, unknown> };
    delete document.os['systemDrive'];
    const facts = await importPath(file(JSON.stringify(document)));
    expect(facts.os.systemDrive).toMatchObject({ known: false, cause: 'notCollected' });
  });

  const bad: readonly (readonly [string, string, () => string])[] = [
    ['empty', 'IMPORT_FILE_EMPTY', () => file('')],
    ['white space only', 'IMPORT_FILE_EMPTY', () => file(' \r\n\t')],
    ['a byte order mark only', 'IMPORT_FILE_EMPTY', () => file(Buffer.from([0xff, 0xfe]))],
    ['truncated JSON', 'IMPORT_FILE_TRUNCATED', () => file(factsJson.slice(0, 500))],
    ['truncated inside a text', 'IMPORT_FILE_TRUNCATED', () => file('{"schema":"quorate.fa')],
    [
      'half a UTF-16 character',
      'IMPORT_FILE_TRUNCATED',
      () => file(Buffer.from('\ufeffDataWidth=64', 'utf16le').subarray(0, -1)),
    ],
    ['500 MB', 'IMPORT_FILE_TOO_LARGE', () => sparse(500 * 1024 * 1024)],
    ['a zip', 'IMPORT_FILE_IS_ARCHIVE', () => file(Buffer.from('504b0304140000000800', 'hex'))],
    ['a gzip', 'IMPORT_FILE_IS_ARCHIVE', () => file(Buffer.from('1f8b0800000000000003', 'hex'))],
    [
      'an OEM code page without a property',
      'IMPORT_ENCODING_UNKNOWN',
      () => file(Buffer.from('Microsoft Windows 7 Professionnel \x82t\x82', 'latin1')),
    ],
    ['JSON in an OEM code page', 'IMPORT_ENCODING_UNKNOWN', () => file(Buffer.from('{"schema":"\x82"}', 'latin1'))],
    ['UTF-32', 'IMPORT_ENCODING_UNKNOWN', () => file(Buffer.from('fffe00007b0000007d000000', 'hex'))],
    ['binary', 'IMPORT_ENCODING_UNKNOWN', () => file(Buffer.from([1, 2, 3, 0, 0, 0, 9, 8, 7, 0x20]))],
    ['NaN in JSON', 'IMPORT_JSON_INVALID', () => file('{"schema":"quorate.facts/1","value":NaN}')],
    ['JSON of another tool', 'FACTS_OF_ANOTHER_TOOL', () => file('{"name":"quorate","version":"1"}')],
    ['a list', 'FACTS_OF_ANOTHER_TOOL', () => file('[1,2,3]')],
    ['a document of ours of another kind', 'FACTS_OF_ANOTHER_TOOL', () => file('{"schema":"quorate.comparison/1"}')],
    ['a newer version', 'IMPORT_NEWER_VERSION', () => file(factsJson.replace('quorate.facts/1', 'quorate.facts/2'))],
    ['a newer report', 'IMPORT_NEWER_VERSION', () => file('{"schema":"quorate.readiness/7"}')],
    ['facts of another form', 'FACTS_INVALID', () => file('{"schema":"quorate.facts/1"}')],
    [
      'a number out of range',
      'FACTS_INVALID',
      () => file(factsJson.replace(/"value":9200|"value":26100/, '"value":-1')),
    ],
    ['prose', 'FACTS_NOT_RECOGNISED', () => file('Node,DataWidth\nA,64\n')],
    ['a folder', 'IMPORT_NOT_A_FILE', () => folder.path],
    ['nothing there', 'FILE_NOT_FOUND', () => join(folder.path, 'nowhere.json')],
  ];
  it.each(bad)('%s: %s, naming the file and the next step', async (_name, code, make) => {
    const path = make();
    const error = await importPath(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failure);
    const failed = error as Failure;
    expect(failed.code).toBe(code);
    expect(failed.message).toContain(path);
    expect(failed.next.length).toBeGreaterThan(10);
    if (code === 'IMPORT_ENCODING_UNKNOWN') expect(failed.next).toMatch(/save it as UTF-8\.$/);
    expect(failed.effect).toBe('none');
  });

  it('does not read a huge file before it refuses it', async () => {
    const before = process.memoryUsage().rss;
    await expect(importPath(sparse(500 * 1024 * 1024))).rejects.toMatchObject({ code: 'IMPORT_FILE_TOO_LARGE' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('refuses content that a browser hands over by its size as well', async () => {
    const base64 = 'A'.repeat(45 * 1024 * 1024);
    await expect(importFacts([{ kind: 'content', name: 'x.json', base64 }], settings)).rejects.toMatchObject({
      code: 'IMPORT_FILE_TOO_LARGE',
    });
  });

  it('shows control characters and overrides of direction instead of obeying them', async () => {
    const facts = readyServer({ system: { Manufacturer: 'Dell' } });
    facts.machine.name = { known: true, value: 'A\u001b]0;owned\u0007\u202eB', name: 'n', from: 'f' };
    facts.machine.names = ['A\u0000\u001b[2J'];
    const imported = await importPath(file(JSON.stringify(facts)));
    expect(imported.machine.name).toMatchObject({ value: 'A\\u001b]0;owned\\u0007\\u202eB' });
    const texts: string[] = [];
    JSON.stringify(judgeReadiness(imported), (_key, value: unknown) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    expect(texts.filter((text) => /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(text))).toEqual([]);
  });
});

describe('a report of another machine', () => {
  const report = makeReport(readyServer(), undefined, { version: '1.2.3', now });
  const open = (path: string) => importReport({ kind: 'path', path }, localFiles);

  it('comes back with nothing lost', async () => {
    expect(await open(file(JSON.stringify(report, null, 2)))).toEqual(report);
  });

  it.each([
    ['verdict', (text: string) => text.replace('"verdict":"ready"', '"verdict":"notReady"')],
    ['a fact', (text: string) => text.replace('PowerEdge R650', 'PowerEdge R750')],
    ['an outcome', (text: string) => text.replace('"outcome":"warn"', '"outcome":"pass"')],
    ['an added property', (text: string) => text.replace('{"schema"', '{"more":1,"schema"')],
    ['the digest', (text: string) => text.replace(/"value":"[0-9a-f]{64}"/, `"value":"${'0'.repeat(64)}"`)],
  ])('altered in %s is noticed', async (_what, alter) => {
    const text = JSON.stringify(report);
    const altered = alter(text);
    expect(altered).not.toBe(text);
    await expect(open(file(altered))).rejects.toMatchObject({ code: 'REPORT_ALTERED' });
  });

  it('may be formatted anew without harm: the digest is over the content', async () => {
    const shuffled = Object.fromEntries(Object.entries(report).reverse());
    expect((await open(file(JSON.stringify(shuffled, null, 7)))).digest).toEqual(report.digest);
  });

  it.each([
    ['REPORT_OF_ANOTHER_TOOL', () => '{"tool":"x"}'],
    ['REPORT_OF_ANOTHER_TOOL', () => factsJson],
    ['REPORT_INVALID', () => '{"schema":"quorate.readiness/1"}'],
    ['IMPORT_NEWER_VERSION', () => JSON.stringify(report).replace('quorate.readiness/1', 'quorate.readiness/2')],
    ['IMPORT_FILE_TRUNCATED', () => JSON.stringify(report).slice(0, -10)],
  ])('refuses with %s', async (code, make) => {
    await expect(open(file(make()))).rejects.toMatchObject({ code });
  });
});

describe('writing a file', () => {
  it('leaves nothing half-written behind, and no file beside', async () => {
    const dir = join(folder.path, 'target');
    mkdirSync(dir);
    const path = join(dir, 'report.json');
    await localFiles.write(path, Buffer.from('one'));
    await localFiles.write(path, Buffer.from('two'));
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(dir)).toEqual(['report.json']);
    await expect(localFiles.write(join(dir, 'missing', 'x.json'), Buffer.from(''))).rejects.toMatchObject({
      code: 'FILE_NOT_WRITABLE',
      effect: 'none',
    });
    await expect(localFiles.write(dir, Buffer.from(''))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    expect(readdirSync(dir)).toEqual(['report.json']);
  });
});
