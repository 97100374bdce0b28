import { NotPassed } from './not-passed.ts';

/**
 * Does something over a session and looks, right behind it over the same session, at what became of it: one way to the target and back for both. `act` calls
 * `onSent` when its command is under way.
 *
 * Commands of a session are delivered in their order (RFC 7143 section 4.2.2.1), but a device may carry out simple tasks in another (SAM-5 section 8.9.2). So
 * this is for looks alone that what was there before does not satisfy: "the key is there now" and never "the key is still there". One that is not satisfied
 * came too early, perhaps, and is believed only when it was taken again, alone.
 */
export const lookBehind = async <Acted, Seen>(
  act: (onSent: () => void) => Promise<Acted>,
  look: () => Promise<Seen>,
): Promise<[Acted, Seen]> => {
  const looks: Promise<Seen>[] = [];
  const [acted] = await Promise.allSettled([
    act(() => {
      const early = look();
      // Judged below, after what it looks at.
      early.catch(() => undefined);
      looks.push(early);
    }),
  ]);
  const [seen] = await Promise.allSettled(looks);
  if (acted.status === 'rejected') throw acted.reason;
  if (seen?.status === 'fulfilled') return [acted.value, seen.value];
  if (seen && !(seen.reason instanceof NotPassed)) throw seen.reason;
  return [acted.value, await look()];
};
