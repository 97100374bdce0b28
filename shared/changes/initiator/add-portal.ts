import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import { authenticationSchema } from '../../plan/initiator/desire.ts';
import { portalText } from '../../plan/initiator/paths.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import {
  barePortal,
  initiatorTool,
  judgeState,
  logonTimeoutMs,
  portalFields,
  secretNamesOf,
  withSecret,
} from './initiator.ts';

const schema = z.object({
  do: z.literal('initiator.addPortal'),
  ...portalFields,
  authentication: authenticationSchema,
});

/** Adds a portal and discovers over it. Throws `INITIATOR_PORTAL_UNREACHABLE`, `INITIATOR_LOGON_REFUSED`. */
export const addPortal: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Add-InitiatorPortal',
  parameters: (change, { secret }) => ({
    ...barePortal(change),
    authentication: withSecret(change.authentication, secret),
  }),
  timeoutMs: logonTimeoutMs,
  secrets: ({ authentication }) => secretNamesOf(authentication),
  subject: (portal) => [portalText(portal.targetPortalAddress, portal.targetPortalPort), portal.initiatorPortalAddress],
  words: ({ targetPortalAddress, targetPortalPort, initiatorPortalAddress: source }) => ({
    title: `Discover the targets of the portal ${portalText(targetPortalAddress, targetPortalPort)}${source === null ? '' : `, from ${source}`}`,
    why: 'The initiator does not know this portal yet.',
    manual: `${initiatorTool}: Discovery, Discover Portal, Advanced: local adapter Microsoft iSCSI Initiator${source === null ? '' : `, initiator IP ${source}`}.`,
  }),
  undo: (change) => ({
    text: 'Removes the portal again.',
    changes: [{ do: 'initiator.removePortal', ...barePortal(change) }],
  }),
  done: (wanted, observed) =>
    judgeState(observed, 'portals', (portals) => {
      const isThere = portals.some(
        (portal) =>
          isSameAddress(portal.targetPortalAddress, wanted.targetPortalAddress) &&
          portal.targetPortalPort === wanted.targetPortalPort &&
          (wanted.initiatorPortalAddress === null ||
            (portal.initiatorPortalAddress !== null &&
              isSameAddress(portal.initiatorPortalAddress, wanted.initiatorPortalAddress))),
      );
      return judge(isThere, isThere ? 'the portal is in the list' : 'the portal is not in the list');
    }),
};
