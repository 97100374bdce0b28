import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../shared/errors/failure.ts';
import { findRehearsalNameProblem } from '../../shared/model/server-ref.ts';
import { FailureNote } from './failure-note.tsx';
import { rehearsalOf, useServer } from './server-store.ts';
import { TextField } from './text-field.tsx';
import { usePart } from './use-part.ts';

/** Opens a rehearsal: simulated servers on which everything can be tried. Nothing real is changed. */
export const RehearsalOpener = (): JSX.Element => {
  const { host, openHost, openRehearsal } = usePart(useServer, 'host', 'openHost', 'openRehearsal');
  const current = rehearsalOf(host);
  const [name, setName] = useState('practice');
  const [isOpening, setIsOpening] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isChecked, setIsChecked] = useState(false);
  const problem = findRehearsalNameProblem(name);
  const open = async (): Promise<void> => {
    setIsOpening(true);
    setFailure(await openRehearsal(name));
    setIsOpening(false);
  };
  return (
    <form
      className="s-rehearsal"
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (problem === null && !isOpening) void open();
      }}
    >
      <TextField
        label="Name of the rehearsal"
        problem={isChecked || name !== '' ? problem : null}
        value={name}
        onChange={setName}
      />
      <Button type="submit" disabledFocusable={isOpening}>
        {isOpening ? 'Opening the rehearsal' : 'Open the rehearsal'}
      </Button>
      {current === null ? null : <Button onClick={() => openHost('local')}>Exit rehearsal</Button>}
      {failure ? <FailureNote envelope={failure} /> : null}
    </form>
  );
};

/** Why a stage has nothing to show for this machine, and the way on. */
export const NothingHere = (): JSX.Element => (
  <section className="s-part" aria-labelledby="try-rehearsal">
    <h2 id="try-rehearsal">Try it on a simulated server</h2>
    <p>
      A rehearsal is a simulated Windows Server with network adapters, an iSCSI target and disks. It refuses what
      Windows refuses, and everything stays in the simulation.
    </p>
    <RehearsalOpener />
  </section>
);
