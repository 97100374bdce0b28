import { defineMessages } from './define.ts';

/** Failures of the cluster file and of forming a cluster. */
export const formationMessages = defineMessages({
  CLUSTER_FILE_INVALID: {
    what: 'The cluster file {path} cannot be used: {problems}.',
    next: 'Correct it at the places named and start again. "quorate form init" shows what a file looks like.',
    retry: 'afterChange',
    effect: 'none',
  },
  CLUSTER_FILE_NEWER: {
    what: 'The cluster file {path} has version {version}; this Quorate knows version {known}.',
    next: 'Update Quorate on this server, or write the file in version {known}.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_ADAPTER_NOT_FOUND: {
    what: 'The server {server} has no adapter with the MAC address {mac}, which the cluster file gives the role {role}.',
    next: 'Compare the address with "quorate nic list" on {server}, and correct the file.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_LUN_TOO_SMALL: {
    what: 'The LUN {serial} has {sizeMB} MB; a witness disk needs at least 512 MB.',
    next: 'Enlarge the LUN on the target, or choose another one for the witness.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_LETTER_TAKEN: {
    what: 'The letter {letter}: is taken on {server}, and the disk {serial} will need it there when it moves.',
    next: 'Free the letter on {server}, or choose another one in the cluster file.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_LUN_DIFFERS: {
    what: 'The LUN {serial} is not the same on {first} and {server}: {property} reads {one} there and {other} here.',
    next: 'Look at the target: both servers have to be given the very same LUN.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_NOT_IN_FILE: {
    what: 'The server {server} is not in the cluster file: none of its adapters has a MAC address that stands there.',
    next: 'Compare the addresses with "quorate nic list" on {server}, and correct the file.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_STEP_NOT_PLANNED: {
    what: '{server} was told to take the step {step}, which it does not plan by itself.',
    next: 'Plan again. A server takes no order that does not follow from the cluster file and from what it sees of itself.',
    retry: 'now',
    effect: 'none',
  },
  FORM_CONSENT_NEEDED: {
    what: 'Nobody at {server} has agreed to what {coordinator} wants to do there.',
    next: 'At {server}: read it with "quorate form consent", and agree with "quorate form consent --yes".',
    retry: 'later',
    effect: 'none',
  },
  FORM_CONSENT_REFUSED: {
    what: 'The person at {server} refused what {coordinator} wants to do there.',
    next: 'Speak with them. They can change their mind with "quorate form consent --yes".',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_NO_CONSENT_ASKED: {
    what: 'It is not clear which formation is meant; waiting are: {asked}.',
    next: 'Name one of them: "quorate form consent FORMATION --yes".',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_STOPPED: {
    what: 'The formation stops at {server}: {what}',
    next: '{next}',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_QUESTION_OPEN: {
    what: 'Nothing more was changed because a question is not answered: {question}',
    next: 'Answer it and start again; what is done already is not done twice.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_NO_PROGRESS: {
    what: 'The formation does not come further: {count} steps are expected, and none of them can be planned ({step}).',
    next: 'Look at the servers with "quorate form plan" and start again.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_SERVER_NOT_PAIRED: {
    what: 'The server {server} of the cluster file is not paired with this one.',
    next: 'Start Quorate on {server}, invite it with "quorate peers invite", and join there.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_SERVER_SILENT: {
    what: 'The server {server} of the cluster file was not found among the peers. Not all of them answered: {silent}.',
    next: 'Look at the peers that do not answer, or pair {server} with this server; then start again.',
    retry: 'later',
    effect: 'none',
  },
  FORM_NOT_READY: {
    what: 'The server {server} cannot be a cluster node: {check} reads {observed}.',
    next: '{remedy}',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_NOT_QUALIFIED: {
    what: 'The LUN {serial} did not prove that servers can share it: {sentence}',
    next: 'Read the report with "quorate iscsi qualify"; nothing was written to the disk.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_LUN_NOT_PRESENTED: {
    what: 'The target {target} presents no LUN with the serial number {serial} to this server.',
    next: 'Map the LUN on the target, or correct its serial number in the cluster file.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_NOT_RUNNING: {
    what: 'No formation runs in this core.',
    next: 'Start one with "quorate form apply", or look at the last one with "quorate form status".',
    retry: 'never',
    effect: 'none',
  },
  FORM_NO_RECORD: {
    what: 'There is no record: no formation was run from this data folder.',
    next: 'Run "quorate form apply" first, or export the plan as a runbook.',
    retry: 'never',
    effect: 'none',
  },
  FORM_STEP_NOT_SKIPPABLE: {
    what: 'The step {step} cannot be left out: {reason}.',
    next: 'Look at what stops it. Renaming, power saving and drills can be left out with a reason.',
    retry: 'never',
    effect: 'none',
  },
  FORM_OTHER_CLUSTER: {
    what: 'The server {server} is a node of the cluster {found}; the cluster file wants {wanted}.',
    next: 'Evict it there first, or correct the name in the cluster file. Quorate takes no node away from a cluster.',
    retry: 'afterChange',
    effect: 'none',
  },
  FORM_DRILL_FAILED: {
    what: 'The drill "{drill}" did not end as it should: {found}.',
    next: 'Look at the cluster in Failover Cluster Manager, mend what it shows and start again.',
    retry: 'afterChange',
    effect: 'partial',
  },
});
