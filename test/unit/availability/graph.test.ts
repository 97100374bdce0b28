import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assess } from '../../../shared/availability/assess.ts';
import { findElement } from '../../../shared/availability/elements.ts';
import { compile } from '../../../shared/availability/model.ts';
import { fitText, pictureOf } from '../../../shared/availability/picture.ts';
import { pairsOf, singlePointsOf } from '../../../shared/availability/single-points.ts';
import type { AvailabilityState, StateDocument } from '../../../shared/availability/state.ts';
import { capital, elementName } from '../../../shared/availability/words.ts';
import { fourAndFour, stateOf } from '../../support/availability-states.ts';

/**
 * Remove and search: a plain graph of texts, without anything of the product. Which nodes still reach the target, and which
 * still hear each other over a network of the cluster?
 */
const search = (state: AvailabilityState, lost: readonly string[]) => {
  const edges: [string, string][] = [];
  const gone = new Set(lost);
  for (const node of state.nodes) {
    for (const nic of node.nics ?? []) {
      const port = `nic:${node.name}/${nic.name}`;
      edges.push([`node:${node.name}`, port]);
      const lan = `net:${nic.role}`;
      if (nic.switch) {
        edges.push([port, `switch:${nic.switch}>${lan}`], [`switch:${nic.switch}>${lan}`, lan]);
        if (gone.has(`switch:${nic.switch}`)) gone.add(`switch:${nic.switch}>${lan}`);
      } else edges.push([port, lan]);
    }
    if (node.site && gone.has(`site:${node.site}`)) gone.add(`node:${node.name}`);
    if (node.power?.length && node.power.every((feed) => gone.has(`power:${feed}`))) gone.add(`node:${node.name}`);
  }
  for (const target of state.targets) {
    if (target.site && gone.has(`site:${target.site}`)) gone.add(`target:${target.name}`);
    for (const portal of target.portals ?? []) {
      const id = `portal:${target.name}/${portal.address}`;
      const lans = portal.network ? [portal.network] : ['iscsiA', 'iscsiB'];
      for (const lan of lans)
        if (portal.switch) {
          // One for each network that it may be in: a switch does not lead from one into the other.
          const own = `switch:${portal.switch}>to:${id}>${lan}`;
          if (gone.has(`switch:${portal.switch}`)) gone.add(own);
          edges.push([`net:${lan}`, own], [own, id]);
        } else edges.push([`net:${lan}`, id]);
      edges.push([id, `target:${target.name}`]);
    }
  }
  const walk = (from: string, through: (name: string) => boolean): Set<string> => {
    const seen = new Set<string>();
    const next = gone.has(from) ? [] : [from];
    while (next.length > 0) {
      const at = next.pop()!;
      if (seen.has(at) || gone.has(at)) continue;
      seen.add(at);
      // Nothing passes through another node or a target.
      if (at !== from && /^(node|target):/.test(at)) continue;
      for (const [left, right] of edges) {
        const other = left === at ? right : right === at ? left : null;
        if (other && (through(other) || other.startsWith('target:') || other.startsWith('node:'))) next.push(other);
      }
    }
    return seen;
  };
  const isLan = (name: string, lans: readonly string[]): boolean =>
    lans.some((lan) => name === `net:${lan}` || name.endsWith(`>net:${lan}`)) ||
    /^(nic|portal):/.test(name) ||
    (lans.includes('iscsiA') && name.includes('>to:'));
  const alive = state.nodes.filter(({ name }) => !gone.has(`node:${name}`)).map(({ name }) => name);
  const storage = new Map(
    alive.map((name) => {
      // Storage is reached from this node itself, not by way of another one.
      const seen = walk(`node:${name}`, (other) => isLan(other, ['iscsiA', 'iscsiB']));
      return [name, new Set([...seen].filter((one) => one.startsWith('target:')).map((one) => one.slice(7)))];
    }),
  );
  const hears = new Map(
    alive.map((name) => {
      const seen = new Set<string>([name]);
      for (const lan of ['production', 'clusterPrivate'])
        for (const one of walk(`node:${name}`, (other) => isLan(other, [lan]) && !other.startsWith('portal:')))
          if (one.startsWith('node:')) seen.add(one.slice(5));
      return [name, seen];
    }),
  );
  return { alive, storage, hears };
};

const link = (names: readonly string[]) => fc.option(fc.constantFrom(...names), { nil: null, freq: 3 });

const states = fc
  .record({
    nodes: fc.array(
      fc.record({
        nics: fc.array(
          fc.record({
            role: fc.constantFrom(
              'production' as const,
              'clusterPrivate' as const,
              'iscsiA' as const,
              'iscsiB' as const,
            ),
            switch: link(['SW1', 'SW2']),
          }),
          { maxLength: 4 },
        ),
        site: fc.option(fc.constantFrom('X', 'Y'), { nil: undefined }),
        power: fc.subarray(['P', 'Q']),
      }),
      { minLength: 2, maxLength: 4 },
    ),
    portals: fc.array(
      fc.record({
        network: fc.option(fc.constantFrom('iscsiA' as const, 'iscsiB' as const), { nil: undefined }),
        switch: link(['SW1', 'SW3']),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ nodes, portals }): StateDocument => ({
    nodes: nodes.map(({ nics, site, power }, at) => ({
      name: `N${at + 1}`,
      memoryMB: 1000,
      reserveMB: 0,
      nics: [
        // Every node is in the cluster and has storage to begin with.
        { name: 'lan', role: 'production' as const, switch: 'SW1' },
        { name: 'san', role: 'iscsiA' as const, switch: 'SW2' },
        ...nics.map((nic, index) => ({ name: `nic${index}`, ...nic })),
      ],
      ...(site ? { site } : {}),
      power,
    })),
    witness: { kind: 'disk', target: 'T' },
    targets: [
      {
        name: 'T',
        portals: [
          { address: '10.0.0.1', network: 'iscsiA', switch: 'SW2' },
          ...portals.map(({ network, switch: own }, at) => ({
            address: `10.0.1.${at + 1}`,
            ...(network ? { network } : {}),
            switch: own,
          })),
        ],
      },
    ],
    vms: nodes.map((_, at) => ({ name: `VM${at + 1}`, node: `N${at + 1}`, memoryMB: 1, priority: 'medium' as const })),
  }));

describe('the graph against remove and search', () => {
  test('who is left, who hears whom, who reaches the target: every single loss and pairs', () => {
    let compared = 0;
    fc.assert(
      fc.property(states, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), (document, picks) => {
        const state = stateOf(document);
        const model = compile(state);
        const elements = model.elements.filter(({ kind }) => kind !== 'path' && kind !== 'witness');
        const losses = [
          ...elements.map((element) => [element]),
          ...picks.map((pick) => [elements[pick % elements.length]!, elements[(pick >> 4) % elements.length]!]),
        ];
        for (const lost of losses) {
          const ids = [...new Set(lost)].map(({ id }) => id);
          const expected = search(state, ids);
          const found = assess(model, [ids.map((id) => findElement(model.elements, id))]);
          const isTargetLeft = expected.alive.some((name) => expected.storage.get(name)!.has('T'));
          // Votes of the largest group that hears itself, with the witness where it reaches it.
          const even = state.nodes.length % 2 === 0;
          const total = state.nodes.length + (even ? 1 : 0);
          const groups = expected.alive.map((name) => [...expected.hears.get(name)!]);
          const closed = groups.map((group) => {
            const all = new Set(group);
            for (let grew = true; grew;) {
              grew = false;
              for (const one of [...all])
                for (const other of expected.hears.get(one)!) if (!all.has(other)) grew = Boolean(all.add(other));
            }
            return [...all];
          });
          const wins = closed.filter(
            (group) =>
              (group.length + (even && group.some((name) => expected.storage.get(name)!.has('T')) ? 1 : 0)) * 2 > total,
          );
          expect([ids, found.quorum.verdict]).toEqual([ids, wins.length > 0 ? 'kept' : 'lost']);
          compared += 1;
          if (wins.length === 0) continue;
          const winners = new Set(wins.flat());
          expect([ids, found.gone.map((node) => model.nodes[node]!.name)]).toEqual([
            ids,
            state.nodes.map(({ name }) => name).filter((name) => !winners.has(name)),
          ]);
          for (const vm of state.vms) {
            const { outcome } = found.touched.find((one) => model.vms[one.vm]!.name === vm.name) ?? {
              outcome: 'stays',
            };
            const reaching = [...winners].filter((name) => expected.storage.get(name)!.has('T'));
            if (!isTargetLeft || reaching.length === 0) expect([ids, vm.name, outcome]).toEqual([ids, vm.name, 'down']);
            else if (winners.size < closed.length && new Set(wins.map((group) => group.toSorted().join())).size > 1)
              expect(outcome).toBe('depends');
            else if (!winners.has(vm.node)) expect([ids, vm.name, outcome]).toEqual([ids, vm.name, 'restarts']);
            else if (!reaching.includes(vm.node)) expect([ids, vm.name, outcome]).toEqual([ids, vm.name, 'depends']);
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(1000);
  });
});

const twoSwitches = (second: boolean): StateDocument => ({
  nodes: ['HV01', 'HV02'].map((name) => ({
    name,
    memoryMB: 65_536,
    reserveMB: 4096,
    nics: [
      { name: 'LAN', role: 'production', switch: 'SW1' },
      { name: 'LAN2', role: 'production', switch: second ? 'SW2' : 'SW1' },
      { name: 'Private', role: 'clusterPrivate', switch: second ? 'SW2' : 'SW1' },
      { name: 'A', role: 'iscsiA', switch: 'SW1' },
      { name: 'B', role: 'iscsiB', switch: second ? 'SW2' : 'SW1' },
    ],
  })),
  witness: { kind: 'disk', target: 'SAN1', lun: 'Witness' },
  targets: [
    {
      name: 'SAN1',
      portals: [
        { address: '10.0.1.1', network: 'iscsiA', switch: 'SW1' },
        { address: '10.0.2.1', network: 'iscsiB', switch: second ? 'SW2' : 'SW1' },
      ],
      luns: ['Witness', 'VMs'],
    },
  ],
  vms: [{ name: 'VM1', node: 'HV01', memoryMB: 4096, priority: 'high', lun: 'VMs' }],
});

describe('single points and pairs', () => {
  const gradesOf = (document: StateDocument): Record<string, string> =>
    Object.fromEntries(singlePointsOf(compile(stateOf(document))).map(({ lose, grade }) => [lose[0]!, grade]));

  test('one switch under everything stops the cluster; two do not', () => {
    expect(gradesOf(twoSwitches(false))['switch:SW1']).toBe('cluster');
    const two = gradesOf(twoSwitches(true));
    expect(two['switch:SW1']).toBe('none');
    expect(two['switch:SW2']).toBe('none');
    expect(two['nic:HV01/A']).toBe('none');
    expect(two['portal:SAN1/10.0.1.1']).toBe('none');
    expect(two['path:HV01/A>10.0.1.1']).toBe('none');
    expect(two['target:SAN1']).toBe('machines');
    expect(two['lun:SAN1/VMs']).toBe('machines');
    expect(two['lun:SAN1/Witness']).toBe('none');
    expect(two['node:HV01']).toBe('interruption');
    expect(two['witness']).toBe('none');
  });
  test('pairs: both switches, both portals, node and witness; a thing with its own part says nothing new', () => {
    const { pairs } = pairsOf(compile(stateOf(twoSwitches(true))));
    const ids = pairs.map(({ lose }) => lose.join('+'));
    expect(ids).toContain('switch:SW1+switch:SW2');
    expect(ids).toContain('portal:SAN1/10.0.1.1+portal:SAN1/10.0.2.1');
    expect(ids).toContain('node:HV01+witness');
    expect(ids).toContain('node:HV01+lun:SAN1/Witness');
    expect(ids).toContain('node:HV01+node:HV02');
    expect(ids.filter((id) => id.includes('node:HV01') && id.includes('nic:HV01'))).toEqual([]);
    expect(ids.filter((id) => id.includes('target:SAN1') && id.includes('portal:'))).toEqual([]);
    for (const { lose } of pairs) expect(lose).toHaveLength(2);
  });
  test('NICs of which nobody said what they are for: it depends, and is asked', () => {
    const open = twoSwitches(true);
    open.nodes[0]!.nics = [{ name: 'eth0' }, { name: 'eth1' }];
    expect(gradesOf(open)['nic:HV01/eth0']).toBe('open');
    expect(
      gradesOf({ ...open, nodes: [{ ...open.nodes[0]!, nics: [{ name: 'eth0' }] }, open.nodes[1]!] })['nic:HV01/eth0'],
    ).not.toBe('none');
  });
});

describe('the picture of the configuration', () => {
  // The window of a console of 800x600 leaves it that much.
  const room = 603;
  const { nodes, targets, ...rest } = twoSwitches(true);
  const full: StateDocument = {
    ...rest,
    nodes: nodes.map((node) => ({ ...node, power: ['A', 'B'], site: 'Berlin' })),
    targets: targets.map((target) => ({
      ...(typeof target === 'string' ? { name: target } : target),
      luns: ['Witness', 'VMs', 'Data'],
    })),
  };
  test.each([
    ['every column', stateOf(full)],
    ['no switches', stateOf({ ...full, nodes: nodes.map((node) => ({ ...node, nics: [{ name: 'eth0' }] })) })],
    ['nodes alone', stateOf({ ...fourAndFour(), targets: [], witness: null })],
    ['nodes and a target', stateOf(fourAndFour())],
  ])('with %s fits a console of 800x600, no box over another', (_name, state) => {
    const { width, height, boxes } = pictureOf(state);
    expect(width).toBeLessThanOrEqual(room);
    for (const box of boxes) {
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      const over = boxes.filter(
        (other) =>
          other !== box &&
          other.x < box.x + box.width &&
          box.x < other.x + other.width &&
          other.y < box.y + box.height &&
          box.y < other.y + other.height,
      );
      // A LUN lies in the box of its target, and nothing else lies in another.
      for (const other of over)
        expect([box, other].map(({ element }) => element.kind).toSorted()).toEqual(['lun', 'target']);
    }
  });
});

describe('the words in a box of the picture', () => {
  test.each([
    ['HV01', 10, 'HV01'],
    ['HV-PRODUCTION01', 10, 'HV-PRODUC…'],
    // What tells one target from another is the end of its name.
    ['iqn.1991-05.com.microsoft:storage01-cluster-target', 20, '…ge01-cluster-target'],
    ['disk on iqn.1991-05.com.microsoft:storage01', 20, 'disk on …t:storage01'],
    ['disk on iqn.1991-05.com.microsoft:storage01', 10, 'disk on i…'],
  ])('%s fits into %i letters', (text, most, shown) => {
    expect(fitText(text, most)).toBe(shown);
    expect(shown.length).toBeLessThanOrEqual(most);
  });
});

describe('an element by its id', () => {
  test.each([
    ['node:HV01', 'node HV01'],
    ['nic:HV01/Ethernet 2', 'NIC Ethernet 2 of HV01'],
    ['nic:HV01/a/b', 'NIC a/b of HV01'],
    ['portal:SAN1/10.0.0.1', 'portal 10.0.0.1 of SAN1'],
    ['lun:SAN1/Witness', 'LUN Witness of SAN1'],
    ['path:HV01/Ethernet 2>10.0.0.1', 'iSCSI path from Ethernet 2 of HV01 to 10.0.0.1'],
    ['target:iqn.2004-04.test.lab:array1', 'target iqn.2004-04.test.lab:array1'],
    ['switch:SW1', 'switch SW1'],
    ['power:A', 'power feed A'],
    ['site:Berlin', 'site Berlin'],
    ['witness', 'the witness'],
  ])('%s is said as %s', (id, text) => {
    expect(elementName(id)).toBe(text);
  });
});

describe('a name at the beginning of a sentence', () => {
  test('has a capital letter, but for iSCSI', () => {
    expect(capital('node HV01')).toBe('Node HV01');
    expect(capital('iSCSI path from A')).toBe('iSCSI path from A');
  });
});
