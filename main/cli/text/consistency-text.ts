import type { Consistency, ConsistencyOutcome } from '../../../shared/model/consistency.ts';
import type { Paint } from './style.ts';
import { renderTable } from './table.ts';

const words: Readonly<Record<ConsistencyOutcome, string>> = {
  fail: 'FAIL',
  warn: 'warn',
  unknown: 'UNKNOWN',
  pass: 'pass',
};

const narrowest = 14;

/** The servers side by side, then what to do about each row that does not pass. */
export const renderConsistency = (consistency: Consistency, paint: Paint, columns: number): string => {
  const { servers, rows } = consistency;
  const width = Math.max(narrowest, Math.floor((columns - 40) / servers.length) - 2);
  const isNameShared = (name: string): boolean => servers.filter((one) => one.name === name).length > 1;
  const table = renderTable(
    [
      { title: 'RESULT' },
      { title: 'WHAT', maxWidth: 28 },
      ...servers.map(({ name, id }) => ({ title: isNameShared(name) ? `${name} (${id})` : name, maxWidth: width })),
    ],
    rows.map(({ outcome, title, cells }) => [
      words[outcome],
      title,
      ...cells.map(({ value, because }) => value ?? `not known: ${because ?? ''}`),
    ]),
  );
  const remarks = rows
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
    .map(
      ({ outcome, title, text, next, source }) =>
        `${words[outcome]}  ${title}: ${text}${next === null ? '' : ` ${next}`}\n      ${source}`,
    );
  const silent = servers.filter(({ because }) => because !== null).map(({ name, because }) => `${name}: ${because}`);
  return [
    paint('bold', consistency.sentence),
    '',
    table,
    ...(remarks.length > 0 ? ['', ...remarks] : []),
    ...silent,
  ].join('\n');
};
