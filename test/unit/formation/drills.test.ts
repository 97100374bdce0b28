import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restartServer, type DrillTools } from '../../../main/operations/formation/drills.ts';
import { loseHost } from '../../../main/operations/formation/lose-host.ts';
import { ProofStore } from '../../../main/operations/formation/proof-store.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { runControl } from '../../../main/rehearsal/world/control.ts';
import type { ServedTargets } from '../../../main/rehearsal/world/serve.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { addMachine, formCluster, readyServers } from '../../support/cluster-world.ts';
import { exampleFile } from '../../support/formation.ts';
import { portsOf } from '../../support/validated-world.ts';

const file = exampleFile(2);

describe('a drill', () => {
  let folder = '';
  let world: World;
  let proofs: ProofStore;
  const told: string[] = [];

  const press = (what: 'powerOff' | 'powerOn' | 'shutDown'): Promise<unknown> =>
    runControl(world, {} as ServedTargets, 'person', what, { server: 'NODE2' });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-drills-'));
    world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
    proofs = new ProofStore(folder);
    told.length = 0;
    const servers = await readyServers({
      ports: (server = 'NODE1') => Promise.resolve(portsOf(world, server)),
      advance: (ms) => Promise.resolve(world.advance(ms)),
    });
    await formCluster(servers);
    await servers.node1.apply({ do: 'cluster.addDisk', disk: servers.witness });
    await servers.node1.apply({ do: 'cluster.setQuorum', witness: { kind: 'disk', disk: servers.witness } });
    await addMachine(servers, 'VM1');
    await servers.node1.apply({ do: 'vm.start', name: 'VM1' });
    world.jumpAfter(5);
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** On NODE1, with somebody who does something whenever it is said what is done. */
  const toolsOf = (
    person: (doing: string) => Promise<unknown> | undefined,
    hands: DrillTools['hands'] = null,
  ): DrillTools => ({
    use: (work) =>
      work({
        ports: portsOf(world, 'NODE1'),
        patience: { pollMs: 1, verifyMs: 1_000, restartMs: 1_000 },
        resumeCommand: { program: 'quorate', arguments: [] },
      } as unknown as Server),
    proofs,
    hands,
    lastStop: (server) =>
      portsOf(world, server)
        .host.readLastStop()
        .catch((error: Error) => ({ because: error.message, isFinal: false })),
    now: () => new Date(world.nowMs),
    tell: (doing) => {
      told.push(doing);
      void person(doing);
    },
  });
  const drill = (...given: Parameters<typeof toolsOf>): Promise<string> =>
    loseHost(toolsOf(...given))('NODE2', file, new AbortController().signal);

  const patient = (doing: string): Promise<unknown> | undefined => {
    if (doing.startsWith('Take the power')) return press('powerOff');
    return doing.startsWith('Switch NODE2 on') ? press('powerOn') : undefined;
  };

  it('is measured, and kept as a proof', async () => {
    expect(await drill(patient)).toMatch(
      /^VM1 ran on NODE1 \d+\.\d s after NODE2 was seen down, and NODE2 is a node again; before that the cluster missed it, after 10 s without heartbeats \(SameSubnetThreshold 10 x SameSubnetDelay 1,000 ms, as read from the cluster\); its own log says that it was not shut down \(event 41 of Microsoft-Windows-Kernel-Power\)$/,
    );
    expect(told.map((doing) => doing.split(' ', 2).join(' '))).toEqual([
      'Moving VM1',
      'Take the',
      'Waiting until',
      'Switch NODE2',
    ]);
    expect(proofs.read().drilled).toMatchObject([{ drill: 'loseHost', subject: 'NODE2' }]);
  });

  it('proves nothing where the server is back before it was seen gone, says so at once, and can be done again', async () => {
    const hasty = async (doing: string): Promise<void> => {
      if (!doing.startsWith('Take the power')) return;
      await press('powerOff');
      world.advance(10_000);
      await press('powerOn');
    };
    await expect(drill(hasty)).rejects.toMatchObject({
      code: 'FORM_DRILL_MISSED',
      detail: { drill: 'loss of NODE2', server: 'NODE2', machine: 'VM1', host: 'NODE1' },
    });
    expect(proofs.read().drilled).toEqual([]);
    expect(await drill(patient)).toContain('after NODE2 was seen down');
    expect(proofs.read().drilled).toHaveLength(1);
  });

  it('proves nothing where the machine is moved by hand instead', async () => {
    const mover = async (doing: string): Promise<void> => {
      if (doing.startsWith('Take the power'))
        await portsOf(world, 'NODE1').apply({ do: 'vm.move', name: 'VM1', node: 'NODE1', kind: 'live' });
    };
    await expect(drill(mover)).rejects.toMatchObject({
      code: 'FORM_DRILL_ORDERLY',
      detail: { server: 'NODE2', found: 'VM1 was on NODE1 while NODE2 was up' },
    });
    expect(proofs.read().drilled).toEqual([]);
  });

  it('takes no power from a server while the machine there does not run', async () => {
    await portsOf(world, 'NODE1').apply({ do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'quick' });
    await portsOf(world, 'NODE2').apply({ do: 'vm.turnOff', name: 'VM1' });
    await expect(drill(patient)).rejects.toMatchObject({
      code: 'FORM_DRILL_FAILED',
      detail: { found: 'VM1 is off on NODE2' },
    });
    expect(told).toEqual(['Moving VM1 to NODE2']);
  });

  it('is missed only once enough heartbeats are missing, and the time counts that', async () => {
    const states: (string | undefined)[] = [];
    const nodes = async () => (await portsOf(world, 'NODE1').cluster.readState()).cluster?.nodes[1]?.state;
    world.stopJumping();
    const hands: DrillTools['hands'] = {
      powerOff: async () => {
        await press('powerOff');
        states.push(await nodes());
        world.advance(9_999);
        states.push(await nodes());
        world.advance(1);
        states.push(await nodes());
      },
      powerOn: async () => void (await press('powerOn')),
    };
    expect(await drill(() => undefined, hands)).toMatch(
      /^VM1 ran on NODE1 10\.0 s after NODE2 lost its power, 10 s of it without heartbeats/,
    );
    expect(states).toEqual(['up', 'up', 'down']);
    expect(proofs.read().drilled).toMatchObject([{ drill: 'loseHost', tookMs: 10_000 }]);
  });

  it('tells an orderly shutdown from a loss by the machine that left before its node', async () => {
    let isDrained = (): void => undefined;
    const drained = new Promise<void>((resolve) => (isDrained = resolve));
    const shutter = async (doing: string): Promise<void> => {
      if (!doing.startsWith('Take the power')) return;
      await portsOf(world, 'NODE1').apply({ do: 'cluster.pauseNode', node: 'NODE2' });
      isDrained();
    };
    await expect(drill(shutter)).rejects.toMatchObject({
      code: 'FORM_DRILL_ORDERLY',
      detail: { server: 'NODE2', found: 'VM1 was on NODE1 while NODE2 was paused' },
    });
    await drained;
    expect(proofs.read().drilled).toEqual([]);
  });

  it('tells it by the log of the server where nobody saw the machine leave', async () => {
    const shutter = (doing: string): Promise<unknown> | undefined => {
      if (doing.startsWith('Take the power')) return press('shutDown');
      return doing.startsWith('Switch NODE2 on') ? press('powerOn') : undefined;
    };
    await expect(drill(shutter)).rejects.toMatchObject({
      code: 'FORM_DRILL_ORDERLY',
      detail: { server: 'NODE2', found: 'Windows on NODE2 was told to shut down (event 1074 of User32)' },
    });
    expect(proofs.read().drilled).toEqual([]);
    expect(await drill(patient)).toContain('after NODE2 was seen down');
  });

  it('proves nothing where the cluster service was stopped and the power stayed', async () => {
    const stopper = async (doing: string): Promise<void> => {
      if (doing.startsWith('Take the power'))
        await portsOf(world, 'NODE1').apply({ do: 'cluster.stopNode', node: 'NODE2' });
      else if (doing.startsWith('Switch NODE2 on'))
        await portsOf(world, 'NODE1').apply({ do: 'cluster.startNode', node: 'NODE2' });
    };
    await expect(drill(stopper)).rejects.toMatchObject({
      code: 'FORM_DRILL_FAILED',
      detail: {
        found: expect.stringMatching(/^NODE2 left the cluster without losing its power: .* has run since /) as string,
      },
    });
    expect(proofs.read().drilled).toEqual([]);
  });

  it('ends where its server does not come back in time, with the power of a rehearsal', async () => {
    await expect(
      drill(() => undefined, { powerOff: async () => void (await press('powerOff')), powerOn: async () => undefined }),
    ).rejects.toMatchObject({
      code: 'FORM_DRILL_FAILED',
      detail: {
        drill: 'loss of NODE2',
        found: 'NODE2 did not come back; its state is down',
        next: expect.stringContaining('Switch NODE2 on') as string,
      },
    });
    expect(proofs.read().drilled).toEqual([]);
  });

  /** The drill with a server that answers its questions about how it went down as given, one after the other and then the last for ever. */
  const toldBy = async (...answers: Awaited<ReturnType<DrillTools['lastStop']>>[]) => {
    let asked = 0;
    const tools = toolsOf(patient);
    const proof = await loseHost({
      ...tools,
      lastStop: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]!),
    })('NODE2', file, new AbortController().signal);
    return { proof, asked };
  };
  const before = { bootedAt: '2020-01-01T00:00:00.000Z', how: 'inOrder', event: null } as const;

  it('waits no longer for a log once asking again would change nothing, and says why it does not tell', async () => {
    const denied = { because: 'Windows denied the log System.', isFinal: true };
    expect(await toldBy(before, denied)).toEqual({
      proof: expect.stringMatching(
        /; whether it lost its power or was shut down, its own log did not tell: Windows denied the log System$/,
      ) as string,
      asked: 2,
    });
    const silent = { bootedAt: '2026-01-01T00:00:00.000Z', how: 'unknown', event: null } as const;
    expect(await toldBy(before, silent)).toEqual({
      proof: expect.stringMatching(/; its own log System says nothing of how it went down$/) as string,
      asked: 2,
    });
  });

  it('asks again while Quorate there may still be starting', async () => {
    const starting = { because: 'NODE2 is not connected.', isFinal: false };
    const lost = { ...before, bootedAt: '2026-01-01T00:00:00.000Z', how: 'unexpectedly' } as const;
    expect((await toldBy(before, starting, starting, lost)).asked).toBe(4);
  });

  const stopService = (server: string): Promise<unknown> =>
    runControl(world, {} as ServedTargets, 'person', 'setFault', { kind: 'clusterServiceStopped', server });
  const restart = (): Promise<string> =>
    restartServer(toolsOf(() => undefined))('NODE1', file, new AbortController().signal);

  it('does not begin on a server whose cluster service does not run, which it would say nothing of', async () => {
    const bootedAt = async () => (await portsOf(world, 'NODE1').host.readState()).lastBootAt;
    const before = await bootedAt();
    await stopService('NODE1');
    const stopped = { code: 'CLUSTER_SERVICE_STOPPED', detail: { node: 'NODE1' } };
    await expect(restart()).rejects.toMatchObject(stopped);
    await expect(drill(patient)).rejects.toMatchObject(stopped);
    expect(await bootedAt()).toBe(before);
    expect(proofs.read()).toMatchObject({ begun: [], drilled: [] });
  });

  it('drains no server while no other node is up, and says which is not', async () => {
    await stopService('NODE2');
    // The heartbeats of a service that died are missed first.
    world.advance(10_000);
    await expect(restart()).rejects.toMatchObject({
      code: 'FORM_DRILL_FAILED',
      detail: {
        found: 'no other node takes what runs on NODE1: NODE2 is down',
        next: expect.stringContaining('start the Cluster Service there') as string,
      },
    });
    const { cluster } = await portsOf(world, 'NODE1').cluster.readState();
    expect(cluster?.nodes[0]).toMatchObject({ name: 'NODE1', state: 'up' });
  });

  it('takes no server for gone, nor for one that stays away, that it does not see', async () => {
    const hands: DrillTools['hands'] = {
      powerOff: async () => void (await stopService('NODE1')),
      powerOn: async () => undefined,
    };
    await expect(drill(() => undefined, hands)).rejects.toMatchObject({
      code: 'FORM_DRILL_FAILED',
      detail: {
        found: 'NODE2 was not seen powered off; its state is not known: the cluster service on NODE1 does not run',
        next: expect.stringContaining('Start the Cluster Service on NODE1') as string,
      },
    });
    expect(proofs.read().drilled).toEqual([]);
  });

  it('leaves no server paused that could not be drained for its restart', async () => {
    const nodes = async () =>
      (await portsOf(world, 'NODE1').cluster.readState()).cluster?.nodes.map(({ state }) => state);
    await runControl(world, {} as ServedTargets, 'person', 'setFault', { kind: 'drainFails', server: 'NODE1' });
    await expect(
      restartServer(toolsOf(() => undefined))('NODE1', file, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'CLUSTER_DRAIN_FAILED', detail: { node: 'NODE1' } });
    expect(await nodes()).toEqual(['up', 'up']);
    expect(proofs.read()).toMatchObject({ begun: [], drilled: [] });
  });
});
