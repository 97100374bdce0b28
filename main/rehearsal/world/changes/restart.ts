import { bootMs } from '../boot-time.ts';
import { nextId, nextRandom } from '../random.ts';
import { findFault } from '../change.ts';
import type { ServerState, WindowsService, WorldState } from '../state.ts';
import { logOnFavourites } from './initiator.ts';
import { renumberDisks, syncDisks } from './disks.ts';
import { leaveCluster } from './cluster/nodes.ts';
import { renewDhcp } from './nics.ts';
import { syncFeatureServices } from './roles.ts';
import { comeBack } from '../failover/heartbeats.ts';

/** The order to restart: the server is gone at once and, unless a fault keeps it, back after {@link bootMs}. */
export const beginRestart = (world: WorldState, server: ServerState, nowMs: number): void => {
  leaveCluster(world, server);
  server.power = 'restarting';
  server.wentDown = 'inOrder';
  loseSessions(world, server);
  if (findFault(world, 'restartNeverReturns', (fault) => fault.server === server.name)) return;
  world.events.push({ id: `event-${nextId(world)}`, atMs: nowMs + bootMs, server: server.name, kind: 'booted' });
};

/** Windows is shut down in order and stays off: nothing of what was pending happens. */
export const shutDown = (world: WorldState, server: ServerState): void => {
  leaveCluster(world, server);
  turnOff(world, server);
  server.wentDown = 'inOrder';
};

/** The power is cut: nothing of what was pending happens. Windows that was off already went down as it did. */
export const losePower = (world: WorldState, server: ServerState): void => {
  if (server.power !== 'off') server.wentDown = 'unexpectedly';
  turnOff(world, server);
};

const turnOff = (world: WorldState, server: ServerState): void => {
  server.power = 'off';
  loseSessions(world, server);
  world.events = world.events.filter((event) => !(event.server === server.name && event.kind === 'booted'));
};

/** A trigger on the membership of a domain (`host.time.trigger`) starts and stops a service whatever its start mode. */
const startsByItself = (service: WindowsService, membership: ServerState['membership']['kind']): boolean =>
  service.startMode !== 'disabled' &&
  (service.domainTriggered ? membership === 'domain' : service.startMode === 'automatic');

const loseSessions = (world: WorldState, server: ServerState): void => {
  server.initiator.sessions = [];
  syncDisks(world, server);
};

/** The server is up: what waited for the restart is in force, favourites log on, disks get numbers anew. */
export const boot = (world: WorldState, server: ServerState, nowMs: number): void => {
  server.power = 'on';
  server.boots += 1;
  server.bootedAtMs = nowMs;
  comeBack(world, server);
  server.computerName = server.nextComputerName;
  server.membership = server.nextMembership;
  server.primaryDnsSuffix = server.membership.kind === 'domain' ? server.membership.name : '';
  server.pending = { componentServicing: false, windowsUpdate: false, fileRename: false };
  for (const feature of Object.values(server.features)) {
    if (feature.state === 'installPending') feature.state = 'installed';
    if (feature.state === 'uninstallPending') feature.state = 'available';
  }
  syncFeatureServices(server);
  for (const service of Object.values(server.services)) {
    service.state = startsByItself(service, server.membership.kind) ? 'running' : 'stopped';
  }
  for (const nic of server.nics) renewDhcp(world, server, nic);
  if (server.services['MSiSCSI']?.state === 'running') logOnFavourites(world, server);
  syncDisks(world, server);
  renumberDisks(world, server, () => nextRandom(world));
  for (const task of server.tasks) {
    if (task.enabled && task.trigger.kind === 'startup') task.lastRunMs = nowMs;
  }
};

/** A driver update (`nic.driverUpdate.renames`): every adapter of that driver comes back under a new default name, with its GUID and settings. */
export const updateDrivers = (world: WorldState, server: ServerState, provider: string, version: string): void => {
  const taken = new Set(server.nics.map((nic) => nic.name.toLowerCase()));
  let number = 2;
  for (const nic of server.nics) {
    if (!nic.hardware || nic.driver.provider !== provider) continue;
    while (taken.has(`ethernet ${number}`)) number += 1;
    nic.name = `Ethernet ${number}`;
    taken.add(nic.name.toLowerCase());
    nic.driver = { ...nic.driver, version };
    nic.index = 10 + nextId(world);
  }
};
