import * as z from 'zod';
import { featureStateWords } from '../../model/roles.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('mpio.installFeature') });

/** Installs the feature Multipath-IO; the state is `installPending` until a restart. Throws `ROLE_INSTALL_FAILED`. */
export const installFeature: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Install-MpioFeature',
  timeoutMs: 1_800_000,
  restart: 'after',
  subject: () => [],
  words: (_change, { node, mpio }) => ({
    title: `Install the feature Multipath-IO on ${node}`,
    why: `It is ${mpio ? featureStateWords[mpio.feature] : 'not there'}. Without it two paths to a disk are two disks.`,
    manual: 'Server Manager: Add Roles and Features, Multipath I/O.',
  }),
  undo: () => null,
  stays: 'Multipath I/O stays installed: other storage of this server may use it by now.',
  isInForce: ({ mpio }) => mpio?.feature !== 'installPending',
  done: (_change, { mpio, mpioUnread }) =>
    mpio
      ? judge(
          mpio.feature === 'installed' || mpio.feature === 'installPending',
          `the feature is ${featureStateWords[mpio.feature]}`,
        )
      : unknown(mpioUnread ?? 'multipath I/O was not read'),
};
