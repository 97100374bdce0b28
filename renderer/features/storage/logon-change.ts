import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import type { Authentication } from '../../../shared/plan/initiator/desire.ts';

export interface Chap {
  readonly kind: Authentication['kind'];
  readonly userName: string;
  readonly secret: string;
  readonly mutualSecret: string;
}

export const noChap: Chap = { kind: 'none', userName: '', secret: '', mutualSecret: '' };

/** The form's CHAP as the contract has it: the secrets apart, by the names that the desire gives them. */
export const authenticationOf = (
  chap: Chap,
): {
  readonly authentication: Authentication;
  readonly secrets: Readonly<Record<string, string>>;
  readonly mutual: { readonly mutualSecretName?: string };
} => {
  if (chap.kind === 'none') return { authentication: { kind: 'none' }, secrets: {}, mutual: {} };
  const authentication: Authentication = { kind: chap.kind, userName: chap.userName.trim(), secretName: 'chap' };
  return chap.kind === 'mutualChap'
    ? {
        authentication,
        secrets: { chap: chap.secret, mutual: chap.mutualSecret },
        mutual: { mutualSecretName: 'mutual' },
      }
    : { authentication, secrets: { chap: chap.secret }, mutual: {} };
};

export interface PathCandidate {
  readonly key: string;
  readonly source: string;
  readonly sourceName: string;
  readonly portal: string;
  readonly port: number;
  /** The portal was asked from this very address: the likely path. */
  readonly isLikely: boolean;
}

/** Every pair of a source address and a known portal. */
export const pathsOf = (view: Pick<InitiatorView, 'sources' | 'state'>): PathCandidate[] =>
  view.sources.flatMap(({ address, name }) =>
    [
      ...new Map(
        (view.state.portals ?? []).map((portal) => [
          `${portal.targetPortalAddress}:${portal.targetPortalPort}`,
          portal,
        ]),
      ).values(),
    ].map((portal) => ({
      key: `${address} ${portal.targetPortalAddress}:${portal.targetPortalPort}`,
      source: address,
      sourceName: name,
      portal: portal.targetPortalAddress,
      port: portal.targetPortalPort,
      isLikely: (view.state.portals ?? []).some(
        (asked) =>
          asked.initiatorPortalAddress === address &&
          asked.targetPortalAddress === portal.targetPortalAddress &&
          asked.targetPortalPort === portal.targetPortalPort,
      ),
    })),
  );
