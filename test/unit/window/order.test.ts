import { describe, expect, test } from 'vitest';
import { readinessGroups } from '../../../shared/model/readiness-checks.ts';
import type { CheckResult, Outcome } from '../../../shared/model/check.ts';
import { groupChecks } from '../../../renderer/features/readiness/group-checks.ts';
import { outcomeOfRow } from '../../../renderer/ui/compare-rows.ts';
import { splitSentence } from '../../../renderer/features/readiness/split-sentence.ts';
import { countOutcomes, sortChecks } from '../../../renderer/ui/outcome-words.ts';
import { findShortcut } from '../../../renderer/ui/shortcuts.ts';
import { filterRows, orderRows, toTabText } from '../../../renderer/ui/table/table-order.ts';

const check = (id: string, outcome: Outcome): CheckResult => ({
  id,
  title: id,
  outcome,
  because: null,
  severity: 'critical',
  target: 'NODE1',
  expected: '',
  observed: '',
  evidence: [],
  remediation: null,
  source: '',
  at: '2026-03-01T12:00:00Z',
});

describe('the order of checks', () => {
  test('unknown stands next to fail, before warnings and what passes; equals keep their order', () => {
    const sorted = sortChecks([
      check('a', 'pass'),
      check('b', 'unknown'),
      check('c', 'notApplicable'),
      check('d', 'warn'),
      check('e', 'unknown'),
      check('f', 'fail'),
    ]);
    expect(sorted.map(({ id }) => id)).toEqual(['f', 'b', 'e', 'd', 'a', 'c']);
    expect(countOutcomes(sorted)).toEqual({ pass: 1, warn: 1, fail: 1, unknown: 2, notApplicable: 1 });
  });

  test('every check has its group, and one of a newer version is never lost', () => {
    const all = [...readinessGroups.flatMap(({ checks }) => checks), 'from.the.future'].map((id) => check(id, 'pass'));
    const groups = groupChecks(all, readinessGroups);
    expect(groups.flatMap(({ checks }) => checks).length).toBe(all.length);
    expect(groups.at(-1)).toMatchObject({ title: 'More', checks: [{ id: 'from.the.future' }] });
  });
});

describe('the comparison', () => {
  test.each([
    ['must', 'different', 'fail'],
    ['should', 'different', 'warn'],
    ['info', 'different', 'notApplicable'],
    ['must', 'unknown', 'unknown'],
    ['should', 'unknown', 'unknown'],
    ['info', 'unknown', 'notApplicable'],
    ['must', 'same', 'pass'],
  ] as const)('what %s match and is %s weighs as %s', (match, outcome, weight) =>
    expect(outcomeOfRow({ match, outcome })).toBe(weight),
  );
});

describe('the sentence of a verdict', () => {
  test.each([
    [
      'This server can be a Hyper-V cluster node with Windows Server 2012 R2. One more thing needs attention.',
      'This server can be a Hyper-V cluster node with Windows Server 2012 R2.',
      'One more thing needs attention.',
    ],
    ['This server cannot be a node: no VT-x: see below.', 'This server cannot be a node:', 'no VT-x: see below.'],
    ['All is well.', 'All is well.', ''],
  ])('%s', (sentence, head, rest) => expect(splitSentence(sentence)).toEqual({ head, rest }));
});

describe('tables', () => {
  const rows = [
    { name: 'Disk 10', size: 5n },
    { name: 'Disk 9', size: null },
    { name: 'disk 1', size: 18446744073709551615n },
  ];

  test('numbers inside names count as numbers, and what is not known comes last whichever way', () => {
    expect(orderRows(rows, ({ name }) => name, false).map(({ name }) => name)).toEqual(['disk 1', 'Disk 9', 'Disk 10']);
    expect(orderRows(rows, ({ size }) => size, false).map(({ size }) => size)).toEqual([
      5n,
      18446744073709551615n,
      null,
    ]);
    expect(orderRows(rows, ({ size }) => size, true).map(({ size }) => size)).toEqual([
      18446744073709551615n,
      5n,
      null,
    ]);
  });

  test('a filter wants every word, in any cell, whatever the case', () => {
    const text = ({ name, size }: (typeof rows)[number]): string[] => [name, String(size)];
    expect(filterRows(rows, text, 'DISK 10')).toHaveLength(1);
    expect(filterRows(rows, text, '  ')).toHaveLength(3);
    expect(filterRows(rows, text, 'disk tape')).toHaveLength(0);
  });

  test('what is copied has one line for each row, whatever the cells hold', () => {
    expect(toTabText(['A', 'B'], [['1\n2', 'x\ty']])).toBe('A\tB\r\n1 2\tx y');
  });
});

describe('keys', () => {
  const run = (): void => undefined;
  const active = [
    { key: 'r', does: 'first', run },
    { key: 'r', does: 'second', run },
    { key: '?', does: 'help', run },
  ];
  const press = (key: string, held: Partial<Record<'altKey' | 'ctrlKey' | 'metaKey', boolean>> = {}) => ({
    key,
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    ...held,
  });

  test('the action that came last has the letter', () => {
    expect(findShortcut(press('R'), { active, lettersAlone: true }, false)?.does).toBe('second');
  });

  test('a letter that is typed is text, and Ctrl belongs to the system', () => {
    expect(findShortcut(press('r'), { active, lettersAlone: true }, true)).toBeUndefined();
    expect(findShortcut(press('r', { ctrlKey: true }), { active, lettersAlone: true }, false)).toBeUndefined();
    expect(findShortcut(press('r', { altKey: true }), { active, lettersAlone: true }, true)?.does).toBe('second');
  });

  test('letters alone can be switched off; with Alt they still work', () => {
    expect(findShortcut(press('r'), { active, lettersAlone: false }, false)).toBeUndefined();
    expect(findShortcut(press('r', { altKey: true }), { active, lettersAlone: false }, false)?.does).toBe('second');
  });
});
