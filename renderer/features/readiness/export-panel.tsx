import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { ReportFormat } from '../../../shared/contract/reports.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseDestination, download } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { fileNameOf } from '../../ui/format.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { OpenReport } from './store.ts';

const formats: readonly { id: ReportFormat; title: string; what: string; fileType: string }[] = [
  { id: 'html', title: 'HTML', what: 'One file that any browser shows without a network.', fileType: 'Web page' },
  { id: 'pdf', title: 'PDF', what: 'The same, to print and to file.', fileType: 'PDF document' },
  {
    id: 'json',
    title: 'JSON',
    what: 'Everything, to open it in Quorate on another server and compare.',
    fileType: 'Quorate report',
  },
];

type State =
  | { kind: 'idle' }
  | { kind: 'writing'; format: ReportFormat }
  | { kind: 'written'; name: string; path: string | null; sizeBytes: number }
  | { kind: 'failed'; format: ReportFormat; envelope: Envelope };

/** Writes the report that is shown into a file. */
const ExportPanel = ({ opened, onClose }: { opened: OpenReport; onClose: () => void }): JSX.Element => {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const { report } = opened;
  const write = async (format: ReportFormat): Promise<void> => {
    const fileType = formats.find(({ id }) => id === format)?.fileType ?? format;
    setState({ kind: 'writing', format });
    try {
      const to = await chooseDestination(
        `Export the readiness report as ${format.toUpperCase()}`,
        fileNameOf(report.machine.name, 'readiness', report.at, format),
        { name: fileType, extensions: [format] },
      );
      if (to === null) return setState({ kind: 'idle' });
      const written = await call('report.export', { report, format, to });
      if (written.base64 !== null) download(written.name, written.mediaType, written.base64);
      setState({ kind: 'written', name: written.name, path: written.path, sizeBytes: written.sizeBytes });
    } catch (error) {
      setState({ kind: 'failed', format, envelope: envelopeOf(error) });
    }
  };
  return (
    <Panel title="Export this report" onClose={onClose}>
      <ul className="r-formats">
        {formats.map(({ id, title, what }) => (
          <li key={id}>
            <Button disabledFocusable={state.kind === 'writing'} onClick={() => void write(id)}>
              {title}
            </Button>
            <span>{what}</span>
          </li>
        ))}
      </ul>
      <div role="status">
        {state.kind === 'writing' ? `Writing ${state.format.toUpperCase()}` : null}
        {state.kind === 'written' ? (
          <p className="q-said">
            <OutcomeIcon outcome="pass" />
            <span>
              Written: <bdi className="q-mono">{state.path ?? state.name}</bdi> ({formatSize(state.sizeBytes)})
            </span>
          </p>
        ) : null}
      </div>
      {state.kind === 'failed' ? (
        <FailureNote envelope={state.envelope} onRetry={() => void write(state.format)} />
      ) : null}
    </Panel>
  );
};

export default ExportPanel;
