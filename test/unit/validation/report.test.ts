import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { localFiles } from '../../../main/agent/local-files.ts';
import { renderValidationReport } from '../../../main/cli/text/validation-text.ts';
import { readReportLines } from '../../../main/operations/cluster/validation-html.ts';
import { clusterReportPathSchema } from '../../../shared/model/cluster-report.ts';
import { readValidationReport } from '../../../main/operations/cluster/read-validation-report.ts';
import { explain, Failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { explanations, explainTest } from '../../../shared/validation/explanations.ts';
import { validationReportSchema, type ValidationReport } from '../../../shared/validation/report.ts';
import { readReportDate, resultOf } from '../../../shared/validation/results.ts';
import { temporaryFolder } from '../../support/readiness.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const fixture = (name: string): string =>
  gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'validation', `${name}.htm.gz`))).toString(
    'utf8',
  );
const compute = fixture('compute-1709-4nodes');
const direct = fixture('s2d-20h2-4nodes');

const read = (html: string | Uint8Array): Promise<ValidationReport> =>
  readValidationReport(
    { kind: 'content', name: 'report.htm', base64: Buffer.from(html).toString('base64') },
    localFiles,
  );
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'no failure';
};

/** Exchanges word and picture of one test, as a run with another outcome would show them. */
const withResult = (html: string, test: string, word: string, image: string): string => {
  const at = html.indexOf(`>${test}</a></id>`);
  expect(at).toBeGreaterThan(0);
  const end = html.indexOf('</tr>', at);
  const row = html
    .slice(at, end)
    .replace(/name="\w+Img"/, `name="${image}"`)
    .replace(/<description>[^<]*</, `<description>${word}<`);
  return html.slice(0, at) + row + html.slice(end);
};
const withMessage = (html: string, test: string, className: string, text: string): string => {
  const at = html.indexOf(`>${test}</h2>`);
  const stop = html.indexOf('<div class="info">Stop:', at);
  return `${html.slice(0, stop)}<div class="${className}">${text}</div>\n      ${html.slice(stop)}`;
};
const testOf = (report: ValidationReport, name: string) => report.tests.find((test) => test.name === name)!;

describe('tables in the section of a test', () => {
  const table = (inside: string): string => `<table><tr><th>A</th></tr><tr><td>${inside}</td></tr></table>`;
  const driver = 'Validate All Drivers Signed';
  const messages = async (html: string) => testOf(await read(html), driver).messages.map(({ text }) => text);

  it.each([
    ['in a message', table('inside'), /^beforeA?\s*A?inside$/],
    ['in a message, with a table in it', table(table('inside')), /inside$/],
  ])('%s are part of it', async (_what, inside, told) => {
    const found = await messages(withMessage(direct, driver, 'warn', `before${inside}`));
    expect(found.filter((text) => told.test(text))).toHaveLength(1);
  });

  it.each([
    ['that holds a message', table('<div class="warn">inside</div>')],
    ['with a table that holds one', table(table('<div class="warn">inside</div>'))],
    ['that does not end', '<table><tr><td><div class="warn">inside</div>'],
    ['in a comment', '<!-- <table> --><div class="warn">inside</div><!-- </table> -->'],
  ])('one %s keeps it, and what comes after', async (_what, html) => {
    const text = direct;
    const at = text.indexOf(`>${driver}</h2>`);
    const stop = text.indexOf('<div class="info">Stop:', at);
    const changed = text.slice(0, stop) + html + text.slice(stop);
    const report = await read(changed);
    expect(testOf(report, driver).messages.map((one) => one.text)).toContain('inside');
    expect(report.tests).toHaveLength(51);
  });

  it('are left out without a trace: the report is the same as with one more', async () => {
    const at = direct.indexOf(`>${driver}</h2>`);
    const stop = direct.indexOf('<div class="info">Stop:', at);
    const more = direct.slice(0, stop) + table('x'.repeat(1000)) + direct.slice(stop);
    expect(JSON.stringify((await read(more)).tests)).toBe(JSON.stringify((await read(direct)).tests));
  });
});

describe('published reports', () => {
  it.each([
    ['compute-1709-4nodes', compute, 54, { success: 44, notApplicable: 10 }],
    ['s2d-20h2-4nodes', direct, 51, { success: 51 }],
  ] as const)('%s is read whole', async (_name, html, tests, results) => {
    const report = await read(html);
    expect(() => validationReportSchema.parse(report)).not.toThrow();
    expect(report.nodes).toHaveLength(4);
    expect(report.tests).toHaveLength(tests);
    const counted: Record<string, number> = {};
    for (const { result } of report.tests) counted[result] = (counted[result] ?? 0) + 1;
    expect(counted).toEqual(results);
    // Counted another way: every line of every section, less the two times of each test and the head's and the overall line.
    const lines = [...html.matchAll(/<div class="(info|warn|error|cancel|notapplicable)">/g)].length;
    const kept = report.tests.reduce((sum, test) => sum + test.messages.length, 0);
    const overall = 1;
    const head = 1;
    const times = [...html.matchAll(/<div class="info">(Start|Stop): /g)].length;
    expect(kept).toBe(lines - times - overall - head);
    expect(report.tests.every((test) => test.category !== '' && test.description !== null)).toBe(true);
    expect(report.tests.filter((test) => test.explanation === null)).toEqual([]);
  });

  it('keeps times, the sentence of the whole, and the node of a line', async () => {
    const report = await read(compute);
    expect(report).toMatchObject({
      startedAt: '2017-11-19T20:31:38',
      completedAt: '2017-11-19T20:32:40',
      overall: { result: 'success' },
    });
    expect(report.overall.text).toContain('Testing has completed for the tests you selected.');
    const directory = testOf(report, 'Validate Active Directory Configuration');
    expect(directory.messages.map(({ node }) => node)).toContain('Compute4.Corp.contoso.com');
    expect(directory.messages.find(({ text }) => text.startsWith('Node(s)'))?.node).toBeUndefined();
    const bios = testOf(report, 'List BIOS Information');
    expect(new Set(bios.messages.map(({ node }) => node))).toEqual(new Set(report.nodes));
  });

  it('says that disks were not tested, and does not call that expected', async () => {
    const report = await read(compute);
    expect(report.notes.join(' ')).toContain('The shared disks were not tested: no disk was found');
    expect(testOf(report, 'Validate SCSI-3 Persistent Reservation')).toMatchObject({
      result: 'notApplicable',
      expected: false,
    });
    expect((await read(direct)).notes.join(' ')).toContain('the storage tests were not selected');
  });

  it('is told apart by the byte order mark: UTF-16 is read as well', async () => {
    const wide = Buffer.from(`\ufeff${compute.replace(/^\ufeff/, '')}`, 'utf16le');
    expect((await read(wide)).tests).toHaveLength(54);
  });
});

describe('results that the published reports do not show', () => {
  it.each([
    ['Warning', 'WarningImg', 'warning'],
    ['Failed', 'FailedImg', 'failed'],
    ['Canceled', 'CanceledImg', 'cancelled'],
    ['Not Run', 'NotRunImg', 'unknown'],
    ['Success', 'FailedImg', 'unknown'],
    ['Erfolg', 'SuccessImg', 'success'],
    ['Warning', 'SomethingImg', 'warning'],
  ] as const)('%s with %s is %s', async (word, image, result) => {
    const report = await read(withResult(direct, 'Validate Software Update Levels', word, image));
    const test = testOf(report, 'Validate Software Update Levels');
    expect(test.result).toBe(result);
    expect(test.raw).toContain(word);
    expect(report.overall.result).toBe(result);
  });

  it('the warning of Storage Spaces is expected, that of one path is not and is explained by its sentence', async () => {
    const one =
      'Node Compute2.Corp.contoso.com is reachable from Node Compute1.Corp.contoso.com by only one pair of network interfaces.';
    let html = withResult(compute, 'Validate Storage Spaces Persistent Reservation', 'Warning', 'WarningImg');
    html = withResult(html, 'Validate Network Communication', 'Warning', 'WarningImg');
    html = withMessage(html, 'Validate Network Communication', 'warn', one);
    const report = await read(html);
    expect(testOf(report, 'Validate Storage Spaces Persistent Reservation').expected).toBe(true);
    const network = testOf(report, 'Validate Network Communication');
    expect(network.expected).toBe(false);
    expect(network.messages.at(-1)).toEqual({ level: 'warning', text: one });
    expect(network.explanation?.means).toContain('single point of failure');
    const text = renderValidationReport(report, { paint: (_style, shown) => shown, width: 100, all: false });
    const order = ['Validate Network Communication', 'Validate Storage Spaces Persistent Reservation'];
    expect(order.map((name) => text.indexOf(name))).toEqual(
      [...order.map((name) => text.indexOf(name))].sort((left, right) => left - right),
    );
    expect(text).toContain('What to do: Add a second network between the nodes');
  });

  it('tests that could not run for one reason are one finding', async () => {
    const text = renderValidationReport(await read(compute), { paint: (_s, shown) => shown, width: 100, all: false });
    expect(text.match(/Needs disks that every tested server sees/g)).toHaveLength(1);
  });

  it('a test that Quorate does not know survives as it is', async () => {
    const report = await read(direct.replaceAll('Validate Memory Dump Settings', 'Validate The Next Thing'));
    expect(testOf(report, 'Validate The Next Thing')).toMatchObject({ result: 'success', explanation: null });
  });
});

describe('another language', () => {
  const german = compute
    .replace('lang="en-US"', 'lang="de-DE"')
    .replaceAll('Failover Cluster Validation Report', 'Failovercluster-Überprüfungsbericht')
    .replaceAll('Results by Category', 'Ergebnisse nach Kategorie')
    .replaceAll('<description>Success', '<description>Erfolgreich')
    .replaceAll('<description>Not Applicable', '<description>Nicht zutreffend')
    .replaceAll('Validate Network Communication', 'Netzwerkkommunikation überprüfen')
    .replaceAll('11/19/2017 8:31:38 PM', '19.11.2017 20:31:38');

  it('is read by pictures and structure; names, words and dates stay as they are', async () => {
    const report = await read(german);
    expect(report.tests).toHaveLength(54);
    expect(testOf(report, 'Netzwerkkommunikation überprüfen')).toMatchObject({ result: 'success', explanation: null });
    expect(report).toMatchObject({ startedAt: null, startedText: '19.11.2017 20:31:38' });
    expect(report.notes.join(' ')).toContain('not in English');
  });
});

describe('what is no report', () => {
  it.each([
    ['another page', '<html><title>Hello</title><body></body></html>', 'VALIDATION_REPORT_NOT_RECOGNISED'],
    ['a text', 'Node: HV01', 'VALIDATION_REPORT_NOT_RECOGNISED'],
    ['nothing', '', 'IMPORT_FILE_EMPTY'],
    ['cut in a section', compute.slice(0, 300_000), 'VALIDATION_REPORT_TRUNCATED'],
    ['cut in the head', compute.slice(0, 4_000), 'VALIDATION_REPORT_TRUNCATED'],
    [
      'the XML of the same run',
      '<?xml version="1.0" encoding="utf-8"?>\r\n<Report><Channel Type="Summary"></Channel></Report>',
      'VALIDATION_REPORT_IS_XML',
    ],
    [
      'a web archive',
      'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n',
      'VALIDATION_REPORT_ARCHIVED',
    ],
  ])('%s is refused by name', async (_what, html, code) => {
    expect(await codeOf(read(html))).toBe(code);
  });

  it('is told how to get it again, not how wmic would write it', async () => {
    const thrown: unknown = await read('<html>\0').catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'IMPORT_ENCODING_UNKNOWN' });
    const { next } = explain(toEnvelope(thrown));
    expect(next).toMatch(/Copy it again/);
    expect(next).not.toMatch(/wmic/);
  });

  it('two hundred megabytes are refused before they are read', async () => {
    const path = join(folder.path, 'huge.htm');
    const descriptor = openSync(path, 'w');
    ftruncateSync(descriptor, 200 * 1024 * 1024);
    closeSync(descriptor);
    expect(await codeOf(readValidationReport({ kind: 'path', path }, localFiles))).toBe('IMPORT_FILE_TOO_LARGE');
  });

  it('a file that a browser saved in a code page is read, and what was lost is said', async () => {
    const ansi = Buffer.from(direct.replace('Default-First-Site-Name', 'B\u00fcro'), 'latin1');
    const report = await read(ansi);
    expect(report.tests).toHaveLength(51);
    expect(report.notes.join(' ')).toContain('another code page');
  });

  it('a missing section is said', async () => {
    const path = join(folder.path, 'part.htm');
    writeFileSync(path, compute.replace(/<h2 id="100">/, '<h2 id="9999">'));
    const report = await readValidationReport({ kind: 'path', path }, localFiles);
    expect(report.notes.join(' ')).toContain('no section for the test "Validate Network Communication"');
  });
});

describe('small parts', () => {
  it('reads dates of the United States only', () => {
    expect(readReportDate('7/14/2020 12:16:35 AM', true)).toBe('2020-07-14T00:16:35');
    expect(readReportDate('7/14/2020 12:16:35 PM', true)).toBe('2020-07-14T12:16:35');
    expect(readReportDate('14/7/2020 3:16:35 PM', true)).toBeNull();
    expect(readReportDate('7/14/2020 3:16:35 PM', false)).toBeNull();
  });

  it('a server whose name begins like another’s is not taken for it', async () => {
    const html = withMessage(
      direct.replaceAll('AzSHCI2.Corp.contoso.com', 'AzSHCI10.Corp.contoso.com'),
      'Validate IP Configuration',
      'warn',
      'Something about azshci10 and nobody else.',
    );
    expect(testOf(await read(html), 'Validate IP Configuration').messages.at(-1)?.node).toBe(
      'AzSHCI10.Corp.contoso.com',
    );
  });

  it('no test has two explanations, and each result of each has words', () => {
    const explainedTests = explanations.flatMap(({ names }) => names);
    expect(new Set(explainedTests).size).toBe(explainedTests.length);
    for (const name of explainedTests)
      for (const result of ['warning', 'failed', 'unknown', 'cancelled', 'notApplicable'] as const)
        expect(explainTest(name, result, []).explanation?.means.length, `${name} ${result}`).toBeGreaterThan(20);
  });

  it('a word alone and a picture alone are enough', () => {
    expect(resultOf('Failed', '').result).toBe('failed');
    expect(resultOf('', 'WarningImg').result).toBe('warning');
    expect(resultOf('', '').result).toBe('unknown');
  });
});

describe('a report of another change of the cluster', () => {
  it('is read line by line as it is marked, whatever stands inside a line', () => {
    const html =
      '<html><head><title>Create &amp; configure</title></head><body><table><tr><td>left out</td></tr></table>' +
      '<div class="info">Node <b>A</b>\r\n   is  configured.</div><div class="warn">An error <div>within</div> a line.</div>' +
      '<div class="error"> </div><div class="other">not marked</div><div class="error">Failed';
    expect(readReportLines(html)).toEqual({
      title: 'Create & configure',
      lines: [
        { level: 'info', text: 'Node A is configured.' },
        { level: 'warning', text: 'An error within a line.' },
        { level: 'error', text: 'Failed' },
      ],
    });
    expect(readReportLines('MZ\u0000no report').lines).toEqual([]);
    expect(readReportLines(direct).lines.length).toBeGreaterThan(100);
  });

  it('is asked for in the folder of reports alone', () => {
    const reports = 'C:\\Windows\\Cluster\\Reports\\';
    const isOne = (path: string): boolean => clusterReportPathSchema.safeParse(path).success;
    expect(isOne(`${reports}Create Cluster Wizard CLU1 on 2026.01.05 At 08.00.00.htm`)).toBe(true);
    for (const path of [
      `${reports}..\\..\\System32\\config\\SAM`,
      `${reports}..\\x.htm`.replace('Reports\\..', 'Reports\\sub\\..'),
      'C:\\Windows\\Cluster\\x.htm',
      `${reports}report.xml`,
      `${reports}a:b.htm`,
      '\\\\server\\share\\Cluster\\Reports\\x.htm',
      'x.htm',
    ])
      expect([path, isOne(path)]).toEqual([path, false]);
  });
});
