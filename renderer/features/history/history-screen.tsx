import { Button, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { StepReason } from '../../ui/because.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
import { useLink } from '../../ui/link.ts';
import { useNavigation } from '../../ui/navigation.ts';
import { rehearsalOf } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart } from '../../ui/stage-head.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { localTime } from '../../../shared/model/time.ts';
import { When } from '../../ui/when.tsx';
import { historyAnswer, historyPurpose } from './answer.ts';
import { RunPart } from './run-part.tsx';
import { stateMarks } from './marks.ts';
import { journalReadings } from './store.ts';
import './history.css';

const runningWhenLost = { outcome: 'unknown', word: 'Running when last read' } as const;

const stepWords: Readonly<Record<JournalEntry['steps'][number]['result']['state'], string>> = {
  waiting: 'not started',
  running: 'running',
  alreadyDone: 'already done',
  done: 'done',
  failed: 'failed',
  unknown: 'not known whether it was done',
  undone: 'undone',
};

/** What a change did, short enough for a line and different for changes of one title: its first steps. */
const gistOf = ({ title, steps }: JournalEntry): string | null => {
  const titles = steps.map(({ step }) => step.title).filter((one) => one !== title);
  if (titles.length === 0) return null;
  return titles.length <= 2
    ? `${titles.join('; ')}.`
    : `${titles.slice(0, 2).join('; ')}; and ${titles.length - 2} more.`;
};

const Steps = ({ entry }: { entry: JournalEntry }): JSX.Element => (
  <ol>
    {entry.steps.map(({ step, result }) => (
      <li key={step.id}>
        <bdi>{step.title}</bdi> {stepWords[result.state]}
        {result.proof ? (
          <>
            ; read back: <bdi className="q-mono">{result.proof}</bdi>
          </>
        ) : null}
        {result.error ? (
          <div>
            <StepReason of={result} />
          </div>
        ) : null}
        {step.script === null ? null : (
          <details>
            <summary>
              PowerShell<span className="q-hidden">: {step.title}</span>
            </summary>
            <CopyText text={step.script} label={`PowerShell: ${step.title}`} />
          </details>
        )}
      </li>
    ))}
  </ol>
);

/** One entry: what was changed, how each step ended, and what can be done about it. */
const Entry = ({
  entry,
  isWanted,
  onChanged,
}: {
  entry: JournalEntry;
  /** Somebody came here for this one: continuing it is planned at once. */
  isWanted: boolean;
  onChanged: () => void;
}): JSX.Element => {
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [isChecked, setIsChecked] = useState(false);
  const [doing, setDoing] = useState<string | null>(null);
  const [going, setGoing] = useState<Going | null>(() =>
    isWanted && entry.isOpen && entry.canFinish && entry.secretsNeeded.length === 0 ? 'finish' : null,
  );
  const [failure, setFailure] = useState<Envelope | null>(null);
  const isLost = useLink((state) => state.isLost);
  // The same is often changed twice.
  const name = `${entry.title}, ${localTime(entry.startedAt)}`;
  const act = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    setDoing(what);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setDoing(null);
    onChanged();
  };
  const isOpen = entry.isOpen;
  // While its plan to continue or undo is shown, that shows the steps.
  const isShownAsRun = (isOpen || entry.state === 'running') && going === null && entry.steps.length > 0;
  const gist = isShownAsRun ? null : gistOf(entry);
  return (
    <li className="v-entry" data-state={entry.state}>
      <p className="v-entry-head">
        <OutcomeMark {...(isLost && entry.state === 'running' ? runningWhenLost : stateMarks[entry.state])} />
        <strong>
          <bdi>{entry.title}</bdi>
        </strong>
        <When at={entry.startedAt} isEvent />
      </p>
      {gist === null ? null : (
        <p className="v-entry-gist">
          <bdi>{gist}</bdi>
        </p>
      )}
      <p className="q-quiet">
        <bdi>{entry.summary}</bdi>
      </p>
      {isShownAsRun ? (
        <RunPart entry={entry} />
      ) : (
        <details>
          <summary>{entry.steps.length === 1 ? 'One step' : `${entry.steps.length} steps`}</summary>
          <Steps entry={entry} />
        </details>
      )}
      {isOpen && entry.canFinish
        ? entry.secretsNeeded.map((name) => (
            <TextField
              key={name}
              label={`Password or secret: ${name} (Quorate does not store it)`}
              problem={isChecked && !secrets[name] ? 'Type it again: it is needed to continue.' : null}
              isSecret
              value={secrets[name] ?? ''}
              onChange={(value) => setSecrets({ ...secrets, [name]: value })}
            />
          ))
        : null}
      {going === null && (isOpen || entry.canUndo) ? (
        <p className="q-actions">
          {isOpen && entry.canFinish ? (
            <Button
              appearance="primary"
              disabledFocusable={doing !== null}
              onClick={() => {
                setIsChecked(true);
                if (entry.secretsNeeded.every((name) => secrets[name])) setGoing('finish');
              }}
            >
              Continue<span className="q-hidden"> {name}</span>
            </Button>
          ) : null}
          {entry.canUndo ? (
            <Button disabledFocusable={doing !== null} onClick={() => setGoing('undo')}>
              Undo<span className="q-hidden"> {name}</span>
            </Button>
          ) : null}
          {isOpen && entry.state !== 'waitingForConfirmation' ? (
            <Button
              disabledFocusable={doing !== null}
              onClick={() => void act('Dismissing', () => call('journal.setAside', { id: entry.id }))}
            >
              Dismiss<span className="q-hidden"> {name}</span>
            </Button>
          ) : null}
          <span role="status" className="q-quiet">
            {doing ?? ''}
          </span>
        </p>
      ) : null}
      {going === null ? null : (
        <GoingOn
          key={going}
          entry={entry}
          going={going}
          secrets={secrets}
          onChanged={onChanged}
          onClose={() => setGoing(null)}
        />
      )}
      {entry.undoLimits ? (
        <p className="q-quiet">
          <bdi>{entry.undoLimits}</bdi>
        </p>
      ) : null}
      {failure ? <FailureNote envelope={failure} showEffect onDismiss={() => setFailure(null)} /> : null}
    </li>
  );
};

type Going = 'finish' | 'undo';

/** The plan of continuing or undoing an entry, with its questions, in the place of its buttons. */
const GoingOn = ({
  entry,
  going,
  secrets,
  onChanged,
  onClose,
}: {
  entry: JournalEntry;
  going: Going;
  secrets: Readonly<Record<string, string>>;
  onChanged: () => void;
  onClose: () => void;
}): JSX.Element => (
  <PlanPanel
    title={going === 'finish' ? `Continue: ${entry.title}` : `Undo: ${entry.title}`}
    calls={{
      plan: (answers) => call('journal.plan', { id: entry.id, how: going, answers, secrets: { ...secrets } }),
      apply: (_plan, answers, onProgress) =>
        call(
          going === 'finish' ? 'journal.finish' : 'journal.undo',
          { id: entry.id, answers, secrets: { ...secrets } },
          { onProgress },
        ),
      envelopeOf,
      onChanged,
    }}
    onClose={onClose}
  />
);

/** What was changed on this server, newest first; what waits for a decision comes before everything. */
const HistoryScreen = (): JSX.Element => {
  const { host, reading } = useStage(journalReadings);
  const subject = useNavigation((state) => state.subject);
  const isLost = useLink((state) => state.isLost);
  const isSimulated = rehearsalOf(host) !== null;
  const purpose = historyPurpose(isSimulated);
  const [filter, setFilter] = useState('');
  const read = (): void => void journalReadings.read(host);
  useShortcut('r', 'Refresh the history', read);
  if (!reading.data)
    return (
      <StageEmpty
        title="History"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => journalReadings.cancel(host)}
      />
    );
  const entries = reading.data.entries.toSorted((left, right) => right.startedAt.localeCompare(left.startedAt));
  const open = entries.filter(({ isOpen }) => isOpen);
  const running = entries.filter(({ state }) => state === 'running').length;
  const words = filter.trim().toLowerCase();
  const ended = entries.filter(
    (entry) =>
      !entry.isOpen &&
      [entry.title, entry.summary, ...entry.steps.map(({ step }) => step.title)].some((text) =>
        text.toLowerCase().includes(words),
      ),
  );
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        {...historyAnswer({ open: open.length, running, all: entries.length }, isLost)}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => journalReadings.cancel(host)}
      />
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      <StagePart id="changes" title="Changes">
        {entries.length > 5 ? (
          <Input
            aria-label="Filter the history"
            placeholder="Filter"
            size="small"
            value={filter}
            onChange={(_event, { value }) => setFilter(value)}
          />
        ) : null}
        {open.length + ended.length === 0 ? (
          <p className="q-quiet">
            {words === ''
              ? isSimulated
                ? 'No single change was made to this server.'
                : 'Nothing was changed on this server.'
              : 'No matching changes.'}
          </p>
        ) : null}
        {/* One list, so that an entry that is completed here keeps what it shows. */}
        <ul className="v-entries">
          {[...open, ...ended].map((entry) => (
            <Entry key={entry.id} entry={entry} isWanted={subject === entry.id} onChanged={read} />
          ))}
        </ul>
      </StagePart>
    </article>
  );
};

export default HistoryScreen;
