import type { ChangeName, ChangeOf } from '../../shared/changes/index.ts';

const nic = '{AAAAAAAA-0000-4000-8000-000000000001}';

/** One change of every kind, for what has to be true of each; a kind without one does not compile. */
export const sampleChanges: { readonly [Name in ChangeName]: ChangeOf<Name> } = {
  'nic.addAddress': { do: 'nic.addAddress', nic, address: '10.0.0.1', prefixLength: 24 },
  'nic.removeAddress': { do: 'nic.removeAddress', nic, address: '10.0.0.1' },
};
