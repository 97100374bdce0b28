import { describe, expect, it } from 'vitest';
import { renderInspection } from '../../../main/cli/text/inspection-text.ts';
import { renderCaseList, renderQualification } from '../../../main/cli/text/qualification-text.ts';
import { cellWidth, clip, renderTable, wrapText } from '../../../main/cli/text/table.ts';
import type { Inspection } from '../../../shared/contract/iscsi.ts';
import {
  qualificationReportSchema,
  type CaseVerdict,
  type QualificationCase,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';

const plain = (_style: string, text: string): string => text;
const widest = (text: string): number => Math.max(...text.split('\n').map(cellWidth));

const unit = {
  lun: 1,
  vendor: 'VENDOR',
  product: 'ARRAY',
  revision: '1',
  serial: 'S-1',
  identity: 'naa.6001405aaaaaaaaaaaaaaaaaaaaaaaaa',
  designators: ['naa.6001405aaaaaaaaaaaaaaaaaaaaaaaaa', 't10.VENDOR disk-one'],
  sizeBytes: '629145600',
  blockSizeBytes: 512,
  physicalBlockSizeBytes: 4096,
  isThin: true,
  isWriteProtected: false,
  supportsAlua: true,
};

const caseOf = (id: string, verdict: CaseVerdict, more: Partial<QualificationCase> = {}): QualificationCase => ({
  id,
  title: `What ${id} proves about a logical unit that several nodes use at once`,
  required: true,
  verdict,
  because: verdict === 'passed' ? null : `the device answered ${id} otherwise`,
  meaning:
    'Two nodes write to one disk at once: its file system is lost, and this sentence is long enough to be wrapped.',
  askVendor: 'Ask whether the array has SPC-3 persistent reservations, and since which version of its firmware.',
  source: 'SPC-4',
  figures: {},
  steps: [],
  ...more,
});

const report = (cases: QualificationCase[], more: Partial<QualificationReport> = {}): QualificationReport =>
  qualificationReportSchema.parse({
    schema: 'quorate.qualification/1',
    tool: { name: 'quorate', version: '0' },
    machine: 'node1',
    isRehearsal: false,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.000Z',
    verdict: 'notQualified',
    sentence: 'This logical unit cannot be used for clustering: it ignores the reservation.',
    target: 'iqn.2026-01.example.array:with-a-rather-long-name.of-its-own',
    portals: ['10.0.0.5:3260', '10.0.1.5:3260'],
    sourceIps: ['10.0.0.1', null],
    purpose: 'vm',
    nodes: 2,
    paths: 2,
    allowed: { reservations: true, dataLoss: false },
    initiators: [
      { label: 'A', name: 'iqn.1991-05.com.microsoft:node1.example', isid: '800000000001' },
      { label: 'B', name: 'iqn.1991-05.com.microsoft:node1.example.second', isid: '800000000002' },
    ],
    oneName: false,
    lun: unit,
    cases,
    accessTable: [],
    leftBehind: [],
    ...more,
  });

const mixed = report([
  caseOf('Identity.Unit.Ready', 'passed'),
  caseOf('Reservations.Conflict.UnregisteredWriter', 'failed'),
  caseOf('Behaviour.Latency.Percentiles', 'passed', { figures: { p99Ms: 3.2 } }),
  caseOf('Behaviour.Reconnect.InTime', 'passed', { figures: { reconnectMs: 120 } }),
  caseOf('Reservations.Registrations.Capacity', 'inconclusive', { figures: { wanted: 4, registered: 3 } }),
]);

describe('a qualification as text', () => {
  it('has the answer first and last, what failed before all else, and what passed as a count', () => {
    const text = renderQualification(mixed, plain, { columns: 100, isAll: false });
    const lines = text.split('\n');
    expect(lines[0]).toBe(mixed.sentence);
    expect(text.slice(0, text.lastIndexOf('\nNext: '))).toMatch(new RegExp(`${mixed.sentence}$`));
    expect(text.indexOf('failed ')).toBeLessThan(text.indexOf('inconclusive '));
    expect(text).toContain('3 passed: Identity 1, Behaviour 2 (--all shows each)');
    expect(text).not.toContain('Identity.Unit.Ready');
    expect(renderQualification(mixed, plain, { columns: 100, isAll: true })).toMatch(/passed +Identity\.Unit\.Ready/);
  });

  it('says what was asked, over which way and as whom, and the key figures', () => {
    const text = renderQualification(mixed, plain, { columns: 200, isAll: false });
    expect(text).toContain(
      'for vm, 2 nodes x 2 paths, reservations allowed, over 10.0.0.5:3260 from 10.0.0.1 and 10.0.1.5:3260',
    );
    expect(text).toContain('As A        iqn.1991-05.com.microsoft:node1.example (ISID 800000000001)');
    expect(text).toContain('p99 3.2 ms, reconnect 120 ms, 3 of 4 registrations');
  });

  it('says what to do about a stranger, and about one name', () => {
    const text = renderQualification(
      report([caseOf('Reservations.Preconditions.NobodyElse', 'inconclusive')], {
        verdict: 'inconclusive',
        oneName: true,
        oneNameBecause: 'masked',
      }),
      plain,
      { columns: 500, isAll: false },
    );
    expect(text).toMatch(/Next: find out who uses this LUN\..*clear-mine.*--cluster-node/);
    expect(text).toContain('shows the LUN to one initiator name only');
  });

  it.each([false, true])('keeps within 80 columns, with all cases: %s', (isAll) => {
    expect(widest(renderQualification(mixed, plain, { columns: 80, isAll }))).toBeLessThanOrEqual(80);
  });
});

describe('the list of cases', () => {
  const cases = [
    {
      ...caseOf('Reservations.Register.PersistsThroughPowerLoss', 'passed'),
      needs: 'dataLoss' as const,
      counts: 'where it can run' as const,
    },
  ] as unknown as Parameters<typeof renderCaseList>[0];
  it('is a line for each case where there is room, and keeps within 80 columns where there is not', () => {
    expect(renderCaseList(cases, 160).split('\n')[1]).toMatch(
      /^Reservations\.Register\.PersistsThroughPowerLoss +where it can run +--allow-data-loss/,
    );
    expect(widest(renderCaseList(cases, 80))).toBeLessThanOrEqual(80);
  });
});

const inspection = (more: Partial<Inspection['luns'][number]>, rest: Partial<Inspection> = {}): Inspection => ({
  portal: '10.0.0.5:3260',
  redirects: [],
  target: 'iqn.2026-01.example.array:disks',
  initiator: 'iqn.2026-01.example:node1',
  authentication: 'none',
  parameters: {},
  warnings: [],
  problems: [],
  luns: [
    {
      ...unit,
      notReady: null,
      capabilities: { persistThroughPowerLossCapable: true, persistThroughPowerLossActive: false, types: 'a, b' },
      keys: [],
      reservation: null,
      reservationState: 'none',
      reservations: { generation: 0, keys: [], registrations: [], reservation: null },
      problem: null,
      ...more,
    },
  ],
  ...rest,
});

const inspected = (more: Partial<Inspection['luns'][number]>, rest?: Partial<Inspection>): string =>
  renderInspection(inspection(more, rest), plain, 100);

describe('an inspection as text', () => {
  it('says "none" only where the device said so', () => {
    expect(inspected({})).toMatch(/reservation +none/);
    expect(inspected({ reservationState: 'notAnswered', reservations: null })).toMatch(/reservation +not answered/);
    const without = inspected({ keys: null, reservationState: 'notSupported', reservations: null });
    expect(without).toMatch(/keys +the device does not have persistent reservations/);
    expect(without).toMatch(/reservation +the device does not have persistent reservations/);
  });

  it('says of what the device answered in a way that cannot be read that it is not readable, never that there is none', () => {
    const odd = { identity: null, serial: null, unread: ['identity' as const, 'serial' as const] };
    expect(inspected(odd)).toMatch(/identity +not readable\n[\s\S]*serial +not readable\n/);
    expect(inspected({ identity: null, serial: null })).toMatch(/identity +none\n[\s\S]*serial +none\n/);
  });

  it('shows whose each key is', () => {
    const registrations = [
      { key: '0x01', holder: 'iqn.2026-01.example:node1', isReservationHolder: false },
      { key: '0x02', holder: null, isReservationHolder: false },
    ];
    const keys = ['0x01', '0x02'];
    const text = inspected({ keys, reservations: { generation: 1, keys, registrations, reservation: null } });
    expect(text).toMatch(/keys +0x01 of iqn\.2026-01\.example:node1\n +0x02 of an initiator that is not reported/);
    expect(inspected({ keys, reservations: null })).toContain('0x01 (the device does not tell whose)');
  });

  it('shows ALUA, APTPL, the physical block, other designators, and a unit that is not ready', () => {
    const text = inspected({ notReady: 'CHECK CONDITION, NOT READY' });
    expect(text).toMatch(/ALUA +yes/);
    expect(text).toMatch(/APTPL +possible: yes, active: no/);
    expect(text).toContain('physical 4096');
    expect(text).toMatch(/also known as +t10\.VENDOR disk-one/);
    expect(text).toMatch(/state +NOT READY: CHECK CONDITION/);
  });

  it('says that no LUN is shown, and to whom, or what was not answered', () => {
    expect(inspected({}, { luns: [] })).toContain('shows no LUN to iqn.2026-01.example:node1');
    const broken = inspected({}, { luns: [], problems: ['REPORT LUNS was answered with BUSY'] });
    expect(broken).toContain('problem: REPORT LUNS was answered with BUSY.');
    expect(broken).not.toContain('shows no LUN');
  });

  it('keeps within 80 columns', () => {
    const keys = [`0x${'1'.repeat(16)}`];
    const registrations = [
      { key: keys[0]!, holder: `iqn.2026-01.example:${'n'.repeat(90)}`, isReservationHolder: true },
    ];
    const more = { keys, reservations: { generation: 1, keys, registrations, reservation: null } };
    expect(widest(renderInspection(inspection(more), plain, 80))).toBeLessThanOrEqual(80);
  });
});

describe('text in a width', () => {
  it('is clipped with an ellipsis, wide characters counted as two', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdef', 4)).toBe('abc\u2026');
    expect(cellWidth(clip('ディスクの検査', 7))).toBeLessThanOrEqual(7);
  });

  it('breaks a word that is wider than its cell', () => {
    expect(renderTable([{ title: 'A', maxWidth: 4 }], [['abcdefgh ij']])).toBe('A\nabcd\nefgh\nij');
    expect(wrapText('one two three four five six', 22, { first: '- ' })).toBe('- one two three four\n  five six');
  });
});
