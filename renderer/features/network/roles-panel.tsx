import { Button, Checkbox, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { NetworkView, NicView } from '../../../shared/contract/nic.ts';
import { nicRoles, type NicRole } from '../../../shared/model/nic.ts';
import type { NetworkDesireInput } from '../../../shared/plan/nic/desire.ts';
import { Mono } from '../../ui/facts.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { addressesProblem } from './nic-change.ts';
import { proposeAddress, proposeRoles, type PortPlan } from './proposal.ts';
import { linkOf, realAddressesOf, roleNames, speedOf } from './words.ts';
import { typedList } from '../../ui/typed-list.ts';

/** The lease that becomes static keeps its gateway and DNS servers; the planner sees to that for the production port. */
const addressesOf = (nic: NicView, typed: string): NetworkDesireInput['nics'][number]['addresses'] => {
  const wanted = typedList(typed);
  const manual = realAddressesOf(nic).filter(({ origin }) => origin === 'manual');
  const isThere = (one: string): boolean =>
    manual.some(({ address, prefixLength }) => `${address}/${prefixLength}` === one);
  if (wanted.length === 0 || (wanted.length === manual.length && wanted.every(isThere))) return undefined;
  const v4 = wanted.filter((one) => !one.includes(':'));
  const v6 = wanted.filter((one) => one.includes(':'));
  return { ...(v4.length > 0 ? { ipv4: v4 } : {}), ...(v6.length > 0 ? { ipv6: v6 } : {}) };
};

/** What the form asks for; a port that stays as it is is left out. */
export const desireOfPorts = (
  nics: readonly NicView[],
  plans: Readonly<Record<string, PortPlan>>,
  applyRole: boolean,
): NetworkDesireInput => ({
  nics: nics.flatMap((nic) => {
    const plan = plans[nic.interfaceGuid];
    if (!plan || plan.role === '') return [];
    const addresses = plan.role === 'unused' ? undefined : addressesOf(nic, plan.addresses);
    return [
      {
        nic: nic.interfaceGuid,
        role: plan.role,
        applyRole: applyRole && plan.role !== 'unused',
        ...(addresses ? { addresses } : {}),
      },
    ];
  }),
});

/** Every port with its role and addresses in one change; what is not given yet is proposed. */
export const RolesPanel = ({
  view,
  others,
  onPlan,
  onClose,
}: {
  view: NetworkView;
  /** Other servers of the same cluster, as far as they were read. */
  others: readonly NetworkView[];
  onPlan: (desire: NetworkDesireInput) => void;
  onClose: () => void;
}): JSX.Element => {
  const nics = view.nics.filter(({ canBeSet }) => canBeSet);
  const [plans, setPlans] = useState<Readonly<Record<string, PortPlan>>>(() => {
    const roles = proposeRoles(nics);
    return Object.fromEntries(
      nics.map((nic) => {
        const role = roles.get(nic.interfaceGuid) ?? '';
        return [nic.interfaceGuid, { role, addresses: proposeAddress(nic, role, nics, others) }];
      }),
    );
  });
  const [applyRole, setApplyRole] = useState(true);
  const [isChecked, setIsChecked] = useState(false);
  const set = (guid: string, part: Partial<PortPlan>): void =>
    setPlans({ ...plans, [guid]: { ...plans[guid]!, ...part } });
  const problemOf = ({ interfaceGuid }: NicView): string | null => {
    const { role = '', addresses = '' } = plans[interfaceGuid] ?? {};
    return role === '' || role === 'unused' ? null : addressesProblem(addresses);
  };
  const desire = desireOfPorts(nics, plans, applyRole);
  return (
    <Panel title="Roles and addresses" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIsChecked(true);
          if (nics.every((nic) => problemOf(nic) === null) && desire.nics.length > 0) onPlan(desire);
        }}
      >
        <p>
          The roles and addresses below are a proposal where none is set yet. Check the MAC address against the port
          label.
        </p>
        <table className="t-table n-roles" aria-label="Role and addresses of each network adapter">
          <thead>
            <tr>
              <th scope="col">Adapter</th>
              <th scope="col">Link</th>
              <th scope="col">Role</th>
              <th scope="col">Addresses</th>
            </tr>
          </thead>
          <tbody>
            {nics.map((nic) => {
              const plan = plans[nic.interfaceGuid] ?? { role: '', addresses: '' };
              const problem = problemOf(nic);
              const problemId = `addresses-${nic.interfaceGuid}`;
              const isShown = problem !== null && (isChecked || plan.addresses.includes('/'));
              return (
                <tr key={nic.interfaceGuid}>
                  <th scope="row">
                    <bdi>{nic.name}</bdi>
                    <div className="q-quiet n-model">
                      <bdi>{nic.description}</bdi>
                    </div>
                    <div className="q-quiet">
                      <Mono>{nic.permanentAddress ?? 'MAC unknown'}</Mono>
                    </div>
                  </th>
                  <td>
                    <OutcomeMark {...linkOf(nic)} />
                    <div className="q-figures q-quiet">{speedOf(nic) ?? 'speed unknown'}</div>
                  </td>
                  <td>
                    <Select
                      aria-label={`Role of ${nic.name}`}
                      size="small"
                      value={plan.role}
                      onChange={(_event, { value }) => {
                        const role = value as NicRole | '';
                        set(nic.interfaceGuid, {
                          role,
                          ...(plan.addresses === '' ? { addresses: proposeAddress(nic, role, nics, others) } : {}),
                        });
                      }}
                    >
                      <option value="">No role</option>
                      {nicRoles.map((role) => (
                        <option key={role} value={role}>
                          {roleNames[role]}
                        </option>
                      ))}
                    </Select>
                  </td>
                  <td>
                    <Input
                      aria-label={`Addresses of ${nic.name}`}
                      className="q-mono n-address"
                      size="small"
                      dir="ltr"
                      autoComplete="off"
                      placeholder="10.0.0.11/24"
                      disabled={plan.role === '' || plan.role === 'unused'}
                      value={plan.addresses}
                      {...(isShown ? { 'aria-invalid': true, 'aria-describedby': problemId } : {})}
                      onChange={(_event, { value }) => set(nic.interfaceGuid, { addresses: value })}
                    />
                    {isShown ? (
                      <div id={problemId} className="q-field-problem" role="alert">
                        <bdi>{problem}</bdi>
                      </div>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <Checkbox
          checked={applyRole}
          onChange={(_event, { checked }) => setApplyRole(checked === true)}
          label="Also apply the settings of each role: gateway, DNS, NetBIOS, bindings, power saving"
        />
        <p className="q-actions">
          <Button type="submit" appearance="primary" disabledFocusable={desire.nics.length === 0}>
            Review changes
          </Button>
        </p>
      </form>
    </Panel>
  );
};
