import { whyUnread } from '../../model/observed.ts';
import { featureStateWords } from '../../model/roles.ts';
import type { DraftBuilder } from '../draft.ts';
import type { InitiatorObserved } from '../observed.ts';
import type { InitiatorDesire } from './desire.ts';

/** Does anything of the desire need a service that runs? */
const needsService = (desire: InitiatorDesire): boolean =>
  desire.iqn !== undefined ||
  desire.mutualSecretName !== undefined ||
  desire.portals.length + desire.paths.length + desire.logOff.length + desire.removeFavourites.length > 0 ||
  desire.discover ||
  desire.bindVolumes;

/** Plans service and firewall rules; false when the rest can only be planned once the service runs. */
export const planService = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): boolean => {
  const { service, firewallRules } = observed.state;
  let runs = service.state === 'running';
  if (desire.service !== undefined || (needsService(desire) && !runs)) {
    if (service.state === null) {
      builder.unknown(
        'the Microsoft iSCSI Initiator Service',
        whyUnread(observed.state, 'service') ?? 'there is no service MSiSCSI',
        'Check whether this system has the service MSiSCSI.',
      );
      return false;
    }
    const wanted = desire.service;
    if (wanted === undefined) {
      builder.refuse('INITIATOR_SERVICE_STOPPED', {});
      return false;
    }
    const isRight = wanted
      ? runs && service.startMode === 'automatic'
      : service.state === 'stopped' && service.startMode !== 'automatic';
    if (!isRight) {
      if (service.startMode === null && runs === wanted) {
        builder.unknown('how the service MSiSCSI starts', whyUnread(observed.state, 'service') ?? 'it was not read');
        return false;
      }
      builder.change({ do: 'initiator.setService', running: wanted }, observed);
    }
    if (!wanted) runs = false;
  }
  if (desire.firewall !== undefined) {
    if (!firewallRules || firewallRules.length === 0) {
      builder.unknown(
        'the firewall rules for iSCSI',
        whyUnread(observed.state, 'firewallRules') ?? 'Windows shows no such rules',
        'Look for the rule group iSCSI Service in Windows Defender Firewall.',
      );
      return false;
    }
    const different = firewallRules.filter((rule) => rule.enabled !== desire.firewall);
    if (different.length > 0) builder.change({ do: 'initiator.setFirewall', enabled: desire.firewall }, observed);
  }
  return runs || !needsService(desire);
};

/** Plans the feature, its claim and policy; false when the rest can only be planned after a restart. */
export const planMpio = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): boolean => {
  const wanted = desire.mpio;
  const { mpio } = observed;
  const needsIt = desire.paths.some((path) => path.present && path.isMultipathEnabled);
  if (!wanted && !needsIt) return true;
  if (!mpio) {
    builder.unknown('whether multipath I/O is ready', observed.mpioUnread ?? 'it was not read');
    return false;
  }
  if (mpio.feature === 'installPending') {
    builder.followUp(
      'restart',
      'Multipath I/O is installed with the next restart of the server; the rest is planned after it.',
    );
    return false;
  }
  if (mpio.feature !== 'installed') {
    if (mpio.feature === 'uninstallPending' || (mpio.feature === 'removed' && wanted?.installed !== true)) {
      builder.refuse('MPIO_NOT_INSTALLED', { state: featureStateWords[mpio.feature] });
      return false;
    }
    if (wanted?.installed !== true) {
      if (wanted?.claimsIscsi !== undefined || wanted?.loadBalancePolicy !== undefined)
        builder.refuse('MPIO_NOT_INSTALLED', { state: featureStateWords[mpio.feature] });
      return !needsIt;
    }
    builder.change({ do: 'mpio.installFeature' }, observed);
    builder.followUp(
      'restart',
      'The server has to be restarted; then Quorate lets multipath I/O claim iSCSI disks and plans the logons.',
    );
    return false;
  }
  if (wanted?.claimsIscsi !== undefined && mpio.claimsIscsi !== wanted.claimsIscsi) {
    if (mpio.claimsIscsi === null) {
      builder.unknown('whether multipath I/O claims iSCSI disks', whyUnread(mpio, 'claimsIscsi') ?? 'it was not read');
      return false;
    }
    if ((observed.state.sessions ?? []).length > 0)
      builder.warn('iSCSI sessions exist already. Disks that are there now may be claimed only after a restart.');
    builder.change({ do: 'mpio.setIscsiClaim', claims: wanted.claimsIscsi }, observed);
  }
  if (wanted?.loadBalancePolicy !== undefined && mpio.loadBalancePolicy !== wanted.loadBalancePolicy) {
    if (mpio.loadBalancePolicy === null) {
      builder.unknown('the load-balance policy', whyUnread(mpio, 'loadBalancePolicy') ?? 'it was not read');
      return false;
    }
    builder.change({ do: 'mpio.setLoadBalancePolicy', policy: wanted.loadBalancePolicy }, observed);
  }
  return true;
};
