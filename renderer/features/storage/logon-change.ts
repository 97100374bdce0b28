import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { findChapSecretProblem, findMutualSecretProblem } from '../../../shared/model/windows-iscsi.ts';
import type { Authentication } from '../../../shared/plan/initiator/desire.ts';

export interface Chap {
  readonly kind: Authentication['kind'];
  readonly userName: string;
  readonly secret: string;
  readonly mutualSecret: string;
}

export const noChap: Chap = { kind: 'none', userName: '', secret: '', mutualSecret: '' };

const sentence = (what: string, problem: string | null): string | null =>
  problem === null ? null : `${what} ${problem}.`;

/** What is wrong with each field of the CHAP, in words that never hold a secret. */
export const chapProblems = ({
  kind,
  userName,
  secret,
  mutualSecret,
}: Chap): Readonly<Record<'userName' | 'secret' | 'mutualSecret', string | null>> => ({
  userName: kind !== 'none' && userName.trim() === '' ? 'Type the user name that the target asks for.' : null,
  secret: kind === 'none' ? null : sentence('This secret', findChapSecretProblem(secret)),
  mutualSecret: kind === 'mutualChap' ? sentence('This secret', findMutualSecretProblem(secret, mutualSecret)) : null,
});

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
