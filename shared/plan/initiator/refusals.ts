import { kindOf } from '../../changes/index.ts';
import { addressFamilyOf, isAddress, isInPrefix, isSameAddress, networkOf } from '../../model/address.ts';
import { findChapSecretProblem, findIscsiNameProblem, findMutualSecretProblem } from '../../model/windows-iscsi.ts';
import type { DraftBuilder } from '../draft.ts';
import type { InitiatorObserved } from '../observed.ts';
import { roleNames, type Nic } from '../../model/nic.ts';
import { featureStateWords } from '../../model/roles.ts';
import type { Authentication, InitiatorDesire, PathDesire } from './desire.ts';
import { isSamePath, nicOfAddress, portalText } from './paths.ts';

export type SecretTexts = Readonly<Record<string, string>>;

const refuseAuthentication = (
  builder: DraftBuilder,
  authentication: Authentication,
  desire: InitiatorDesire,
  secrets: SecretTexts,
): void => {
  if (authentication.kind === 'none') return;
  const secret = secrets[authentication.secretName];
  // Whether it is needed at all, the steps say: see refuseWithoutSecrets.
  if (secret === undefined) return;
  const mutual = desire.mutualSecretName == null ? undefined : secrets[desire.mutualSecretName];
  const problem =
    findChapSecretProblem(secret) ??
    (mutual !== undefined && mutual === secret ? findMutualSecretProblem(secret, mutual) : null);
  if (problem) builder.refuse('INITIATOR_SECRET_INVALID', { problem: `${authentication.secretName} ${problem}` });
};

/** A portal in another network than its source is a slip of the hand, unless somebody routes iSCSI. */
const warnOfRouting = (
  builder: DraftBuilder,
  { targetPortalAddress, targetPortalPort }: Pick<PathDesire, 'targetPortalAddress' | 'targetPortalPort'>,
  source: string,
  nic: Nic,
): void => {
  const own = (nic.addresses ?? []).find((entry) => isSameAddress(entry.address, source));
  const network = own ? networkOf(own.address, own.prefixLength) : null;
  if (!own || network === null || !isAddress(targetPortalAddress)) return;
  if (isInPrefix(targetPortalAddress, own.address, own.prefixLength)) return;
  builder.warn(
    `The portal ${portalText(targetPortalAddress, targetPortalPort)} is outside the network of ${nic.name} (${network}): it is reached only where iSCSI is routed. Check the address.`,
  );
};

const refusePath = (
  builder: DraftBuilder,
  path: PathDesire,
  desire: InitiatorDesire,
  observed: InitiatorObserved,
  secrets: SecretTexts,
): void => {
  const portal = portalText(path.targetPortalAddress, path.targetPortalPort);
  const invalid = (problem: string): void =>
    builder.refuse('INITIATOR_PATH_INVALID', {
      source: path.initiatorPortalAddress,
      portal,
      target: path.targetNodeAddress,
      problem,
    });
  const nameProblem = findIscsiNameProblem(path.targetNodeAddress);
  if (nameProblem) builder.refuse('INITIATOR_NAME_INVALID', { name: path.targetNodeAddress, problem: nameProblem });
  if (!isAddress(path.initiatorPortalAddress)) invalid('names a source that is not an address');
  else if (!isAddress(path.targetPortalAddress)) invalid('names a portal that is not an address');
  else if (addressFamilyOf(path.initiatorPortalAddress) !== addressFamilyOf(path.targetPortalAddress))
    invalid('mixes IPv4 and IPv6');
  if (desire.paths.filter((other) => isSamePath(other, path)).length > 1)
    builder.refuse('PLAN_GIVEN_TWICE', { thing: `The path from ${path.initiatorPortalAddress} over ${portal}` });
  if (!path.present) return;
  refuseAuthentication(builder, path.authentication, desire, secrets);
  if (observed.nics === null) {
    builder.unknown('the addresses of this server', 'the network adapters could not be read');
    return;
  }
  const nic = nicOfAddress(path.initiatorPortalAddress, observed.nics);
  if (!nic) {
    if (isAddress(path.initiatorPortalAddress))
      builder.refuse('INITIATOR_SOURCE_ADDRESS_UNKNOWN', { address: path.initiatorPortalAddress });
    return;
  }
  const role = observed.roles.get(nic.interfaceGuid);
  if (role === undefined)
    builder.warn(`${nic.name}, which has ${path.initiatorPortalAddress}, was not given an iSCSI role yet.`);
  else if (role !== 'iscsiA' && role !== 'iscsiB')
    builder.warn(`${nic.name}, which has ${path.initiatorPortalAddress}, has the role ${roleNames[role]}, not iSCSI.`);
  warnOfRouting(builder, path, path.initiatorPortalAddress, nic);
};

/** Says everything that is wrong with wanted logons, before any step is planned. */
export const refuseInitiator = (
  builder: DraftBuilder,
  desire: InitiatorDesire,
  observed: InitiatorObserved,
  secrets: SecretTexts,
): void => {
  if (desire.iqn !== undefined) {
    const problem = findIscsiNameProblem(desire.iqn);
    if (problem) builder.refuse('INITIATOR_NAME_INVALID', { name: desire.iqn, problem });
  }
  if (desire.mutualSecretName != null) {
    const secret = secrets[desire.mutualSecretName];
    const problem = secret === undefined ? null : findChapSecretProblem(secret);
    if (problem)
      builder.refuse('INITIATOR_SECRET_INVALID', { problem: `${desire.mutualSecretName} (mutual) ${problem}` });
  }
  for (const portal of desire.portals) {
    const text = portalText(portal.targetPortalAddress, portal.targetPortalPort);
    const invalid = (problem: string): void => builder.refuse('INITIATOR_PORTAL_INVALID', { portal: text, problem });
    if (!isAddress(portal.targetPortalAddress)) invalid('is not an IPv4 or IPv6 address');
    const source = portal.initiatorPortalAddress;
    if (source !== null && !isAddress(source)) invalid(`has a source that is not an address (${source})`);
    else if (
      source !== null &&
      isAddress(portal.targetPortalAddress) &&
      addressFamilyOf(source) !== addressFamilyOf(portal.targetPortalAddress)
    )
      invalid(`is not of the same kind as its source ${source}: one is IPv4, the other IPv6`);
    else if (source !== null && portal.present && observed.nics) {
      const nic = nicOfAddress(source, observed.nics);
      if (nic) warnOfRouting(builder, portal, source, nic);
      else builder.refuse('INITIATOR_SOURCE_ADDRESS_UNKNOWN', { address: source });
    }
    if (portal.present) refuseAuthentication(builder, portal.authentication, desire, secrets);
  }
  for (const path of desire.paths) refusePath(builder, path, desire, observed, secrets);
  refuseWithoutMpio(builder, desire, observed);
};

/** Secrets are asked for where a step needs them: whatever is as it should be asks for none. */
export const refuseWithoutSecrets = (builder: DraftBuilder, secrets: SecretTexts): void => {
  for (const { change } of builder.build().steps)
    for (const name of kindOf(change).secrets?.(change) ?? [])
      if (!(name in secrets)) builder.refuse('PLAN_SECRET_MISSING', { name });
};

/** MPIO and its automatic claim come before the logons: without them each path would be a disk of its own. */
const refuseWithoutMpio = (builder: DraftBuilder, desire: InitiatorDesire, observed: InitiatorObserved): void => {
  const logons = desire.paths.filter((path) => path.present);
  for (const target of new Set(logons.map((path) => path.targetNodeAddress))) {
    const known = observed.wantedPaths.filter(
      (path) => path.targetNodeAddress === target && !desire.paths.some((other) => isSamePath(other, path)),
    );
    const ofTarget = logons.filter((path) => path.targetNodeAddress === target);
    const needsMpio = ofTarget.some((path) => path.isMultipathEnabled) || ofTarget.length + known.length > 1;
    if (!needsMpio) continue;
    if (!observed.mpio) {
      builder.unknown('whether multipath I/O is ready', observed.mpioUnread ?? 'it was not read');
      return;
    }
    const { feature, claimsIscsi } = observed.mpio;
    // What the same change installs is planned first; the logons are planned after its restart.
    if (feature !== 'installed') {
      if (desire.mpio?.installed !== true && feature !== 'installPending')
        builder.refuse('MPIO_NOT_INSTALLED', { state: featureStateWords[feature] });
    } else if (claimsIscsi === false && desire.mpio?.claimsIscsi !== true) builder.refuse('MPIO_NOT_CLAIMING', {});
    else if (claimsIscsi === null)
      builder.unknown('whether multipath I/O claims iSCSI disks', 'it was not read', 'Read the server again.');
  }
};
