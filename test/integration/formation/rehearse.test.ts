import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import { drillPlanSchema, drillRecordSchema } from '../../../shared/contract/drill.ts';
import type { NetworkView } from '../../../shared/contract/nic.ts';
import { rehearsedSchema, type Rehearsed } from '../../../shared/contract/formation.ts';
import type { JudgedValidation, KeptValidation } from '../../../shared/contract/validation.ts';
import { validationStanding } from '../../../shared/plan/standing/validation.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { runCli, startCli, type CliResult } from '../../support/built-cli.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-rehearse-'));
afterAll(async () => {
  await removeFolder(data);
});

const read = (result: CliResult): Rehearsed => rehearsedSchema.parse(JSON.parse(result.out));

describe('quorate rehearse', () => {
  let first: Rehearsed;

  beforeAll(async () => {
    first = read(await startCli(['rehearse', '--json'], { data }).done);
  });

  it('carries out the whole plan on two bare servers', () => {
    expect(first.error).toBeNull();
    expect(first.outcome).toBe('formed');
    expect(new Set(first.steps.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(new Set(first.steps.map(({ node }) => node))).toEqual(new Set(['NODE1', 'NODE2']));
  });

  it('ends with a cluster, a highly available virtual machine and a drill', () => {
    expect(first.cluster).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2'], witness: 'Witness' });
    expect(first.vms).toEqual([{ name: 'VM1', node: 'NODE1', state: 'running', highlyAvailable: true }]);
    const drills = first.steps.filter(({ stage }) => stage === 'drill');
    expect(drills.map(({ node }) => node)).toEqual(['NODE1', 'NODE1', 'NODE1', 'NODE2', 'NODE1', 'NODE2']);
    // What went on after restarts is taken away when none is left.
    expect(drills.slice(-2).map(({ title }) => title)).toEqual(
      Array(2).fill('Remove the task that continues after a restart'),
    );
    expect(drills.find(({ title }) => title.startsWith('Lose'))?.proof).toMatch(
      /VM1 ran on NODE1 1\d\.\d s after NODE2 lost its power, 10 s of it without heartbeats .* how long Windows takes to start a machine is not simulated; its own log says that it was not shut down/,
    );
  });

  it('applies every step exactly once, by the log of the world', () => {
    const counted = new Map<string, number>();
    for (const { node, step } of first.applied)
      counted.set(`${node}/${step}`, (counted.get(`${node}/${step}`) ?? 0) + 1);
    const twice = [...counted].filter(([step, count]) => count > 1 && !/host\.restart|vm\.move/.test(step));
    expect(twice).toEqual([]);
    expect(first.applied.filter(({ step }) => step.startsWith('disk.format')).map(({ node }) => node)).toEqual([
      'NODE1',
      'NODE1',
    ]);
  });

  it('is found as it was set up by whoever opens one of its servers: every role has its port', async () => {
    const list = await runCli(['nic', 'list', '--server', 'rehearsal:rehearse/NODE1', '--json'], { data });
    const { nics, standing } = JSON.parse(list.out) as NetworkView;
    expect(standing).toMatchObject({ outcome: 'pass', text: 'Every role has its network adapter.' });
    expect(nics.filter(({ role }) => role !== null).map(({ role }) => role)).toEqual(
      expect.arrayContaining(['production', 'clusterPrivate', 'iscsiA', 'iscsiB']),
    );
  });

  it('is found validated from each of its servers, by the report of the one that coordinated', async () => {
    for (const node of ['NODE1', 'NODE2']) {
      const args = ['--server', `rehearsal:rehearse/${node}`, '--json'];
      const listed = await runCli(['cluster', 'validations', ...args], { data });
      const { validations } = JSON.parse(listed.out) as { validations: KeptValidation[] };
      expect(validations.map(({ nodes }) => nodes)).toEqual([['NODE1', 'NODE2']]);
      expect(validations[0]!.file).toContain(join('rehearsed', 'rehearse', 'NODE1', 'validation'));
      const read = await runCli(['cluster', 'validations', '--open', ...args], { data });
      expect(validationStanding(JSON.parse(read.out) as JudgedValidation)).toMatchObject({ outcome: 'pass' });
    }
  });

  it('is analyzed as it stands: nodes, paths, quorum, witness, and the machine that runs', async () => {
    const read = await runCli(['availability', 'report', '--rehearsal', 'rehearse', '--json'], { data });
    const { state, source, sentence } = JSON.parse(read.out) as AvailabilityReport;
    expect(read.code).toBe(4);
    expect(source).toEqual({ kind: 'rehearsal', names: ['rehearsal:rehearse/NODE1', 'rehearsal:rehearse/NODE2'] });
    expect(state.nodes.map(({ nics }) => nics?.map(({ role }) => role))).toEqual([
      ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'],
      ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'],
    ]);
    expect(state.witness).toMatchObject({ kind: 'disk', lun: 'Witness' });
    expect(state.vms).toMatchObject([{ name: 'VM1', node: 'NODE1', memoryMB: 2048, lun: 'Data' }]);
    expect(sentence).toBe('VM1 runs on NODE1: if NODE1 is lost, it restarts on NODE2.');
    // A world that runs keeps the servers it was started with; the next test adds one.
    expect((await runCli(['rehearsal', 'stop', 'rehearse'], { data })).code).toBe(0);
  });

  it('plans nothing the second time', async () => {
    const second = read(await runCli(['rehearse', '--resume', '--json'], { data }));
    expect(second.outcome).toBe('nothingToChange');
    expect(second.steps).toEqual([]);
    expect(second.applied).toHaveLength(first.applied.length);
  });

  it('grows by one server, which is planned alone, while the machine runs on', async () => {
    const path = join(data, 'three.json');
    writeFileSync(path, JSON.stringify(exampleClusterFile({ servers: 3 })));
    const grown = read(await runCli(['rehearse', '--resume', '--file', path, '--json'], { data }));
    expect(grown.error).toBeNull();
    expect(grown.outcome).toBe('formed');
    expect(grown.cluster).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2', 'NODE3'], witness: 'Witness' });
    expect(grown.vms).toEqual(first.vms);
    // The others do only what cannot be done on the new one: it joins, and the machine may run there too.
    const others = grown.steps.filter(({ node }) => node !== 'NODE3');
    expect(others.map(({ title }) => title)).toEqual([
      'Check that this account is an administrator on NODE1, NODE2, NODE3',
      'Measure the networks between NODE1, NODE2, NODE3',
      'Compare NODE1, NODE2, NODE3',
      'Validate NODE1, NODE2, NODE3, without the storage tests',
      'Add NODE3 to the cluster CLUSTER1',
      'Set the owners of VM1',
    ]);
    // No disk is brought online, qualified or written to, and the machine is neither moved nor stopped.
    const added = grown.applied.slice(first.applied.length).map(({ step }) => step);
    expect(added.length).toBeGreaterThan(20);
    expect(added.filter((step) => /^(disk\.|vm\.(?!setOwners)|cluster\.(addDisk|setQuorum))/.test(step))).toEqual([]);
    expect(grown.steps.filter(({ stage }) => stage === 'drill').map(({ title }) => title)).toEqual([
      'Restart NODE3 and check that the node and every path come back',
      'Remove the task that continues after a restart',
    ]);
    const again = read(await runCli(['rehearse', '--resume', '--json'], { data }));
    expect(again.outcome).toBe('nothingToChange');
  });

  it('is drilled: a node goes, its machine restarts as predicted, and the evidence is kept', async () => {
    const drill = ['drill', 'node', 'NODE1', '--rehearsal', 'rehearse', '--hold', '5', '--json'];
    const plan = drillPlanSchema.parse(JSON.parse((await runCli(drill, { data })).out));
    expect(plan.expected).toMatchObject([{ name: 'VM1', node: 'NODE1', outcome: 'restarts' }]);
    expect((await runCli(['drill', 'list'], { data })).out).toContain('No drill');
    const record = drillRecordSchema.parse(JSON.parse((await runCli([...drill, '--yes'], { data })).out));
    expect(record).toMatchObject({ outcome: 'asPredicted', isBack: true, observer: 'NODE2', findings: [] });
    expect(record.vms).toMatchObject([{ name: 'VM1', before: 'NODE1', isAsExpected: true }]);
    const whatIf = [
      'availability',
      'what-if',
      '--rehearsal',
      'rehearse',
      '--lose',
      `node:${record.vms[0]?.after}`,
      '--json',
    ];
    expect(JSON.parse((await runCli(whatIf, { data })).out)).toMatchObject({
      results: [{ counts: { restarts: 1 }, measuredRestart: { drills: 1 } }],
    });
  });

  it.each([3, 16])('does the same for %i servers', async (nodes) => {
    const name = `servers-${nodes}`;
    const many = read(await runCli(['rehearse', '--name', name, '--nodes', String(nodes), '--json'], { data }));
    expect(many.error).toBeNull();
    expect(many.cluster?.nodes).toHaveLength(nodes);
    expect(many.vms).toMatchObject([{ name: 'VM1', state: 'running', highlyAvailable: true }]);
    expect(many.steps.filter(({ stage }) => stage === 'drill')).toHaveLength(2 * nodes + 2);
    const again = read(await runCli(['rehearse', '--name', name, '--resume', '--json'], { data }));
    expect(again.outcome).toBe('nothingToChange');
    expect(again.steps).toEqual([]);
  });

  it('refuses to begin a rehearsal that is there', async () => {
    const again = await runCli(['rehearse', '--json'], { data });
    expect(again.code).toBe(1);
    expect(again.out).toContain('REHEARSAL_EXISTS');
  });

  it('names line and column of a mistake in the file', async () => {
    const path = join(data, 'wrong.json');
    const text = JSON.stringify(exampleClusterFile({ servers: 2 }), null, 2).replace('"gateway"', '"gatway"');
    writeFileSync(path, text);
    const result = await runCli(['rehearse', '--name', 'wrong', '--file', path, '--json'], { data });
    expect(result.code).toBe(2);
    expect(result.err).toMatch(/wrong\.json cannot be used: line \d+, column \d+: "gatway" is not known/);
  });

  it('names the faults that there are', async () => {
    const result = await runCli(['rehearse', '--name', 'f', '--fault', 'nicDwn@x', '--json'], { data });
    expect(result.code).toBe(2);
    expect(result.err).toContain('There is no fault nicDwn');
  });

  it('keeps the report of the validation, and what the file itself says of a warning', () => {
    const [account, measured, compared, validated] = first.steps.filter(({ stage }) => stage === 'validate');
    expect(account?.proof).toBe('NODE1\\Administrator is an administrator on NODE2');
    expect(measured?.title).toBe('Measure the networks between NODE1, NODE2');
    // Four networks in both directions, and two portals from each.
    expect(measured?.proof).toMatch(/^12 paths measured \(matrix-/);
    expect(compared?.title).toBe('Compare NODE1, NODE2');
    expect(compared?.proof).toMatch(/^\d+ properties of 2 servers compared/);
    expect(validated).toMatchObject({ node: 'NODE1', title: 'Validate NODE1, NODE2', state: 'done' });
    expect(validated?.proof).toMatch(/accepted: Validate Active Directory Configuration; report: .*\.htm$/);
    const [, report = ''] = /report: (.*\.htm)$/.exec(validated?.proof ?? '') ?? [];
    expect(readFileSync(report, 'utf8')).toContain('Failover Cluster Validation Report');
  });

  it('forms no cluster of servers that Windows fails, and goes on once they pass', async () => {
    const args = ['rehearse', '--name', 'failing', '--json'];
    const fault = 'validationFinds,test=Validate IP Configuration,result=failed@cluster.validate';
    const stopped = await runCli([...args, '--fault', fault], { data });
    expect(read(stopped).error?.code).toBe('FORM_VALIDATION_FAILED');
    expect(stopped.err).toContain('Validate IP Configuration');
    expect(read(stopped).cluster).toBeNull();
    await runCli(['rehearsal', 'repair', 'failing', 'validationFinds'], { data });
    expect(read(await runCli([...args, '--resume'], { data })).outcome).toBe('formed');
  });

  it('tells a fault that no step ever met: nothing was tried with it', async () => {
    const args = [
      'rehearse',
      '--name',
      'missed',
      '--json',
      '--fault',
      'nicDown,server=NODE1,nic=Ethernet@initiator.logOff',
    ];
    const result = await runCli(args, { data });
    expect(result.code, result.err).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({
      outcome: 'formed',
      faultsNotSet: [{ fault: 'nicDown', step: 'initiator.logOff' }],
    });
    expect(result.err).toContain('The fault nicDown was not set: no step with "initiator.logOff" in its id began.');
  });

  it('stops at a fault with what to do, and goes on once it is gone', async () => {
    const args = ['rehearse', '--name', 'faulty', '--json'];
    const fault = ['--fault', 'featureFails,server=NODE2,feature=Multipath-IO@NODE2/mpio.installFeature'];
    const stopped = await runCli([...args, ...fault], { data });
    expect(stopped.code).toBe(1);
    expect(read(stopped).error?.code).toBe('ROLE_INSTALL_FAILED');
    expect(stopped.err).toContain('--resume');
    await runCli(['rehearsal', 'repair', 'faulty', 'featureFails'], { data });
    const test = 'Validate IP Configuration';
    const warning = ['--fault', `validationFinds,test=${test},result=warning@cluster.validate`];
    const accepted = ['--accept-warning', `${test}=the second network follows next week`];
    const resumed = read(await runCli([...args, '--resume', ...warning, ...accepted], { data }));
    expect(resumed.outcome).toBe('formed');
    expect(resumed.steps.find(({ title }) => title.startsWith('Validate'))?.proof).toContain(test);
  });

  it('takes a formation back, last step first, and names nothing that is still there', async () => {
    const args = ['rehearse', '--name', 'faulty', '--undo', '--json'];
    const undone = read(await runCli(args, { data }));
    expect(undone.error).toBeNull();
    expect(undone).toMatchObject({ outcome: 'undone', cluster: null, vms: [] });
    expect(new Set(undone.steps.map(({ state }) => state))).toEqual(new Set(['done']));
    const at = (title: string): number => undone.steps.findIndex((step) => step.title.startsWith(title));
    const order = [
      'Shut VM1 down',
      'Remove the virtual machine',
      'Destroy the cluster',
      'Take disk',
      'Log off the path',
    ];
    expect(order.map(at).toSorted((one, other) => one - other)).toEqual(order.map(at));
    expect(at('Shut VM1 down')).toBe(0);
    expect(undone.steps.filter(({ title }) => title.startsWith('Log off the path'))).toHaveLength(4);
    // What nothing takes back stays as it is: no volume is lost, and no switch is cut.
    const added = undone.applied.slice(-undone.steps.length).map(({ step }) => step.split(':')[0]);
    expect(added).not.toContain('disk.clear');
    const again = read(await runCli(args, { data }));
    expect(again.outcome).toBe('nothingToChange');
    const none = await runCli(['rehearse', '--name', 'another', '--undo'], { data });
    expect(none).toMatchObject({ code: 1 });
    expect(none.err).toContain('There is no rehearsal another.');

    // What was on the disks is there: the file says that it may be lost, and nothing else does.
    const words = ['rehearse', '--name', 'faulty', '--resume', '--json'];
    const kept = read(await runCli(words, { data }));
    expect(kept).toMatchObject({ outcome: 'failed', error: { code: 'FORM_STOPPED' } });
    expect(kept.error?.detail['next']).toContain('write "discardContent": true at that disk in the cluster file');
    const discarding = exampleClusterFile({ servers: 2 });
    for (const lun of discarding.storage.luns) lun.discardContent = true;
    const file = join(data, 'discarding.json');
    writeFileSync(file, JSON.stringify(discarding));
    expect(read(await runCli([...words, '--file', file], { data })).outcome).toBe('formed');
  });
});

describe('quorate rehearse without a target', () => {
  it('makes the third machine the target first, forms, and has nothing to do the second time', async () => {
    const path = join(data, 'hosted.json');
    const file = exampleClusterFile({ servers: 2, storageHost: true });
    const storage = { ...file.storage, chapUser: 'nodes' };
    writeFileSync(path, JSON.stringify({ ...file, storage, afterRestart: 'startup' }));
    const hosted = ['rehearse', '--name', 'hosted', '--json'];
    const formed = read(await runCli([...hosted, '--file', path], { data }));
    expect(formed.error).toBeNull();
    expect(formed.outcome).toBe('formed');
    expect(formed.cluster).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2'], witness: 'Witness' });
    const applied = formed.applied.map(({ node, step }) => `${node} ${step}`);
    // Every machine goes on after its restarts, and nothing of that is left.
    for (const node of ['NODE1', 'NODE2', 'STORE1'])
      expect(applied.filter((one) => one.startsWith(`${node} host.re`) && one.includes('Resume'))).toEqual([
        `${node} host.registerResume:quorate-resume`,
        `${node} host.removeResume:quorate-resume:remove`,
      ]);
    const placeOf = (part: string): number => applied.findIndex((one) => one.includes(part));
    const made = ['createDisk', 'createTarget', 'setChap', 'mapDisk'].map((what) =>
      placeOf(`STORE1 storageHost.${what}`),
    );
    expect(made).toEqual(made.toSorted((one, other) => one - other));
    expect(made[0]).toBeGreaterThan(0);
    expect(placeOf('initiator.logOn')).toBeGreaterThan(made.at(-1)!);
    const again = read(await runCli([...hosted, '--resume'], { data }));
    expect([again.outcome, again.steps]).toEqual(['nothingToChange', []]);
  });
});
