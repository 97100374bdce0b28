import { describe, expect, it } from 'vitest';
import { importFacts } from '../../../main/operations/readiness/import-facts.ts';
import type { FileInput } from '../../../shared/contract/readiness.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import { inferClass, parseWmicText } from '../../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { now, outcomesOf, readFixture } from '../../support/readiness.ts';

const noFiles = {
  read: () => Promise.reject(new Error('no file is read here')),
  write: () => Promise.reject(new Error('no file is written here')),
  makeFolder: () => Promise.reject(new Error('no folder is made here')),
  probe: () => Promise.reject(new Error('nothing is written here')),
};
const content = (name: string, bytes: Buffer): FileInput => ({
  kind: 'content',
  name,
  base64: bytes.toString('base64'),
});
const importAll = (...inputs: FileInput[]) => importFacts(inputs, { files: noFiles, version: '0', now });
const dump = (name: string): FileInput => content(name, readFixture(`wmi/${name}`));
const utf16be = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

const nothingKnown = {
  'cpu.x64': 'unknown',
  'cpu.dep': 'unknown',
  'cpu.virtualization': 'unknown',
  'cpu.slat': 'unknown',
  'firmware.virtualization': 'unknown',
  hypervisor: 'unknown',
  'host.physical': 'unknown',
  'host.catalog': 'unknown',
  memory: 'unknown',
  'os.version': 'unknown',
  'os.edition': 'unknown',
  'os.update.950050': 'notApplicable',
  'os.pendingReboot': 'unknown',
  'nic.count': 'unknown',
  'time.sync': 'unknown',
  domain: 'unknown',
  'domain.role': 'unknown',
};

/** Derived from what the dump holds and from the documents of the classes; everything else is unknown. */
const expectedOfDump: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Family 15 model 2, DataWidth 32
  '2003-Win32_Processor.wmi': {
    ...nothingKnown,
    'cpu.x64': 'fail',
    'cpu.virtualization': 'fail',
    'cpu.slat': 'fail',
    'firmware.virtualization': 'notApplicable',
    verdict: 'notReady',
  },
  '2008-with-2-different-cpus-Win32_Processor.wmi': { ...nothingKnown, 'cpu.x64': 'pass', verdict: 'unknown' },
  // AddressWidth 32 is the system's width, DataWidth 64 the processor's
  '7-Win32_Processor.wmi': { ...nothingKnown, 'cpu.x64': 'pass', verdict: 'unknown' },
  '7-Win32_NetworkAdapter.wmi': { ...nothingKnown, 'nic.count': 'fail', verdict: 'unknown' },
  '10-net-MSFT_NetAdapter.wmi': { ...nothingKnown, 'nic.count': 'fail', verdict: 'unknown' },
  'latitude-7480-MSFT_PhysicalDisk.wmi': { ...nothingKnown, verdict: 'unknown' },
  // BOCHS_ and BXPC____ are what QEMU's firmware writes
  'proxmox-Win32_ComputerSystem.wmi': {
    ...nothingKnown,
    hypervisor: 'warn',
    'host.physical': 'warn',
    'host.catalog': 'notApplicable',
    verdict: 'unknown',
  },
  // Windows 7, ProductType 1, 2 GB
  'win7-sp1-x64-Win32_OperatingSystem.wmi': {
    ...nothingKnown,
    'cpu.dep': 'pass',
    memory: 'fail',
    'os.version': 'fail',
    'os.edition': 'fail',
    verdict: 'notReady',
  },
};

describe('dumps of real machines', () => {
  it.each(Object.entries(expectedOfDump))('%s', async (name, expected) => {
    const facts = await importAll(dump(name));
    expect(outcomesOf(facts)).toEqual(expected);
    for (const check of judgeReadiness(facts).checks)
      if (check.outcome === 'unknown') expect(check.remediation?.text, check.id).toBeTruthy();
  });

  it.each(Object.keys(expectedOfDump))('%s reads alike as UTF-16BE, UTF-8 and with single line ends', async (name) => {
    const text = readFixture(`wmi/${name}`)
      .toString('utf16le')
      .replace(/^\ufeff/, '');
    const forms = [
      utf16be(text),
      Buffer.from(text, 'utf8'),
      Buffer.from(`\ufeff${text}`, 'utf8'),
      Buffer.from(text.replace(/\r/g, '')),
    ];
    for (const form of forms) expect(outcomesOf(await importAll(content(name, form)))).toEqual(expectedOfDump[name]);
  });

  it('keeps the two processors apart and names them', async () => {
    const facts = await importAll(dump('2008-with-2-different-cpus-Win32_Processor.wmi'));
    expect(judgeReadiness(facts).machine.processors).toBe(
      '1 x Intel(R) Xeon(R) CPU E5506 @ 2.13GHz, 1 x Intel(R) Xeon(R) CPU E5504 @ 2.00GHz',
    );
  });

  it('counts the one Ethernet port of each notebook, not Bluetooth, Wi-Fi, tunnels and switches', async () => {
    const ports = async (name: string) =>
      (valueOf((await importAll(dump(name))).nics) ?? [])
        .filter((nic) => valueOf(nic.kind) === 'ethernet')
        .map((nic) => nic.description);
    expect(await ports('7-Win32_NetworkAdapter.wmi')).toEqual(['Realtek PCIe GBE Family Controller']);
    expect(await ports('10-net-MSFT_NetAdapter.wmi')).toEqual(['Targus Giga Ethernet']);
  });

  it('merges files in their order and says when they are of several machines', async () => {
    const facts = await importAll(dump('7-Win32_Processor.wmi'), dump('win7-sp1-x64-Win32_OperatingSystem.wmi'));
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.x64': 'pass',
      'cpu.dep': 'pass',
      'os.version': 'fail',
      'facts.origin': 'unknown',
    });
    expect(facts.machine.names).toEqual(['LUBIANKA', 'NETCHAEIV']);
  });

  it('judges a Windows Server 2008 dump for 2008 when asked, and never fails what it cannot report', async () => {
    const facts = await importAll(dump('2008-with-2-different-cpus-Win32_Processor.wmi'));
    expect(outcomesOf(facts, '2008')).toMatchObject({
      'cpu.virtualization': 'unknown',
      'cpu.slat': 'unknown',
      'os.update.950050': 'unknown',
    });
  });
});

describe('the text of wmic', () => {
  const processor = (name: string) =>
    `DataWidth=64\r\r\nDeviceID=${name}\r\r\nArchitecture=9\r\r\nManufacturer=GenuineIntel\r\r\n`;

  it('ends an instance at a blank line or where a property comes again', () => {
    expect(parseWmicText(`\r\r\n\r\r\n${processor('CPU0')}\r\r\n\r\r\n${processor('CPU1')}`)).toHaveLength(2);
    expect(parseWmicText('HotFixID=KB1\nHotFixID=KB2\nHotFixID=KB3')).toHaveLength(3);
  });

  it('survives a tool that made a blank line of every line end', () => {
    const doubled = `${processor('CPU0')}\r\r\n${processor('CPU1')}`.replace(/\r\r\n/g, '\r\n\r\n');
    const instances = parseWmicText(doubled) ?? [];
    expect(instances).toHaveLength(2);
    expect(instances[0]).toMatchObject({ DataWidth: '64', DeviceID: 'CPU0', Manufacturer: 'GenuineIntel' });
  });

  it('reads lists, escaped characters and values of several lines', () => {
    expect(parseWmicText('A={1,2}\nB={"x","y z"}\nC=PCI\\VEN&amp;DEV\nD={}\nE=one\ntwo')).toEqual([
      { A: ['1', '2'], B: ['x', 'y z'], C: 'PCI\\VEN&DEV', D: [], E: 'one\ntwo' },
    ]);
  });

  it('is not confused by other texts', () => {
    expect(parseWmicText('Hello\nworld')).toBeNull();
    expect(parseWmicText('[section]\nkey=value')).toBeNull();
    expect(parseWmicText('No Instance(s) Available.')).toBeNull();
  });

  it.each([
    [{ CreationClassName: 'Win32_Processor', Name: 'x' }, 'a.txt', 'Win32_Processor'],
    [{ DataWidth: '64' }, 'a.txt', 'Win32_Processor'],
    [{ HypervisorPresent: 'TRUE' }, 'a.txt', 'Win32_ComputerSystem'],
    [{ Manufacturer: 'Dell Inc.', Model: 'PowerEdge' }, 'a.txt', 'Win32_ComputerSystem'],
    [{ Manufacturer: 'GenuineIntel' }, 'a.txt', 'Win32_Processor'],
    [{ Manufacturer: 'Dell Inc.' }, 'Win32_BIOS.wmi', 'Win32_BIOS'],
    [{ DataExecutionPrevention_Available: 'TRUE' }, 'a.txt', 'Win32_OperatingSystem'],
    [{ HotFixID: 'KB950050' }, 'a.txt', 'Win32_QuickFixEngineering'],
    [{ Capacity: '1' }, 'a.txt', 'Win32_PhysicalMemory'],
    [{ Name: 'vmms', State: 'Running' }, 'a.txt', 'Win32_Service'],
    [{ DataWidth: '64' }, 'Win32_ComputerSystem.wmi', 'Win32_Processor'],
    [{ Frobnicate: '1' }, 'a.txt', null],
  ])('infers the class of %j in %s', (instance, name, className) => {
    expect(inferClass(instance, name)).toBe(className);
  });

  it('takes one property of one class for what it is', async () => {
    const one = async (text: string) => outcomesOf(await importAll(content('x.txt', Buffer.from(text))));
    expect(await one('\r\n\r\nHypervisorPresent=TRUE\r\n')).toMatchObject({
      hypervisor: 'unknown',
      'cpu.virtualization': 'unknown',
    });
    const dell = 'Manufacturer=Dell Inc.\r\nModel=PowerEdge R740\r\nHypervisorPresent=TRUE\r\n';
    expect(await one(dell)).toMatchObject({ hypervisor: 'unknown', 'host.physical': 'unknown' });
    expect(await one(`${dell}\r\nManufacturer=Dell Inc.\r\nSMBIOSBIOSVersion=2.14.2\r\n`)).toMatchObject({
      hypervisor: 'pass',
      'cpu.virtualization': 'pass',
      'firmware.virtualization': 'pass',
      'cpu.slat': 'unknown',
      verdict: 'unknown',
    });
    expect(await one('DataExecutionPrevention_Available=FALSE')).toMatchObject({
      'cpu.dep': 'fail',
      verdict: 'notReady',
    });
    expect(await one('VirtualizationFirmwareEnabled=TRUE')).toMatchObject({
      'firmware.virtualization': 'pass',
      'cpu.virtualization': 'pass',
    });
    expect(await one('VMMonitorModeExtensions=FALSE')).toMatchObject({ 'cpu.virtualization': 'unknown' });
  });

  it('does not take NaN, negative or absurd numbers for facts', async () => {
    const facts = await importAll(
      content(
        'x.txt',
        Buffer.from('DataWidth=NaN\nArchitecture=-1\nNumberOfCores=99999999999999999999\nName=\u001b[31mred\u0007'),
      ),
    );
    const processor = valueOf(facts.processors)?.[0];
    expect(processor?.dataWidthBits).toMatchObject({ known: false, cause: 'notReadable' });
    expect(processor?.architecture.known).toBe(false);
    expect(processor?.cores.known).toBe(false);
    expect(processor?.name).toMatchObject({ value: '\\u001b[31mred\\u0007' });
  });
});
