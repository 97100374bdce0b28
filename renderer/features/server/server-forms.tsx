import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { HostView } from '../../../shared/contract/host.ts';
import type { HostDesireInput } from '../../../shared/plan/host/desire.ts';
import {
  findComputerNameProblem,
  findDomainNameProblem,
  findWorkgroupNameProblem,
} from '../../../shared/model/host.ts';
import { Panel } from '../../ui/panel.tsx';
import type { ServerChange } from './change.ts';

const TextField = ({
  label,
  hint,
  problem = null,
  value,
  onChange,
  isSecret = false,
}: {
  label: string;
  hint?: string;
  /** What is wrong with what was typed, in words. */
  problem?: string | null;
  value: string;
  onChange: (value: string) => void;
  isSecret?: boolean;
}): JSX.Element => (
  <Field
    label={label}
    {...(hint ? { hint } : {})}
    {...(problem === null ? {} : { validationState: 'error', validationMessage: problem })}
  >
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

type Belongs = 'keep' | 'domain' | 'workgroup';
type Time = 'keep' | 'domain' | 'servers';

interface SetUpValues {
  readonly name: string;
  readonly belongs: Belongs;
  readonly group: string;
  readonly ou: string;
  readonly user: string;
  readonly time: Time;
  readonly servers: string;
}

/** What the form asks for; what was left as it is is left out. */
export const desireOf = (values: SetUpValues, currentName: string): HostDesireInput => {
  const name = values.name.trim();
  return {
    ...(name !== '' && name !== currentName ? { computerName: name } : {}),
    ...(values.belongs === 'domain'
      ? { membership: { kind: 'domain', name: values.group.trim(), ou: values.ou.trim() || null } }
      : values.belongs === 'workgroup'
        ? { membership: { kind: 'workgroup', name: values.group.trim() } }
        : {}),
    ...(values.user.trim() === '' ? {} : { account: { userName: values.user.trim(), passwordName: 'account' } }),
    ...(values.time === 'domain'
      ? { time: { kind: 'domain' } }
      : values.time === 'servers'
        ? { time: { kind: 'servers', servers: values.servers.split(/[\s,;]+/).filter(Boolean) } }
        : {}),
  };
};

/** What is wrong with each field, in words; only fields that are filled in or needed are judged. */
export const problemsOf = (
  values: SetUpValues,
): { readonly name: string | null; readonly group: string | null; readonly servers: string | null } => {
  const sentence = (problem: string | null, what: string): string | null =>
    problem === null ? null : `${what} ${problem}.`;
  const group = values.group.trim();
  return {
    name:
      values.name.trim() === ''
        ? 'Type a name for the server.'
        : sentence(findComputerNameProblem(values.name.trim()), 'This name'),
    group:
      values.belongs === 'keep'
        ? null
        : group === ''
          ? `Type the name of the ${values.belongs}.`
          : sentence(
              values.belongs === 'domain' ? findDomainNameProblem(group) : findWorkgroupNameProblem(group),
              'This name',
            ),
    servers: values.time === 'servers' && values.servers.trim() === '' ? 'Type at least one time server.' : null,
  };
};

/** Name, membership and time in one change. */
export const SetUpForm = ({
  view,
  onPlan,
  onClose,
}: {
  view: HostView;
  onPlan: (change: ServerChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const { facts } = view;
  const [values, setValues] = useState<SetUpValues>({
    name: facts.nextComputerName ?? facts.computerName,
    belongs: 'keep',
    group: '',
    ou: '',
    user: '',
    time: 'keep',
    servers: '',
  });
  const [password, setPassword] = useState('');
  const set = (part: Partial<SetUpValues>): void => setValues({ ...values, ...part });
  const [isChecked, setIsChecked] = useState(false);
  const problems = problemsOf(values);
  const isDomain = facts.membership.kind === 'domain';
  return (
    <Panel title="Set up the server" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (Object.values(problems).some((problem) => problem !== null)) return;
          onPlan({
            title: `Set up ${facts.computerName}`,
            desire: desireOf(values, facts.computerName),
            secrets: values.user.trim() === '' ? {} : { account: password },
          });
        }}
      >
        <div className="s-form">
          <TextField
            label="Computer name"
            hint="At most 15 letters, digits and hyphens."
            problem={isChecked ? problems.name : null}
            value={values.name}
            onChange={(name) => set({ name })}
          />
          <Field label="Domain or workgroup">
            <Select value={values.belongs} onChange={(_event, { value }) => set({ belongs: value as Belongs })}>
              <option value="keep">Keep current: {facts.membership.name}</option>
              <option value="domain">A domain</option>
              <option value="workgroup">A workgroup</option>
            </Select>
          </Field>
          {values.belongs === 'keep' ? null : (
            <TextField
              label={values.belongs === 'domain' ? 'Full DNS name of the domain' : 'Workgroup'}
              problem={isChecked ? problems.group : null}
              value={values.group}
              onChange={(group) => set({ group })}
            />
          )}
          {values.belongs === 'domain' ? (
            <TextField
              label="Organizational unit"
              hint="Distinguished name. Leave empty for the default of the domain."
              value={values.ou}
              onChange={(ou) => set({ ou })}
            />
          ) : null}
          {values.belongs !== 'keep' || isDomain ? (
            <>
              <TextField
                label="Account with permission to do this"
                hint="DOMAIN\user or user@domain."
                value={values.user}
                onChange={(user) => set({ user })}
              />
              <TextField label="Password" isSecret value={password} onChange={setPassword} />
            </>
          ) : null}
          <Field label="Time">
            <Select value={values.time} onChange={(_event, { value }) => set({ time: value as Time })}>
              <option value="keep">Keep current</option>
              <option value="domain">From the domain</option>
              <option value="servers">From time servers</option>
            </Select>
          </Field>
          {values.time === 'servers' ? (
            <TextField
              label="Time servers"
              hint="Names or addresses, separated by spaces."
              problem={isChecked ? problems.servers : null}
              value={values.servers}
              onChange={(servers) => set({ servers })}
            />
          ) : null}
        </div>
        <Button appearance="primary" type="submit">
          Review changes
        </Button>
      </form>
    </Panel>
  );
};

type Resume = 'none' | 'logon' | 'startup';

/** A restart, and what goes on after it. */
export const RestartForm = ({
  onPlan,
  onClose,
}: {
  onPlan: (change: ServerChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const [resume, setResume] = useState<Resume>('none');
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const resumeDesire =
    resume === 'logon'
      ? ({ trigger: 'logon', account } as const)
      : resume === 'startup'
        ? ({ trigger: 'startup', account, passwordName: 'account' } as const)
        : null;
  return (
    <Panel title="Restart the server" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onPlan({
            title: 'Restart the server',
            desire: { restart: { resume: resumeDesire } },
            secrets: resume === 'startup' ? { account: password } : {},
          });
        }}
      >
        <div className="s-form">
          <Field label="After the restart">
            <Select value={resume} onChange={(_event, { value }) => setResume(value as Resume)}>
              <option value="none">Don't continue automatically</option>
              <option value="logon">Continue when this account logs on</option>
              <option value="startup">Continue at startup (Windows stores the password)</option>
            </Select>
          </Field>
          {resume === 'none' ? null : (
            <TextField label="Account" hint="DOMAIN\user or SERVER\user." value={account} onChange={setAccount} />
          )}
          {resume === 'startup' ? (
            <TextField
              label="Password"
              hint="Windows stores it for one scheduled task, which is removed afterwards."
              isSecret
              value={password}
              onChange={setPassword}
            />
          ) : null}
        </div>
        <Button appearance="primary" type="submit">
          Review restart
        </Button>
      </form>
    </Panel>
  );
};
