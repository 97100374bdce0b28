import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { worldAddress } from '../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../main/rehearsal/world/client.ts';

/** Ends the worlds of a data folder. Each outlives whoever opened it by a quarter of an hour, and its folder is about to go. */
export const endWorlds = async (dataFolder: string): Promise<void> => {
  const home = join(dataFolder, 'rehearsal');
  for (const name of existsSync(home) ? readdirSync(home) : []) {
    const client = await WorldClient.connect(worldAddress(join(home, name)), 'clean-up').catch(() => null);
    await client?.shutdown().catch(() => undefined);
    client?.close();
  }
};
