import { describe, expect, it } from 'vitest';
import { checkClusterFile } from '../../../main/operations/formation/parse-cluster-file.ts';
import { fileText } from '../../../shared/plan/formation/draft-file.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import type { ClusterFileInput } from '../../../shared/model/cluster-file.ts';

const decide = (file: ClusterFileInput) => {
  const text = fileText(file);
  return { text, ...checkClusterFile(text) };
};
const valuesOf = (file: ClusterFileInput): Record<string, string> => {
  const { decisions, problems } = decide(file);
  expect(problems).toEqual([]);
  return Object.fromEntries(decisions.map(({ id, value }) => [id, value]));
};

describe('what a cluster file decides', () => {
  it('is twelve things for two servers, each with its value and a reason', () => {
    const { decisions } = decide(exampleClusterFile({ servers: 2 }));
    expect(decisions).toHaveLength(12);
    for (const { title, value, reason } of decisions)
      for (const words of [title, value, reason]) expect(words.length).toBeGreaterThan(3);
    expect(valuesOf(exampleClusterFile({ servers: 2 }))).toMatchObject({
      servers: 'NODE1, NODE2',
      membership: 'the workgroup WORKGROUP',
      networks:
        'Production: 192.0.2.21/24, 192.0.2.22/24; Private: 10.51.0.21/24, 10.51.0.22/24; iSCSI A: 198.51.100.21/24, 198.51.100.22/24; iSCSI B: 203.0.113.21/24, 203.0.113.22/24',
      target: 'iqn.2004-04.test.lab:array1 at 198.51.100.10, 203.0.113.10',
      paths: 'Microsoft MPIO, round robin',
      disks: 'witness disk LAB-WITNESS-0001 as Q:, data disk LAB-DATA-0002 as F:',
      cluster: 'CLUSTER1 at 192.0.2.20, by DNS alone',
      witness: 'the witness disk',
      switch: 'Machines on Production, shared with the server',
      machines: 'VM1: 2 processors, 2048 MiB of memory, 40 GiB of disk',
      afterRestart: 'when you log on again',
      drill: 'move the machine there and back, lose a host, restart every server',
    });
  });

  it('stays twelve lines for 64 servers, which are counted', () => {
    const { decisions } = decide(exampleClusterFile({ servers: 64 }));
    expect(decisions).toHaveLength(12);
    expect(decisions[0]!.value).toBe('NODE1, NODE2, NODE3 and 61 more');
    expect(Math.max(...decisions.map(({ value }) => value.length))).toBeLessThan(300);
  });

  it('follows what is wished', () => {
    const file = exampleClusterFile({ servers: 2, storageHost: true });
    const data = file.storageHost!.disks[1]!;
    expect(
      valuesOf({
        ...file,
        membership: { kind: 'domain', name: 'lab.test', account: 'LAB\\installer' },
        storage: {
          ...file.storage,
          multipath: false,
          portals: [file.storage.portals[0]!],
          luns: [{ purpose: 'data', disk: data.name, sharedVolume: true }],
        },
        storageHost: { ...file.storageHost!, disks: [data] },
        cluster: { name: 'C2', addresses: ['192.0.2.30'], witness: { kind: 'fileShare', path: '\\\\FS1\\witness' } },
        switches: [],
        virtualMachines: [],
        afterRestart: 'startup',
        drill: { quickMigration: false, loseHost: false, restartServers: false },
      }),
    ).toMatchObject({
      membership: 'the domain lab.test',
      target: 'STORE1 becomes the target, at 198.51.100.10',
      paths: 'one path',
      disks: 'data disk (100 GiB) as a Cluster Shared Volume',
      cluster: 'C2 at 192.0.2.30, by Active Directory and DNS',
      witness: 'a file share',
      switch: 'none',
      machines: 'none',
      afterRestart: 'by itself, before anyone logs on',
      drill: 'none',
    });
  });

  it('marks what was guessed, and leads to its line', () => {
    const guessed = ['/servers/1/nics/2/role', '/cluster/name', '/storage/luns/0/purpose', '/storageHost/disks'];
    const { text, decisions } = decide({ ...exampleClusterFile({ servers: 2, storageHost: true }), guessed });
    expect(decisions.filter(({ isGuessed }) => isGuessed).map(({ id }) => id)).toEqual([
      'networks',
      'disks',
      'cluster',
    ]);
    const lineOf = (id: string): string => text.split('\n')[decisions.find((one) => one.id === id)!.line - 1]!;
    expect(lineOf('networks')).toContain('"iscsiA"');
    expect(lineOf('cluster')).toContain('"CLUSTER1"');
    expect(lineOf('machines')).toContain('"virtualMachines"');
  });

  it('has a place for every guess that a draft can make', () => {
    const pointers = [
      '/servers/0/name',
      '/servers/0/nics/0/addresses',
      '/storage/target',
      '/storage/portals/0/path',
      '/storage/luns/1/serial',
      '/storageHost/server/name',
      '/storageHost/server/nics/0/role',
      '/storageHost/volume',
      '/cluster/addresses',
    ];
    for (const pointer of pointers)
      expect(
        decide({ ...exampleClusterFile({ servers: 2, storageHost: true }), guessed: [pointer] }).decisions.filter(
          ({ isGuessed }) => isGuessed,
        ),
        pointer,
      ).toHaveLength(1);
  });

  it('is not told of a file that has to be mended first', () => {
    expect(checkClusterFile('{ "version": 1 }').decisions).toEqual([]);
    expect(checkClusterFile('{ "version": 2 }').decisions).toEqual([]);
  });
});
