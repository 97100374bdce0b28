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
});
