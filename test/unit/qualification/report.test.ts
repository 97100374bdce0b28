import { describe, expect, it } from 'vitest';
import { renderHtmlQualification } from '../../../main/operations/qualification/html-qualification.ts';
import { qualificationDigestOf } from '../../../main/operations/qualification/qualification-digest.ts';
import { parseQualification } from '../../../main/operations/qualification/import-qualification.ts';
import { listCases } from '../../../main/operations/qualification/list-cases.ts';
import { RunsUnderWay } from '../../../main/operations/qualification/runs-under-way.ts';
import { type KeyNote } from '../../../main/qualify/index.ts';
import { memoryKeyNotes } from '../../support/key-notes.ts';
import { sentenceOf } from '../../../main/qualify/runner/verdict.ts';
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
    notAsked: [],
    target: 'iqn.2026-01.example:array',
    portals: ['192.0.2.1:3260'],
    sourceIps: ['192.0.2.101'],
    portalEnds: [],
    purpose: 'vm',
    nodes: 2,
    paths: 2,
    allowed: { reservations: true, dataLoss: false },
    initiators: [{ label: 'A', name: 'iqn.2026-01.example:node1', isid: '80' }],
    oneName: false,
    oneNameBecause: null,
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
    digest: null,
    ...more,
    cases,
  };
};

/** As it is exported. */
const signed = (report: QualificationReport): QualificationReport => ({
  ...report,
  digest: qualificationDigestOf(report),
});

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
    expect(one.reports.map(({ name }) => name)).toEqual(['NODE1: LUN 1', 'NODE2: LUN 1']);
    const two = compareQualifications([reportOf(), reportOf({ target: 'iqn.2026-01.example:b', lun: other })]);
    expect(two).toMatchObject({ verdict: 'match', isOneUnit: false });
    expect(two.rows.find(({ id }) => id === 'unit.identity')).toMatchObject({ match: 'info', outcome: 'different' });
    expect(two.reports.map(({ name }) => name)).toEqual([
      'NODE1: LUN 1 of iqn.2026-01.example:array',
      'NODE1: LUN 1 of iqn.2026-01.example:b',
    ]);
  });

  it('says first what the verdicts are: alike is not well', () => {
    const bad = reportOf({ cases: [caseOf('A.B.C', { verdict: 'failed', because: 'x' })] });
    expect(compareQualifications([bad, { ...bad, machine: 'NODE2' }]).sentence).toMatch(/^Both are not qualified\. /);
    expect(compareQualifications([reportOf(), bad]).sentence).toMatch(/^Verdicts: qualified, not qualified\. /);
    expect(compareQualifications([reportOf(), reportOf(), reportOf()]).sentence).toMatch(/^All 3 are qualified\. /);
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
    expect(parse(signed(reportOf()))).toEqual(signed(reportOf()));
  });

  it.each<[string, object]>([
    ['a field that nobody agreed on', { ...reportOf(), more: 1 }],
    ['a field deep inside', { ...reportOf(), lun: { ...reportOf().lun, more: 1 } }],
    ['a report without a digest', reportOf()],
    ['a verdict that does not follow', signed({ ...reportOf(), verdict: 'notQualified' })],
    ['a verdict that what was not asked for does not allow', signed({ ...reportOf(), notAsked: ['A.B.E'] })],
    [
      'a failure that claims to be qualified',
      signed({ ...reportOf({ cases: [caseOf('A.B.C', { verdict: 'failed', because: 'x' })] }), verdict: 'qualified' }),
    ],
    ['a case twice', signed(reportOf({ cases: [caseOf('A.B.C'), caseOf('A.B.C')] }))],
    ['a case without its reason', signed(reportOf({ cases: [caseOf('A.B.C', { verdict: 'failed' })] }))],
    ['a time that is none', { ...reportOf(), startedAt: 'yesterday' }],
  ])('refuses %s', (_what, document) => {
    expect(() => parse(document)).toThrow(/x\.json/);
  });

  it.each<[string, (report: QualificationReport) => object]>([
    ['a case was cut out', (report) => ({ ...report, cases: report.cases.slice(0, 1) })],
    ['a sentence was changed', (report) => ({ ...report, sentence: 'All is well.' })],
    ['a size was changed', (report) => ({ ...report, lun: { ...report.lun, sizeBytes: '1' } })],
    ['what was left behind is missing', (report) => ({ ...report, leftBehind: [] })],
    [
      'a failure became a pass, verdict and all',
      (report) => ({ ...report, verdict: 'qualified', cases: [caseOf('A.B.C')] }),
    ],
  ])('notices that %s', (_what, alter) => {
    const report = signed(
      reportOf({
        leftBehind: ['a key'],
        cases: [caseOf('A.B.C', { verdict: 'failed', because: 'x' }), caseOf('A.B.D', { required: false })],
      }),
    );
    expect(parse(report)).toEqual(report);
    expect(() => parse(alter(report))).toThrow(/was altered/);
  });
});

describe('the verdict as a sentence', () => {
  const sentence = (cases: readonly QualificationCase[], notAsked: readonly string[] = []): string =>
    sentenceOf(
      addUpQualification([...cases, ...notAsked.map(() => ({ required: true, verdict: 'skipped' as const }))]),
      cases,
      notAsked,
    );
  const informing = (verdict: QualificationCase['verdict']): QualificationCase =>
    caseOf('A.B.I', { required: false, verdict, because: 'x' });

  it.each<[string, string]>([
    [sentence([caseOf('A.B.C')]), 'This logical unit can be used for clustering: every required case passed.'],
    [
      sentence([caseOf('A.B.C'), informing('inconclusive'), informing('failed')]),
      'This logical unit can be used for clustering: every required case passed. 2 informational cases did not pass: read them.',
    ],
    [
      sentence([caseOf('A.B.C')], ['A.B.D', 'A.B.E']),
      'Not known yet: 2 required cases were not asked for. The one case asked for passed.',
    ],
    [
      sentence([caseOf('A.B.C'), informing('failed')], ['A.B.D']),
      'Not known yet: 1 required case was not asked for. Of 2 cases asked for 1 passed. 1 informational case did not pass: read it.',
    ],
    [
      sentence([caseOf('A.B.C', { verdict: 'inconclusive', because: 'why' })], ['A.B.D']),
      'Not known yet: 1 required case is not proven, and 1 required case was not asked for. First: why.',
    ],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('runs under way', () => {
  const note = (key: string): KeyNote => ({
    portal: 'p',
    target: 't',
    lun: 1,
    initiator: 'i',
    isid: '80',
    key,
    since: '2026-01-02T00:00:00.000Z',
  });

  it('their notes are no leftovers, and others’ are, also of the same time', async () => {
    const notes = memoryKeyNotes();
    await notes.add(note('0x1'));
    const runs = new RunsUnderWay();
    const list = async (): Promise<string[]> => (await runs.leftovers(notes).list()).map(({ key }) => key);
    await runs.during({ target: 't', lun: 1 }, notes, async (own) => {
      await own.add(note('0x2'));
      expect(await list()).toEqual(['0x1']);
      expect((await own.list()).map(({ key }) => key)).toEqual(['0x1']);
    });
    expect(await list()).toEqual(['0x1', '0x2']);
  });

  it('are one at a time for a logical unit', async () => {
    const notes = memoryKeyNotes();
    const runs = new RunsUnderWay();
    const again = (unit: { target: string; lun: number }): Promise<string> =>
      runs.during(unit, notes, async () => 'ran').catch((error: { code?: string }) => error.code ?? 'no code');
    await runs.during({ target: 'iqn.a', lun: 1 }, notes, async () => {
      expect(await again({ target: 'IQN.A', lun: 1 })).toBe('QUALIFY_UNDER_WAY');
      expect(await again({ target: 'iqn.a', lun: 2 })).toBe('ran');
    });
    await expect(runs.during({ target: 'iqn.a', lun: 1 }, notes, () => Promise.reject(new Error('x')))).rejects.toThrow(
      'x',
    );
    expect(await again({ target: 'iqn.a', lun: 1 })).toBe('ran');
  });
});

describe('the list of cases', () => {
  it('tells what counts where it can run from what informs', () => {
    const counts = new Map(listCases(undefined).map((one) => [one.id, one.counts]));
    expect(counts.get('Reservations.Conflict.RealWrite')).toBe('where it can run');
    expect(counts.get('Identity.Vpd83.SameOverPortals')).toBe('where it can run');
    expect(counts.get('Behaviour.Portals.Consistent')).toBe('where it can run');
    expect(counts.get('Reservations.Paths.OneKey')).toBe('yes');
    expect(counts.get('Reservations.Access.WE')).toBe('informs');
  });
});
