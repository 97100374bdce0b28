import { Button, Checkbox, Field, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { findComputerNameProblem } from '../../../shared/model/host.ts';
import { capital } from '../../../shared/availability/words.ts';
import { asSentence } from '../../../shared/model/sentence.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { planRun, runValidation, type ValidationAsk, type ValidationPlan } from './store.ts';

type Kind = 'whole' | 'withoutStorage' | 'changed';

const kindTexts: Readonly<Record<Kind, string>> = {
  whole: 'All tests',
  withoutStorage: 'Without storage (no disk is disturbed)',
  changed: 'Only what changed since the last',
};

const treatmentWords: Readonly<Record<ValidationPlan['disks'][number]['treatment'], string>> = {
  tested: 'tested',
  interrupted: 'unavailable while it is tested',
  inUse: 'in use, not tested',
  leftOut: 'left out',
};

/** What a run will do and disturb, before it is begun. */
const Disturbed = ({
  plan,
  interrupt,
  onInterrupt,
}: {
  plan: ValidationPlan;
  interrupt: readonly string[];
  onInterrupt: (disks: readonly string[]) => void;
}): JSX.Element => (
  <>
    <p>
      {plan.tests.length} tests in {new Set(plan.tests.map(({ category }) => category)).size} categories on{' '}
      <bdi>{plan.nodes.join(', ')}</bdi>.
    </p>
    <ul>
      {plan.notices.map((notice) => (
        <li key={notice}>{notice}</li>
      ))}
    </ul>
    {plan.disks.length === 0 ? (
      <p>No disk is disturbed.</p>
    ) : (
      <ul aria-label="Disks" className="w-disks">
        {plan.disks.map(({ id, name, treatment, because }) => (
          <li key={id ?? name}>
            <bdi className="q-strong">{capital(name)}</bdi>: {treatmentWords[treatment]},{' '}
            <bdi>{asSentence(because)}</bdi>
            {treatment === 'interrupted' && id !== null ? (
              <Checkbox
                label={`I agree that ${name} is unavailable while it is tested`}
                checked={interrupt.includes(id)}
                onChange={(_event, { checked }) =>
                  onInterrupt(checked === true ? [...interrupt, id] : interrupt.filter((one) => one !== id))
                }
              />
            ) : null}
          </li>
        ))}
      </ul>
    )}
    {plan.unread.map((text) => (
      <p key={text} className="q-said">
        <OutcomeIcon outcome="unknown" /> <bdi>{text}</bdi>
      </p>
    ))}
    {plan.refusal ? (
      <div className="q-note q-note-fail" role="alert">
        <OutcomeIcon outcome="fail" />
        <div className="q-note-text">
          <p className="q-strong">
            <bdi>{plan.refusal.what}</bdi>
          </p>
          {plan.refusal.code === 'VALIDATION_DISK_ONLINE' ? (
            <p>Agree above, or run it without storage.</p>
          ) : (
            <p>
              <bdi>{plan.refusal.next}</bdi>
            </p>
          )}
          <p className="q-quiet">
            Code <code>{plan.refusal.code}</code>
          </p>
        </div>
      </div>
    ) : null}
  </>
);

/** Which servers and tests; what it disturbs is said before it runs. */
export const RunForm = ({
  host,
  others,
  hasLast,
  onClose,
}: {
  host: string;
  /** The other servers of the last run. */
  others: readonly string[];
  hasLast: boolean;
  onClose: () => void;
}): JSX.Element => {
  const [nodes, setNodes] = useState(others.join(' '));
  const [kind, setKind] = useState<Kind>('whole');
  const [interrupt, setInterrupt] = useState<readonly string[]>([]);
  const [plan, setPlan] = useState<ValidationPlan | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isPlanning, setIsPlanning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const askOf = (agreed: readonly string[]): ValidationAsk => ({
    nodes: nodes.split(/[\s,;]+/).filter(Boolean),
    selection: { kind },
    interrupt: [...agreed],
  });
  const look = async (agreed: readonly string[]): Promise<void> => {
    setIsPlanning(true);
    setFailure(null);
    try {
      setPlan(await planRun(host, askOf(agreed)));
    } catch (error) {
      setPlan(null);
      setFailure(envelopeOf(error));
    }
    setIsPlanning(false);
  };
  const agree = (disks: readonly string[]): void => {
    setInterrupt(disks);
    void look(disks);
  };
  const forget = (): void => setPlan(null);
  return (
    <Panel title="Run the validation" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A name with its domain is judged by its first part, as Windows does.
          const wrong = (askOf([]).nodes ?? []).filter(
            (name) => findComputerNameProblem(name.split('.')[0] ?? '') !== null,
          );
          setProblem(wrong.length === 0 ? null : `${wrong.join(', ')}: not a computer name.`);
          if (!isPlanning && wrong.length === 0) void look(interrupt);
        }}
      >
        <div className="s-form">
          <TextField
            label="Other servers"
            hint="Computer names, separated by spaces. Empty: the nodes of the cluster."
            problem={problem}
            value={nodes}
            onChange={(value) => {
              setNodes(value);
              forget();
            }}
          />
          <Field label="Tests">
            <Select
              value={kind}
              onChange={(_event, { value }) => {
                setKind(value as Kind);
                forget();
              }}
            >
              <option value="whole">{kindTexts.whole}</option>
              <option value="withoutStorage">{kindTexts.withoutStorage}</option>
              {hasLast ? <option value="changed">{kindTexts.changed}</option> : null}
            </Select>
          </Field>
        </div>
        <p className="q-actions">
          <Button type="submit" appearance={plan ? 'secondary' : 'primary'} disabledFocusable={isPlanning}>
            Show what it disturbs
          </Button>
          <span role="status" className="q-quiet">
            {isPlanning ? 'Reading the servers' : ''}
          </span>
        </p>
      </form>
      {failure ? <FailureNote envelope={failure} onRetry={() => void look(interrupt)} /> : null}
      {plan ? (
        <>
          <Disturbed plan={plan} interrupt={interrupt} onInterrupt={agree} />
          <p className="q-actions">
            <Button
              appearance="primary"
              disabledFocusable={plan.refusal !== null || isPlanning}
              onClick={() => {
                void runValidation(host, askOf(interrupt));
                onClose();
              }}
            >
              Run
            </Button>
          </p>
        </>
      ) : null}
    </Panel>
  );
};
