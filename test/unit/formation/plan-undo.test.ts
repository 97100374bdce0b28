import { describe, expect, it } from 'vitest';
import { warningAcceptanceSchema } from '../../../shared/contract/formation.ts';
import { changeSchema, type Change } from '../../../shared/changes/index.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import { planFormation } from '../../../shared/plan/formation/plan-formation.ts';
import { phaseOfChange, planUndo, undoPhases, type UndoInput } from '../../../shared/plan/formation/plan-undo.ts';
import { readAcceptance } from '../../../main/cli/read-acceptance.ts';
import { bareServer, exampleFile, plansOf } from '../../support/formation.ts';
import { makeNic, makeNetwork, makeStorage, staticAddress } from '../../support/observed-server.ts';

const file = exampleFile(2);
const formed = planFormation(file, plansOf(file.servers.map((_, index) => bareServer(file, index))));

const stepOf = (change: Change, undo: readonly object[] | null): PlannedStep => ({
  id: `NODE1/${change.do}`,
  node: 'NODE1',
  title: `Do ${change.do}`,
  why: '',
  requires: [],
  locks: [],
  certainty: 'planned',
  questions: [],
  destructive: false,
  cutsConnection: false,
  restart: 'none',
  undo: null,
  manual: '',
  script: null,
  change,
  undoChanges: undo === null ? null : undo.map((one) => changeSchema.parse(one)),
});

const nic = makeNic(1, {
  permanentAddress: file.servers[0]!.nics[0]!.mac,
  addresses: [staticAddress('192.0.2.21', 24)],
});
const machine = {
  name: 'VM1',
  id: 'b2f0',
  host: 'NODE1',
  state: 'off' as const,
  generation: 2,
  memoryBytes: '1',
  switches: [],
  files: [],
  hostDevices: [],
  role: null,
};

const server = (done: readonly PlannedStep[], observed: Partial<UndoInput['observed']> = {}): UndoInput => {
  const { observed: bare } = bareServer(file, 0);
  return {
    file,
    server: file.servers[0]!,
    observed: { ...bare, network: makeNetwork({ node: 'NODE1', nics: [nic] }), ...observed },
    unread: {},
    answers: {},
    done,
  };
};

const vms = (change: object = {}) => ({
  node: 'NODE1',
  state: { isHyperVRunning: true, switches: [], machines: [machine], clusterNodes: null, unread: [], ...change },
});

const create = stepOf(
  {
    do: 'vm.create',
    name: 'VM1',
    folder: 'F:\\',
    generation: 2,
    memoryBytes: 1,
    diskBytes: 1,
    switch: 'Machines',
  },
  [{ do: 'vm.remove', name: 'VM1' }],
);
const address = stepOf({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '192.0.2.21', prefixLength: 24 }, [
  { do: 'nic.removeAddress', nic: nic.interfaceGuid, address: '192.0.2.21' },
]);
const format = stepOf({ do: 'disk.format', disk: 'D1', label: 'Data' } as Change, null);

const titles = (input: UndoInput): string[] =>
  planUndo(input).phases.flatMap(({ steps }) => steps.map(({ change }) => change!.do));

describe('taking a formation back', () => {
  it('knows of every change the phase that plans it', () => {
    const changes = formed.steps.filter(({ change }) => change !== null && change.do !== 'host.restart');
    expect(changes.length).toBeGreaterThan(60);
    // The paths of the first logon are planned with the initiator; everything else has one home.
    expect(changes.filter(({ change, phase }) => phaseOfChange(change!) !== phase).map(({ id }) => id)).toEqual([]);
  });

  it('goes through the phases from the last to the first, and compares no disks', () => {
    const names = undoPhases.map(({ name }) => name);
    expect(names.indexOf('machines')).toBeLessThan(names.indexOf('cluster'));
    expect(names.indexOf('disks')).toBeLessThan(names.indexOf('initiator'));
    expect(names.at(-2)).toBe('names');
    expect(undoPhases.some(({ comparesDisks }) => comparesDisks)).toBe(false);
  });

  it('takes the last step back first, and waits for what was taken back before', () => {
    const input = server([create, address], { vms: vms() });
    expect(titles(input)).toEqual(['vm.remove', 'nic.removeAddress']);
    const graph = planFormation(file, [planUndo(input)], [], new Set(), undoPhases);
    expect(graph.steps.map(({ requires }) => requires)).toEqual([[], [graph.steps[0]!.id]]);
  });

  it('plans nothing for what is back, and nothing twice', () => {
    const gone = server([create, address, address], {
      vms: vms({ machines: [] }),
      network: makeNetwork({ node: 'NODE1', nics: [{ ...nic, addresses: [] }] }),
    });
    expect(titles(gone)).toEqual([]);
    expect(titles(server([address, address]))).toEqual(['nic.removeAddress']);
  });

  it('goes back to what was there before the first of two changes, and comes to an end', () => {
    const role = (value: 'production' | 'unused' | null) =>
      changeSchema.parse({
        do: 'nic.setRole',
        nic: nic.interfaceGuid,
        permanentAddress: nic.permanentAddress,
        role: value,
      });
    const newer = stepOf(role('unused'), [role('production')]);
    const older = stepOf(role('production'), [role(null)]);
    const network = makeNetwork({ node: 'NODE1', nics: [nic], roles: new Map([[nic.interfaceGuid, 'unused']]) });
    const { phases } = planUndo(server([newer, older], { network }));
    expect(phases.flatMap(({ steps }) => steps.map(({ change }) => change))).toEqual([role(null)]);
  });

  it('names what stays, and why', () => {
    const { stays, phases } = planUndo(server([format], { storage: makeStorage() }));
    expect(phases.flatMap(({ steps }) => steps)).toEqual([]);
    expect(stays).toMatchObject([{ title: 'Do disk.format' }]);
    expect(stays[0]?.because).toContain('data on it');
  });

  it('leaves Hyper-V where a virtual switch stays, and takes the rest away', () => {
    const features = ['Hyper-V', 'Failover-Clustering'];
    const install = stepOf({ do: 'roles.install', features, source: null } as Change, [
      { do: 'roles.remove', features },
    ]);
    const roles = {
      node: 'NODE1',
      state: {
        features: features.map((name) => ({ name: name as 'Hyper-V', state: 'installed' as const })),
        hypervisorPresent: true,
        managementService: 'running' as const,
        unread: [],
      },
    };
    const switches = [{ name: 'Machines', kind: 'external', nics: [], hasHostNic: true }];
    const { phases, stays } = planUndo(server([install], { roles, vms: vms({ machines: [], switches }) }));
    expect(phases[0]!.steps[0]!.change).toEqual({ do: 'roles.remove', features: ['Failover-Clustering'] });
    expect(stays[0]!.because).toContain('the virtual switch Machines');
    const bare = planUndo(server([install], { roles, vms: vms({ machines: [] }) }));
    // Hyper-V is gone only after a restart.
    expect(bare.phases[0]!.steps.map(({ change }) => change!.do)).toEqual(['roles.remove', 'host.restart']);
  });

  it('stops where it cannot be told whether something is back', () => {
    const { phases } = planUndo({ ...server([create]), unread: { vms: 'WMI gave no answer' } });
    expect(phases[0]).toMatchObject({ state: 'stopped', unknowns: [{ because: 'WMI gave no answer' }] });
  });
});

describe('--accept-warning', () => {
  it('takes a test by its name and a reason', () => {
    expect(readAcceptance('Validate IP Configuration=the second = network follows')).toEqual({
      test: 'Validate IP Configuration',
      because: 'the second = network follows',
    });
    for (const wrong of ['Validate IP Configuration', '=the second network follows', 'Validate IP Configuration=soon'])
      expect(() => readAcceptance(wrong)).toThrow(/--accept-warning takes TEST=REASON/);
    expect(warningAcceptanceSchema.safeParse({ test: ' ', because: 'long enough to count' }).success).toBe(false);
  });
});
