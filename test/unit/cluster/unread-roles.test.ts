import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observeMachines } from '../../../main/operations/areas/listed.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { isDone, type Change } from '../../../shared/changes/index.ts';
import type { Done } from '../../../shared/changes/done.ts';
import type { VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { machinesStanding } from '../../../shared/plan/standing/cluster.ts';
import type { MachinesObserved } from '../../../shared/plan/observed.ts';
import { addMachine, formCluster, readyServers } from '../../support/cluster-world.ts';
import { plant, portsOf } from '../../support/validated-world.ts';

/** Changes that are judged by the role of a machine, each as it would be wanted of one that has it. */
const ofRole: readonly Change[] = [
  { do: 'vm.makeHighlyAvailable', name: 'VM1' },
  { do: 'vm.leaveCluster', name: 'VM1' },
  { do: 'vm.setOwners', name: 'VM1', preferred: ['NODE1'], possible: [] },
  { do: 'vm.setPriority', name: 'VM1', priority: 'high' },
  { do: 'vm.setAntiAffinity', name: 'VM1', classes: [] },
];
const create: Change = {
  ...{ do: 'vm.create', name: 'VM1', folder: 'F:\\', generation: 2, switch: null },
  ...{ memoryBytes: 2_147_483_648, diskBytes: 10_737_418_240 },
};
const bare: VirtualMachine = {
  ...{ name: 'VM1', id: '1', host: 'NODE1', state: 'off', generation: 2, memoryBytes: '1' },
  ...{ switches: [], files: [], hostDevices: [], role: null },
};
const stopped = 'the cluster service on NODE1 does not run';

describe('a machine of a cluster that is not seen', () => {
  let folder = '';
  let world: World;
  const observe = (server: string): Promise<MachinesObserved> =>
    observeMachines({ ports: portsOf(world, server) } as unknown as Server);
  const judge = async (change: Change): Promise<Done> => isDone(change, { vms: await observe('NODE1') });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-unread-'));
    world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
    const servers = await readyServers({
      ports: (server = 'NODE1') => Promise.resolve(portsOf(world, server)),
      advance: (ms) => Promise.resolve(world.advance(ms)),
    });
    await formCluster(servers);
    await addMachine(servers, 'VM1');
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is known while the cluster service runs', async () => {
    expect((await observe('NODE1')).state.unread).toEqual([]);
    expect(await judge({ do: 'vm.makeHighlyAvailable', name: 'VM1' })).toMatchObject({ is: 'yes' });
    expect(await judge({ do: 'vm.leaveCluster', name: 'VM1' })).toMatchObject({ is: 'no' });
  });

  it('may be a role all the same: nothing that hangs on it is judged, and the cluster service is named', async () => {
    await plant(world, { kind: 'clusterServiceStopped', server: 'NODE1' });
    const observed = await observe('NODE1');
    // It is still here, or with the other node already: either way its role is not known.
    for (const machines of [[bare], []])
      for (const change of ofRole)
        expect(
          isDone(change, { vms: { ...observed, state: { ...observed.state, machines } } }),
          change.do,
        ).toMatchObject({
          is: 'unknown',
          because: expect.stringContaining(stopped) as string,
        });
    expect(machinesStanding(observed)).toMatchObject({
      outcome: 'unknown',
      text: expect.stringContaining(stopped) as string,
    });
  });

  it('is not created, started or removed as if it were not there', async () => {
    const observed = await observe('NODE1');
    const vms = { ...observed, state: { ...observed.state, machines: [] } };
    for (const change of [create, { do: 'vm.start', name: 'VM1' }, { do: 'vm.remove', name: 'VM1' }] as const)
      expect(isDone(change, { vms }), change.do).toMatchObject({
        is: 'unknown',
        because: expect.stringContaining(stopped) as string,
      });
  });

  it('has a role that is not known where the cluster answers, and not with its groups', () => {
    const unread = [{ property: 'groups', because: 'CLUSTER_SERVICE_STOPPED' }];
    const state = { isHyperVRunning: true, switches: [], machines: [bare], clusterNodes: ['NODE1'], unread };
    for (const change of ofRole)
      expect(isDone(change, { vms: { node: 'NODE1', state } }), change.do).toMatchObject({ is: 'unknown' });
  });
});
