import { defineMessages } from './define.ts';

/** Failures of PowerShell itself and of the sessions in which scripts run. What Windows refused has codes of its own. */
export const powershellMessages = defineMessages({
  POWERSHELL_NOT_FOUND: {
    what: 'There is no PowerShell on this machine; looked for {searched}.',
    next: 'Repair Windows PowerShell 5.1. For tests on other systems, QUORATE_POWERSHELL names a PowerShell.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_NOT_STARTED: {
    what: 'PowerShell ({path}) cannot be started: {reason}.',
    next: 'Start it by hand on this machine and fix what it reports; security software may block it.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_NOT_READY: {
    what: 'PowerShell ({path}) started but did not answer within {seconds} seconds.',
    next: 'Try again when the machine is less busy; if it stays so, start PowerShell by hand and see what holds it up.',
    retry: 'later',
    effect: 'none',
  },
  POWERSHELL_POLICY_BLOCKED: {
    what: 'The execution policy of this machine forbids the script {path}.',
    next: 'A group policy sets it ("Turn on Script Execution"). Have local scripts allowed there, or sign Quorate\'s scripts.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_LANGUAGE_RESTRICTED: {
    what: "PowerShell runs in {mode} mode on this machine, in which Quorate's scripts cannot work.",
    next: "Application control (WDAC or AppLocker) sets it. Have Quorate's folder allowed there, then start Quorate again.",
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_MODULE_MISSING: {
    what: 'The PowerShell module {module} that {script} needs is not on this machine.',
    next: 'Install the Windows feature that brings it (its management tools), then try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_COMMAND_MISSING: {
    what: 'The command {command} that {script} needs is not on this machine.',
    next: 'Install the Windows feature that brings it (its management tools), then try again.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_SCRIPT_UNKNOWN: {
    what: 'Quorate has no script called {script}.',
    next: 'Install Quorate again: a file of it is missing.',
    retry: 'never',
    effect: 'none',
  },
  POWERSHELL_SCRIPT_ALTERED: {
    what: 'The script {path} is not the one that Quorate was built with, so it was not run.',
    next: 'Install Quorate again, and find out who changed the file.',
    retry: 'afterChange',
    effect: 'none',
  },
  POWERSHELL_SCRIPT_FAULT: {
    what: 'The script {script} has a defect: {message} ({id}).',
    next: 'Report it with the log. Read the server again before you go on: Refresh in the window, or the command that lists it.',
    retry: 'never',
    effect: 'unknown',
  },
  POWERSHELL_ANSWER_INVALID: {
    what: 'The answer of the script {script} does not have the expected form: {problem}.',
    next: 'Report it with the log. Read the server again before you go on: Refresh in the window, or the command that lists it.',
    retry: 'never',
    effect: 'unknown',
  },
  POWERSHELL_SESSION_DIED: {
    what: 'PowerShell ended while {script} ran ({reason}); it is not known how far the script got.',
    next: 'Read the server again before you go on: Refresh in the window, or the command that lists it.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  POWERSHELL_DEADLINE_PASSED: {
    what: 'The script {script} was ended because it took longer than {seconds} seconds.',
    next: 'Read the server again (Refresh in the window, or the command that lists it); Windows may be busy or a service may hang.',
    retry: 'later',
    effect: 'unknown',
  },
  POWERSHELL_CLOSED: {
    what: 'The script {script} was not run because Quorate is ending.',
    next: 'Start Quorate again.',
    retry: 'later',
    effect: 'none',
  },
  POWERSHELL_ERROR_UNKNOWN: {
    what: 'Windows reported something that Quorate does not know, in {script}: {message} ({id}, {number}).',
    next: 'It is not known what was changed: read the server again (Refresh in the window, or the command that lists it). Look the id up at Microsoft, and report it.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  WINDOWS_RPC_UNAVAILABLE: {
    what: 'A service of Windows that {script} needs does not answer (RPC, {number}).',
    next: 'Check that the services RPC, WMI and the one that was asked run on this server, and that the firewall lets them through.',
    retry: 'later',
    effect: 'none',
  },
});
