import type { Draft } from '../draft.ts';
import { kindOfAccount } from '../../model/rights.ts';
import type { HostDesire } from '../host/desire.ts';
import { planHost, resumeToken } from '../host/plan-host.ts';
import { questionId, type PlanAnswers } from '../plan.ts';
import type { ServerInput } from './phase.ts';
import { secretNames, wantedRestart } from './wants.ts';

/** The answer that lets a server of the formation restart; it is given for the formation, not for each restart. */
export const restartQuestion = (server: string): string => questionId(server, 'restart', server);

/**
 * The answer that lets an adapter of the server be changed that carries a connection; for the formation too: who works on a server from afar, and over which
 * adapter, is another question after each restart.
 */
export const cutQuestion = (server: string): string => questionId(server, 'cutConnection', server);

/** What was agreed to for the whole formation, of each adapter that may be asked about. */
export const withCuts = (
  answers: PlanAnswers,
  server: string,
  nics: readonly { readonly interfaceGuid: string }[],
): PlanAnswers => {
  const given = answers[cutQuestion(server)];
  return given === undefined
    ? answers
    : {
        ...Object.fromEntries(nics.map((nic) => [questionId(server, 'cutConnection', nic.interfaceGuid), given])),
        ...answers,
      };
};

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
type HostInput = Pick<ServerInput, 'observed' | 'answers' | 'server'> & Partial<Pick<ServerInput, 'file' | 'runsAs'>>;

/**
 * How Quorate goes on after a restart of this server: at the next logon of the account that it runs as, or at the start, with a password that
 * Windows keeps. What runs as a service starts again by itself; where the account was not read, nobody can be waited for.
 */
const resumeOf = (
  { file, runsAs }: HostInput,
  computerName: string,
): NonNullable<NonNullable<HostDesire['restart']>['resume']> | null => {
  if (!file || !runsAs || kindOfAccount(runsAs, computerName) === 'service') return null;
  return file.afterRestart === 'startup'
    ? { trigger: 'startup', account: runsAs.name, passwordName: secretNames.resume }
    : { trigger: 'logon', account: runsAs.name };
};

type Resume = NonNullable<ReturnType<typeof resumeOf>>;

/** Is it registered already? A local account keeps its task when its server gets another name, under which it then reads. */
const isRegistered = (
  { observed, file, runsAs }: HostInput,
  { trigger, account }: Resume,
  computerName: string,
): boolean => {
  const isLocal = runsAs != null && kindOfAccount(runsAs, computerName) !== 'domain';
  const domain = file?.membership.kind === 'domain' ? (file.membership.name.split('.')[0] ?? '') : null;
  const isSame = (found: string): boolean => {
    if (found.toLowerCase() === account.toLowerCase()) return true;
    const [[authority = '', user = ''], [, own = '']] = [found.split('\\'), account.split('\\')];
    return isLocal && user.toLowerCase() === own.toLowerCase() && authority.toLowerCase() !== domain?.toLowerCase();
  };
  return (observed.host?.resumes ?? []).some(
    (found) =>
      found.token === resumeToken &&
      found.trigger === trigger &&
      found.isEnabled &&
      found.isElevated &&
      isSame(found.account),
  );
};

const withResume = (desire: HostDesire, input: HostInput, computerName: string): HostDesire => {
  if (!desire.restart) return desire;
  const wanted = resumeOf(input, computerName);
  const resume = wanted && !isRegistered(input, wanted, computerName) ? wanted : null;
  return { ...desire, restart: { ...desire.restart, resume, keepsResume: true } };
};

export const hostDraft = (input: HostInput, desire: HostDesire): Draft => {
  const host = input.observed.host!;
  const { computerName } = host.facts;
  const mayRestart = input.answers[restartQuestion(input.server.name)];
  const answers = mayRestart === undefined ? {} : { [questionId(computerName, 'restart', computerName)]: mayRestart };
  return renamed(planHost(withResume(desire, input, computerName), host, answers), input.server.name);
};

/** A restart that comes to its end before anything else goes on. */
export const restartDraft = (input: HostInput, reason: string): Draft => hostDraft(input, wantedRestart(reason));
