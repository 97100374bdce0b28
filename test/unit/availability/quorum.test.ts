import { describe, expect, test } from 'vitest';
import { assess } from '../../../shared/availability/assess.ts';
import { findElement } from '../../../shared/availability/elements.ts';
import { compile, type Model } from '../../../shared/availability/model.ts';
import { ballotOf } from '../../../shared/availability/quorum.ts';
import type { AvailabilityState } from '../../../shared/availability/state.ts';
import { namesOf, plainNodes, stateOf } from '../../support/availability-states.ts';

const lose = (state: AvailabilityState, steps: readonly (readonly string[])[]) => {
  const model: Model = compile(state);
  const { quorum } = assess(
    model,
    steps.map((step) => step.map((id) => findElement(model.elements, id))),
  );
  return { quorum: quorum.verdict, votes: `${quorum.have}/${quorum.of}`, cases: quorum.cases };
};

const share = (cases: { kept: number; of: number }): string =>
  cases.kept === cases.of ? 'yes' : cases.kept === 0 ? 'no' : `${(100 * cases.kept) / cases.of} %`;

// Microsoft, Understanding cluster and pool quorum: "can survive one node failure / one, then another / two at once".
const table: readonly (readonly [number, boolean, string, string, string])[] = [
  [2, false, '50 %', 'no', 'no'],
  [2, true, 'yes', 'no', 'no'],
  [3, false, 'yes', '50 %', 'no'],
  [3, true, 'yes', 'yes', 'no'],
  [4, false, 'yes', 'yes', '50 %'],
  [4, true, 'yes', 'yes', 'yes'],
  [5, false, 'yes', 'yes', 'yes'],
  [5, true, 'yes', 'yes', 'yes'],
  [6, false, 'yes', 'yes', 'yes'],
  [6, true, 'yes', 'yes', 'yes'],
  [7, false, 'yes', 'yes', 'yes'],
  [8, true, 'yes', 'yes', 'yes'],
];

describe("Microsoft's table of what a cluster survives", () => {
  for (const [nodes, witness, one, another, two] of table)
    describe(`${nodes} nodes${witness ? ' and a witness' : ''}`, () => {
      const state = plainNodes(nodes, witness);
      // Every node in turn, because the answer must not hang on which one it is.
      const names = namesOf(nodes);
      test(`one: ${one}`, () => {
        for (const name of names) expect(share(lose(state, [[`node:${name}`]]).cases)).toBe(one);
      });
      test(`one, then another: ${another}`, () => {
        for (const first of names)
          for (const second of names)
            if (first !== second)
              expect(share(lose(state, [[`node:${first}`], [`node:${second}`]]).cases)).toBe(another);
      });
      test(`two at once: ${two}`, () => {
        for (const first of names)
          for (const second of names)
            if (first !== second) expect(share(lose(state, [[`node:${first}`, `node:${second}`]]).cases)).toBe(two);
      });
    });
});

describe('votes', () => {
  test.each([
    [1, 'none', 1, false],
    [2, 'none', 1, false],
    [2, 'up', 3, true],
    [3, 'none', 3, false],
    [3, 'up', 3, false],
    [4, 'none', 3, false],
    [4, 'up', 5, true],
    [5, 'up', 5, false],
    [6, 'lost', 5, false],
    [8, 'up', 9, true],
  ] as const)('%i voters, witness %s: %i votes', (count, witness, total, witnessVotes) => {
    const voters = Array.from({ length: count }, (_, index) => index);
    expect(
      ballotOf(
        { configuredVoters: count, voters, witness },
        { dynamicQuorum: true, dynamicWitness: true, lowerPriorityNode: null },
      ),
    ).toMatchObject({ total, witnessVotes });
  });

  test('after each survived loss the total is counted anew: one node after the other down to the last', () => {
    const state = plainNodes(8, true);
    const steps = namesOf(7).map((name) => [`node:${name}`]);
    steps.forEach((_, at) => expect(lose(state, steps.slice(0, at + 1)).quorum).toBe('kept'));
    expect(lose(state, steps)).toMatchObject({ quorum: 'kept', votes: '2/3' });
  });

  test('the same seven at once stop it', () => {
    expect(lose(plainNodes(8, true), [namesOf(7).map((name) => `node:${name}`)])).toMatchObject({
      quorum: 'lost',
      votes: '2/9',
    });
  });

  test('last node and witness: when the witness fails as well the service stops, because votes never go below three', () => {
    const state = plainNodes(2, true);
    expect(lose(state, [['node:N1']])).toMatchObject({ quorum: 'kept', votes: '2/3' });
    expect(lose(state, [['node:N1'], ['witness']])).toMatchObject({ quorum: 'lost', votes: '1/3' });
    expect(lose(plainNodes(3, true), [['node:N1'], ['node:N2'], ['witness']])).toMatchObject({
      quorum: 'lost',
      votes: '1/3',
    });
  });

  test('without a witness the last node goes on alone', () => {
    expect(lose(plainNodes(3, false), [['node:N1'], ['node:N2']]).cases).toEqual({ kept: 1, of: 2 });
  });

  test('witness lost with an even number: one node loses its vote, and half of two is decided by which', () => {
    const state = plainNodes(4, true);
    expect(lose(state, [['witness']])).toMatchObject({ quorum: 'kept', votes: '4/5' });
    expect(lose(state, [['witness'], ['node:N1', 'node:N2']])).toMatchObject({
      quorum: 'depends',
      cases: { kept: 2, of: 4 },
    });
    expect(lose(state, [['witness', 'node:N1', 'node:N2']])).toMatchObject({ quorum: 'lost', votes: '2/5' });
  });

  test('a witness that does not vote is missed by nobody', () => {
    expect(lose(plainNodes(3, true), [['witness']])).toMatchObject({ quorum: 'kept', votes: '3/3' });
    expect(lose(plainNodes(3, true), [['witness', 'node:N1']])).toMatchObject({ quorum: 'kept', votes: '2/3' });
  });

  test('LowerQuorumPriorityNodeID says which node loses its vote', () => {
    const state = plainNodes(2, false, { cluster: { lowerQuorumPriorityNode: 'N2' } });
    expect(lose(state, [['node:N2']])).toMatchObject({ quorum: 'kept', votes: '1/1' });
    expect(lose(state, [['node:N1']])).toMatchObject({ quorum: 'lost', votes: '0/1' });
    const four = plainNodes(4, false, { cluster: { lowerQuorumPriorityNode: 'n4' } });
    expect(lose(four, [['node:N4', 'node:N1']]).quorum).toBe('kept');
    expect(lose(four, [['node:N1', 'node:N2']]).quorum).toBe('lost');
    // With a witness nobody has to lose its vote.
    expect(lose(plainNodes(2, true, { cluster: { lowerQuorumPriorityNode: 'N2' } }), [['node:N1']]).quorum).toBe(
      'kept',
    );
    // It was lost itself: then it is one at random again.
    expect(
      lose(plainNodes(5, false, { cluster: { lowerQuorumPriorityNode: 'N5' } }), [['node:N5'], ['node:N1', 'node:N2']]),
    ).toMatchObject({
      quorum: 'depends',
      cases: { kept: 2, of: 4 },
    });
  });

  test('NodeWeight 0 is never counted', () => {
    const state = stateOf({
      nodes: ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name, memoryMB: 1, reserveMB: 0, vote: name < 'D' })),
      witness: null,
      targets: [],
      vms: [],
    });
    expect(lose(state, [['node:D', 'node:E']])).toMatchObject({ quorum: 'kept', votes: '3/3' });
    expect(lose(state, [['node:A', 'node:B']])).toMatchObject({ quorum: 'lost', votes: '1/3' });
  });

  test('before 2012 the votes do not move', () => {
    const state = plainNodes(4, true, { cluster: { operatingSystem: '2008R2' } });
    expect(lose(state, [['node:N1'], ['node:N2']])).toMatchObject({ quorum: 'kept', votes: '3/5' });
    expect(lose(state, [['node:N1'], ['node:N2'], ['node:N3']])).toMatchObject({ quorum: 'lost', votes: '2/5' });
  });

  test('2012 has no dynamic witness: it votes with three nodes as well', () => {
    const state = plainNodes(3, true, { cluster: { operatingSystem: '2012' } });
    expect(lose(state, [['node:N1', 'node:N2']])).toMatchObject({ quorum: 'lost', votes: '2/4' });
    expect(lose(state, [['node:N1']])).toMatchObject({ quorum: 'kept', votes: '3/4' });
  });
});

describe('the disk witness shares the fate of its target', () => {
  const state = stateOf({
    nodes: ['HV01', 'HV02'].map((name) => ({ name, memoryMB: 65_536, reserveMB: 4096 })),
    witness: { kind: 'disk', target: 'SAN1' },
    targets: ['SAN1'],
    vms: [],
  });
  test('target lost: two of three votes', () => {
    expect(lose(state, [['target:SAN1']])).toMatchObject({ quorum: 'kept', votes: '2/3' });
  });
  test('target and one node at once: the cluster stops', () => {
    expect(lose(state, [['target:SAN1', 'node:HV01']])).toMatchObject({ quorum: 'lost', votes: '1/3' });
  });
  test('node first, then the target: the last node loses the witness and stops', () => {
    expect(lose(state, [['node:HV01'], ['target:SAN1']])).toMatchObject({ quorum: 'lost', votes: '1/3' });
  });
  test('target first, then a node: the vote that was taken away decides', () => {
    expect(lose(state, [['target:SAN1'], ['node:HV01']])).toMatchObject({
      quorum: 'depends',
      cases: { kept: 1, of: 2 },
    });
  });
  test('a share witness elsewhere does not', () => {
    const share = stateOf({ ...(state as object), witness: { kind: 'share' } } as Parameters<typeof stateOf>[0]);
    expect(lose(share, [['target:SAN1', 'node:HV01']])).toMatchObject({ quorum: 'kept', votes: '2/3' });
  });
  test('where the file does not say on which target, the answer depends exactly where it decides', () => {
    const open = stateOf({
      ...(state as object),
      witness: { kind: 'disk' },
    } as Parameters<typeof stateOf>[0]);
    expect(lose(open, [['target:SAN1']]).quorum).toBe('kept');
    expect(lose(open, [['target:SAN1', 'node:HV01']]).quorum).toBe('depends');
  });
  test('a mirrored target keeps the witness', () => {
    const mirrored = stateOf({
      ...(state as object),
      targets: ['SAN1', { name: 'SAN2', mirrorOf: 'SAN1' }],
    } as Parameters<typeof stateOf>[0]);
    expect(lose(mirrored, [['target:SAN1', 'node:HV01']]).quorum).toBe('kept');
    expect(lose(mirrored, [['target:SAN1', 'target:SAN2', 'node:HV01']]).quorum).toBe('lost');
  });
});

describe('every set of nodes of up to eight, against a model that plays each vote', () => {
  /** Each machine of the model holds its own vote; written without a look at the product's code. */
  class Played {
    up = new Set<number>();
    hasWitness: boolean;
    witnessUp: boolean;
    readonly count: number;
    constructor(count: number, witness: boolean) {
      this.count = count;
      for (let node = 0; node < count; node += 1) this.up.add(node);
      this.hasWitness = witness;
      this.witnessUp = witness;
    }
    /** Every way in which the votes may lie: by node, and the witness's. */
    ways(): { nodes: Map<number, number>; witness: number }[] {
      const all = new Map([...this.up].map((node) => [node, 1] as const));
      const even = this.up.size % 2 === 0;
      if (this.hasWitness && this.witnessUp) {
        if (this.up.size === 1 && this.count > 1) {
          // The vote of a node that is gone stays, so that there are three.
          return [{ nodes: new Map([...all, [-1, 1]]), witness: 1 }];
        }
        return [{ nodes: all, witness: even ? 1 : 0 }];
      }
      if (!even) return [{ nodes: all, witness: 0 }];
      return [...this.up].map((silent) => ({ nodes: new Map([...all, [silent, 0]]), witness: 0 }));
    }
    /** The fraction of ways in which the loss is survived; what is left then is the new state. */
    lose(nodes: readonly number[], witness: boolean): number {
      const ways = this.ways();
      let survived = 0;
      for (const way of ways) {
        const total = [...way.nodes.values()].reduce((sum, vote) => sum + vote, 0) + way.witness;
        let left = 0;
        for (const [node, vote] of way.nodes) if (this.up.has(node) && !nodes.includes(node)) left += vote;
        if (this.witnessUp && !witness) left += way.witness;
        if (left * 2 > total) survived += 1;
      }
      for (const node of nodes) this.up.delete(node);
      if (witness) this.witnessUp = false;
      return survived / ways.length;
    }
  }

  const subsets = (count: number): number[][] =>
    Array.from({ length: 2 ** count }, (_, bits) =>
      Array.from({ length: count }, (_node, node) => node).filter((node) => bits & (1 << node)),
    );

  for (const witness of [false, true])
    test(`at once, and after every first loss, ${witness ? 'with' : 'without'} a witness`, () => {
      let compared = 0;
      for (let count = 1; count <= 8; count += 1) {
        const model = compile(plainNodes(count, witness));
        const node = (index: number) => findElement(model.elements, `node:N${index + 1}`);
        const gone = (nodes: readonly number[], takesWitness: boolean) => [
          ...nodes.map(node),
          ...(takesWitness ? [findElement(model.elements, 'witness')] : []),
        ];
        for (const takesWitness of witness ? [false, true] : [false])
          for (const lost of subsets(count)) {
            if (lost.length === 0 && !takesWitness) continue;
            const played = new Played(count, witness);
            const expected = played.lose(lost, takesWitness);
            const { quorum } = assess(model, [gone(lost, takesWitness)]);
            expect([count, lost, takesWitness, quorum.cases.kept / quorum.cases.of]).toEqual([
              count,
              lost,
              takesWitness,
              expected,
            ]);
            compared += 1;
            if (expected === 0 || lost.length > 3) continue;
            for (const second of [...played.up]) {
              const again = new Played(count, witness);
              const both = again.lose(lost, takesWitness) * again.lose([second], false);
              const after = assess(model, [gone(lost, takesWitness), [node(second)]]).quorum;
              expect([count, lost, second, after.cases.kept / after.cases.of]).toEqual([count, lost, second, both]);
              compared += 1;
            }
          }
      }
      expect(compared).toBeGreaterThan(1000);
    });
});
