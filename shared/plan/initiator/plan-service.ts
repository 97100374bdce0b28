import { whyUnread } from '../../model/observed.ts';
import type { DraftBuilder } from '../draft.ts';
import type { InitiatorObserved } from '../observed.ts';
import type { InitiatorDesire } from './desire.ts';

/** A volume may be bound by its lasting name or by its letter. */
export const isVolumeBound = (
  volume: { readonly path: string; readonly driveLetter: string | null },
  bound: readonly string[],
): boolean =>
  bound.some((entry) => {
    const plain = entry.replace(/\\$/, '').toLowerCase();
    return (
      plain === volume.path.replace(/\\$/, '').toLowerCase() ||
      (volume.driveLetter !== null && plain === `${volume.driveLetter.toLowerCase()}:`)
    );
  });

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
        'Look whether this system has the service MSiSCSI.',
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
      const wasOn = runs && service.startMode === 'automatic';
      builder.step({
        action: { do: 'initiator.setService', running: wanted },
        title: wanted
          ? 'Start the Microsoft iSCSI Initiator Service and let it start by itself'
          : 'Stop the Microsoft iSCSI Initiator Service and let it start by hand only',
        why: `It is ${service.state} and starts ${service.startMode ?? 'in an unknown way'}.`,
        manual: 'Services (services.msc): Microsoft iSCSI Initiator Service.',
        undo: {
          text: wasOn ? 'Starts it again.' : 'Stops it again and makes it manual.',
          actions: [{ do: 'initiator.setService', running: wasOn }],
        },
        subject: [String(wanted)],
      });
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
    if (different.length > 0)
      builder.step({
        action: { do: 'initiator.setFirewall', enabled: desire.firewall },
        title: `Switch the firewall rules for iSCSI ${desire.firewall ? 'on' : 'off'}`,
        why: `${different.length} of ${firewallRules.length} rules are ${desire.firewall ? 'off' : 'on'}: ${different.map((rule) => rule.name).join(', ')}.`,
        manual: 'Windows Defender Firewall with Advanced Security: the rules of the group iSCSI Service.',
        ...(different.length === firewallRules.length
          ? {
              undo: {
                text: `Switches them ${desire.firewall ? 'off' : 'on'} again.`,
                actions: [{ do: 'initiator.setFirewall', enabled: !desire.firewall }],
              },
            }
          : {}),
        subject: [String(desire.firewall)],
      });
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
    builder.more('Multipath I/O is installed with the next restart of the server; the rest is planned after it.');
    return false;
  }
  if (mpio.feature !== 'installed') {
    if (mpio.feature === 'uninstallPending' || (mpio.feature === 'removed' && wanted?.installed !== true)) {
      builder.refuse('MPIO_NOT_INSTALLED', { state: mpio.feature });
      return false;
    }
    if (wanted?.installed !== true) {
      if (wanted?.claimsIscsi !== undefined || wanted?.loadBalancePolicy !== undefined)
        builder.refuse('MPIO_NOT_INSTALLED', { state: mpio.feature });
      return !needsIt;
    }
    builder.step({
      action: { do: 'mpio.installFeature' },
      title: `Install the feature Multipath-IO on ${observed.node}`,
      why: `It is ${mpio.feature}. Without it two paths to a disk are two disks.`,
      manual: 'Server Manager: Add Roles and Features, Multipath I/O.',
      restart: 'after',
    });
    builder.more('The server has to be restarted; then Quorate switches on the claim for iSCSI and plans the logons.');
    return false;
  }
  if (wanted?.claimsIscsi !== undefined && mpio.claimsIscsi !== wanted.claimsIscsi) {
    if (mpio.claimsIscsi === null) {
      builder.unknown('whether multipath I/O takes iSCSI disks', whyUnread(mpio, 'claimsIscsi') ?? 'it was not read');
      return false;
    }
    if ((observed.state.sessions ?? []).length > 0)
      builder.warn('iSCSI sessions exist already. Disks that are there now may be claimed only after a restart.');
    builder.step({
      action: { do: 'mpio.setIscsiClaim', claims: wanted.claimsIscsi },
      title: `${wanted.claimsIscsi ? 'Let' : 'Do not let'} multipath I/O take iSCSI disks by itself`,
      why: `It ${mpio.claimsIscsi ? 'does' : 'does not'} now.`,
      manual: 'MPIO (mpiocpl.exe): Discover Multi-Paths, Add support for iSCSI devices.',
      undo: {
        text: 'Switches it back.',
        actions: [{ do: 'mpio.setIscsiClaim', claims: !wanted.claimsIscsi }],
      },
      subject: [String(wanted.claimsIscsi)],
    });
  }
  if (wanted?.loadBalancePolicy !== undefined && mpio.loadBalancePolicy !== wanted.loadBalancePolicy) {
    if (mpio.loadBalancePolicy === null) {
      builder.unknown('the load-balance policy', whyUnread(mpio, 'loadBalancePolicy') ?? 'it was not read');
      return false;
    }
    builder.step({
      action: { do: 'mpio.setLoadBalancePolicy', policy: wanted.loadBalancePolicy },
      title: `Set the load-balance policy of new disks to ${wanted.loadBalancePolicy}`,
      why: `It is ${mpio.loadBalancePolicy}.`,
      manual: 'Set-MSDSMGlobalDefaultLoadBalancePolicy, or mpiocpl.exe.',
      undo: {
        text: `Goes back to ${mpio.loadBalancePolicy}.`,
        actions: [{ do: 'mpio.setLoadBalancePolicy', policy: mpio.loadBalancePolicy }],
      },
      subject: [wanted.loadBalancePolicy],
    });
  }
  return true;
};
