import type { LoadBalancePolicy } from '../../../shared/model/windows-iscsi.ts';
import type { LogonAuthentication, LogonRequest } from '../../ports/initiator-port.ts';
import type { Secret } from '../../ports/secret.ts';
import type { ScriptCall } from '../call.ts';

export interface PortalName {
  readonly targetPortalAddress: string;
  readonly targetPortalPort: number;
  readonly initiatorPortalAddress: string | null;
}

/** A logon waits for the network and for the target: Windows gives up by itself after about 15 seconds a portal. */
const logonTimeoutMs = 180_000;

/** What each changing method of the initiator port comes to. */
export const initiatorCalls = {
  setService: (running: boolean): ScriptCall => ({
    script: 'Set-InitiatorService',
    input: { running },
    timeoutMs: 120_000,
  }),
  setFirewall: (enabled: boolean): ScriptCall => ({ script: 'Set-InitiatorFirewall', input: { enabled } }),
  setName: (iqn: string): ScriptCall => ({ script: 'Set-InitiatorName', input: { name: iqn } }),
  setMutualSecret: (secret: Secret | null): ScriptCall => ({ script: 'Set-InitiatorSecret', input: { secret } }),
  addPortal: (portal: PortalName & { readonly authentication: LogonAuthentication }): ScriptCall => ({
    script: 'Add-InitiatorPortal',
    input: {
      targetPortalAddress: portal.targetPortalAddress,
      targetPortalPort: portal.targetPortalPort,
      initiatorPortalAddress: portal.initiatorPortalAddress,
      authentication: { ...portal.authentication },
    },
    timeoutMs: logonTimeoutMs,
  }),
  removePortal: (portal: PortalName): ScriptCall => ({
    script: 'Remove-InitiatorPortal',
    input: {
      targetPortalAddress: portal.targetPortalAddress,
      targetPortalPort: portal.targetPortalPort,
      initiatorPortalAddress: portal.initiatorPortalAddress,
    },
  }),
  discover: (): ScriptCall => ({ script: 'Update-InitiatorTarget', input: {}, timeoutMs: logonTimeoutMs }),
  logOn: (request: LogonRequest): ScriptCall => ({
    script: 'Connect-InitiatorTarget',
    input: {
      targetNodeAddress: request.targetNodeAddress,
      initiatorPortalAddress: request.initiatorPortalAddress,
      targetPortalAddress: request.targetPortalAddress,
      targetPortalPort: request.targetPortalPort,
      isPersistent: request.isPersistent,
      isMultipathEnabled: request.isMultipathEnabled,
      isHeaderDigest: request.isHeaderDigest,
      isDataDigest: request.isDataDigest,
      authentication: { ...request.authentication },
    },
    timeoutMs: logonTimeoutMs,
  }),
  logOff: (sessionIdentifier: string): ScriptCall => ({
    script: 'Disconnect-InitiatorSession',
    input: { sessionIdentifier },
    timeoutMs: logonTimeoutMs,
  }),
  registerSession: (request: {
    readonly sessionIdentifier: string;
    readonly isMultipathEnabled: boolean;
    readonly authentication: LogonAuthentication;
  }): ScriptCall => ({
    script: 'Register-InitiatorSession',
    input: {
      sessionIdentifier: request.sessionIdentifier,
      isMultipathEnabled: request.isMultipathEnabled,
      authentication: { ...request.authentication },
    },
  }),
  unregisterSession: (sessionIdentifier: string): ScriptCall => ({
    script: 'Unregister-InitiatorSession',
    input: { sessionIdentifier },
  }),
  removeFavourite: (favourite: {
    readonly targetNodeAddress: string;
    readonly initiatorPortalAddress: string | null;
    readonly targetPortalAddress: string | null;
    readonly targetPortalPort: number | null;
  }): ScriptCall => ({ script: 'Remove-InitiatorFavourite', input: { ...favourite } }),
  bindVolumes: (): ScriptCall => ({ script: 'Set-InitiatorBoundVolume', input: {}, timeoutMs: 120_000 }),
};

/** What each changing method of the MPIO port comes to. */
export const mpioCalls = {
  installFeature: (): ScriptCall => ({ script: 'Install-MpioFeature', input: {}, timeoutMs: 1_800_000 }),
  setIscsiClaim: (claims: boolean): ScriptCall => ({
    script: 'Set-MpioClaim',
    input: { enabled: claims },
    timeoutMs: 180_000,
  }),
  setLoadBalancePolicy: (policy: LoadBalancePolicy): ScriptCall => ({ script: 'Set-MpioPolicy', input: { policy } }),
};
