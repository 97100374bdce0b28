import { defineMessages } from './define.ts';

/** Failures of network adapters and their settings. */
export const networkMessages = defineMessages({
  NIC_NOT_FOUND: {
    what: 'There is no network adapter {nic} on this server.',
    next: 'List the adapters again; the device may have been removed or disabled in the firmware.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_NAME_INVALID: {
    what: 'The adapter name {name} {problem}.',
    next: 'Choose another name.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_NAME_IN_USE: {
    what: 'Another network adapter is already called {name}.',
    next: 'Choose another name. The other adapter may be hidden: remove it in the Device Manager if the device is gone.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ADDRESS_INVALID: {
    what: 'The address {address} for {nic} {problem}.',
    next: 'Give an address that a single machine may have in this network.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ADDRESS_EXISTS: {
    what: 'The address {address} already exists on this server.',
    next: 'Give another address, or remove it from the adapter that has it.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ADDRESS_DUPLICATE: {
    what: 'Another machine in the network of {nic} answers for {address}.',
    next: 'Give an address that nobody uses, or switch the other machine off.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ADDRESS_REFUSED: {
    what: 'Windows does not take the address {address} for {nic}.',
    next: 'Check the address and its prefix length.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ADDRESS_NOT_FOUND: {
    what: 'The adapter {nic} does not have the address {address}.',
    next: 'Read the adapter again.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_GATEWAY_INVALID: {
    what: 'The gateway {gateway} for {nic} {problem}.',
    next: 'Give the address of the router in the network of this adapter.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_ROLE_CONFLICT: {
    what: 'The adapter {nic} can not be {role}: {problem}.',
    next: 'Give every adapter one role and every role its own adapter.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_TEAM_MEMBER: {
    what: 'The adapter {nic} is a member of {team}, which takes its traffic.',
    next: 'Set the team or the virtual switch instead, or take the adapter out of it first.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_SUBNETS_OVERLAP: {
    what: 'The adapters {nic} and {other} are both in the network {network}.',
    next: 'Give each adapter a network of its own.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_JUMBO_UNSUPPORTED: {
    what: 'The driver of {nic} does not take jumbo packets of {bytes} bytes.',
    next: 'Choose one of the sizes that the driver lists, or update the driver.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_BINDING_NOT_FOUND: {
    what: 'The component {component} is not installed for {nic}.',
    next: 'Nothing has to be unbound; to bind it, install the component first.',
    retry: 'afterChange',
    effect: 'none',
  },
  NIC_POWER_UNSUPPORTED: {
    what: 'The driver of {nic} has no power saving that could be set.',
    next: 'Nothing has to be done.',
    retry: 'never',
    effect: 'none',
  },
  NIC_CHANGE_NOT_CONFIRMED: {
    what: 'The change of {nic} was not confirmed in time and was taken back.',
    next: 'Make the change at the console of the server, or confirm it within {seconds} seconds.',
    retry: 'afterChange',
    effect: 'none',
  },
});
