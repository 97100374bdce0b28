import { leftWithoutAddress, perhapsBereft } from '../../../shared/plan/nic/left-without.ts';
import { observeArea } from '../areas/index.ts';
import type { Server } from './server.ts';

/** How long a server is read after a run that stopped, in milliseconds: less than a core that closes has for it (15 s), so that the run still ends as what it was. */
const aftermathMs = 10_000;

/** What a person has to know at once of how a run that stopped left the server; null: nothing. It was perhaps cancelled, so that its signal ends no look. */
export const aftermathOf = async (
  server: Server,
  steps: Parameters<typeof leftWithoutAddress>[0],
  wayBack: Parameters<typeof leftWithoutAddress>[2],
  revertsAt: string | null,
): Promise<string | null> => {
  if (perhapsBereft(steps).length === 0) return null;
  const observed = await observeArea(server, 'network', AbortSignal.timeout(aftermathMs)).catch(() => null);
  return leftWithoutAddress(steps, observed?.network ?? null, wayBack, revertsAt);
};
