import { defineMessages } from './define.ts';

/** Failures of one server itself: name, membership, restart, time; and those that every port shares. */
export const hostMessages = defineMessages({
  HOST_UNREACHABLE: {
    what: 'The server {server} does not answer: {reason}.',
    next: 'Check that it is switched on and reachable, then try again.',
    retry: 'later',
    effect: 'unknown',
  },
  HOST_RESTARTING: {
    what: 'The server {server} is restarting.',
    next: 'Wait until it is up again; the work continues then.',
    retry: 'later',
    effect: 'none',
  },
  ACCESS_DENIED: {
    what: 'Windows denied {what}.',
    next: 'Start Quorate as an administrator of this server ("Run as administrator").',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_NOT_ELEVATED: {
    what: 'Quorate is not elevated on {server}: it can read there, but not change anything.',
    next: 'Open an elevated console ("Run as administrator") and run the command there.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_NAME_INVALID: {
    what: 'The computer name {name} {problem}.',
    next: 'Choose a name of 1 to 15 letters, digits and hyphens.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_NAME_REFUSED: {
    what: 'Windows refused the computer name {name}: {reason}.',
    next: 'Choose another name, or remove the old computer account of that name from the domain.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_DOMAIN_INVALID: {
    what: 'The domain or workgroup name {name} {problem}.',
    next: 'Give the full DNS name of the domain, or a workgroup name of up to 15 characters.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_DOMAIN_NOT_FOUND: {
    what: 'No domain controller of {domain} can be found from this server.',
    next: 'Set DNS servers of that domain on the production network adapter and check the name, then try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_CREDENTIAL_REFUSED: {
    what: 'The account {account} was refused for {what}.',
    next: 'Check the name and the password, and that the account may do this.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_ALREADY_MEMBER: {
    what: 'The server {server} already belongs to {domain}.',
    next: 'No action is needed.',
    retry: 'never',
    effect: 'none',
  },
  HOST_NOT_IN_DOMAIN: {
    what: 'The server {server} is in a workgroup and cannot take its time from a domain.',
    next: 'Name time servers instead, or join the domain first.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_RESTART_REFUSED: {
    what: 'Windows refused to restart {server}: {reason}.',
    next: 'Close the programs that prevent it, or restart it by hand; Quorate continues after the next logon.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_RESUME_NOT_KEPT: {
    what: 'The scheduled task that continues after the restart is not as Quorate registered it: {reason}.',
    next: 'Look at the task in the folder \\Quorate of Task Scheduler, and find out what changes tasks on this server; or continue after the restart by hand with "quorate journal resume".',
    retry: 'afterChange',
    effect: 'partial',
  },
  HOST_RESTART_NOT_RETURNED: {
    what: 'The server {server} did not come back within {seconds} seconds of its restart.',
    next: 'Look at its console. Once the server is up, start again: steps that are done are not repeated.',
    retry: 'later',
    effect: 'unknown',
  },
  WINDOWS_REFUSED: {
    what: 'Windows refused {what}: {id} ({code}).',
    next: 'It is not known what was changed: read the server again (Refresh in the window, or the command that lists it), then look at the details and the log.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  WINDOWS_VALUE_NOT_ACCEPTED: {
    what: 'Windows accepted {property} = {wanted} for {thing}, but reads back {observed}.',
    next: 'Set it with the software of the device’s manufacturer, or leave it as it is if that is acceptable.',
    retry: 'afterChange',
    effect: 'complete',
  },
});
