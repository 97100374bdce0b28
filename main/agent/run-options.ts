import { printCaller } from '../../shared/model/caller.ts';
import type { CallContext } from '../api/registry.ts';
import type { RunOptions } from '../operations/plans/run-steps.ts';

/** What every run of a plan takes from its call. */
export const runOptions = (
  given: Pick<RunOptions, 'secrets' | 'revertAfterSeconds'>,
  { caller, signal, progress }: CallContext,
): RunOptions => ({ ...given, by: printCaller(caller), signal, progress });
