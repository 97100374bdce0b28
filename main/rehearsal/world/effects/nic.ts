import * as nics from '../changes/nics.ts';
import type { EffectsOf } from './effect.ts';

/** What each change of a NIC does to a simulated server. */
export const nicEffects: EffectsOf<'nic'> = {
  'nic.addAddress': (change, { nic, address, prefixLength, skipAsSource = false }) =>
    nics.addAddress(change, nic, { address, prefixLength, skipAsSource }),
  'nic.removeAddress': (change, { nic, address }) => nics.removeAddress(change, nic, address),
};
