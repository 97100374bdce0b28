import { Field, Select } from '@fluentui/react-components';
import type { JSX } from 'react';
import { isInPrefix } from '../../../shared/model/address.ts';
import { useQualification, type SourceAddress } from './store.ts';

/** The address part of `host:port` or `[ipv6]:port`. */
const hostOf = (portal: string): string => {
  const text = portal.trim();
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']') < 0 ? undefined : text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
};

/** `host` and `host:3260` are one portal (RFC 7143 section 13.8: the port is 3260 unless it is given). */
export const isSamePortal = (one: string, other: string): boolean => {
  const whole = (portal: string): string => {
    const text = portal.trim().toLowerCase();
    return hostOf(text) === text || /^\[[^\]]*\]$/.test(text)
      ? `[${hostOf(text)}]:3260`
      : `[${hostOf(text)}]${/:\d+$/.exec(text)?.[0] ?? ''}`;
  };
  return whole(one) === whole(other);
};

/** The address of this server that lies in the portal's own network: what the portal is reached from without a router. */
export const nearSource = (portal: string, sources: readonly SourceAddress[]): SourceAddress | null =>
  sources.find(({ address, prefixLength }) => isInPrefix(hostOf(portal), address, prefixLength)) ?? null;

/** Which of this server's NICs a portal is reached from. */
export const SourceSelect = ({
  label,
  portal,
  value,
  onChange,
}: {
  label: string;
  portal: string;
  value: string;
  onChange: (address: string) => void;
}): JSX.Element => {
  const sources = useQualification((state) => state.sources);
  const near = nearSource(portal, sources);
  const isListed = value === '' || sources.some(({ address }) => address === value);
  return (
    <Field label={label}>
      <Select dir="ltr" value={value} onChange={(_event, data) => onChange(data.value)}>
        <option value="">The system chooses</option>
        {isListed ? null : <option value={value}>{value}</option>}
        {sources.map(({ nic, address, prefixLength }) => (
          <option key={`${nic} ${address}`} value={address}>
            {nic}: {address}/{prefixLength}
            {near?.address === address ? ', in the network of the portal' : ''}
          </option>
        ))}
      </Select>
    </Field>
  );
};
