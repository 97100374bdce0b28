import { defineMessages } from './define.ts';

/** Failures of planning, of running a plan and of the journal. */
export const planMessages = defineMessages({
  HOST_NOT_HERE: {
    what: 'This machine runs {platform}, and only a Windows Server can be set up as "local".',
    next: 'Run Quorate on the server, or try a simulated one with --server rehearsal:NAME.',
    retry: 'afterChange',
    effect: 'none',
  },
  HOST_ACCOUNT_NEEDED: {
    what: 'The server {server} belongs to the domain {domain}, and {what} needs an account of that domain.',
    next: 'Give an account that is allowed to do this, and its password.',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_CHANGED: {
    what: 'The server {server} is not as it was when the plan was shown.',
    next: 'Read the new plan, then apply it.',
    retry: 'now',
    effect: 'none',
  },
  STEP_NOT_PLANNED: {
    what: '"{step}" is not in the current plan of {server}, and a server runs only steps that it planned itself.',
    next: 'Plan again and read the new plan: the step may be done already, or the server has changed.',
    retry: 'now',
    effect: 'none',
  },
  PLAN_STOPPED_UNKNOWN: {
    what: 'Cannot plan the change of {server}: {what} could not be determined ({because}).',
    next: '{next}',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_QUESTION_OPEN: {
    what: 'Nothing was changed because a question is not answered: {question}',
    next: 'Answer it and start again.',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_EXISTS_DIFFERENT: {
    what: '{thing} is there already, and is not what you ask for: {found}.',
    next: '{instead}',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_NOT_VERIFIED: {
    what: 'Windows accepted "{title}", but what was read back does not show it: {found}.',
    next: 'Look at the server, then run the change again: steps that are done are not repeated.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  PLAN_SECRET_MISSING: {
    what: 'The secret {name} was not given.',
    next: 'Give it again: Quorate keeps no secrets.',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_GIVEN_TWICE: {
    what: '{thing} is named twice in one change.',
    next: 'Name it once.',
    retry: 'afterChange',
    effect: 'none',
  },
  PLAN_BUSY: {
    what: 'Another change of {server} has been running since {since}: {title}.',
    next: 'Wait until it has ended. History in the window, or "quorate journal list", shows its steps; Activities, or "quorate activity cancel", ends it early.',
    retry: 'later',
    effect: 'none',
  },
  JOURNAL_ENTRY_NOT_FOUND: {
    what: 'The journal has no entry {id}.',
    next: 'Take an id from "quorate journal list".',
    retry: 'afterChange',
    effect: 'none',
  },
  JOURNAL_SERVER_UNKNOWN: {
    what: 'The change was made on {server}, which this version of Quorate cannot reach.',
    next: 'Open it with the version of Quorate that made it.',
    retry: 'never',
    effect: 'none',
  },
  JOURNAL_ENTRY_NOT_OPEN: {
    what: 'The journal entry {id} is {state}, so there is nothing to {what}.',
    next: 'List the open entries of the journal.',
    retry: 'never',
    effect: 'none',
  },
  JOURNAL_CAN_NOT_UNDO: {
    what: 'The change {id} cannot be undone: {reason}.',
    next: 'Finish it instead, or change the server by hand and set the entry aside.',
    retry: 'never',
    effect: 'none',
  },
  JOURNAL_NOT_WRITABLE: {
    what: 'The journal {path} cannot be written: {reason}.',
    next: 'Free disk space or restore the permissions of the folder. Nothing is changed without the journal.',
    retry: 'afterChange',
    effect: 'none',
  },
  JOURNAL_DAMAGED: {
    what: 'The journal {path} is damaged in line {line}.',
    next: 'Look at the server itself; the lines before it are still shown.',
    retry: 'never',
    effect: 'none',
  },
  JOURNAL_NEWER: {
    what: 'A newer version of Quorate wrote line {line} of the journal {path}.',
    next: 'Go on with this change in that version. This one shows what it understands and leaves the file as it is.',
    retry: 'never',
    effect: 'none',
  },
  SETTINGS_DAMAGED: {
    what: 'The file {path}, in which Quorate keeps the roles of network adapters and the wanted paths, cannot be understood: {reason}.',
    next: 'Move the file away and give the roles again.',
    retry: 'afterChange',
    effect: 'none',
  },
});
