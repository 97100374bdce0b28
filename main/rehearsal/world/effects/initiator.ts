import type { Authentication } from '../../../../shared/plan/initiator/desire.ts';
import { requireAdministrator } from '../change.ts';
import * as features from '../changes/features.ts';
import * as initiator from '../changes/initiator.ts';
import { volumesToBind } from '../ports/initiator.ts';
import type { ChapState } from '../state.ts';
import type { EffectGiven, EffectsOf } from './effect.ts';

const toChap = (authentication: Authentication, { secret }: EffectGiven): ChapState =>
  authentication.kind === 'none'
    ? { kind: 'NONE', userName: null, secret: null }
    : {
        kind: authentication.kind === 'oneWayChap' ? 'ONEWAYCHAP' : 'MUTUALCHAP',
        userName: authentication.userName,
        secret: secret(authentication.secretName),
      };

/** What each change of the initiator does to a simulated server. */
export const initiatorEffects: EffectsOf<'initiator'> = {
  'initiator.setService': (change, { running }) =>
    initiator.setService(change, running, running ? 'automatic' : 'manual'),
  'initiator.setFirewall': (change, { enabled }) =>
    initiator.setFirewall(change, ['MsiScsi-In-TCP', 'MsiScsi-Out-TCP'], enabled),
  'initiator.setName': (change, { iqn }) => initiator.setName(change, iqn),
  'initiator.setMutualSecret': (change, { secretName }, { secret }) =>
    initiator.setMutualSecret(change, secretName === null ? null : secret(secretName)),
  'initiator.addPortal': (change, portal, given) => {
    initiator.addPortal(change, {
      address: portal.targetPortalAddress,
      port: portal.targetPortalPort,
      initiatorAddress: portal.initiatorPortalAddress,
      initiatorInstance: portal.initiatorPortalAddress === null ? null : change.server.initiator.instance,
      headerDigest: false,
      dataDigest: false,
      chap: toChap(portal.authentication, given),
    });
  },
  'initiator.removePortal': (change, portal) =>
    initiator.removePortal(change, {
      address: portal.targetPortalAddress,
      port: portal.targetPortalPort,
      initiatorAddress: portal.initiatorPortalAddress,
    }),
  'initiator.discover': (change) => initiator.discover(change),
  'initiator.logOn': (change, { path, isPersistent = true, ...logon }, given) => {
    initiator.logOn(change, {
      target: path.targetNodeAddress,
      initiatorAddress: path.initiatorPortalAddress,
      portalAddress: path.targetPortalAddress,
      portalPort: path.targetPortalPort,
      persistent: isPersistent,
      multipath: logon.isMultipathEnabled,
      headerDigest: logon.isHeaderDigest,
      dataDigest: logon.isDataDigest,
      chap: toChap(logon.authentication, given),
    });
  },
  'initiator.logOff': (change, { sessionIdentifier }) => initiator.logOff(change, sessionIdentifier),
  'initiator.registerSession': (change, { sessionIdentifier, isMultipathEnabled, authentication }, given) => {
    initiator.registerSession(change, sessionIdentifier, isMultipathEnabled, toChap(authentication, given));
  },
  'initiator.unregisterSession': (change, { sessionIdentifier }) =>
    initiator.unregisterSession(change, sessionIdentifier),
  'initiator.removeFavourite': (change, favourite) =>
    initiator.removeFavourite(change, {
      target: favourite.targetNodeAddress,
      initiatorAddress: favourite.initiatorPortalAddress,
      portalAddress: favourite.targetPortalAddress,
      portalPort: favourite.targetPortalPort,
    }),
  'initiator.bindVolumes': (change) => {
    requireAdministrator(change);
    initiator.requireService(change);
    change.server.initiator.boundVolumes = volumesToBind(change);
  },
};

/** What each change of multipath I/O does to a simulated server. */
export const mpioEffects: EffectsOf<'mpio'> = {
  'mpio.installFeature': (change) => {
    features.installFeatures(change, ['Multipath-IO']);
  },
  'mpio.setIscsiClaim': (change, { claims }) => features.setIscsiClaim(change, claims),
  'mpio.setLoadBalancePolicy': (change, { policy }) => features.setLoadBalancePolicy(change, policy),
};
