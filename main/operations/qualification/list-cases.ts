import type { Output } from '../../../shared/contract/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { selectCases } from '../../qualify/index.ts';

/**
 * Every pattern must select something: a mistyped one would make a run look complete.
 * @throws Failure QUALIFY_NO_SUCH_CASE
 */
export const needCases = (patterns: readonly string[] | undefined): void => {
  const pattern = patterns?.find((glob) => selectCases([glob]).length === 0);
  if (pattern !== undefined) throw failure('QUALIFY_NO_SUCH_CASE', { pattern });
};

/** The catalogue, or the cases that match any of the patterns. */
export const listCases = (patterns: readonly string[] | undefined): Output<'iscsi.cases'> => {
  needCases(patterns);
  return selectCases(patterns).map(({ id, title, required, needs, source }) => ({
    id,
    title,
    required: required === true,
    counts: required === 'whenRun' ? 'where it can run' : required ? 'yes' : 'informs',
    needs,
    source,
  }));
};
