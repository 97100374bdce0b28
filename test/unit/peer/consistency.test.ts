import { describe, expect, it } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import type { ServerFacts } from '../../../shared/model/consistency.ts';
import { judgeConsistency, type ComparedServer } from '../../../shared/rules/peers/consistency.ts';
import { compareServers, factsAlone } from '../../../main/operations/peers/consistency.ts';
import { at, windowsFacts } from '../../support/readiness.ts';

const factsNamed = (name: string, vendor = 'GenuineIntel', drive?: string, revision?: number) =>
  windowsFacts({
    ...(revision === undefined ? {} : { Registry: { UpdateRevision: revision } }),
    Win32_OperatingSystem: { Caption: 'Windows Server', ...(drive === undefined ? {} : { SystemDrive: drive }) },
    Win32_ComputerSystem: { Name: name, DNSHostName: name },
    Win32_Processor: { DeviceID: 'CPU0', Manufacturer: vendor, Name: 'A processor', Architecture: '9' },
  });

interface Changes {
  readonly name?: string;
  readonly vendor?: string;
  readonly guid?: string;
  readonly mac?: string;
  readonly driver?: string;
  readonly iqn?: string | null;
  readonly offsetMs?: number;
  readonly toleranceMs?: number;
  readonly switchName?: string | null;
  readonly machineSid?: string | null;
  readonly drive?: string;
  readonly revision?: number;
  readonly version?: string | null;
}

let count = 0;
const server = (changes: Changes = {}): ComparedServer => {
  count += 1;
  const name = changes.name ?? `NODE${count}`;
  const facts: ServerFacts = {
    schema: 'quorate.server-facts/1',
    facts: factsNamed(name, changes.vendor, changes.drive, changes.revision),
    nics: [
      {
        name: 'LAN',
        interfaceGuid: changes.guid ?? `{00000000-0000-0000-0000-00000000000${count}}`,
        permanentAddress: changes.mac ?? `00-15-5D-00-00-0${count}`,
        isHardware: true,
        description: count % 2 ? 'Intel(R) I350' : 'Intel(R) I350 #2',
        driverVersion: changes.driver ?? '1.0',
        switchName: changes.switchName ?? null,
      },
    ],
    initiatorName: changes.iqn === undefined ? `iqn.1991-05.com.microsoft:${name.toLowerCase()}` : changes.iqn,
    machineSid: changes.machineSid === undefined ? `S-1-5-21-1-2-${count}` : changes.machineSid,
    quorateVersion: null,
    unread: changes.iqn === null ? [{ property: 'initiatorName', because: 'the service is stopped' }] : [],
  };
  return {
    id: `id${count}`,
    name,
    facts,
    because: null,
    clock: { offsetMs: changes.offsetMs ?? 0, toleranceMs: changes.toleranceMs ?? 1 },
    quorateVersion: changes.version === undefined ? '1.2.3' : changes.version,
  };
};
const judge = (...servers: Changes[]) => {
  count = 0;
  return judgeConsistency(servers.map(server), at);
};
const outcomeOf = (id: string, ...servers: Changes[]) => judge(...servers).rows.find((row) => row.id === id)?.outcome;

describe('servers side by side', () => {
  it.each([
    ['clone.machineSid', {}, 'pass'],
    ['clone.machineSid', { machineSid: 'S-1-5-21-1-2-1' }, 'fail'],
    ['clone.machineSid', { machineSid: null }, 'unknown'],
    ['clone.mac', {}, 'pass'],
    ['clone.mac', { mac: '00:15:5d:00:00:01' }, 'fail'],
    ['clone.nicGuid', {}, 'pass'],
    ['clone.nicGuid', { guid: '{00000000-0000-0000-0000-000000000001}' }, 'fail'],
    ['clone.initiatorName', { iqn: 'IQN.1991-05.com.microsoft:node1' }, 'fail'],
    ['clone.initiatorName', { iqn: null }, 'unknown'],
    ['clone.name', { name: 'node1' }, 'fail'],
    ['clone.name', {}, 'pass'],
    ['cpu.vendor', {}, 'pass'],
    ['cpu.vendor', { vendor: 'AuthenticAMD' }, 'fail'],
    ['nic.drivers', {}, 'pass'],
    ['nic.drivers', { driver: '2.0' }, 'warn'],
    ['switch.names', { switchName: 'VMs' }, 'warn'],
    ['clock', { offsetMs: 59_000 }, 'pass'],
    ['clock', { offsetMs: -61_500 }, 'warn'],
    ['clock', { offsetMs: 301_000 }, 'fail'],
    // Within the tolerance of the measurement nothing was seen.
    ['clock', { offsetMs: 301_000, toleranceMs: 300_000 }, 'pass'],
  ] as const)('%s with %o: %s', (id, changes, outcome) => {
    expect(outcomeOf(id, {}, changes)).toBe(outcome);
  });

  it('knows no server that is like the others only because nothing was read', () => {
    const { rows, outcome } = judgeConsistency(
      [server(), { id: 'b', name: 'B', facts: null, because: 'it is down', clock: null, quorateVersion: null }],
      at,
    );
    expect(rows.filter((row) => row.outcome === 'pass')).toEqual([]);
    expect(rows.every(({ cells }) => cells[1]?.because !== null)).toBe(true);
    expect(outcome).toBe('unknown');
  });

  it('finds a difference between two while a third is not known', () => {
    const third = { id: 'c', name: 'C', facts: null, because: 'it is down', clock: null, quorateVersion: null };
    const { rows } = judgeConsistency([server(), server({ vendor: 'AuthenticAMD' }), third], at);
    const makers = rows.find(({ id }) => id === 'cpu.vendor');
    expect(makers?.outcome).toBe('fail');
    expect(makers?.cells.map(({ value }) => value)).toEqual(['Intel', 'AMD', null]);
  });

  it.each([
    ['1.2.3', '1.2.3', 'pass'],
    ['1.2.3', '1.2.9', 'warn'],
    ['1.2.3', '1.3.0', 'fail'],
    ['1.2.3', 'nightly', 'unknown'],
    ['1.2.3', null, 'unknown'],
  ])('versions of Quorate, %s and %s: %s', (one, other, outcome) => {
    const found = judge({ version: one }, { version: other }).rows.find(({ id }) => id === 'quorate.version');
    expect(found?.outcome).toBe(outcome);
    expect(found?.next === null).toBe(outcome === 'pass');
    expect(found?.cells[1]?.value).toBe(other);
  });

  it('says nothing of versions where only files were compared', () => {
    const { rows } = judge({ version: null }, { version: null });
    expect(rows.map(({ id }) => id)).not.toContain('quorate.version');
  });

  it('puts what fails first, and says of a clone who and what', () => {
    const found = judge({}, { guid: '{00000000-0000-0000-0000-000000000001}', driver: '2.0' });
    const order = found.rows.map(({ outcome }) => ['fail', 'warn', 'unknown', 'pass'].indexOf(outcome));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(found.rows[0]).toMatchObject({ id: 'clone.nicGuid', source: 'Microsoft KB2002405' });
    expect(found.rows[0]?.text).toContain('NODE1 and NODE2');
    expect(found.sentence).toContain('Identities of the network adapters');
  });
});

describe('asking all servers', () => {
  const asked = (id: string, ask: () => Promise<unknown>) => ({
    id,
    name: id.toUpperCase(),
    clock: () => null,
    version: () => null,
    ask,
  });
  const answers = (id: string) => asked(id, () => Promise.resolve(factsAlone(factsNamed(id), 'not in a file')));

  it('tells why a column is empty, of one that fails and of one that talks nonsense', async () => {
    const down = asked('down', () => Promise.reject(failure('PEER_UNKNOWN', { peer: 'down' })));
    const odd = asked('odd', () => Promise.resolve({ schema: 'something/9' }));
    const { servers } = await compareServers([answers('a'), down, odd], at);
    expect(servers[0]?.because).toBeNull();
    expect(servers[1]?.because).toContain('PEER_UNKNOWN');
    expect(servers[2]?.because).toContain('no form');
  });

  it('goes by the version that the connection told where the answer tells none', async () => {
    const told = { ...answers('a'), version: () => '2.0.0' };
    const silent = {
      ...asked('b', () => Promise.reject(failure('PEER_UNKNOWN', { peer: 'b' }))),
      version: () => '1.0.0',
    };
    const { rows } = await compareServers([told, silent], at);
    expect(rows.find(({ id }) => id === 'quorate.version')).toMatchObject({
      outcome: 'fail',
      cells: [{ value: '2.0.0' }, { value: '1.0.0' }],
    });
  });

  it('refuses one server alone, and lets a bug through', async () => {
    await expect(compareServers([answers('a')], at)).rejects.toMatchObject({ code: 'PEER_NONE_TO_COMPARE' });
    const broken = asked('b', () => Promise.reject(new TypeError('a bug')));
    await expect(compareServers([answers('a'), broken], at)).rejects.toThrow('a bug');
  });
});

describe('the system drive', () => {
  it.each([
    ['C:', 'C:', 'pass'],
    ['C:', 'D:', 'fail'],
    ['C:', undefined, 'unknown'],
  ])('%s and %s: %s', (one, other, outcome) => {
    expect(outcomeOf('os.systemDrive', one ? { drive: one } : {}, other ? { drive: other } : {})).toBe(outcome);
  });
});

describe('the update revision', () => {
  it.each([
    [2113, 2113, 'pass'],
    [2113, 2227, 'warn'],
    [2113, undefined, 'unknown'],
  ])('%s and %s: %s', (one, other, outcome) => {
    expect(outcomeOf('os.updateRevision', { revision: one }, other ? { revision: other } : {})).toBe(outcome);
  });
});
