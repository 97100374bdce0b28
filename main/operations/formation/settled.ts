import { shellCommand } from '../../../shared/messages/shell-command.ts';
import type { ServerPlan } from '../../../shared/model/formation.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import type { PlanQuestion } from '../../../shared/plan/plan.ts';

/**
 * Is a question about a shared disk answered by what the servers themselves show? Every other server has to have the disk offline,
 * or not to see it at all; one that could not be read answers nothing.
 */
export const isPromised = (question: PlanQuestion, plans: readonly ServerPlan[]): boolean =>
  question.kind === 'sharedDisk' &&
  plans
    .filter(({ server }) => server !== question.node)
    .every(
      ({ disks }) =>
        disks !== null &&
        disks.filter(({ uniqueId }) => uniqueId === question.subject).every(({ isOffline }) => isOffline),
    );

/** The plan without the questions that the servers themselves answer: nobody is asked to power down a server that keeps the disk offline. */
export const withoutSettled = (plan: FormationPlan, plans: readonly ServerPlan[]): FormationPlan => ({
  ...plan,
  questions: plan.questions.filter((question) => !isPromised(question, plans)),
});

/** What answers a question on the command line. */
export const commandFor = ({ kind, subject }: PlanQuestion): string => {
  if (kind === 'serialNumber') {
    return `${shellCommand(['quorate', 'form', 'resume', '--serial', `${subject}=SERIAL`])}, with the serial number`;
  }
  if (kind === 'sharedDisk') return '"quorate form resume", once every other server has the disk offline';
  return '"quorate form resume --yes"';
};
