import { whyUnread } from '../../model/observed.ts';
import { no, unknown, yes, type HostAction, type Satisfied } from '../action.ts';
import type { HostObserved } from '../observed.ts';

/** Windows works the start out from a running clock, so that two readings of one start may differ a little. */
const bootToleranceMs = 2_000;

const isSameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Whether the effect of a host's action is there. */
export const isHostActionDone = (action: HostAction, observed: HostObserved): Satisfied => {
  const { facts } = observed;
  switch (action.do) {
    case 'host.rename':
      if (facts.nextComputerName === null)
        return unknown(whyUnread(facts, 'nextComputerName') ?? 'the next name was not read');
      return isSameText(facts.nextComputerName, action.newName)
        ? yes(`the next name reads ${facts.nextComputerName}`)
        : no(`the next name reads ${facts.nextComputerName}`);
    case 'host.joinDomain':
    case 'host.joinWorkgroup': {
      const why = whyUnread(facts, 'nextMembership');
      if (facts.nextMembership === null && why !== null) return unknown(why);
      const current = facts.nextMembership ?? facts.membership;
      const kind = action.do === 'host.joinDomain' ? 'domain' : 'workgroup';
      const name = action.do === 'host.joinDomain' ? action.domain : action.workgroup;
      const text = `the next start belongs to the ${current.kind} ${current.name}`;
      return current.kind === kind && isSameText(current.name, name) ? yes(text) : no(text);
    }
    case 'host.setTime': {
      const { time } = observed;
      if (!time || time.type === null) return unknown(observed.unread['time'] ?? 'the time source was not read');
      const { setting } = action;
      const isRight =
        setting.kind === 'domain'
          ? time.type === 'NT5DS'
          : time.type === 'NTP' &&
            time.servers.length === setting.servers.length &&
            time.servers.every((server) => setting.servers.some((wanted) => isSameText(wanted, server)));
      const text = `type ${time.type}, servers ${time.servers.join(', ') || 'none'}, service ${time.serviceState}`;
      if (setting.kind === 'servers' && time.isDomainTriggered !== false)
        return time.isDomainTriggered === null
          ? unknown(whyUnread(time, 'isDomainTriggered') ?? 'the triggers of W32Time were not read')
          : no(`${text}, started and stopped by the membership of a domain`);
      return isRight && time.serviceState === 'running' ? yes(text) : no(text);
    }
    case 'host.registerResume':
    case 'host.removeResume': {
      if (!observed.resumes) return unknown(observed.unread['resumes'] ?? 'the tasks were not read');
      const found = observed.resumes.find((resume) => resume.token === action.token);
      if (action.do === 'host.removeResume') return found ? no('the task is there') : yes('no such task is there');
      if (!found) return no('no such task is there');
      return found.trigger === action.trigger && isSameText(found.account, action.account)
        ? yes(`the task of ${found.account} is there`)
        : no(`the task is for ${found.account} at ${found.trigger}`);
    }
    case 'host.restart':
      return Date.parse(facts.lastBootAt) > Date.parse(action.bootedBefore) + bootToleranceMs
        ? yes(`it started at ${facts.lastBootAt}`)
        : no(`it runs since ${facts.lastBootAt}`);
  }
};
