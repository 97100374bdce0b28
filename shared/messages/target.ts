import { defineMessages } from './define.ts';

/** Failures of the embedded iSCSI target, which is for rehearsals and labs. */
export const targetMessages = defineMessages({
  TARGET_ADDRESS_NOT_LOOPBACK: {
    what: 'The practice target does not listen at {address}: it is not for data and serves this machine only.',
    next: 'Listen at 127.0.0.1 or ::1, or add --lab in a laboratory whose network holds nothing of value.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_CANNOT_LISTEN: {
    what: 'The practice target cannot listen at {address}: {reason}.',
    next: 'Choose another port with --listen; port 0 selects a free one.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_LUN_UNUSABLE: {
    what: 'The LUN {lun} cannot be created: {reason}.',
    next: 'Give a size such as 10G, a file that exists, or a new file with its size as FILE,10G.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_FAULT_UNKNOWN: {
    what: 'The fault {fault} cannot be switched: {problem}.',
    next: 'Run "quorate target serve --list-faults" for the faults and their steps.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_NAME_INVALID: {
    what: '{name} is not an iSCSI name: {reason}.',
    next: 'Use a name such as iqn.2026-01.example.lab:target.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_CHAP_UNUSABLE: {
    what: 'The practice target cannot use this CHAP setting: {reason}.',
    next: 'Give a user and a secret of at least 12 bytes; mutual CHAP needs a second, different secret.',
    retry: 'afterChange',
    effect: 'none',
  },
  TARGET_NOT_SERVED: {
    what: 'The running Quorate serves no practice target {id}.',
    next: 'Run "quorate target list"; start one with "quorate target serve".',
    retry: 'afterChange',
    effect: 'none',
  },
});
