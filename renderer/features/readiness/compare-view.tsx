import type { JSX } from 'react';
import { readinessGroups } from '../../../shared/model/readiness-checks.ts';
import type { Comparison } from '../../../shared/model/readiness-report.ts';
import { windowsServerTitle } from '../../../shared/model/windows-server.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { outcomeOfVerdict } from '../../ui/outcome-of-verdict.ts';
import { verdictWords } from '../../ui/outcome-words.ts';
import { When } from '../../ui/when.tsx';
import { outcomeOfRow } from './compare-rows.ts';
import { compareAll, useReadiness } from './store.ts';

type Row = Comparison['rows'][number];

const matchWords: Readonly<Record<Row['match'], string>> = {
  must: 'Must match',
  should: 'Should match',
  info: 'To be seen',
};

const rowWords: Readonly<Record<Row['outcome'], string>> = {
  same: 'Same',
  different: 'Different',
  unknown: 'Not known',
};

const titleOfGroup = (id: string): string => readinessGroups.find((group) => group.id === id)?.title ?? 'More';

const groupsOf = (rows: readonly Row[]): string[] => [...new Set(rows.map((row) => row.group))];

const Rows = ({ comparison, group }: { comparison: Comparison; group: string }): JSX.Element => (
  <tbody>
    <tr className="r-compare-group">
      <th scope="rowgroup" colSpan={comparison.servers.length + 2}>
        {titleOfGroup(group)}
      </th>
    </tr>
    {comparison.rows
      .filter((row) => row.group === group)
      .map((row) => (
        <tr key={row.id} data-row={row.id} data-outcome={row.outcome} data-match={row.match}>
          <th scope="row">
            {row.title}
            <span className="r-compare-why">{row.why}</span>
          </th>
          <td>
            <OutcomeMark outcome={outcomeOfRow(row)} word={rowWords[row.outcome]} />
            <span className="r-compare-why">{matchWords[row.match]}</span>
          </td>
          {row.values.map((value, index) => (
            <td key={index} className={row.outcome === 'different' ? 'r-compare-differs' : undefined}>
              {value === null ? <em>not known</em> : <bdi>{value}</bdi>}
            </td>
          ))}
        </tr>
      ))}
  </tbody>
);

/** Two or more servers side by side, what must match marked. */
const CompareView = (): JSX.Element | null => {
  const { comparison, comparisonFailure } = useReadiness();
  if (comparisonFailure) return <FailureNote envelope={comparisonFailure} onRetry={() => void compareAll()} />;
  if (!comparison) return null;
  return (
    <section aria-label="Comparison">
      <div className="q-scroll" tabIndex={0} role="region" aria-label="The comparison as a table">
        <table className="r-compare">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Result</th>
              {comparison.servers.map((server, index) => (
                <th key={index} scope="col">
                  <bdi>{server.name}</bdi>
                  <OutcomeMark outcome={outcomeOfVerdict[server.verdict]} word={verdictWords[server.verdict]} />
                  <span className="r-compare-why">
                    for {windowsServerTitle(server.judgedFor)}, <When at={server.at} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          {groupsOf(comparison.rows).map((group) => (
            <Rows key={group} comparison={comparison} group={group} />
          ))}
        </table>
      </div>
    </section>
  );
};

export default CompareView;
