import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { outcomeOfVerdict } from '../../ui/outcome-of-verdict.ts';
import { verdictWords } from '../../ui/outcome-words.ts';
import { closeReport, ownId, showReport, useReadiness, type OpenReport } from './store.ts';
import { usePart } from '../../ui/use-part.ts';

const nameOf = ({ report, fromFile }: OpenReport): string =>
  report.machine.name ?? fromFile ?? 'A server without a name';

/** The servers whose reports are open; one of them is shown. */
export const ServerStrip = (): JSX.Element => {
  const { reports, shownId, isComparing } = usePart(useReadiness, 'reports', 'shownId', 'isComparing');
  return (
    <nav className="r-strip" aria-label="Open servers">
      <ul>
        {reports.map((opened) => (
          <li key={opened.id} className={opened.id === shownId && !isComparing ? 'r-strip-shown' : undefined}>
            <button
              type="button"
              aria-current={opened.id === shownId && !isComparing ? 'true' : undefined}
              onClick={() => showReport(opened.id)}
            >
              <OutcomeIcon
                outcome={outcomeOfVerdict[opened.report.verdict]}
                label={verdictWords[opened.report.verdict]}
              />
              <bdi>{nameOf(opened)}</bdi>
              {opened.id === ownId ? <span className="q-quiet"> (this machine)</span> : null}
            </button>
            {opened.id === ownId ? null : (
              <Button size="small" appearance="subtle" onClick={() => closeReport(opened.id)}>
                Close<span className="q-hidden"> {nameOf(opened)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
};
