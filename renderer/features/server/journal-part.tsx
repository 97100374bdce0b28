import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { When } from '../../ui/when.tsx';
import { journalReadings } from './store.ts';

const stateMarks: Readonly<Record<JournalEntry['state'], { outcome: Outcome; word: string }>> = {
  running: { outcome: 'notApplicable', word: 'Runs now' },
  interrupted: { outcome: 'unknown', word: 'Interrupted' },
  restartNeeded: { outcome: 'warn', word: 'Goes on after a restart' },
  waitingForConfirmation: { outcome: 'warn', word: 'Waits to be confirmed' },
  done: { outcome: 'pass', word: 'Done' },
  failed: { outcome: 'fail', word: 'Failed' },
  cancelled: { outcome: 'notApplicable', word: 'Cancelled' },
  reverted: { outcome: 'notApplicable', word: 'Taken back by the server' },
  undone: { outcome: 'notApplicable', word: 'Taken back' },
  setAside: { outcome: 'notApplicable', word: 'Dismissed' },
  newer: { outcome: 'unknown', word: 'Of a newer version' },
  damaged: { outcome: 'unknown', word: 'Damaged' },
};

/** One entry: what was changed, how each step ended, and what can be done about it. */
const Entry = ({ entry, onChanged }: { entry: JournalEntry; onChanged: () => void }): JSX.Element => {
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [doing, setDoing] = useState<string | null>(null);
  const [going, setGoing] = useState<'finish' | 'undo' | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
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
  return (
    <li className="v-entry" data-state={entry.state}>
      <p className="v-entry-head">
        <OutcomeMark {...stateMarks[entry.state]} />
        <strong>
          <bdi>{entry.title}</bdi>
        </strong>
        <When at={entry.startedAt} />
      </p>
      <p>
        <bdi>{entry.summary}</bdi>
      </p>
      <details>
        <summary>{entry.steps.length === 1 ? 'One step' : `${entry.steps.length} steps`}</summary>
        <ol>
          {entry.steps.map(({ step, result }) => (
            <li key={step.id}>
              <bdi>{step.title}</bdi>: {result.state === 'unknown' ? 'not known whether it was done' : result.state}
              {result.proof ? <bdi className="q-mono">{` (${result.proof})`}</bdi> : null}
            </li>
          ))}
        </ol>
      </details>
      {isOpen && entry.canFinish
        ? entry.secretsNeeded.map((name) => (
            <Field key={name} label={`${name}, which Quorate does not keep`}>
              <Input
                type="password"
                autoComplete="off"
                value={secrets[name] ?? ''}
                onChange={(_event, { value }) => setSecrets({ ...secrets, [name]: value })}
              />
            </Field>
          ))
        : null}
      {isOpen || entry.canUndo ? (
        <p className="q-actions">
          {isOpen && entry.canFinish ? (
            <Button disabledFocusable={doing !== null} onClick={() => setGoing('finish')}>
              Continue
            </Button>
          ) : null}
          {entry.canUndo ? (
            <Button disabledFocusable={doing !== null} onClick={() => setGoing('undo')}>
              Undo
            </Button>
          ) : null}
          {isOpen ? (
            <Button
              disabledFocusable={doing !== null}
              onClick={() => void act('Dismissing', () => call('journal.setAside', { id: entry.id }))}
            >
              Dismiss
            </Button>
          ) : null}
          <span role="status" className="q-quiet">
            {doing ?? ''}
          </span>
        </p>
      ) : null}
      {going === null ? null : (
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

/** What was changed on this server, newest first; what waits for a decision comes before everything. */
export const JournalPart = ({ host, onChanged }: { host: string; onChanged: () => void }): JSX.Element => {
  const reading = journalReadings.use((all) => all[host]);
  const entries = (reading?.data?.entries ?? []).toSorted((left, right) =>
    right.startedAt.localeCompare(left.startedAt),
  );
  const open = entries.filter(({ isOpen }) => isOpen);
  const ended = entries.filter((entry) => !entry.isOpen);
  return (
    <StagePart id="journal" title="What was changed">
      {reading?.failure ? (
        <FailureNote envelope={reading.failure} onRetry={() => void journalReadings.read(host)} />
      ) : null}
      {reading?.data && entries.length === 0 ? (
        <p>Quorate has changed nothing on this server yet. Every change is written down here, before and after.</p>
      ) : null}
      {open.length > 0 ? (
        <p className="q-strong">
          {open.length === 1 ? 'One change waits' : `${open.length} changes wait`} for your decision.
        </p>
      ) : null}
      <ul className="v-entries">
        {[...open, ...ended].map((entry) => (
          <Entry key={entry.id} entry={entry} onChanged={onChanged} />
        ))}
      </ul>
    </StagePart>
  );
};
