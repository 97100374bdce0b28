import { findNameProblem } from '../../iscsi/index.ts';

/** What has to be known of a target's name, as whole sentences: it is sent as it was announced, and other systems may not take it. */
export const warningsAboutName = (name: string): string[] => {
  const problem = findNameProblem(name);
  return problem === undefined
    ? []
    : [
        `The name ${JSON.stringify(name)} is not one of RFC 7143 (${problem}). It is sent as the target announces it; other systems may refuse it.`,
      ];
};
