import { describe, expect, test } from 'vitest';
import { Failure } from '../../../shared/errors/failure.ts';
import { parseState } from '../../../shared/availability/parse-state.ts';
import { firstSentence } from '../../../shared/availability/first-sentence.ts';
import { compile } from '../../../shared/availability/model.ts';
import { whatIf, whatIfSchema, type LossResult } from '../../../shared/availability/what-if.ts';
import type { StateDocument } from '../../../shared/availability/state.ts';
import { fourAndFour, plainNodes, stateOf } from '../../support/availability-states.ts';

const lose = (document: StateDocument, ...ids: string[]): LossResult => {
  const answer = whatIf(stateOf(document), { lose: ids, all: [] });
  expect(() => whatIfSchema.parse(answer)).not.toThrow();
  return answer.results.at(-1)!;
};

const vmOf = (result: LossResult, name: string) => result.vms.find((vm) => vm.name === name)!;

describe('four and four become eight on one', () => {
  test('the memory of one holds them', () => {
    const result = lose(fourAndFour(), 'node:HV01');
    expect(result).toMatchObject({
      quorum: 'kept',
      votes: { have: 2, of: 3 },
      counts: { stays: 4, restarts: 4, down: 0, depends: 0 },
      largestNotRestarted: null,
    });
    expect(result.vms.filter(({ nodes }) => nodes.join() === 'HV02')).toHaveLength(8);
    expect(firstSentence(compile(stateOf(fourAndFour())))).toBe(
      'Four and four become eight on one: if HV01 or HV02 is lost, the other has to run all eight virtual machines, and its memory holds them.',
    );
  });
  test('it does not hold them', () => {
    const small = fourAndFour(28_672);
    const result = lose(small, 'node:HV02');
    expect(result).toMatchObject({
      quorum: 'kept',
      counts: { stays: 4, restarts: 0, down: 0, depends: 4 },
      largestNotRestarted: { memoryMB: 4096 },
      worst: { memoryMB: 8192 },
    });
    expect(firstSentence(compile(stateOf(small)))).toBe(
      'Four and four become eight on one: if HV01 is lost, HV02 has to run all eight virtual machines, but four of them may stay down, the largest of them VM1 with 4 GiB; if HV02 is lost, HV01 has to, but four of them may stay down, the largest of them VM5 with 4 GiB.',
    );
  });
  test('none of them can come up', () => {
    const result = lose(fourAndFour(20_480), 'node:HV02');
    expect(result.counts).toEqual({ stays: 4, restarts: 0, down: 4, depends: 0 });
    expect(vmOf(result, 'VM5').because).toContain('needs 4 GiB; the most that any node it may run on has free is 0 MB');
  });
});

describe('why a virtual machine stays down', () => {
  const base = (vm: object, more: Partial<StateDocument> = {}): StateDocument => ({
    nodes: ['A', 'B', 'C'].map((name) => ({ name, memoryMB: 32_768, reserveMB: 2048 })),
    witness: { kind: 'share' },
    targets: ['SAN1'],
    vms: [
      { name: 'web', node: 'A', memoryMB: 4096, priority: 'medium', ...vm },
      { name: 'other', node: 'B', memoryMB: 4096, priority: 'medium', antiAffinity: 'web' },
      { name: 'third', node: 'C', memoryMB: 4096, priority: 'medium', antiAffinity: ['web', 'db'] },
    ],
    ...more,
  });
  test('no auto start', () => {
    const result = lose(base({ priority: 'noAutoStart' }), 'node:A');
    expect(vmOf(result, 'web')).toMatchObject({ outcome: 'down', nodes: [] });
    expect(vmOf(result, 'web').because).toContain('No Auto Start');
    expect(result.largestNotRestarted).toBeNull();
  });
  test('the first sentence says of those with No Auto Start that it is for that', () => {
    const sentence = (document: StateDocument): string => firstSentence(compile(stateOf(document)));
    const idle = { name: 'idle', node: 'A', memoryMB: 1024, priority: 'noAutoStart' as const };
    const two = ['A', 'B'].map((name) => ({ name, memoryMB: 32_768, reserveMB: 2048 }));
    expect(sentence({ nodes: two, witness: { kind: 'share' }, targets: [], vms: [idle] })).toBe(
      'idle runs on A: if A is lost, it is not started on B, because its priority is No Auto Start.',
    );
    expect(sentence({ nodes: two, witness: { kind: 'share' }, targets: [], vms: [{ ...idle, priority: 'low' }] })).toBe(
      'idle runs on A: if A is lost, it restarts on B.',
    );
    const only = base({}, { vms: [idle] });
    expect(sentence(only)).toBe(
      'If A is lost, its one virtual machine is not started on another node, because the priority is No Auto Start.',
    );
    // Two that are not meant to start weigh less than one that is.
    const calm = base({});
    expect(sentence({ ...calm, vms: [...calm.vms, idle, { ...idle, name: 'idle2', node: 'B' }] })).toBe(
      'If A is lost, its one virtual machine has to restart on the two others, and their memory holds them; the same is true for every other node. One more with No Auto Start is not started.',
    );
    const stuck = base({ possibleOwners: ['A'] });
    expect(sentence({ ...stuck, vms: [...stuck.vms, idle] })).toBe(
      'If A is lost, its one virtual machine has to restart on the two others, but one stays down, the largest of them web with 4 GiB. One more with No Auto Start is not started.',
    );
  });
  test('possible owners are only the lost node, or none', () => {
    expect(vmOf(lose(base({ possibleOwners: ['A'] }), 'node:A'), 'web')).toMatchObject({ outcome: 'down' });
    expect(vmOf(lose(base({ possibleOwners: ['a', 'c'] }), 'node:A'), 'web')).toMatchObject({
      outcome: 'restarts',
      nodes: ['C'],
    });
    expect(vmOf(lose(base({ possibleOwners: [] }), 'node:A'), 'web').because).toBe(
      'No node is a possible owner of it.',
    );
  });
  test('anti-affinity is a wish, unless it is enforced', () => {
    expect(vmOf(lose(base({ antiAffinity: 'web' }), 'node:A'), 'web').outcome).toBe('restarts');
    const enforced = vmOf(
      lose(base({ antiAffinity: 'web' }, { cluster: { enforcedAntiAffinity: true } }), 'node:A'),
      'web',
    );
    expect(enforced.outcome).toBe('down');
    expect(enforced.because).toContain('anti-affinity');
  });
  test('memory that sums but does not pack', () => {
    const state: StateDocument = {
      nodes: [
        { name: 'A', memoryMB: 100, reserveMB: 0 },
        { name: 'B', memoryMB: 10, reserveMB: 0 },
        { name: 'C', memoryMB: 10, reserveMB: 0 },
      ],
      witness: null,
      targets: [],
      vms: [
        { name: 'one', node: 'A', memoryMB: 6, priority: 'high' },
        { name: 'two', node: 'A', memoryMB: 6, priority: 'high' },
        { name: 'three', node: 'A', memoryMB: 6, priority: 'low' },
      ],
    };
    const result = lose(state, 'node:A');
    expect(result.vms.map(({ outcome }) => outcome)).toEqual(['restarts', 'restarts', 'down']);
    expect(result.largestNotRestarted).toEqual({ name: 'three', memoryMB: 6 });
  });
  test('preferred owners come in their order, those below the failed node first', () => {
    expect(vmOf(lose(base({ preferredOwners: ['C', 'A', 'B'] }), 'node:A'), 'web').nodes).toEqual(['B', 'C']);
    expect(vmOf(lose(base({ preferredOwners: ['C'] }), 'node:A'), 'web').nodes).toEqual(['C', 'B']);
    expect(vmOf(lose(base({}), 'node:A'), 'web').nodes).toEqual(['B', 'C']);
  });
  test('its target is lost; with a mirror it runs on', () => {
    expect(vmOf(lose(base({}), 'target:SAN1'), 'web')).toMatchObject({ outcome: 'down' });
    const mirrored = base({}, { targets: ['SAN1', { name: 'SAN2', mirrorOf: 'SAN1' }] });
    expect(vmOf(lose(mirrored, 'target:SAN1'), 'web')).toMatchObject({ outcome: 'stays' });
    expect(vmOf(lose(mirrored, 'target:SAN1', 'target:SAN2'), 'web')).toMatchObject({ outcome: 'down' });
  });
  test('of two targets nobody said which: it depends, and is asked', () => {
    const two = base({}, { targets: ['SAN1', 'SAN2'] });
    expect(vmOf(lose(two, 'target:SAN1'), 'web')).toMatchObject({ outcome: 'depends' });
    const answer = whatIf(stateOf(two), { lose: ['target:SAN1'], all: [] });
    expect(answer.questions.map(({ id }) => id)).toContain('vms.target');
  });
  test('no quorum, and quorum that hangs on chance', () => {
    const lost = lose(base({}), 'node:A', 'node:B');
    expect(lost).toMatchObject({ quorum: 'lost', counts: { down: 3 }, manner: 'atOnce' });
    const two = base({}, { nodes: base({}).nodes.slice(0, 2), vms: base({}).vms.slice(0, 2), witness: null });
    expect(lose(two, 'node:A')).toMatchObject({ quorum: 'depends', counts: { depends: 2 } });
    expect(lose(two, 'node:A').because).toContain('1 of 2 cases');
  });
});

describe('what is asked', () => {
  const state = stateOf(fourAndFour());
  test('several losses: after each in order, and at once', () => {
    const { results } = whatIf(state, { lose: ['node:HV01', 'witness'], all: [] });
    expect(results.map(({ lose: lost, manner, quorum }) => [lost, manner, quorum])).toEqual([
      [['node:HV01'], 'inOrder', 'kept'],
      [['node:HV01', 'witness'], 'inOrder', 'lost'],
      [['node:HV01', 'witness'], 'atOnce', 'lost'],
    ]);
  });
  test('every single one, every pair, both', () => {
    const four = { lose: [], all: [] } as const;
    expect(whatIf(state, four).results.map(({ lose: lost }) => lost.join())).toEqual([
      'node:HV01',
      'node:HV02',
      'target:SAN1',
      'witness',
    ]);
    expect(whatIf(state, { ...four, all: ['double'] }).results).toHaveLength(6);
    expect(whatIf(state, { ...four, all: ['single', 'double'] }).results).toHaveLength(10);
    expect(whatIf(plainNodes(8, false), { ...four, all: ['double'] }).results).toHaveLength(28);
  });
  test('something unknown, something twice', () => {
    const code = (lost: string[]): string => {
      try {
        whatIf(state, { lose: lost, all: [] });
      } catch (error) {
        return error instanceof Failure ? `${error.code} ${error.next}` : String(error);
      }
      return 'no failure';
    };
    expect(code(['node:HV03'])).toBe('AVAILABILITY_LOSS_UNKNOWN Did you mean node:HV01 or node:HV02?');
    expect(code(['HV02'])).toContain('node:HV02');
    expect(code(['rack:1'])).toContain('KIND:NAME');
    expect(code(['switch:SW1'])).toContain('nothing of the kind switch');
    expect(code(['node:hv01', 'NODE:HV01'])).toContain('AVAILABILITY_LOSS_TWICE');
  });
  test('names are found without regard to case', () => {
    expect(lose(fourAndFour(), 'NODE:hv01').lose).toEqual(['node:HV01']);
  });
  test('an answer that would be very large lists what does not run, and counts the rest', () => {
    const many = stateOf({
      nodes: Array.from({ length: 20 }, (_, at) => ({ name: `N${at}`, memoryMB: 2 ** 20, reserveMB: 0 })),
      witness: null,
      targets: [],
      vms: Array.from({ length: 2000 }, (_, at) => ({
        name: `VM${at}`,
        node: `N${at % 20}`,
        memoryMB: 1024,
        priority: at === 0 ? ('noAutoStart' as const) : ('low' as const),
      })),
    });
    const { results } = whatIf(many, { lose: [], all: ['double'] });
    expect(results[0]).toMatchObject({ listed: 'notRunning', counts: { restarts: 199, stays: 1800, down: 1 } });
    expect(results[0]!.vms.map(({ name }) => name)).toEqual(['VM0']);
  });
});

describe('a state that cannot be used names the field, the thing and the next step', () => {
  const problem = (change: (document: StateDocument) => unknown): string => {
    const document = structuredClone(fourAndFour());
    try {
      parseState(change(document) ?? document, 'my.json');
    } catch (error) {
      return error instanceof Failure ? `${error.code}: ${String(error.detail['problem'])}` : String(error);
    }
    return 'no failure';
  };
  test.each<[string, (document: StateDocument) => unknown, string]>([
    ['negative memory', (d) => void (d.vms[0]!.memoryMB = -5), 'vms[0].memoryMB (VM1) must be at least 0'],
    ['a fraction', (d) => void (d.nodes[1]!.memoryMB = 1.5), 'nodes[1].memoryMB (HV02) must be a whole number'],
    [
      'a word for a number',
      (d) => void (d.nodes[1]!.memoryMB = '64' as never),
      'nodes[1].memoryMB (HV02) must be a number',
    ],
    ['a node twice', (d) => void (d.nodes[1]!.name = 'hv01'), 'nodes[1].name: the node hv01 is there twice'],
    ['a machine twice', (d) => void (d.vms[3]!.name = 'vm1'), 'vms[3].name: the virtual machine vm1 is there twice'],
    [
      'a machine on an unknown node',
      (d) => void (d.vms[0]!.node = 'HV1'),
      'virtual machine VM1: node HV1 is not in the file; did you mean HV01',
    ],
    ['a machine on a node far from any', (d) => void (d.vms[0]!.node = 'mars'), 'the file has HV01, HV02'],
    ['an unknown owner', (d) => void (d.vms[0]!.possibleOwners = ['HV02', 'HV9x']), 'vms[0].possibleOwners[1]'],
    [
      'an unknown target',
      (d) => void (d.witness = { kind: 'disk', target: 'SAN' }),
      'witness.target: the witness: target SAN is not in the file; did you mean SAN1?',
    ],
    ['an unknown kind', (d) => void (d.witness = { kind: 'usb' as never }), 'witness.kind'],
    ['an unknown priority', (d) => void (d.vms[2]!.priority = 'urgent' as never), 'vms[2].priority (VM3)'],
    [
      'a misspelt optional field',
      (d) => void Object.assign(d.vms[1]!, { prefferedOwners: ['HV02'] }),
      'vms[1].prefferedOwners: this field is not known; did you mean preferredOwners?',
    ],
    [
      'more reserve than memory',
      (d) => void (d.nodes[0]!.reserveMB = 70_000),
      'nodes[0].reserveMB: node HV01 keeps 70000 MB',
    ],
    ['no nodes', (d) => ({ ...d, nodes: [] }), 'nodes: names no node'],
    [
      '65 nodes',
      (d) => ({ ...d, vms: [], nodes: Array.from({ length: 65 }, (_, at) => ({ ...d.nodes[0]!, name: `N${at}` })) }),
      '64 is the limit',
    ],
    [
      'a portal twice',
      (d) => ({ ...d, targets: [{ name: 'SAN1', portals: [{ address: '10.0.0.1' }, { address: '10.0.0.1' }] }] }),
      'the portal of SAN1 10.0.0.1 is there twice',
    ],
    ['a missing field', (d) => ({ nodes: d.nodes, witness: null, vms: [] }), 'targets is missing'],
    ['a list', () => [], 'the file must be an object'],
    [
      'a mirror of itself',
      (d) => ({ ...d, targets: [{ name: 'SAN1', mirrorOf: 'san1' }] }),
      'cannot be a mirror of itself',
    ],
  ])('%s', (_name, change, expected) => {
    expect(problem(change)).toContain(`AVAILABILITY_STATE_INVALID: `);
    expect(problem(change)).toContain(expected);
  });
  test('a field of somebody else is told, not refused', () => {
    const { notes } = parseState({ ...fourAndFour(), rackNumber: 7 }, 'my.json');
    expect(notes).toEqual(['The field rackNumber is not known and was not used.']);
  });
  test('many problems are counted', () => {
    expect(problem((d) => d.vms.forEach((vm) => (vm.memoryMB = -1)))).toContain('and 3 more');
  });
});
