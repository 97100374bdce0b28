import {
  findComputerNameProblem,
  findDomainNameProblem,
  findWorkgroupNameProblem,
  isRestartPending,
} from '../../model/host.ts';
import { whyUnread } from '../../model/observed.ts';
import { restartSignWord } from '../../model/restart-signs.ts';
import { membershipText } from '../../changes/host/host.ts';
import { isTimeFrom } from '../../changes/host/set-time.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import type { HostObserved } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import type { HostDesire } from './desire.ts';
import { isSameName } from '../../model/names.ts';

/** The one token under which Quorate goes on after a restart: it then finishes whatever the journal has open. */
export const resumeToken = 'quorate-resume';

/** Why a server is restarted that no change of the same plan needs restarted: what Windows shows, else what the planner wants it for. */
const restartWhy = (pending: HostObserved['pendingRestart'], reason: string): string => {
  const signs = (pending?.signs ?? []).filter(({ state }) => state === 'pending');
  if (signs.length > 0)
    return `Windows waits for a restart: ${signs.map(({ sign }) => restartSignWord(sign)).join(', ')}.`;
  const what = /^Quorate: (.*)/.exec(reason)?.[1];
  return what === undefined
    ? 'You asked for it.'
    : `${what.charAt(0).toUpperCase()}${what.slice(1)}: takes effect only after a restart.`;
};

/** The restart of a server, with what goes on after it; every other planner's steps that need one point to this. */
const planRestart = (builder: DraftBuilder, desire: HostDesire, observed: HostObserved, isNeeded: boolean): void => {
  const wanted = desire.restart;
  if (!wanted) return;
  const { facts, pendingRestart } = observed;
  if (!wanted.always && !isNeeded) {
    if (!pendingRestart) {
      builder.unknown('whether a restart is pending', observed.unread['pendingRestart'] ?? 'it was not read');
      return;
    }
    const pending = isRestartPending(pendingRestart);
    if (pending === 'notPending') return;
    if (pending === 'unknown') {
      const signs = pendingRestart.signs.filter((sign) => sign.state === 'unknown');
      builder.unknown(
        'whether a restart is pending',
        signs.map((sign) => `${sign.sign}: ${sign.because ?? 'not read'}`).join(', '),
        'Restart it anyway if a restart does no harm now.',
      );
      return;
    }
  }
  const questions = [
    builder.ask({
      kind: 'restart',
      subject: facts.computerName,
      text: `Restart ${facts.computerName}? Everything that runs on it ends.`,
      expected: null,
    }),
  ];
  if (wanted.resume) {
    const { resume } = wanted;
    builder.change(
      {
        do: 'host.registerResume',
        token: resumeToken,
        trigger: resume.trigger,
        account: resume.account,
        passwordName: resume.trigger === 'startup' ? resume.passwordName : null,
      },
      observed,
      { questions },
    );
  }
  builder.change({ do: 'host.restart', reason: wanted.reason, bootedBefore: facts.lastBootAt }, observed, {
    questions,
    why: isNeeded ? 'The changes above take effect only after a restart.' : restartWhy(pendingRestart, wanted.reason),
  });
  if (wanted.resume && !wanted.keepsResume)
    removeResume(builder, observed, resumeToken, 'The work has continued after the restart.');
};

const removeResume = (builder: DraftBuilder, observed: HostObserved, token: string, why: string): void =>
  builder.change({ do: 'host.removeResume', token }, observed, { why });

const planRename = (builder: DraftBuilder, desire: HostDesire, observed: HostObserved): boolean => {
  const wanted = desire.computerName;
  if (wanted === undefined) return false;
  const { facts } = observed;
  const problem = findComputerNameProblem(wanted);
  if (problem) {
    builder.refuse('HOST_NAME_INVALID', { name: wanted, problem });
    return false;
  }
  if (facts.nextComputerName === null) {
    builder.unknown(
      `the name that ${facts.computerName} gets at its next start`,
      whyUnread(facts, 'nextComputerName') ?? 'it was not read',
    );
    return false;
  }
  if (isSameName(facts.nextComputerName, wanted)) return false;
  if (facts.membership.kind === 'domain' && !desire.account) {
    builder.refuse('HOST_ACCOUNT_NEEDED', {
      server: facts.computerName,
      domain: facts.membership.name,
      what: 'renaming it',
    });
    return false;
  }
  const account = facts.membership.kind === 'domain' ? desire.account : null;
  builder.change({ do: 'host.rename', newName: wanted, account }, observed);
  return true;
};

const planMembership = (builder: DraftBuilder, desire: HostDesire, observed: HostObserved): boolean => {
  const wanted = desire.membership;
  if (!wanted) return false;
  const { facts } = observed;
  const problem = wanted.kind === 'domain' ? findDomainNameProblem(wanted.name) : findWorkgroupNameProblem(wanted.name);
  if (problem) {
    builder.refuse('HOST_DOMAIN_INVALID', { name: wanted.name, problem });
    return false;
  }
  const why = whyUnread(facts, 'nextMembership');
  if (facts.nextMembership === null && why !== null) {
    builder.unknown(`what ${facts.computerName} belongs to after its next start`, why);
    return false;
  }
  const current = facts.nextMembership ?? facts.membership;
  if (current.kind === wanted.kind && isSameName(current.name, wanted.name)) return false;
  if (wanted.kind === 'domain' && !desire.account) {
    builder.refuse('HOST_ACCOUNT_NEEDED', { server: facts.computerName, domain: wanted.name, what: 'joining it' });
    return false;
  }
  if (wanted.kind === 'workgroup' && facts.membership.kind === 'domain' && !desire.account)
    builder.warn(
      `The computer account of ${facts.computerName} stays enabled in ${facts.membership.name}, because no account was named that may disable it.`,
    );
  if (wanted.kind === 'domain' && facts.membership.kind === 'domain')
    builder.warn(
      `The computer account of ${facts.computerName} stays enabled in ${facts.membership.name}. Disable it there once the server is in ${wanted.name}.`,
    );
  builder.change(
    wanted.kind === 'domain' && desire.account
      ? { do: 'host.joinDomain', domain: wanted.name, ou: wanted.ou, account: desire.account }
      : { do: 'host.joinWorkgroup', workgroup: wanted.name, account: desire.account },
    observed,
  );
  return true;
};

const planTime = (builder: DraftBuilder, desire: HostDesire, observed: HostObserved): void => {
  const wanted = desire.time;
  if (!wanted) return;
  const { facts, time } = observed;
  if (wanted.kind === 'domain' && facts.membership.kind === 'workgroup') {
    builder.refuse('HOST_NOT_IN_DOMAIN', { server: facts.computerName });
    return;
  }
  if (!time || time.type === null) {
    builder.unknown(
      `where ${facts.computerName} takes its time from`,
      (time && whyUnread(time, 'type')) ?? observed.unread['time'] ?? 'it was not read',
    );
    return;
  }
  const isRight = isTimeFrom(time, wanted);
  // Windows stops the service of a server in a workgroup after each start, unless its trigger is replaced.
  const isInWorkgroup = (facts.nextMembership ?? facts.membership).kind === 'workgroup';
  const staysOn = wanted.kind === 'domain' || !isInWorkgroup || time.isDomainTriggered === false;
  if (isRight && time.serviceState === 'running') {
    if (staysOn) return;
    if (time.isDomainTriggered === null) {
      builder.unknown(
        `whether the time service of ${facts.computerName} stays on after a restart`,
        whyUnread(time, 'isDomainTriggered') ?? 'it was not read',
      );
      return;
    }
  }
  builder.change({ do: 'host.setTime', setting: wanted }, observed);
};

/** Plans name, membership, time and restart of one server. */
export const planHost = (desire: HostDesire, observed: HostObserved, answers: PlanAnswers): Draft => {
  const { facts } = observed;
  const builder = new DraftBuilder(facts.computerName, `Set up ${facts.computerName}`, answers);
  const isRenamed = planRename(builder, desire, observed);
  let isJoined = false;
  let joinsLater: { readonly text: string; readonly later: Draft } | null = null;
  const isRenamePending = facts.nextComputerName !== null && !isSameName(facts.nextComputerName, facts.computerName);
  if (desire.membership && (isRenamed || isRenamePending)) {
    const probe = new DraftBuilder(facts.computerName, '');
    planMembership(probe, desire, observed);
    const later = probe.build();
    builder.stopLike(later);
    if (later.steps.length > 0)
      joinsLater = {
        text: `The server joins ${membershipText(desire.membership)} after a restart, once it has its new name.`,
        later,
      };
  } else isJoined = planMembership(builder, desire, observed);
  planTime(builder, desire, observed);
  const isWaiting = isRenamed || isJoined;
  planRestart(builder, desire, observed, isWaiting);
  if (isWaiting && !desire.restart) builder.warn(`${facts.computerName} has to be restarted before this takes effect.`);
  for (const token of desire.removeResumes) {
    if (!observed.resumes) builder.unknown('what continues after a restart', observed.unread['resumes'] ?? 'not read');
    else if (observed.resumes.some((resume) => resume.token === token))
      removeResume(builder, observed, token, 'It is not needed any more.');
  }
  // What is expected comes after everything that is planned.
  if (joinsLater) builder.followUp('restart', joinsLater.text, joinsLater.later);
  return builder.build();
};
