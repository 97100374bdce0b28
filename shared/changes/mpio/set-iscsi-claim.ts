import * as z from 'zod';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('mpio.setIscsiClaim'), claims: z.boolean() });

/** Lets MPIO take iSCSI disks by itself, or not. Throws `MPIO_NOT_INSTALLED`. */
export const setIscsiClaim: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-MpioClaim',
  parameters: ({ claims }) => ({ enabled: claims }),
  timeoutMs: 180_000,
  subject: ({ claims }) => [String(claims)],
  words: ({ claims }, { mpio }) => ({
    title: `${claims ? 'Let' : 'Do not let'} multipath I/O claim iSCSI disks automatically`,
    why: mpio?.claimsIscsi
      ? 'It claims them now.'
      : 'It does not claim them yet, so each path to a disk would show a disk of its own.',
    manual: 'MPIO (mpiocpl.exe): Discover Multi-Paths, Add support for iSCSI devices.',
  }),
  undo: ({ claims }) => ({
    text: 'Switches it back.',
    changes: [{ do: 'mpio.setIscsiClaim', claims: !claims }],
  }),
  done: ({ claims }, { mpio, mpioUnread }) =>
    mpio?.claimsIscsi == null
      ? unknown(mpioUnread ?? 'the claim was not read')
      : judge(mpio.claimsIscsi === claims, `iSCSI disks are ${mpio.claimsIscsi ? '' : 'not '}claimed`),
};
