import { describe, expect, it } from 'vitest';
import { renderHtmlQualification } from '../../../main/operations/qualification/html-qualification.ts';
import { parseQualification } from '../../../main/operations/qualification/import-qualification.ts';
import { RunsUnderWay } from '../../../main/operations/qualification/runs-under-way.ts';
import { memoryKeyNotes, type KeyNote } from '../../../main/qualify/index.ts';
import {
  addUpQualification,
  type QualificationCase,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import { compareQualifications } from '../../../shared/rules/compare-qualifications.ts';

const caseOf = (id: string, more: Partial<QualificationCase> = {}): QualificationCase => ({
  id,
  title: `Title of ${id}`,
  required: true,
  verdict: 'passed',
  because: null,
  meaning: 'what it means',
  askVendor: 'what to ask',
  source: 'a document',
  figures: {},
  steps: [],
  ...more,
});

const reportOf = (more: Partial<QualificationReport> = {}): QualificationReport => {
  const cases = more.cases ?? [caseOf('A.B.C'), caseOf('A.B.D', { required: false })];
  return {
    schema: 'quorate.qualification/1',
    tool: { name: 'quorate', version: '1.0.0' },
    machine: 'NODE1',
    isRehearsal: false,
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:04:06.000Z',
    verdict: addUpQualification(cases),
    sentence: 'a sentence.',
    target: 'iqn.2026-01.example:array',
    portals: ['192.0.2.1:3260'],
    sourceIps: ['192.0.2.101'],
    purpose: 'vm',
    nodes: 2,
    paths: 2,
    allowed: { reservations: true, dataLoss: false },
    initiators: [{ label: 'A', name: 'iqn.2026-01.example:node1', isid: '80' }],
    oneName: false,
    lun: {
      lun: 1,
      vendor: 'VENDOR',
      product: 'PRODUCT',
      revision: '1',
      serial: 'S1',
      identity: 'naa.6001',
      designators: [],
      sizeBytes: '629145600',
      blockSizeBytes: 512,
      physicalBlockSizeBytes: 4096,
      isThin: false,
      isWriteProtected: false,
      supportsAlua: false,
    },
    accessTable: [],
    leftBehind: [],
    ...more,
    cases,
  };
};

describe('the report as HTML', () => {
  it('takes nothing that a device says as markup', () => {
    const hostile = '<script>alert(1)</script>"\'&';
    const report = reportOf({
      target: hostile,
      machine: hostile,
      lun: { ...reportOf().lun, vendor: hostile, serial: hostile },
      cases: [
        caseOf('A.B.C', {
          verdict: 'failed',
          because: hostile,
          figures: { [hostile]: hostile },
          steps: [
            {
              at: '2026-01-02T03:04:05.000Z',
              initiator: 'A',
              text: hostile,
              answer: hostile,
              asExpected: false,
              tookMs: 1,
            },
          ],
        }),
      ],
    });
    const html = renderHtmlQualification(report);
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain("default-src 'none'");
  });

  it('says first what did not pass: what counts before what informs, an open reason once for all its cases', () => {
    const html = renderHtmlQualification(
      reportOf({
        cases: [
          caseOf('A.B.Informs', { verdict: 'failed', required: false, because: 'one' }),
          caseOf('A.B.Counts', { verdict: 'failed', because: 'two' }),
          caseOf('A.B.Open1', { verdict: 'inconclusive', because: 'it was not asked for' }),
          caseOf('A.B.Open2', { verdict: 'inconclusive', because: 'it was not asked for' }),
        ],
      }),
    );
    const [top = ''] = html.split('<h2>All cases</h2>');
    expect(top.indexOf('A.B.Counts')).toBeGreaterThan(0);
    expect(top.indexOf('A.B.Informs')).toBeGreaterThan(top.indexOf('A.B.Counts'));
    expect(top.match(/It was not asked for\./g)).toHaveLength(1);
    expect(top).toContain('Title of A.B.Open1; Title of A.B.Open2');
  });
});

describe('comparison', () => {
  it('of one unit wants one device; of two targets it only shows the difference', () => {
    const other = { ...reportOf().lun, identity: 'naa.6002' };
    const one = compareQualifications([reportOf(), reportOf({ machine: 'NODE2', lun: other })]);
    expect(one).toMatchObject({ verdict: 'differ', isOneUnit: true });
    expect(one.sentence).toContain('Identity');
    expect(one.reports.map(({ name }) => name)).toEqual(['NODE1', 'NODE2']);
    const two = compareQualifications([reportOf(), reportOf({ target: 'iqn.2026-01.example:b', lun: other })]);
    expect(two).toMatchObject({ verdict: 'match', isOneUnit: false });
    expect(two.rows.find(({ id }) => id === 'unit.identity')).toMatchObject({ match: 'info', outcome: 'different' });
    expect(two.reports.map(({ name }) => name)).toEqual([
      'iqn.2026-01.example:array LUN 1',
      'iqn.2026-01.example:b LUN 1',
    ]);
  });

  it.each([
    [{ verdict: 'failed', because: 'x' }, 'differ'],
    [{ verdict: 'inconclusive', because: 'x' }, 'unknown'],
    [{ verdict: 'skipped', because: 'x', required: false }, 'match'],
  ] as const)('a case that counts beside %o: %s', (more, verdict) => {
    expect(compareQualifications([reportOf(), reportOf({ cases: [caseOf('A.B.C', more)] })]).verdict).toBe(verdict);
  });

  it('a case that one of them does not know is not proven there', () => {
    const compared = compareQualifications([reportOf(), reportOf({ cases: [caseOf('A.B.X')] })]);
    expect(compared.verdict).toBe('unknown');
    expect(compared.rows.find(({ id }) => id === 'A.B.C')?.values).toEqual(['passed', null]);
  });
});

describe('import', () => {
  const parse = (document: object): QualificationReport => parseQualification(JSON.stringify(document), 'x.json');

  it('gives back what was exported', () => {
    expect(parse(reportOf())).toEqual(reportOf());
  });

  it.each<[string, object]>([
    ['a field that nobody agreed on', { ...reportOf(), more: 1 }],
    ['a field deep inside', { ...reportOf(), lun: { ...reportOf().lun, more: 1 } }],
    ['a verdict that does not follow', { ...reportOf(), verdict: 'notQualified' }],
    [
      'a failure that claims to be qualified',
      { ...reportOf({ cases: [caseOf('A.B.C', { verdict: 'failed', because: 'x' })] }), verdict: 'qualified' },
    ],
    ['a case twice', { ...reportOf({ cases: [caseOf('A.B.C'), caseOf('A.B.C')] }) }],
    ['a case without its reason', { ...reportOf({ cases: [caseOf('A.B.C', { verdict: 'failed' })] }) }],
    ['a time that is none', { ...reportOf(), startedAt: 'yesterday' }],
  ])('refuses %s', (_what, document) => {
    expect(() => parse(document)).toThrow(/x\.json/);
  });
});

describe('notes of keys', () => {
  const note = (since: string): KeyNote => ({
    portal: 'p',
    target: 't',
    lun: 1,
    initiator: 'i',
    isid: '80',
    key: `0x${since.length}`,
    since,
  });

  it('are leftovers only where no run of this core can have made them', async () => {
    const notes = memoryKeyNotes();
    await notes.add(note('2026-01-01T00:00:00.000Z'), note('2026-01-03T00:00:00.000Z'));
    const runs = new RunsUnderWay();
    const list = async (): Promise<string[]> => (await runs.leftovers(notes).list()).map(({ since }) => since);
    expect(await list()).toHaveLength(2);
    await runs.during(new Date('2026-01-02T00:00:00Z'), async () => {
      expect(await list()).toEqual(['2026-01-01T00:00:00.000Z']);
      await expect(runs.during(new Date(), () => Promise.reject(new Error('x')))).rejects.toThrow('x');
      expect(await list()).toEqual(['2026-01-01T00:00:00.000Z']);
    });
    expect(await list()).toHaveLength(2);
  });
});
