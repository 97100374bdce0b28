import { nicOrRefuse, requireAdministrator } from '../change.ts';
import * as nics from '../changes/nics.ts';
import type { EffectsOf } from './effect.ts';

/** What each change of a NIC does to a simulated server. */
export const nicEffects: EffectsOf<'nic'> = {
  'nic.rename': (change, { nic, newName }) => nics.renameNic(change, nic, newName),
  'nic.setEnabled': (change, { nic, enabled }) => nics.setNicEnabled(change, nic, enabled),
  'nic.setDhcp': (change, { nic, family, enabled }) => nics.setDhcp(change, nic, family, enabled),
  'nic.addAddress': (change, { nic, address, prefixLength, skipAsSource = false }) =>
    nics.addAddress(change, nic, { address, prefixLength, skipAsSource }),
  'nic.removeAddress': (change, { nic, address }) => nics.removeAddress(change, nic, address),
  'nic.setGateway': (change, { nic, family, nextHop }) => nics.setGateway(change, nic, family, nextHop),
  'nic.setDnsServers': (change, { nic, family, servers }) => nics.setDnsServers(change, nic, family, servers),
  'nic.setDnsRegistration': (change, { nic, registers }) => nics.setDnsRegistration(change, nic, registers),
  'nic.setNetbios': (change, { nic, setting }) => nics.setNetbios(change, nic, setting),
  'nic.setNetworkCategory': (change, { nic, category }) => {
    requireAdministrator(change);
    nicOrRefuse(change, nic).category = category;
  },
  'nic.setJumboPacket': (change, { nic, valueBytes }) =>
    nics.setAdvanced(change, nic, '*JumboPacket', String(valueBytes)),
  'nic.setBinding': (change, { nic, componentId, enabled }) => nics.setBinding(change, nic, componentId, enabled),
  'nic.setPowerSaving': (change, { nic, allowed }) => nics.setPowerSaving(change, nic, allowed),
};
