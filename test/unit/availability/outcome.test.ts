import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { World } from '../../../main/rehearsal/world/world.ts';
import { assess } from '../../../shared/availability/assess.ts';
import { compile, type Model } from '../../../shared/availability/model.ts';
import { resultOf, type LossResult } from '../../../shared/availability/what-if.ts';
import { bringBack, lossyWorld, readState, takeAway, type LossyCluster } from '../../support/losing-world.ts';

/* A rehearsed cluster loses each element in turn, and what the world comes to is what the analysis said. */

const folders = mkdtempSync(join(tmpdir(), 'quorate-losses-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));
const isolationMs = 251_000;

interface Seen {
  readonly isQuorumLost: boolean;
  readonly gone: readonly string[];
  readonly vms: readonly { readonly name: string; readonly runs: boolean; readonly on: string }[];
}

const seenIn = ({ state }: World): Seen => ({
  isQuorumLost: state.cluster!.isQuorumLost === true,
  gone: state.cluster!.nodes.filter(({ membership }) => membership !== undefined).map(({ name }) => name),
  vms: state.machines!.map((machine) => ({
    name: machine.name,
    runs: machine.running && machine.trouble === undefined,
    on: state.cluster!.groups.find(({ name }) => name === machine.name)!.ownerNode,
  })),
});

/** In what the world differs from what the analysis said; empty: in nothing. */
const differences = (said: LossResult, seen: Seen, model: Model, isSplit: boolean): string[] => [
  ...(said.quorum === 'kept' && seen.isQuorumLost ? ['the quorum is lost'] : []),
  ...(said.quorum === 'lost' && !seen.isQuorumLost ? ['the quorum is kept'] : []),
  ...(said.quorum === 'kept' && said.cases.of === 1 && !isSplit && seen.gone.join() !== said.nodesLost.join()
    ? [`gone are ${seen.gone.join()}, not ${said.nodesLost.join()}`]
    : []),
  ...said.vms.flatMap(({ name, outcome, nodes }) => {
    const { runs, on } = seen.vms.find((one) => one.name === name)!;
    const before = model.state.vms.find((one) => one.name === name)!.node;
    const what = runs ? `runs on ${on}` : 'does not run';
    const isSo =
      outcome === 'depends' ||
      (outcome === 'stays' ? runs && on === before : outcome === 'down' ? !runs : runs && nodes.includes(on));
    return isSo ? [] : [`${name} ${outcome} (${nodes.join()}), but ${what}`];
  }),
];

const clusters: Record<string, LossyCluster> = {
  'two nodes with a disk witness': {
    nodes: 2,
    witness: 'disk',
    machines: [
      { name: 'web', node: 'NODE1', gigabytes: 4 },
      { name: 'mail', node: 'NODE2', gigabytes: 8, isShared: false },
      { name: 'test', node: 'NODE2', gigabytes: 2, priority: 0 },
    ],
  },
  'three nodes without a witness': {
    nodes: 3,
    witness: 'none',
    machines: [
      { name: 'web', node: 'NODE1', gigabytes: 4 },
      { name: 'sql', node: 'NODE2', gigabytes: 8, priority: 3000 },
      { name: 'mail', node: 'NODE3', gigabytes: 8, isShared: false },
    ],
  },
  'two nodes on two targets with the same disks': {
    nodes: 2,
    witness: 'disk',
    isMirrored: true,
    machines: [1, 2].map((at) => ({ name: `vm${at}`, node: `NODE${at}`, gigabytes: 3 })),
  },
  'four nodes with a disk witness': {
    nodes: 4,
    witness: 'disk',
    machines: [1, 2, 3, 4].map((at) => ({ name: `vm${at}`, node: `NODE${at}`, gigabytes: 3 })),
  },
};

describe.each(Object.entries(clusters))('%s', (_title, cluster) => {
  it('loses each element, and a sample of pairs at once and in order, as the analysis said', async () => {
    const world = await lossyWorld(mkdtempSync(join(folders, 'world-')), cluster);
    const whole = world.state;
    const model = compile(await readState(world));
    expect(new Set(model.elements.map(({ kind }) => kind))).toEqual(
      new Set([
        ...['node', 'nic', 'switch', 'path', 'portal', 'lun', 'target'],
        ...(cluster.witness === 'none' ? [] : ['witness']),
      ]),
    );
    const pairs = model.elements.flatMap((one, at) => model.elements.slice(at + 1).map((other) => [one, other]));
    const sample = pairs.filter((_, at) => at % Math.ceil(pairs.length / 40) === 0);
    const losses = [
      ...model.elements.map((element) => [[element]]),
      ...sample.map((pair) => [pair]),
      ...sample.map((pair) => pair.map((element) => [element])),
    ];
    const wrong: string[] = [];
    let decided = 0;
    let all = 0;
    for (const steps of losses) {
      const assessment = assess(model, steps);
      const said = resultOf(model, assessment, steps.length > 1 ? 'inOrder' : 'atOnce');
      for (const step of steps) {
        takeAway(world, step);
        // Until nobody is isolated any more.
        world.advance(isolationMs);
      }
      const found = differences(said, seenIn(world), model, assessment.quorum.isSplit);
      const words = steps.map((step) => step.map(({ id }) => id).join(' + ')).join(', then ');
      wrong.push(...found.map((difference) => `${words}: ${difference}`));
      all += said.vms.length;
      decided += said.vms.filter(({ outcome }) => outcome !== 'depends').length;
      bringBack(world, whole);
    }
    await world.close();
    expect(wrong).toEqual([]);
    // "It depends" would always be right.
    expect(decided / all).toBeGreaterThan(0.6);
  });
});

it('isolates a node that is not heard: its machines are paused for 240 s, then start elsewhere, and the analysis says so', async () => {
  const world = await lossyWorld(mkdtempSync(join(folders, 'world-')), clusters['three nodes without a witness']!);
  const model = compile(await readState(world));
  const nics = model.elements.filter(
    ({ kind, owner, name }) => kind === 'nic' && owner === 'NODE1' && !/3|4/.test(name),
  );
  expect(nics).toHaveLength(2);
  const said = resultOf(model, assess(model, [nics]), 'atOnce');
  expect(said.isolated).toMatchObject({ nodes: ['NODE1'], seconds: 250 });
  expect(said.isolated?.because).toContain(
    'missed after 10 s without heartbeats (SameSubnetThreshold 10 x SameSubnetDelay 1,000 ms, as read from the cluster), and then Isolated for up to 240 s (ResiliencyDefaultPeriod, as read from the cluster)',
  );
  takeAway(world, nics);
  const web = (): Seen['vms'][number] => seenIn(world).vms.find(({ name }) => name === 'web')!;
  const node = (): string | undefined => world.state.cluster!.nodes[0]!.membership;
  world.advance(9_000);
  // The others have not missed it yet.
  expect([node(), web()]).toEqual([undefined, { name: 'web', runs: true, on: 'NODE1' }]);
  world.advance(240_000);
  expect([node(), web()]).toEqual(['isolated', { name: 'web', runs: false, on: 'NODE1' }]);
  world.advance(2000);
  expect([node(), web().runs]).toEqual(['out', true]);
  expect(said.vms.find(({ name }) => name === 'web')?.nodes).toContain(web().on);
  expect(world.takeUsed()).toContain('cluster.node.isolated');
  await world.close();
});

it('goes on at once where the node is heard again before its time is over', async () => {
  const world = await lossyWorld(mkdtempSync(join(folders, 'world-')), clusters['three nodes without a witness']!);
  const model = compile(await readState(world));
  takeAway(
    world,
    model.elements.filter(({ kind, owner, name }) => kind === 'nic' && owner === 'NODE1' && !/3|4/.test(name)),
  );
  world.advance(100_000);
  world.control('test', 'plugIn', null, (state) => {
    state.faults = [];
  });
  expect(seenIn(world)).toMatchObject({ isQuorumLost: false, gone: [] });
  world.advance(isolationMs);
  expect(seenIn(world).vms[0]).toEqual({ name: 'web', runs: true, on: 'NODE1' });
  await world.close();
});

it('stops with the quorum, and starts what ran once there are votes again', async () => {
  const world = await lossyWorld(mkdtempSync(join(folders, 'world-')), clusters['two nodes with a disk witness']!);
  const model = compile(await readState(world));
  const lost = model.elements.filter(({ id }) => id === 'node:NODE2' || id === 'witness');
  takeAway(world, lost);
  expect(seenIn(world).isQuorumLost).toBe(false);
  world.advance(10_000);
  expect(seenIn(world).isQuorumLost).toBe(true);
  expect(seenIn(world).vms.some(({ runs }) => runs)).toBe(false);
  world.control('test', 'bringWitness', null, (state) => {
    state.cluster!.isWitnessOffline = false;
  });
  expect(seenIn(world)).toMatchObject({ isQuorumLost: false, gone: ['NODE2'] });
  expect(
    seenIn(world)
      .vms.filter(({ runs, on }) => runs && on === 'NODE1')
      .map(({ name }) => name),
  ).toEqual(['web', 'mail']);
  await world.close();
});
