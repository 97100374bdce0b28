/** The one door to PowerShell. See docs/scripts.md for the scripts' side. */
export { createRunner, type Runner, type RunOptions, type RunOutcome } from './runner/runner.ts';
export type { ErrorContext, ErrorRow } from './runner/error-table.ts';
export type { ScriptError } from './runner/wire.ts';
export { windowsFolder } from './runner/windows-folder.ts';
