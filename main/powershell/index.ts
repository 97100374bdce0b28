/** The one door to PowerShell. See docs/scripts.md for the scripts' side. */
export { createRunner, type Runner, type RunnerOptions, type RunOptions, type RunOutcome } from './runner/runner.ts';
export { findPowerShell, type PowerShellProgram } from './runner/locate.ts';
export type { ErrorContext, ErrorRow } from './runner/error-table.ts';
export type { Notice, ScriptError } from './runner/messages.ts';
