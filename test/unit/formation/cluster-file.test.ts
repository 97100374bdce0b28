import { describe, expect, it } from 'vitest';
import { parseClusterFile, readClusterFile } from '../../../main/operations/formation/parse-cluster-file.ts';
import { withStorageHost } from '../../../shared/model/cluster-file-storage-host.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { letterOf, type ClusterFileInput } from '../../../shared/model/cluster-file.ts';

type Draft = ReturnType<typeof exampleClusterFile>;

/** The example, changed, as text with one property on each line. */
const textOf = (change: (file: Draft) => unknown = () => undefined): string => {
  const file = structuredClone(exampleClusterFile({ servers: 2 }));
  const changed = change(file);
  return JSON.stringify(changed ?? file, null, 2);
};

const problemsOf = (text: string): { line: number; column: number; text: string }[] => {
  const parsed = readClusterFile(text);
  if (parsed.ok !== false) throw new Error('the file was taken');
  return [...parsed.problems];
};

/** The one problem of a file, whose place is where the given text begins. */
const onlyProblem = (text: string, place: string): string => {
  const problems = problemsOf(text);
  expect(problems).toHaveLength(1);
  const { line, column, text: what } = problems[0]!;
  expect(text.split('\n')[line - 1]!.slice(column - 1)).toMatch(
    new RegExp(`^${place.replace(/[.[\]{}()*+?^$|\\]/g, '\\$&')}`),
  );
  return what;
};

describe('a cluster file', () => {
  it.each<[string, (file: Draft) => unknown, string, string]>([
    [
      'a name that is too long',
      (file) => (file.cluster.name = 'CLUSTER-OF-16-CH'),
      '"CLUSTER-OF-16-CH"',
      'cluster.name has 16 characters; it takes at most 15',
    ],
    ['an empty name', (file) => (file.cluster.name = ''), '""', 'cluster.name is empty'],
    ['too few servers', (file) => void file.servers.pop(), '[', 'servers has 1 of them; it takes at least 2'],
    [
      'too little memory',
      (file) => (file.virtualMachines![0]!.memoryMB = 4),
      '4',
      'virtualMachines[0].memoryMB is 4; it takes at least 32',
    ],
    [
      'the broadcast address',
      (file) => (file.cluster.addresses = ['192.0.2.255']),
      '"192.0.2.255"',
      'The cluster address 192.0.2.255 is the broadcast address of its network (/24)',
    ],
    [
      'the address of the network',
      (file) => (file.cluster.addresses = ['192.0.2.0']),
      '"192.0.2.0"',
      'The cluster address 192.0.2.0 is the address of the network itself (/24)',
    ],
    [
      'the address of the gateway',
      (file) => (file.cluster.addresses = ['192.0.2.1']),
      '"192.0.2.1"',
      'The cluster address 192.0.2.1 is the gateway or a DNS server of NODE1; name an unused one',
    ],
  ])('says %s in words, at its place', (_what, change, place, text) => {
    const content = textOf((file) => void change(file));
    expect(problemsOf(content).map((one) => one.text)).toContain(text);
    const found = problemsOf(content).find((one) => one.text === text)!;
    expect(content.split('\n')[found.line - 1]!.slice(found.column - 1)).toMatch(
      new RegExp(`^${place.replace(/[.[\]"]/g, '\\$&')}`),
    );
  });

  it('may hold comments and trailing commas', () => {
    const text = textOf()
      .replace('{', '{ // the cluster of the branch')
      .replace(/"NODE2"\n {8}\]/, '"NODE2",\n ]');
    const file = parseClusterFile(text, 'cluster.json');
    expect(file.servers.map(({ name }) => name)).toEqual(['NODE1', 'NODE2']);
    expect(file.storage.luns.map(letterOf)).toEqual(['Q', 'F']);
    expect(file.cluster.witness).toEqual({ kind: 'disk' });
  });

  it('is taken for every size up to 64 servers', () => {
    for (const servers of [2, 3, 16, 64])
      expect(readClusterFile(JSON.stringify(exampleClusterFile({ servers }))).ok).toBe(true);
  });

  it('names line and column of what is no JSON', () => {
    const text = '{\n  "version": 1,\n  "servers": [}\n';
    expect(problemsOf(text)[0]).toMatchObject({ line: 3, column: 15 });
    expect(problemsOf('')[0]!.text).toContain('empty');
    expect(problemsOf('{ "version": 1 /* open')[0]!.text).toContain('comment that is not closed');
  });

  it('asks what a misspelt name meant', () => {
    const text = textOf().replace('"gateway"', '"gatway"');
    expect(onlyProblem(text, '"gatway"')).toContain('did you mean "gateway"?');
  });

  it('asks what a misspelt value meant', () => {
    const text = textOf().replace('"clusterPrivate"', '"clusterPrivat"');
    expect(onlyProblem(text, '"clusterPrivat"')).toContain('did you mean "clusterPrivate"?');
  });

  it('refuses a name that is written twice', () => {
    expect(onlyProblem(textOf().replace('"version": 1,', '"version": 1,\n  "version": 1,'), '"version"')).toContain(
      'written twice',
    );
  });

  it.each(['password', 'chapSecret', 'Passphrase', 'apiToken'])('holds no secret (%s)', (name) => {
    const text = textOf().replace('"version": 1,', `"version": 1,\n  "${name}": "hunter2hunter2",`);
    const what = onlyProblem(text, `"${name}"`);
    expect(what).toContain('never holds one');
    expect(what).not.toContain('hunter2');
  });

  it('describes the third machine whose disks the LUNs name', () => {
    const file = parseClusterFile(
      JSON.stringify(exampleClusterFile({ servers: 2, storageHost: true })),
      'cluster.json',
    );
    expect(file.storage.target).toBe('iqn.1991-05.com.microsoft:store1-cluster1-target');
    expect(file.storage.luns.map(({ serial }) => serial)).toEqual(['(witness of STORE1)', '(data of STORE1)']);
    expect(withStorageHost(file, { data: 'S-2' }).storage.luns.map(({ serial }) => serial)).toEqual([
      '(witness of STORE1)',
      'S-2',
    ]);
  });

  const hosted = (change: (file: Draft) => unknown): string => {
    const file = structuredClone(exampleClusterFile({ servers: 2, storageHost: true }));
    change(file);
    return JSON.stringify(file, null, 2);
  };

  it.each<[string, (file: Draft) => unknown, string, string]>([
    ['a disk that is not made', ({ storage }) => (storage.luns[1]!.disk = 'dat'), '"dat"', 'did you mean data?'],
    ['no disk and no serial number', ({ storage }) => delete storage.luns[1]!.disk, '{', '"disk": "data"'],
    ['a disk and a serial number', ({ storage }) => (storage.luns[0]!.serial = 'S-1'), '"S-1"', 'decide for one'],
    ['another purpose', ({ storageHost }) => (storageHost!.disks[1]!.purpose = 'witness'), '"data"', 'is for witness'],
    ['one disk twice', ({ storage }) => (storage.luns[1]!.disk = 'witness'), '"witness"', 'name the same disk'],
    ['a small witness', ({ storageHost }) => (storageHost!.disks[0]!.sizeMB = 256), '256', 'at least 512 MB'],
    [
      'a foreign portal',
      ({ storage }) => (storage.portals[0]!.address = '198.51.100.99'),
      '"198.51.100.99"',
      'no address',
    ],
    ['a folder elsewhere', ({ storageHost }) => (storageHost!.folder = 'D:\\LUNs'), '"D:', 'decide for one'],
  ])('says where the third machine has %s', (_what, change, place, says) => {
    const text = hosted(change);
    const problems = problemsOf(text);
    const { line, column } = problems.find((one) => one.text.includes(says)) ?? { line: 0, column: 0 };
    expect(problems.map((one) => one.text).join('\n')).toContain(says);
    const lines = text.split('\n');
    expect(lines[line - 1]!.slice(column - 1).startsWith(place)).toBe(true);
  });

  it('asks for the serial number of a LUN where no storage host makes one', () => {
    expect(
      onlyProblem(
        textOf(({ storage }) => void delete storage.luns[1]!.serial),
        '{',
      ),
    ).toContain('has no serial number');
    const text = textOf(({ storage }) => void (storage.luns[1]!.disk = 'data'));
    expect(onlyProblem(text, '"data"')).toContain('the file has none');
  });

  it('says of a newer file that it is newer, whatever else it holds', () => {
    const newer = () => parseClusterFile('{ "version": 2, "nodes": {} }', 'cluster.json');
    expect(newer).toThrow(Failure);
    expect(newer).toThrow(/version 2; this Quorate knows version 1/);
  });

  it('tells everything at once, in the order of the file', () => {
    const text = textOf((file) => {
      file.cluster.name = 'A-NAME-THAT-IS-FAR-TOO-LONG';
      (file.servers[0]!.nics[0] as { mac: string }).mac = 'nonsense';
    });
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(1);
    expect(problems.map(({ line }) => line)).toEqual(problems.map(({ line }) => line).toSorted((a, b) => a - b));
    expect(() => parseClusterFile(text, 'my.json')).toThrow(/my\.json cannot be used: line \d+, column \d+/);
  });
});

describe('contradictions of a cluster file', () => {
  const cases: [string, (file: Draft) => void, RegExp][] = [
    [
      'two servers with one MAC address',
      (file) => (file.servers[1]!.nics[2]!.mac = file.servers[0]!.nics[1]!.mac),
      /NODE1 and NODE2 have an adapter with the same MAC address 02-51-00-00-01-02/,
    ],
    [
      'one server with a MAC address twice',
      (file) => (file.servers[1]!.nics[2]!.mac = file.servers[1]!.nics[1]!.mac.replaceAll('-', ':')),
      /NODE2 has two adapters with the MAC address/,
    ],
    ['two servers of one name', (file) => (file.servers[1]!.name = 'node1'), /Two servers have the name node1/],
    [
      'overlapping subnets',
      (file) => {
        file.servers.forEach((server, index) => {
          server.nics[1]!.addresses = [`192.0.2.${121 + index}/25`];
          server.nics[0]!.addresses = [`192.0.2.${21 + index}/24`];
        });
      },
      /The production network of NODE1 and the clusterPrivate network of NODE1 overlap/,
    ],
    [
      'one role in two networks',
      (file) => (file.servers[1]!.nics[1]!.addresses = ['10.77.0.22/24']),
      /clusterPrivate adapters of NODE1 and NODE2 are in different networks/,
    ],
    [
      'an address twice',
      (file) => (file.cluster.addresses = ['192.0.2.21']),
      /192\.0\.2\.21 is given to NODE1 and to the cluster CLUSTER1/,
    ],
    [
      'a network address',
      (file) => (file.servers[0]!.nics[1]!.addresses = ['10.51.0.0/24']),
      /is the address of the network itself/,
    ],
    [
      'a gateway outside',
      (file) => (file.servers[0]!.nics[0]!.gateway = '10.9.9.1'),
      /gateway 10\.9\.9\.1 of NODE1 lies outside/,
    ],
    [
      'a gateway on iSCSI',
      (file) => (file.servers[0]!.nics[2]!.gateway = '198.51.100.1'),
      /only the production adapter has one/,
    ],
    ['a letter taken by Windows', (file) => (file.storage.luns[1]!.letter = 'c:'), /letter C is taken/],
    [
      'a letter taken by the other LUN',
      (file) => (file.storage.luns[1]!.letter = 'q'),
      /letter Q is taken by LUN LAB-WITNESS-0001/,
    ],
    ['one LUN twice', (file) => (file.storage.luns[1]!.serial = 'lab-witness-0001'), /same serial number/],
    [
      'two witnesses',
      (file) => Object.assign(file.storage.luns[1]!, { purpose: 'witness' }),
      /A cluster has one witness/,
    ],
    [
      'a witness as shared volume',
      (file) => (file.storage.luns[0]!.sharedVolume = true),
      /cannot be a Cluster Shared Volume/,
    ],
    ['no LUN for the witness', (file) => file.storage.luns.shift(), /no LUN has the purpose witness/],
    ['a witness that is not wanted', (file) => (file.cluster.witness = { kind: 'none' }), /decide for one/],
    [
      'two servers and no witness',
      (file) => {
        file.storage.luns.shift();
        file.cluster.witness = { kind: 'none' };
      },
      /give the cluster a witness/,
    ],
    [
      'Active Directory without a domain',
      (file) => (file.cluster.administrativeAccessPoint = 'activeDirectoryAndDns'),
      /no Active Directory/,
    ],
    [
      'a file share for a workgroup',
      (file) => {
        file.storage.luns.shift();
        file.cluster.witness = { kind: 'fileShare', path: '\\\\fs\\w' };
      },
      /no file share/,
    ],
    ['two paths without MPIO', (file) => (file.storage.multipath = false), /Two paths without multipath/],
    [
      'a portal that no adapter reaches',
      (file) => (file.storage.portals[1]!.address = '203.0.114.10'),
      /lies outside the iscsiB network/,
    ],
    ['a cluster address elsewhere', (file) => (file.cluster.addresses = ['10.9.9.9']), /lies in no production network/],
    ['a cluster named like a server', (file) => (file.cluster.name = 'NODE2'), /has the name of the server/],
    [
      'a name with 16 characters',
      (file) => (file.cluster.name = 'CLUSTER-WITH-16C'.slice(0, 15) + '_'),
      /Too big|cluster\.name/i,
    ],
    ['a switch on iSCSI', (file) => (file.switches![0]!.role = 'iscsiA'), /those carry iSCSI alone/],
    ['a switch that is not there', (file) => (file.virtualMachines![0]!.switch = 'Machine'), /did you mean Machines\?/],
    [
      'an owner that is not there',
      (file) => (file.virtualMachines![0]!.preferredOwners = ['NODE22']),
      /did you mean NODE2\?/,
    ],
    [
      'a virtual machine that no folder can be called as',
      (file) => (file.virtualMachines![0]!.name = 'a/b'),
      /The virtual machine name a\/b holds one of the characters/,
    ],
    [
      'two virtual machines of one name',
      (file) => file.virtualMachines!.push({ name: 'vm1' }),
      /Two virtual machines have the name vm1/,
    ],
    [
      'a witness disk that is too small',
      (file) => {
        const nics: ClusterFileInput['servers'][number]['nics'] = [
          { mac: '02-51-00-00-99-01', role: 'production', addresses: ['192.0.2.99/24'] },
        ];
        file.storageHost = {
          server: { name: 'STORAGE', nics },
          disks: [{ name: 'w', purpose: 'witness', sizeMB: 511 }],
        };
      },
      /511 MB; a witness needs at least 512 MB/,
    ],
  ];

  it.each(cases)('%s', (_what, change, expected) => {
    const problems = problemsOf(textOf((file) => void change(file)));
    expect(problems.map(({ text }) => text).join('\n')).toMatch(expected);
    for (const { line, column } of problems) {
      expect(line).toBeGreaterThan(1);
      expect(column).toBeGreaterThan(0);
    }
  });
});
