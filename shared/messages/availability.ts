import { defineMessages } from './define.ts';

/** Failures of the availability analysis: states that cannot be used, and losses that name nothing. */
export const availabilityMessages = defineMessages({
  AVAILABILITY_STATE_INVALID: {
    what: 'The state in {path} cannot be used: {problem}.',
    next: 'Correct the named fields; docs/schemas/availability-state.schema.json describes the file.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_STATE_OF_ANOTHER_KIND: {
    what: 'The file {path} is not an availability state: {found}.',
    next: 'Give a state file, or an availability report that Quorate exported as JSON; for collected facts use --facts.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_LOSS_UNKNOWN: {
    what: 'Nothing in the state is called {loss}.',
    next: '{next}',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_LOSS_TWICE: {
    what: '{loss} is to be lost twice.',
    next: 'Name each element once.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_ANSWER_REFUSED: {
    what: '{element} has no cable of its own.',
    next: 'Name the switch of a network adapter (nic:NODE/NIC) or of a portal (portal:TARGET/ADDRESS).',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_TOO_MANY_ELEMENTS: {
    what: 'The state has {elements} elements and so {pairs} pairs; at most {limit} are analyzed at once.',
    next: 'Use --all single, or name the losses with --lose.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_FACTS_WITHOUT_MEMORY: {
    what: 'The facts of {server} do not hold its memory: {because}.',
    next: 'Collect its facts again on the server itself, or give a state file with --state.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_FACTS_WITHOUT_NAME: {
    what: 'The facts in {path} do not hold the name of their server.',
    next: 'Collect the facts again on the server itself.',
    retry: 'afterChange',
    effect: 'none',
  },
  AVAILABILITY_FACTS_TWICE: {
    what: 'Two files hold facts of {server}: {files}.',
    next: 'Give one file for each server.',
    retry: 'afterChange',
    effect: 'none',
  },
});
