import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import { rehearsalOf, useServer } from '../ui/server-store.ts';
import { usePart } from '../ui/use-part.ts';
import { useCore } from './core-store.ts';

/** Which machine this is; a rehearsal says so in a colour and a word on every screen. */
export const TopLine = ({ onHelp }: { onHelp: () => void }): JSX.Element => {
  const { host, shown } = usePart(useServer, 'host', 'shown');
  const own = useCore(({ info }) => info?.rehearsal ?? null);
  const rehearsal = rehearsalOf(host) ?? own;
  const server = shown[host];
  return (
    <header className={rehearsal === null ? 'f-top' : 'f-top f-top-rehearsal'}>
      {rehearsal === null ? null : (
        <strong className="f-rehearsal">
          REHEARSAL <bdi className="f-rehearsal-name">{rehearsal.split('/')[0]}</bdi>{' '}
          <span className="f-rehearsal-why">simulated server</span>
        </strong>
      )}
      <span className="f-machine">
        <strong className="f-machine-name">
          <bdi>{server?.name ?? rehearsal ?? 'This machine'}</bdi>
        </strong>
        {server?.model ? (
          <span className="f-machine-more">
            <bdi>{server.model}</bdi>
          </span>
        ) : null}
        {server?.operatingSystem ? (
          <span className="f-machine-more">
            <bdi>{server.operatingSystem}</bdi>
          </span>
        ) : null}
      </span>
      <Button size="small" appearance="subtle" onClick={onHelp} aria-keyshortcuts="?" className="f-help">
        Shortcuts <span className="q-key-hint">?</span>
      </Button>
    </header>
  );
};
