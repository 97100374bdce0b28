import { Button, Field, Select } from '@fluentui/react-components';
import { useCallback, useEffect, useRef, useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Rehearsal } from '../../../shared/contract/rehearsal.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { findRehearsalNameProblem } from '../../../shared/model/server-ref.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { rehearsalOf, useServer } from '../../ui/server-store.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { removalText, stateWords } from './faults.ts';
import { FaultsPanel } from './faults-panel.tsx';
import { usePart } from '../../ui/use-part.ts';
import './rehearsal.css';

const RehearsalRow = ({
  rehearsal,
  host,
  isAsked,
  onOpen,
  onShow,
  onRemove,
}: {
  rehearsal: Rehearsal;
  host: string;
  /** Whether it is asked at this moment if it is to be deleted. */
  isAsked: boolean;
  onOpen: (host: string) => void;
  onShow: () => void;
  onRemove: () => void;
}): JSX.Element => {
  const isOpen = rehearsalOf(host)?.split('/')[0] === rehearsal.name;
  const servers = rehearsal.running?.servers ?? [];
  return (
    <tr>
      <th scope="row">
        <bdi className="q-mono">{rehearsal.name}</bdi>
      </th>
      <td>{stateWords(rehearsal)}</td>
      <td>
        <div className="q-actions">
          {servers.length === 0 ? (
            <Button size="small" onClick={() => onOpen(`rehearsal:${rehearsal.name}`)}>
              Open<span className="q-hidden"> {rehearsal.name}</span>
            </Button>
          ) : null}
          {servers.map(({ name, computerName, power }) => {
            const spec = `rehearsal:${rehearsal.name}/${name}`;
            return (
              <Button
                key={name}
                size="small"
                disabledFocusable={power !== 'on'}
                aria-pressed={host === spec}
                onClick={() => onOpen(spec)}
              >
                Open {computerName}
                {power === 'on' ? '' : power === 'off' ? ' (is off)' : ' (restarts)'}
              </Button>
            );
          })}
          {isOpen ? (
            <Button size="small" onClick={onShow}>
              Faults and log
            </Button>
          ) : (
            <Button size="small" onClick={onRemove} aria-expanded={isAsked}>
              Delete<span className="q-hidden"> {rehearsal.name}</span>
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
};

/** Asks before a rehearsal goes, and names what goes with it. */
const RemovePanel = ({
  rehearsal,
  onRemove,
  onClose,
}: {
  rehearsal: Rehearsal;
  onRemove: () => Promise<void>;
  onClose: () => void;
}): JSX.Element => {
  const [isRemoving, setIsRemoving] = useState(false);
  return (
    <Panel title={`Delete the rehearsal ${rehearsal.name}?`} onClose={onClose}>
      <p>
        <bdi>{removalText(rehearsal)}</bdi>
      </p>
      <p className="q-actions">
        {/* The safe button comes first and is the one that Enter presses. */}
        <Button appearance="primary" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabledFocusable={isRemoving}
          onClick={() => {
            setIsRemoving(true);
            void onRemove();
          }}
        >
          Delete {rehearsal.name}
        </Button>
      </p>
    </Panel>
  );
};

const CreateForm = ({ onCreated }: { onCreated: (name: string) => void }): JSX.Element => {
  const [scenarios, setScenarios] = useState<Output<'rehearsal.scenarios'>>([]);
  const [scenario, setScenario] = useState('');
  const [name, setName] = useState('practice');
  const [isCreating, setIsCreating] = useState(false);
  const problem = findRehearsalNameProblem(name);
  const [failure, setFailure] = useState<Envelope | null>(null);
  useEffect(() => {
    call('rehearsal.scenarios', {}).then(setScenarios, (error: unknown) => setFailure(envelopeOf(error)));
  }, []);
  const create = async (): Promise<void> => {
    setIsCreating(true);
    setFailure(null);
    try {
      await call('rehearsal.create', { name, ...(scenario === '' ? {} : { scenario }) });
      onCreated(name);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsCreating(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isCreating && problem === null) void create();
      }}
    >
      <div className="s-form">
        <TextField label="Name of the new rehearsal" problem={problem} value={name} onChange={setName} />
        <Field label="Simulated environment" className="s-wide">
          <Select value={scenario} onChange={(_event, { value }) => setScenario(value)}>
            <option value="">Default</option>
            {scenarios.map((one) => (
              <option key={one.name} value={one.name}>
                {one.what}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <Button type="submit" disabledFocusable={isCreating}>
        Create
      </Button>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </form>
  );
};

/** Simulated servers: made, opened, disturbed on purpose, left. */
const RehearsalScreen = (): JSX.Element => {
  const { host, openHost } = usePart(useServer, 'host', 'openHost');
  const [list, setList] = useState<readonly Rehearsal[] | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isDisturbing, setIsDisturbing] = useState(false);
  const [asked, setAsked] = useState<Rehearsal | null>(null);
  const read = useCallback(async (): Promise<void> => {
    try {
      setList(await call('rehearsal.list', {}));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  }, []);
  useEffect(() => {
    call('rehearsal.list', {}).then(setList, (error: unknown) => setFailure(envelopeOf(error)));
  }, [host]);
  const remove = async (name: string): Promise<void> => {
    setFailure(null);
    try {
      await call('rehearsal.remove', { name });
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    await read();
    setAsked(null);
  };
  const before = useRef(asked);
  useEffect(() => {
    // Its row has gone, and the button that had asked with it.
    if (before.current !== null && asked === null && document.activeElement === document.body)
      document.getElementById('stage-title')?.focus();
    before.current = asked;
  }, [asked]);
  const open = rehearsalOf(host);
  return (
    <article className="s-screen" aria-labelledby="stage-title">
      <header className="s-head">
        <h1 id="stage-title" tabIndex={-1}>
          Rehearsals
        </h1>
        <p className="s-purpose">
          Simulated Windows Servers with networks and shared storage, to practice the whole procedure. Everything that
          is done to them stays in the simulation.
        </p>
      </header>
      {open === null ? null : (
        <p>
          <Button onClick={() => openHost('local')}>Exit rehearsal</Button>
        </p>
      )}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {list && list.length > 0 ? (
        <table className="t-table" aria-label="Rehearsals">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">Servers</th>
            </tr>
          </thead>
          <tbody>
            {list.map((rehearsal) => (
              <RehearsalRow
                key={rehearsal.name}
                rehearsal={rehearsal}
                host={host}
                isAsked={asked?.name === rehearsal.name}
                onOpen={openHost}
                onShow={() => setIsDisturbing(!isDisturbing)}
                onRemove={() => setAsked(rehearsal)}
              />
            ))}
          </tbody>
        </table>
      ) : null}
      {asked === null ? null : (
        <RemovePanel
          key={asked.name}
          rehearsal={asked}
          onRemove={() => remove(asked.name)}
          onClose={() => setAsked(null)}
        />
      )}
      {isDisturbing && open !== null ? (
        <FaultsPanel spec={open} onChanged={() => void read()} onClose={() => setIsDisturbing(false)} />
      ) : null}
      <details open={list?.length === 0}>
        <summary>Create a rehearsal</summary>
        <CreateForm onCreated={(name) => openHost(`rehearsal:${name}`)} />
      </details>
    </article>
  );
};

export default RehearsalScreen;
