import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import { portalText } from '../../plan/initiator/paths.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { barePortal, initiatorTool, judgeState, portalFields } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.removePortal'), ...portalFields });

/** Throws `INITIATOR_PORTAL_NOT_FOUND`. */
export const removePortal: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Remove-InitiatorPortal',
  subject: (portal) => [portalText(portal.targetPortalAddress, portal.targetPortalPort), portal.initiatorPortalAddress],
  words: ({ targetPortalAddress, targetPortalPort }) => ({
    title: `Remove the target portal ${portalText(targetPortalAddress, targetPortalPort)}`,
    why: 'The portal is no longer wanted.',
    manual: `${initiatorTool}: Discovery, Remove.`,
  }),
  undo: (change) => ({
    text: 'Adds it again, without CHAP.',
    changes: [{ do: 'initiator.addPortal', ...barePortal(change), authentication: { kind: 'none' } }],
  }),
  done: (unwanted, observed) =>
    judgeState(observed, 'portals', (portals) => {
      const isThere = portals.some(
        (portal) =>
          isSameAddress(portal.targetPortalAddress, unwanted.targetPortalAddress) &&
          portal.targetPortalPort === unwanted.targetPortalPort &&
          (portal.initiatorPortalAddress === null || unwanted.initiatorPortalAddress === null
            ? portal.initiatorPortalAddress === unwanted.initiatorPortalAddress
            : isSameAddress(portal.initiatorPortalAddress, unwanted.initiatorPortalAddress)),
      );
      return judge(!isThere, isThere ? 'the portal is in the list' : 'the portal is not in the list');
    }),
};
