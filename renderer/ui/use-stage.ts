import { useEffect } from 'react';
import { nothingRead, type Reading, type Readings } from './reading.ts';
import { useServer } from './server-store.ts';

/** What was read of the server that is open; it is read when the stage is first shown. */
export const useStage = <Data>(readings: Readings<Data>): { host: string; reading: Reading<Data> } => {
  const host = useServer((state) => state.host);
  const reading = readings.use((all) => all[host]) ?? nothingRead;
  useEffect(() => readings.ensure(host), [readings, host]);
  return { host, reading };
};
