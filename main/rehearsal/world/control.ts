import * as z from 'zod';
import { bootMs } from './boot-time.ts';
import { windowsVersions } from '../../../shared/model/host.ts';
import { machinesOf } from '../../../shared/model/cluster-file-storage-host.ts';
import { faultSchema, type Fault } from '../../../shared/model/rehearsal-faults.ts';
import { fromSnapshot, toSnapshot } from '../store/reservations.ts';
import { findNic, mustFind } from './change.ts';
import { syncDisks } from './changes/disks.ts';
import { beginRestart, boot, losePower, shutDown, updateDrivers } from './changes/restart.ts';
import { nextId } from './random.ts';
import { NotModelled } from './refusal.ts';
import { addNewServers, bareServersSchema } from './scenarios/bare-servers.ts';
import { addServer } from './scenarios/server.ts';
import type { FaultState, ServerState, WorldState } from './state.ts';
import { portalsOf } from './reach.ts';
import type { ServedTargets } from './serve.ts';
import type { World } from './world.ts';

const serverOf = (world: WorldState, name: string): ServerState =>
  mustFind(world.servers[name], `there is no server ${name}`);

/** Adds the registration and reservation of somebody who is not in this world, or takes them away. */
const reserveForStranger = (world: WorldState, lunId: string, holder: string | null): void => {
  const lun = mustFind(world.luns[lunId], `there is no LUN ${lunId}`);
  const state = fromSnapshot(lun.reservations);
  if (holder === null) {
    lun.reservations = toSnapshot({ ...state, generation: state.generation + 1, registrations: [], reservation: null });
    return;
  }
  const nexus = { initiatorName: holder, isid: '400001370000', portalGroupTag: 1 };
  lun.reservations = toSnapshot({
    ...state,
    generation: state.generation + 1,
    registrations: [{ nexus, key: 0x73747261n, allTargetPorts: false }],
    // 5 is Write Exclusive, Registrants Only: what clusters hold their disks with.
    reservation: { type: 5, holder: nexus },
  });
};

const setFault = (world: WorldState, input: Fault): FaultState => {
  const fault = { ...input, id: `fault-${nextId(world)}` };
  if (
    fault.kind === 'nicDown' ||
    fault.kind === 'wrongVlan' ||
    fault.kind === 'packetLoss' ||
    fault.kind === 'propertyNotAccepted'
  ) {
    const server = serverOf(world, fault.server);
    const nic =
      findNic(server, fault.nic) ?? server.nics.find((one) => one.name.toLowerCase() === fault.nic.toLowerCase());
    fault.nic = mustFind(nic, `there is no NIC ${fault.nic}`).guid;
  }
  if (fault.kind === 'diskReserved') reserveForStranger(world, fault.lun, fault.holder);
  world.faults.push(fault);
  return fault;
};

const clearFault = (world: WorldState, id: string): boolean => {
  const fault = world.faults.find((one) => one.id === id || one.kind === id);
  if (!fault) return false;
  if (fault.kind === 'diskReserved') reserveForStranger(world, fault.lun, null);
  world.faults = world.faults.filter((one) => one !== fault);
  return true;
};

type Control = (world: World, who: string, input: unknown, targets: ServedTargets) => unknown;

const controls: Record<string, Control> = {
  /** What the world is, for whoever connects. */
  describe: (world, _who, _input, targets) => ({
    scenario: world.state.scenario,
    seed: world.state.seed,
    clock: { mode: world.state.clock.mode, now: new Date(world.nowMs).toISOString() },
    pid: process.pid,
    servers: Object.values(world.state.servers).map(({ name, power, version, core, computerName }) => ({
      name,
      power,
      version,
      core,
      computerName,
    })),
    targets: Object.values(world.state.targets).map((target) => {
      const served = targets.list().find((one) => one.target === target.name);
      return {
        name: target.name,
        portals: portalsOf(world.state, target).map(({ address, port, network }, index) => {
          const at = served?.portals[index];
          return {
            address,
            port,
            network: world.state.networks[network]?.name ?? network,
            served: at ? { host: at.host, port: at.port } : null,
          };
        }),
        luns: target.luns.map(({ number, lun }) => {
          const { serial, sizeBytes, hasNoSerial = false } = mustFind(world.state.luns[lun], `there is no LUN ${lun}`);
          return { lun: number, name: lun, serial: hasNoSerial ? '' : serial, sizeBytes };
        }),
      };
    }),
  }),
  snapshot: (world) => world.state,
  readLog: (world, _who, input) => world.readLog(z.object({ limit: z.number().int().default(200) }).parse(input).limit),
  /** Behaviours that the answers rested on since the last call. */
  takeUsed: (world) => world.takeUsed(),
  advance: (world, _who, input) => {
    world.advance(z.object({ byMs: z.number().int().min(0) }).parse(input).byMs);
    return { now: new Date(world.nowMs).toISOString() };
  },
  /** Jumps to what the servers wait for; see {@link World.advanceToNext}. */
  advanceToNext: (world) => ({ jumped: world.advanceToNext(), now: new Date(world.nowMs).toISOString() }),
  /** See {@link World.jumpAfter}. */
  jumpAfter: (world, _who, input) => {
    const { ms, isolations } = z
      .object({ ms: z.number().int().min(0), isolations: z.boolean().default(false) })
      .parse(input);
    world.jumpAfter(ms, isolations);
  },
  listFaults: (world) => world.state.faults,
  setFault: (world, who, input) => {
    const parsed = faultSchema.parse(input);
    return world.control(who, 'setFault', parsed, (state) => setFault(state, parsed).id);
  },
  /** By id, or by kind. */
  clearFault: (world, who, input) => {
    const { id } = z.object({ id: z.string() }).parse(input);
    return world.control(who, 'clearFault', { id }, (state) => clearFault(state, id));
  },
  createServer: (world, who, input) => {
    const parsed = z
      .object({
        name: z.string().regex(/^[A-Za-z0-9-]{1,15}$/),
        version: z.enum(windowsVersions),
        core: z.boolean().default(false),
        standard: z.boolean().default(false),
        languageId: z.number().int().default(1033),
        domain: z.string().nullable().default(null),
        ports: z
          .array(z.string().nullable())
          .default(['production', 'private', 'iscsi-a', 'iscsi-b', 'production', null]),
      })
      .parse(input);
    return world.control(who, 'createServer', parsed, (state) => {
      if (state.servers[parsed.name]) throw new NotModelled(`there is a server ${parsed.name} already`);
      addServer(state, parsed);
      return parsed.name;
    });
  },
  /** Adds the bare servers of a cluster file that are not there yet; answers with their names. */
  addBareServers: (world, who, input) => {
    const parsed = bareServersSchema.parse(input);
    const names = machinesOf(parsed.file).map(({ name }) => name);
    return world.control(who, 'addBareServers', { names }, (state) => addNewServers(state, parsed));
  },
  /** Pulls a cable (`network` null) or plugs it in elsewhere. */
  plug: (world, who, input) => {
    const parsed = z.object({ server: z.string(), nic: z.string(), network: z.string().nullable() }).parse(input);
    world.control(who, 'plug', parsed, (state) => {
      const server = serverOf(state, parsed.server);
      const nic = server.nics.find((one) => one.guid === parsed.nic || one.name === parsed.nic);
      mustFind(nic, `there is no NIC ${parsed.nic}`).network = parsed.network;
    });
  },
  /** Changes parts of a server that no administrator's tool changes; `values` is merged into it. */
  alterServer: (world, who, input) => {
    const parsed = z.object({ server: z.string(), values: z.record(z.string(), z.unknown()) }).parse(input);
    world.control(who, 'alterServer', parsed, (state) => {
      Object.assign(serverOf(state, parsed.server), parsed.values);
    });
  },
  /** Serves a target of the world over iSCSI on 127.0.0.1; answers with its portals. */
  serveTarget: async (_world, _who, input, targets) => {
    const { target, ports } = z
      .object({ target: z.string(), ports: z.array(z.number().int().min(0).max(65_535)).default([]) })
      .parse(input);
    return targets.serve(target, ports);
  },
  listServedTargets: (_world, _who, _input, targets) => targets.list(),
  stopTarget: (_world, _who, input, targets) => targets.stop(z.object({ target: z.string() }).parse(input).target),
  alterTarget: (world, who, input) => {
    const parsed = z.object({ target: z.string(), values: z.record(z.string(), z.unknown()) }).parse(input);
    world.control(who, 'alterTarget', { target: parsed.target }, (state) => {
      Object.assign(mustFind(state.targets[parsed.target], `there is no target ${parsed.target}`), parsed.values);
    });
  },
  /** What lies on a LUN, and what it says it is: one that was made anew at the target has the number and size of the old one. */
  alterLun: (world, who, input) => {
    const parsed = z
      .object({
        lun: z.string(),
        content: z.record(z.string(), z.unknown()).default({}),
        identity: z.object({ serial: z.string(), uniqueId: z.string() }).partial().default({}),
      })
      .parse(input);
    world.control(who, 'alterLun', parsed, (state) => {
      const lun = mustFind(state.luns[parsed.lun], `there is no LUN ${parsed.lun}`);
      Object.assign(lun.content, parsed.content);
      Object.assign(lun, parsed.identity);
      for (const server of Object.values(state.servers)) syncDisks(state, server);
    });
  },
  updateDrivers: (world, who, input) => {
    const parsed = z.object({ server: z.string(), provider: z.string(), version: z.string() }).parse(input);
    world.control(who, 'updateDrivers', parsed, (state) =>
      updateDrivers(state, serverOf(state, parsed.server), parsed.provider, parsed.version),
    );
  },
  /** Windows is shut down, as from its Start menu: the roles go to other nodes, then the power goes. */
  shutDown: (world, who, input) => {
    const { server } = z.object({ server: z.string() }).parse(input);
    world.control(who, 'shutDown', { server }, (state) => shutDown(state, serverOf(state, server)));
  },
  powerOff: (world, who, input) => {
    const { server } = z.object({ server: z.string() }).parse(input);
    world.control(who, 'powerOff', { server }, (state) => losePower(state, serverOf(state, server)));
  },
  /**
   * Starts a server at once; the time of the start is not waited for. A clock that is driven moves on by it: whoever waits for a restart knows the
   * new start by its time.
   */
  powerOn: (world, who, input) => {
    const { server } = z.object({ server: z.string() }).parse(input);
    if (world.state.clock.mode === 'driven' && serverOf(world.state, server).power !== 'on') world.advance(bootMs);
    world.control(who, 'powerOn', { server }, (state, nowMs) => {
      const one = serverOf(state, server);
      if (one.power !== 'on') boot(state, one, nowMs);
      state.events = state.events.filter((event) => !(event.kind === 'booted' && event.server === server));
    });
  },
  restart: (world, who, input) => {
    const { server } = z.object({ server: z.string() }).parse(input);
    world.control(who, 'restart', { server }, (state, nowMs) => beginRestart(state, serverOf(state, server), nowMs));
  },
  /** Tasks that Windows has run and that a harness has to carry out because the world runs no programs. */
  takeDueTasks: (world, who, input) => {
    const { server } = z.object({ server: z.string() }).parse(input);
    return world.control(who, 'takeDueTasks', { server }, (state) => {
      const one = serverOf(state, server);
      const due = one.tasks.filter((task) => task.lastRunMs !== null);
      for (const task of due) task.lastRunMs = null;
      return due;
    });
  },
  /** Somebody logs on at a server's console: tasks of that logon are due. */
  logon: (world, who, input) => {
    const parsed = z.object({ server: z.string(), account: z.string() }).parse(input);
    world.control(who, 'logon', parsed, (state, nowMs) => {
      for (const task of serverOf(state, parsed.server).tasks) {
        const { trigger } = task;
        if (trigger.kind !== 'logon' || !task.enabled) continue;
        if (trigger.user === null || trigger.user.toLowerCase() === parsed.account.toLowerCase())
          task.lastRunMs = nowMs;
      }
    });
  },
};

export const runControl = async (
  world: World,
  targets: ServedTargets,
  who: string,
  name: string,
  input: unknown,
): Promise<unknown> => {
  const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
  if (!control) throw new NotModelled(`the control request ${name}`);
  return (await control(world, who, input, targets)) ?? null;
};
