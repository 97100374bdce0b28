import { Button, Checkbox, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { NetworkView } from '../../../shared/contract/nic.ts';
import { nicRoles, type NicRole } from '../../../shared/model/nic.ts';
import type { NetworkDesireInput } from '../../../shared/plan/nic/desire.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { linkOf, roleNames } from './words.ts';

/** All roles in one change: what each port is for, and what follows from it. */
export const RolesPanel = ({
  view,
  onPlan,
  onClose,
}: {
  view: NetworkView;
  onPlan: (desire: NetworkDesireInput) => void;
  onClose: () => void;
}): JSX.Element => {
  const nics = view.nics.filter(({ canBeSet }) => canBeSet);
  const [roles, setRoles] = useState<Readonly<Record<string, NicRole | ''>>>(() =>
    Object.fromEntries(nics.map((nic) => [nic.interfaceGuid, nic.role ?? ''])),
  );
  const [applyRole, setApplyRole] = useState(true);
  const given = nics.flatMap(({ interfaceGuid }) => {
    const role = roles[interfaceGuid];
    return role ? [{ nic: interfaceGuid, role, applyRole }] : [];
  });
  return (
    <Panel title="Give every port its role" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (given.length > 0) onPlan({ nics: given });
        }}
      >
        <table className="t-table" aria-label="The role of each port">
          <thead>
            <tr>
              <th scope="col">Port</th>
              <th scope="col">Link</th>
              <th scope="col">Role</th>
            </tr>
          </thead>
          <tbody>
            {nics.map((nic) => (
              <tr key={nic.interfaceGuid}>
                <th scope="row">
                  <bdi>{nic.name}</bdi>
                </th>
                <td>
                  <OutcomeMark {...linkOf(nic)} />
                </td>
                <td>
                  <Select
                    aria-label={`Role of ${nic.name}`}
                    size="small"
                    value={roles[nic.interfaceGuid] ?? ''}
                    onChange={(_event, { value }) => setRoles({ ...roles, [nic.interfaceGuid]: value as NicRole | '' })}
                  >
                    <option value="">No role yet</option>
                    {nicRoles.map((role) => (
                      <option key={role} value={role}>
                        {roleNames[role]}
                      </option>
                    ))}
                  </Select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <Checkbox
          checked={applyRole}
          onChange={(_event, { checked }) => setApplyRole(checked === true)}
          label="Also set what follows from the role: gateway, DNS, NetBIOS, bindings, power saving"
        />
        <p className="q-actions">
          <Button type="submit" appearance="primary" disabledFocusable={given.length === 0}>
            Plan this change
          </Button>
        </p>
      </form>
    </Panel>
  );
};
