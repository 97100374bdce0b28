import { Button, Field, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { HostView } from '../../../shared/contract/host.ts';
import type { HostDesireInput } from '../../../shared/plan/host/desire.ts';
import {
  findComputerNameProblem,
  findDomainNameProblem,
  findWorkgroupNameProblem,
} from '../../../shared/model/host.ts';
import { isAddress } from '../../../shared/model/address.ts';
import { Panel } from '../../ui/panel.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { ServerChange } from './change.ts';

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

/** `DOMAIN\\user`, `SERVER\\user` or `user@domain`. */
const accountProblem = (account: string): string | null =>
  /^[^\\@\s]+\\[^\\@]+$|^[^\\@]+@[^\\@\s]+$/.test(account.trim())
    ? null
    : 'Type the account with its domain, such as CONTOSO\\admin or admin@contoso.example.';

/** A name of a host or an address, as the time service takes it (a flag after a comma is not asked for here). */
const isTimeServer = (text: string): boolean =>
  isAddress(text) || /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/i.test(text);

type Problems<Name extends string> = Readonly<Record<Name, string | null>>;

/** What is wrong with each field, in words; only fields that are filled in or needed are judged. */
export const problemsOf = (
  values: SetUpValues,
  password = '',
): Problems<'name' | 'group' | 'ou' | 'user' | 'password' | 'servers'> => {
  const sentence = (problem: string | null, what: string): string | null =>
    problem === null ? null : `${what} ${problem}.`;
  const group = values.group.trim();
  const user = values.user.trim();
  const servers = values.servers.split(/[\s,;]+/).filter(Boolean);
  const wrong = servers.filter((one) => !isTimeServer(one));
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
    ou:
      values.belongs !== 'domain' ||
      values.ou.trim() === '' ||
      /^(OU|CN)=(\\,|[^,])+(,(OU|CN|DC)=(\\,|[^,])+)+$/i.test(values.ou.trim())
        ? null
        : 'Type the distinguished name, such as OU=Servers,DC=contoso,DC=example.',
    user:
      user !== ''
        ? accountProblem(user)
        : values.belongs === 'domain'
          ? 'Type the account that may add a computer to this domain.'
          : null,
    password: user !== '' && password === '' ? 'Type the password of this account.' : null,
    servers:
      values.time !== 'servers'
        ? null
        : servers.length === 0
          ? 'Type at least one time server.'
          : wrong.length > 0
            ? `${wrong.join(', ')}: not a name or an address.`
            : null,
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
  const problems = problemsOf(values, password);
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
            <Select
              value={values.belongs}
              onChange={(_event, { value }) =>
                // What is not shown any more is not sent either.
                set({ belongs: value as Belongs, ...(value === 'keep' && !isDomain ? { user: '' } : {}) })
              }
            >
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
              problem={isChecked ? problems.ou : null}
              value={values.ou}
              onChange={(ou) => set({ ou })}
            />
          ) : null}
          {values.belongs !== 'keep' || isDomain ? (
            <>
              <TextField
                label="Account with permission to do this"
                hint="DOMAIN\user or user@domain."
                problem={isChecked ? problems.user : null}
                value={values.user}
                onChange={(user) => set({ user })}
              />
              <TextField
                label="Password"
                isSecret
                problem={isChecked ? problems.password : null}
                value={password}
                onChange={setPassword}
              />
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

export const restartProblems = (
  resume: Resume,
  account: string,
  password: string,
): Problems<'account' | 'password'> => ({
  account: resume === 'none' ? null : accountProblem(account),
  password: resume === 'startup' && password === '' ? 'Type the password of this account.' : null,
});

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
  const [isChecked, setIsChecked] = useState(false);
  const problems = restartProblems(resume, account, password);
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
          setIsChecked(true);
          if (problems.account !== null || problems.password !== null) return;
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
            <TextField
              label="Account"
              hint="DOMAIN\user or SERVER\user."
              problem={isChecked ? problems.account : null}
              value={account}
              onChange={setAccount}
            />
          )}
          {resume === 'startup' ? (
            <TextField
              label="Password"
              hint="Windows stores it for one scheduled task, which is removed afterwards."
              isSecret
              problem={isChecked ? problems.password : null}
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
