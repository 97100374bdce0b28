import { Button } from '@fluentui/react-components';
import { useRef, useState, type JSX } from 'react';
import type { NicView } from '../../../shared/contract/nic.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { LinkState } from '../../../shared/model/nic.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { linkOf } from './words.ts';

const linksOf = (data: unknown): readonly LinkState[] => {
  const links = (data as { links?: unknown } | undefined)?.links;
  return Array.isArray(links) ? (links as LinkState[]) : [];
};

/** "Pull a cable now and see which one drops", or the lamp of one port made to blink. */
export const IdentifyPanel = ({
  host,
  blink,
  onClose,
}: {
  host: string;
  /** The port to blink; null: watch all of them. */
  blink: NicView | null;
  onClose: () => void;
}): JSX.Element => {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  const [found, setFound] = useState<string | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const controller = useRef<AbortController>(null);
  const links = linksOf(progress?.data);
  const start = async (): Promise<void> => {
    controller.current = new AbortController();
    setIsRunning(true);
    setFailure(null);
    setFound(null);
    setProgress(null);
    try {
      const done = await call(
        'nic.identify',
        blink ? { how: 'blink', server: host, nic: blink.interfaceGuid } : { how: 'watch', server: host },
        { onProgress: setProgress, signal: controller.current.signal },
      );
      const name = done.links.find(({ interfaceGuid }) => interfaceGuid === done.found)?.name ?? null;
      setFound(blink ? `${blink.name} blinked.` : name ? `It is ${name}.` : 'No link changed.');
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsRunning(false);
  };
  return (
    <Panel title={blink ? `Blink the port LED of ${blink.name}` : 'Find a port by its cable'} onClose={onClose}>
      <p>
        {blink
          ? 'Disables and enables the port a few times, so that its LED goes out and comes back.'
          : 'Start, then pull the cable out of the port that you want to find. The one that loses its link is named here.'}
      </p>
      {isRunning ? (
        <ProgressLine
          progress={progress}
          waiting={blink ? 'Switching it off and on' : 'Watching every link'}
          onCancel={() => controller.current?.abort()}
          cancelLabel="Cancel: find a port"
        />
      ) : (
        <Button appearance="primary" onClick={() => void start()}>
          {found ? 'Repeat' : 'Start'}
        </Button>
      )}
      {links.length > 0 ? (
        <ul className="v-signs">
          {links.map((link) => (
            <li key={link.interfaceGuid}>
              <OutcomeMark {...linkOf(link)} /> <bdi>{link.name}</bdi>
            </li>
          ))}
        </ul>
      ) : null}
      <div role="status">
        {found ? (
          <p className="q-said q-strong">
            <OutcomeIcon outcome="pass" /> <bdi>{found}</bdi>
          </p>
        ) : null}
      </div>
      {failure && failure.code !== 'CANCELLED' ? <FailureNote envelope={failure} showEffect /> : null}
    </Panel>
  );
};
