import type { JSX } from 'react';
import { parseServerRef } from '../../shared/model/server-ref.ts';
import { zoneText } from '../../shared/model/time.ts';
import { useServer } from './server-store.ts';

/**
 * In which time zone a page shows its times, and by whose clock they were taken.
 * @param zone as `zoneText` says it
 * @param host the server that everything here was read of
 * @param name its name where it is known
 */
export const zoneSentence = (zone: string, host: string, name: string | null): string => {
  const ref = parseServerRef(host);
  if (ref?.kind === 'rehearsal') return `Times in ${zone}; simulated servers have the clock of their rehearsal.`;
  return ref?.kind === 'peer' ? byClockOf(name ?? 'the other server', zone) : `Times in ${zone}.`;
};

const byClockOf = (whose: string, zone: string): string => `Times by the clock of ${whose}, in ${zone}.`;

/** The same, once where times are shown. `clock` names whose it is, `null` is this machine's; default: that of the server that is open. */
export const Zone = ({ clock }: { clock?: string | null }): JSX.Element => {
  const host = useServer((state) => state.host);
  const name = useServer((state) => state.shown[state.host]?.name ?? null);
  const zone = zoneText();
  return (
    <bdi>
      {typeof clock === 'string' ? byClockOf(clock, zone) : zoneSentence(zone, clock === null ? 'local' : host, name)}
    </bdi>
  );
};
