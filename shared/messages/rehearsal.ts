import { defineMessages } from './define.ts';

/** Failures of rehearsals: simulated servers. */
export const rehearsalMessages = defineMessages({
  REHEARSAL_NOT_FOUND: {
    what: 'There is no rehearsal {name}.',
    next: 'List them with "quorate rehearsal list", or create it with "quorate rehearsal create {name}".',
    retry: 'afterChange',
    effect: 'none',
  },
  REHEARSAL_SERVER_NOT_FOUND: {
    what: 'The rehearsal {name} has no server {server}; it has {servers}.',
    next: 'Name one of them: --server rehearsal:{name}/SERVER.',
    retry: 'afterChange',
    effect: 'none',
  },
  REHEARSAL_EXISTS: {
    what: 'There is a rehearsal {name} already.',
    next: 'Choose another name, delete it (quorate rehearsal remove {name}), or continue a formation that was rehearsed in it (quorate rehearse --name {name} --resume).',
    retry: 'afterChange',
    effect: 'none',
  },
  REHEARSAL_REFUSED: {
    what: 'The rehearsal {name} cannot do that: {reason}.',
    next: 'Look at the rehearsal with "quorate rehearsal show {name}" and correct the name.',
    retry: 'afterChange',
    effect: 'none',
  },
  REHEARSAL_STILL_RUNS: {
    what: 'The process {pid} of the rehearsal {name} did not end.',
    next: 'End that process yourself, then try again.',
    retry: 'later',
    effect: 'none',
  },
});
