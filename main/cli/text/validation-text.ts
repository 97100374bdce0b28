import {
  sortForReading,
  type ValidationReport,
  type ValidationResult,
  type ValidationTest,
} from '../../../shared/validation/report.ts';
import { printable, type Paint, type StyleName } from './style.ts';
import { wrap } from './wrap.ts';

const marks: Readonly<Record<ValidationResult, { mark: string; word: string; style: StyleName }>> = {
  failed: { mark: '\u2717', word: 'failed', style: 'red' },
  cancelled: { mark: '?', word: 'cancelled', style: 'magenta' },
  unknown: { mark: '?', word: 'unknown', style: 'magenta' },
  warning: { mark: '\u25b2', word: 'warning', style: 'yellow' },
  success: { mark: '\u2713', word: 'success', style: 'green' },
  notApplicable: { mark: '\u2013', word: 'not applicable', style: 'dim' },
};

const verdicts: Readonly<Record<ValidationResult, string>> = {
  failed: 'Validation failed: this configuration is not suitable for a cluster yet.',
  cancelled: 'Validation was cancelled: it says nothing about what was not tested.',
  unknown: 'Not known: some results of this report cannot be read.',
  warning: 'Validation passed with warnings.',
  success: 'Validation passed.',
  notApplicable: 'Nothing was tested that applies to these servers.',
};

const findings = (test: ValidationTest): readonly { text: string; node?: string | undefined }[] =>
  test.messages.filter(({ level }) => level !== 'info');

/** Tests that ended alike, for the same reason and with the same advice, are one finding. */
const groupAlike = (tests: readonly ValidationTest[]): ValidationTest[][] => {
  const groups = new Map<string, ValidationTest[]>();
  for (const test of tests) {
    const { result, expected, explanation } = test;
    const key = explanation
      ? JSON.stringify([result, expected, explanation, findings(test)])
      : JSON.stringify([result, test.category, test.name]);
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  return [...groups.values()];
};

const renderAlike = (tests: readonly [ValidationTest, ...ValidationTest[]], paint: Paint, width: number): string[] => {
  const [test] = tests;
  const { mark, word, style } = marks[test.result];
  const lines = tests.map(({ name, result, raw, expected }) => {
    const said = result === 'unknown' ? ` (the report says "${printable(raw)}")` : '';
    return `${paint(style, `${mark} ${word}`)}  ${printable(name)}${said}${expected ? paint('dim', '  expected') : ''}`;
  });
  for (const { text, node } of findings(test))
    lines.push(...wrap(node === undefined ? text : `${node}: ${text}`, width, '    '));
  if (test.explanation) {
    lines.push(...wrap(`What it means: ${test.explanation.means}`, width, '    '));
    if (test.explanation.next !== null) lines.push(...wrap(`What to do: ${test.explanation.next}`, width, '    '));
  }
  return lines;
};

/** A validation report for a terminal: the verdict, then what blocks, what is new, what is expected; successes are counted. */
export const renderValidationReport = (
  report: ValidationReport,
  options: { readonly paint: Paint; readonly width: number; readonly all: boolean },
): string => {
  const { paint, width } = options;
  const sorted = sortForReading(report.tests);
  // Tests that do not apply and are expected not to are read by nobody; `--all` shows them.
  const shown = options.all
    ? sorted
    : sorted.filter((test) => test.result !== 'success' && !(test.result === 'notApplicable' && test.expected));
  const count = (result: ValidationResult): number => report.tests.filter((test) => test.result === result).length;
  const counts = (['failed', 'cancelled', 'unknown', 'warning', 'success', 'notApplicable'] as const)
    .filter((result) => count(result) > 0)
    .map((result) => `${count(result)} ${marks[result].word}`);
  return [
    paint('bold', verdicts[report.overall.result]),
    ...wrap(report.overall.text, width, '  '),
    '',
    ...wrap(`Servers: ${report.nodes.join(', ') || 'not named'}`, width, ''),
    `Started ${printable(report.startedText ?? 'not reported')}, completed ${printable(report.completedText ?? 'not reported')}`,
    `Tests: ${counts.join(', ')}`,
    ...report.notes.flatMap((note) => wrap(note, width, '')),
    ...groupAlike(shown).flatMap((alike) => ['', ...renderAlike(alike as [ValidationTest], paint, width)]),
    ...(shown.length < sorted.length
      ? ['', `${sorted.length - shown.length} tests that need no attention are not listed; --all lists them.`]
      : []),
  ].join('\n');
};
