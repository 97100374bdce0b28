import Ajv2020 from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeReport } from '../../../main/operations/readiness/check-readiness.ts';
import { canonicalJson } from '../../../main/operations/reports/digest.ts';
import { exportReport, proposeName } from '../../../main/operations/reports/export-report.ts';
import { escapeHtml, renderHtmlReport } from '../../../main/operations/reports/html-report.ts';
import { jsonSchemaText, publishedDocuments } from '../../../shared/model/published-documents.ts';
import { compareReports } from '../../../shared/rules/compare.ts';
import { now, readyServer, serverClasses, windowsFacts } from '../../support/readiness.ts';

const frame = { version: '1.2.3', now };
const report = makeReport(readyServer(), undefined, frame);
const unknown = makeReport(windowsFacts({}), undefined, frame);
const files = {
  read: () => Promise.reject(new Error('nothing is read')),
  write: () => Promise.reject(new Error('nothing is written')),
  makeFolder: () => Promise.reject(new Error('nothing is made')),
  probe: () => Promise.reject(new Error('nothing is written')),
};

const schemaPath = (name: string) =>
  fileURLToPath(new URL(`../../../docs/schemas/${name}.schema.json`, import.meta.url));
const validate = (name: keyof typeof publishedDocuments, document: unknown): string[] => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const check = ajv.compile(JSON.parse(readFileSync(schemaPath(name), 'utf8')) as object);
  // What a program reads is the JSON text, not the object in memory.
  check(JSON.parse(JSON.stringify(document)));
  return (check.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
};

describe('JSON Schemas of the published documents', () => {
  it.each(Object.keys(publishedDocuments) as (keyof typeof publishedDocuments)[])(
    '%s is what the model says',
    (name) => {
      expect(readFileSync(schemaPath(name), 'utf8')).toBe(jsonSchemaText(name));
    },
  );

  it('hold for what the product writes', () => {
    expect(validate('readiness', report)).toEqual([]);
    expect(validate('readiness', unknown)).toEqual([]);
    expect(validate('facts', report.facts)).toEqual([]);
    expect(validate('comparison', compareReports([report, unknown]))).toEqual([]);
  });

  it('refuse what is not one', () => {
    expect(validate('readiness', { ...report, verdict: 'perhaps' })).not.toEqual([]);
    expect(validate('readiness', { ...report, checks: [{}] })).not.toEqual([]);
    expect(validate('facts', { ...report.facts, machine: {} })).not.toEqual([]);
  });
});

describe('the report as HTML', () => {
  it('is one file that needs nothing else', async () => {
    const html = await renderHtmlReport(report);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1])).toEqual([]);
    expect(html).toMatch(/default-src 'none'/);
  });

  it('prints on A4 and Letter: no size is forced, the margins are in millimetres', async () => {
    const html = await renderHtmlReport(report);
    expect(html).toMatch(/@page \{ margin: 14mm/);
    expect(html).not.toMatch(/@page[^}]*size:/);
  });

  it('carries identity, verdict, every check, time, version, digest, and the catalog as text and as a code', async () => {
    const html = await renderHtmlReport(report);
    for (const text of [
      'NODE1',
      'PowerEdge R650',
      'ABC1234',
      report.sentence,
      '1.2.3',
      '2026-01-02 03:04:05 UTC',
      report.digest.value,
      report.catalog.address,
      ...report.checks.flatMap((check) => [check.title, check.observed, check.id]),
    ])
      expect(html, text).toContain(escapeHtml(text));
    expect(html).toMatch(/<svg[^>]*viewBox/);
  });

  it('makes no markup of what a machine says', async () => {
    const facts = readyServer({ system: { Manufacturer: '<script>alert(1)</script>', Model: '"><b>' } });
    const html = await renderHtmlReport(makeReport(facts, undefined, frame));
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('"><b>');
    expect(html).toContain('&lt;script&gt;');
  });

  it('says on every page of a rehearsal that it is one', async () => {
    const facts = readyServer();
    facts.source = { kind: 'rehearsal', names: [] };
    expect(await renderHtmlReport(makeReport(facts, undefined, frame))).toContain('REHEARSAL');
    expect(await renderHtmlReport(report)).not.toContain('REHEARSAL');
  });
});

describe('exporting', () => {
  it('hands the bytes over with a name that every file system takes', async () => {
    const odd = { ...report, machine: { ...report.machine, name: 'сервер/1: "a"' } };
    expect(proposeName(odd, 'json')).toBe('readiness-сервер-1-a-2026-01-02.json');
    const exported = await exportReport({ report, format: 'json', to: { kind: 'content' } }, { files, printer: null });
    expect(JSON.parse(Buffer.from(exported.base64 ?? '', 'base64').toString())).toEqual(report);
    expect(exported).toMatchObject({ path: null, mediaType: 'application/json' });
  });

  it('prints a PDF through the port, and says so where nothing can print', async () => {
    const printed: string[] = [];
    const printer = {
      whyNot: () => null,
      print: async (html: string) => {
        printed.push(html);
        return Buffer.from('%PDF-1.7');
      },
    };
    const to = { kind: 'content' } as const;
    const pdf = await exportReport({ report, format: 'pdf', to }, { files, printer });
    expect(Buffer.from(pdf.base64 ?? '', 'base64').toString()).toBe('%PDF-1.7');
    expect(printed).toEqual([await renderHtmlReport(report)]);
    await expect(exportReport({ report, format: 'pdf', to }, { files, printer: null })).rejects.toMatchObject({
      code: 'REPORT_PDF_UNAVAILABLE',
    });
  });
});

describe('the canonical form under the digest', () => {
  it('does not depend on the order of keys, and does on every value', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
  });
});

describe('servers side by side', () => {
  const named = (name: string, changes: Parameters<typeof readyServer>[0] = {}) => {
    const facts = readyServer(changes);
    facts.machine.name = { known: true, value: name, name: 'Name', from: 'constructed' };
    facts.machine.names = [name];
    return makeReport(facts, undefined, frame);
  };
  const row = (comparison: ReturnType<typeof compareReports>, id: string) =>
    comparison.rows.find((one) => one.id === id);

  it('match when all that must match does', () => {
    const comparison = compareReports([named('A'), named('B')]);
    expect(comparison.verdict).toBe('match');
    expect(comparison.servers.map((server) => server.name)).toEqual(['A', 'B']);
  });

  it.each([
    ['os.version', { os: { Version: '10.0.20348', BuildNumber: '20348' } }],
    ['os.edition', { os: { OperatingSystemSKU: 7 } }],
    ['cpu.vendor', { processors: [serverClasses.processor({ Manufacturer: 'AuthenticAMD' })] }],
    ['domain', { system: { Domain: 'other.example' } }],
    ['firmware.virtualization', { processors: [serverClasses.processor({ VirtualizationFirmwareEnabled: false })] }],
  ])('%s must match', (id, changes) => {
    const comparison = compareReports([named('A'), named('B', changes)]);
    expect(comparison.verdict).toBe('differ');
    expect(row(comparison, id)).toMatchObject({ match: 'must', outcome: 'different' });
    expect(comparison.sentence).toContain(row(comparison, id)?.title);
  });

  it('mark what should match without deciding', () => {
    const comparison = compareReports([named('A'), named('B', { os: { Locale: '0407' } })]);
    expect(row(comparison, 'os.locale')).toMatchObject({ match: 'should', outcome: 'different' });
    // In words, not as Windows and CPUID code them.
    const shown = (id: string) => row(comparison, id)?.values;
    expect(shown('os.locale')).toEqual(['English, United States (1033)', 'German, Germany (1031)']);
    expect(shown('cpu.vendor')).toEqual(['Intel', 'Intel']);
    expect(comparison.verdict).toBe('match');
  });

  it('call unknown unknown, and a difference of two known ones a difference', () => {
    expect(compareReports([named('A'), unknown]).verdict).toBe('unknown');
    const three = compareReports([named('A'), unknown, named('C', { system: { Domain: 'other.example' } })]);
    expect(row(three, 'domain')).toMatchObject({
      outcome: 'different',
      values: ['contoso.com', null, 'other.example'],
    });
    expect(three.verdict).toBe('differ');
  });
});
