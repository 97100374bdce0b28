import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { creationReport } from '../../../main/rehearsal/world/creation-report.ts';
import { prepareRehearsal } from '../../support/prepared-rehearsal.ts';
import { startServerLab, type ServerLab } from '../../support/server-lab.ts';

/*
 * The transcript in docs/cli.md is what the command line says, run again here: it is written anew by `vitest -u` on this file and never by hand.
 */

const server = 'rehearsal:practice';
const nodeTwo = `${server}/NODE2`;
const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md');
const [begin, end] = ['<!-- transcript -->', '<!-- /transcript -->'];

let lab: ServerLab;
beforeAll(async () => {
  lab = await startServerLab({ name: 'practice', prepare: prepareRehearsal });
});
afterAll(() => lab.stop());

/** What differs from run to run, by what it is. */
const normalised = (text: string): string =>
  text
    .replaceAll(lab.dataFolder, 'DATA')
    .replace(/validation-[\d-]{15,}/g, 'validation-ID')
    .replace(/\b\d{8}-\d{6}-\d{3}-[0-9a-f]+\b/g, 'ENTRY')
    .replace(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z| UTC([+-]\d{2}:\d{2})?)?/g, 'TIME')
    .replace(/\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M/g, 'TIME')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, 'GUID')
    .replace(/[ \t]+$/gm, '');

type Step = readonly [words: readonly string[], code?: number];
const change = ['--yes'];
const spare = 'C:\\iSCSI\\spare.vhdx';

const create = [
  ...['cluster', 'create', 'CLU1', '--node', 'NODE1', '--address', '192.0.2.200'],
  ...['--ignore-network', '198.51.100.0/24', '--access-point', 'dns', ...change],
];

/** In the order of the work; a line that is about a node of its own names that server. */
const steps: readonly Step[] = [
  [['roles', 'list']],
  [['roles', 'install', '--feature', 'RSAT-Clustering-PowerShell', '--feature', 'Hyper-V-PowerShell', ...change]],
  [['cluster', 'check', 'CLU1', '--also', nodeTwo, '--address', '192.0.2.200']],
  [['cluster', 'facts', 'CLU1', '--address', '192.0.2.200', '--out', 'DATA/node1.json']],
  [[...['cluster', 'facts', 'CLU1', '--address', '192.0.2.200', '--out', 'DATA/node2.json'], ...['--server', nodeTwo]]],
  [[...['cluster', 'check', 'CLU1', '--address', '192.0.2.200'], ...['--facts', 'DATA/node1.json', 'DATA/node2.json']]],
  [['cluster', 'validate', '--node', 'NODE2', '--only', 'System Configuration', ...change], 5],
  [['cluster', 'accept', '--test', 'ACCEPTED', '--because', 'these servers stay in a workgroup']],
  [['cluster', 'validations']],
  [['cluster', 'report', 'REPORT']],
  [['rehearsal', 'fault', 'practice', 'clusterCreateTimesOut', 'server=NODE1']],
  [create, 1],
  [['cluster', 'status']],
  [['cluster', 'clear-node', 'NODE1', ...change]],
  [['rehearsal', 'fault', 'practice', 'clusterCreateWarns', 'server=NODE1']],
  [['journal', 'finish', 'CREATION', ...change], 1],
  [['cluster', 'report', creationReport('CLU1'), '--server', server]],
  [['journal', 'finish', 'CREATION', ...change]],
  [['cluster', 'add-node', 'NODE2', ...change]],
  [['cluster', 'network', '198.51.100.0/24', '--name', 'iSCSI A', '--use', 'none', ...change]],
  [['cluster', 'network', '192.0.2.0/24', '--metric', '900', ...change]],
  [['cluster', 'live-migration', '192.0.2.0/24', ...change]],
  [['cluster', 'disk', 'LAB-DATA-0002', '--name', 'Machines', ...change]],
  [['cluster', 'disk', 'LAB-WITNESS-0001', '--name', 'Witness', ...change]],
  [['cluster', 'quorum', '--disk', 'Witness', ...change]],
  [['cluster', 'disk', 'Machines', '--shared-volume', '--folder', 'Machines', ...change]],
  [['cluster', 'status']],
  [['cluster', 'repair-name', ...change], 1],
  [['cluster', 'events']],
  [['cluster', 'pause', 'NODE2', ...change]],
  [['cluster', 'resume', 'NODE2', ...change]],
  [['vm', 'switch', 'LAN', '--nic', 'Ethernet 5', ...change]],
  [
    [
      ...['vm', 'create', 'VM1', '--folder', 'C:\\ClusterStorage\\Machines'],
      ...['--iso', 'C:\\ClusterStorage\\Machines\\setup.iso', ...change],
    ],
  ],
  [['vm', 'check', 'VM1', '--also', nodeTwo]],
  [['vm', 'make-highly-available', 'VM1', ...change]],
  [['vm', 'start', 'VM1', ...change]],
  [['vm', 'move', 'VM1', '--node', 'NODE2', ...change]],
  [['vm', 'owners', 'VM1', '--preferred', 'NODE1', '--preferred', 'NODE2', ...change]],
  [['vm', 'priority', 'VM1', '--priority', 'high', ...change]],
  [['vm', 'apart', 'VM1', '--group', 'Web servers', ...change]],
  [['vm', 'start-order', 'Databases', '--machine', 'VM1', '--delay', '60', ...change]],
  [['vm', 'list', '--files']],
  [['vm', 'start-order', 'Databases', '--remove', ...change]],
  [['cluster', 'move-group', 'Available Storage', '--node', 'NODE2', ...change]],
  [['storage-host', 'install', ...change]],
  [
    [
      ...['storage-host', 'offer', 'cluster2', '--folder', 'C:\\iSCSI', '--disk', 'witness2=512M', '--fixed'],
      ...['--initiator', 'iqn.1991-05.com.microsoft:node3', ...change],
    ],
  ],
  [['storage-host', 'create-disk', spare, '--size', '1G', ...change]],
  [['storage-host', 'map', 'cluster2', spare, ...change]],
  [['storage-host', 'map', 'cluster2', spare, ...change]],
  [['storage-host', 'extend', spare, '--size', '2G', ...change]],
  [
    [
      ...['storage-host', 'admit', 'cluster2', '--initiator', 'iqn.1991-05.com.microsoft:node3'],
      ...['--initiator', 'iqn.1991-05.com.microsoft:node4', ...change],
    ],
  ],
  [['storage-host', 'chap', 'cluster2', '--user', 'nodes', '--secret-file', 'DATA/secret.txt', ...change]],
  [['storage-host', 'list']],
  [['storage-host', 'unmap', 'cluster2', spare, '--confirm', 'spare.vhdx', ...change]],
  [['storage-host', 'remove-disk', spare, '--confirm', 'spare.vhdx', ...change]],
  [['storage-host', 'import', spare, ...change]],
  [['storage-host', 'remove-disk', spare, '--delete-file', '--confirm', 'spare.vhdx', ...change]],
  [['storage-host', 'remove-target', 'cluster2', '--confirm', 'cluster2', ...change]],
  [
    [
      ...['storage-host', 'script', 'iqn.2026-05.example:cluster2', '--kind', 'lio', '--folder', '/srv/iscsi'],
      ...['--disk', 'witness2=512M', '--initiator', 'iqn.1991-05.com.microsoft:node3', '--portal', '198.51.100.10'],
      ...['--chap-user', 'nodes'],
    ],
  ],
  [['roles', 'remove', '--feature', 'FS-iSCSITarget-Server', ...change]],
  [['vm', 'stop', 'VM1', ...change, '--server', nodeTwo]],
  [['vm', 'start', 'VM1', ...change, '--server', nodeTwo]],
  [['vm', 'turn-off', 'VM1', '--confirm', 'VM1', ...change, '--server', nodeTwo]],
  [['vm', 'leave-cluster', 'VM1', ...change, '--server', nodeTwo]],
  [['vm', 'remove', 'VM1', '--confirm', 'VM1', ...change, '--server', nodeTwo]],
  [['cluster', 'evict', 'NODE2', '--confirm', 'NODE2', ...change]],
  [['cluster', 'destroy', 'CLU1', '--confirm', 'CLU1', ...change]],
  [['cluster', 'status']],
  [['journal', 'list']],
];

/** What asks no server, or names one of its own. */
const isWhole = (words: readonly string[]): boolean =>
  words[0] === 'rehearsal' ||
  words[1] === 'finish' ||
  ['report', 'script'].includes(words[1] ?? '') ||
  words.includes('--server') ||
  words.includes('--facts');

const typed = (word: string): string => (/[\s\\]/.test(word) ? `'${word}'` : word);

it('docs/cli.md shows what a run of every verb says', async () => {
  const blocks: string[] = [];
  const wrong: string[] = [];
  const known = { ACCEPTED: '', REPORT: '', CREATION: '' };
  writeFileSync(join(lab.dataFolder, 'secret.txt'), 'a secret of 16 b\n');
  for (const [words, wanted = 0] of steps) {
    const args = words.map((word) =>
      word in known ? known[word as keyof typeof known] : word.replace(/^DATA\//, `${lab.dataFolder}/`),
    );
    const line = [...args, ...(isWhole(words) ? [] : ['--server', server])];
    const run = await lab.quorate(line);
    if (run.code !== wanted) wrong.push(`${line.join(' ')}: ${run.code} ${run.err}${run.out}`);
    // A failure is told on the other stream.
    const note = wanted === 0 ? '' : `${wanted === 1 ? run.err : ''}(exit code ${wanted})\n`;
    blocks.push(normalised(`$ quorate ${line.map(typed).join(' ')}\n${run.out.trimEnd()}\n${note}`));
    if (words[1] === 'create' && wanted === 1) {
      const { entries } = (await lab.quorate(['journal', 'list', '--json'])).json<{ entries: { id: string }[] }>();
      known.CREATION = entries[0]?.id ?? 'none waits';
    }
    if (words[1] === 'validate') {
      const judged = (await lab.quorate(['cluster', 'validations', '--open', '--json', '--server', server])).json<{
        tests: { name: string; standing: string }[];
        kept: { file: string };
      }>();
      known.ACCEPTED = judged.tests.find(({ standing }) => standing === 'new')?.name ?? 'none waits';
      known.REPORT = judged.kept.file;
    }
  }
  expect(wrong).toEqual([]);
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  const whole = `${before}${begin}\n\n\`\`\`\n${blocks.join('\n')}\`\`\`\n\n${end}${after}`;
  await expect(whole).toMatchFileSnapshot(page);
});
