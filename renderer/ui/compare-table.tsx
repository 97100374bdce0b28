import type { JSX, ReactNode } from 'react';
import { outcomeOfRow, type CompareRow } from './compare-rows.ts';
import { OutcomeMark } from './outcome.tsx';
import './compare-table.css';

const matchWords: Readonly<Record<CompareRow['match'], string>> = {
  must: 'Must match',
  should: 'Should match',
  info: 'For information',
};

const rowWords: Readonly<Record<CompareRow['outcome'], string>> = {
  same: 'Same',
  different: 'Different',
  unknown: 'Not known',
};

const Group = ({
  title,
  rows,
  columns,
}: {
  title: string;
  rows: readonly CompareRow[];
  columns: number;
}): JSX.Element => (
  <tbody>
    <tr className="c-group">
      <th scope="rowgroup" colSpan={columns + 2}>
        {title}
      </th>
    </tr>
    {rows.map((row) => (
      <tr key={row.id} data-row={row.id} data-outcome={row.outcome} data-match={row.match}>
        <th scope="row">
          {row.title}
          {row.why ? <span className="c-why">{row.why}</span> : null}
        </th>
        <td>
          <OutcomeMark outcome={outcomeOfRow(row)} word={rowWords[row.outcome]} />
          <span className="c-why">{matchWords[row.match]}</span>
        </td>
        {row.values.map((value, index) => (
          <td key={index} className={row.outcome === 'different' ? `c-differs c-differs-${row.match}` : undefined}>
            {value === null ? <em>not known</em> : <bdi>{value}</bdi>}
          </td>
        ))}
      </tr>
    ))}
  </tbody>
);

/** Two or more things side by side, with what must match marked. Many of them scroll inside the table. */
export const CompareTable = ({
  label,
  heads,
  groups,
}: {
  label: string;
  heads: readonly ReactNode[];
  groups: readonly { readonly id: string; readonly title: string; readonly rows: readonly CompareRow[] }[];
}): JSX.Element => (
  <div className="q-scroll" tabIndex={0} role="region" aria-label={label}>
    <table className="c-table">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Result</th>
          {heads.map((head, index) => (
            <th key={index} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      {groups.map(({ id, title, rows }) => (
        <Group key={id} title={title} rows={rows} columns={heads.length} />
      ))}
    </table>
  </div>
);
