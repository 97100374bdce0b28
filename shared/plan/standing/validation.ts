import type { JudgedValidation } from '../../contract/validation.ts';
import { counted, listOf, type Standing } from './standing.ts';

/**
 * The validation: done when all tests were run, none blocks, every warning is expected or accepted, and nothing that they look at was changed
 * here since. `null`: none is kept.
 * @param elsewhere the server that coordinated the formation of this one, and keeps its report
 */
export const validationStanding = (
  judged: Pick<JudgedValidation, 'verdict' | 'tests' | 'isWhole' | 'outdated' | 'kept' | 'report'> | null,
  elsewhere: string | null = null,
): Standing => {
  if (!judged && elsewhere !== null)
    return {
      outcome: 'notApplicable',
      word: `Report on ${elsewhere}`,
      text: `No report is kept here. The formation that ${elsewhere} coordinated validated every server that was not in a cluster yet; open Validate on ${elsewhere} to read its report.`,
    };
  if (!judged)
    return { outcome: 'warn', word: 'Not validated', text: 'These servers were not validated from here yet.' };
  const servers = listOf(judged.kept.nodes);
  const count = (standing: string): number => judged.tests.filter((test) => test.standing === standing).length;
  if (judged.verdict === 'failed') {
    const blocks = count('blocks');
    const { tests } = judged.report;
    const cut = tests.filter(({ result }) => result === 'cancelled').length;
    if (cut > 0 && tests.every(({ result }) => result !== 'failed'))
      return {
        outcome: 'warn',
        word: 'Cancelled',
        text: `The validation of ${servers} was cancelled: ${counted(cut, 'test', 'tests')} did not run.`,
      };
    return blocks === 0
      ? { outcome: 'unknown', word: 'Says nothing', text: `No test of ${servers} gave a result.` }
      : {
          outcome: 'fail',
          word: counted(blocks, 'test blocks', 'tests block'),
          text: `${counted(blocks, 'test', 'tests')} of ${servers} failed. Do not form a cluster from them as they are.`,
        };
  }
  if (judged.verdict === 'open') {
    const open = count('new');
    return {
      outcome: 'warn',
      word: counted(open, 'warning', 'warnings'),
      text: `No test of ${servers} failed. ${counted(open, 'warning waits', 'warnings wait')} to be read and accepted.`,
    };
  }
  if (judged.outdated.length > 0)
    return {
      outcome: 'warn',
      word: 'Changed since',
      text: `${servers} passed, but this server was changed since. To run again: ${listOf(judged.outdated)}.`,
    };
  if (!judged.isWhole)
    return {
      outcome: 'warn',
      word: 'Passed in part',
      text: `${servers} passed the tests that were selected. Microsoft supports a cluster only after all of them.`,
    };
  return { outcome: 'pass', word: 'Passed', text: `${servers} passed validation.` };
};
