import { Button, Field, Input } from '@fluentui/react-components';
import { useEffect, useState, type FormEvent, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { KeptClaim } from '../../../shared/model/promise.ts';
import { claimText } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';

const columns: readonly Column<KeptClaim>[] = [
  {
    id: 'serial',
    title: 'Serial number',
    value: ({ serial }) => serial,
    render: ({ serial }) => (serial === null ? 'Not known' : <Mono>{serial}</Mono>),
  },
  { id: 'stands', title: 'State', value: claimText },
  { id: 'since', title: 'Since', value: ({ since }) => since, render: ({ since }) => <When at={since} /> },
  { id: 'disk', title: 'Unique ID', value: ({ disk }) => disk, render: ({ disk }) => <Mono>{disk}</Mono> },
];

/** Lets go of a promise whose writer never comes back: two things are typed, because a disk can be lost by it. */
const ReleaseForm = ({ kept, onDone }: { kept: KeptClaim; onDone: () => void }): JSX.Element => {
  const writer = kept.writerName ?? (kept.claim.kind === 'promised' ? kept.claim.writer.slice(0, 16) : '');
  const wanted = `${writer} is powered down`;
  const [serial, setSerial] = useState('');
  const [statement, setStatement] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const problems = {
    serial: serial.trim() === '' ? 'Type the serial number of the disk.' : null,
    statement: statement.trim() === wanted ? null : `Type: ${wanted}`,
  };
  const release = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (problems.serial !== null || problems.statement !== null) return;
    setFailure(null);
    try {
      await call('promise.release', { disk: kept.disk, serial: serial.trim(), statement: statement.trim() });
      onDone();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  const shown = (problem: string | null) =>
    isChecked && problem ? ({ validationState: 'error', validationMessage: problem } as const) : {};
  return (
    <form onSubmit={(event) => void release(event)} noValidate>
      <p className="q-said">
        <OutcomeIcon outcome="warn" />
        <span>
          Only after you saw with your own eyes that <bdi>{writer}</bdi> has no power: if it still writes, the data on
          the disk is lost.
        </span>
      </p>
      <div className="s-form">
        <Field label="Serial number of the disk" {...shown(problems.serial)}>
          <Input value={serial} onChange={(_event, { value }) => setSerial(value)} spellCheck={false} />
        </Field>
        <Field label={`Type: ${wanted}`} {...shown(problems.statement)}>
          <Input value={statement} onChange={(_event, { value }) => setStatement(value)} spellCheck={false} />
        </Field>
      </div>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      <Button type="submit">Release the promise</Button>
    </form>
  );
};

/** Which shared disks this server leaves alone for another one, or writes to itself. */
export const PromisesPart = (): JSX.Element => {
  const [claims, setClaims] = useState<readonly KeptClaim[] | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isReturning, setIsReturning] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const take = (work: Promise<{ claims: readonly KeptClaim[] }>): Promise<void> =>
    work.then(
      (found) => {
        setClaims(found.claims);
        setFailure(null);
      },
      (error: unknown) => setFailure(envelopeOf(error)),
    );
  const read = (): void => void take(call('promise.list', {}));
  useEffect(() => {
    let isShown = true;
    call('promise.list', {}).then(
      (found) => {
        if (isShown) setClaims(found.claims);
      },
      (error: unknown) => {
        if (isShown) setFailure(envelopeOf(error));
      },
    );
    return () => {
      isShown = false;
    };
  }, []);
  const isWriter = claims?.some(({ claim }) => claim.kind === 'writing' || claim.kind === 'returning') ?? false;
  return (
    <StagePart
      id="promises"
      title="Promises about shared disks"
      says="Before one server writes to a shared disk, every other one promises to leave it offline until the writer hands the promise back. No time-out ends it."
    >
      {failure ? <FailureNote envelope={failure} onRetry={read} /> : null}
      {claims === null ? null : (
        <DataTable
          name="promises"
          caption="Promises about shared disks"
          columns={columns}
          rows={claims}
          keyOf={({ disk }) => disk}
          labelOf={({ serial, disk }) => serial ?? disk}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="This server promised nothing, and was promised nothing."
          detail={(kept) =>
            kept.claim.kind === 'promised' ? (
              <ReleaseForm
                kept={kept}
                onDone={() => {
                  setOpenKey(null);
                  read();
                }}
              />
            ) : (
              <Facts
                rows={[
                  [
                    'Promised by',
                    kept.askedOf.length === 0 ? 'Nobody' : <Mono key="by">{kept.askedOf.join(' ')}</Mono>,
                  ],
                ]}
              />
            )
          }
        />
      )}
      {isWriter ? (
        <p className="q-actions">
          <Button
            disabledFocusable={isReturning}
            onClick={() => {
              setIsReturning(true);
              void take(call('promise.return', {})).then(() => setIsReturning(false));
            }}
          >
            Hand back
          </Button>
          <span className="q-quiet">
            What the other servers promised this one; a step that still writes asks again.
          </span>
        </p>
      ) : null}
    </StagePart>
  );
};
