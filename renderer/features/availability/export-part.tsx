import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import { reportFormats, type ReportFormat } from '../../../shared/contract/reports.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseDestination, download } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { fileNameOf } from '../../ui/format.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';

const texts: Readonly<
  Record<ReportFormat, { readonly title: string; readonly what: string; readonly fileType: string }>
> = {
  html: { title: 'HTML', what: 'One file that any browser shows without a network.', fileType: 'Web page' },
  pdf: { title: 'PDF', what: 'The same, to print and to file.', fileType: 'PDF document' },
  json: { title: 'JSON', what: 'Everything, to open it here again or in another tool.', fileType: 'Quorate report' },
};

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing' }
  | { readonly kind: 'written'; readonly name: string }
  | { readonly kind: 'failed'; readonly format: ReportFormat; readonly envelope: Envelope };

/** Writes the report of what is shown into a file. */
const ExportPart = ({ report, onClose }: { report: AvailabilityReport; onClose: () => void }): JSX.Element => {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const write = async (format: ReportFormat): Promise<void> => {
    setState({ kind: 'writing' });
    try {
      const to = await chooseDestination(
        `Export the availability report as ${format.toUpperCase()}`,
        fileNameOf(report.state.name ?? report.state.nodes[0]?.name ?? null, 'availability', report.at, format),
        { name: texts[format].fileType, extensions: [format] },
      );
      if (to === null) return setState({ kind: 'idle' });
      const written = await call('availability.export', { report, format, to });
      if (written.base64 !== null) download(written.name, written.mediaType, written.base64);
      setState({ kind: 'written', name: written.path ?? written.name });
    } catch (error) {
      setState({ kind: 'failed', format, envelope: envelopeOf(error) });
    }
  };
  return (
    <Panel title="Export this report" onClose={onClose}>
      <ul className="r-formats">
        {reportFormats.map((format) => (
          <li key={format}>
            <Button disabledFocusable={state.kind === 'writing'} onClick={() => void write(format)}>
              {texts[format].title}
            </Button>{' '}
            <span>{texts[format].what}</span>
          </li>
        ))}
      </ul>
      <div role="status">
        {state.kind === 'writing' ? 'Writing' : null}
        {state.kind === 'written' ? (
          <p className="q-said">
            <OutcomeIcon outcome="pass" />
            <span>
              Written: <bdi className="q-mono">{state.name}</bdi>
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

export default ExportPart;
