import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import { consentHours, type Consent } from '../../../shared/model/consent.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { When } from '../../ui/when.tsx';

/** How often it is looked for while this stage is shown: a coordinator waits for the answer. */
const lookEveryMs = 3_000;

const marksOf = ({ isDestructive, restarts, cutsConnection }: Consent['steps'][number]): string =>
  [
    ...(isDestructive ? ['data is lost'] : []),
    ...(restarts ? ['restarts'] : []),
    ...(cutsConnection ? ['cuts a connection'] : []),
  ].join(', ');

const standingWords: Readonly<Record<Consent['state'], string>> = {
  needed: 'wants to',
  given: 'may',
  refused: 'was not allowed to',
  ended: 'was allowed to',
};

const wishOf = ({ about, direction, cluster }: Consent): string => {
  if (about === 'drills') return `run drills of the cluster ${cluster} on this server.`;
  return direction === 'undo'
    ? `undo on this server what formations of the cluster ${cluster} did here; the cluster is destroyed.`
    : `make this server part of the cluster ${cluster}.`;
};

const Asked = ({ asked, onAnswer }: { asked: Consent; onAnswer: (agrees: boolean) => void }): JSX.Element => {
  const { about, coordinatorName, steps, state, askedAt, answeredAt } = asked;
  // A formation restarts a server several times: each grave step is named once, with how often.
  const grave = new Map<string, number>();
  for (const step of steps) {
    const marks = marksOf(step);
    if (marks !== '')
      grave.set(JSON.stringify([step.title, marks]), (grave.get(JSON.stringify([step.title, marks])) ?? 0) + 1);
  }
  return (
    <section
      className={state === 'given' ? 'q-note' : 'q-note q-note-warn'}
      aria-label={`${coordinatorName} asks: ${asked.formation}`}
      data-consent={state}
    >
      <OutcomeIcon outcome={state === 'given' ? 'pass' : 'warn'} />
      <div className="q-note-text">
        <p className="q-strong">
          <bdi>{`${coordinatorName} ${standingWords[state]} ${wishOf(asked)}`}</bdi>
        </p>
        <p className="q-quiet">
          Asked <When at={askedAt} isEvent />
          {answeredAt === null ? null : (
            <>
              , answered <When at={answeredAt} isEvent />
            </>
          )}
          {about === 'drills'
            ? `. It is valid for drills of this cluster, for ${consentHours} hours. A drill takes something away for a while; this server checks each drill itself, and undoes it by itself.`
            : `. It is valid for this cluster file only, for ${consentHours} hours or until the formation is over.`}
        </p>
        {grave.size > 0 ? (
          <ul>
            {[...grave].map(([key, times]) => {
              const [title, marks] = JSON.parse(key) as [string, string];
              return (
                <li key={key}>
                  <bdi>{title}</bdi>
                  {times > 1 ? ` (${times} times)` : ''}: <strong>{marks}</strong>
                </li>
              );
            })}
          </ul>
        ) : null}
        <details>
          <summary>All {steps.length} steps on this server</summary>
          <ol>
            {steps.map(({ title }, index) => (
              <li key={`${index} ${title}`}>
                <bdi>{title}</bdi>
              </li>
            ))}
          </ol>
        </details>
        <div className="q-actions">
          {state === 'given' ? null : (
            <Button appearance="primary" onClick={() => onAnswer(true)}>
              Agree
            </Button>
          )}
          {state === 'refused' ? null : (
            <Button onClick={() => onAnswer(false)}>{state === 'given' ? 'Withdraw the agreement' : 'Refuse'}</Button>
          )}
        </div>
      </div>
    </section>
  );
};

/** What other servers want to do on this one, for the person here to read and to answer. */
export const ConsentPart = (): JSX.Element => {
  const [consents, setConsents] = useState<readonly Consent[]>([]);
  const [failure, setFailure] = useState<Envelope | null>(null);
  useEffect(() => {
    let isShown = true;
    const look = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const found = await call('formation.consents', {});
        if (isShown) setConsents(found.consents.filter(({ state }) => state !== 'ended'));
      } catch (error) {
        if (isShown) setFailure(envelopeOf(error));
      }
    };
    void look();
    const timer = setInterval(() => void look(), lookEveryMs);
    return () => {
      isShown = false;
      clearInterval(timer);
    };
  }, []);
  const answer = async (formation: string, agrees: boolean): Promise<void> => {
    setFailure(null);
    try {
      const answered = await call('formation.consent', { formation, agrees });
      setConsents((all) => all.map((one) => (one.formation === formation ? answered : one)));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {consents.map((asked) => (
        <Asked
          key={`${asked.coordinator} ${asked.digest}`}
          asked={asked}
          onAnswer={(agrees) => void answer(asked.formation, agrees)}
        />
      ))}
    </>
  );
};
