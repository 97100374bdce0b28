import type { JSX } from 'react';
import { capital, elementName } from '../../../../shared/availability/words.ts';
import { OutcomeMark } from '../../../ui/outcome.tsx';
import { DataTable, type Column } from '../../../ui/table/data-table.tsx';
import { When } from '../../../ui/when.tsx';
import { drillMarks } from '../marks.ts';
import type { DrillRecord } from './store.ts';

const expectedWords = { stays: 'runs on', restarts: 'restarts', down: 'stays down', depends: 'depends' } as const;

const seconds = (ms: number): string => (ms === 0 ? 'none seen' : `at most ${(ms / 1000).toFixed(1)} s`);

type Measure = DrillRecord['vms'][number];

const measureColumns: readonly Column<Measure>[] = [
  { id: 'name', title: 'Virtual machine', value: ({ name }) => name },
  { id: 'expected', title: 'Predicted', value: ({ expected }) => expectedWords[expected] },
  { id: 'seen', title: 'Seen', value: ({ before, after }) => `${before} to ${after ?? 'nowhere'}` },
  {
    id: 'outage',
    title: 'Outage',
    value: ({ outageMs }) => outageMs,
    text: ({ outageMs }) => seconds(outageMs),
    render: ({ outageMs }) => seconds(outageMs),
    isFigures: true,
  },
  {
    id: 'as',
    title: 'As predicted',
    value: ({ isAsExpected }) => (isAsExpected ? 'yes' : 'no'),
    render: ({ isAsExpected }) => (
      <OutcomeMark outcome={isAsExpected ? 'pass' : 'fail'} word={isAsExpected ? 'Yes' : 'No'} />
    ),
  },
];

/** How a drill ended: what differs from the prediction first, then each machine with its outage. */
export const RecordView = ({ record }: { record: DrillRecord }): JSX.Element => (
  <div className="a-record">
    <p className="q-said">
      <OutcomeMark {...drillMarks[record.outcome]} />{' '}
      <span>
        <bdi>{record.title}</bdi>, <When at={record.at} isEvent />, watched from <bdi>{record.observer}</bdi>
        {record.isRehearsal ? ', REHEARSAL' : ''}
      </span>
    </p>
    {record.findings.length > 0 ? (
      <ul className="a-list">
        {record.findings.map((finding) => (
          <li key={finding}>
            <bdi>{finding}</bdi>
          </li>
        ))}
      </ul>
    ) : null}
    {record.isBack ? <p>Everything is back; this was read from the servers.</p> : null}
    {record.vms.length > 0 ? (
      <DataTable
        name="availability-drill"
        caption="Measured outage of each virtual machine"
        columns={measureColumns}
        rows={record.vms}
        keyOf={({ name }) => name}
        labelOf={({ name }) => name}
        empty="No virtual machine was watched."
      />
    ) : null}
  </div>
);

const longest = ({ vms }: DrillRecord): number | null =>
  vms.length === 0 ? null : Math.max(...vms.map(({ outageMs }) => outageMs));

export const historyColumns: readonly Column<DrillRecord>[] = [
  { id: 'at', title: 'When', value: ({ at }) => at, render: ({ at }) => <When at={at} isEvent /> },
  { id: 'element', title: 'Taken away', value: ({ element }) => capital(elementName(element)) },
  {
    id: 'outcome',
    title: 'Outcome',
    value: ({ outcome }) => drillMarks[outcome].word,
    render: ({ outcome }) => <OutcomeMark {...drillMarks[outcome]} />,
  },
  {
    id: 'outage',
    title: 'Longest outage',
    value: longest,
    text: (record) => {
      const ms = longest(record);
      return ms === null ? 'not measured' : seconds(ms);
    },
    render: (record) => {
      const ms = longest(record);
      return ms === null ? 'not measured' : seconds(ms);
    },
    isFigures: true,
  },
  {
    id: 'cluster',
    title: 'Cluster',
    value: ({ cluster, isRehearsal }) => `${cluster}${isRehearsal ? ' (rehearsal)' : ''}`,
  },
];
