import { writeFileSync } from 'node:fs';
import { clusterFileSchema } from '../../../shared/model/cluster-file.ts';
import type { RehearsedWorld, ServedPortal, StartRehearsedWorld } from '../../ports/rehearsed-world.ts';
import { pause } from '../../system/pause.ts';
import { isProcessAlive } from '../../system/processes.ts';
import type { WorldClient } from '../world/client.ts';
import { labAccount } from '../world/scenarios/index.ts';
import { startWorld } from './start-world.ts';
import { readOutcome } from './world-outcome.ts';

/** The CHAP secret of a rehearsal whose file names a CHAP user; it protects nothing. */
const labChapSecret = 'Rehearsal-2026';

interface Described {
  readonly name: string;
  readonly power: 'on' | 'off' | 'restarting';
}

/** How long servers take to start, in milliseconds of this machine: whoever waits for one has to see it away. */
const jumpAfterMs = 10;

const stopWorld = async (client: WorldClient): Promise<void> => {
  const { pid } = (await client.control('describe')) as { pid: number };
  await client.shutdown();
  client.close();
  const deadline = performance.now() + 10_000;
  while (isProcessAlive(pid) && performance.now() < deadline) await pause(10);
};

const readPower = async (client: WorldClient): ReturnType<RehearsedWorld['readPower']> => {
  const { servers } = (await client.control('describe')) as { servers: readonly Described[] };
  return servers.map(({ name, power }) => ({ server: name, power }));
};

/** A drill whose process ended between the two left a server off, and nobody else presses its button: whoever continues begins with servers that run. */
const switchOn = async (client: WorldClient): Promise<void> => {
  for (const { server, power } of await readPower(client))
    if (power === 'off') await client.control('powerOn', { server });
};

export const startRehearsedWorld: StartRehearsedWorld = async ({ folder, servers, file, version, seed, goesOn }) => {
  const bare = { file: clusterFileSchema.parse(file), version };
  writeFileSync(servers, JSON.stringify(bare));
  const starting = startWorld({ folder, who: 'rehearse', servers, seed, clock: 'driven', endsWithMe: true });
  // What opens its servers is read while its process starts.
  const [client] = await Promise.all([starting, import('./rehearsal-host.ts')]);
  if (goesOn) {
    await client.control('addBareServers', bare);
    await switchOn(client);
  }
  await client.control('jumpAfter', { ms: jumpAfterMs, isolations: true });
  return {
    secrets: { account: labAccount.password, chap: labChapSecret, resume: labAccount.password },
    serveTarget: async (target) =>
      ((await client.control('serveTarget', { target })) as { portals: readonly ServedPortal[] }).portals,
    setFault: async (fault) => void (await client.control('setFault', fault)),
    powerOff: async (server) => void (await client.control('powerOff', { server })),
    powerOn: async (server) => void (await client.control('powerOn', { server })),
    readPower: () => readPower(client),
    readOutcome: () => readOutcome(client),
    stop: () => stopWorld(client),
  };
};
