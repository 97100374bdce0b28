import { failure, type Failure } from '../../../shared/errors/failure.ts';
import { addressFamilyOf } from '../../../shared/model/address.ts';
import type { IscsiError } from '../../iscsi/index.ts';
import { parsePortal } from '../../iscsi/index.ts';

/** The iSCSI names that a caller may have given, to say which of them was wrong. */
export interface NamesInput {
  readonly initiator?: string | undefined;
  readonly target?: string | undefined;
  readonly secondInitiator?: string | undefined;
  readonly clusterInitiators?: readonly string[] | undefined;
}

/** RFC 7143 section 4.2.7.1. */
const longestNameBytes = 223;

const bytesOf = (name: string): number => Buffer.byteLength(name.normalize('NFKC').toLowerCase());

/** Names begin alike mostly, and an error shows the beginning of a long one. */
const isShownIn = (error: IscsiError, name: string): boolean => {
  const shown = String(error.detail['name'] ?? '');
  return shown === JSON.stringify(name) || shown === JSON.stringify(`${name.slice(0, 57)}...`);
};

/** The failure for a name that is none: which of the names it is, and the limit where it is too long and its form where it is another. */
export const describeNameError = (error: IscsiError, input: NamesInput): Failure => {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['The initiator’s name', input.initiator],
    ['The target’s name', input.target],
    ['The second initiator’s name', input.secondInitiator],
    ...(input.clusterInitiators ?? []).map((name) => ['The name of the cluster’s node', name] as const),
  ];
  const [whose, name] = given.find(([, one]) => one !== undefined && isShownIn(error, one)) ?? ['The iSCSI name'];
  const message = `${whose} ${String(error.detail['name'] ?? '')} is not valid: ${String(error.detail['reason'] ?? '')}`;
  return name !== undefined && bytesOf(name) > longestNameBytes
    ? failure('ISCSI_NAME_TOO_LONG', { message })
    : failure('ISCSI_NAME_MALFORMED', { message });
};

/** What a system's refusal to connect means. The code stays beside it: it is what can be looked up. */
const systemWords: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'no machine of that address answers in the network, or a router has no way to it',
  ENETUNREACH: 'this server has no route to that network',
  ENETDOWN: 'the network adapter of this server is down',
  EHOSTDOWN: 'no machine of that address answers in the network',
  ETIMEDOUT: 'it did not answer',
  EADDRNOTAVAIL: 'no network adapter of this server has that address',
  EADDRINUSE: 'no free port is left at that address',
  EINVAL: 'the system cannot reach the portal from that address',
  EACCES: 'the system does not allow it, mostly because of a firewall of this server',
  EPERM: 'the system does not allow it, mostly because of a firewall of this server',
};

const familyWords = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** Why this address cannot reach this portal, where their very forms tell. */
const describeFamilies = (portal: string, sourceIp: string): string | null => {
  const [to, from] = [addressFamilyOf(parsePortal(portal).host), addressFamilyOf(sourceIp)];
  if (to === null || from === null || to === from) return null;
  return `it is ${familyWords[from]} and the portal is ${familyWords[to]}`;
};

/** The sentence about a connection that did not come about, without bare codes of the system and with the address that was used. */
export const describeWayError = (error: IscsiError, sentence: string, sourceIp: string | undefined): string => {
  if (error.phase !== 'connect') return sentence;
  const code = String(error.detail['reason'] ?? '');
  const mismatch =
    sourceIp !== undefined && error.portal !== undefined ? describeFamilies(error.portal, sourceIp) : null;
  const words = mismatch ?? systemWords[code];
  const said = words === undefined || code === '' ? sentence : sentence.replace(code, mismatch ?? `${words} (${code})`);
  return sourceIp === undefined || said.includes(sourceIp) ? said : `${said}, asked from ${sourceIp}`;
};
