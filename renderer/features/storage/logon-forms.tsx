import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { Panel } from '../../ui/panel.tsx';
import { authenticationOf, noChap, pathsOf, type Chap } from './logon-change.ts';
import type { StorageChange } from './change.ts';

interface FormProps {
  readonly view: InitiatorView;
  readonly onPlan: (change: StorageChange) => void;
  readonly onClose: () => void;
}

const MonoField = ({
  label,
  hint,
  value,
  onChange,
  isSecret = false,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  isSecret?: boolean;
}): JSX.Element => (
  <Field label={label} {...(hint ? { hint } : {})}>
    <Input
      className="q-mono"
      dir="ltr"
      autoComplete="off"
      type={isSecret ? 'password' : 'text'}
      value={value}
      onChange={(_event, data) => onChange(data.value)}
    />
  </Field>
);

const ChapFields = ({ chap, onChange }: { chap: Chap; onChange: (chap: Chap) => void }): JSX.Element => (
  <>
    <Field label="CHAP">
      <Select value={chap.kind} onChange={(_event, { value }) => onChange({ ...chap, kind: value as Chap['kind'] })}>
        <option value="none">None</option>
        <option value="oneWayChap">One-way: this server proves itself</option>
        <option value="mutualChap">Mutual: the target proves itself too</option>
      </Select>
    </Field>
    {chap.kind === 'none' ? null : (
      <>
        <MonoField label="CHAP user" value={chap.userName} onChange={(userName) => onChange({ ...chap, userName })} />
        <MonoField
          label="CHAP secret"
          hint="12 to 16 bytes. Quorate does not keep it."
          isSecret
          value={chap.secret}
          onChange={(secret) => onChange({ ...chap, secret })}
        />
      </>
    )}
    {chap.kind === 'mutualChap' ? (
      <MonoField
        label="Secret of the target"
        hint="12 to 16 bytes, another one than above; one for the whole initiator."
        isSecret
        value={chap.mutualSecret}
        onChange={(mutualSecret) => onChange({ ...chap, mutualSecret })}
      />
    ) : null}
  </>
);

/** Service, firewall, name and multipath: what has to be there before the first logon. */
export const PrepareForm = ({ view, onPlan, onClose }: FormProps): JSX.Element => {
  const [iqn, setIqn] = useState(view.state.iqn ?? '');
  const [hasMpio, setHasMpio] = useState(true);
  const [hasFirewall, setHasFirewall] = useState(true);
  return (
    <Panel title="Prepare the iSCSI initiator" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onPlan({
            kind: 'initiator',
            title: 'Prepare the iSCSI initiator',
            desire: {
              service: true,
              ...(hasFirewall ? { firewall: true } : {}),
              ...(hasMpio ? { mpio: { installed: true, claimsIscsi: true } } : {}),
              ...(iqn.trim() !== '' && iqn.trim() !== view.state.iqn ? { iqn: iqn.trim() } : {}),
            },
            secrets: {},
          });
        }}
      >
        <p>The service MSiSCSI will run and start by itself. Multipath comes before the first logon.</p>
        <div className="s-form">
          <MonoField
            label="Name of the initiator (IQN)"
            hint="The storage admits this server by it. Sessions that exist keep the old one."
            value={iqn}
            onChange={setIqn}
          />
          <Checkbox
            checked={hasMpio}
            onChange={(_event, { checked }) => setHasMpio(checked === true)}
            label="Install Multipath I/O and let it take iSCSI disks"
          />
          <Checkbox
            checked={hasFirewall}
            onChange={(_event, { checked }) => setHasFirewall(checked === true)}
            label="Switch on Windows' firewall rules for iSCSI"
          />
        </div>
        <Button type="submit" appearance="primary">
          Plan this change
        </Button>
      </form>
    </Panel>
  );
};

/** Asks a portal of the storage for its targets, from the port that is meant for it. */
export const PortalForm = ({ view, onPlan, onClose }: FormProps): JSX.Element => {
  const [address, setAddress] = useState('');
  const [port, setPort] = useState('3260');
  const [source, setSource] = useState(view.sources[0]?.address ?? '');
  const [chap, setChap] = useState<Chap>(noChap);
  return (
    <Panel title="Ask a portal for targets" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { authentication, secrets, mutual } = authenticationOf(chap);
          onPlan({
            kind: 'initiator',
            title: `Ask ${address} for targets`,
            desire: {
              ...mutual,
              portals: [
                {
                  targetPortalAddress: address.trim(),
                  targetPortalPort: Number(port),
                  initiatorPortalAddress: source === '' ? null : source,
                  authentication,
                },
              ],
              discover: true,
            },
            secrets,
          });
        }}
      >
        <div className="s-form">
          <MonoField label="Address of the portal" value={address} onChange={setAddress} />
          <MonoField label="TCP port" value={port} onChange={setPort} />
          <Field label="From the port">
            <Select value={source} onChange={(_event, { value }) => setSource(value)}>
              {view.sources.map(({ address: from, name }) => (
                <option key={from} value={from}>
                  {name}: {from}
                </option>
              ))}
              <option value="">Windows chooses</option>
            </Select>
          </Field>
          <ChapFields chap={chap} onChange={setChap} />
        </div>
        <Button type="submit" appearance="primary" disabledFocusable={address.trim() === ''}>
          Plan this change
        </Button>
      </form>
    </Panel>
  );
};

/** Logs on: each chosen pair of source and portal is one path, and each is proven afterwards. */
export const LogOnForm = ({ view, onPlan, onClose }: FormProps): JSX.Element => {
  const targets = view.state.targets ?? [];
  const [target, setTarget] = useState(targets[0]?.nodeAddress ?? '');
  const [chap, setChap] = useState<Chap>(noChap);
  const candidates = pathsOf(view);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(candidates.filter(({ isLikely }) => isLikely).map(({ key }) => key)),
  );
  const paths = candidates.filter(({ key }) => chosen.has(key));
  return (
    <Panel title="Log on to a target" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { authentication, secrets, mutual } = authenticationOf(chap);
          onPlan({
            kind: 'initiator',
            title: `Log on to ${target}`,
            desire: {
              ...mutual,
              paths: paths.map(({ source, portal, port }) => ({
                targetNodeAddress: target,
                initiatorPortalAddress: source,
                targetPortalAddress: portal,
                targetPortalPort: port,
                authentication,
              })),
            },
            secrets,
          });
        }}
      >
        <div className="s-form">
          <Field label="Target" className="s-wide">
            <Select value={target} onChange={(_event, { value }) => setTarget(value)}>
              {targets.map(({ nodeAddress }) => (
                <option key={nodeAddress}>{nodeAddress}</option>
              ))}
            </Select>
          </Field>
          <fieldset className="s-wide g-paths">
            <legend>Paths, one session for each</legend>
            {candidates.length === 0 ? (
              <p>No port with an iSCSI role has an address, or no portal is known. Set up the network first.</p>
            ) : null}
            {candidates.map(({ key, source, sourceName, portal, port }) => (
              <Checkbox
                key={key}
                checked={chosen.has(key)}
                onChange={(_event, { checked }) => {
                  const next = new Set(chosen);
                  if (checked === true) next.add(key);
                  else next.delete(key);
                  setChosen(next);
                }}
                label={`${sourceName} ${source} to ${portal}:${port}`}
              />
            ))}
          </fieldset>
          <ChapFields chap={chap} onChange={setChap} />
        </div>
        <Button type="submit" appearance="primary" disabledFocusable={paths.length === 0 || target === ''}>
          Plan this change
        </Button>
      </form>
    </Panel>
  );
};
