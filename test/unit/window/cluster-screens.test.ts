import { describe, expect, test } from 'vitest';
import { changesOf as clusterChangesOf, problemsOf } from '../../../renderer/features/cluster/create-form.tsx';
import { rolesOn, votesOf } from '../../../renderer/features/cluster/words.ts';
import { changesOf as machineChangesOf } from '../../../renderer/features/machines/create-form.tsx';
import type { Machine } from '../../../renderer/features/machines/store.ts';
import {
  availabilityMark,
  nameProblem,
  placeOf,
  startSetProblems,
  targetsOf,
} from '../../../renderer/features/machines/words.ts';
import { markOfFeature, missingFeatures } from '../../../renderer/features/roles/words.ts';
import { countText, findingsOf, findingsOfReport } from '../../../renderer/features/validation/words.ts';
import type { Judged, ReportTest } from '../../../renderer/features/validation/store.ts';
import { validationStanding } from '../../../shared/plan/standing/validation.ts';
import { isNewSince } from '../../../shared/validation/standing.ts';

describe('a feature', () => {
  test('that no node needs is no warning while it is not installed', () => {
    expect(markOfFeature({ name: 'FS-iSCSITarget-Server', state: 'available' }).outcome).toBe('off');
    expect(markOfFeature({ name: 'Hyper-V', state: 'available' }).outcome).toBe('warn');
    expect(markOfFeature({ name: 'Hyper-V', state: 'notOffered' }).outcome).toBe('fail');
    expect(markOfFeature({ name: 'Multipath-IO', state: null }).outcome).toBe('unknown');
  });

  test('is offered to be installed where it can be', () => {
    const features = [
      { name: 'Hyper-V', state: 'removed' },
      { name: 'Failover-Clustering', state: 'installPending' },
      { name: 'Multipath-IO', state: 'available' },
    ] as const;
    const state = { features: [...features], hypervisorPresent: null, managementService: null, unread: [] };
    expect(missingFeatures(state)).toEqual(['Hyper-V']);
  });
});

describe('the form of a cluster', () => {
  const values = { name: 'CLU1', nodes: '', addresses: '', ignored: '', accessPoint: 'dns' } as const;
  test.each([
    [{ name: '' }, 'name', 'missing'],
    [{ name: 'A-NAME-OF-16-CHR' }, 'name', '15'],
    [{ name: 'CLÜ1' }, 'name', 'The name'],
    [{ nodes: 'NODE2 not_a_name!' }, 'nodes', 'not_a_name!'],
    [{ addresses: '192.0.2.300' }, 'addresses', '192.0.2.300'],
    [{ ignored: '10.0.1.0' }, 'ignored', '10.0.1.0/24'],
  ] as const)('%o is told at its field', (part, field, text) => {
    expect(problemsOf({ ...values, ...part })[field]).toContain(text);
  });

  test('makes it on one node, then adds the others; this server is not added twice', () => {
    const { changes } = clusterChangesOf({ ...values, nodes: 'node1, NODE2;NODE3' }, 'NODE1');
    expect(changes.map((change) => (change.do === 'cluster.addNode' ? change.node : change.do))).toEqual([
      'cluster.create',
      'NODE2',
      'NODE3',
    ]);
    expect(Object.values(problemsOf(values))).toEqual([null, null, null, null]);
  });
});

describe('votes', () => {
  const node = (name: string, state: string, currentVote = 1) => ({ name, id: 1, state, assignedVote: 1, currentVote });
  const cluster = (nodes: unknown[], witness: number) =>
    ({ nodes, witness: { kind: 'disk', resource: 'W', currentVote: witness }, groups: [] }) as never;

  test('of nodes that are down do not count as present', () => {
    expect(votesOf(cluster([node('A', 'up'), node('B', 'down')], 1))).toEqual({ present: 2, all: 3, needed: 2 });
    expect(votesOf(cluster([node('A', 'up'), node('B', 'paused')], 0))).toEqual({ present: 2, all: 2, needed: 2 });
  });

  test('roles of a node are its machines, not the cluster core', () => {
    const groups = [
      { kind: 'cluster', ownerNode: 'A' },
      { kind: 'virtualMachine', ownerNode: 'a' },
      { kind: 'virtualMachine', ownerNode: 'B' },
    ];
    expect(rolesOn({ groups } as never, 'A')).toBe(1);
  });
});

describe('a virtual machine', () => {
  const machine = (part: Partial<Machine>): Machine =>
    ({ name: 'VM1', host: 'NODE1', files: [], role: null, ...part }) as Machine;
  const file = (path: string) => ({ kind: 'disk', path }) as const;

  test('says where its files lie, and that another node knows', () => {
    expect(placeOf(machine({}))).toBeNull();
    expect(placeOf(machine({ files: [file('F:\\VM1\\a.vhdx'), file('F:\\VM1\\b.vmcx')] }))).toBe('F:\\');
    expect(placeOf(machine({ files: [file('C:\\ClusterStorage\\Volume1\\VM1\\a.vhdx')] }))).toBe(
      'C:\\ClusterStorage\\Volume1',
    );
    expect(placeOf(machine({ files: [file('F:\\a'), file('C:\\VMs\\b\\c')] }))).toBe('2 places');
  });

  test('moves to nodes that may own it, never to its own', () => {
    const role = { possibleOwners: ['NODE1', 'node2'] } as Machine['role'];
    expect(targetsOf(machine({ role }), ['NODE1', 'NODE2', 'NODE3'])).toEqual(['NODE2']);
    expect(targetsOf(machine({ host: 'node1' }), ['NODE1', 'NODE2'])).toEqual(['NODE2']);
  });

  test('that is no role is a warning in a cluster alone', () => {
    expect(availabilityMark(machine({}), true).outcome).toBe('warn');
    expect(availabilityMark(machine({}), false).outcome).toBe('notApplicable');
  });

  test('wants a name that no other has and that files may have', () => {
    expect(nameProblem(' ', [])).toBe('Type a name.');
    expect(nameProblem('a:b', [])).toContain('file name');
    expect(nameProblem('vm1', [{ name: 'VM1' }])).toContain('already');
    expect(nameProblem('VM2', [{ name: 'VM1' }])).toBeNull();
  });

  test('is created in bytes, and made highly available where that is ticked', () => {
    const values = {
      ...{
        name: ' VM2 ',
        folder: 'F:\\',
        memory: '4G',
        disk: '60G',
        network: '',
        iso: ' F:\\setup.iso ',
        isRole: true,
      },
      generation: '1',
    } as const;
    const { changes } = machineChangesOf(values);
    expect(changes).toMatchObject([
      { do: 'vm.create', name: 'VM2', generation: 1, memoryBytes: 4_294_967_296, switch: null, iso: 'F:\\setup.iso' },
      { do: 'vm.makeHighlyAvailable', name: 'VM2' },
    ]);
    expect(machineChangesOf({ ...values, iso: ' ' }).changes[0]).not.toHaveProperty('iso');
  });
});

describe('a validation', () => {
  const tested = (name: string, result: ReportTest['result'], text = '', expected = false): ReportTest => ({
    ...{ category: 'Network', name, result, raw: result, description: null, explanation: null, expected },
    messages: text === '' ? [] : [{ level: 'warning', text }],
  });
  const report = (tests: ReportTest[]): Judged['report'] => ({ tests }) as unknown as Judged['report'];

  test('is read in the order: what blocks, what waits, what is new first, what is expected', () => {
    const tests = [
      tested('a', 'success'),
      tested('b', 'warning', 'one path', true),
      tested('c', 'warning', 'x'),
      tested('d', 'failed', 'y'),
      tested('e', 'warning', 'z'),
    ];
    const standings = ['clean', 'expected', 'new', 'blocks', 'new'] as const;
    const findings = findingsOf({
      report: report(tests),
      tests: tests.map(({ name }, at) => ({ name, standing: standings[at]!, isNew: name === 'e' })),
    });
    expect(findings.map(({ test: { name } }) => name)).toEqual(['d', 'e', 'c', 'b', 'a']);
    expect(countText(findings)).toBe('1 blocking, 2 to be accepted, 1 expected, 1 without a finding');
    expect(findingsOfReport(report(tests)).map(({ standing }) => standing)).toEqual([
      ...['blocks', 'new', 'new', 'expected', 'clean'],
    ]);
  });

  test('a finding is new where the last report did not say it', () => {
    const before = report([tested('a', 'warning', 'one path'), tested('b', 'success')]);
    expect(isNewSince(tested('a', 'warning', 'one path'), before)).toBe(false);
    expect(isNewSince(tested('a', 'warning', 'no path'), before)).toBe(true);
    expect(isNewSince(tested('a', 'failed', 'one path'), before)).toBe(true);
    expect(isNewSince(tested('b', 'warning', 'x'), before)).toBe(true);
    expect(isNewSince(tested('c', 'warning', 'x'), before)).toBe(true);
    expect(isNewSince(tested('a', 'success'), before)).toBe(false);
  });

  test('is done only when everything was run, nothing waits and nothing was changed since', () => {
    const judged = (part: object) =>
      validationStanding({
        ...{ verdict: 'passed', isWhole: true, outdated: [], kept: { nodes: ['A', 'B'] } as never },
        ...{ tests: [{ name: 'a', standing: 'expected', isNew: false }], report: report([]) },
        ...part,
      });
    expect(validationStanding(null).word).toBe('Not validated');
    // A formation validated: where its report is, and no warning.
    expect(validationStanding(null, 'HV01')).toMatchObject({ outcome: 'notApplicable', word: 'Report on HV01' });
    expect(validationStanding(null, 'HV01').text).toContain('open Validate on HV01');
    expect(judged({})).toMatchObject({ outcome: 'pass', text: 'A and B passed validation.' });
    expect(judged({ isWhole: false }).word).toBe('Passed in part');
    expect(judged({ outdated: ['Network'] }).word).toBe('Changed since');
    expect(judged({ verdict: 'open', tests: [{ name: 'a', standing: 'new', isNew: true }] }).word).toBe('One warning');
    expect(judged({ verdict: 'failed', tests: [{ name: 'a', standing: 'blocks', isNew: true }] }).outcome).toBe('fail');
    expect(judged({ verdict: 'failed', tests: [] }).outcome).toBe('unknown');
    const cut = [tested('a', 'success'), tested('b', 'cancelled'), tested('c', 'cancelled')];
    expect(judged({ verdict: 'failed', report: report(cut) }).text).toBe(
      'The validation of A and B was cancelled: 2 tests did not run.',
    );
    const failed = {
      report: report([...cut, tested('d', 'failed')]),
      tests: [{ name: 'd', standing: 'blocks', isNew: true }],
    };
    expect(judged({ verdict: 'failed', ...failed }).outcome).toBe('fail');
  });
});

describe('a start set', () => {
  const sets = [{ name: 'First', machines: ['VM1'], after: [], ready: 'delay', delaySeconds: 20 }] as never;
  const good = { name: 'Second', machines: ['vm1'], delay: '60' };
  test.each([
    [good, {}],
    [{ ...good, name: ' ' }, { name: 'Type a name.' }],
    [{ ...good, name: 'first' }, { name: 'A set named first already exists.' }],
    [{ ...good, machines: [] }, { machines: 'Type the name of a virtual machine.' }],
    [{ ...good, machines: ['VM1', 'VM9'] }, { machines: 'VM9: not highly available here.' }],
    [{ ...good, delay: '1.5' }, { delay: 'Type a whole number from 0 to 86400.' }],
    [{ ...good, delay: '86401' }, { delay: 'Type a whole number from 0 to 86400.' }],
  ])('%o is told at its field', (typed, problems) => {
    expect(startSetProblems(typed, null, sets, ['VM1'])).toEqual({
      ...{ name: null, machines: null, delay: null },
      ...problems,
    });
  });
});
