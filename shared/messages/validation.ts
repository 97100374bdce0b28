import { defineMessages } from './define.ts';

/** Failures of running a cluster validation and of accepting what it found. */
export const validationMessages = defineMessages({
  CLUSTER_FACTS_OF_ANOTHER_KIND: {
    what: 'The file {path} does not hold what the cluster check looks at: it is {found}.',
    next: 'Write it on that server: "quorate cluster facts --out FILE". A file of the collector or a readiness report holds less, and is read by "quorate readiness --facts".',
    retry: 'afterChange',
    effect: 'none',
  },
  CLUSTER_FACTS_TWICE: {
    what: '{node} is given twice: {files}.',
    next: 'Give each server once; otherwise it would be compared with itself and look cloned.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NODE_UNREACHABLE: {
    what: 'The validation did not start: {node} could not be asked over WMI and RPC.',
    next: 'Check first that Failover Clustering is installed on {node} ("quorate roles list" there), then that {node} is switched on and its firewall lets remote management through.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_TEST_UNKNOWN: {
    what: 'This Windows has no validation test or category called {names}.',
    next: 'See what there is with "quorate cluster validate --list".',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NO_REPORT: {
    what: 'Test-Cluster ended on {server} without a report.',
    next: 'Look in C:\\Windows\\Cluster\\Reports for a file "Validation Report", read it with "quorate cluster report FILE", and run the validation again.',
    retry: 'now',
    effect: 'none',
  },
  VALIDATION_NEEDS_NODES: {
    what: 'A validation needs at least two servers; named: {count}.',
    next: 'Name every future node with --node, this server included.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_DISK_IN_USE: {
    what: 'The storage tests would take {disk} away from what uses it on {node}: {use}.',
    next: 'Stop what uses it and take the disk offline, or validate without storage (--without-storage).',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_DISK_ONLINE: {
    what: 'On {node}, {disk} is online with {content}, and the storage tests would interrupt it.',
    next: 'Take it offline with "quorate disk offline", agree with --interrupt {id}, or validate without storage (--without-storage).',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NOTHING_KEPT: {
    what: 'No validation of these servers was run from this data folder.',
    next: 'Run the whole validation first: "quorate cluster validate --node NAME --node NAME".',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NOTHING_CHANGED: {
    what: 'Nothing that validation looks at was changed here since {since}, and that run left nothing to repeat: no test failed or was cancelled, and no warning waits.',
    next: 'Quorate does not know of changes that were made without it: if there may be some, run the whole validation.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NOT_FOUND: {
    what: 'No validation is kept under {id}.',
    next: 'List them with "quorate cluster validations".',
    retry: 'never',
    effect: 'none',
  },
  VALIDATION_TEST_NOT_IN_REPORT: {
    what: 'The report of {at} has no test "{test}".',
    next: 'Give the name as the report writes it; "quorate cluster validations --open" lists the warnings that wait.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_NOT_ACCEPTABLE: {
    what: '"{test}" is not a warning that can be accepted: it ended with {result}.',
    next: 'Fix what a failed test found and run it again: "quorate cluster validate --changed". What succeeded needs no acceptance.',
    retry: 'never',
    effect: 'none',
  },
  VALIDATION_KEPT_DAMAGED: {
    what: 'The list of kept validations in {path} cannot be read: {reason}.',
    next: 'Move the file away; the reports beside it stay, and "quorate cluster report FILE" reads them.',
    retry: 'never',
    effect: 'none',
  },
});
