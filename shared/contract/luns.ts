import * as z from 'zod';
import { lunMapSchema, seenLunsSchema } from '../model/lun-map.ts';
import { endpointSchema } from '../model/peer.ts';
import { chapSchema } from './iscsi.ts';
import { method } from './define.ts';

const here = ['ui', 'cli'] as const;
/**
 * For targets at these portals that ask for CHAP. It goes to the paired servers that log on there, over the channel, is used for this one question, and
 * kept nowhere.
 */
const chap = chapSchema.optional();
const portalsSchema = z.array(endpointSchema).max(16).default([]);

/**
 * Which logical units this server sees: those of Windows' sessions and shared buses, and, over each portal named here, those that Quorate's own
 * initiator is shown; it logs on from the address in the portal's subnet and reads. What cannot be read is a path that says why. Changes nothing.
 * Errors: HOST_UNREACHABLE, POWERSHELL_*.
 */
export const lunsSeen = method({
  name: 'luns.seen',
  kind: 'read',
  callers: [...here, 'peer'],
  inCore: true,
  input: z.object({ portals: portalsSchema, chap }),
  output: seenLunsSchema,
});

/**
 * The logical units of this server and all paired ones side by side, by their identity (VPD page 83h), differences first. A server that does not
 * answer has a column that says why. Errors: PEER_NONE_TO_COMPARE, CANCELLED.
 */
export const peersLuns = method({
  name: 'peers.luns',
  kind: 'read',
  callers: here,
  input: z.object({ portals: portalsSchema, chap }),
  output: lunMapSchema,
});

export const lunMethods = [lunsSeen, peersLuns] as const;
