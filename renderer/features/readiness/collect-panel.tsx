import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { call, envelopeOf, isDesktop } from '../../api/core.ts';
import { chooseFolder } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';

/** Writes the collector into a folder, for servers that Quorate does not run on. */
const CollectPanel = ({ onClose }: { onClose: () => void }): JSX.Element => {
  const [dir, setDir] = useState('');
  const [isWriting, setIsWriting] = useState(false);
  const [written, setWritten] = useState<Output<'collect.write'> | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const browse = async (): Promise<void> => {
    try {
      const chosen = await chooseFolder('Choose the folder or the USB drive for the collector');
      if (chosen !== null) setDir(chosen);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  const write = async (): Promise<void> => {
    setIsWriting(true);
    setFailure(null);
    setWritten(null);
    try {
      setWritten(await call('collect.write', { dir: dir.trim() }));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsWriting(false);
  };
  return (
    <Panel title="Collector for a server without Quorate" onClose={onClose}>
      <p>
        Copy it to a USB drive and run it on a server where Quorate cannot run. It reads the facts, changes nothing and
        writes one file. Open that file here with "Open another server".
      </p>
      <form
        className="r-collect"
        onSubmit={(event) => {
          event.preventDefault();
          if (dir.trim() !== '' && !isWriting) void write();
        }}
      >
        <Field label="Folder on this machine" className="r-collect-dir">
          <Input value={dir} onChange={(_event, { value }) => setDir(value)} className="q-mono" dir="ltr" />
        </Field>
        {isDesktop() ? <Button onClick={() => void browse()}>Browse</Button> : null}
        <Button type="submit" appearance="primary" disabledFocusable={dir.trim() === '' || isWriting}>
          Write the collector
        </Button>
      </form>
      <div role="status">
        {written ? (
          <>
            <p className="q-said">
              <OutcomeIcon outcome="pass" />
              <span>
                Written into <bdi className="q-mono">{written.dir}</bdi>:{' '}
                {written.files.map(({ name, sizeBytes }) => `${name} (${formatSize(sizeBytes)})`).join(', ')}
              </span>
            </p>
            <ol>
              {written.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </>
        ) : null}
      </div>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </Panel>
  );
};

export default CollectPanel;
