import { defineMessages } from './define.ts';

/** Failures of the core itself: calls, files, the local pipe, the loopback page. */
export const coreMessages = defineMessages({
  INTERNAL_BUG: {
    what: 'Internal error in Quorate: {message}.',
    next: 'Save the log (the path is on the Help page) and report it; nothing more was attempted.',
    retry: 'never',
    effect: 'unknown',
  },
  CALL_UNKNOWN_METHOD: {
    what: 'There is no operation called {method}.',
    next: 'Use the same version of Quorate on both sides of the connection.',
    retry: 'never',
    effect: 'none',
  },
  CALL_NOT_ALLOWED: {
    what: '{caller} may not call {method}.',
    next: 'Use the window or the command line on the server itself.',
    retry: 'never',
    effect: 'none',
  },
  CALL_INPUT_INVALID: {
    what: 'A value is not valid: {problem}.',
    next: 'Correct the named value and try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  CALL_OUTPUT_INVALID: {
    what: 'The answer of {method} does not have the expected form: {problem}.',
    next: 'Report it as a defect of Quorate, with the log.',
    retry: 'never',
    effect: 'unknown',
  },
  CLI_USAGE: {
    what: '{message}.',
    next: 'Correct the command line; --help shows how the command is used.',
    retry: 'afterChange',
    effect: 'none',
  },
  SECRET_FILE_UNUSABLE: {
    what: 'The secret cannot be taken from {path}: {reason}.',
    next: 'Give a file that holds the secret in its first line, or - for standard input.',
    retry: 'afterChange',
    effect: 'none',
  },
  CANCELLED: {
    what: '{what} was cancelled.',
    next: 'Start it again when you are ready.',
    retry: 'now',
    effect: 'none',
  },
  FILE_NOT_FOUND: {
    what: 'There is no file {path}.',
    next: 'Check the path.',
    retry: 'afterChange',
    effect: 'none',
  },
  FILE_NOT_READABLE: {
    what: 'The file {path} cannot be read: {reason}.',
    next: 'Check the path and the permissions of the file.',
    retry: 'afterChange',
    effect: 'none',
  },
  FILE_NOT_WRITABLE: {
    what: 'The file {path} cannot be written: {reason}.',
    next: 'Choose a folder that exists and that you may write to; the file was left as it was.',
    retry: 'afterChange',
    effect: 'none',
  },
  CORE_ALREADY_RUNS: {
    what: 'Another Quorate (process {pid}) is already using the data folder {dataFolder}.',
    next: 'Use that one, end it, or choose another folder with --data.',
    retry: 'afterChange',
    effect: 'none',
  },
  CORE_CONNECTION_LOST: {
    what: 'The connection to the running Quorate was lost.',
    next: 'See what was finished and what was not: History in the window, or "quorate journal list".',
    retry: 'later',
    effect: 'unknown',
  },
  CORE_PIPE_REFUSED: {
    what: 'The running Quorate refused this connection: {reason}.',
    next: 'Run the command as the user who started Quorate.',
    retry: 'never',
    effect: 'none',
  },
  CORE_CLAIM_REFUSED: {
    what: 'The system does not let Quorate claim its data folder: {reason}.',
    next: 'Look for security software that forbids named pipes or local sockets, then start Quorate again.',
    retry: 'afterChange',
    effect: 'none',
  },
  DATA_FOLDER_UNSAFE: {
    what: 'The data folder {path} is not safe: {reason}.',
    next: 'Choose a folder of your own with --data, or remove the others’ right to write to this one.',
    retry: 'afterChange',
    effect: 'none',
  },
  DATA_FOLDER_UNPROTECTED: {
    what: 'The data folder {path} is not used, because it is not protected: {reason}.',
    next: 'Choose another folder with --data, or find out who made this one and what is in it; --unprotected-data uses it as it is.',
    retry: 'afterChange',
    effect: 'none',
  },
  RESUME_FOLDER_UNPROVEN: {
    what: 'Nothing continues automatically: Quorate has no proof that only administrators can write to {path}.',
    next: 'Look at "quorate journal list --open" in an elevated console, then finish or undo each change by hand.',
    retry: 'afterChange',
    effect: 'none',
  },
  RESUME_PATH_UNUSABLE: {
    what: 'Quorate cannot continue automatically after the restart: cmd.exe would change the path {path}.',
    next: 'Choose a data folder and a program folder without percent signs and quotation marks, or restart without continuing automatically.',
    retry: 'afterChange',
    effect: 'none',
  },
  DATA_FOLDER_UNUSABLE: {
    what: 'The data folder {path} cannot be used: {reason}.',
    next: 'Choose another folder with --data or the variable QUORATE_DATA.',
    retry: 'afterChange',
    effect: 'none',
  },
});
