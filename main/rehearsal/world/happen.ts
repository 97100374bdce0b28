import { applyRestore } from './changes/nics.ts';
import { boot } from './changes/restart.ts';
import { makeGuarded } from './effects/index.ts';
import { missHeartbeats } from './failover/heartbeats.ts';
import { endIsolation } from './failover/regroup.ts';
import type { ServerState, WorldState } from './state.ts';

/** Lets happen what was due at a server. */
export const happen = (
  world: WorldState,
  server: ServerState,
  event: WorldState['events'][number],
  used: Set<string>,
): void => {
  if (event.kind === 'booted') {
    if (server.power === 'restarting') boot(world, server, event.atMs);
    return;
  }
  if (event.kind === 'isolationEnds') {
    endIsolation(world, server);
    return;
  }
  if (event.kind === 'heartbeatsMissed') {
    missHeartbeats(world, server);
    return;
  }
  // Its report is made from the state when it is asked for.
  if (event.kind === 'validated') return;
  const task = server.tasks.find((one) => `${one.path}${one.name}` === event.task);
  // Windows' task scheduler runs a task that it missed only when the task says so; this product's tasks do.
  if (!task || server.power === 'off') return;
  if (server.power === 'restarting') {
    world.events.push({ ...event, atMs: event.atMs + 1000 });
    return;
  }
  task.lastRunMs = event.atMs;
  if (task.restore) {
    applyRestore(world, server, task.restore);
    server.tasks = server.tasks.filter((one) => one !== task);
  }
  if (task.guarded) {
    server.tasks = server.tasks.filter((one) => one !== task);
    makeGuarded({ world, server, nowMs: event.atMs, what: 'task', used, lunWrites: [] }, task.guarded);
  }
};
