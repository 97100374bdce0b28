import { Button, Checkbox, Field, Select } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import { findComputerNameProblem, windowsVersions, type WindowsVersion } from '../../../shared/model/host.ts';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { findRehearsalNameProblem } from '../../../shared/model/server-ref.ts';
import { findIscsiNameProblem } from '../../../shared/model/windows-iscsi.ts';
import { call } from '../../api/core.ts';
import { chooseFiles } from '../../api/files.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { When } from '../../ui/when.tsx';
import { draftFile, edit, openFile, rehearse, useFormation } from './store.ts';
import { typedList } from '../../ui/typed-list.ts';

const jsonFiles = { name: 'Cluster file', extensions: ['json', 'jsonc'] };

/** The whole way on simulated servers: what a person does first to learn it. */
export const RehearseForm = ({ hasFile }: { hasFile: boolean }): JSX.Element => {
  const [name, setName] = useState('first');
  const [nodes, setNodes] = useState('2');
  const [os, setOs] = useState<WindowsVersion>('2022');
  const [resume, setResume] = useState(false);
  const [isUndo, setIsUndo] = useState(false);
  const count = Number(nodes);
  const nameProblem = findRehearsalNameProblem(name);
  const problem =
    hasFile || (Number.isInteger(count) && count >= 2 && count <= 64) ? null : 'A whole number from 2 to 64.';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null && nameProblem === null)
          void rehearse({
            name,
            nodes: hasFile ? 2 : count,
            os,
            resume,
            direction: isUndo ? 'undo' : 'form',
            withFile: hasFile && !isUndo,
          });
      }}
    >
      <div className="s-form">
        {hasFile ? null : (
          <TextField
            label="Simulated servers"
            problem={problem}
            value={nodes}
            onChange={(value) => setNodes(value.trim())}
          />
        )}
        <Field label="Version of Windows Server">
          <Select value={os} onChange={(_event, { value }) => setOs(value as WindowsVersion)}>
            {windowsVersions.map((version) => (
              <option key={version} value={version}>
                {version}
              </option>
            ))}
          </Select>
        </Field>
        <TextField label="Name of the rehearsal" problem={nameProblem} value={name} onChange={setName} />
      </div>
      <Checkbox
        label="Continue the rehearsal of this name"
        checked={resume}
        onChange={(_event, { checked }) => setResume(checked === true)}
      />
      <Checkbox
        label="Undo what the rehearsal of this name formed"
        checked={isUndo}
        onChange={(_event, { checked }) => setIsUndo(checked === true)}
      />
      <div className="q-actions">
        <Button type="submit" appearance={hasFile ? 'secondary' : 'primary'}>
          Start the rehearsal
        </Button>
      </div>
    </form>
  );
};

/** What is wrong with what a draft is asked with, in words; nothing has to be filled in. */
export const draftProblems = (asked: {
  readonly portals: string;
  readonly target: string;
  readonly cluster: string;
}): Readonly<Record<'portals' | 'target' | 'cluster', string | null>> => {
  const wrong = typedList(asked.portals).filter((text) => parseEndpoint(text) === null);
  const sentence = (text: string, problem: (text: string) => string | null): string | null => {
    const found = text.trim() === '' ? null : problem(text.trim());
    return found === null ? null : `This name ${found}.`;
  };
  return {
    portals: wrong.length === 0 ? null : `${wrong.join(', ')}: not an address. Example: 10.0.1.50:3260.`,
    target: sentence(asked.target, findIscsiNameProblem),
    cluster: sentence(asked.cluster, findComputerNameProblem),
  };
};

const DraftForm = (): JSX.Element => {
  const [portals, setPortals] = useState('');
  const [target, setTarget] = useState('');
  const [cluster, setCluster] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const problems = draftProblems({ portals, target, cluster });
  const said = (problem: string | null): string | null => (isChecked ? problem : null);
  const [storageHost, setStorageHost] = useState('');
  const busy = useFormation((state) => state.busy);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (Object.values(problems).some((problem) => problem !== null) || busy !== null) return;
        void draftFile({
          portals: typedList(portals),
          target: target.trim() === '' ? null : target.trim(),
          cluster: cluster.trim() === '' ? null : cluster.trim(),
          storageHost: storageHost.trim() === '' ? null : storageHost.trim(),
        });
      }}
    >
      <div className="s-form">
        <TextField
          label="Portals of the target"
          hint="Addresses, separated by spaces. If empty, the LUNs are placeholders."
          problem={said(problems.portals)}
          value={portals}
          onChange={setPortals}
        />
        <TextField
          label="iSCSI name of the target"
          problem={said(problems.target)}
          value={target}
          onChange={setTarget}
        />
        <TextField
          label="Storage host"
          hint="No target yet? A paired server that becomes one. Leave both fields above empty."
          problem={null}
          value={storageHost}
          onChange={setStorageHost}
        />
        <TextField label="Name of the cluster" problem={said(problems.cluster)} value={cluster} onChange={setCluster} />
      </div>
      <Button type="submit" disabledFocusable={busy !== null}>
        Draft the cluster file
      </Button>
    </form>
  );
};

/** The cluster file that another server told this one: where that server is lost, the formation goes on from here. */
const ToldFile = (): JSX.Element | null => {
  const busy = useFormation((state) => state.busy);
  const [told, setTold] = useState<Output<'formation.file'>>(null);
  useEffect(() => {
    let isShown = true;
    call('formation.file', {}).then(
      (found) => {
        if (isShown) setTold(found);
      },
      // Without it a file is opened or drafted as before.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, []);
  if (told?.from == null) return null;
  const isUndo = told.direction === 'undo';
  return (
    <>
      <p>
        <bdi>{told.from}</bdi> {isUndo ? 'was undoing' : 'coordinated'} <bdi>{told.cluster}</bdi> and sent its cluster
        file to this server: <When at={told.at} isEvent />. If that server is lost, continue from here: open the file,
        coordinate from this server, and review {isUndo ? 'the undo, below its plan' : 'what is left'}.
      </p>
      <div className="q-actions">
        <Button disabledFocusable={busy !== null} onClick={() => void edit({ path: told.path, text: told.text })}>
          Open the file from {told.from}
        </Button>
      </div>
    </>
  );
};

/** Where a formation begins: on simulated servers, from a file, from what the servers show. */
export const BeginPart = (): JSX.Element => {
  const busy = useFormation((state) => state.busy);
  return (
    <>
      <StagePart
        id="rehearse"
        title="Rehearse it"
        says="Forms a whole cluster of simulated servers, from bare machines to a drill, in seconds. Nothing real is changed."
      >
        <RehearseForm hasFile={false} />
      </StagePart>
      <StagePart
        id="file"
        title="Form real servers"
        says="A cluster file describes the cluster that you want. Quorate drafts one from what it finds on this server and its peers; guesses are marked."
      >
        <ToldFile />
        <div className="q-actions">
          <Button
            aria-keyshortcuts="O"
            disabledFocusable={busy !== null}
            onClick={() => void chooseFiles('Open a cluster file', jsonFiles, false).then(openFile)}
          >
            Open a cluster file
          </Button>
        </div>
        <details>
          <summary>Draft one from this server and its peers</summary>
          <DraftForm />
        </details>
      </StagePart>
    </>
  );
};
