import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../main/agent/local-files.ts';
import { Journal } from '../../../main/journal/journal.ts';
import { ServerSettings } from '../../../main/journal/server-settings.ts';
import { closeTakenBack } from '../../../main/operations/formation/member.ts';
import { ToldFile } from '../../../main/operations/formation/told-file.ts';
import { validatedElsewhere } from '../../../main/operations/formation/validated-elsewhere.ts';
import type { Server } from '../../../main/operations/plans/server.ts';
import { KeptValidations } from '../../../main/operations/validation/kept-validations.ts';
import { planValidation, type ValidationAsk } from '../../../main/operations/validation/plan-validation.ts';
import { acceptWarnings, disagreementsOf, readKept, validate } from '../../../main/operations/validation/validate.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import type { JudgedValidation } from '../../../shared/contract/validation.ts';
import { disturbedDisks } from '../../../shared/validation/disturbed-disks.ts';
import { changedCategories } from '../../../shared/validation/selection.ts';
import { makeDisk, makePartition } from '../../support/observed-server.ts';
import { edit, plant, portsOf, readyWorld } from '../../support/validated-world.ts';

let folder: string;
let world: World;
let server: Server;
let kept: KeptValidations;
const tools = () => ({ kept, files: localFiles });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-validate-'));
  world = readyWorld(folder);
  kept = new KeptValidations(folder);
  server = {
    name: 'rehearsal:test/NODE1',
    ports: portsOf(world, 'NODE1'),
    settings: new ServerSettings(folder, 'NODE1'),
    journal: new Journal(folder, () => new Date(), 'process'),
    patience: { pollMs: 1, verifyMs: 10, restartMs: 10 },
    now: () => new Date(),
    resumeCommand: { program: 'quorate', arguments: [] },
    renderScripts: () => Promise.resolve([]),
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const whole: ValidationAsk = { nodes: ['NODE2'], selection: { kind: 'whole' }, interrupt: [] };
const never = { signal: new AbortController().signal, progress: () => undefined };
const run = (ask: ValidationAsk = whole): Promise<JudgedValidation> =>
  validate(server, ask, tools(), { signal: new AbortController().signal, progress: () => undefined });
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: { code: string }) => error.code,
  );
const standing = (judged: JudgedValidation, name: string) => judged.tests.find((test) => test.name === name)?.standing;

describe('what a validation would do', () => {
  it('names the account, the disks and the tests, with this server among the nodes', async () => {
    const { plan, refusal } = await planValidation(server, whole, tools());
    expect(refusal).toBeNull();
    expect(plan.nodes).toEqual(['NODE1', 'NODE2']);
    expect(plan.notices.join(' ')).toContain('CliTest2');
    expect(plan.disks.length).toBeGreaterThan(0);
    expect(plan.disks.every(({ treatment }) => treatment === 'tested')).toBe(true);
    expect(plan.tests.length).toBeGreaterThan(50);
  });

  it('disturbs no disk without the storage tests', async () => {
    const { plan } = await planValidation(server, { ...whole, selection: { kind: 'withoutStorage' } }, tools());
    expect([plan.ignore, plan.disks]).toEqual([['Storage'], []]);
  });

  it('refuses one server alone, and names that no test has', async () => {
    expect(await codeOf(run({ ...whole, nodes: [] }))).toBe('VALIDATION_NEEDS_NODES');
    const asked = { ...whole, selection: { kind: 'only' as const, names: ['Validate Everything'] } };
    expect(await codeOf(run(asked))).toBe('VALIDATION_TEST_UNKNOWN');
  });

  it('refuses where nobody can say what uses the disks', async () => {
    const { machines } = server.ports;
    server = { ...server, ports: Object.create(server.ports) as Server['ports'] };
    const { failure } = await import('../../../shared/errors/failure.ts');
    Object.assign(server.ports, {
      machines: { ...machines, readState: () => Promise.reject(failure('ACCESS_DENIED', { what: 'Get-VM' })) },
    });
    expect(await codeOf(run())).toBe('VALIDATION_DISK_IN_USE');
    expect(kept.list()).toEqual([]);
  });
});

describe('where a rehearsed formation validated', () => {
  it('its report stands for every server that it tested, and what is accepted is kept here', async () => {
    const formed = new KeptValidations(join(folder, 'rehearsed', 'test', 'NODE2'));
    await validate(server, whole, { kept: formed, files: localFiles }, never);
    kept = new KeptValidations(folder, join(folder, 'rehearsed', 'test'));
    expect(kept.of('rehearsal:test/NODE2', 'node2')).toHaveLength(1);
    expect(kept.of('rehearsal:test/NODE3', 'NODE3')).toEqual([]);
    server = { ...server, name: 'rehearsal:test/other' };
    const judged = await readKept(server, null, tools());
    expect(judged.kept.file).toContain(join('rehearsed', 'test', 'NODE2'));
    const warned = judged.tests.find((test) => test.standing === 'new');
    if (warned) await acceptWarnings(server, { id: null, tests: [warned.name], because: 'known here' }, tools(), 'ui');
    expect(formed.accepted(judged.kept.nodes)).toEqual([]);
    // One that is run from here comes first.
    const own = await run();
    expect((await readKept(server, null, tools())).kept.id).toBe(own.kept.id);
    expect(kept.list()).toHaveLength(2);
  });

  it('says on a server that took part where the report is, and nothing where it coordinated or was undone', () => {
    const tell = (from: string | null): void =>
      new ToldFile(folder).keep(`f-${from}`, {
        ...{ text: '{}', path: 'c.json', cluster: 'CLUSTER1', direction: 'form', from, at: new Date().toISOString() },
      });
    const took = (coordinator: string, state: 'done' | 'failed'): void => {
      const entry = server.journal.begin({
        ...{ kind: 'formation', parent: 'f', coordinator, cluster: 'CLUSTER1', epoch: null, server: server.name },
        ...{ by: coordinator, node: 'NODE1', title: 'Formation f', method: 'formation.take', desire: null, steps: [] },
        followUp: null,
      });
      entry.write('end', { state });
      entry.close();
    };
    const where = () => validatedElsewhere(server.journal, folder);
    expect(where()).toBeNull();
    tell('NODE2');
    took('peer:1', 'failed');
    expect(where()).toBeNull();
    took('peer:1', 'done');
    expect(where()).toBe('NODE2');
    tell(null);
    expect(where()).toBeNull();
    tell('NODE2');
    closeTakenBack(server.journal, 'CLUSTER1', 'g', 'ui');
    expect(where()).toBeNull();
  });
});

describe('the disks that storage tests touch', () => {
  const volume = { letter: 'F' };
  const online = makeDisk(3, {
    busType: 'iscsi',
    isOffline: false,
    partitionStyle: 'gpt',
    partitions: [makePartition({ driveLetter: volume.letter })],
  });
  const seen = { disks: [online], cluster: null, machines: [] };
  it.each([
    ['offline', { ...online, isOffline: true }, 'tested'],
    ['online with a volume', online, 'interrupted'],
    ['of a cluster', { ...online, isClustered: true }, 'leftOut'],
  ] as const)('one that is %s', (_what, disk, treatment) => {
    expect(disturbedDisks({ ...seen, disks: [disk] })[0]?.treatment).toBe(treatment);
  });

  it('one with files of a virtual machine is in use, and no agreement changes that', () => {
    const machine = { name: 'VM1', files: [{ kind: 'disk' as const, path: 'f:\\VM1\\VM1.vhdx' }] };
    const [disk] = disturbedDisks({ ...seen, machines: [machine as never] });
    expect(disk).toMatchObject({ treatment: 'inUse', because: 'files of VM1 lie on it' });
  });

  it('leaves out what no other server reaches, and the disk that Windows starts from', () => {
    expect(
      disturbedDisks({
        ...seen,
        disks: [
          { ...online, busType: 'sata' },
          { ...online, isBoot: true },
        ],
      }),
    ).toEqual([]);
  });
});

describe('a run', () => {
  it('keeps the report of Windows byte by byte and judges it', async () => {
    const judged = await run();
    expect(readFileSync(judged.kept.file, 'utf8').startsWith('\ufeff<html')).toBe(true);
    expect(judged.report.source).toBe(judged.kept.file);
    expect(standing(judged, 'Validate Storage Spaces Persistent Reservation')).toBe('expected');
    expect((await readKept(server, null, tools())).report.tests).toEqual(judged.report.tests);
    expect(await readKept(server, judged.kept.id, tools())).toMatchObject({ verdict: judged.verdict });
  });

  it('that is cancelled keeps what was tested until then, and "only what changed" runs the rest', async () => {
    const stop = new AbortController();
    const progress = (): void => stop.abort();
    const cut = validate(server, whole, tools(), { signal: stop.signal, progress });
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED', effect: 'none' });
    const judged = await readKept(server, null, tools());
    await expect(cut).rejects.toMatchObject({ detail: { what: expect.stringContaining(judged.kept.file) as string } });
    expect([judged.verdict, judged.report.overall.result]).toEqual(['failed', 'cancelled']);
    const again = await run({ ...whole, selection: { kind: 'changed' } });
    expect([again.isWhole, again.verdict]).toEqual([true, 'passed']);
    expect(again.report.tests).toHaveLength(judged.report.tests.length);
  });

  it('a failure blocks and cannot be accepted', async () => {
    await plant(world, { kind: 'validationFinds', test: 'Validate Required Services', result: 'failed', text: 'Off.' });
    const judged = await run();
    expect(judged.verdict).toBe('failed');
    const accept = { id: null, tests: ['Validate Required Services'], because: 'we know about it' };
    expect(await codeOf(acceptWarnings(server, accept, tools(), 'cli'))).toBe('VALIDATION_NOT_ACCEPTABLE');
    expect(server.journal.list().entries).toEqual([]);
  });

  it('a warning waits, is accepted by its name with a reason in the journal, and is open again when it says something else', async () => {
    const test = 'Validate All Drivers Signed';
    const fault = { kind: 'validationFinds', test, result: 'warning' } as const;
    await plant(world, { ...fault, text: 'nic.sys is not signed.' });
    expect(await run()).toMatchObject({ verdict: 'open' });
    const because = 'the maker of the NIC signs it next month';
    const accepted = await acceptWarnings(server, { id: null, tests: [test.toUpperCase()], because }, tools(), 'cli');
    expect([accepted.verdict, standing(accepted, test)]).toEqual(['passed', 'accepted']);
    const [entry] = server.journal.list().entries;
    expect(entry).toMatchObject({ state: 'done', begin: { method: 'cluster.acceptWarning', by: 'cli' } });
    expect(entry?.begin.title).toContain(test);
    // Accepted twice is accepted once.
    await acceptWarnings(server, { id: null, tests: [test], because }, tools(), 'cli');
    expect(server.journal.list().entries).toHaveLength(1);
    expect(await run()).toMatchObject({ verdict: 'passed' });
    edit(world, (state) => void (state.faults = []));
    await plant(world, { ...fault, text: 'hba.sys is not signed.' });
    expect(await run()).toMatchObject({ verdict: 'open' });
  });

  it('refuses names that the report does not have, and a server without a validation', async () => {
    expect(await codeOf(readKept(server, null, tools()))).toBe('VALIDATION_NOTHING_KEPT');
    await run();
    const accept = { id: null, tests: ['Validate Everything'], because: 'there is no such test' };
    expect(await codeOf(acceptWarnings(server, accept, tools(), 'cli'))).toBe('VALIDATION_TEST_NOT_IN_REPORT');
    expect(await codeOf(readKept(server, 'validation-1', tools()))).toBe('VALIDATION_NOT_FOUND');
  });

  it('never takes a damaged list for an empty one', async () => {
    await run();
    writeFileSync(join(folder, 'validation', 'list.json'), '{"version":1');
    expect(await codeOf(readKept(server, null, tools()))).toBe('VALIDATION_KEPT_DAMAGED');
  });

  it('keeps a report that nobody can read, too', async () => {
    const { cluster } = server.ports;
    server = { ...server, ports: Object.create(server.ports) as Server['ports'] };
    const bytes = new TextEncoder().encode('<html><title>Failover Cluster Validation Report</title>');
    Object.assign(server.ports, {
      cluster: { ...cluster, validate: () => Promise.resolve({ bytes, warnings: [] }) },
    });
    expect(await codeOf(run())).toBe('VALIDATION_REPORT_TRUNCATED');
    expect(readFileSync(kept.list()[0]!.file)).toEqual(Buffer.from(bytes));
  });

  it('tells where the warning stream and the report disagree, however the line is wrapped', async () => {
    const { report } = await run();
    expect(
      disagreementsOf(report, ['Network - Validate Network\r\r\nCommunication: The test reported some warnings..']),
    ).toHaveLength(1);
    expect(
      disagreementsOf(report, ['Storage - Validate Storage Spaces Persistent Reservation: The test reported some..']),
    ).toEqual([]);
  });
});

describe('only what changed', () => {
  const changed: ValidationAsk = { ...whole, selection: { kind: 'changed' } };
  it('needs an earlier validation and something that changed', async () => {
    expect(await codeOf(run(changed))).toBe('VALIDATION_NOTHING_KEPT');
    await run();
    expect(await codeOf(run(changed))).toBe('VALIDATION_NOTHING_CHANGED');
  });

  it('runs the categories of what was open', async () => {
    await plant(world, {
      kind: 'validationFinds',
      test: 'Validate IP Configuration',
      result: 'failed',
      text: 'Twice.',
    });
    await run();
    expect((await run(changed)).report.tests.every(({ category }) => category === 'Network')).toBe(true);
  });

  it('knows the categories of each area', async () => {
    const { report } = await run();
    expect(changedCategories(['storage', 'roles'], report)).toEqual([
      'Hyper-V Configuration',
      'Storage',
      'System Configuration',
    ]);
  });
});
