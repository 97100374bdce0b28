import { asClause } from '../../../shared/model/sentence.ts';
import { Button, Checkbox, Field, Input } from '@fluentui/react-components';
import { useEffect, useState, type FormEvent, type JSX } from 'react';
import type { PeerSelf } from '../../../shared/contract/peers.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { MeasuredEnd } from '../../../shared/model/network-measure.ts';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { defaultPeerPort, type Endpoint } from '../../../shared/model/peer.ts';
import { roleNames } from '../../../shared/model/nic.ts';
import { endpointText } from '../../../shared/rules/peers/peer-words.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { lookAgain } from './store.ts';

const isSame = (one: Endpoint, other: Endpoint): boolean => one.address === other.address && one.port === other.port;

/** Chooses the addresses that this server listens on: those of its NICs, and others that are typed. */
const ListenForm = ({ self, onClose }: { self: PeerSelf; onClose: () => void }): JSX.Element => {
  const [ends, setEnds] = useState<readonly MeasuredEnd[]>([]);
  const [chosen, setChosen] = useState<readonly Endpoint[]>(self.listening);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    let isShown = true;
    // Without the list an address can be typed all the same.
    call('measure.ends', {}).then(
      (found) => {
        if (isShown) setEnds(found.ends);
      },
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, []);
  const offered = [
    ...ends.map(({ address, nic, role }) => ({
      endpoint: chosen.find((one) => one.address === address) ?? { address, port: defaultPeerPort },
      label: `${address} (${nic}${role === null ? '' : `, ${roleNames[role]}`})`,
    })),
    ...chosen
      .filter(({ address }) => !ends.some((end) => end.address === address))
      .map((endpoint) => ({ endpoint, label: endpointText(endpoint) })),
  ];
  const listen = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const other = typed.trim() === '' ? null : parseEndpoint(typed);
    if (typed.trim() !== '' && other === null) {
      setProblem('Not an address. Examples: 10.0.0.11, 10.0.0.11:23343, [fe80::1%eth0]:23343.');
      return;
    }
    setProblem(null);
    setFailure(null);
    setIsBusy(true);
    const endpoints = [...chosen, ...(other && !chosen.some((one) => isSame(one, other)) ? [other] : [])];
    try {
      await call('peers.listen', { endpoints: endpoints.map(({ address, port }) => ({ address, port })) });
      await lookAgain();
      onClose();
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsBusy(false);
  };
  return (
    <Panel title="Listen for peers" level="h3" onClose={onClose}>
      <form onSubmit={(event) => void listen(event)} noValidate>
        <fieldset className="e-addresses">
          <legend>Addresses of this server</legend>
          {offered.length === 0 ? <p>No address was found; type one below.</p> : null}
          {offered.map(({ endpoint, label }) => (
            <Checkbox
              key={label}
              label={label}
              checked={chosen.some((one) => isSame(one, endpoint))}
              onChange={(_event, { checked }) =>
                setChosen(checked === true ? [...chosen, endpoint] : chosen.filter((one) => !isSame(one, endpoint)))
              }
            />
          ))}
        </fieldset>
        <div className="s-form">
          <Field
            label="Another address"
            hint={`Port ${defaultPeerPort} if none is given.`}
            {...(problem ? { validationState: 'error', validationMessage: problem } : {})}
          >
            <Input value={typed} onChange={(_event, { value }) => setTyped(value)} spellCheck={false} />
          </Field>
        </div>
        <p className="q-quiet">
          Only these addresses are opened, also after a restart. On Windows a firewall rule is made for exactly those
          and removed when Quorate ends.
        </p>
        {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
        <Button type="submit" appearance="primary" disabledFocusable={isBusy}>
          {chosen.length === 0 && typed.trim() === '' ? 'Stop listening' : 'Listen'}
        </Button>
      </form>
    </Panel>
  );
};

/** This server as its peers see it, and where it listens. */
export const ListenPart = ({ self }: { self: PeerSelf }): JSX.Element => {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <StagePart id="self" title="This server">
      <Facts
        rows={[
          ['Name', <bdi key="name">{self.name}</bdi>],
          ['Identity in words', <bdi key="words">{self.words}</bdi>],
          ['Fingerprint', <Mono key="print">{self.fingerprint}</Mono>],
          ['Version', self.version],
          [
            'Listens on',
            self.listening.length === 0 ? (
              'No address: it can join other servers, and cannot invite them'
            ) : (
              <ul key="doors" className="e-doors">
                {self.listening.map((door) => (
                  <li key={endpointText(door)}>
                    <Mono>{endpointText(door)}</Mono>{' '}
                    {door.isOpen ? null : (
                      <OutcomeMark outcome="warn" word={`Not listening: ${asClause(door.reason ?? 'closed')}`} />
                    )}
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
      <p className="q-actions">
        <Button onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen}>
          Choose addresses
        </Button>
      </p>
      {isOpen ? <ListenForm self={self} onClose={() => setIsOpen(false)} /> : null}
    </StagePart>
  );
};
