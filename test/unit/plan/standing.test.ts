import { describe, expect, test } from 'vitest';
import type { Nic } from '../../../shared/model/nic.ts';
import { planNetwork } from '../../../shared/plan/nic/nic-planner.ts';
import { networkDesireSchema } from '../../../shared/plan/nic/desire.ts';
import type { NetworkObserved } from '../../../shared/plan/observed.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import { disksAcross } from '../../../shared/plan/standing/across.ts';
import { networkStanding } from '../../../shared/plan/standing/network.ts';
import { serverStanding } from '../../../shared/plan/standing/server.ts';
import { storageStanding } from '../../../shared/plan/standing/standing.ts';
import { connectionsStanding, disksStanding, standingOfDisk } from '../../../shared/plan/standing/storage.ts';
import {
  guid,
  makeDisk,
  makeHost,
  makeInitiator,
  makeNetwork,
  makeNic,
  makePartition,
  makeSession,
  makeStorage,
  staticAddress,
  target,
} from '../../support/observed-server.ts';

/** A port as its role wants it; the tests take one thing away. */
const settled = (number: number, address: string, change: Partial<Nic> = {}): Nic =>
  makeNic(number, {
    addresses: [staticAddress(address, 24)],
    dhcp: { ipv4: false, ipv6: false },
    powerSaving: 'notAllowed',
    ...(number === 1
      ? {}
      : {
          registersInDns: false,
          ...(number === 2
            ? {}
            : {
                netbios: 'disabled' as const,
                bindings: { ms_server: false, ms_msclient: true, ms_tcpip: true, ms_tcpip6: true },
              }),
        }),
    ...change,
  });

const roleList = { 1: 'production', 2: 'clusterPrivate', 3: 'iscsiA', 4: 'iscsiB' } as const;
const network = (change: Partial<Record<1 | 2 | 3 | 4, Partial<Nic>>> = {}): NetworkObserved => {
  return makeNetwork({
    roleList,
    nics: ([1, 2, 3, 4] as const).map((number) => settled(number, `10.${number}.0.1`, change[number])),
  });
};

const again = (observed: NetworkObserved): number =>
  planNetwork(
    networkDesireSchema.parse({
      nics: [...observed.roles].map(([nic, role]) => ({ nic, role, applyRole: true })),
    }),
    observed,
    noAnswers,
  ).steps.length;

describe('the network', () => {
  test('is ready exactly when planning its roles again would change nothing', () => {
    const observed = network();
    expect(again(observed)).toBe(0);
    expect(networkStanding(observed, 0)).toMatchObject({
      outcome: 'pass',
      text: 'Every role has its network adapter.',
    });
    const changed = network({ 3: { registersInDns: true } });
    expect(again(changed)).toBeGreaterThan(0);
    expect(networkStanding(changed, 0)).toMatchObject({ outcome: 'warn', word: 'One setting differs' });
  });

  test('a port with nothing but an address that Windows gave itself is not ready', () => {
    const observed = network({ 3: { addresses: [staticAddress('169.254.7.7', 16)] } });
    expect(networkStanding(observed, 0)).toMatchObject({
      outcome: 'warn',
      text: 'Ethernet 3 has no static address.',
    });
  });

  test('a missing link is a failure, an unread one unknown, a waiting change comes first', () => {
    expect(networkStanding(network({ 3: { mediaState: 'disconnected' } }), 0).outcome).toBe('fail');
    expect(networkStanding(network({ 3: { mediaState: 'unknown' } }), 0).outcome).toBe('unknown');
    expect(networkStanding(network({ 3: { addresses: null } }), 0).outcome).toBe('unknown');
    expect(networkStanding(network(), 1).text).toBe('A change waits to be confirmed.');
  });

  test('names the roles that are missing; one path to the storage is enough, with advice', () => {
    const some = makeNetwork({ roleList: { 1: 'production' } });
    expect(networkStanding(some, 0)).toMatchObject({
      word: '1 of 3 roles',
      text: 'No network adapter has the role cluster-private or iSCSI A.',
    });
    const three = network();
    const without = { ...three, roles: new Map([...three.roles].filter(([nic]) => nic !== guid(4))) };
    expect(networkStanding(without, 0)).toMatchObject({ outcome: 'pass' });
    expect(networkStanding(without, 0).text).toContain('a second one would survive a failure');
  });

  test('a port that gave its role to the virtual NIC of its switch leaves nothing to do', () => {
    const three = network();
    const upper = three.nics.find(({ interfaceGuid }) => three.roles.get(interfaceGuid) === 'production')!;
    const under = makeNic(5, { addresses: [], membership: { kind: 'switchMember', switchName: 'Machines' } });
    const nics = three.nics.map((nic) =>
      nic === upper ? { ...nic, membership: { kind: 'switchPort' as const, switchName: 'Machines' } } : nic,
    );
    const shared = {
      ...three,
      nics: [...nics, under],
      roles: new Map([...three.roles, [under.interfaceGuid, 'unused' as const]]),
    };
    expect(networkStanding(shared, 0)).toMatchObject({ outcome: 'pass', text: 'Every role has its network adapter.' });
  });

  test('two networks that overlap are not complete', () => {
    const observed = network({ 2: { addresses: [staticAddress('10.1.0.2', 24)] } });
    expect(networkStanding(observed, 0)).toMatchObject({ outcome: 'warn', word: 'Not complete' });
  });
});

describe('a change of a port that carries iSCSI sessions', () => {
  const desire = networkDesireSchema.parse({
    nics: [{ nic: guid(3), addresses: { ipv4: ['10.3.0.9/24'] } }],
  });
  const carrying = (iscsiSessions: NetworkObserved['iscsiSessions']): NetworkObserved => ({
    ...network(),
    ...(iscsiSessions === undefined ? {} : { iscsiSessions }),
  });

  test('asks before it cuts them, and names the target', () => {
    const draft = planNetwork(desire, carrying([makeSession({ initiatorPortalAddress: '10.3.0.1' })]), noAnswers);
    const [question] = draft.questions;
    expect(question).toMatchObject({ kind: 'agree', subject: guid(3), answered: false });
    expect(question?.text).toContain(target);
    expect(draft.steps.every(({ questions }) => questions.includes(question!.id))).toBe(true);
  });

  test('asks nothing where no session runs over it, and says so where none could be read', () => {
    expect(planNetwork(desire, carrying([makeSession()]), noAnswers).questions).toEqual([]);
    expect(planNetwork(desire, carrying(null), noAnswers).warnings[0]?.text).toContain('could not be read');
  });
});

describe('a change of a port that carries the connection of a paired server', () => {
  const desire = networkDesireSchema.parse({ nics: [{ nic: guid(3), addresses: { ipv4: ['10.3.0.9/24'] } }] });
  const connected = (...localAddresses: string[]): NetworkObserved => ({
    ...network(),
    peerConnections: localAddresses.map((localAddress) => ({ name: 'NODE2', localAddress })),
  });

  test('asks before it cuts it, names the server once, and goes back where nobody confirms', () => {
    const { questions, steps } = planNetwork(desire, connected('10.3.0.1', '10.3.0.1'), noAnswers);
    expect(questions).toEqual([expect.objectContaining({ kind: 'cutConnection', subject: guid(3), answered: false })]);
    expect(questions[0]?.text).toMatch(/It carries the connection of the paired server NODE2\. The change reverts/);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every((step) => step.cutsConnection && step.questions.includes(questions[0]!.id))).toBe(true);
  });

  test('names it beside the session of an administrator, and where sessions could not be read', () => {
    const remoteSessions = [
      { service: 'rdp', localAddress: '10.3.0.1', localPort: 3389, remoteAddress: '192.0.2.50' } as const,
    ];
    const textOf = (observed: NetworkObserved) => planNetwork(desire, observed, noAnswers).questions[0]?.text;
    expect(textOf({ ...connected('10.3.0.1'), remoteSessions })).toContain(
      'It carries rdp from 192.0.2.50, the connection of the paired server NODE2.',
    );
    expect(textOf({ ...connected('10.3.0.1'), remoteSessions: null })).toContain(
      'could not be read. It carries the connection of the paired server NODE2.',
    );
  });

  test('asks nothing where the connection runs over another port', () => {
    expect(planNetwork(desire, connected('10.1.0.1'), noAnswers).questions).toEqual([]);
  });
});

describe('the server', () => {
  const signs = (...states: ('pending' | 'notPending' | 'unknown')[]) =>
    makeHost({
      pendingRestart: { signs: states.map((state) => ({ sign: 'windowsUpdate', state, because: null })) },
    });

  test('an open change beats a restart, pending beats unknown, unknown beats none', () => {
    expect(serverStanding(signs('notPending'), 1)).toMatchObject({ outcome: 'warn', word: 'A change is open' });
    expect(serverStanding(signs('unknown', 'pending'), 0)).toMatchObject({ word: 'Restart pending' });
    expect(serverStanding(signs('unknown', 'notPending'), 0).outcome).toBe('unknown');
    expect(serverStanding(makeHost({ pendingRestart: null }), 0).outcome).toBe('unknown');
    expect(serverStanding(signs('notPending'), 0)).toEqual({
      outcome: 'pass',
      word: 'No pending changes',
      text: 'NODE1 is in the workgroup WORKGROUP.',
    });
  });
});

describe('the connections', () => {
  const rules = (enabled: boolean) => [
    {
      name: 'MsiScsi-In-TCP',
      direction: 'inbound' as const,
      enabled,
      action: 'allow' as const,
      profiles: ['any' as const],
    },
  ];
  const path = {
    targetNodeAddress: target,
    initiatorPortalAddress: '10.1.0.1',
    targetPortalAddress: '10.1.0.100',
    targetPortalPort: 3260,
  };

  test.each([
    ['no initiator', makeInitiator({ stateChange: { service: { state: null, startMode: null } } }), 'warn'],
    ['stopped', makeInitiator({ stateChange: { service: { state: 'stopped', startMode: 'manual' } } }), 'warn'],
    ['nobody logged on', makeInitiator(), 'warn'],
    ['sessions unread', makeInitiator({ stateChange: { sessions: null } }), 'unknown'],
    ['a wanted path without a session', makeInitiator({ wantedPaths: [path] }), 'fail'],
    [
      'a proven path, and a service that will not start with Windows',
      makeInitiator({
        wantedPaths: [path],
        stateChange: { sessions: [makeSession()], service: { state: 'running', startMode: 'manual' } },
      }),
      'warn',
    ],
    [
      'a proven path, and the firewall rules for iSCSI off',
      makeInitiator({ wantedPaths: [path], stateChange: { sessions: [makeSession()], firewallRules: rules(false) } }),
      'warn',
    ],
    [
      'a proven path, and the firewall rules unread',
      makeInitiator({ wantedPaths: [path], stateChange: { sessions: [makeSession()], firewallRules: null } }),
      'unknown',
    ],
    [
      'a proven path on a Windows that has no such rules',
      makeInitiator({ wantedPaths: [path], stateChange: { sessions: [makeSession()], firewallRules: [] } }),
      'pass',
    ],
    ['a proven path', makeInitiator({ wantedPaths: [path], stateChange: { sessions: [makeSession()] } }), 'pass'],
    ['a proven path that was only found', makeInitiator({ stateChange: { sessions: [makeSession()] } }), 'pass'],
  ] as const)('%s', (_name, observed, outcome) => {
    expect(connectionsStanding(observed).outcome).toBe(outcome);
  });
});

describe('a shared disk', () => {
  const prepared = makeDisk(1, {
    partitionStyle: 'gpt',
    largestFreeExtentBytes: 0n,
    partitions: [
      makePartition({
        driveLetter: 'Q',
        volume: { ...makePartition().volume!, label: 'Witness', driveLetter: 'Q' },
      }),
    ],
  });

  test('with one formatted volume is ready, by its letter and label', () => {
    expect(standingOfDisk(prepared, makeStorage({ disks: [prepared] }))).toEqual({
      kind: 'ready',
      letter: 'Q',
      label: 'Witness',
      isOffline: false,
    });
  });

  test('is ready also where it is offline here; blank, raw and read-only ones are not', () => {
    const judge = (disk = prepared) => standingOfDisk(disk, makeStorage({ disks: [disk] })).kind;
    expect(judge({ ...prepared, isOffline: true })).toBe('ready');
    expect(judge({ ...prepared, isReadOnly: true })).toBe('notReady');
    expect(judge({ ...prepared, isClustered: true })).toBe('inCluster');
    expect(judge(makeDisk(2))).toBe('blank');
    const raw = makePartition({ volume: { ...makePartition().volume!, fileSystem: null } });
    expect(judge({ ...prepared, partitions: [raw] })).not.toBe('ready');
  });

  test('all of them have to be ready', () => {
    expect(disksStanding(makeStorage({ disks: [] })).outcome).toBe('warn');
    expect(disksStanding(makeStorage({ disks: [prepared, makeDisk(2)] }))).toMatchObject({
      outcome: 'warn',
      word: '1 of 2 disks',
    });
    expect(disksStanding(makeStorage({ disks: [prepared] })).outcome).toBe('pass');
  });
});

test('a disk that is offline here and prepared on another server of the cluster is ready', () => {
  const seen = (node: string, part: object, standing: { outcome: 'unknown' | 'pass'; word: string; text: string }) => ({
    server: { computerName: node },
    disks: [{ uniqueId: 'w', isShared: true, isOffline: false, prepared: null, ...part }],
    standing,
  });
  const own = seen('NODE2', { isOffline: true }, { outcome: 'unknown', word: '0 of 1 disks', text: '' });
  const ready = { prepared: { name: 'Q: Witness', isOffline: false } };
  const other = seen('NODE1', ready, { outcome: 'pass', word: '', text: '' });
  expect(disksAcross(own, [other]).standing).toMatchObject({ outcome: 'pass', word: 'One disk ready' });
  expect(disksAcross(own, [other]).elsewhere.get('w')).toBe('Q: Witness, ready on NODE1');
  expect(disksAcross(own, []).standing.outcome).toBe('unknown');
  expect(disksAcross(own, [{ ...other, disks: [{ ...other.disks[0]!, uniqueId: 'x' }] }]).standing.outcome).toBe(
    'unknown',
  );
});

test('of paths and disks the one that needs a person is told, and nothing unread is a pass', () => {
  const pass = { outcome: 'pass', word: 'ok', text: 'Fine.' } as const;
  const fail = { outcome: 'fail', word: 'bad', text: 'Broken.' } as const;
  const warn = { outcome: 'warn', word: 'open', text: 'Open.' } as const;
  expect(storageStanding(pass, pass).text).toBe('Fine. Fine.');
  expect(storageStanding(pass, warn)).toBe(warn);
  expect(storageStanding(fail, warn)).toBe(fail);
  expect(storageStanding(pass, null).outcome).toBe('unknown');
});
