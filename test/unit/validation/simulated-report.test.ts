import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Parser } from 'htmlparser2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../main/agent/local-files.ts';
import { readValidationReport } from '../../../main/operations/cluster/read-validation-report.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import type { ValidationReport } from '../../../shared/validation/report.ts';
import { edit, plant, portsOf, readyWorld } from '../../support/validated-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-validation-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nodes = ['NODE1', 'NODE2'];
const run = async (world: World, order: { include?: string[]; ignore?: string[] } = {}) => {
  const { bytes, warnings } = await portsOf(world, 'NODE1').cluster.validate({
    ...{ nodes, include: [], ignore: [] },
    ...order,
  });
  const base64 = Buffer.from(bytes).toString('base64');
  const report = await readValidationReport({ kind: 'content', name: 'report.htm', base64 }, localFiles);
  return { html: Buffer.from(bytes).toString('utf8'), report, warnings };
};
const resultOf = (report: ValidationReport, name: string) => report.tests.find((test) => test.name === name)?.result;

const fixture = (name: string): string =>
  gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'validation', `${name}.htm.gz`))).toString(
    'utf8',
  );

/** Every way from the root to an element: names with classes, as a reader of the report finds its way. */
const waysIn = (html: string): Set<string> => {
  const ways = new Set<string>();
  const open: string[] = [];
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        open.push(attributes['class'] ? `${name}.${attributes['class']}` : name);
        ways.add(open.join(' > '));
      },
      onclosetag: () => open.pop(),
    },
    { lowerCaseTags: true },
  );
  parser.write(html);
  parser.end();
  return ways;
};

/** The skeleton of a section: its elements in order, tables and repeated lines folded. */
const headingsOf = (html: string): string[] => [...html.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map((match) => match[1]!);

describe('a report of a rehearsal', () => {
  it('has no element or class in a place where a real one has none', async () => {
    const real = new Set([...waysIn(fixture('compute-1709-4nodes')), ...waysIn(fixture('s2d-20h2-4nodes'))]);
    const { html } = await run(readyWorld(folder));
    const own = [...waysIn(html)];
    // Warnings and errors are in no published report; their class is that of the style sheet in both.
    const strange = own.filter((way) => !real.has(way.replace(/div\.(warn|error)/, 'div.info')));
    expect(strange).toEqual([]);
    for (const className of ['warn', 'error', 'notapplicable', 'cancel'])
      expect(fixture('compute-1709-4nodes')).toContain(`div.${className} {`);
    expect(own.length).toBeGreaterThan(40);
  });

  it('has the headings of a real one in their order: summary, categories, overall result, tests by the alphabet', async () => {
    const { html, report } = await run(readyWorld(folder, false));
    const real = headingsOf(fixture('compute-1709-4nodes'));
    const own = headingsOf(html);
    // 20H2 and later have no service pack levels any more.
    expect(own).toEqual(real.filter((name) => name !== 'Validate Service Pack Levels'));
    expect(report.tests.map(({ name }) => name).sort()).toEqual(
      own.filter((name) => /^(List|Validate) /.test(name)).sort(),
    );
  });

  it('is read without loss: names, dates, messages with their nodes', async () => {
    const { report } = await run(readyWorld(folder));
    expect(report.nodes).toHaveLength(2);
    expect(report.startedAt).not.toBeNull();
    expect(Date.parse(report.completedAt!) - Date.parse(report.startedAt!)).toBeGreaterThan(4000);
    expect(report.notes).toEqual([]);
    expect(report.tests.every(({ explanation }) => explanation !== null)).toBe(true);
  });
});

describe('what is found follows from the servers', () => {
  it('two servers with shared disks warn of Storage Spaces alone, and that is expected', async () => {
    const { report, warnings } = await run(readyWorld(folder));
    const open = report.tests.filter(({ result }) => result === 'warning' || result === 'failed');
    expect(open.map(({ name, expected }) => [name, expected])).toContainEqual([
      'Validate Storage Spaces Persistent Reservation',
      true,
    ]);
    expect(resultOf(report, 'Validate SCSI-3 Persistent Reservation')).toBe('success');
    expect(warnings.join('\n')).toContain('Storage - Validate Storage Spaces Persistent Reservation: ');
  });

  it('without common disks the storage tests do not apply', async () => {
    const { report } = await run(readyWorld(folder, false));
    expect(resultOf(report, 'Validate Disk Failover')).toBe('notApplicable');
    expect(resultOf(report, 'Validate CSV Settings')).toBe('success');
  });

  it.each<[string, string, string, (world: World) => unknown]>([
    [
      'a LUN that a stranger reserved',
      'Validate SCSI-3 Persistent Reservation',
      'failed',
      (world) => plant(world, { kind: 'diskReserved', lun: Object.keys(world.state.luns)[0]! }),
    ],
    [
      'another version of Windows',
      'Validate Operating System Version',
      'failed',
      (world) => edit(world, (state) => void (state.servers['NODE2']!.version = '2019')),
    ],
    [
      'Server Core on one of them',
      'Validate Operating System Installation Option',
      'warning',
      (world) => edit(world, (state) => void (state.servers['NODE2']!.core = !state.servers['NODE1']!.core)),
    ],
    [
      'an address that both have',
      'Validate IP Configuration',
      'failed',
      (world) => edit(world, (state) => void (state.servers['NODE2']!.nics[1]!.addresses[0]!.address = '10.0.1.31')),
    ],
    [
      'a private network that is in another VLAN',
      'Validate Network Communication',
      'failed',
      (world) => {
        const nic = world.state.servers['NODE2']!.nics[1]!;
        const network = Object.keys(world.state.networks).find((name) => name !== nic.network)!;
        return plant(world, { kind: 'wrongVlan', server: 'NODE2', nic: nic.guid, network });
      },
    ],
    [
      'one network only',
      'Validate Network Communication',
      'warning',
      (world) =>
        edit(world, (state) => {
          for (const server of Object.values(state.servers)) server.nics[1]!.enabled = false;
        }),
    ],
    [
      'a pending restart',
      'Validate Software Update Levels',
      'warning',
      (world) => edit(world, (state) => void (state.servers['NODE2']!.pending.windowsUpdate = true)),
    ],
    [
      'Hyper-V on one of them',
      'Validate Hyper-V Role Installed',
      'failed',
      (world) => edit(world, (state) => void delete state.servers['NODE2']!.features['Hyper-V']),
    ],
    [
      'a virtual switch on one of them',
      'Validate Hyper-V Network Resource Pool And Virtual Switch Compatibility',
      'warning',
      (world) =>
        edit(
          world,
          (state) => void (state.servers['NODE1']!.switches = [{ name: 'VMs', nics: [], hasHostNic: false }]),
        ),
    ],
    [
      'a workgroup',
      'Validate Active Directory Configuration',
      'warning',
      (world) =>
        edit(world, (state) => {
          for (const server of Object.values(state.servers))
            server.membership = { kind: 'workgroup', name: 'WORKGROUP' };
        }),
    ],
  ])('%s: %s is %s', async (_what, test, result, change) => {
    const world = readyWorld(folder);
    await change(world);
    const { report, warnings } = await run(world);
    expect(resultOf(report, test)).toBe(result);
    expect(warnings.some((line) => line.includes(` - ${test}: `))).toBe(true);
  });
});

describe('a run', () => {
  it('takes the selection of Test-Cluster', async () => {
    const world = readyWorld(folder);
    const without = await run(world, { ignore: ['Storage'] });
    expect(without.report.tests.some(({ category }) => category === 'Storage')).toBe(false);
    expect(without.report.notes.join(' ')).toContain('Not every test was selected');
    const only = await run(world, { include: ['Network'] });
    expect(new Set(only.report.tests.map(({ category }) => category))).toEqual(new Set(['Network']));
  });

  it('tells how far it is, and when it is cancelled, its report says of each test whether it ran', async () => {
    const world = readyWorld(folder);
    const told: string[] = [];
    const stop = new AbortController();
    const work = portsOf(world, 'NODE1').cluster.validate(
      { nodes, include: [], ignore: [] },
      {
        signal: stop.signal,
        progress: ({ doing, total }) => {
          told.push(`${doing} of ${total}`);
          stop.abort();
        },
      },
    );
    const { bytes, isCancelled } = await work;
    expect(isCancelled).toBe(true);
    const report = await readValidationReport(
      { kind: 'content', name: 'r.htm', base64: Buffer.from(bytes).toString('base64') },
      localFiles,
    );
    expect(report.overall.result).toBe('cancelled');
    expect(report.tests.filter(({ result }) => result === 'cancelled')).toHaveLength(report.tests.length);
    expect(report.tests[0]).toMatchObject({ raw: 'Canceled', messages: [{ level: 'cancelled' }] });
    expect(told[0]).toMatch(/^[\w-]+ ?\w*.*: .* of 5\d$/);
    expect(world.state.validations).toEqual([]);
  });

  it.each<[string, (world: World) => unknown, string]>([
    [
      'without the feature here',
      (world) => edit(world, (state) => void delete state.servers['NODE1']!.features['Failover-Clustering']),
      'CLUSTER_FEATURE_MISSING',
    ],
    [
      'without the feature on the other server',
      (world) => edit(world, (state) => void delete state.servers['NODE2']!.features['Failover-Clustering']),
      'VALIDATION_NODE_UNREACHABLE',
    ],
    [
      'with a server that is not reached',
      (world) => plant(world, { kind: 'nodeUnreachable', server: 'NODE2' }),
      'VALIDATION_NODE_UNREACHABLE',
    ],
    [
      'without rights there',
      (world) => plant(world, { kind: 'clusterRightsMissing', server: 'NODE2' }),
      'CLUSTER_RIGHTS_MISSING',
    ],
  ])('does not start %s', async (_what, change, code) => {
    const world = readyWorld(folder);
    await change(world);
    await expect(run(world)).rejects.toMatchObject({ code });
  });
});
