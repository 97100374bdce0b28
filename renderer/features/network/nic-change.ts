import type { NicView } from '../../../shared/contract/nic.ts';
import type { NetworkDesireInput } from '../../../shared/plan/nic/desire.ts';
import {
  findAddressProblem,
  findGatewayProblem,
  isAddress,
  parseAddressWithPrefix,
} from '../../../shared/model/address.ts';
import type { NicRole } from '../../../shared/model/nic.ts';
import { typedList } from '../../ui/typed-list.ts';

export type Addressing = 'keep' | 'dhcp' | 'static';

/** The form of one NIC. Texts are as they were typed; the plan judges them. */
export interface NicForm {
  readonly role: NicRole | '';
  readonly applyRole: boolean;
  readonly name: string;
  readonly addressing: Addressing;
  readonly addresses: string;
  readonly gateway: string;
  readonly dnsServers: string;
  /** Empty: as it is. */
  readonly jumboPacketBytes: string;
}

const isV6 = (text: string): boolean => text.includes(':');
const staticPart = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');

export const formOf = (nic: NicView): NicForm => {
  const manual = (nic.addresses ?? []).filter(({ origin }) => origin === 'manual');
  return {
    role: nic.role ?? '',
    applyRole: true,
    name: nic.name,
    addressing: 'keep',
    addresses: staticPart(manual.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join('\n')),
    gateway: nic.gateways?.[0]?.nextHop ?? '',
    dnsServers: [...(nic.dnsServers?.ipv4 ?? []), ...(nic.dnsServers?.ipv6 ?? [])].join(', '),
    jumboPacketBytes: '',
  };
};

/** What is wrong with typed addresses, in words; null when nothing is. */
export const addressesProblem = (text: string): string | null => {
  for (const one of typedList(text)) {
    const parsed = parseAddressWithPrefix(one);
    if (!parsed) return `${one}: type the address with its prefix length, such as 10.0.0.11/24.`;
    const problem = findAddressProblem(parsed.address, parsed.prefixLength);
    if (problem) return `${one} ${problem.text}.`;
  }
  return null;
};

const gatewayProblem = (gateway: string, addresses: readonly string[]): string | null => {
  if (gateway === '') return null;
  if (!isAddress(gateway)) return `${gateway}: not an IP address.`;
  const own = addresses
    .flatMap((one) => parseAddressWithPrefix(one) ?? [])
    .filter(({ address }) => isV6(address) === isV6(gateway));
  const problems = own.map(({ address, prefixLength }) => findGatewayProblem(gateway, address, prefixLength));
  // It has to lie in the network of one of them.
  const [first] = problems;
  return first && !problems.includes(null) ? `${gateway} ${first.text}.` : null;
};

/** What is wrong with each field, in words; what is not shown is not judged. */
export const problemsOf = (
  form: NicForm,
): Readonly<Record<'name' | 'addresses' | 'gateway' | 'dnsServers', string | null>> => {
  const isStatic = form.addressing === 'static';
  const addresses = typedList(form.addresses);
  const wrong = typedList(form.dnsServers).filter((one) => !isAddress(one));
  return {
    name: form.name.trim() === '' ? 'Type a name for the port.' : null,
    addresses: !isStatic
      ? null
      : addresses.length === 0
        ? 'Type at least one address with its prefix length, such as 10.0.0.11/24.'
        : addressesProblem(form.addresses),
    gateway: isStatic ? gatewayProblem(form.gateway.trim(), addresses) : null,
    dnsServers: isStatic && wrong.length > 0 ? `${wrong.join(', ')}: not an IP address.` : null,
  };
};

/** What the form wants; what was left as it is is left out. */
export const desireOf = (nic: NicView, form: NicForm): NetworkDesireInput['nics'][number] => {
  const addresses = typedList(form.addresses);
  const dns = typedList(form.dnsServers);
  const gateway = form.gateway.trim();
  const v4 = addresses.filter((one) => !isV6(one));
  const v6 = addresses.filter(isV6);
  return {
    nic: nic.interfaceGuid,
    ...(form.role === '' ? {} : { role: form.role, applyRole: form.applyRole }),
    ...(form.name.trim() !== nic.name ? { name: form.name.trim() } : {}),
    ...(form.addressing === 'dhcp' ? { dhcp: { ipv4: true } } : {}),
    ...(form.addressing === 'static'
      ? {
          addresses: { ...(v4.length > 0 ? { ipv4: v4 } : {}), ...(v6.length > 0 ? { ipv6: v6 } : {}) },
          gateway: isV6(gateway) ? { ipv6: gateway } : { ipv4: gateway === '' ? null : gateway },
          ...(dns.length > 0
            ? {
                dnsServers: {
                  ...(dns.some((one) => !isV6(one)) ? { ipv4: dns.filter((one) => !isV6(one)) } : {}),
                  ...(dns.some(isV6) ? { ipv6: dns.filter(isV6) } : {}),
                },
              }
            : {}),
        }
      : {}),
    ...(form.jumboPacketBytes === '' ? {} : { jumboPacketBytes: Number(form.jumboPacketBytes) }),
  };
};
