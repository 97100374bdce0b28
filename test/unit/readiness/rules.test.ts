import { describe, expect, it } from 'vitest';
import { readinessCheckIds } from '../../../shared/model/readiness-checks.ts';
import { windowsServers, type WindowsServer } from '../../../shared/model/windows-server.ts';
import type { WmiInstance } from '../../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { outcomesOf, readyServer, serverClasses, windowsFacts } from '../../support/readiness.ts';

// Constructed facts; see test/unit/readiness/fixtures.test.ts for real machines.

const systems: Readonly<Record<WindowsServer, WmiInstance>> = {
  '2008': { Version: '6.0.6002', BuildNumber: '6002', OperatingSystemSKU: 10, ServicePackMajorVersion: 2 },
  '2008R2': { Version: '6.1.7601', BuildNumber: '7601', OperatingSystemSKU: 10, ServicePackMajorVersion: 1 },
  '2012': { Version: '6.2.9200', BuildNumber: '9200', OperatingSystemSKU: 7 },
  '2012R2': { Version: '6.3.9600', BuildNumber: '9600', OperatingSystemSKU: 8 },
  '2016': { Version: '10.0.14393', BuildNumber: '14393', OperatingSystemSKU: 7 },
  '2019': { Version: '10.0.17763', BuildNumber: '17763', OperatingSystemSKU: 7 },
  '2022': { Version: '10.0.20348', BuildNumber: '20348', OperatingSystemSKU: 7 },
  '2025': { Version: '10.0.26100', BuildNumber: '26100', OperatingSystemSKU: 7 },
};

describe('readiness rules', () => {
  it('always gives every documented check, each in the one result shape', () => {
    expect(judgeReadiness(windowsFacts({})).checks.map((check) => check.id)).toEqual([...readinessCheckIds]);
  });

  it.each(windowsServers)('judges for the Windows Server that runs: %s', (server) => {
    const judgement = judgeReadiness(readyServer({ os: systems[server] }));
    expect(judgement.judgedFor).toBe(server);
    expect(judgement.judgedForBecause).toBe('running');
    const outcomes = outcomesOf(readyServer({ os: systems[server] }));
    expect(outcomes['os.version']).toBe('pass');
    expect(outcomes['os.edition']).toBe('pass');
    expect(outcomes['verdict']).toBe('ready');
    expect(outcomes['os.update.950050']).toBe(server === '2008' ? 'pass' : 'notApplicable');
  });

  it('judges for 2025 when no Windows Server of the table runs, and for the chosen one when one is chosen', () => {
    const client = readyServer({ os: { ProductType: 1, OperatingSystemSKU: 48, Caption: 'Microsoft Windows 11 Pro' } });
    expect(judgeReadiness(client)).toMatchObject({ judgedFor: '2025', judgedForBecause: 'default' });
    expect(judgeReadiness(client, '2016')).toMatchObject({ judgedFor: '2016', judgedForBecause: 'chosen' });
    expect(outcomesOf(client)).toMatchObject({ 'os.version': 'fail', 'os.edition': 'fail', verdict: 'notReady' });
  });

  it('fails the release when another one runs than the chosen one', () => {
    expect(outcomesOf(readyServer({ os: systems['2012R2'] }), '2022')).toMatchObject({
      'os.version': 'fail',
      verdict: 'notReady',
    });
  });

  it.each([
    ['2008', 7, 'fail'],
    ['2008', 10, 'pass'],
    ['2008', 38, 'fail'],
    ['2008R2', 42, 'pass'],
    ['2012R2', 42, 'unknown'],
    ['2008', 42, 'fail'],
    ['2019', 7, 'pass'],
    ['2019', 50, 'fail'],
    ['2022', 80, 'warn'],
    ['2025', 407, 'unknown'],
  ] as const)('edition of %s with OperatingSystemSKU %i: %s', (server, sku, outcome) => {
    const facts = readyServer({ os: { ...systems[server], OperatingSystemSKU: sku } });
    expect(outcomesOf(facts)['os.edition']).toBe(outcome);
  });

  it('refuses a 32-bit edition of Windows Server 2008', () => {
    const facts = readyServer({
      processors: [serverClasses.processor({ AddressWidth: 32 })],
      os: { ...systems['2008'], OSArchitecture: '32-bit' },
    });
    expect(outcomesOf(facts)).toMatchObject({ 'cpu.x64': 'pass', 'os.edition': 'fail', verdict: 'notReady' });
  });

  it.each([
    [0, [], 'fail'],
    [1, ['KB950050'], 'pass'],
    [1, ['950050'], 'pass'],
    [1, ['KB9500501'], 'fail'],
    [2, [], 'pass'],
  ] as const)('update 950050 with service pack %i and %j: %s', (pack, updates, outcome) => {
    const facts = readyServer({ os: { ...systems['2008'], ServicePackMajorVersion: pack } });
    facts.os.updates = { known: true, value: [...updates], name: 'HotFixID', from: 'constructed' };
    expect(outcomesOf(facts)['os.update.950050']).toBe(outcome);
    expect(outcomesOf(facts)['verdict']).toBe(outcome === 'pass' ? 'ready' : 'notReady');
  });

  it.each([
    [9, 64, 'pass'],
    [0, 64, 'pass'],
    [0, 32, 'fail'],
    [6, 64, 'fail'],
    [12, 64, 'fail'],
    [5, 32, 'fail'],
  ] as const)('Architecture %i and DataWidth %i: %s', (architecture, width, outcome) => {
    const facts = readyServer({
      processors: [serverClasses.processor({ Architecture: architecture, DataWidth: width })],
    });
    expect(outcomesOf(facts)['cpu.x64']).toBe(outcome);
  });

  it('judges Itanium by its architecture: no x64, no VT-x, and nothing that belongs to x64', () => {
    const facts = readyServer({
      processors: [
        serverClasses.processor({
          Architecture: 6,
          Name: 'Intel(R) Itanium(R) 2',
          Caption: 'ia64 Family 32 Model 1 Stepping 1',
        }),
      ],
      os: { ...systems['2008R2'], OperatingSystemSKU: 15 },
    });
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.x64': 'fail',
      'cpu.virtualization': 'fail',
      'cpu.dep': 'notApplicable',
      'cpu.slat': 'notApplicable',
      'os.edition': 'fail',
      verdict: 'notReady',
    });
  });

  it('does not blame the processor when DEP is not available', () => {
    const dep = judgeReadiness(readyServer({ os: { DataExecutionPrevention_Available: false } })).checks.find(
      (check) => check.id === 'cpu.dep',
    );
    expect(dep).toMatchObject({ outcome: 'fail', observed: 'Hardware DEP is not available to the operating system.' });
    expect(dep?.remediation?.text).toMatch(/firmware.*boot options/);
  });

  it.each([
    ['2025', '4294967296', undefined, 'pass'],
    ['2025', undefined, '4187593114', 'unknown'],
    ['2025', undefined, '2146996736', 'fail'],
    ['2025', undefined, '4294967296', 'pass'],
    ['2012', undefined, '2146996736', 'pass'],
    ['2008', '268435456', undefined, 'fail'],
    ['2025', undefined, undefined, 'unknown'],
  ] as const)('memory for %s: installed %s, visible %s: %s', (server, installed, visible, outcome) => {
    const facts = readyServer();
    const none = { known: false, name: 'x', cause: 'notCollected', because: 'not collected' } as const;
    facts.memory.installedBytes = installed ? { known: true, value: installed, name: 'x', from: 'y' } : none;
    facts.memory.visibleBytes = visible ? { known: true, value: visible, name: 'x', from: 'y' } : none;
    expect(outcomesOf(facts, server)['memory']).toBe(outcome);
  });

  it('does not call a 32-bit system short of memory that it cannot see', () => {
    const facts = readyServer({ processors: [serverClasses.processor({ AddressWidth: 32 })] });
    facts.memory.visibleBytes = { known: true, value: '3221225472', name: 'x', from: 'y' };
    expect(outcomesOf(facts)['memory']).toBe('unknown');
  });

  it('shows memory the way Windows counts it', () => {
    expect([512n << 20n, 4096n << 20n, 137218162688n].map(formatSize)).toEqual(['512 MiB', '4 GiB', '127.7 GiB']);
  });

  it.each([
    [2, 'pass'],
    [3, 'pass'],
    [4, 'warn'],
    [5, 'warn'],
    [null, 'unknown'],
  ])('wants no domain controller as a node: DomainRole %s is %s', (role, outcome) => {
    const facts = readyServer({ system: { DomainRole: role } });
    expect(outcomesOf(facts)).toMatchObject({ 'domain.role': outcome, verdict: 'ready' });
  });

  it('asks for a domain before 2016 and warns from 2016 on', () => {
    const workgroup = { PartOfDomain: false, Domain: 'WORKGROUP', DomainRole: 2 };
    expect(outcomesOf(readyServer({ system: workgroup, os: systems['2012R2'] }))).toMatchObject({
      domain: 'fail',
      verdict: 'notReady',
    });
    expect(outcomesOf(readyServer({ system: workgroup, os: systems['2016'] }))).toMatchObject({
      domain: 'warn',
      verdict: 'ready',
    });
    for (const [server, isSaid] of [
      ['2022', true],
      ['2025', false],
    ] as const) {
      const { checks } = judgeReadiness(readyServer({ system: workgroup, os: systems[server] }));
      const found = checks.find(({ id }) => id === 'domain');
      expect(found?.remediation?.text.includes('supported by Microsoft from Windows Server 2025'), server).toBe(isSaid);
    }
  });

  it.each([
    [[], 'pass'],
    [['Windows Update'], 'warn'],
  ])('pending restart %j: %s', (reasons, outcome) => {
    expect(outcomesOf(readyServer({ registry: { PendingReboot: reasons } }))['os.pendingReboot']).toBe(outcome);
  });

  it.each([
    [true, 'NT5DS', 'pass'],
    [true, 'NTP', 'pass'],
    [true, 'NoSync', 'warn'],
    [false, 'NTP', 'warn'],
  ])('time service started %s, type %s: %s', (started, type, outcome) => {
    const facts = readyServer({
      services: [{ Name: 'W32Time', State: started ? 'Running' : 'Stopped', Started: started }],
      registry: { W32TimeType: type },
    });
    expect(outcomesOf(facts)['time.sync']).toBe(outcome);
  });

  it('counts physical ports only, and shows too few as a fail that does not decide', () => {
    const two = readyServer();
    two.nics = { known: true, value: two.nics.known ? two.nics.value.slice(0, 2) : [], name: 'x', from: 'y' };
    expect(outcomesOf(two)).toMatchObject({ 'nic.count': 'fail', verdict: 'ready' });
    expect(judgeReadiness(two).sentence).toMatch(/more thing/);
  });

  it('gives what to look up in the catalog, and never claims that the server is listed', () => {
    const judgement = judgeReadiness(readyServer());
    expect(judgement.catalog.lookUp).toBe('Dell Inc. PowerEdge R650');
    expect(judgement.checks.find((check) => check.id === 'host.catalog')).toMatchObject({ outcome: 'warn' });
    const placeholder = judgeReadiness(
      readyServer({ system: { Manufacturer: 'To Be Filled By O.E.M.', Model: 'System Product Name' } }),
    );
    expect(placeholder.catalog.lookUp).toBeNull();
    expect(placeholder.checks.find((check) => check.id === 'host.catalog')?.outcome).toBe('unknown');
  });

  it('makes no verdict of facts of several machines', () => {
    const facts = readyServer();
    facts.machine.names = ['NODE1', 'node1.contoso.com'];
    expect(outcomesOf(facts)['verdict']).toBe('ready');
    facts.machine.names = ['NODE1', 'NODE2'];
    expect(outcomesOf(facts)).toMatchObject({ 'facts.origin': 'unknown', verdict: 'unknown' });
  });
});
