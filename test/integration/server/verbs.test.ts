import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labAccount, labTarget } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { partitionTypes } from '../../../shared/model/disk.ts';
import { sharedDiskWords, type PlanView } from '../../../shared/plan/plan.ts';
import { labHost, startServerLab, type ServerLab } from '../../support/server-lab.ts';

interface ChangeDocument {
  readonly schema: string;
  readonly plans: PlanView[];
  readonly results: ApplyResult[];
}

let lab: ServerLab;
let secretFile: string;
let networkFile: string;
beforeAll(async () => {
  lab = await startServerLab({ scenario: 'two-node-lab' });
  secretFile = join(lab.dataFolder, 'secret');
  writeFileSync(secretFile, `${labAccount.password}\n`);
  networkFile = join(lab.dataFolder, 'network.json');
  writeFileSync(
    networkFile,
    JSON.stringify({
      nics: [
        {
          nic: 'Ethernet',
          role: 'production',
          applyRole: true,
          addresses: { ipv4: ['192.0.2.21/24'] },
          gateway: { ipv4: '192.0.2.1' },
          dnsServers: { ipv4: ['192.0.2.53'] },
        },
        { nic: 'Ethernet 2', role: 'clusterPrivate', applyRole: true, addresses: { ipv4: ['10.0.0.1/24'] } },
        { nic: 'Ethernet 3', role: 'iscsiA', applyRole: true, addresses: { ipv4: ['198.51.100.21/24'] } },
        { nic: 'Ethernet 4', role: 'iscsiB', applyRole: true, addresses: { ipv4: ['203.0.113.21/24'] } },
        { nic: 'Ethernet 5', role: 'unused' },
      ],
    }),
  );
});
afterAll(() => lab.stop());

const witness = 'LAB-WITNESS-0001';
const data = 'LAB-DATA-0002';
const shared = ['--confirm-shared', sharedDiskWords];
const pathA = ['--from', '198.51.100.21', '--portal', '198.51.100.10'];
const pathB = ['--from', '203.0.113.21', '--portal', '203.0.113.10:3260'];

/**
 * Every verb that sets something, in the order in which a server is set up: each is planned without a change, printed as
 * PowerShell, done, and done a second time without a change. `again` says what a second run may not know (`null`: the
 * verb is an act, not a state). `script` is a word of the PowerShell; null where nothing of Windows is changed.
 */
const verbs: readonly { words: readonly string[]; script: string | null; again?: null; code?: number }[] = [
  { words: ['nic', 'role', 'Ethernet', 'production'], script: null },
  { words: ['nic', 'setup', 'NETWORK'], script: 'New-NetIPAddress' },
  { words: ['nic', 'rename', 'Ethernet 3', 'iSCSI A'], script: 'Rename-NetAdapter' },
  { words: ['nic', 'address', 'Ethernet 2', '10.0.0.2/24'], script: 'Remove-NetIPAddress' },
  { words: ['nic', 'gateway', 'Ethernet', 'none'], script: 'Remove-NetRoute' },
  { words: ['nic', 'gateway', 'Ethernet', '192.0.2.1'], script: 'New-NetRoute' },
  { words: ['nic', 'dns', 'Ethernet', '192.0.2.53', '192.0.2.10'], script: 'Set-DnsClientServerAddress' },
  {
    words: [
      'nic',
      'set',
      'Ethernet 5',
      '--dns-registration',
      'off',
      '--netbios',
      'disabled',
      '--jumbo',
      '9014',
      '--sharing',
      'off',
      '--dhcp6',
      'off',
    ],
    script: 'Set-NetAdapterAdvancedProperty',
  },
  { words: ['nic', 'disable', 'Ethernet 6'], script: 'Disable-NetAdapter' },
  { words: ['nic', 'enable', 'Ethernet 6'], script: 'Enable-NetAdapter' },
  { words: ['nic', 'role', 'Ethernet 6', 'unused'], script: null },
  { words: ['host', 'time', '--ntp-server', '192.0.2.10'], script: 'W32Time' },
  { words: ['disk', 'san-policy', 'OfflineAll'], script: 'Set-StorageSetting' },
  { words: ['disk', 'san-policy', 'OfflineShared'], script: 'Set-StorageSetting' },
  { words: ['disk', 'automount', 'off'], script: 'automount' },
  { words: ['disk', 'automount', 'on'], script: 'automount' },
  { words: ['initiator', 'service', 'start'], script: 'MSiSCSI' },
  { words: ['initiator', 'firewall', 'on'], script: 'NetFirewallRule' },
  { words: ['initiator', 'name', 'iqn.1991-05.com.microsoft:node1.lab.test'], script: 'Set-InitiatorPort' },
  { words: ['initiator', 'prepare'], script: 'Install-WindowsFeature', code: 5 },
  {
    words: ['host', 'restart', '--if-pending', '--resume', 'logon', '--resume-account', 'NODE1\\Administrator'],
    script: 'Restart-Computer',
  },
  { words: ['initiator', 'mpio', '--claim', 'on', '--policy', 'RR'], script: 'Enable-MSDSMAutomaticClaim' },
  {
    words: ['initiator', 'portal', 'add', '198.51.100.10', '--from', '198.51.100.21'],
    script: 'New-IscsiTargetPortal',
  },
  { words: ['initiator', 'portal', 'add', '203.0.113.10', '--from', '203.0.113.21'], script: 'New-IscsiTargetPortal' },
  { words: ['initiator', 'discover'], script: 'Update-IscsiTarget', again: null },
  { words: ['initiator', 'logon', labTarget, ...pathA], script: 'Connect-IscsiTarget' },
  { words: ['initiator', 'logon', labTarget, ...pathB], script: 'Connect-IscsiTarget' },
  { words: ['disk', 'online', witness, ...shared], script: 'Set-Disk' },
  { words: ['disk', 'writable', witness, ...shared], script: 'Set-Disk' },
  { words: ['disk', 'initialize', witness, ...shared], script: 'Initialize-Disk' },
  { words: ['disk', 'prepare', witness, '--for', 'witness', ...shared], script: 'New-Partition' },
  { words: ['disk', 'letter', witness, 'W', ...shared], script: 'Set-Partition' },
  { words: ['disk', 'prepare', data, '--for', 'data', '--label', 'VMs', ...shared], script: 'Set-Disk' },
  { words: ['disk', 'readonly', data], script: 'Set-Disk' },
  { words: ['initiator', 'bind-volumes'], script: 'BindPersistentVolumes' },
  { words: ['disk', 'offline', data], script: 'Set-Disk' },
  { words: ['initiator', 'mutual-secret', '--remove'], script: 'Set-IscsiChapSecret', again: null },
  { words: ['initiator', 'logoff', labTarget, ...pathB], script: 'Disconnect-IscsiTarget' },
  { words: ['initiator', 'portal', 'remove', '203.0.113.10'], script: 'Remove-IscsiTargetPortal' },
  { words: ['host', 'workgroup', 'LAB'], script: 'Set-HostWorkgroup' },
  { words: ['host', 'rename', 'NODE7'], script: 'Rename-Computer' },
];

describe.sequential.each(verbs)('quorate $words.0 $words.1 $words.2 $words.3', ({ words, script, again, code = 0 }) => {
  const args = (): string[] => words.map((word) => (word === 'NETWORK' ? networkFile : word));
  const worldLog = async (): Promise<number> => ((await lab.control('readLog', { limit: 10_000 })) as unknown[]).length;

  it('plans, changes, and then has nothing to change', async () => {
    const before = await worldLog();
    const whatIf = await lab.verb([...args(), '--what-if']);
    expect(whatIf.err).toBe('');
    expect(whatIf.out).toMatch(/One step|\d+ steps/);
    const printed = await lab.verb([...args(), '--script']);
    if (script !== null) expect(printed.out).toContain(script);
    if (again === undefined) expect(printed.out).not.toContain('Nothing to change');
    expect(await worldLog(), 'neither of them changed anything').toBe(before);

    const done = await lab.verb([...args(), '--json']);
    const document = done.json<ChangeDocument>();
    expect(document.schema).toBe('quorate.change/1');
    expect(done.code, done.err).toBe(code);
    for (const result of document.results)
      for (const step of result.steps)
        expect(step, step.title).toMatchObject({ error: null, proof: expect.any(String) as string });

    if (again === null) return;
    const second = await lab.verb([...args(), '--json']);
    expect(second.json<ChangeDocument>().plans.flatMap((plan) => plan.steps.map((step) => step.id))).toEqual([]);
    expect(second.json<ChangeDocument>().results).toEqual([]);
    expect(second.code).toBe(code);
  });
});

describe('every verb', () => {
  it('refuses to act without a terminal and without --yes, and prints the plan', async () => {
    const run = await lab.quorate(['nic', 'set', 'Ethernet 5', '--sharing', 'on', '--server', 'rehearsal:lab']);
    expect(run.code).toBe(2);
    expect(run.out).toContain('Bind File and Printer Sharing');
    expect(run.err).toContain('--yes');
  });

  it('asks on a terminal, and does nothing when the answer is no', async () => {
    const no = await lab.verb(['nic', 'set', 'Ethernet 5', '--sharing', 'on'], { typed: ['n'] });
    expect(no.code).toBe(3);
    expect(no.err).toContain('Nothing was changed');
    const yes = await lab.verb(['nic', 'set', 'Ethernet 5', '--sharing', 'on'], { typed: ['y'] });
    expect(yes.code).toBe(0);
    expect(yes.out).toContain('File and Printer Sharing is bound');
  });

  it('says plainly that this machine is no Windows Server', async () => {
    const run = await lab.quorate(['nic', 'list']);
    if (process.platform === 'win32') return;
    expect(run.code).toBe(1);
    expect(run.err).toContain('--server rehearsal:NAME');
  });

  it('makes no rehearsal by asking for one that is not there', async () => {
    for (const option of ['--server', '--host']) {
      const run = await lab.quorate(['nic', 'list', option, 'rehearsal:nothere']);
      expect(run.code).toBe(1);
      expect(run.err).toContain('quorate rehearsal create nothere');
      expect(existsSync(join(lab.dataFolder, 'rehearsal', 'nothere'))).toBe(false);
    }
  });

  it('takes --host as the former name of --server, and not both for two servers', async () => {
    const former = await lab.quorate(['nic', 'list', '--host', 'rehearsal:lab/NODE2', '--json']);
    expect(former.json<{ server: { ref: string } }>().server.ref).toBe('rehearsal:lab/NODE2');
    const both = await lab.quorate(['nic', 'list', '--host', 'local', '--server', 'rehearsal:lab']);
    expect(both.code).toBe(2);
    expect(both.err).toContain('former name');
    const neither = await lab.quorate(['nic', 'list', '--server', 'lab']);
    expect(neither.code).toBe(2);
    expect(neither.err).toContain('rehearsal:NAME/SERVER');
    const peer = await lab.quorate(['nic', 'list', '--server', 'peer:HV02']);
    expect(peer.code).toBe(1);
    expect(peer.err).toContain('PEER_UNKNOWN');
  });

  it('judges the readiness of a simulated server, and says that it is one', async () => {
    const run = await lab.quorate(['readiness', '--server', 'rehearsal:lab/NODE2', '--json']);
    const report = run.json<{ facts: { machine: { name: { value: string } }; source: object; notes: string[] } }>();
    expect(report.facts.source).toEqual({ kind: 'rehearsal', names: ['NODE2'] });
    expect(report.facts.machine.name.value).toBe('NODE2');
    expect(report.facts.notes.join(' ')).toContain('simulated server');
    const text = await lab.quorate(['readiness', '--server', 'rehearsal:lab/NODE2']);
    expect(text.code, text.out).toBe(run.code);
    const both = await lab.quorate(['readiness', '--server', 'rehearsal:lab', '--sysroot', '/']);
    expect(both.code).toBe(2);
    expect((await lab.quorate(['readiness', '--server', 'rehearsal:nothere'])).err).toContain('REHEARSAL_NOT_FOUND');
  });

  it('marks a rehearsal as one', async () => {
    for (const words of [['host'], ['nic'], ['disk'], ['initiator']]) {
      const run = await lab.quorate([...words, '--server', 'rehearsal:lab']);
      expect(run.out, words.join(' ')).toContain('REHEARSAL');
      const json = await lab.quorate([...words, '--server', 'rehearsal:lab', '--json']);
      expect(json.json<{ server: { ref: string } }>().server.ref).toBe('rehearsal:lab/NODE1');
    }
  });

  it('never prints a secret, wherever it comes from', async () => {
    const secret = 'a-chap-secret-16';
    writeFileSync(secretFile, `${secret}\n`);
    const chap = ['--chap-user', 'node1', '--chap-secret-file', secretFile];
    const words = ['initiator', 'logon', labTarget, ...pathB, ...chap];
    const texts = [
      await lab.verb([...words, '--what-if']),
      await lab.verb([...words, '--script']),
      await lab.verb([...words, '--what-if', '--json']),
    ].map((run) => run.out + run.err);
    for (const text of texts) expect(text).not.toContain(secret);
    expect(texts[1]).toContain('Read-Host -AsSecureString');
  });
});

describe('wrong input is refused before anything runs, by name', () => {
  it.each<[readonly string[], string]>([
    [['nic', 'address', 'Ethernet', '192.0.2.0/24'], 'is the address of the network itself'],
    [['nic', 'address', 'Ethernet', '192.0.2.255/24'], 'is the broadcast address'],
    [['nic', 'address', 'Ethernet', '192.0.2.30'], 'is not an address with its prefix length'],
    [['nic', 'address', 'Ethernet', '192.0.9.30/24', '--network', '192.0.2.0/24'], 'lies outside 192.0.2.0/24'],
    [['nic', 'address', 'Ethernet', '10.0.0.2/24'], 'already exists on this server'],
    [
      ['nic', 'address', 'Ethernet', '192.0.2.53/24'],
      'Another machine in the network of Ethernet answers for 192.0.2.53',
    ],
    [['nic', 'gateway', 'Ethernet 2', '10.0.0.254'], 'its role is cluster-private'],
    [['nic', 'gateway', 'Ethernet', '192.0.9.1'], 'lies outside the network 192.0.2.0/24'],
    [['nic', 'role', 'Ethernet 5', 'production'], 'Ethernet has that role'],
    [['nic', 'rename', 'Ethernet 5', 'Ethernet'], 'already called Ethernet'],
    [['nic', 'set', 'Ethernet 5', '--jumbo', '12345'], '12345 bytes'],
    [['initiator', 'name', 'iqn.1991-05.com.microsoft:Node 1'], 'do not allow'],
    [['disk', 'letter', witness, 'C', '--confirm-shared', sharedDiskWords], 'The letter C: is taken by'],
    [
      ['disk', 'prepare', witness, '--letter', 'Q', '--label', 'Other', '--confirm-shared', sharedDiskWords],
      'is not blank',
    ],
    [
      [
        'disk',
        'prepare',
        witness,
        '--letter',
        'Q',
        '--label',
        'Other',
        '--discard-content',
        '--serial',
        'WRONG',
        '--confirm-shared',
        sharedDiskWords,
      ],
      'serial number that was typed',
    ],
    [['disk', 'online', data, '--confirm-shared', 'yes'], 'nobody confirmed'],
    [['host', 'rename', 'a-name-of-16-char'], 'NetBIOS allows 15'],
  ])('%j', async (words, text) => {
    const run = await lab.verb([...words]);
    expect(run.code).toBe(1);
    expect(run.out).toContain(text);
    expect(run.out).toContain('nothing was changed');
  });

  it.each([11, 17])('a CHAP secret of %i bytes', async (length) => {
    const secret = 'x'.repeat(length);
    writeFileSync(secretFile, `${secret}\n`);
    const run = await lab.verb([
      'initiator',
      'logon',
      labTarget,
      ...pathB,
      '--chap-user',
      'n',
      '--chap-secret-file',
      secretFile,
    ]);
    expect(run.code).toBe(1);
    expect(run.out).toContain(`has ${length} bytes; Windows takes 12 to 16`);
    expect(run.out).not.toContain(secret);
  });

  it.each<[readonly string[], string]>([
    [['nic', 'role', 'Ethernet', 'storage'], 'Allowed choices'],
    [['nic', 'set', 'Ethernet'], 'Give at least one setting'],
    [['disk', 'prepare', witness], '--for'],
    [['initiator', 'logon', labTarget], '--from and --portal'],
    [['host', 'time'], '--domain or --ntp-server'],
    [['disk', 'automount', 'maybe'], 'neither'],
    [
      ['storage-host', 'offer', 'clu', '--folder', 'E:\\iSCSI', '--disk', 'q=1G', '--initiator', 'node1'],
      '--initiator node1: give an iSCSI name such as iqn.1991-05.com.microsoft:node1.',
    ],
    [['storage-host', 'admit', 'clu', '--initiator', 'node1'], '--initiator node1: give an iSCSI name'],
  ])('%j is a wrong use', async (words, text) => {
    const run = await lab.verb([...words]);
    expect(run.code).toBe(2);
    expect(run.err).toContain(text);
  });
});

describe('reading', () => {
  it('proves the wanted paths by exit code', async () => {
    const proven = await lab.quorate(['initiator', 'prove', '--server', 'rehearsal:lab', '--json']);
    expect(proven.json<{ paths: { verdict: string; wanted: boolean }[] }>().paths).toMatchObject([
      { verdict: 'proven', wanted: true },
    ]);
    expect(proven.code).toBe(0);
    await lab.fault({ kind: 'targetUnreachable', target: labTarget });
    const lost = await lab.quorate(['initiator', 'prove', '--server', 'rehearsal:lab']);
    expect(lost.code).toBe(4);
    expect(lost.out).toContain('notConnected');
    await lab.repair('targetUnreachable');
  });

  it('shows one NIC, sessions, the pending restart and what is registered to go on', async () => {
    const nic = await lab.quorate(['nic', 'show', 'Ethernet', '--server', 'rehearsal:lab']);
    expect(nic.out).toContain('192.0.2.21/24');
    expect((await lab.quorate(['initiator', 'sessions', '--server', 'rehearsal:lab'])).out).toContain(labTarget);
    expect((await lab.quorate(['host', 'pending', '--server', 'rehearsal:lab'])).code).toBe(4);
    expect((await lab.quorate(['host', 'resumes', '--server', 'rehearsal:lab'])).out).toContain(
      'No task is registered',
    );
    expect((await lab.quorate(['host', 'show', '--server', 'rehearsal:lab'])).out).toContain('NODE7');
  });

  it('proves a packet size end to end', async () => {
    const peer = await lab.quorate(['nic', 'echo', '192.0.2.53', '--server', 'rehearsal:lab', '--json']);
    expect(peer.json()).toMatchObject({ answered: true });
    const big = await lab.quorate(['nic', 'echo', '192.0.2.53', '--bytes', '8972', '--server', 'rehearsal:lab']);
    expect(big.code).toBe(4);
    expect(big.out).toContain('tooBig');
  });
});

describe.sequential('a disk with several partitions', () => {
  const prepare = ['disk', 'prepare', data, '--for', 'data', '--letter', 'V', '--label', 'Anew', ...shared];
  const discard = [...prepare, '--discard-content', '--serial'];
  const partition = (number: number, label: string) => ({
    number,
    offsetBytes: String(number * 2 ** 30),
    sizeBytes: String(2 ** 30),
    gptType: partitionTypes.basicData,
    mbrType: null,
    guid: `{00000000-0000-4000-8000-00000000000${number}}`,
    volume: {
      guid: `{00000000-0000-4000-8000-0000000000a${number}}`,
      fileSystem: 'NTFS',
      label,
      allocationUnitBytes: 4096,
    },
  });
  const labels = async (): Promise<unknown> => {
    const list = await lab.quorate(['disk', 'list', '--json', '--server', labHost]);
    const { disks } = list.json<{ disks: { serialNumber: string | null; content: { text: string } }[] }>();
    return disks.find((disk) => disk.serialNumber === data)!.content.text;
  };

  it('is refused without its serial number and with a wrong one', async () => {
    await lab.control('alterLun', {
      lun: 'data',
      content: { style: 'gpt', partitions: [partition(1, 'Payroll'), partition(2, 'Mail')] },
    });
    const online = await lab.verb(['disk', 'online', data, ...shared]);
    expect(online.code, online.out).toBe(0);
    expect(await labels()).toContain('Payroll, Mail');
    const plain = await lab.verb(prepare);
    expect(plain.code).toBe(1);
    expect(plain.out).toContain('is not blank: 2 volumes: Payroll, Mail');
    const wrong = await lab.verb([...discard, 'WRONG']);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain('serial number that was typed');
    const without = await lab.verb([...prepare, '--discard-content']);
    expect(without.code).not.toBe(0);
    expect(await labels(), 'none of them changed anything').toContain('Payroll, Mail');
  });

  it('is cleared and prepared with it, and then there is nothing to change', async () => {
    const printed = await lab.verb([...discard, data, '--script']);
    expect(printed.out).toContain('Clear-Disk');
    const done = await lab.verb([...discard, data, '--json']);
    expect(done.code, done.err).toBe(0);
    const steps = done.json<ChangeDocument>().results.flatMap((result) => result.steps);
    expect(steps.map((step) => step.title)).toContainEqual(expect.stringMatching(/^Remove everything from disk/));
    for (const step of steps) expect(step, step.title).toMatchObject({ error: null });
    expect(await labels()).toContain('1 volume: Anew');
    const second = await lab.verb([...discard, data, '--json']);
    expect(second.code).toBe(0);
    expect(second.json<ChangeDocument>().results).toEqual([]);
  });
});
