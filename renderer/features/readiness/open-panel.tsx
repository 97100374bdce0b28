import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { chooseFiles, type ChosenFile, type Filter } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { openFacts, openReports } from './store.ts';

/** Opens what was brought from another server: a report, or the facts that the collector or wmic wrote. */
const OpenPanel = ({ onClose }: { onClose: () => void }): JSX.Element => {
  const [failure, setFailure] = useState<Envelope | null>(null);
  const open = async (
    title: string,
    filter: Filter,
    read: (files: readonly ChosenFile[]) => Promise<void>,
  ): Promise<void> => {
    setFailure(null);
    try {
      const files = await chooseFiles(title, filter, true);
      if (files.length === 0) return;
      await read(files);
      onClose();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <Panel title="Open another server" onClose={onClose}>
      <ul className="r-formats">
        <li>
          <Button
            onClick={() =>
              void open('Open readiness reports', { name: 'Quorate report', extensions: ['json'] }, openReports)
            }
          >
            Reports
          </Button>
          <span>JSON reports that Quorate exported, one for each server.</span>
        </li>
        <li>
          <Button
            onClick={() =>
              void open('Open facts of one server', { name: 'Facts', extensions: ['json', 'txt'] }, openFacts)
            }
          >
            Facts
          </Button>
          <span>
            The facts of one server: the JSON file that the collector wrote, or all text files of{' '}
            <code>wmic CLASS get /value</code> together.
          </span>
        </li>
      </ul>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </Panel>
  );
};

export default OpenPanel;
