import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { endings } from '../../../renderer/app/activities-area.tsx';
import { drillMarks, gradeMarks, quorumMarks, vmMarks } from '../../../renderer/features/availability/marks.ts';
import {
  diskMarks,
  eventMarks,
  groupMarks,
  networkMarks,
  nodeMarks,
  reportLineMarks,
} from '../../../renderer/features/cluster/words.ts';
import { runMarks, stateOfNone, stateOfRun } from '../../../renderer/features/formation/stage-words.ts';
import { standingOf, stepWords } from '../../../renderer/features/formation/standing.ts';
import { historyAnswer } from '../../../renderer/features/history/answer.ts';
import { stateMarks } from '../../../renderer/features/history/marks.ts';
import { memberMarks } from '../../../renderer/features/peers/coordinator-part.tsx';
import { caseMarks, verdictMarks } from '../../../renderer/features/qualification/words.ts';
import { contentMarks, pathMarks } from '../../../renderer/features/storage/words.ts';
import { levelOutcomes, overallOutcome, standingMarks } from '../../../renderer/features/validation/words.ts';
import { toneOf, type Mark, type StateMark } from '../../../renderer/ui/marks.ts';
import { OutcomeIcon, shapes } from '../../../renderer/ui/outcome.tsx';
import { stepMarks } from '../../../renderer/ui/plan/plan-step.tsx';
import { stateOfFailure } from '../../../renderer/ui/stage-states.ts';

type Table = Readonly<Record<string, Mark | StateMark | null>>;

/** States of work: each has a mark that no other state of its list has. */
const work: Readonly<Record<string, Table>> = {
  caseMarks,
  drillMarks,
  endings,
  runMarks,
  stateMarks,
  stepMarks,
  stepWords,
};

/** Grades of things: several may be as bad as each other, and share the mark of that outcome. */
const grades: Readonly<Record<string, Table>> = {
  contentMarks,
  diskMarks,
  eventMarks,
  gradeMarks,
  groupMarks,
  levelOutcomes,
  memberMarks,
  networkMarks,
  nodeMarks,
  overallOutcome,
  pathMarks,
  quorumMarks,
  reportLineMarks,
  standingMarks,
  verdictMarks,
  vmMarks,
};

const markOf = (state: Mark | StateMark): Mark => (typeof state === 'string' ? state : state.outcome);

/** The marks that several states of a table have, with those states. */
const shared = (table: Table): [Mark, string[]][] => {
  const states = new Map<Mark, string[]>();
  for (const [name, state] of Object.entries(table))
    if (state !== null) states.set(markOf(state), [...(states.get(markOf(state)) ?? []), name]);
  return [...states].filter(([, all]) => all.length > 1);
};

describe('the marks', () => {
  test('have a shape of their own each, and a tone', () => {
    const drawn = Object.keys(shapes).map((mark) =>
      // Without the name and the colour: what is left is the shape.
      renderToStaticMarkup(createElement(OutcomeIcon, { outcome: mark as Mark }))
        .replace(/data-mark="\w+"/, '')
        .replace(/q-outcome-\w+/, ''),
    );
    expect(new Set(drawn).size).toBe(drawn.length);
    for (const one of drawn) expect(one).toMatch(/<path d="[^"]{20,}"/);
    expect(Object.keys(toneOf).toSorted()).toEqual(Object.keys(shapes).toSorted());
  });

  test.each(Object.entries(work))('differ for each state of %s', (_name, table) => expect(shared(table)).toEqual([]));

  test.each(Object.entries(grades))('of %s are shared only by what is equally good or bad', (_name, table) => {
    for (const [mark] of shared(table)) expect(['pass', 'warn', 'fail', 'unknown']).toContain(mark);
    const words = Object.values(table).flatMap((state) =>
      state === null || typeof state === 'string' ? [] : [state.word],
    );
    expect(new Set(words).size).toBe(words.length);
  });

  test('that mean "not applicable" are for nothing that runs, waits or was', () => {
    for (const [name, table] of Object.entries({ ...work, ...grades }))
      for (const [state, mark] of Object.entries(table))
        if (mark !== null && markOf(mark) === 'notApplicable')
          expect([name, state]).toEqual([expect.any(String), expect.stringMatching(/^(notApplicable|skipped)$/)]);
  });

  test('of the list of stages tell what runs from what has not begun and from what does not apply', () => {
    const run = (state: 'running' | 'cancelled' | 'undone') => ({ state, rehearsal: null, steps: [] }) as never;
    const marks = [
      stateOfRun(run('running')).outcome,
      stateOfRun(run('cancelled')).outcome,
      stateOfRun(run('undone')).outcome,
      stateOfNone(null).outcome,
      stateOfFailure({ code: 'HOST_NOT_HERE' } as never).outcome,
    ];
    expect(new Set(marks).size).toBe(marks.length);
    expect(historyAnswer({ open: 0, running: 1, all: 1 }, false).outcome).toBe('running');
    const step = (stage: string, state: string) => ({ id: stage, node: 'HV01', title: stage, stage, state });
    const standing = standingOf([step('prepare', 'done'), step('network', 'running')] as never, 'running');
    const outcomes = standing.map(({ outcome }) => outcome);
    expect(outcomes).toContain('running');
    expect(outcomes.filter((outcome) => outcome === 'running')).toHaveLength(1);
  });

  test('are looked at here in every table of the window', () => {
    const folder = path.resolve(import.meta.dirname, '../../../renderer');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .flatMap((name) => [
        ...readFileSync(path.join(folder, name), 'utf8').matchAll(
          /const (\w+): Readonly<\s*Record<[^=]*?,\s*(?:StateMark|Mark)(?: \| null)?>\s*>/g,
        ),
      ])
      .map(([, name]) => name);
    expect(names.toSorted()).toEqual([...Object.keys(work), ...Object.keys(grades)].toSorted());
  });
});
