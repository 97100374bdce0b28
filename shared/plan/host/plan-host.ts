import {
  findComputerNameProblem,
  findDomainNameProblem,
  findWorkgroupNameProblem,
  isRestartPending,
  type HostMembership,
} from '../../model/host.ts';
import { whyUnread } from '../../model/observed.ts';
import type { HostAction } from '../action.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import type { HostObserved } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import type { HostDesire } from './desire.ts';

/** The one token under which Quorate goes on after a restart: it then finishes whatever the journal has open. */
export const resumeToken = 'quorate-resume';

const isSameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
export const membershipText = (membership: HostMembership): string => `the ${membership.kind} ${membership.name}`;

/** The restart of a server, with what goes on after it; every other planner's steps that need one point to this. */
const planRestart = (builder: DraftBuilder, desire: HostDesire, observed: HostObserved, isNeeded: boolean): void => {
  const wanted = desire.restart;
  if (!wanted) return;
  const { facts, pendingRestart } = observed;
  if (!wanted.always && !isNeeded) {
    if (!pendingRestart) {
      builder.unknown('whether a restart is due', observed.unread['pendingRestart'] ?? 'it was not read');
      return;
    }
    const pending = isRestartPending(pendingRestart);
    if (pending === 'notPending') return;
    if (pending === 'unknown') {
      const signs = pendingRestart.signs.filter((sign) => sign.state === 'unknown');
      builder.unknown(
        'whether a restart is due',
        signs.map((sign) => `${sign.sign}: ${sign.because ?? 'not read'}`).join(', '),
        'Restart it anyway if that does no harm now.',
      );
      return;
    }
  }
  builder.ask({
    kind: 'restart',
    subject: facts.computerName,
    text: `Restart ${facts.computerName}? Everything that runs on it ends.`,
    expected: null,
    answered: false,
  });
  const asks = [{ kind: 'restart' as const, subject: facts.computerName }];
  if (wanted.resume) {
    const { resume } = wanted;
    builder.step({
      action: {
        do: 'host.registerResume',
        token: resumeToken,
        trigger: resume.trigger,
        account: resume.account,
        passwordName: resume.trigger === 'startup' ? resume.passwordName : null,
      },
      title:
        resume.trigger === 'logon'
          ? `Let Quorate go on when ${resume.account} logs on to ${facts.computerName} again`
          : `Let Quorate go on after the restart as ${resume.account}; Windows keeps the password`,
      why: 'What is left of the work goes on by itself after the restart. It is removed once it has gone on.',
      manual: 'Task Scheduler: create a task that starts Quorate with "journal resume", at logon or at startup.',
      undo: {
        text: 'Removes the task.',
        actions: [{ do: 'host.removeResume', token: resumeToken }],
      },
      asks,
      subject: [resumeToken],
    });
  }
  builder.step({
    action: { do: 'host.restart', reason: wanted.reason, bootedBefore: facts.lastBootAt },
    title: `Restart ${facts.computerName}`,
    why: isNeeded
      ? 'What is changed above is in force only after a restart.'
      : 'It was asked for, or Windows waits for it.',
    manual: 'Start menu, Power, Restart.',
    restart: 'now',
    cutsConnection: true,
    asks,
    subject: [facts.lastBootAt],
  });
  if (wanted.resume) removeResume(builder, resumeToken, 'The work has gone on after the restart.');
};

const removeResume = (builder: DraftBuilder, token: string, why: string): void =>
  builder.step({
    action: { do: 'host.removeResume', token },
    title: 'Remove the task that goes on after a restart',
    why,
    manual: 'Task Scheduler: delete the task in the folder Quorate.',
    subject: [token, 'remove'],
  });

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
  if (isSameText(facts.nextComputerName, wanted)) return false;
  if (facts.membership.kind === 'domain' && !desire.account) {
    builder.refuse('HOST_ACCOUNT_NEEDED', {
      server: facts.computerName,
      domain: facts.membership.name,
      what: 'renaming it',
    });
    return false;
  }
  const account = facts.membership.kind === 'domain' ? desire.account : null;
  builder.step({
    action: { do: 'host.rename', newName: wanted, account },
    title: `Rename ${facts.nextComputerName} to ${wanted}`,
    why: `The name is ${facts.nextComputerName}; ${wanted} is wanted. It is in force after a restart.`,
    manual: 'Server Manager, Local Server, Computer name, Change.',
    undo: {
      text: `Renames it back to ${facts.nextComputerName}, before or after the restart.`,
      actions: [{ do: 'host.rename', newName: facts.nextComputerName, account }],
    },
    restart: 'after',
    subject: [wanted],
  });
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
  if (current.kind === wanted.kind && isSameText(current.name, wanted.name)) return false;
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
  const undo = {
    text:
      current.kind === 'workgroup'
        ? `Goes back to ${membershipText(current)}, which needs a restart too.`
        : `Joins ${membershipText(current)} again, which needs an account that may do so there and a restart.`,
    actions: ((): HostAction[] => {
      if (current.kind === 'workgroup')
        return [{ do: 'host.joinWorkgroup', workgroup: current.name, account: desire.account }];
      return desire.account ? [{ do: 'host.joinDomain', domain: current.name, ou: null, account: desire.account }] : [];
    })(),
  };
  const shared = {
    why: `It belongs to ${membershipText(current)}; ${membershipText(wanted)} is wanted. It is in force after a restart.`,
    manual: 'Server Manager, Local Server, Domain or Workgroup, Change.',
    restart: 'after' as const,
    ...(undo.actions.length > 0 ? { undo } : {}),
    subject: [wanted.name],
  };
  if (wanted.kind === 'domain' && desire.account)
    builder.step({
      ...shared,
      action: { do: 'host.joinDomain', domain: wanted.name, ou: wanted.ou, account: desire.account },
      title:
        facts.membership.kind === 'domain'
          ? `Move ${facts.computerName} from the domain ${facts.membership.name} to ${wanted.name}`
          : `Join ${facts.computerName} to the domain ${wanted.name}`,
    });
  else
    builder.step({
      ...shared,
      action: { do: 'host.joinWorkgroup', workgroup: wanted.name, account: desire.account },
      title: `Put ${facts.computerName} into the workgroup ${wanted.name}`,
    });
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
  const isRight =
    wanted.kind === 'domain' ? time.type === 'NT5DS' : time.type === 'NTP' && isSameList(time.servers, wanted.servers);
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
  const found = !isRight
    ? `It takes its time from ${timeText(time.type, time.servers)}.`
    : time.serviceState === 'running'
      ? 'Windows stops the time service of a server in a workgroup after each restart, because its trigger is the membership of a domain.'
      : 'The time service does not run.';
  builder.step({
    action: { do: 'host.setTime', setting: wanted },
    title:
      wanted.kind === 'domain'
        ? `Let ${facts.computerName} take its time from its domain`
        : `Let ${facts.computerName} take its time from ${wanted.servers.join(', ')}`,
    why: `${found} Kerberos refuses clocks that differ by more than five minutes.`,
    manual:
      wanted.kind === 'domain'
        ? 'w32tm /config /syncfromflags:domhier /update'
        : `w32tm /config /manualpeerlist:"${wanted.servers.join(' ')}" /syncfromflags:manual /update; sc triggerinfo w32time start/networkon stop/networkoff`,
    ...(time.type === 'NT5DS' || (time.type === 'NTP' && time.servers.length > 0)
      ? {
          undo: {
            text: `Goes back to ${timeText(time.type, time.servers)}.${wanted.kind === 'servers' && time.isDomainTriggered !== false ? ' The time service goes on starting with the network.' : ''}`,
            actions: [
              {
                do: 'host.setTime',
                setting: time.type === 'NT5DS' ? { kind: 'domain' } : { kind: 'servers', servers: time.servers },
              } satisfies HostAction,
            ],
          },
        }
      : {}),
  });
};

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((entry) => other.some((candidate) => isSameText(candidate, entry)));

const timeText = (type: 'NT5DS' | 'NTP' | 'AllSync' | 'NoSync', servers: readonly string[]): string => {
  switch (type) {
    case 'NT5DS':
      return 'the domain';
    case 'NTP':
      return servers.length > 0 ? servers.join(', ') : 'servers that are not named';
    case 'AllSync':
      return 'the domain and servers';
    case 'NoSync':
      return 'nowhere';
  }
};

/** Plans name, membership, time and restart of one server. */
export const planHost = (desire: HostDesire, observed: HostObserved, answers: PlanAnswers): Draft => {
  const { facts } = observed;
  const builder = new DraftBuilder(facts.computerName, `Set up ${facts.computerName}`);
  const isRenamed = planRename(builder, desire, observed);
  let isJoined = false;
  const isRenamePending = facts.nextComputerName !== null && !isSameText(facts.nextComputerName, facts.computerName);
  if (desire.membership && (isRenamed || isRenamePending)) {
    const probe = new DraftBuilder(facts.computerName, '');
    planMembership(probe, desire, observed);
    builder.stopLike(probe.build());
    if (probe.hasSteps)
      builder.more(
        `The server joins ${membershipText(desire.membership)} after a restart has put the new name in force.`,
      );
  } else isJoined = planMembership(builder, desire, observed);
  planTime(builder, desire, observed);
  const isWaiting = isRenamed || isJoined;
  planRestart(builder, desire, observed, isWaiting);
  if (isWaiting && !desire.restart) builder.warn(`${facts.computerName} has to be restarted before this is in force.`);
  for (const token of desire.removeResumes) {
    if (!observed.resumes) builder.unknown('what goes on after a restart', observed.unread['resumes'] ?? 'not read');
    else if (observed.resumes.some((resume) => resume.token === token))
      removeResume(builder, token, 'It was asked for.');
  }
  const draft = builder.build();
  return {
    ...draft,
    questions: draft.questions.map((question) => ({ ...question, answered: answers.restart })),
  };
};
