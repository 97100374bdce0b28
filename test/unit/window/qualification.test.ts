import { describe, expect, it } from 'vitest';
import { afterActivity, type Run } from '../../../renderer/features/qualification/run.ts';
import { chooseToCompare } from '../../../renderer/features/qualification/choose-to-compare.ts';
import { isSamePortal, nearSource, portalsToLook } from '../../../renderer/features/qualification/portals.ts';
import { suggestPurpose, whyUnfit } from '../../../renderer/features/qualification/purposes.ts';
import type { Activity } from '../../../shared/contract/core.ts';
import type { QualificationEvent, QualificationReport } from '../../../shared/model/qualification.ts';

const activity = (id: string, state: Activity['state'], event?: QualificationEvent): Activity => ({
  id,
  method: 'iscsi.qualify',
  title: 'Qualification',
  server: null,
  caller: 'ui',
  input: { target: 'iqn.2026-01.example:array', lun: 3 },
  state,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  progress: event ? { doing: 'something', done: 1, total: 2, leftMs: null, data: event } : null,
  error: null,
});

const step = (text: string): QualificationEvent => ({
  kind: 'step',
  caseId: 'A.B.C',
  step: { at: '2026-01-01T00:00:00.000Z', initiator: 'A', text, answer: 'GOOD', asExpected: true, tookMs: 1 },
});

describe('a run as the page knows it', () => {
  it('begins with the activity, whoever started it, and keeps the newest steps first', () => {
    let run: Run | null = afterActivity(null, activity('a1', 'running'));
    expect(run).toMatchObject({ activityId: 'a1', target: 'iqn.2026-01.example:array', lun: 3, steps: [] });
    for (let at = 0; at < 15; at += 1) run = afterActivity(run, activity('a1', 'running', step(`step ${at}`)));
    expect(run?.steps[0]?.text).toBe('step 14');
    expect(run?.steps).toHaveLength(10);
  });

  it('another run of the same core does not mix with the one that is shown', () => {
    const first = afterActivity(null, activity('a1', 'running', step('mine')));
    expect(afterActivity(first, activity('a2', 'running', step('other')))).toBe(first);
    expect(afterActivity(first, activity('a2', 'done'))).toBe(first);
  });

  it.each(['done', 'failed', 'cancelled'] as const)('is over when its activity is %s', (state) => {
    const run = afterActivity(null, activity('a1', 'running'));
    expect(afterActivity(run, activity('a1', state))).toBeNull();
  });
});

describe('what a unit is for', () => {
  const mebibyte = 1048576n;
  it.each([
    [600n * mebibyte, 'witness'],
    [5n * 1024n * mebibyte, 'witness'],
    [5n * 1024n * mebibyte + 512n, 'vm'],
  ])('%s bytes suggest %s', (size, purpose) => {
    expect(suggestPurpose({ sizeBytes: String(size) })).toBe(purpose);
  });

  it('a size that is not known suggests nothing small, and condemns nothing', () => {
    expect(suggestPurpose({ sizeBytes: null })).toBe('vm');
    expect(whyUnfit('witness', { sizeBytes: null })).toBeNull();
  });

  it('one byte less than 512 MB is no witness', () => {
    expect(whyUnfit('witness', { sizeBytes: String(512n * mebibyte - 1n) })).toContain('512 MB');
    expect(whyUnfit('witness', { sizeBytes: String(512n * mebibyte) })).toBeNull();
    expect(whyUnfit('vm', { sizeBytes: '1' })).toBeNull();
  });
});

describe('what is proposed for a comparison', () => {
  const report = (machine: string, lun: number, startedAt: string): QualificationReport =>
    ({ machine, startedAt, target: 'iqn.2026-01.example:array', lun: { lun, identity: `naa.${lun}` } }) as never;
  const mine0 = report('NODE1', 0, '2026-01-01T10:00:00.000Z');
  const newer0 = report('NODE1', 0, '2026-01-01T11:00:00.000Z');
  const mine1 = report('NODE1', 1, '2026-01-01T12:00:00.000Z');
  const other0 = report('NODE2', 0, '2026-01-01T09:00:00.000Z');

  it('the newest views of one unit from several servers', () => {
    expect(chooseToCompare([mine0, newer0, mine1, other0]).sort((a, b) => a.machine.localeCompare(b.machine))).toEqual([
      newer0,
      other0,
    ]);
  });

  it('else the newest view of each unit', () => {
    expect(chooseToCompare([mine0, newer0, mine1])).toEqual([mine1, newer0]);
  });
});

describe('portals as a person writes them', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5:3260'],
    ['Array.Example', 'array.example:3260'],
    ['fd00::5', '[fd00::5]:3260'],
    ['[fd00::5]', '[fd00::5]:3260'],
    [' 10.0.0.5:860 ', '10.0.0.5:860'],
  ])('%s is %s', (one, other) => {
    expect(isSamePortal(one, other)).toBe(true);
  });

  it.each([
    ['10.0.0.1', '10.0.0.11:3260'],
    ['10.0.0.5', '10.0.0.5:860'],
    ['[fd00::5]:860', '[fd00::5]:3260'],
  ])('%s is not %s', (one, other) => {
    expect(isSamePortal(one, other)).toBe(false);
  });

  it.each([
    ['listed: first, and once', ['10.0.0.5:3260', '10.0.0.6:3260'], '10.0.0.6', ['10.0.0.6', '10.0.0.5:3260'], 2],
    ['behind address translation: used', ['10.0.0.5:3260'], '127.0.0.1:4', ['127.0.0.1:4', '10.0.0.5:3260'], 2],
    ['a name, which may be the other: not used', ['10.0.0.5:3260'], 'san1', ['san1', '10.0.0.5:3260'], 1],
    ['a name, and nothing listed', [], 'san1', ['san1'], 1],
    ['not known', ['10.0.0.5:3260'], null, ['10.0.0.5:3260'], 1],
  ])('the one over which a unit was seen is offered: %s', (_how, listed, seenOver, offered, used) => {
    const portals = portalsToLook(listed, seenOver);
    expect(portals.map(({ portal }) => portal)).toEqual(offered);
    expect(portals.filter(({ isUsed }) => isUsed)).toHaveLength(used);
  });

  const source = (nic: string, address: string, prefixLength: number) => ({
    nic,
    address,
    prefixLength,
    family: address.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
    isLoopback: false,
  });
  const sources = [
    source('Production', '192.0.2.10', 24),
    source('iSCSI A', '10.1.0.10', 24),
    source('iSCSI B', '10.2.0.10', 24),
    source('iSCSI 6', 'fd00:1::10', 64),
  ];

  it.each([
    ['10.2.0.5:3260', 'iSCSI B'],
    ['10.1.0.5', 'iSCSI A'],
    ['[fd00:1::5]:3260', 'iSCSI 6'],
  ])('%s is in the network of %s', (portal, nic) => {
    expect(nearSource(portal, sources)?.nic).toBe(nic);
  });

  it.each(['10.3.0.5', 'array.example', '', '[fd00:2::5]'])('%j is in the network of none', (portal) => {
    expect(nearSource(portal, sources)).toBeNull();
  });
});
