import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { windowsVersions, type WindowsVersion } from '../../../shared/model/host.ts';
import { chooseFiles } from '../../api/files.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { draftFile, openFile, rehearse, useFormation } from './store.ts';

const jsonFiles = { name: 'Cluster file', extensions: ['json', 'jsonc'] };

/** The whole way on simulated servers: what a person does first to learn it. */
export const RehearseForm = ({ hasFile }: { hasFile: boolean }): JSX.Element => {
  const [name, setName] = useState('first');
  const [nodes, setNodes] = useState('2');
  const [os, setOs] = useState<WindowsVersion>('2022');
  const [resume, setResume] = useState(false);
  const [isUndo, setIsUndo] = useState(false);
  const count = Number(nodes);
  const problem =
    hasFile || (Number.isInteger(count) && count >= 2 && count <= 64) ? null : 'A whole number from 2 to 64.';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null && name !== '')
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
          <Field
            label="Simulated servers"
            {...(problem === null ? {} : { validationState: 'error', validationMessage: problem })}
          >
            <Input inputMode="numeric" value={nodes} onChange={(_event, { value }) => setNodes(value.trim())} />
          </Field>
        )}
        <Field label="Their Windows Server">
          <Select value={os} onChange={(_event, { value }) => setOs(value as WindowsVersion)}>
            {windowsVersions.map((version) => (
              <option key={version} value={version}>
                {version}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Name of the rehearsal" hint="1 to 40 lower-case letters, digits and hyphens.">
          <Input className="q-mono" dir="ltr" value={name} onChange={(_event, { value }) => setName(value)} />
        </Field>
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
        <Button
          type="submit"
          appearance={hasFile ? 'secondary' : 'primary'}
          disabledFocusable={problem !== null || name === ''}
        >
          Start the rehearsal
        </Button>
      </div>
    </form>
  );
};

const DraftForm = (): JSX.Element => {
  const [portals, setPortals] = useState('');
  const [target, setTarget] = useState('');
  const [cluster, setCluster] = useState('');
  const busy = useFormation((state) => state.busy);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void draftFile({
          portals: portals.split(/[\s,]+/).filter((one) => one !== ''),
          target: target.trim() === '' ? null : target.trim(),
          cluster: cluster.trim() === '' ? null : cluster.trim(),
        });
      }}
    >
      <div className="s-form">
        <Field
          label="Portals of the target"
          hint="Addresses, separated by spaces. Left out, the LUNs are placeholders."
        >
          <Input className="q-mono" dir="ltr" value={portals} onChange={(_event, { value }) => setPortals(value)} />
        </Field>
        <Field label="iSCSI name of the target">
          <Input className="q-mono" dir="ltr" value={target} onChange={(_event, { value }) => setTarget(value)} />
        </Field>
        <Field label="Name of the cluster">
          <Input dir="ltr" maxLength={15} value={cluster} onChange={(_event, { value }) => setCluster(value)} />
        </Field>
      </div>
      <Button type="submit" disabledFocusable={busy !== null}>
        Draft the cluster file
      </Button>
    </form>
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
        says="A cluster file says what the servers are to become. Quorate drafts one from what this server and its peers show; everything guessed is marked."
      >
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
