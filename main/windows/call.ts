import type * as z from 'zod';
import type { CallOptions } from '../ports/call.ts';
import type { ErrorRow, Runner } from '../powershell/index.ts';

/** One call of a script: what a port's method comes to. The same data runs it and prints it for `--script`. */
export interface ScriptCall {
  /** Name of the script without `.ps1`. */
  readonly script: string;
  /** Its parameters by name; null means "not given". */
  readonly input: Readonly<Record<string, unknown>>;
  /** Milliseconds that the call may take unless the caller says otherwise. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface ScriptRunOptions {
  readonly call: CallOptions | undefined;
  readonly errors: readonly ErrorRow[];
}

/** Runs a script and parses its answer; throws what the tables make of an error. */
export const readWith = async <Data>(
  runner: Runner,
  { script, input, timeoutMs }: ScriptCall,
  output: z.ZodType<Data>,
  { call, errors }: ScriptRunOptions,
): Promise<Data> => {
  const outcome = await runner.run<Data>(script, input, {
    output,
    errors,
    signal: call?.signal,
    deadlineMs: call?.timeoutMs ?? timeoutMs,
  });
  // No code is expected, so that every failure was thrown.
  if (!outcome.ok) throw outcome.failure as Error;
  return outcome.data;
};

/** Runs a script that changes something and answers nothing. */
export const change = async (runner: Runner, call: ScriptCall, options: ScriptRunOptions): Promise<void> => {
  await runner.run(call.script, call.input, {
    errors: options.errors,
    signal: options.call?.signal,
    deadlineMs: options.call?.timeoutMs ?? call.timeoutMs,
  });
};

/** A text of the script's input, for the names in a failure. */
export const inputText = (input: Readonly<Record<string, unknown>>, name: string): string => {
  const value = input[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};
