import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { addressFamilyOf, isAddress, isInPrefix, parseAddressWithPrefix } from '../../../shared/model/address.ts';
import { findIscsiNameProblem } from '../../../shared/model/windows-iscsi.ts';
import type { InitiatorDesireInput } from './change.ts';
import type { authenticationOf } from './logon-change.ts';

/** What the form of the connections holds, as it was typed. */
export interface ConnectValues {
  /** Source address -> portal as `address` or `address:port`; empty: none from there. */
  readonly portals: Readonly<Record<string, string>>;
  /** Empty: portals only, the target is chosen once it is discovered. */
  readonly target: string;
  readonly iqn: string;
  readonly hasMpio: boolean;
  readonly hasFirewall: boolean;
}

const usualPort = 3260;

/** `10.0.0.1`, `10.0.0.1:3260`, `fd00::1`, `[fd00::1]:3260`; null where it is none of these. */
export const parsePortal = (text: string): { address: string; port: number } | null => {
  const typed = text.trim();
  if (isAddress(typed)) return { address: typed, port: usualPort };
  const match = /^(?:\[([^\]]+)\]|([^:\]]+)):(\d{1,5})$/.exec(typed);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isAddress(address) && port >= 1 && port <= 65_535 ? { address, port } : null;
};

export const portalProblem = (text: string): string | null =>
  text.trim() === '' || parsePortal(text)
    ? null
    : 'Type an IP address, or address:port with a port from 1 to 65535, such as 10.0.0.10:3260.';

/** What a portal that is reached only over a router is told with while it is typed: it may be meant. `network`: that of its source. */
export const portalCaution = (text: string, network: string | null): string | null => {
  const portal = parsePortal(text);
  const of = network === null ? null : parseAddressWithPrefix(network);
  if (!portal || !of) return null;
  if (addressFamilyOf(portal.address) !== addressFamilyOf(of.address))
    return `This adapter has an address in ${network}, and IPv4 cannot reach IPv6. Check the address.`;
  return !isInPrefix(portal.address, of.address, of.prefixLength)
    ? `Outside ${network}, the network of this adapter: it is reached only where iSCSI is routed. Check the address.`
    : null;
};

export const iqnProblem = (iqn: string): string | null => {
  const problem = iqn.trim() === '' ? null : findIscsiNameProblem(iqn.trim());
  return problem === null ? null : `This name ${problem}.`;
};

/** The portals that are known already for each source, or those that another server of the cluster uses for the same role. */
export const proposePortals = (
  view: InitiatorView,
  others: readonly InitiatorView[],
): Readonly<Record<string, string>> => {
  const print = (address: string, port: number): string =>
    port === usualPort ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const portalFrom = (of: InitiatorView, source: string | undefined): string => {
    const portal = of.state.portals?.find(({ initiatorPortalAddress }) => initiatorPortalAddress === source);
    return portal && source ? print(portal.targetPortalAddress, portal.targetPortalPort) : '';
  };
  return Object.fromEntries(
    view.sources.map(({ address, role }) => {
      const own = portalFrom(view, address);
      const peer = others
        .map((other) => portalFrom(other, other.sources.find((source) => source.role === role)?.address))
        .find((one) => one !== '');
      return [address, own || (peer ?? '')];
    }),
  );
};

/** Targets to choose from: those that were discovered here, and those that another server of the cluster is logged on to. */
export const knownTargets = (view: InitiatorView, others: readonly InitiatorView[]): string[] => [
  ...new Set([
    ...(view.state.targets ?? []).map(({ nodeAddress }) => nodeAddress),
    ...others.flatMap(({ paths }) => paths.map(({ path }) => path.targetNodeAddress)),
  ]),
];

/** Everything in one desire: service, firewall, multipath, portals, and with a target a path from each source to its portal. */
export const connectDesire = (
  values: ConnectValues,
  currentIqn: string | null,
  { authentication, mutual }: Pick<ReturnType<typeof authenticationOf>, 'authentication' | 'mutual'>,
): InitiatorDesireInput => {
  const portals = Object.entries(values.portals).flatMap(([source, text]) => {
    const portal = parsePortal(text);
    return portal ? [{ source, ...portal }] : [];
  });
  const iqn = values.iqn.trim();
  return {
    ...mutual,
    service: true,
    ...(values.hasFirewall ? { firewall: true } : {}),
    ...(values.hasMpio ? { mpio: { installed: true, claimsIscsi: true } } : {}),
    ...(iqn !== '' && iqn !== currentIqn ? { iqn } : {}),
    portals: portals.map(({ source, address, port }) => ({
      targetPortalAddress: address,
      targetPortalPort: port,
      initiatorPortalAddress: source,
      authentication,
    })),
    discover: portals.length > 0,
    paths:
      values.target === ''
        ? []
        : portals.map(({ source, address, port }) => ({
            targetNodeAddress: values.target,
            initiatorPortalAddress: source,
            targetPortalAddress: address,
            targetPortalPort: port,
            isMultipathEnabled: values.hasMpio,
            authentication,
          })),
  };
};
