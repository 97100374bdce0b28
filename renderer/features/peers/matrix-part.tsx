import { Button, Select } from '@fluentui/react-components';
import { useEffect, useId, useState, type JSX } from 'react';
import type { PeerView } from '../../../shared/contract/peers.ts';
import type { ReportFormat } from '../../../shared/contract/reports.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { MatrixLink, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { matrixPicture } from '../../../shared/rules/peers/matrix-picture.ts';
import { linkCells, matrixOutcomeWords } from '../../../shared/rules/peers/matrix-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseDestination, download } from '../../api/files.ts';
import { Drawer } from '../../ui/drawer.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { fileNameOf } from '../../ui/format.ts';
import { localTime } from '../../../shared/model/time.ts';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';
import { DropFigures, Findings, LinkFigures, nameIn, toOf } from './link-figures.tsx';
import { MatrixFigure } from './matrix-figure.tsx';
import { MeasureForm, usualWish } from './measure-form.tsx';
import { measure, measurement, showMatrix, useHistory } from './store.ts';

const worstFirst = ['fail', 'unknown', 'warn', 'pass'];

const columnsOf = (matrix: NetworkMatrix): readonly Column<MatrixLink>[] => [
  { id: 'from', title: 'From', value: ({ from }) => nameIn(matrix, from) },
  { id: 'to', title: 'To', value: (link) => toOf(matrix, link) },
  { id: 'network', title: 'Network', value: ({ subnet }) => subnet },
  {
    id: 'result',
    title: 'Result',
    value: ({ outcome }) => worstFirst.indexOf(outcome),
    text: ({ outcome }) => matrixOutcomeWords[outcome],
    render: ({ outcome }) => <OutcomeMark outcome={outcome} />,
  },
  { id: 'p50', title: 'Median', value: (link) => linkCells(link).p50, isFigures: true },
  { id: 'p99', title: '99 %', value: (link) => linkCells(link).p99, isFigures: true },
  { id: 'jitter', title: 'Jitter', value: (link) => linkCells(link).jitter, isFigures: true, isExtra: true },
  { id: 'lost', title: 'Lost', value: (link) => linkCells(link).lost, isFigures: true },
  { id: 'packet', title: 'Packet', value: (link) => linkCells(link).packet, isFigures: true },
  { id: 'bandwidth', title: 'Bandwidth', value: (link) => linkCells(link).bandwidth, isFigures: true },
  { id: 'ports', title: 'Ports', value: (link) => linkCells(link).ports },
];

const fileTypes: Readonly<Record<ReportFormat, string>> = { html: 'Web page', pdf: 'PDF document', json: 'Report' };

const Exports = ({ matrix }: { matrix: NetworkMatrix }): JSX.Element => {
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const write = async (format: ReportFormat): Promise<void> => {
    setSaid('');
    setFailure(null);
    try {
      const name = fileNameOf(matrix.servers[0]?.name ?? null, 'networks', matrix.endedAt, format);
      const to = await chooseDestination('Export the network matrix', name, {
        name: fileTypes[format],
        extensions: [format],
      });
      if (to === null) return;
      const written = await call('peers.exportMatrix', { matrix, format, to });
      if (written.base64 !== null) download(written.name, written.mediaType, written.base64);
      setSaid(`Written: ${written.path ?? written.name}`);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <>
      {(['html', 'pdf', 'json'] as const).map((format) => (
        <Button key={format} size="small" onClick={() => void write(format)}>
          <span className="q-hidden">Export as </span>
          {format.toUpperCase()}
        </Button>
      ))}
      <span role="status" className="q-quiet">
        <bdi>{said}</bdi>
      </span>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};

const History = ({ matrix, isRunning }: { matrix: NetworkMatrix; isRunning: boolean }): JSX.Element => {
  const history = useHistory((state) => state.matrices);
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Measured</label>
      <Select
        id={id}
        size="small"
        value={matrix.id}
        disabled={isRunning}
        onChange={(_event, { value }) => void showMatrix(value)}
      >
        {history.map((one) => (
          <option key={one.id} value={one.id}>
            {localTime(one.endedAt)}: {matrixOutcomeWords[one.outcome]}, {one.servers.join(', ')}
          </option>
        ))}
      </Select>
    </>
  );
};

const Result = ({ matrix }: { matrix: NetworkMatrix }): JSX.Element => {
  const [openDrop, setOpenDrop] = useState<string | null>(null);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const drop = matrixPicture(matrix).drops.find(({ key }) => key === openDrop);
  const keys = new Map(matrix.links.map((link, number) => [link, String(number)]));
  return (
    <>
      <p className="q-said" data-matrix={matrix.outcome}>
        <OutcomeIcon outcome={matrix.outcome} />
        <span className="q-strong">
          <bdi>{matrix.sentence}</bdi>
        </span>
      </p>
      <p className="q-quiet">
        Measured <When at={matrix.endedAt} />
        {matrix.isRehearsal ? ', simulated servers' : ''}
      </p>
      <Findings findings={matrix.findings} />
      {matrix.links.length === 0 ? null : (
        <>
          <MatrixFigure matrix={matrix} openKey={openDrop} onOpen={setOpenDrop} />
          {drop ? (
            <Drawer title={drop.label} onClose={() => setOpenDrop(null)}>
              <DropFigures matrix={matrix} links={drop.links} />
            </Drawer>
          ) : null}
          <h3>Every direction</h3>
          <div className="q-scroll" tabIndex={0} role="region" aria-label="Every direction">
            <DataTable
              name="matrix"
              caption="Every direction"
              columns={columnsOf(matrix)}
              rows={matrix.links}
              keyOf={(link) => keys.get(link) ?? ''}
              labelOf={(link) => `${nameIn(matrix, link.from)} to ${toOf(matrix, link)} in ${link.subnet}`}
              openKey={openKey}
              onOpen={setOpenKey}
              empty="No direction was measured."
              detail={(link) => <LinkFigures link={link} />}
            />
          </div>
        </>
      )}
      {matrix.separations.length === 0 ? null : (
        <>
          <h3>Are the networks separate</h3>
          {matrix.separations.map(({ one, other, outcome, text, next }) => (
            <p key={`${one} ${other}`} className="q-said">
              <OutcomeIcon outcome={outcome} />
              <span>
                <bdi>{text}</bdi> {next === null ? null : <strong>{next}</strong>}
              </span>
            </p>
          ))}
        </>
      )}
    </>
  );
};

/** What the networks between the servers really do, measured pair by pair. */
export const MatrixPart = ({ peers }: { peers: readonly PeerView[] }): JSX.Element => {
  const { result, isRunning, progress, failure } = measurement.use();
  const [isOpen, setIsOpen] = useState(false);
  const hasPeers = peers.some(({ state }) => state === 'paired');
  useEffect(() => {
    if (measurement.use.getState().result === null) void showMatrix(null);
  }, []);
  const start = (): void => void measure(usualWish);
  const isMeasuring = isRunning && progress !== null;
  useShortcut('m', 'Measure the networks', start, hasPeers && !isRunning);
  return (
    <StagePart
      id="networks"
      title="Networks between the servers"
      says="Each pair over each network that both are in: round trip, loss, largest packet, bandwidth, ports. No server measures with two at once."
    >
      <p className="q-actions">
        <Button appearance="primary" onClick={start} disabledFocusable={isRunning || !hasPeers} aria-keyshortcuts="M">
          <KeyLabel text={result ? 'Measure again' : 'Measure'} letter="m" />
        </Button>
        <Button onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen} disabledFocusable={isRunning || !hasPeers}>
          Settings …
        </Button>
        {hasPeers ? null : <span>Pair a server first.</span>}
        {result ? (
          <>
            <History matrix={result} isRunning={isRunning} />
            <Exports matrix={result} />
          </>
        ) : null}
      </p>
      {isOpen ? (
        <MeasureForm
          onMeasure={(wish) => {
            setIsOpen(false);
            void measure(wish);
          }}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
      {isRunning ? (
        <ProgressLine progress={progress} waiting="Asking every server" onCancel={measurement.cancel} />
      ) : null}
      {isMeasuring ? <p className="q-quiet">What is shown below was measured before.</p> : null}
      {failure ? <FailureNote envelope={failure} onDismiss={measurement.dismissFailure} /> : null}
      {result ? (
        <Result key={result.id} matrix={result} />
      ) : isRunning ? null : (
        <p>The networks were not measured from here yet.</p>
      )}
    </StagePart>
  );
};
