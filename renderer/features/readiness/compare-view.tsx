import type { JSX } from 'react';
import { readinessGroups } from '../../../shared/model/readiness-checks.ts';
import { windowsServerTitle } from '../../../shared/model/windows-server.ts';
import { CompareTable } from '../../ui/compare-table.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { outcomeOfVerdict } from '../../ui/outcome-of-verdict.ts';
import { verdictWords } from '../../ui/outcome-words.ts';
import { When } from '../../ui/when.tsx';
import { compareAll, useReadiness } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

const titleOfGroup = (id: string): string => readinessGroups.find((group) => group.id === id)?.title ?? 'More';

/** Two or more servers side by side, what must match marked. */
const CompareView = (): JSX.Element | null => {
  const { comparison, comparisonFailure } = usePart(useReadiness, 'comparison', 'comparisonFailure');
  if (comparisonFailure) return <FailureNote envelope={comparisonFailure} onRetry={() => void compareAll()} />;
  if (!comparison) return null;
  const { servers, rows } = comparison;
  return (
    <CompareTable
      label="The comparison as a table"
      heads={servers.map((server) => (
        <>
          <bdi>{server.name}</bdi>
          <OutcomeMark outcome={outcomeOfVerdict[server.verdict]} word={verdictWords[server.verdict]} />
          <span className="c-why">
            for {windowsServerTitle(server.judgedFor)}, <When at={server.at} />
          </span>
        </>
      ))}
      groups={[...new Set(rows.map((row) => row.group))].map((group) => ({
        id: group,
        title: titleOfGroup(group),
        rows: rows.filter((row) => row.group === group),
      }))}
    />
  );
};

export default CompareView;
