import { Field, Select } from '@fluentui/react-components';
import type { JSX } from 'react';
import { nearSource } from './portals.ts';
import { useQualification } from './store.ts';

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
        <option value="">Chosen automatically</option>
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
