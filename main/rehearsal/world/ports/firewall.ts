import * as z from 'zod';
import { setPeerOpenings } from '../changes/firewall.ts';
import { changes } from './method.ts';

export const firewallMethods = {
  'firewall.setPeerOpenings': changes(
    z.object({
      owner: z.string().regex(/^[0-9a-f]{16}$/),
      program: z.string(),
      openings: z.array(z.object({ address: z.string(), port: z.number().int(), nic: z.string().nullable() })),
    }),
    setPeerOpenings,
  ),
};
