import { asClause } from '../../../shared/model/sentence.ts';
import type { Consistency } from '../../../shared/model/consistency.ts';
import { outcomeWords, serverColumns } from './servers-beside.ts';
import type { Paint } from './style.ts';
import { renderTable } from './table.ts';

/** The servers side by side, then what to do about each row that does not pass. */
export const renderConsistency = (consistency: Consistency, paint: Paint, columns: number): string => {
  const { servers, rows } = consistency;
  const table = renderTable(
    [
      { title: 'RESULT' },
      { title: 'WHAT', maxWidth: 28 },
      ...serverColumns(servers, columns, { besides: 40, narrowest: 14 }),
    ],
    rows.map(({ outcome, title, cells }) => [
      outcomeWords[outcome],
      title,
      ...cells.map(({ value, because }) => value ?? `not known: ${asClause(because ?? '')}`),
    ]),
  );
  const remarks = rows
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
    .map(
      ({ outcome, title, text, next, source }) =>
        `${outcomeWords[outcome]}  ${title}: ${text}${next === null ? '' : ` ${next}`}\n      ${source}`,
    );
  const silent = servers
    .filter(({ because }) => because !== null)
    .map(({ name, because }) => `${name}: ${asClause(because ?? '')}`);
  return [
    paint('bold', consistency.sentence),
    '',
    table,
    ...(remarks.length > 0 ? ['', ...remarks] : []),
    ...silent,
  ].join('\n');
};
