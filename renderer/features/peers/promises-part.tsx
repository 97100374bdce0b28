import { Button, Field, Input } from '@fluentui/react-components';
import { useEffect, useState, type FormEvent, type JSX } from 'react';
import type { ServerClaims } from '../../../shared/contract/promises.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { KeptClaim } from '../../../shared/model/promise.ts';
import { claimText } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';

/** A promise, or a go at writing, with the server that keeps it. */
interface Row extends KeptClaim {
  readonly server: string;
  readonly isHere: boolean;
}

const columns: readonly Column<Row>[] = [
  {
    id: 'serial',
    title: 'Serial number',
    value: ({ serial }) => serial,
    render: ({ serial }) => (serial === null ? 'Not known' : <Mono>{serial}</Mono>),
  },
  {
    id: 'server',
    title: 'Server',
    value: ({ server, isHere }) => (isHere ? `${server} (here)` : server),
    render: ({ server, isHere }) => (
      <>
        <bdi>{server}</bdi>
        {isHere ? ' (here)' : ''}
      </>
    ),
  },
  { id: 'stands', title: 'State', value: claimText },
  { id: 'since', title: 'Since', value: ({ since }) => since, render: ({ since }) => <When at={since} isEvent /> },
  { id: 'disk', title: 'Unique ID', value: ({ disk }) => disk, render: ({ disk }) => <Mono>{disk}</Mono> },
];

const rowsOf = (servers: readonly ServerClaims[]): Row[] =>
  servers.flatMap(({ id, name, claims }) =>
    (claims ?? []).map((kept) => ({ ...kept, server: name, isHere: id === 'local' })),
  );

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
          Release it only after you have seen for yourself that <bdi>{writer}</bdi> has no power: if it still writes,
          the data on the disk is lost.
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

/** Which shared disks each server leaves alone for another one, or writes to. */
export const PromisesPart = (): JSX.Element => {
  const [servers, setServers] = useState<readonly ServerClaims[] | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isReturning, setIsReturning] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const read = async (): Promise<void> => {
    try {
      setServers((await call('promise.survey', {})).servers);
      setFailure(null);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  useEffect(() => {
    let isShown = true;
    call('promise.survey', {}).then(
      (found) => {
        if (isShown) setServers(found.servers);
      },
      (error: unknown) => {
        if (isShown) setFailure(envelopeOf(error));
      },
    );
    return () => {
      isShown = false;
    };
  }, []);
  const handBack = async (): Promise<void> => {
    setIsReturning(true);
    try {
      await call('promise.return', {});
      await read();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsReturning(false);
  };
  const rows = rowsOf(servers ?? []);
  const isWriter = rows.some(({ isHere, claim }) => isHere && (claim.kind === 'writing' || claim.kind === 'returning'));
  return (
    <StagePart
      id="promises"
      title="Promises about shared disks"
      says="Before one server writes to a shared disk, every other one promises to leave it offline until the writer hands the promise back. It does not time out."
    >
      {failure ? <FailureNote envelope={failure} onRetry={() => void read()} /> : null}
      {servers === null ? (
        failure ? null : (
          <p>Asking every server.</p>
        )
      ) : (
        <DataTable
          name="promises"
          caption="Promises about shared disks"
          columns={columns}
          rows={rows}
          keyOf={({ server, disk }) => `${server} ${disk}`}
          labelOf={({ server, serial, disk }) => `${serial ?? disk} on ${server}`}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="No server that answered keeps a promise or writes to a shared disk."
          detail={(kept) =>
            kept.claim.kind !== 'promised' ? (
              <p>
                {kept.askedOf.length === 0 ? 'No other server was asked.' : `Promised by ${kept.askedOf.join(', ')}.`}
              </p>
            ) : kept.isHere ? (
              <ReleaseForm
                kept={kept}
                onDone={() => {
                  setOpenKey(null);
                  void read();
                }}
              />
            ) : (
              <p>
                A promise is released at the server that gave it: open Peers on <bdi>{kept.server}</bdi>.
              </p>
            )
          }
        />
      )}
      {servers?.map(({ id, name, because }) =>
        because === null ? null : (
          <p key={id} className="q-said">
            <OutcomeIcon outcome="unknown" />
            <span>
              <bdi>{name}</bdi> did not answer: <bdi>{because}</bdi> What it promised still holds.
            </span>
          </p>
        ),
      )}
      {isWriter ? (
        <p className="q-actions">
          <Button disabledFocusable={isReturning} onClick={() => void handBack()}>
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
