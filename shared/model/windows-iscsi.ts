import * as z from 'zod';
import { serviceStartModes, serviceStates } from './host.ts';
import { unreadSchema } from './observed.ts';
import { utf8LengthBytes } from './quantity.ts';

/** RFC 7143 section 4.2.7.1: at most 223 bytes. */
const maxNameBytes = 223;

/**
 * Why a text is no iSCSI name; null when it is one. RFC 7143 sections 4.2.7.2 to 4.2.7.5 and RFC 3722: iqn. with the date
 * and the reversed domain of the naming authority, eui. with 16 hexadecimal digits, naa. with 16 or 32.
 */
export const findIscsiNameProblem = (name: string): string | null => {
  if (name === '') return 'is empty';
  if (utf8LengthBytes(name) > maxNameBytes) return `is longer than ${maxNameBytes} bytes`;
  if (/^eui\./i.test(name)) return /^eui\.[0-9a-f]{16}$/i.test(name) ? null : 'is not eui. and 16 hexadecimal digits';
  if (/^naa\./i.test(name)) {
    return /^naa\.([0-9a-f]{16}|[0-9a-f]{32})$/i.test(name) ? null : 'is not naa. and 16 or 32 hexadecimal digits';
  }
  const match = /^iqn\.(\d{4})-(\d{2})\.([^:]+)(?::(.*))?$/.exec(name);
  if (!match) return 'does not have the form iqn.yyyy-mm.reversed.domain:name, in lower case';
  if (Number(match[2]) < 1 || Number(match[2]) > 12) return `names the month ${match[2]}, which does not exist`;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(match[3]!)) {
    return `does not hold a reversed domain name after the date ("${match[3]}")`;
  }
  if (match[4] === '') return 'ends with a colon and no name after it';
  // RFC 3722 section 6: of ASCII, only a to z, 0 to 9, hyphen, full stop and colon are left after preparation.
  if (match[4] !== undefined && /[^a-z0-9.:\u0080-\u{10ffff}-]/u.test(match[4])) {
    return 'holds a character that iSCSI names do not allow (capitals, spaces, underscores and most signs)';
  }
  return null;
};

/** Microsoft's initiator takes CHAP secrets of 12 to 16 bytes (several storage vendors' manuals say so). */
export const chapSecretBytes = { least: 12, most: 16 } as const;

/** Why a text is no CHAP secret for Windows; null when it is one. Never contains the secret. */
export const findChapSecretProblem = (secret: string): string | null => {
  const bytes = utf8LengthBytes(secret);
  if (bytes < chapSecretBytes.least || bytes > chapSecretBytes.most) {
    return `has ${bytes} bytes; Windows takes ${chapSecretBytes.least} to ${chapSecretBytes.most}`;
  }
  return null;
};

/** RFC 7143 section 12.1.4: both directions must not use the same secret. */
export const findMutualSecretProblem = (oneWay: string, mutual: string): string | null =>
  findChapSecretProblem(mutual) ?? (oneWay === mutual ? 'is the same as the secret of the other direction' : null);

export const iscsiPort = 3260;

export const initiatorServiceSchema = z.object({
  /** Null: no service MSiSCSI on this system. */
  state: z.enum(serviceStates).nullable(),
  startMode: z.enum(serviceStartModes).nullable(),
});
export type InitiatorService = z.infer<typeof initiatorServiceSchema>;

export const firewallRuleSchema = z.object({
  /** The rule's name, which no language changes. */
  name: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  enabled: z.boolean(),
  action: z.enum(['allow', 'block', 'notConfigured']),
  /** `any`, or the profiles that it holds for. */
  profiles: z.array(z.enum(['any', 'domain', 'private', 'public'])),
});
export type FirewallRule = z.infer<typeof firewallRuleSchema>;

/** A portal that the initiator asks for targets. */
export const discoveryPortalSchema = z.object({
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int(),
  /** The source address that discovery is bound to; null: not bound. */
  initiatorPortalAddress: z.string().nullable(),
  initiatorInstanceName: z.string().nullable(),
  isHeaderDigest: z.boolean(),
  isDataDigest: z.boolean(),
});
export type DiscoveryPortal = z.infer<typeof discoveryPortalSchema>;

export const discoveredTargetSchema = z.object({ nodeAddress: z.string(), isConnected: z.boolean() });
export type DiscoveredTarget = z.infer<typeof discoveredTargetSchema>;

export const iscsiConnectionSchema = z.object({
  connectionIdentifier: z.string(),
  initiatorAddress: z.string(),
  initiatorPort: z.number().int(),
  targetAddress: z.string(),
  targetPort: z.number().int(),
});
export type IscsiConnection = z.infer<typeof iscsiConnectionSchema>;

export const authenticationTypes = ['NONE', 'ONEWAYCHAP', 'MUTUALCHAP'] as const;

export const iscsiSessionSchema = z.object({
  sessionIdentifier: z.string(),
  targetNodeAddress: z.string(),
  initiatorNodeAddress: z.string(),
  /** The source address that the logon is bound to; null: Windows shows it blank, the session is not bound. */
  initiatorPortalAddress: z.string().nullable(),
  initiatorInstanceName: z.string().nullable(),
  /** ISID, as Windows writes it. */
  initiatorSideIdentifier: z.string(),
  targetSideIdentifier: z.string(),
  authenticationType: z.enum(authenticationTypes).nullable(),
  isConnected: z.boolean(),
  isPersistent: z.boolean(),
  isDiscovered: z.boolean(),
  isHeaderDigest: z.boolean(),
  isDataDigest: z.boolean(),
  /** The connections as they were found; null when they could not be read. */
  connections: z.array(iscsiConnectionSchema).nullable(),
});
export type IscsiSession = z.infer<typeof iscsiSessionSchema>;

/** A favourite: a logon that Windows repeats at each start. Its data is that of the moment when it was made. */
export const favouriteSchema = z.object({
  targetNodeAddress: z.string(),
  /** Null: any source address. */
  initiatorPortalAddress: z.string().nullable(),
  /** Null: any portal of the target. */
  targetPortalAddress: z.string().nullable(),
  targetPortalPort: z.number().int().nullable(),
  isMultipathEnabled: z.boolean().nullable(),
});
export type Favourite = z.infer<typeof favouriteSchema>;

export const initiatorStateSchema = z.object({
  service: initiatorServiceSchema,
  /** Null when unread, for instance because the service does not run. */
  iqn: z.string().nullable(),
  firewallRules: z.array(firewallRuleSchema).nullable(),
  portals: z.array(discoveryPortalSchema).nullable(),
  targets: z.array(discoveredTargetSchema).nullable(),
  sessions: z.array(iscsiSessionSchema).nullable(),
  favourites: z.array(favouriteSchema).nullable(),
  /** Volumes that the service waits for at a start, as device or mount paths; null when unread. */
  boundVolumes: z.array(z.string()).nullable(),
  unread: z.array(unreadSchema),
});
export type InitiatorState = z.infer<typeof initiatorStateSchema>;

/** One wanted path to a target: which NIC's address logs on to which portal. */
export const iscsiPathSchema = z.object({
  targetNodeAddress: z.string(),
  initiatorPortalAddress: z.string(),
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int().min(1).max(65_535).default(iscsiPort),
});
export type IscsiPath = z.output<typeof iscsiPathSchema>;

export type PathVerdict =
  | { readonly kind: 'proven'; readonly sessionIdentifier: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'doubled'; readonly sessionIdentifiers: readonly string[] }
  | { readonly kind: 'notConnected' | 'notPersistent' | 'notBound'; readonly sessionIdentifier: string };

/**
 * A path is proven when exactly one session goes from this address over this portal to this target, bound, persistent
 * and connected. `sameAddress` compares two addresses whatever their spelling.
 */
export const judgePath = (
  path: IscsiPath,
  sessions: readonly IscsiSession[],
  sameAddress: (one: string, other: string) => boolean,
): PathVerdict => {
  const toTarget = sessions.filter((session) => session.targetNodeAddress === path.targetNodeAddress);
  const unreadable = toTarget.find((session) => session.isConnected && session.connections === null);
  if (unreadable)
    return { kind: 'unknown', because: `the connections of ${unreadable.sessionIdentifier} were not read` };
  const onPath = toTarget.filter((session) =>
    (session.connections ?? []).some(
      (connection) =>
        sameAddress(connection.initiatorAddress, path.initiatorPortalAddress) &&
        sameAddress(connection.targetAddress, path.targetPortalAddress) &&
        connection.targetPort === path.targetPortalPort,
    ),
  );
  if (onPath.length > 1) {
    return { kind: 'doubled', sessionIdentifiers: onPath.map((session) => session.sessionIdentifier) };
  }
  const [session] = onPath;
  if (!session) {
    const lost = toTarget.find(
      (candidate) =>
        !candidate.isConnected &&
        candidate.initiatorPortalAddress !== null &&
        sameAddress(candidate.initiatorPortalAddress, path.initiatorPortalAddress),
    );
    return lost ? { kind: 'notConnected', sessionIdentifier: lost.sessionIdentifier } : { kind: 'absent' };
  }
  const { sessionIdentifier } = session;
  if (!session.isConnected) return { kind: 'notConnected', sessionIdentifier };
  if (session.initiatorPortalAddress === null) return { kind: 'notBound', sessionIdentifier };
  if (!sameAddress(session.initiatorPortalAddress, path.initiatorPortalAddress)) {
    return { kind: 'notBound', sessionIdentifier };
  }
  return session.isPersistent ? { kind: 'proven', sessionIdentifier } : { kind: 'notPersistent', sessionIdentifier };
};

export const featureStates = ['available', 'installed', 'installPending', 'uninstallPending', 'removed'] as const;
/** `removed`: the files are not on the system; `installPending`: a restart finishes it. */
export type FeatureState = (typeof featureStates)[number];

/** Policies of the Microsoft DSM (`Set-MSDSMGlobalDefaultLoadBalancePolicy -Policy`). */
export const loadBalancePolicies = ['None', 'FOO', 'RR', 'LQD', 'LB'] as const;
/** What each of them is called. */
export const loadBalancePolicyWords = {
  None: 'no policy',
  FOO: 'fail over only',
  RR: 'round robin',
  LQD: 'least queue depth',
  LB: 'least blocks',
} as const;
export type LoadBalancePolicy = (typeof loadBalancePolicies)[number];

export const mpioStateSchema = z.object({
  feature: z.enum(featureStates),
  /** Does the Microsoft DSM take iSCSI disks by itself? Null when unread: without the feature nothing can be read. */
  claimsIscsi: z.boolean().nullable(),
  loadBalancePolicy: z.enum(loadBalancePolicies).nullable(),
  unread: z.array(unreadSchema),
});
export type MpioState = z.infer<typeof mpioStateSchema>;
