import { localServer } from '../../shared/model/server-ref.ts';
import type { FactsFrame } from '../ports/facts-port.ts';
import { noMeasureSockets, type SocketMeasurePort } from '../ports/measure-port.ts';
import type { Ports } from '../ports/ports.ts';
import type { Runner } from '../powershell/index.ts';
import { createApply } from './apply.ts';
import { createClusterPort, createRolesPort } from './cluster.ts';
import { createDiskPort } from './disks.ts';
import { windowsFactsHost } from './facts-host.ts';
import { createFirewallPort } from './firewall.ts';
import { createGuardPort } from './guard.ts';
import { createHostPort } from './host.ts';
import { createInitiatorPort, createMpioPort } from './initiator.ts';
import { createMachinesPort } from './machines.ts';
import { createMeasurePort } from './measure.ts';
import { createNicPort } from './nics.ts';
import { createStorageHostPort } from './storage-host.ts';
import { watchRestart } from './restarting.ts';

/** The ports of the Windows Server that this process runs on, over a runner, which {@link Ports.close} closes. `sockets` measure for it. */
export const createWindowsPorts = (
  given: Runner,
  frame: FactsFrame,
  sockets: SocketMeasurePort = noMeasureSockets,
): Ports => {
  const { runner, restartOrdered } = watchRestart(given);
  const apply = createApply(runner);
  const nics = createNicPort(runner);
  const initiator = createInitiatorPort(runner);
  return {
    ref: localServer,
    facts: windowsFactsHost({ ...frame, runner: async () => runner }),
    host: createHostPort(runner),
    nics,
    guard: createGuardPort(runner, nics),
    firewall: createFirewallPort(runner),
    measure: createMeasurePort(runner, { nics, initiator }, sockets),
    initiator,
    mpio: createMpioPort(runner),
    disks: createDiskPort(runner),
    roles: createRolesPort(runner),
    cluster: createClusterPort(runner),
    machines: createMachinesPort(runner),
    storageHost: createStorageHostPort(runner),
    async apply(change, options) {
      await apply(change, options);
      if (change.do === 'host.restart') restartOrdered();
    },
    close: () => runner.close(),
  };
};
