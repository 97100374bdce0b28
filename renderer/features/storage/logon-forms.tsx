import { Button, Checkbox, Field, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { Panel } from '../../ui/panel.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { TextField } from '../../ui/text-field.tsx';
import {
  connectDesire,
  iqnProblem,
  knownTargets,
  portalCaution,
  portalProblem,
  proposePortals,
  type ConnectValues,
} from './connect.ts';
import { authenticationOf, chapProblems, noChap, pathsOf, type Chap } from './logon-change.ts';
import type { StorageChange } from './change.ts';

interface FormProps {
  readonly view: InitiatorView;
  /** Other servers of the same cluster, as far as they were read. */
  readonly others: readonly InitiatorView[];
  readonly onPlan: (change: StorageChange) => void;
  readonly onClose: () => void;
}

const ChapFields = ({
  chap,
  isChecked,
  onChange,
}: {
  chap: Chap;
  /** Was the form sent? Then what is wrong is said. */
  isChecked: boolean;
  onChange: (chap: Chap) => void;
}): JSX.Element => {
  const problems = chapProblems(isChecked ? chap : noChap);
  return (
    <>
      <Field label="CHAP">
        <Select value={chap.kind} onChange={(_event, { value }) => onChange({ ...chap, kind: value as Chap['kind'] })}>
          <option value="none">None</option>
          <option value="oneWayChap">One-way: the target authenticates this server</option>
          <option value="mutualChap">Mutual: this server also authenticates the target</option>
        </Select>
      </Field>
      {chap.kind === 'none' ? null : (
        <>
          <TextField
            label="CHAP user"
            problem={problems.userName}
            value={chap.userName}
            onChange={(userName) => onChange({ ...chap, userName })}
          />
          <TextField
            label="CHAP secret"
            problem={problems.secret}
            hint="12 to 16 bytes. Quorate does not store it."
            isSecret
            value={chap.secret}
            onChange={(secret) => onChange({ ...chap, secret })}
          />
        </>
      )}
      {chap.kind === 'mutualChap' ? (
        <TextField
          label="Mutual CHAP secret"
          problem={problems.mutualSecret}
          hint="12 to 16 bytes. Must differ from the secret above. One for the whole initiator."
          isSecret
          value={chap.mutualSecret}
          onChange={(mutualSecret) => onChange({ ...chap, mutualSecret })}
        />
      ) : null}
    </>
  );
};

/** Service, multipath, portals and the first logon in one change; what another server of the cluster uses is proposed. */
export const ConnectForm = ({ view, others, onPlan, onClose }: FormProps): JSX.Element => {
  const targets = knownTargets(view, others);
  const [values, setValues] = useState<ConnectValues>(() => ({
    portals: proposePortals(view, others),
    target: others.length > 0 ? (targets[0] ?? '') : '',
    iqn: view.state.iqn ?? '',
    hasMpio: true,
    hasFirewall: true,
  }));
  const [chap, setChap] = useState<Chap>(noChap);
  const [isChecked, setIsChecked] = useState(false);
  const set = (part: Partial<ConnectValues>): void => setValues({ ...values, ...part });
  const problems = [
    ...Object.values(values.portals).map(portalProblem),
    iqnProblem(values.iqn),
    ...Object.values(chapProblems(chap)),
  ];
  return (
    <Panel title="Connect to the storage" onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (problems.some((problem) => problem !== null)) return;
          const { secrets, ...chapParts } = authenticationOf(chap);
          onPlan({
            kind: 'initiator',
            title: 'Connect to the storage',
            desire: connectDesire(values, view.state.iqn, chapParts),
            secrets,
          });
        }}
      >
        <p>
          Starts the Microsoft iSCSI Initiator Service with Windows. Multipath I/O has to be installed before the first
          logon; it needs a restart.
        </p>
        {view.sources.length === 0 ? (
          <p className="q-said">
            <OutcomeIcon outcome="warn" />
            <span>No port with an iSCSI role has an address. Set up the network first to enter portals here.</span>
          </p>
        ) : null}
        <div className="s-form">
          {view.sources.map(({ address, name, role, network }) => (
            <TextField
              key={address}
              label={`Portal for ${role === 'iscsiB' ? 'iSCSI B' : 'iSCSI A'}`}
              hint={`IP address of the storage, reached from ${name} (${address}). Leave empty for none.`}
              problem={isChecked ? portalProblem(values.portals[address] ?? '') : null}
              caution={portalCaution(values.portals[address] ?? '', network)}
              value={values.portals[address] ?? ''}
              onChange={(portal) => set({ portals: { ...values.portals, [address]: portal } })}
            />
          ))}
          <Field label="Log on to" className="s-wide">
            <Select value={values.target} onChange={(_event, { value }) => set({ target: value })}>
              <option value="">Choose after discovery</option>
              {targets.map((target) => (
                <option key={target}>{target}</option>
              ))}
            </Select>
          </Field>
          <TextField
            label="Initiator name (IQN)"
            hint="The storage admits this server by this name. Leave it as it is unless the storage requires another one."
            problem={isChecked ? iqnProblem(values.iqn) : null}
            value={values.iqn}
            onChange={(iqn) => set({ iqn })}
          />
          <Checkbox
            checked={values.hasMpio}
            onChange={(_event, { checked }) => set({ hasMpio: checked === true })}
            label="Install Multipath I/O and claim iSCSI disks automatically"
          />
          <Checkbox
            checked={values.hasFirewall}
            onChange={(_event, { checked }) => set({ hasFirewall: checked === true })}
            label="Enable the Windows firewall rules for iSCSI"
          />
          <ChapFields chap={chap} isChecked={isChecked} onChange={setChap} />
        </div>
        <Button type="submit" appearance="primary">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

/** Logs on: each chosen pair of source and portal is one path, and each is proven afterwards. */
export const LogOnForm = ({ view, onPlan, onClose }: Omit<FormProps, 'others'>): JSX.Element => {
  const targets = view.state.targets ?? [];
  const [target, setTarget] = useState(targets[0]?.nodeAddress ?? '');
  const [chap, setChap] = useState<Chap>(noChap);
  const [isChecked, setIsChecked] = useState(false);
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
          setIsChecked(true);
          if (Object.values(chapProblems(chap)).some((problem) => problem !== null)) return;
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
          <ChapFields chap={chap} isChecked={isChecked} onChange={setChap} />
        </div>
        <Button type="submit" appearance="primary" disabledFocusable={paths.length === 0 || target === ''}>
          Review changes
        </Button>
      </form>
    </Panel>
  );
};
