import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runControl } from '../../../main/rehearsal/world/control.ts';
import type { ServedTargets } from '../../../main/rehearsal/world/serve.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { addMachine, formCluster, readyServers } from '../../support/cluster-world.ts';
import { portsOf } from '../../support/validated-world.ts';

describe('a cluster whose node goes without a word', () => {
  let folder = '';
  let world: World;

  const control = (what: string, input: object): Promise<unknown> =>
    runControl(world, {} as ServedTargets, 'person', what, input);
  const seen = async () => {
    const { cluster } = await portsOf(world, 'NODE1').cluster.readState();
    const { machines } = await portsOf(world, 'NODE1').machines.readState();
    const vm = machines.find(({ name }) => name === 'VM1');
    return { node: cluster?.nodes[1]?.state, vm: `${vm?.state} on ${vm?.host}` };
  };
  const logged = async () => (await portsOf(world, 'NODE1').cluster.readEvents(60)).map(({ id }) => id);

  const open = (): World => new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-heartbeats-'));
    world = open();
    const servers = await readyServers({
      ports: (server = 'NODE1') => Promise.resolve(portsOf(world, server)),
      advance: (ms) => Promise.resolve(world.advance(ms)),
    });
    await formCluster(servers);
    await servers.node1.apply({ do: 'cluster.addDisk', disk: servers.witness });
    await servers.node1.apply({ do: 'cluster.setQuorum', witness: { kind: 'disk', disk: servers.witness } });
    await addMachine(servers, 'VM1');
    await servers.node1.apply({ do: 'vm.start', name: 'VM1' });
    await servers.node1.apply({ do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' });
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('misses one that lost its power after 10 s, and starts its machine elsewhere', async () => {
    await control('powerOff', { server: 'NODE2' });
    world.advance(9_999);
    expect(await seen()).toEqual({ node: 'up', vm: 'running on NODE2' });
    expect(await logged()).toEqual([]);
    world.advance(1);
    expect(await seen()).toEqual({ node: 'down', vm: 'running on NODE1' });
    expect(await logged()).toEqual([1135]);
  });

  it('counts by what was set, and across subnets by its own figures', async () => {
    world.control('test', 'set', null, (state) => {
      state.cluster!.heartbeat = {
        ...{ sameSubnetDelayMs: 2000, sameSubnetThreshold: 20 },
        ...{ crossSubnetDelayMs: 4000, crossSubnetThreshold: 30 },
      };
    });
    await control('powerOff', { server: 'NODE2' });
    world.advance(39_999);
    expect((await seen()).node).toBe('up');
    world.advance(1);
    expect((await seen()).node).toBe('down');
    await control('powerOn', { server: 'NODE2' });
    world.control('test', 'move', null, (state) => {
      for (const nic of state.servers['NODE2']!.nics)
        for (const held of nic.addresses)
          if (held.family === 'ipv4') held.address = held.address.replace(/^\d+\.\d+/, '172.20');
    });
    await control('powerOff', { server: 'NODE2' });
    world.advance(119_999);
    expect((await seen()).node).toBe('up');
    world.advance(1);
    expect((await seen()).node).toBe('down');
  });

  it('isolates one whose cluster service died: its machine is unmonitored for 240 s and then starts elsewhere', async () => {
    await control('setFault', { kind: 'clusterServiceStopped', server: 'NODE2' });
    world.advance(9_999);
    expect(await seen()).toEqual({ node: 'up', vm: 'running on NODE2' });
    world.advance(1);
    expect(await seen()).toEqual({ node: 'isolated', vm: 'other on NODE2' });
    expect(world.takeUsed()).toEqual(expect.arrayContaining(['cluster.node.serviceDied', 'machine.unmonitored']));
    world.advance(239_999);
    expect((await seen()).node).toBe('isolated');
    world.advance(1);
    expect(await seen()).toEqual({ node: 'down', vm: 'running on NODE1' });
  });

  it.each(['restart', 'shutDown'])(
    'moves everything at once where Windows ends in order (%s), and logs no loss',
    async (what) => {
      await control(what, { server: 'NODE2' });
      expect(await seen()).toEqual({ node: 'down', vm: 'running on NODE1' });
      world.advance(20_000);
      expect(await logged()).toEqual([]);
    },
  );

  it('starts anew what ran on one that is back before it was missed', async () => {
    await control('powerOff', { server: 'NODE2' });
    world.advance(4_000);
    await control('powerOn', { server: 'NODE2' });
    world.advance(20_000);
    expect(await seen()).toEqual({ node: 'up', vm: 'running on NODE2' });
    expect(await portsOf(world, 'NODE2').host.readLastStop()).toMatchObject({
      how: 'unexpectedly',
      event: { id: 41, provider: 'Microsoft-Windows-Kernel-Power' },
    });
  });

  it('takes a server for shut down whose power is taken once Windows has ended', async () => {
    await control('shutDown', { server: 'NODE2' });
    await control('powerOff', { server: 'NODE2' });
    await control('powerOn', { server: 'NODE2' });
    expect(await portsOf(world, 'NODE2').host.readLastStop()).toMatchObject({ how: 'inOrder', event: { id: 1074 } });
  });

  it('goes on counting where its own process ended in between', async () => {
    await control('powerOff', { server: 'NODE2' });
    world.advance(6_000);
    await world.close();
    world = open();
    expect((await seen()).node).toBe('up');
    world.advance(3_999);
    expect((await seen()).node).toBe('up');
    world.advance(1);
    expect(await seen()).toEqual({ node: 'down', vm: 'running on NODE1' });
  });
});
