import { isSameAddress } from '../../model/address.ts';
import { whyUnread } from '../../model/observed.ts';
import { judgePath } from '../../model/windows-iscsi.ts';
import { no, noTrace, unknown, yes, type InitiatorAction, type Satisfied } from '../action.ts';
import type { InitiatorObserved } from '../observed.ts';
import { explainVerdict, favouriteMatches, isSamePath, sessionsOnPath } from './paths.ts';
import { isVolumeBound } from './plan-service.ts';

const judge = (isDone: boolean, text: string): Satisfied => (isDone ? yes(text) : no(text));

/** Whether the effect of an initiator's or multipath action is there. */
export const isInitiatorActionDone = (action: InitiatorAction, observed: InitiatorObserved): Satisfied => {
  const { state, mpio } = observed;
  const unread = (property: string): Satisfied => unknown(whyUnread(state, property) ?? `${property} was not read`);
  switch (action.do) {
    case 'initiator.setService': {
      const { state: current, startMode } = state.service;
      if (current === null) return unread('service');
      const text = `the service is ${current}, start mode ${startMode ?? 'not read'}`;
      return judge(
        action.running
          ? current === 'running' && startMode === 'automatic'
          : current === 'stopped' && startMode !== 'automatic',
        text,
      );
    }
    case 'initiator.setFirewall': {
      if (!state.firewallRules) return unread('firewallRules');
      const different = state.firewallRules.filter((rule) => rule.enabled !== action.enabled);
      return judge(
        different.length === 0,
        `${state.firewallRules.length - different.length} of ${state.firewallRules.length} rules are ${action.enabled ? 'on' : 'off'}`,
      );
    }
    case 'initiator.setName':
      return state.iqn === null ? unread('iqn') : judge(state.iqn === action.iqn, `the name is ${state.iqn}`);
    case 'initiator.setMutualSecret':
      return noTrace('Windows took it; it can not be read back.');
    case 'initiator.discover':
      return noTrace('The portals were asked.');
    case 'initiator.addPortal':
    case 'initiator.removePortal': {
      if (!state.portals) return unread('portals');
      const found = state.portals.find(
        (portal) =>
          isSameAddress(portal.targetPortalAddress, action.targetPortalAddress) &&
          portal.targetPortalPort === action.targetPortalPort &&
          (action.initiatorPortalAddress === null
            ? action.do === 'initiator.addPortal' || portal.initiatorPortalAddress === null
            : portal.initiatorPortalAddress !== null &&
              isSameAddress(portal.initiatorPortalAddress, action.initiatorPortalAddress)),
      );
      const text = found ? 'the portal is in the list' : 'the portal is not in the list';
      return judge((found !== undefined) === (action.do === 'initiator.addPortal'), text);
    }
    case 'initiator.logOn': {
      if (!state.sessions) return unread('sessions');
      const verdict = judgePath(action.path, state.sessions, isSameAddress);
      if (verdict.kind === 'unknown') return unknown(verdict.because);
      return judge(verdict.kind === 'proven', explainVerdict(verdict));
    }
    case 'initiator.leavePath': {
      if (!state.sessions || !state.favourites) return unread(state.sessions ? 'favourites' : 'sessions');
      const isThere =
        sessionsOnPath(action.path, state.sessions).length > 0 ||
        state.favourites.some(
          (favourite) => favourite.initiatorPortalAddress !== null && favouriteMatches(favourite, action.path),
        );
      return judge(!isThere, isThere ? 'a session or favourite is there' : 'no session and no favourite is there');
    }
    case 'initiator.logOff':
    case 'initiator.registerSession':
    case 'initiator.unregisterSession': {
      if (!state.sessions) return unread('sessions');
      const session = state.sessions.find((candidate) => candidate.sessionIdentifier === action.sessionIdentifier);
      if (action.do === 'initiator.logOff')
        return session ? no('the session is there') : yes('the session is not there');
      if (!session)
        return action.do === 'initiator.unregisterSession'
          ? yes('the session is not there')
          : no('the session is not there');
      return judge(
        session.isPersistent === (action.do === 'initiator.registerSession'),
        session.isPersistent ? 'the session is persistent' : 'the session is not persistent',
      );
    }
    case 'initiator.removeFavourite': {
      if (!state.favourites) return unread('favourites');
      const found = state.favourites.some(
        (favourite) =>
          favourite.targetNodeAddress === action.targetNodeAddress &&
          favourite.initiatorPortalAddress === action.initiatorPortalAddress &&
          favourite.targetPortalAddress === action.targetPortalAddress &&
          favourite.targetPortalPort === action.targetPortalPort,
      );
      return found ? no('the favourite is there') : yes('the favourite is not there');
    }
    case 'initiator.bindVolumes': {
      if (!state.boundVolumes) return unread('boundVolumes');
      if (!observed.iscsiVolumes) return unknown('the disks were not read');
      const missing = observed.iscsiVolumes.filter((volume) => !isVolumeBound(volume, state.boundVolumes!));
      return judge(missing.length === 0, `${state.boundVolumes.length} volumes are bound, ${missing.length} are not`);
    }
    case 'initiator.setPathWanted': {
      const isWanted = observed.wantedPaths.some((path) => isSamePath(path, action.path));
      return judge(isWanted === action.wanted, isWanted ? 'the path is remembered' : 'the path is not remembered');
    }
    case 'mpio.installFeature':
      if (!mpio) return unknown(observed.mpioUnread ?? 'multipath I/O was not read');
      return judge(mpio.feature === 'installed' || mpio.feature === 'installPending', `the feature is ${mpio.feature}`);
    case 'mpio.setIscsiClaim':
      if (mpio?.claimsIscsi == null) return unknown(observed.mpioUnread ?? 'the claim was not read');
      return judge(mpio.claimsIscsi === action.claims, `iSCSI disks are ${mpio.claimsIscsi ? '' : 'not '}claimed`);
    case 'mpio.setLoadBalancePolicy':
      if (mpio?.loadBalancePolicy == null) return unknown(observed.mpioUnread ?? 'the policy was not read');
      return judge(mpio.loadBalancePolicy === action.policy, `the policy is ${mpio.loadBalancePolicy}`);
  }
};
