import type { FailureCode } from '../../../shared/messages/index.ts';

/** The mark of a behaviour that nobody has proven: no public document says it. It satisfies no contract test. */
export const inferred = '[I]';

/** What PowerShell's error record holds when Windows refuses. */
export interface WindowsError {
  /** The FullyQualifiedErrorId before its comma, such as `Windows System Error 87`. */
  readonly id: string;
  /** What follows the comma when it is not the cmdlet's name. */
  readonly command?: string;
  /** ErrorCategory. */
  readonly category: string;
  readonly hresult?: number;
  readonly win32?: number;
  /** English text; nothing may be recognised by it. */
  readonly message: string;
}

/** One modelled piece of Windows. docs/windows-model.md is generated from the table of all of them. */
export interface Behaviour {
  readonly kind: 'refusal' | 'default' | 'property' | 'effect';
  /** What Windows does, as a sentence. */
  readonly what: string;
  /** Cmdlets and CIM classes that show it. */
  readonly at: readonly string[];
  /** The public page that says so, or {@link inferred}. */
  readonly source: string;
  /** For a refusal. */
  readonly error?: WindowsError;
  /** For a refusal: the failure of the port. */
  readonly failure?: FailureCode;
}

export const defineBehaviours = <const Table extends Record<string, Behaviour>>(table: Table): Table => table;
