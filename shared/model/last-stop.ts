import * as z from 'zod';

/** Where Windows' own log tells an orderly stop from a loss of power. */
export const lastStopSource =
  'https://learn.microsoft.com/en-us/troubleshoot/windows-server/performance/troubleshoot-unexpected-reboots-system-event-logs';

/** An event of the log System that says how Windows went down. */
export const stopEventSchema = z.object({ id: z.number().int(), provider: z.string(), at: z.iso.datetime() });
export type StopEvent = z.infer<typeof stopEventSchema>;

/** How Windows went down before it started last. */
export const lastStopSchema = z.object({
  bootedAt: z.iso.datetime(),
  /** `inOrder`: it was shut down or restarted. `unexpectedly`: it lost its power, was reset, or crashed. */
  how: z.enum(['inOrder', 'unexpectedly', 'unknown']),
  /** The event that says so; null where none does. */
  event: stopEventSchema.nullable(),
});
export type LastStop = z.infer<typeof lastStopSchema>;

/** Written after a start: Kernel-Power 41 and EventLog 6008. Written before the end: Kernel-General 13 and User32 1074. */
const unexpected: readonly number[] = [41, 6008];

/** A start is worked out from a running clock, and the log is written by it. */
const slackMs = 5_000;

/**
 * What the events of {@link lastStopSource} come to: the newest of them tells, but for an order to shut down that this very Windows got.
 * @param events in the order of the log, the newest first. Their times do not order them: a server without power can start with a clock that is set
 *   right only afterwards, and its start is worked out anew by that clock.
 */
export const judgeLastStop = (bootedAt: string, events: readonly StopEvent[]): LastStop => {
  const latest = Date.parse(bootedAt) + slackMs;
  const event = events.find(({ id, at }) => unexpected.includes(id) || Date.parse(at) <= latest);
  if (!event) return { bootedAt, how: 'unknown', event: null };
  return { bootedAt, how: unexpected.includes(event.id) ? 'unexpectedly' : 'inOrder', event };
};

export const stopEventText = ({ id, provider }: StopEvent): string => `event ${id} of ${provider}`;
