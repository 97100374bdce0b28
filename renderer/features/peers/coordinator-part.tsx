import { Button, Checkbox } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { CoordinatorView } from '../../../shared/contract/coordinator.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import type { PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { EpochMember } from '../../../shared/model/epoch.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { StateMark } from '../../ui/marks.ts';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';

export const memberMarks: Readonly<Record<EpochMember['state'], StateMark>> = {
  acknowledged: { outcome: 'pass', word: 'Acknowledged' },
  poweredDown: { outcome: 'warn', word: 'Declared powered down' },
  silent: { outcome: 'fail', word: 'Has not acknowledged' },
};

const columns: readonly Column<EpochMember>[] = [
  { id: 'name', title: 'Server', value: ({ name }) => name, render: ({ name }) => <bdi>{name}</bdi> },
  {
    id: 'state',
    title: 'This coordinator',
    value: ({ state }) => memberMarks[state].word,
    render: ({ state }) => <OutcomeMark {...memberMarks[state]} />,
  },
  { id: 'because', title: 'Why', value: ({ because }) => because ?? '' },
];

/** The take-over: who is asked, who cannot be, and what it means for the one that coordinates now. */
const TakeOver = ({
  view,
  peers,
  onTaken,
  onClose,
}: {
  view: CoordinatorView;
  peers: readonly PeerView[];
  onTaken: (view: CoordinatorView) => void;
  onClose: () => void;
}): JSX.Element => {
  const [poweredDown, setPoweredDown] = useState<readonly string[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [taking, setTaking] = useState<AbortController | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const away = peers.filter(({ state, link }) => state === 'paired' && link.state !== 'connected');
  const take = async (): Promise<void> => {
    const controller = new AbortController();
    setTaking(controller);
    setFailure(null);
    try {
      onTaken(
        await call(
          'coordinator.take',
          { poweredDown: [...poweredDown] },
          { signal: controller.signal, onProgress: setProgress },
        ),
      );
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setTaking(null);
  };
  return (
    <Panel title="Coordinate from this server" level="h3" onClose={onClose}>
      <p>
        {view.heard && !view.isThisServer ? (
          <>
            <bdi>{view.heard.name}</bdi> coordinates now. After you take over, every server refuses its orders; a step
            that still runs is finished first.
          </>
        ) : (
          'Every paired server writes it down before it answers. Only the coordinator may start a formation.'
        )}
      </p>
      {away.length > 0 ? (
        <fieldset className="e-addresses">
          <legend>Not connected: start Quorate there, or look at the server and declare that it has no power.</legend>
          {away.map(({ id, name }) => (
            <Checkbox
              key={id}
              label={`${name} has no power: I looked at it`}
              checked={poweredDown.includes(id)}
              onChange={(_event, { checked }) =>
                setPoweredDown(checked === true ? [...poweredDown, id] : poweredDown.filter((one) => one !== id))
              }
            />
          ))}
        </fieldset>
      ) : null}
      {failure ? <FailureNote envelope={failure} showEffect onDismiss={() => setFailure(null)} /> : null}
      {taking ? (
        <ProgressLine progress={progress} waiting="Asking every server" onCancel={() => taking.abort()} />
      ) : (
        <p className="q-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button appearance="primary" onClick={() => void take()}>
            {view.heard && !view.isThisServer ? 'Take over' : 'Coordinate'}
          </Button>
        </p>
      )}
    </Panel>
  );
};

const sentenceOf = ({ heard, isThisServer, mayOrder }: CoordinatorView, self: string): string => {
  if (!heard) return 'No server is the coordinator yet.';
  if (!isThisServer) return `${heard.name} is the coordinator.`;
  return mayOrder
    ? `This server (${self}) is the coordinator.`
    : `This server (${self}) is the coordinator, but cannot order changes until every other server has acknowledged it.`;
};

/** Which server may order, since when, and taking it over. */
export const CoordinatorPart = ({ self, peers }: { self: PeerSelf; peers: readonly PeerView[] }): JSX.Element => {
  const [view, setView] = useState<CoordinatorView | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isTaking, setIsTaking] = useState(false);
  // Another console may take over while this page is shown: it is asked again as often as the peers are.
  const pulse = peers;
  useEffect(() => {
    let isShown = true;
    call('coordinator.show', {}).then(
      (found) => {
        if (!isShown) return;
        setView(found);
        setFailure(null);
      },
      (error: unknown) => {
        if (isShown) setFailure(envelopeOf(error));
      },
    );
    return () => {
      isShown = false;
    };
  }, [pulse]);
  return (
    <StagePart
      id="coordinator"
      title="Coordinator"
      says="One server gives the orders in a formation. A person chooses it; the servers do not elect one."
    >
      {failure ? <FailureNote envelope={failure} /> : null}
      {view === null ? (
        failure ? null : (
          <p>Reading which server coordinates.</p>
        )
      ) : (
        <>
          <p className="q-said" data-coordinator={view.heard?.number ?? 0}>
            <OutcomeIcon
              outcome={!view.heard ? 'notApplicable' : view.isThisServer && !view.mayOrder ? 'warn' : 'pass'}
            />
            <span>
              <bdi>{sentenceOf(view, self.name)}</bdi>
              {view.heard ? (
                <>
                  {' '}
                  Since <When at={view.heard.heardAt} isEvent />, epoch {view.heard.number}.
                </>
              ) : null}
            </span>
          </p>
          {view.running.length > 0 ? (
            <p>
              Running here on its order: <bdi>{view.running.join(', ')}</bdi>.
            </p>
          ) : null}
          {view.members.length > 0 ? (
            <DataTable
              name="coordinator-members"
              caption="Servers and the coordinator"
              columns={columns}
              rows={view.members}
              keyOf={({ id }) => id}
              labelOf={({ name }) => name}
              empty="There is no other server."
            />
          ) : null}
          {isTaking ? (
            <TakeOver
              view={view}
              peers={peers}
              onTaken={(taken) => {
                setView(taken);
                if (taken.mayOrder) setIsTaking(false);
              }}
              onClose={() => setIsTaking(false)}
            />
          ) : view.isThisServer && view.mayOrder ? null : (
            <p className="q-actions">
              <Button onClick={() => setIsTaking(true)}>
                {view.heard && !view.isThisServer
                  ? 'Take over …'
                  : view.heard
                    ? 'Ask again …'
                    : 'Coordinate from here …'}
              </Button>
            </p>
          )}
        </>
      )}
    </StagePart>
  );
};
