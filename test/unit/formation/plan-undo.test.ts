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
    runsAs: null,
    done,
    goOn: '"quorate journal resume --yes --data D"',
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
    expect(names.at(-3)).toBe('names');
    // Servers restart on the way back too: what continues after a restart goes last.
    expect(names.at(-1)).toBe('afterRestarts');
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

  describe('over restarts', () => {
    const kindsOf = (input: UndoInput): string[][] =>
      planUndo(input).phases.map(({ steps }) => steps.map(({ change }) => change!.do));
    const admin = { name: 'NODE1\\Administrator', sid: 'S-1-5-21-1-2-3-500' };
    const host = bareServer(file, 0).observed.host!;
    const named = { ...host, facts: { ...host.facts, computerName: 'NODE1', nextComputerName: 'NODE1' } };
    const rename = stepOf({ do: 'host.rename', newName: 'NODE1', account: null }, [
      { do: 'host.rename', newName: 'WIN-0', account: null },
    ]);
    const registered = stepOf(
      { do: 'host.registerResume', token: 'quorate-resume', trigger: 'logon', account: admin.name, passwordName: null },
      [{ do: 'host.removeResume', token: 'quorate-resume' }],
    );
    const install = stepOf({ do: 'roles.install', features: ['Hyper-V'] } as Change, [
      { do: 'roles.remove', features: ['Hyper-V'] },
    ]);
    const roles = {
      node: 'NODE1',
      state: {
        features: [{ name: 'Hyper-V', state: 'installed' as const, displayName: 'Hyper-V' }],
        unread: [],
      },
    } as never;
    const done = [install, registered, rename];

    it('continues by itself: the task is there before the first of them, once, and is not taken away before the last', () => {
      expect(kindsOf({ ...server(done, { host: named, roles }), runsAs: admin })).toEqual([
        ['roles.remove', 'host.registerResume', 'host.restart'],
        ['host.rename', 'host.restart'],
      ]);
    });

    it('restarts a server that has its name back and was not restarted since', () => {
      const pending = { ...named, facts: { ...named.facts, nextComputerName: 'WIN-0' } };
      expect(kindsOf({ ...server([rename], { host: pending }), runsAs: admin })).toEqual([
        ['host.registerResume', 'host.restart'],
      ]);
      const workgroup = { kind: 'workgroup' as const, name: 'WORKGROUP' };
      const left = {
        ...named,
        facts: {
          ...named.facts,
          membership: { kind: 'domain' as const, name: 'lab.example' },
          nextMembership: workgroup,
        },
      };
      const joined = stepOf(
        { do: 'host.joinDomain', domain: 'lab.example', ou: null, account: { userName: 'a', passwordName: 'account' } },
        [{ do: 'host.joinWorkgroup', workgroup: 'WORKGROUP', account: null }],
      );
      expect(kindsOf({ ...server([joined], { host: left }), runsAs: null })).toEqual([['host.restart']]);
      const over = { ...named, facts: { ...named.facts, membership: workgroup, nextMembership: workgroup } };
      expect(kindsOf({ ...server([joined], { host: over }), runsAs: null })).toEqual([[]]);
    });

    it('promises nothing where the account goes with the domain, and says who continues how', () => {
      const workgroup = { kind: 'workgroup' as const, name: 'WORKGROUP' };
      const inDomain = {
        ...named,
        facts: { ...named.facts, membership: { kind: 'domain' as const, name: 'lab.example' } },
      };
      const joined = stepOf(
        { do: 'host.joinDomain', domain: 'lab.example', ou: null, account: { userName: 'a', passwordName: 'account' } },
        [{ do: 'host.joinWorkgroup', workgroup: 'WORKGROUP', account: null }],
      );
      const account = { name: 'LAB\\admin', sid: 'S-1-5-21-1-2-3-1104' };
      const input = { ...server([joined], { host: inDomain }), runsAs: account };
      const { phases } = planUndo(input);
      expect(phases.flatMap(({ steps }) => steps.map(({ change }) => change!.do))).toEqual([
        'host.joinWorkgroup',
        'host.restart',
      ]);
      expect(phases.flatMap(({ warnings }) => warnings.map(({ text }) => text))).toEqual([
        'NODE1 leaves the domain lab.example. After that restart LAB\\admin, as whom Quorate runs there, can no longer log on, and nothing continues by itself. Have the password of a local administrator of NODE1 at hand: log on as that one, and run "quorate journal resume --yes --data D" in an elevated console.',
      ]);
      // A restart before it still has its task: the account is there until then.
      const both = planUndo({ ...server([joined, ...done], { host: inDomain, roles }), runsAs: account });
      expect(both.phases.map(({ steps }) => steps.map(({ change }) => change!.do))).toEqual([
        ['roles.remove', 'host.registerResume', 'host.restart'],
        expect.arrayContaining(['host.joinWorkgroup', 'host.restart']),
      ]);
      // Who has left already, and who keeps its account, is not told.
      const over = { ...named, facts: { ...named.facts, membership: workgroup } };
      for (const other of [
        { ...input, runsAs: admin },
        { ...server([joined], { host: over }), runsAs: account },
      ])
        expect(planUndo(other).phases.flatMap(({ warnings }) => warnings)).toEqual([]);
    });

    it('takes the task away once nothing is left', () => {
      const task = {
        ...{ token: 'quorate-resume', trigger: 'logon' as const, account: admin.name, program: 'quorate.exe' },
        ...{ isEnabled: true, isElevated: true, argument: 'journal resume --yes' },
      };
      const withTask = { ...named, resumes: [task] };
      expect(kindsOf({ ...server(done, { host: withTask, roles }), runsAs: admin })).toEqual([
        ['roles.remove', 'host.restart'],
        ['host.rename', 'host.restart'],
        ['host.removeResume'],
      ]);
      // Nothing of a formation is here: the task is another change's.
      expect(kindsOf({ ...server([], { host: withTask }), runsAs: admin })).toEqual([]);
    });
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
