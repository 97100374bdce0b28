import { defineMessages } from './define.ts';

/** Failures of the cluster and of its validation reports. */
export const clusterMessages = defineMessages({
  VALIDATION_REPORT_NOT_RECOGNISED: {
    what: '{path} is not a cluster validation report.',
    next: 'Give the .htm file that Test-Cluster names when it ends; the wizard keeps a copy in C:\\Windows\\Cluster\\Reports of every node.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_REPORT_TRUNCATED: {
    what: 'The validation report {path} ends in the middle.',
    next: 'Copy it again when the validation has ended, and compare the sizes of both files.',
    retry: 'afterChange',
    effect: 'none',
  },
  VALIDATION_REPORT_ARCHIVED: {
    what: '{path} is a web archive, the form in which Windows Server 2008 R2 kept validation reports.',
    next: 'Open it in a browser and save it as a web page (.htm), then give that file.',
    retry: 'afterChange',
    effect: 'none',
  },
});
