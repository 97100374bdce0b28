import { Button, Checkbox, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { fieldProblem } from '../../ui/text-field.tsx';
import { When } from '../../ui/when.tsx';
import type { Judged } from './store.ts';
import { countText, levelOutcomes, resultWords, standingMarks, type Finding } from './words.ts';

/** Where somebody accepted it: a host of the core (`ui`, `cli`), else the server that asked for it. */
const whereAccepted = (by: string): string =>
  by === 'ui' ? 'in the window' : by === 'cli' ? 'on the command line' : `by ${by}`;

const columnsOf = (isCompared: boolean): readonly Column<Finding>[] => [
  { id: 'test', title: 'Test', value: ({ test }) => test.name },
  {
    id: 'standing',
    title: 'Status',
    value: ({ standing }) => standingMarks[standing].word,
    render: ({ standing }) => <OutcomeMark {...standingMarks[standing]} />,
  },
  {
    id: 'result',
    title: 'Result',
    value: ({ test }) => resultWords[test.result],
    render: ({ test }) => (test.result === 'unknown' ? <bdi>{test.raw}</bdi> : resultWords[test.result]),
  },
  ...(isCompared
    ? [
        {
          id: 'new',
          title: 'Since the last run',
          value: ({ isNew }: Finding) => (isNew ? 'New' : ''),
          render: ({ isNew }: Finding) => (isNew ? <strong>New</strong> : null),
        },
      ]
    : []),
  { id: 'category', title: 'Category', value: ({ test }) => test.category },
];

/** What Windows says of a test, node by node; inventories say much and are cut. */
const Words = ({ finding: { test } }: { finding: Finding }): JSX.Element => {
  const [isWhole, setIsWhole] = useState(false);
  const said = test.messages.filter(({ level }) => level !== 'info');
  const shown = isWhole ? test.messages : said.length > 0 ? said : test.messages.slice(0, 5);
  return (
    <>
      <h3>What Windows says</h3>
      {test.messages.length === 0 ? <p className="q-quiet">Nothing besides the result.</p> : null}
      <ul className="w-messages">
        {shown.map(({ level, text, node }, at) => (
          <li key={at}>
            <OutcomeIcon outcome={levelOutcomes[level]} label={level} />
            <span>
              {node === undefined ? null : <bdi className="q-strong">{node}: </bdi>}
              <bdi>{text}</bdi>
            </span>
          </li>
        ))}
      </ul>
      {shown.length < test.messages.length || isWhole ? (
        <Button size="small" onClick={() => setIsWhole(!isWhole)} aria-expanded={isWhole}>
          {isWhole ? 'Show less' : `Show all ${test.messages.length} lines`}
        </Button>
      ) : null}
    </>
  );
};

/** Accepts a warning by its name, with a reason that the journal keeps. */
const Accept = ({
  test,
  onAccept,
}: {
  test: string;
  onAccept: (test: string, because: string) => Promise<unknown>;
}): JSX.Element => {
  const [because, setBecause] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isSending, setIsSending] = useState(false);
  const [isChecked, setIsChecked] = useState(false);
  const isLong = because.trim().length >= 10;
  const accept = async (): Promise<void> => {
    setIsSending(true);
    setFailure(null);
    try {
      await onAccept(test, because.trim());
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsSending(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (isLong && !isSending) void accept();
      }}
    >
      <Field
        label="Accept this warning, because"
        hint="At least ten characters. The journal keeps who and why. It holds for this finding on these servers."
        {...fieldProblem(isChecked && !isLong ? 'Type at least ten characters.' : null)}
      >
        <Input autoComplete="off" value={because} onChange={(_event, { value }) => setBecause(value)} />
      </Field>
      <p className="q-actions">
        <Button type="submit" disabledFocusable={isSending} aria-label={`Accept: ${test}`}>
          Accept
        </Button>
      </p>
      {failure ? <FailureNote envelope={failure} /> : null}
    </form>
  );
};

const Detail = ({
  finding,
  accepted,
  onAccept,
}: {
  finding: Finding;
  accepted: Judged['accepted'];
  onAccept: ((test: string, because: string) => Promise<unknown>) | null;
}): JSX.Element => {
  const { test, standing } = finding;
  const { explanation } = test;
  const acceptance =
    standing === 'accepted' ? accepted.find((one) => one.test.toLowerCase() === test.name.toLowerCase()) : undefined;
  return (
    <div className="w-detail">
      <Words finding={finding} />
      <h3>What it means here</h3>
      <p>{explanation?.means ?? 'Quorate does not know this test. Read what Windows says of it.'}</p>
      {test.expected ? <p>This result is expected of two nodes with iSCSI storage.</p> : null}
      {explanation?.next && standing !== 'clean' && standing !== 'expected' ? (
        <>
          <h3>What to do</h3>
          <p>{explanation.next}</p>
        </>
      ) : null}
      {acceptance ? (
        <p>
          Accepted <bdi>{whereAccepted(acceptance.by)}</bdi> <When at={acceptance.at} isEvent />:{' '}
          <bdi>{acceptance.because}</bdi>
        </p>
      ) : null}
      {standing === 'new' && onAccept ? <Accept test={test.name} onAccept={onAccept} /> : null}
    </div>
  );
};

/** The findings of a report, what blocks first: read in a minute. */
export const FindingsTable = ({
  name,
  findings,
  accepted,
  isCompared,
  onAccept,
}: {
  name: string;
  findings: readonly Finding[];
  accepted: Judged['accepted'];
  isCompared: boolean;
  onAccept: ((test: string, because: string) => Promise<unknown>) | null;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [isWhole, setIsWhole] = useState(false);
  const open = findings.filter(({ standing }) => standing !== 'clean');
  const clean = findings.length - open.length;
  return (
    <>
      <p className="q-strong">{countText(findings)}</p>
      {clean > 0 ? (
        <Checkbox
          label={`Show ${clean} without a finding`}
          checked={isWhole}
          onChange={(_event, { checked }) => setIsWhole(checked === true)}
        />
      ) : null}
      <DataTable
        name={name}
        caption="Findings of the validation"
        columns={columnsOf(isCompared)}
        rows={isWhole ? findings : open}
        keyOf={({ key }) => key}
        labelOf={({ test }) => `${test.name}: what it means and what to do`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No test has a finding."
        detail={(finding) => <Detail key={finding.key} finding={finding} accepted={accepted} onAccept={onAccept} />}
      />
    </>
  );
};
