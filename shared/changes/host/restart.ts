import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { zonedTime } from '../../model/time.ts';

const schema = z.object({
  do: z.literal('host.restart'),
  reason: z.string(),
  /** The last start before it, so that a later one proves the restart. */
  bootedBefore: z.iso.datetime(),
});

/** Windows works the start out from a running clock, so that two readings of one start may differ a little. */
const bootToleranceMs = 2_000;

/** Restarts the server at once; connections end soon after Windows has accepted the order. Throws `HOST_RESTART_REFUSED`. */
export const restart: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Restart-Host',
  parameters: ({ reason }) => ({ reason }),
  restart: 'now',
  // Servers restart one at a time.
  locks: () => ['restart'],
  subject: ({ bootedBefore }) => [bootedBefore],
  words: (_change, { facts }) => ({
    title: `Restart ${facts.computerName}`,
    why: 'You asked for it.',
    manual: 'Start menu, Power, Restart.',
  }),
  undo: () => null,
  stays: null,
  done: ({ bootedBefore }, { facts }) => {
    const isLater = Date.parse(facts.lastBootAt) > Date.parse(bootedBefore) + bootToleranceMs;
    return judge(
      isLater,
      isLater
        ? `it started at ${zonedTime(facts.lastBootAt)}`
        : `it has been running since ${zonedTime(facts.lastBootAt)}`,
    );
  },
};
