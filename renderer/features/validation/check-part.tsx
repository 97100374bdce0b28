import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { isAddress } from '../../../shared/model/address.ts';
import { findComputerNameProblem } from '../../../shared/model/host.ts';
import { parseServerRef, printServerRef } from '../../../shared/model/server-ref.ts';
import { envelopeOf } from '../../api/core.ts';
import { chooseFiles, type ChosenFile } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { StateMark } from '../../ui/marks.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { checkServers } from './store.ts';
import { typedList } from '../../ui/typed-list.ts';

type Check = Output<'cluster.check'>;
type Item = Check['items'][number];

const words = { pass: 'Pass', warn: 'Warning', fail: 'Known failure', unknown: 'Not read' } as const;

const markOf = ({ isManual, result }: Item): StateMark =>
  isManual ? { outcome: 'info', word: 'Check manually' } : { outcome: result, word: words[result] };

const rank = { fail: 0, unknown: 1, warn: 2, pass: 3 } as const;

const columns: readonly Column<Item>[] = [
  { id: 'title', title: 'Known failure', value: ({ title }) => title },
  {
    id: 'result',
    title: 'Result',
    value: (item) => markOf(item).word,
    render: (item) => <OutcomeMark {...markOf(item)} />,
  },
  { id: 'found', title: 'Found', value: ({ found }) => found },
];

/** A server by its name in the same rehearsal, or as a reference such as `peer:ID`. */
const refOf = (host: string, text: string): string => {
  const ref = parseServerRef(host);
  return ref?.kind === 'rehearsal' && !text.includes(':') ? printServerRef({ ...ref, server: text }) : text;
};

/** What is wrong with each field, in words; nothing has to be filled in. */
export const checkProblems = (
  host: string,
  values: { readonly also: string; readonly name: string; readonly addresses: string },
): Readonly<Record<'also' | 'name' | 'addresses', string | null>> => {
  const nobody = typedList(values.also).filter((text) => parseServerRef(refOf(host, text)) === null);
  const name = values.name.trim() === '' ? null : findComputerNameProblem(values.name.trim());
  const wrong = typedList(values.addresses).filter((text) => !isAddress(text));
  return {
    also: nobody.length === 0 ? null : `${nobody.join(', ')}: not a server that is known here.`,
    name: name === null ? null : `This name ${name}.`,
    addresses: wrong.length === 0 ? null : `${wrong.join(', ')}: not an IP address.`,
  };
};

/** Failures that are publicly known, looked for before the servers become a cluster. Nothing is changed. */
export const CheckPart = ({ host, others }: { host: string; others: readonly string[] }): JSX.Element => {
  const [also, setAlso] = useState(others.join(' '));
  const [name, setName] = useState('');
  const [addresses, setAddresses] = useState('');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [check, setCheck] = useState<Check | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isChecking, setIsChecking] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const problems = checkProblems(host, { also, name, addresses });
  const [isSent, setIsSent] = useState(false);
  const run = async (): Promise<void> => {
    setIsSent(true);
    if (Object.values(problems).some((problem) => problem !== null)) return;
    setIsChecking(true);
    setFailure(null);
    try {
      const servers = [host, ...typedList(also).map((one) => refOf(host, one))];
      setCheck(await checkServers(servers, name, typedList(addresses), files));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsChecking(false);
  };
  const choose = async (): Promise<void> => {
    try {
      const filter = { name: 'Facts of a server', extensions: ['json'] };
      const chosen = await chooseFiles('Open the facts of other servers', filter, true);
      if (chosen.length > 0) setFiles(chosen);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <StagePart
      id="known"
      title="Known failures"
      says="Looks for known causes of later cluster failures. It changes nothing."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isChecking) void run();
        }}
      >
        <div className="s-form">
          <TextField
            label="More servers"
            hint="Names in this rehearsal, or peer:ID of paired servers."
            problem={isSent ? problems.also : null}
            value={also}
            onChange={setAlso}
          />
          <TextField
            label="Cluster name"
            hint="The name of the future cluster."
            problem={isSent ? problems.name : null}
            value={name}
            onChange={setName}
          />
          <TextField
            label="Static addresses of the cluster"
            hint="Every server checks that no other machine uses them."
            problem={isSent ? problems.addresses : null}
            value={addresses}
            onChange={setAddresses}
          />
        </div>
        <p className="q-quiet">
          {files.length > 0 ? (
            <>
              Servers from files: <bdi>{files.map((file) => file.name).join(', ')}</bdi>
            </>
          ) : (
            'For a server that cannot be reached from here, run "quorate cluster facts" there and add its file.'
          )}
        </p>
        <p className="q-actions">
          <Button type="submit" disabledFocusable={isChecking}>
            Check
          </Button>
          <Button onClick={() => void choose()}>Add fact files</Button>
          {files.length > 0 ? <Button onClick={() => setFiles([])}>Remove the files</Button> : null}
          <span role="status" className="q-quiet">
            {isChecking ? 'Reading the servers' : check ? `Checked: ${check.nodes.join(', ')}.` : ''}
          </span>
        </p>
      </form>
      {failure ? <FailureNote envelope={failure} onRetry={() => void run()} /> : null}
      {check ? (
        <DataTable
          name="cluster-check"
          caption="Known failures"
          columns={columns}
          rows={check.items.toSorted(
            (left, right) => Number(left.isManual) - Number(right.isManual) || rank[left.result] - rank[right.result],
          )}
          keyOf={({ id }) => id}
          labelOf={({ title }) => `${title}: what to do`}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="Nothing was checked."
          detail={({ next, later, source }) => (
            <>
              {next === null ? null : (
                <p>
                  <strong>What to do:</strong> <bdi>{next}</bdi>
                </p>
              )}
              <p>
                <strong>If ignored:</strong> <bdi>{later}</bdi>
              </p>
              <p className="q-quiet">
                Known from <bdi className="q-address">{source}</bdi>
              </p>
            </>
          )}
        />
      ) : null}
    </StagePart>
  );
};
