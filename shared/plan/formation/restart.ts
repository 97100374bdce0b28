import type { Draft } from '../draft.ts';
import { planHost } from '../host/plan-host.ts';
import { questionId } from '../plan.ts';
import type { ServerInput } from './phase.ts';
import { wantedRestart } from './wants.ts';

/** The answer that lets a server of the formation restart; it is given for the formation, not for each restart. */
export const restartQuestion = (server: string): string => questionId(server, 'restart', server);

/** Texts and ids speak of a server by the name that it is to have, also while it has another one. */
const renamed = (draft: Draft, name: string): Draft => {
  if (draft.node === name) return draft;
  const swap = (id: string): string =>
    id.startsWith(`${draft.node}/`) ? `${name}/${id.slice(draft.node.length + 1)}` : id;
  const subject = (id: string): string =>
    id.endsWith(`:${draft.node}`) ? `${id.slice(0, -draft.node.length)}${name}` : id;
  return {
    ...draft,
    node: name,
    steps: draft.steps.map((step) => ({
      ...step,
      id: swap(step.id),
      node: name,
      requires: step.requires.map(swap),
      questions: step.questions.map((id) => subject(swap(id))),
    })),
    questions: draft.questions.map((question) => ({
      ...question,
      id: subject(swap(question.id)),
      node: name,
      subject: question.subject === draft.node ? name : question.subject,
    })),
  };
};

/** What a restart is planned from. */
type HostInput = Pick<ServerInput, 'observed' | 'answers' | 'server'>;

export const hostDraft = (input: HostInput, desire: Parameters<typeof planHost>[0]): Draft => {
  const host = input.observed.host!;
  const { computerName } = host.facts;
  const mayRestart = input.answers[restartQuestion(input.server.name)];
  const answers = mayRestart === undefined ? {} : { [questionId(computerName, 'restart', computerName)]: mayRestart };
  return renamed(planHost(desire, host, answers), input.server.name);
};

/** A restart that comes to its end before anything else goes on. */
export const restartDraft = (input: HostInput, reason: string): Draft => hostDraft(input, wantedRestart(reason));
