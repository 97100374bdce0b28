import { isIPv4, isIPv6 } from 'node:net';
import { IscsiError } from '../error.ts';
import { wrongText } from './pairs.ts';

/** RFC 7143 section 4.2.7.1: an iSCSI name is at most 223 bytes of UTF-8. */
export const MAX_NAME_LENGTH = 223;
/** Registered by IANA for iSCSI: RFC 7143 section 15. */
export const DEFAULT_PORT = 3260;

/** RFC 7143 sections 4.2.7.4 to 4.2.7.6. */
export type IscsiNameType = 'iqn' | 'eui' | 'naa';

/** A parsed name. */
export interface IscsiName {
  /** In the normal form that is compared and sent: lower case (RFC 7143 section 4.2.7.2). */
  readonly name: string;
  readonly type: IscsiNameType;
}

const badName = (name: string, reason: string): IscsiError =>
  new IscsiError('NAME_MALFORMED', {
    phase: 'input',
    detail: { name: JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name), reason },
  });

/** iqn.yyyy-mm.reversed-domain, optionally a colon and anything: RFC 7143 section 4.2.7.4. */
const IQN = /^iqn\.(\d{4})-(\d{2})\.([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(.*))?$/u;

/** What is taken beyond the standard. */
export interface NameRules {
  /** Also take the underscore, which the standard leaves out and existing targets have. */
  readonly allowUnderscore?: boolean;
}

/**
 * Parses a name of one of the three types of RFC 7143 sections 4.2.7.4 to 4.2.7.6. Capitals are taken and lowered, as the preparation of
 * RFC 3722 does; characters that RFC 7143 section 4.2.7.2 leaves out (blanks, most punctuation) are refused. Throws NAME_MALFORMED.
 */
export const parseIscsiName = (text: string, rules: NameRules = {}): IscsiName => {
  const name = text.normalize('NFKC').toLowerCase();
  if (name === '') throw badName(text, 'it is empty');
  const lengthBytes = Buffer.byteLength(name, 'utf8');
  if (lengthBytes > MAX_NAME_LENGTH) throw badName(text, `it is ${lengthBytes} bytes long and 223 are the most`);
  // 4.2.7.2: of ASCII only letters, digits, dash, dot and colon.
  const wrong = [...name].find(
    (c) =>
      !/[a-z0-9.:-]/.test(c) &&
      !(c === '_' && rules.allowUnderscore === true) &&
      !(c.charCodeAt(0) > 0x7f && /[\p{L}\p{M}\p{N}]/u.test(c)),
  );
  if (wrong !== undefined) throw badName(text, `the character ${JSON.stringify(wrong)} cannot stand in a name`);
  if (name.startsWith('iqn.')) {
    const match = IQN.exec(name);
    if (match === null)
      throw badName(text, 'an iqn name is "iqn.", year-month, ".", reversed domain, and perhaps ":" and more');
    const month = Number(match[2]);
    if (month < 1 || month > 12) throw badName(text, `${match[2] ?? ''} is not a month`);
    return { name, type: 'iqn' };
  }
  if (name.startsWith('eui.')) {
    if (!/^eui\.[0-9a-f]{16}$/.test(name)) throw badName(text, 'an eui name is "eui." and 16 hexadecimal digits'); // 4.2.7.5
    return { name, type: 'eui' };
  }
  if (name.startsWith('naa.')) {
    // 4.2.7.6: 16 digits, or 32 for NAA type 6.
    if (!/^naa\.(?:[0-9a-f]{16}|[0-9a-f]{32})$/.test(name))
      throw badName(text, 'a naa name is "naa." and 16 or 32 hexadecimal digits');
    return { name, type: 'naa' };
  }
  throw badName(text, 'it begins with none of "iqn.", "eui." and "naa."');
};

/**
 * The name of a target is sent as it was announced: many targets compare letter by letter, and what a target calls itself is not ours to mend.
 * Refused is only what cannot be sent. Throws NAME_MALFORMED.
 */
export const checkTargetName = (name: string): void => {
  if (name === '') throw badName(name, 'it is empty');
  const wrong = wrongText(name, MAX_NAME_LENGTH);
  if (wrong !== undefined) throw badName(name, wrong);
};

/** Why a target's name is none of RFC 7143; undefined where it is one. The underscore, which many targets have, is let pass. */
export const findNameProblem = (name: string): string | undefined => {
  try {
    parseIscsiName(name, { allowUnderscore: true });
    return undefined;
  } catch (error) {
    return error instanceof IscsiError ? String(error.detail['reason']) : undefined;
  }
};

/** An address and a TCP port: RFC 7143 section 4.4.1 (network portal). */
export interface Portal {
  /** IPv4, IPv6 without brackets, or a DNS name. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** A portal and the portal group that it belongs to. */
export interface TaggedPortal extends Portal {
  /** Portal group tag, 0 to 65535; undefined when the address had none. */
  readonly tag: number | undefined;
}

const badPortal = (text: string, reason: string): IscsiError => {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  return new IscsiError('PORTAL_MALFORMED', { phase: 'input', portal: shown, detail: { portal: shown, reason } });
};

const parsePort = (whole: string, text: string): number => {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw badPortal(whole, `${JSON.stringify(text)} is not a port from 1 to 65535`);
  return port;
};

/** RFC 1123 host names, also with the underscore that Windows names may have. */
const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

/** IPv4 or a name. */
const checkHost = (whole: string, host: string): void => {
  if (isIPv4(host)) return;
  if (/^[0-9.]+$/.test(host)) throw badPortal(whole, `${JSON.stringify(host)} is not an IPv4 address`);
  if (!HOST.test(host)) throw badPortal(whole, `${JSON.stringify(host)} is neither an address nor a host name`);
};

/**
 * Parses `host`, `host:port`, `[ipv6]`, `[ipv6]:port` or a bare IPv6 address: the domainname and port of RFC 7143 section 13.8. The
 * zone of a link-local IPv6 address (`%eth0`) is kept. Throws PORTAL_MALFORMED.
 */
export const parsePortal = (text: string, defaultPort = DEFAULT_PORT): Portal => {
  const trimmed = text.trim();
  if (trimmed === '') throw badPortal(text, 'it is empty');
  if (trimmed.startsWith('[')) {
    const close = trimmed.indexOf(']');
    const host = trimmed.slice(1, close < 0 ? undefined : close);
    if (close < 0 || !isIPv6(host)) throw badPortal(text, 'what stands in brackets is not an IPv6 address');
    const rest = trimmed.slice(close + 1);
    if (rest === '') return { host, port: defaultPort };
    if (!rest.startsWith(':')) throw badPortal(text, 'after the bracket only a colon and a port can stand');
    return { host, port: parsePort(text, rest.slice(1)) };
  }
  if (isIPv6(trimmed)) return { host: trimmed, port: defaultPort };
  const colon = trimmed.lastIndexOf(':');
  const host = colon < 0 ? trimmed : trimmed.slice(0, colon);
  const port = colon < 0 ? defaultPort : parsePort(text, trimmed.slice(colon + 1));
  checkHost(text, host);
  return { host, port };
};

/** A portal that was parsed already or made by hand: held to the same rules as its text. Throws PORTAL_MALFORMED. */
export const toPortal = (portal: string | Portal): Portal => {
  if (typeof portal === 'string') return parsePortal(portal);
  const { host, port } = portal;
  const text = `${host}:${port}`;
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw badPortal(text, `${port} is not a port from 1 to 65535`);
  if (!isIPv6(host)) checkHost(text, host);
  return { host, port };
};

/** `address:port`, IPv6 in brackets. */
export const formatPortal = (portal: Portal): string =>
  isIPv6(portal.host) ? `[${portal.host}]:${portal.port}` : `${portal.host}:${portal.port}`;

/** The value of a TargetAddress key: `domainname[:port][,portal-group-tag]`, RFC 7143 section 13.8. Throws PORTAL_MALFORMED. */
export const parseTargetAddress = (value: string): TaggedPortal => {
  const comma = value.lastIndexOf(',');
  if (comma < 0) return { ...parsePortal(value), tag: undefined };
  const tagText = value.slice(comma + 1);
  const tag = /^[0-9]{1,5}$/.test(tagText) ? Number(tagText) : -1;
  if (tag < 0 || tag > 65535) throw badPortal(value, `${JSON.stringify(tagText)} is not a portal group tag`);
  return { ...parsePortal(value.slice(0, comma)), tag };
};

/** The value of a TargetAddress key: RFC 7143 section 13.8. */
export const formatTargetAddress = (portal: TaggedPortal): string =>
  portal.tag === undefined ? formatPortal(portal) : `${formatPortal(portal)},${portal.tag}`;

/** One target of a SendTargets answer. */
export interface DiscoveredTarget {
  /** As the target wrote it. */
  readonly name: string;
  /**
   * In the order of the answer. Empty, without `unusableAddresses`: the target is at the portal that was asked (RFC 7143 section 13.3). Empty, with
   * them: nobody can say where it is.
   */
  readonly portals: readonly TaggedPortal[];
  /** Addresses whose tag is no portal group tag (0 to 65535), as they came; their portals stand in `portals` without it. */
  readonly addressesWithOddTag?: readonly string[];
  /** Addresses of this target that cannot be understood; left out when there are none. */
  readonly unusableAddresses?: readonly string[];
}

/** Encodes and decodes what SendTargets answers: RFC 7143 appendix C ("SendTargets Operation"). */
export const encodeSendTargets = (targets: readonly DiscoveredTarget[]): (readonly [string, string])[] =>
  targets.flatMap((target) => [
    ['TargetName', target.name] as const,
    ...target.portals.map((portal) => ['TargetAddress', formatTargetAddress(portal)] as const),
  ]);

/** The portal of an address whose tag cannot be one; null where the portal is none either. */
const withoutTag = (value: string): Portal | null => {
  try {
    return parsePortal(value.slice(0, value.lastIndexOf(',')));
  } catch {
    return null;
  }
};

/** Portals of a target that comes twice are put together. Unusable addresses are listed with their target and all together. Throws DISCOVERY_FAILED. */
export const decodeSendTargets = (
  pairs: readonly (readonly [string, string])[],
): { targets: DiscoveredTarget[]; unusable: string[] } => {
  interface Found {
    readonly portals: TaggedPortal[];
    readonly oddTags: string[];
    readonly unusable: string[];
  }
  const byName = new Map<string, Found>();
  const unusable: string[] = [];
  let current: Found | undefined;
  const keep = (found: Found, portal: TaggedPortal): void => {
    if (!found.portals.some((p) => p.host === portal.host && p.port === portal.port && p.tag === portal.tag))
      found.portals.push(portal);
  };
  for (const [key, value] of pairs) {
    if (key === 'TargetName') {
      // Names are kept as they came, to be sent back so: some targets compare letter by letter.
      current = byName.get(value) ?? { portals: [], oddTags: [], unusable: [] };
      byName.set(value, current);
    } else if (key === 'TargetAddress') {
      if (current === undefined) {
        throw new IscsiError('DISCOVERY_FAILED', {
          phase: 'discovery',
          detail: { reason: 'an address comes before any target' },
        });
      }
      try {
        keep(current, parseTargetAddress(value));
      } catch {
        const portal = withoutTag(value);
        if (portal === null) {
          current.unusable.push(value);
          unusable.push(value);
        } else {
          current.oddTags.push(value);
          keep(current, { ...portal, tag: undefined });
        }
      }
    }
  }
  const targets = [...byName].map(([name, found]) => ({
    name,
    portals: found.portals,
    ...(found.oddTags.length === 0 ? {} : { addressesWithOddTag: found.oddTags }),
    ...(found.unusable.length === 0 ? {} : { unusableAddresses: found.unusable }),
  }));
  return { targets, unusable };
};
