import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { localTime } from '../../../shared/model/time.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { readEvents } from './store.ts';
import { eventMarks } from './words.ts';

type View = Output<'cluster.events'>;
type Row = View['events'][number] & { readonly key: string };

const columns: readonly Column<Row>[] = [
  { id: 'at', title: 'Time', value: ({ at }) => localTime(at) },
  {
    id: 'level',
    title: 'Level',
    value: ({ level }) => eventMarks[level].word,
    render: ({ level }) => <OutcomeMark {...eventMarks[level]} />,
  },
  { id: 'id', title: 'Event', value: ({ id }) => String(id) },
  { id: 'means', title: 'What it means', value: ({ means, text }) => means ?? text },
];

/** What this server logged of the cluster in the last hour; each node logs what it saw itself. */
export const EventsPart = ({ host }: { host: string }): JSX.Element => {
  const [view, setView] = useState<View | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isReading, setIsReading] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const read = async (): Promise<void> => {
    setIsReading(true);
    setFailure(null);
    try {
      setView(await readEvents(host));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsReading(false);
  };
  const rows: readonly Row[] = (view?.events ?? []).map((event, at) => ({ ...event, key: `${event.at} ${at}` }));
  return (
    <StagePart
      id="events"
      title="Events of the last hour"
      says="Critical events, errors and warnings of failover clustering in the logs of this server. Each node logs only its own events."
    >
      <p className="q-actions">
        <Button disabledFocusable={isReading} onClick={() => void read()}>
          {view ? 'Read again' : 'Read events'}
        </Button>
        <span role="status" className="q-quiet">
          {isReading
            ? 'Reading the logs'
            : view
              ? `${rows.length} ${rows.length === 1 ? 'event' : 'events'}${view.leftOut > 0 ? `, ${view.leftOut} informational ones not shown` : ''}`
              : ''}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onRetry={() => void read()} /> : null}
      {view ? (
        <DataTable
          name="cluster-events"
          caption="Events of the last hour"
          columns={columns}
          rows={rows}
          keyOf={({ key }) => key}
          labelOf={({ id, at }) => `Event ${id} at ${localTime(at)}: what to do`}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="No such event was logged."
          detail={({ text, next, log, source }) => (
            <>
              <p>
                <bdi>{text}</bdi>
              </p>
              {next === null ? null : (
                <p>
                  <strong>What to do:</strong> <bdi>{next}</bdi>
                </p>
              )}
              <p className="q-quiet">
                Log <bdi>{log}</bdi>
                {source === null ? null : (
                  <>
                    . Known from <bdi className="q-address">{source}</bdi>
                  </>
                )}
              </p>
            </>
          )}
        />
      ) : null}
    </StagePart>
  );
};
