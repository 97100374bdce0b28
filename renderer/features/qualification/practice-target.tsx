import { Button } from '@fluentui/react-components';
import { useRef, useState, type JSX } from 'react';
import type { TargetNews } from '../../../shared/contract/target.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { setAccess } from './store.ts';

/** A small target on this machine's loopback address, in memory: to see a qualification without any storage. */
export const PracticeTarget = (): JSX.Element => {
  const [portal, setPortal] = useState<string | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const controller = useRef<AbortController>(null);
  const serve = async (): Promise<void> => {
    controller.current = new AbortController();
    setFailure(null);
    try {
      await call(
        'target.serve',
        {
          listen: [{ host: '127.0.0.1', port: 0 }],
          luns: [
            { sizeBytes: '1073741824', file: null },
            { sizeBytes: '8589934592', file: null },
          ],
        },
        {
          signal: controller.current.signal,
          onProgress: ({ data }) => {
            const news = data as TargetNews | undefined;
            if (news?.kind !== 'started') return;
            const first = news.target.portals[0];
            if (!first) return;
            const address = `${first.host}:${first.port}`;
            setPortal(address);
            setAccess({ portal: address, sourceIp: '' });
          },
        },
      );
    } catch (error) {
      const envelope = envelopeOf(error);
      if (envelope.code !== 'CANCELLED') setFailure(envelope);
    }
    setPortal(null);
  };
  return (
    <>
      <p className="q-actions">
        {portal === null ? (
          <Button onClick={() => void serve()}>Start a practice target</Button>
        ) : (
          <Button onClick={() => controller.current?.abort()}>Stop the practice target</Button>
        )}
        <span className="q-quiet">
          {portal === null
            ? 'Two logical units in the memory of this machine, not for data.'
            : `A practice target answers on ${portal}. It is not for data.`}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};
