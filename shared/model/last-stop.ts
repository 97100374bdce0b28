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

/** What the events of {@link lastStopSource} come to. */
export const judgeLastStop = (bootedAt: string, events: readonly StopEvent[]): LastStop => {
  const boot = Date.parse(bootedAt);
  const newestFirst = events.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const lost = newestFirst.find(({ id, at }) => unexpected.includes(id) && Date.parse(at) >= boot - slackMs);
  if (lost) return { bootedAt, how: 'unexpectedly', event: lost };
  const told = newestFirst.find(({ id, at }) => !unexpected.includes(id) && Date.parse(at) <= boot + slackMs);
  return told ? { bootedAt, how: 'inOrder', event: told } : { bootedAt, how: 'unknown', event: null };
};

export const stopEventText = ({ id, provider }: StopEvent): string => `event ${id} of ${provider}`;
