import { describe, expect, test } from 'vitest';
import { addOnIds, addOns } from '../../../shared/availability/add-ons.ts';
import { advise } from '../../../shared/availability/advisor.ts';
import { isGrave } from '../../../shared/availability/grades.ts';
import { headroomOf } from '../../../shared/availability/headroom.ts';
import { compile } from '../../../shared/availability/model.ts';
import { siteLossesOf } from '../../../shared/availability/multi-site.ts';
import { singlePointsOf } from '../../../shared/availability/single-points.ts';
import type { StateDocument } from '../../../shared/availability/state.ts';
import { vmmHandOver } from '../../../shared/availability/vmm.ts';
import { fourAndFour, stateOf } from '../../support/availability-states.ts';

/** The column's example as it is built first: one NIC for each network, one switch for each, target software on a server. */
const column = (more: Partial<StateDocument> = {}): StateDocument => ({
  ...fourAndFour(),
  nodes: fourAndFour().nodes.map((node) => ({
    ...node,
    nics: [
      { name: 'Production', role: 'production', switch: 'SW1' },
      { name: 'Private', role: 'clusterPrivate', switch: 'SW2' },
      { name: 'iSCSI', role: 'iscsiA', switch: 'SW3' },
    ],
  })),
  targets: [{ name: 'SAN1', hardware: false, portals: [{ address: '10.0.0.1', network: 'iscsiA', switch: 'SW3' }] }],
  ...more,
});

const gravesOf = (document: StateDocument): string[] =>
  singlePointsOf(compile(stateOf(document)))
    .filter(({ grade }) => isGrave(grade))
    .map(({ lose }) => lose[0]!);

describe('the advisor', () => {
  const advice = advise(stateOf(column()));
  const byId = (id: string) => advice.find((one) => one.id === id)!;

  test('judges all eight add-ons, each once', () => {
    expect(advice.map(({ id }) => id).sort()).toEqual([...addOnIds].sort());
    expect(advice.filter(({ order }) => order !== null).map(({ order }) => order)).toEqual(
      advice.flatMap(({ order }, at) => (order === null ? [] : [at + 1])),
    );
  });
  test('what a rung removes is what the analysis of the changed graph no longer finds', () => {
    let now = stateOf(column());
    for (const one of advice.filter(({ order }) => order !== null)) {
      const change = addOns.find(({ id }) => id === one.id)!.change(now);
      if (change.kind !== 'changes') throw new Error(`${one.id} changes nothing`);
      const graves = (state: typeof now): Set<string> =>
        new Set(
          singlePointsOf(compile(state))
            .filter(({ grade }) => isGrave(grade))
            .map(({ lose }) => lose[0]!),
        );
      const before = graves(change.before ?? now);
      const after = graves(change.after);
      expect(one.removes.toSorted()).toEqual([...before].filter((id) => !after.has(id)).sort());
      now = change.after;
    }
  });
  test('single NICs are cheap to double and come before second switches', () => {
    expect(gravesOf(column())).toContain('nic:HV01/iSCSI');
    expect(byId('nicRedundancy').judgement).toBe('worthIt');
    expect(byId('nicRedundancy').removes).toContain('nic:HV01/iSCSI');
    expect(byId('pathRedundancy').order!).toBeGreaterThan(byId('nicRedundancy').order!);
    expect(byId('pathRedundancy').removes).toContain('switch:SW3');
  });
  test('a mirrored target takes the target away; the chassis of an array stays', () => {
    expect([...byId('iscsiRedundancy').removes, ...byId('multiSite').removes]).toContain('target:SAN1');
  });
  test('hardware and VMM leave the graph as it is, and say so', () => {
    expect(byId('hardware')).toMatchObject({ judgement: 'noEffect', removes: [], order: null });
    expect(byId('vmm')).toMatchObject({ judgement: 'noEffect', removes: [], order: null });
  });
  test('no price is named', () => {
    expect(JSON.stringify(advice)).not.toMatch(/[$€£]|\bEUR\b|\bUSD\b|price|cost/i);
  });
  test('the advice changes with the configuration', () => {
    const small = advise(
      stateOf({ ...column(), nodes: column().nodes.map((node) => ({ ...node, memoryMB: 28_672 })) }),
    );
    const more = small.find(({ id }) => id === 'moreNodes')!;
    expect(more.judgement).toBe('worthIt');
    expect(more.headroom).toEqual({ before: 'doesNotFit', after: 'fits' });
    expect(byId('moreNodes').judgement).toBe('noEffect');
    const mirrored = advise(stateOf(column({ targets: ['SAN1', { name: 'SAN2', mirrorOf: 'SAN1' }] })));
    expect(mirrored.find(({ id }) => id === 'iscsiRedundancy')!.judgement).toBe('present');
  });
  test('what is not in the state is not known, rather than bad', () => {
    const bare = advise(stateOf(fourAndFour()));
    expect(bare.find(({ id }) => id === 'nicRedundancy')!.judgement).toBe('notKnown');
    expect(bare[0]).toMatchObject({ id: 'iscsiRedundancy', order: 1 });
  });
  test('the version bounds the number of nodes', () => {
    const many = (count: number, operatingSystem: '2008R2' | '2025'): StateDocument => ({
      nodes: Array.from({ length: count }, (_, at) => ({ name: `N${at}`, memoryMB: 1024, reserveMB: 0 })),
      witness: null,
      targets: [],
      vms: [],
      cluster: { operatingSystem },
    });
    const judge = (count: number, system: '2008R2' | '2025') =>
      advise(stateOf(many(count, system))).find(({ id }) => id === 'moreNodes')!;
    expect(judge(16, '2008R2')).toMatchObject({ judgement: 'notApplicable' });
    expect(judge(16, '2008R2').sentence).toContain('16');
    expect(judge(16, '2025').judgement).not.toBe('notApplicable');
  });
});

describe('N+1 and N+2', () => {
  const of = (document: StateDocument) => headroomOf(compile(stateOf(document)));
  test('hold, and say the reserve', () => {
    expect(of(fourAndFour())[0]).toMatchObject({ losses: 1, verdict: 'fits', reserveMB: 8192 });
    expect(of(fourAndFour())[1]).toMatchObject({ losses: 2, verdict: 'notApplicable' });
  });
  test('a sum that does not pack names the one that stays down', () => {
    const [one] = of({
      nodes: [
        { name: 'A', memoryMB: 18_432, reserveMB: 0 },
        { name: 'B', memoryMB: 10_240, reserveMB: 0 },
        { name: 'C', memoryMB: 10_240, reserveMB: 0 },
      ],
      witness: null,
      targets: [],
      vms: ['one', 'two', 'three'].map((name) => ({ name, node: 'A', memoryMB: 6144, priority: 'medium' as const })),
    });
    expect(one).toMatchObject({
      verdict: 'doesNotFit',
      worst: { lose: ['node:A'], neededMB: 18_432, freeMB: 20_480, largestNotRestarted: { memoryMB: 6144 } },
    });
    expect(one!.sentence).toContain('the sum fits but does not pack');
  });
  test('with dynamic memory startup and minimum are used, beside what is assigned', () => {
    const tight = fourAndFour(28_672);
    for (const vm of tight.vms) vm.dynamicMemory = { startupMB: 2048, minimumMB: 1024 };
    expect(of(tight).map(({ losses, memory, verdict }) => [losses, memory, verdict])).toEqual([
      [1, 'assigned', 'doesNotFit'],
      [1, 'dynamic', 'fits'],
      [2, 'assigned', 'notApplicable'],
      [2, 'dynamic', 'notApplicable'],
    ]);
  });
  test('No Auto Start needs no room', () => {
    const tight = fourAndFour(28_672);
    for (const vm of tight.vms.slice(0, 2)) vm.priority = 'noAutoStart';
    for (const vm of tight.vms.slice(4, 6)) vm.priority = 'noAutoStart';
    expect(of(tight)[0]!.verdict).toBe('fits');
  });
});

describe('several sites', () => {
  const two = (witness: StateDocument['witness']): StateDocument => ({
    ...fourAndFour(),
    nodes: fourAndFour().nodes.map((node, at) => ({ ...node, site: at === 0 ? 'Berlin' : 'Bonn' })),
    targets: [
      { name: 'SAN1', site: 'Berlin' },
      { name: 'SAN2', site: 'Bonn', mirrorOf: 'SAN1' },
    ],
    witness,
    multiSite: { stretchedSubnets: false, replication: 'synchronous, by the arrays' },
  });
  const survived = (document: StateDocument) =>
    Object.fromEntries(siteLossesOf(compile(stateOf(document))).sites.map((site) => [site.name, site.survived]));
  test('a witness at a third place survives the loss of either', () => {
    expect(survived(two({ kind: 'share', site: 'Mainz' }))).toEqual({ Berlin: 'yes', Bonn: 'yes', Mainz: 'yes' });
  });
  test('a witness at one of them favors it', () => {
    const document = two({ kind: 'share', site: 'Berlin' });
    expect(survived(document)).toEqual({ Berlin: 'no', Bonn: 'yes' });
    expect(siteLossesOf(compile(stateOf(document))).remarks.join(' ')).toContain('that site is favored');
  });
  test('no witness is left to chance', () => {
    expect(survived(two(null))).toEqual({ Berlin: 'unknown', Bonn: 'unknown' });
  });
  test('subnets and replication are told as stated', () => {
    const remarks = siteLossesOf(compile(stateOf(two({ kind: 'cloud' })))).remarks.join(' ');
    expect(remarks).toContain('subnets of its own');
    expect(remarks).toContain('synchronous, by the arrays');
    expect(remarks).toContain('not proven');
  });
});

test('the hand-over to VMM has an inventory and a checklist', () => {
  const { inventory, checklist } = vmmHandOver(stateOf(fourAndFour()));
  expect(inventory.find(({ what }) => what === 'Virtual machines')!.value).toBe('8, 32 GiB assigned');
  expect(inventory.find(({ what }) => what === 'Witness')!.value).toBe('disk on SAN1');
  expect(checklist.length).toBeGreaterThan(5);
});
