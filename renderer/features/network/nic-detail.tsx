import { Button, Checkbox, Field, Select, Textarea } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { NicView } from '../../../shared/contract/nic.ts';
import { nicRoles, type NicRole } from '../../../shared/model/nic.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { UnreadList } from '../../ui/stage-head.tsx';
import { fieldProblem, TextField } from '../../ui/text-field.tsx';
import { formOf, problemsOf, type Addressing, type NicForm } from './nic-change.ts';
import { addressesOf, linkOf, membershipOf, mtuOf, netbiosOf, roleNames, roleUses, speedOf } from './words.ts';

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'Yes' : 'No');

const NicFacts = ({ nic }: { nic: NicView }): JSX.Element => {
  const why = (property: string): string | null => whyUnread(nic, property);
  const addresses = addressesOf(nic);
  const { bindings } = nic;
  return (
    <Facts
      rows={[
        ['Device', <bdi key="device">{nic.description}</bdi>],
        ['Link', <OutcomeMark key="link" {...linkOf(nic)} />],
        ['Speed', speedOf(nic), why('receiveLinkSpeedBps')],
        [
          'MAC address',
          nic.permanentAddress === null ? null : <Mono>{nic.permanentAddress}</Mono>,
          why('permanentAddress'),
        ],
        ['Interface GUID', <Mono key="guid">{nic.interfaceGuid}</Mono>],
        [
          'Addresses',
          addresses === null ? null : addresses.length === 0 ? 'None' : <Mono>{addresses.join(', ')}</Mono>,
          why('addresses'),
        ],
        [
          'DHCP',
          nic.dhcp === null ? null : `IPv4 ${nic.dhcp.ipv4 ? 'on' : 'off'}, IPv6 ${nic.dhcp.ipv6 ? 'on' : 'off'}`,
          why('dhcp'),
        ],
        [
          'Gateway',
          nic.gateways === null ? null : nic.gateways.length === 0 ? (
            'None'
          ) : (
            <Mono>{nic.gateways.map(({ nextHop }) => nextHop).join(', ')}</Mono>
          ),
          why('gateways'),
        ],
        [
          'DNS servers',
          nic.dnsServers === null ? null : nic.dnsServers.ipv4.length + nic.dnsServers.ipv6.length === 0 ? (
            'None'
          ) : (
            <Mono>{[...nic.dnsServers.ipv4, ...nic.dnsServers.ipv6].join(', ')}</Mono>
          ),
          why('dnsServers'),
        ],
        ['Registers in DNS', yesNo(nic.registersInDns), why('registersInDns')],
        ['NetBIOS', netbiosOf(nic), why('netbios')],
        ['MTU', mtuOf(nic), why('mtuBytes')],
        [
          'Jumbo packet',
          nic.jumboPacket === null
            ? why('jumboPacket') === null
              ? 'The driver has none'
              : null
            : `${nic.jumboPacket.valueBytes} bytes`,
          why('jumboPacket'),
        ],
        [
          'File and Printer Sharing',
          bindings === null ? null : (yesNo(bindings['ms_server'] ?? null) ?? 'Not installed'),
          why('bindings'),
        ],
        [
          'Power saving',
          nic.powerSaving === null
            ? null
            : {
                allowed: 'Windows may switch it off',
                notAllowed: 'Windows leaves it on',
                unsupported: 'The device has none',
              }[nic.powerSaving],
          why('powerSaving'),
        ],
        ['Team or switch', membershipOf(nic), why('membership')],
        [
          'Driver',
          nic.driver.version === null ? null : (
            <bdi>{`${nic.driver.provider ?? ''} ${nic.driver.version}${nic.driver.date ? `, ${nic.driver.date}` : ''}`}</bdi>
          ),
          why('driver'),
        ],
      ]}
    />
  );
};

const NicFields = ({
  nic,
  form,
  problems,
  set,
}: {
  nic: NicView;
  form: NicForm;
  /** What is wrong, once the form was sent. */
  problems: Partial<ReturnType<typeof problemsOf>>;
  set: (part: Partial<NicForm>) => void;
}): JSX.Element => (
  <div className="s-form">
    <Field label="Role" {...(form.role === '' ? {} : { hint: roleUses[form.role] })}>
      <Select value={form.role} onChange={(_event, { value }) => set({ role: value as NicRole | '' })}>
        <option value="">No role yet</option>
        {nicRoles.map((role) => (
          <option key={role} value={role}>
            {roleNames[role]}
          </option>
        ))}
      </Select>
    </Field>
    <TextField label="Name" problem={problems.name ?? null} value={form.name} onChange={(name) => set({ name })} />
    <Field label="Addresses">
      <Select value={form.addressing} onChange={(_event, { value }) => set({ addressing: value as Addressing })}>
        <option value="keep">As they are</option>
        <option value="static">Static</option>
        <option value="dhcp">By DHCP</option>
      </Select>
    </Field>
    {form.addressing === 'static' ? (
      <>
        <Field
          label="Static addresses"
          hint="With the prefix length, such as 10.0.0.11/24; one on each line."
          {...fieldProblem(problems.addresses ?? null)}
        >
          <Textarea
            className="q-mono"
            value={form.addresses}
            onChange={(_event, { value }) => set({ addresses: value })}
          />
        </Field>
        <TextField
          label="Gateway"
          hint="Production network only; leave empty for none."
          problem={problems.gateway ?? null}
          value={form.gateway}
          onChange={(gateway) => set({ gateway })}
        />
        <TextField
          label="DNS servers"
          hint="In their order, with a comma between them."
          problem={problems.dnsServers ?? null}
          value={form.dnsServers}
          onChange={(dnsServers) => set({ dnsServers })}
        />
      </>
    ) : null}
    {nic.jumboPacket === null ? null : (
      <Field label="Jumbo packet" hint="With the Ethernet header; the same on every adapter and switch of the network.">
        <Select value={form.jumboPacketBytes} onChange={(_event, { value }) => set({ jumboPacketBytes: value })}>
          <option value="">As it is: {nic.jumboPacket.valueBytes} bytes</option>
          {nic.jumboPacket.values.map((bytes) => (
            <option key={bytes} value={String(bytes)}>
              {bytes} bytes
            </option>
          ))}
        </Select>
      </Field>
    )}
    {form.role === '' ? null : (
      <Checkbox
        className="s-wide"
        checked={form.applyRole}
        onChange={(_event, { checked }) => set({ applyRole: checked === true })}
        label="Also apply the settings of the role: gateway, DNS, NetBIOS, bindings, power saving"
      />
    )}
  </div>
);

/** One port: what was read of it, and the form that changes it. */
export const NicDetail = ({
  nic,
  onPlan,
  onBlink,
}: {
  nic: NicView;
  onPlan: (nic: NicView, form: NicForm) => void;
  onBlink: (nic: NicView) => void;
}): JSX.Element => {
  const [form, setForm] = useState<NicForm>(() => formOf(nic));
  const [isChecked, setIsChecked] = useState(false);
  const problems = problemsOf(form);
  return (
    <div>
      <NicFacts nic={nic} />
      <UnreadList unread={nic.unread} />
      {nic.carries.length > 0 ? (
        <div className="q-note q-note-warn">
          <div className="q-note-text">
            <p className="q-strong">An administrator is connected through this adapter:</p>
            <ul>
              {nic.carries.map((session, index) => (
                <li key={index}>
                  {session.service.toUpperCase()} from <Mono>{session.remoteAddress}</Mono>
                </li>
              ))}
            </ul>
          </div>
        </div>
      ) : null}
      <h3>Change</h3>
      {nic.canBeSet ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setIsChecked(true);
            if (Object.values(problems).every((problem) => problem === null)) onPlan(nic, form);
          }}
        >
          <NicFields
            nic={nic}
            form={form}
            problems={isChecked ? problems : {}}
            set={(part) => setForm({ ...form, ...part })}
          />
          <div className="q-actions">
            <Button type="submit" appearance="primary">
              Review changes
            </Button>
            <Button onClick={() => onBlink(nic)} disabledFocusable={nic.carries.length > 0}>
              Blink the port LED
            </Button>
            {nic.carries.length > 0 ? (
              <span className="q-quiet">
                An adapter that carries a connection is not disabled to make its port blink.
              </span>
            ) : null}
          </div>
        </form>
      ) : (
        <p>{membershipOf(nic)}: set up the team or the switch instead of this port.</p>
      )}
    </div>
  );
};
