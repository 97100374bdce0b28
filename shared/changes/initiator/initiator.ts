import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import { whyUnread } from '../../model/observed.ts';
import type { Favourite, IscsiSession } from '../../model/windows-iscsi.ts';
import type { Authentication } from '../../plan/initiator/desire.ts';
import { favouriteMatches } from '../../plan/initiator/paths.ts';
import type { InitiatorObserved } from '../../plan/observed.ts';
import { unknown, type Done } from '../done.ts';

/** Where a person changes the initiator. */
export const initiatorTool = 'iSCSI Initiator (iscsicpl.exe)';

/** A logon waits for the network and for the target: Windows gives up by itself after about 15 seconds a portal. */
export const logonTimeoutMs = 180_000;

/** A discovery portal; `initiatorPortalAddress` binds discovery to a source address, null leaves it to Windows. */
export const portalFields = {
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int(),
  initiatorPortalAddress: z.string().nullable(),
};
export type Portal = z.output<z.ZodObject<typeof portalFields>>;

export const barePortal = ({ targetPortalAddress, targetPortalPort, initiatorPortalAddress }: Portal): Portal => ({
  targetPortalAddress,
  targetPortalPort,
  initiatorPortalAddress,
});

/** How a logon proves itself, with the secret in place of its name. */
export const withSecret = <Secret>(authentication: Authentication, secret: (name: string) => Secret): object =>
  authentication.kind === 'none'
    ? { kind: 'none' }
    : { kind: authentication.kind, userName: authentication.userName, secret: secret(authentication.secretName) };

export const secretNamesOf = (authentication: Authentication): string[] =>
  authentication.kind === 'none' ? [] : [authentication.secretName];

/** Judges one part of the initiator's state; `unknown` where it was not read. */
export const judgeState = <Property extends keyof InitiatorObserved['state']>(
  { state }: InitiatorObserved,
  property: Property,
  judge: (value: NonNullable<InitiatorObserved['state'][Property]>) => Done,
): Done => {
  const value = state[property];
  return value === null || value === undefined
    ? unknown(whyUnread(state, property) ?? `${property} was not read`)
    : judge(value);
};

export const sessionOf = ({ state }: InitiatorObserved, identifier: string): IscsiSession | undefined =>
  state.sessions?.find((candidate) => candidate.sessionIdentifier === identifier);

/** A favourite that names its own source address and leads over this path. */
export const isOwnFavourite = (favourite: Favourite, path: Parameters<typeof favouriteMatches>[1]): boolean =>
  favourite.initiatorPortalAddress !== null &&
  isSameAddress(favourite.initiatorPortalAddress, path.initiatorPortalAddress) &&
  favouriteMatches(favourite, path);
