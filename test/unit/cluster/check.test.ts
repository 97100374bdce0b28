import { describe, expect, it } from 'vitest';
import { checkServers } from '../../../main/operations/cluster/check-servers.ts';
import { readFactsFile } from '../../../main/operations/cluster/read-facts-file.ts';
import type { FilePort } from '../../../main/ports/file-port.ts';
import { checkCluster, clusterRules } from '../../../shared/rules/cluster/check.ts';
import { clusterFactsSchema, type ClusterFacts } from '../../../shared/rules/cluster/facts.ts';
import type { CheckedServer, ClusterCheckInput, Part } from '../../../shared/rules/cluster/rule.ts';
import type { NameLookup } from '../../../shared/model/name-lookup.ts';
import { roleFeatureNames, type RolesState } from '../../../shared/model/roles.ts';
import { makeDisk, makeFacts, makeInitiator, makeNic, staticAddress } from '../../support/observed-server.ts';

/* Every rule of `quorate cluster check`: what it says of servers that are as they should be, and of the failure that it is for. */

const read = <Value>(value: Value): Part<Value> => ({ value, because: null });
const unread: Part<never> = { value: null, because: 'Windows denied it' };

const roles = (change: Partial<RolesState> = {}): RolesState => ({
  features: roleFeatureNames.map((name) => ({ name, state: 'installed' })),
  hypervisorPresent: true,
  managementService: 'running',
  unread: [],
  ...change,
});
const gateway = { family: 'ipv4' as const, nextHop: '192.0.2.1', metric: 0 };
const nicsOf = (at: number) => [
  makeNic(at * 2 + 1, { addresses: [staticAddress(`192.0.2.${at + 31}`, 24)], gateways: [gateway] }),
  makeNic(at * 2 + 2, { addresses: [staticAddress(`10.0.1.${at + 31}`, 24)], gateways: [] }),
];
const disk = makeDisk(3, { busType: 'iscsi', uniqueId: '6001405AAA', partitionStyle: 'gpt', isBoot: false });

const container = 'CN=Computers,DC=lab,DC=example';
const lookup = (change: Partial<NameLookup> = {}): NameLookup => ({
  name: 'CLU1',
  isInDomain: true,
  addresses: [],
  object: null,
  container: { distinguishedName: container, canCreateComputers: true },
  unread: [],
  ...change,
});
const object = { distinguishedName: `CN=CLU1,${container}`, isDisabled: false, isCluster: false, isWritable: true };
/** Both servers find the same of the name. */
const found = (change: Partial<NameLookup>): ClusterCheckInput => ({
  ...good,
  servers: good.servers.map((one) => ({ ...one, name: read(lookup(change)) })),
});

const server = (at: number): CheckedServer => ({
  node: `HV0${at + 1}`,
  host: read(
    makeFacts({
      computerName: `HV0${at + 1}`,
      nextComputerName: `HV0${at + 1}`,
      membership: { kind: 'domain', name: 'lab.example' },
      hardware: { ...makeFacts().hardware, uuid: `uuid-${at}` },
    }),
  ),
  pendingRestart: read({ signs: [{ sign: 'windowsUpdate', state: 'notPending', because: null }] }),
  nics: read(nicsOf(at)),
  initiator: read({ ...makeInitiator().state, iqn: `iqn.1991-05.com.microsoft:hv0${at + 1}` }),
  disks: read([disk]),
  policy: read({ sanPolicy: 'OfflineShared', automount: true, unread: [] }),
  roles: read(roles()),
  cluster: read({ membership: 'none', cluster: null, unread: [] }),
  name: read(lookup()),
});

const good: ClusterCheckInput = {
  servers: [server(0), server(1)],
  name: 'CLU1',
  addresses: [{ address: '192.0.2.200', probes: [{ node: 'HV01', heard: 'free' }] }],
};
/** The second server as it is changed. */
const second = (change: Partial<CheckedServer>): ClusterCheckInput => ({
  ...good,
  servers: [server(0), { ...server(1), ...change }],
});
const host = (change: Parameters<typeof makeFacts>[0]) =>
  second({ host: read({ ...server(1).host.value!, ...change }) });
const resultOf = (input: ClusterCheckInput, id: string) =>
  checkCluster(input).items.find((item) => item.id === id)?.result;
const proposed = (address: string, heard: 'free' | 'answered' | 'unknown' = 'free'): ClusterCheckInput => ({
  ...good,
  addresses: [{ address, probes: [{ node: 'HV01', heard }] }],
});

const cases: readonly (readonly [id: string, result: string, what: string, input: ClusterCheckInput])[] = [
  ['feature.installed', 'fail', 'a server without it', second({ roles: read(roles({ features: [] })) })],
  [
    'hypervisor.running',
    'warn',
    'a role that waits for its restart',
    second({ roles: read(roles({ hypervisorPresent: false })) }),
  ],
  [
    'membership.left',
    'fail',
    'leftovers of a creation',
    second({ cluster: read({ membership: 'leftover', cluster: null, unread: [] }) }),
  ],
  [
    'membership.left',
    'fail',
    'a node whose service stopped',
    second({ cluster: read({ membership: 'stopped', cluster: null, unread: [] }) }),
  ],
  ['os.version', 'fail', 'another version', host({ os: { ...makeFacts().os, version: '10.0.17763' } })],
  [
    'os.installation',
    'warn',
    'another installation option',
    host({ os: { ...makeFacts().os, installation: 'Server Core' } }),
  ],
  ['os.locale', 'warn', 'another language', host({ os: { ...makeFacts().os, languageId: 1031 } })],
  ['domain', 'fail', 'a server in a workgroup', host({ membership: { kind: 'workgroup', name: 'WORKGROUP' } })],
  [
    'restart.pending',
    'fail',
    'a pending restart',
    second({ pendingRestart: read({ signs: [{ sign: 'windowsUpdate', state: 'pending', because: null }] }) }),
  ],
  [
    'restart.pending',
    'unknown',
    'a sign that was denied',
    second({ pendingRestart: read({ signs: [{ sign: 'fileRename', state: 'unknown', because: 'denied' }] }) }),
  ],
  [
    'disk.automount',
    'fail',
    'automount off',
    second({ policy: read({ sanPolicy: null, automount: false, unread: [] }) }),
  ],
  [
    'disk.automount',
    'unknown',
    'automount unread',
    second({ policy: read({ sanPolicy: null, automount: null, unread: [] }) }),
  ],
  ['disk.gpt', 'warn', 'an MBR', second({ disks: read([{ ...disk, partitionStyle: 'mbr' }]) })],
  [
    'clone.nicGuid',
    'fail',
    'a GUID that both have',
    second({ nics: read([{ ...nicsOf(1)[0]!, interfaceGuid: nicsOf(0)[0]!.interfaceGuid }]) }),
  ],
  [
    'clone.mac',
    'fail',
    'a MAC address that both have',
    second({ nics: read([{ ...nicsOf(1)[0]!, macAddress: nicsOf(0)[0]!.macAddress }]) }),
  ],
  [
    'nic.universalMac',
    'warn',
    'locally administered addresses alone',
    second({
      nics: read(nicsOf(1).map((nic) => ({ ...nic, permanentAddress: '020000000001', macAddress: '020000000001' }))),
    }),
  ],
  ['clone.initiator', 'fail', 'an initiator name that both have', second({ initiator: server(0).initiator })],
  [
    'clone.initiator',
    'unknown',
    'an initiator without a name',
    second({ initiator: read({ ...makeInitiator().state, iqn: null }) }),
  ],
  [
    'clone.uuid',
    'fail',
    'the UUID of the other',
    second({ host: read({ ...server(1).host.value!, hardware: server(0).host.value!.hardware }) }),
  ],
  ['lun.identity', 'fail', 'a disk that one server sees', second({ disks: read([]) })],
  ['lun.identity', 'fail', 'a disk for each path', second({ disks: read([disk, { ...disk, number: 4 }]) })],
  ['lun.identity', 'fail', 'a disk without identity', second({ disks: read([{ ...disk, uniqueId: null }]) })],
  [
    'lun.identity',
    'warn',
    'no disk at all',
    { ...good, servers: good.servers.map((one) => ({ ...one, disks: read([]) })) },
  ],
  ['name.legal', 'fail', '16 characters', { ...good, name: 'CLUSTER-IN-BERLIN' }],
  ['name.legal', 'fail', 'an umlaut', { ...good, name: 'KLÜSTER' }],
  ['name.legal', 'fail', 'digits alone', { ...good, name: '12345' }],
  ['name.free', 'fail', 'the name of a node', { ...good, name: 'hv02' }],
  ['name.registered', 'fail', 'an enabled computer object', found({ object })],
  ['name.registered', 'fail', 'the object of a cluster', found({ object: { ...object, isCluster: true } })],
  [
    'name.registered',
    'fail',
    'a prestaged object that the account may not write',
    found({ object: { ...object, isDisabled: true, isWritable: false } }),
  ],
  ['name.registered', 'fail', 'a record of another address', found({ addresses: ['192.0.2.9'] })],
  [
    'name.registered',
    'unknown',
    'a directory that does not answer',
    found({ unread: [{ property: 'object', because: '0x8007203A' }] }),
  ],
  [
    'rights.directory',
    'fail',
    'an account that may create nothing',
    found({ container: { distinguishedName: container, canCreateComputers: false } }),
  ],
  [
    'rights.directory',
    'unknown',
    'a directory that does not say it',
    found({ container: { distinguishedName: container, canCreateComputers: null } }),
  ],
  ['rights.directory', 'unknown', 'a server that could not ask', second({ name: unread })],
  ['address.free', 'fail', 'an answered address', proposed('192.0.2.200', 'answered')],
  ['address.free', 'unknown', 'an address that nobody could ask for', proposed('192.0.2.200', 'unknown')],
  ['address.free', 'fail', 'an address of a node', proposed('192.0.2.32')],
  ['address.free', 'fail', 'an address out of every subnet', proposed('203.0.113.9')],
  ['address.free', 'fail', 'a broadcast address', proposed('192.0.2.255')],
  ['address.free', 'fail', 'the address of the network', proposed('192.0.2.0')],
  ['address.free', 'fail', 'an IPv6 address', proposed('2001:db8::9')],
  ['address.free', 'fail', 'no address', proposed('192.0.2')],
  ['address.free', 'warn', 'an address of the private network', proposed('10.0.1.200')],
  ['networks.alike', 'fail', 'a network that one server has', second({ nics: read(nicsOf(1).slice(0, 1)) })],
  [
    'networks.alike',
    'warn',
    'one network',
    { ...good, servers: good.servers.map((one, at) => ({ ...one, nics: read(nicsOf(at).slice(0, 1)) })) },
  ],
];

describe('known failures before a cluster', () => {
  it('finds none on servers that are as they should be', () => {
    const { result, items } = checkCluster(good);
    expect(items.filter(({ isManual, result: one }) => !isManual && one !== 'pass')).toEqual([]);
    expect(result).toBe('pass');
  });

  it.each(cases)('%s is %s for %s', (id, result, _what, input) => {
    expect(resultOf(input, id)).toBe(result);
    const item = checkCluster(input).items.find((one) => one.id === id)!;
    expect([item.found, item.next, item.later, item.source].every((text) => text !== null && text.length > 3)).toBe(
      true,
    );
  });

  it('has a failing case for each rule that reads something', () => {
    const tried = new Set(cases.map(([id]) => id));
    expect(
      clusterRules
        .filter(({ isManual }) => isManual !== true)
        .map(({ id }) => id)
        .filter((id) => !tried.has(id)),
    ).toEqual([]);
    expect(new Set(clusterRules.map(({ id }) => id)).size).toBe(clusterRules.length);
  });

  it('never passes what was not read on one of the servers, and keeps a failure that was', () => {
    const blind = second({
      ...{ host: unread, pendingRestart: unread, nics: unread, initiator: unread },
      ...{ disks: unread, policy: unread, roles: unread, cluster: unread, name: unread },
    });
    const passed = checkCluster(blind).items.filter(({ result }) => result === 'pass');
    expect(passed.map(({ id }) => id)).toEqual(['name.legal']);
    const failing = { ...blind, servers: [{ ...server(0), roles: read(roles({ features: [] })) }, blind.servers[1]!] };
    expect(resultOf(failing, 'feature.installed')).toBe('fail');
  });

  it('takes a prestaged object that the account may write, and the name of the cluster that is there', () => {
    const prestaged = found({
      object: { ...object, isDisabled: true },
      container: { distinguishedName: container, canCreateComputers: false },
    });
    expect([resultOf(prestaged, 'name.registered'), resultOf(prestaged, 'rights.directory')]).toEqual(['pass', 'pass']);
    expect(resultOf(found({ addresses: ['192.0.2.200'] }), 'name.registered')).toBe('pass');
    // The name of a server that was looked at is one failure, whatever DNS and the directory say of it.
    const taken = { ...found({ object, addresses: ['192.0.2.32'] }), name: 'hv02' };
    const failed = checkCluster(taken).items.filter(({ id, result }) => id.startsWith('name.') && result === 'fail');
    expect(failed.map(({ id }) => id)).toEqual(['name.free']);
  });

  it('counts a name as unknown only where somebody was asked', () => {
    const nobody = { ...good, servers: good.servers.map((one) => ({ ...one, name: null })) };
    const { result, items } = checkCluster(nobody);
    expect(result).toBe('pass');
    for (const id of ['name.registered', 'rights.directory'])
      expect(items.find((item) => item.id === id)).toMatchObject({ result: 'unknown', isManual: true });
    const other = { ...found({ object }), name: 'CLU2' };
    expect(checkCluster(other).items.find(({ id }) => id === 'name.registered')).toMatchObject({ isManual: true });
  });

  it('asks about a name and addresses only where they are given, and lists what a person proves', () => {
    const { items, result } = checkCluster({ ...good, name: null, addresses: [] });
    expect(items.some(({ id }) => /^(name|address)\./.test(id))).toBe(false);
    const manual = items.filter(({ isManual }) => isManual);
    expect(manual.every((item) => item.result === 'unknown' && item.next !== null)).toBe(true);
    expect(result).toBe('pass');
  });
});

describe('facts of servers in files', () => {
  const factsOf = (at: number): ClusterFacts =>
    clusterFactsSchema.parse({
      schema: 'quorate.cluster-facts/1',
      readAt: '2026-05-04T10:00:00.000Z',
      ...server(at),
      probes: at === 0 ? [{ address: '192.0.2.200', heard: 'free' }] : [],
    });
  const files = (content: Readonly<Record<string, string>>): FilePort =>
    ({ read: async (path: string) => Buffer.from(content[path] ?? '') }) as unknown as FilePort;
  const given = async (content: Readonly<Record<string, string>>) =>
    Promise.all(Object.keys(content).map((path) => readFactsFile({ kind: 'path', path }, files(content))));
  const proposal = { name: 'CLU1', addresses: ['192.0.2.200'] };

  it('are judged as the servers themselves are, and tell when they were read', async () => {
    const looked = await given({
      'hv01.json': JSON.stringify(factsOf(0), null, 2),
      'hv02.json': `\ufeff${JSON.stringify(factsOf(1))}`,
    });
    const live = [0, 1].map((at) => ({ facts: factsOf(at), file: null }));
    const { sources, ...check } = checkServers(looked, proposal);
    const { sources: _sources, ...expected } = checkServers(live, proposal);
    expect(check).toEqual(expected);
    expect(check.items.find(({ id }) => id === 'address.free')).toMatchObject({ result: 'pass' });
    expect(sources).toEqual([
      { node: 'HV01', readAt: '2026-05-04T10:00:00.000Z', file: 'hv01.json' },
      { node: 'HV02', readAt: '2026-05-04T10:00:00.000Z', file: 'hv02.json' },
    ]);
  });

  it('leave an address unknown that nobody asked for when they were written', () => {
    const looked = [0, 1].map((at) => ({ facts: factsOf(at), file: `hv0${at + 1}.json` }));
    const { result, items } = checkServers(looked, { name: null, addresses: ['192.0.2.201'] });
    expect(items.find(({ id }) => id === 'address.free')).toMatchObject({ result: 'unknown' });
    expect(result).toBe('unknown');
  });

  it('keep why a part was not read', async () => {
    const [looked] = await given({ 'hv01.json': JSON.stringify({ ...factsOf(0), disks: unread }) });
    const { items } = checkServers([looked!, { facts: factsOf(1), file: null }], proposal);
    expect(items.find(({ id }) => id === 'lun.identity')).toMatchObject({
      result: 'unknown',
      found: 'This could not be read on HV01: Windows denied it',
    });
  });

  it.each([
    ['of a collector', '{"schema":"quorate.facts/3","host":{}}', 'CLUSTER_FACTS_OF_ANOTHER_KIND'],
    ['of a newer version', '{"schema":"quorate.cluster-facts/99"}', 'IMPORT_NEWER_VERSION'],
    ['that were edited', '{"schema":"quorate.cluster-facts/1","node":"HV01"}', 'FACTS_INVALID'],
    ['that were cut off', '{"schema":"quorate.cluster-facts/1","node":"HV0', 'IMPORT_FILE_TRUNCATED'],
  ])('%s are refused by their name', async (_what, content, code) => {
    await expect(given({ 'hv01.json': content })).rejects.toMatchObject({ code, detail: { path: 'hv01.json' } });
  });

  it('of one server are not compared with themselves', () => {
    const looked = ['a.json', 'b.json'].map((file) => ({ facts: factsOf(0), file }));
    expect(() => checkServers(looked, proposal)).toThrow(/HV01 is given twice: a\.json, b\.json/);
  });
});
