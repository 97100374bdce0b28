import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSysroot } from '../../../main/linux/facts-host.ts';
import { parseCpuInfo } from '../../../main/linux/cpuinfo.ts';
import { capturedTree } from '../../../main/linux/tree.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { now, outcomesOf, readFixture, temporaryFolder, unpackTree, writeTree } from '../../support/readiness.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const read = (dir: string) => readSysroot(dir, { version: '0', now });
let count = 0;
const tree = (files: Readonly<Record<string, string>>): string =>
  writeTree(join(folder.path, `constructed-${count++}`), files);

const foreign = {
  'cpu.x64': 'fail',
  'cpu.dep': 'notApplicable',
  'cpu.virtualization': 'fail',
  'cpu.slat': 'notApplicable',
  'firmware.virtualization': 'notApplicable',
  verdict: 'notReady',
};
/** What lscpu's expected output shows of the tree, in the words of the checks. */
const expectedOfTree: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  armv7: { ...foreign, 'host.physical': 'unknown' },
  'ppc64-POWER7': { ...foreign, 'host.physical': 'unknown' },
  // Hypervisor vendor: KVM
  's390-kvm': { ...foreign, hypervisor: 'warn', 'host.physical': 'warn', 'host.catalog': 'notApplicable' },
  // 64-bit, nx, no vmx; Hypervisor vendor: Oracle
  'vbox-win': {
    'cpu.x64': 'pass',
    'cpu.dep': 'pass',
    'cpu.virtualization': 'unknown',
    'cpu.slat': 'unknown',
    'firmware.virtualization': 'unknown',
    hypervisor: 'warn',
    'host.physical': 'warn',
    'host.catalog': 'notApplicable',
    verdict: 'unknown',
  },
  // 64-bit, nx, ept; Virtualization: VT-x; no DMI, no /dev/kvm, no meminfo in the tree
  'x86_64-64cpu': {
    'cpu.x64': 'pass',
    'cpu.dep': 'pass',
    'cpu.virtualization': 'pass',
    'cpu.slat': 'pass',
    'firmware.virtualization': 'unknown',
    hypervisor: 'pass',
    'host.physical': 'unknown',
    'host.catalog': 'unknown',
    memory: 'unknown',
    'nic.count': 'unknown',
    verdict: 'unknown',
  },
  'x86_64-dell_e4310': {
    'cpu.x64': 'pass',
    'cpu.dep': 'pass',
    'cpu.virtualization': 'pass',
    'cpu.slat': 'pass',
    'firmware.virtualization': 'unknown',
    hypervisor: 'pass',
    verdict: 'unknown',
  },
};
const notWindows = [
  'os.version',
  'os.edition',
  'os.update.950050',
  'os.pendingReboot',
  'time.sync',
  'domain',
  'domain.role',
];

const x86 = (flags: string, more = ''): string =>
  `processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\nmodel name\t: Intel(R) Xeon(R) Gold 6338\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: ${flags}\n${more}\n`;
const full = 'fpu lm nx vmx ept';
const dmi = (vendor: string, product: string): Record<string, string> => ({
  'sys/class/dmi/id/sys_vendor': `${vendor}\n`,
  'sys/class/dmi/id/product_name': `${product}\n`,
  'sys/class/dmi/id/bios_version': '1.12.1\n',
  'sys/class/dmi/id/bios_date': '09/11/2023\n',
});

describe('captured trees of real machines', () => {
  it.each(Object.entries(expectedOfTree))('%s', async (name, expected) => {
    const facts = await read(unpackTree(name, folder.path));
    const outcomes = outcomesOf(facts);
    expect(outcomes).toMatchObject(expected);
    for (const id of notWindows) expect(outcomes[id], id).toBe('notApplicable');
    expect(judgeReadiness(facts)).toMatchObject({ scope: 'hardware', judgedFor: '2025' });
    expect(judgeReadiness(facts).sentence).toMatch(/hardware only/);
  });

  it('names the product whose guest a tree is', async () => {
    const product = async (name: string) => valueOf((await read(unpackTree(name, folder.path))).hypervisor.guestOf);
    expect(await product('vbox-win')).toBe('VirtualBox');
    expect(await product('s390-kvm')).toBe('KVM/Linux');
    expect(await product('x86_64-64cpu')).toBeUndefined();
  });

  it('counts sockets, cores and logical processors as lscpu does', async () => {
    const facts = await read(unpackTree('x86_64-64cpu', folder.path));
    const processors = valueOf(facts.processors) ?? [];
    expect(processors).toHaveLength(4);
    expect(processors.map((one) => [valueOf(one.cores), valueOf(one.logicalProcessors)])).toEqual(
      Array(4).fill([8, 16]),
    );
  });

  it('a Xen guest whose processor shows VT-x: the flag proves the processor, the guest is a warning', async () => {
    const root = tree({
      'proc/cpuinfo': readFixture('lscpu/cpuinfo/i386-xenpara.txt').toString(),
      'proc/xen/capabilities': '',
    });
    expect(outcomesOf(await read(root))).toMatchObject({
      'cpu.x64': 'pass',
      'cpu.virtualization': 'pass',
      hypervisor: 'warn',
      'host.physical': 'warn',
      verdict: 'unknown',
    });
  });

  it('a Xeon of family 15 model 4 without vmx, nx and ept: unknown, because later members of the family have them', async () => {
    const root = tree({ 'proc/cpuinfo': readFixture('lscpu/cpuinfo/x86_64-necem14.txt').toString() });
    expect(outcomesOf(await read(root))).toMatchObject({
      'cpu.x64': 'pass',
      'cpu.dep': 'unknown',
      'cpu.virtualization': 'unknown',
      verdict: 'unknown',
    });
  });

  it('Itanium is no x64', async () => {
    const root = tree({ 'proc/cpuinfo': readFixture('lscpu/cpuinfo/ia64-hprx1620.txt').toString() });
    const facts = await read(root);
    expect(valueOf(facts.processors)?.[0]?.architecture).toMatchObject({ value: 'ia64' });
    expect(outcomesOf(facts)).toMatchObject(foreign);
  });
});

describe('constructed trees', () => {
  it('a Linux server with all that Hyper-V needs is ready, as hardware', async () => {
    const root = tree({
      'proc/cpuinfo': x86(full),
      'proc/meminfo': 'MemTotal:       131072000 kB\n',
      'dev/kvm': '',
      'sys/firmware/efi/systab': '',
      ...dmi('Dell Inc.', 'PowerEdge R650'),
    });
    const facts = await read(root);
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.virtualization': 'pass',
      'cpu.slat': 'pass',
      'firmware.virtualization': 'pass',
      hypervisor: 'pass',
      'host.physical': 'pass',
      'host.catalog': 'warn',
      memory: 'pass',
      verdict: 'ready',
    });
    expect(judgeReadiness(facts).sentence).toMatch(/^This hardware can be .*hardware only/);
    expect(facts.firmware).toMatchObject({ releaseDate: { value: '2023-09-11' }, kind: { value: 'uefi' } });
  });

  it('/dev/kvm proves nothing on a processor without the flag, and its absence proves nothing at all', async () => {
    const withDevice = tree({ 'proc/cpuinfo': x86('lm nx'), 'dev/kvm': '', ...dmi('Dell Inc.', 'X') });
    expect(outcomesOf(await read(withDevice))['firmware.virtualization']).toBe('unknown');
    const without = tree({ 'proc/cpuinfo': x86(full), ...dmi('Dell Inc.', 'X') });
    expect(outcomesOf(await read(without))['firmware.virtualization']).toBe('unknown');
  });

  it('32-bit x86 without long mode fails by evidence', async () => {
    const root = tree({ 'proc/cpuinfo': x86('fpu nx'), ...dmi('Dell Inc.', 'X') });
    expect(outcomesOf(await read(root))).toMatchObject({
      'cpu.x64': 'fail',
      'cpu.virtualization': 'unknown',
      verdict: 'notReady',
    });
  });

  it.each([
    ['AuthenticAMD', 6, 10, 'fail'],
    ['GenuineIntel', 15, 2, 'fail'],
    ['GenuineIntel', 6, 13, 'fail'],
    ['GenuineIntel', 6, 15, 'unknown'],
    ['AuthenticAMD', 15, 75, 'unknown'],
    ['CentaurHauls', 6, 10, 'unknown'],
  ])('no flag on %s family %i model %i: virtualization %s', async (vendor, family, model, outcome) => {
    const text = x86('fpu lm nx')
      .replace('GenuineIntel', vendor)
      .replace(': 6\n', `: ${family}\n`)
      .replace(': 106\n', `: ${model}\n`);
    const root = tree({ 'proc/cpuinfo': text, ...dmi('Maker', 'Model') });
    expect(outcomesOf(await read(root))['cpu.virtualization']).toBe(outcome);
  });

  it('two sockets of which one has no vmx do not agree', async () => {
    const second = x86('lm nx')
      .replace('processor\t: 0', 'processor\t: 1')
      .replace('physical id\t: 0', 'physical id\t: 1');
    const root = tree({ 'proc/cpuinfo': `${x86(full)}\n${second}`, ...dmi('Dell Inc.', 'X') });
    const check = judgeReadiness(await read(root)).checks.find((one) => one.id === 'cpu.virtualization');
    expect(check).toMatchObject({ outcome: 'unknown' });
    expect(check?.observed).toMatch(/socket 0: .*socket 1: /);
  });

  it.each([
    [
      'arm64',
      'processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n',
    ],
    ['riscv', 'processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\nuarch\t\t: sifive,u74-mc\n'],
    [
      'sparc',
      'cpu\t\t: UltraSparc T2 (Niagara2)\nfpu\t\t: UltraSparc T2 integrated FPU\ntype\t\t: sun4v\nncpus probed\t: 64\n',
    ],
    [
      'loongarch',
      'system type\t\t: generic-loongson-machine\n\nprocessor\t\t: 0\nCPU Family\t\t: Loongson-64bit\nModel Name\t\t: Loongson-3A5000\nISA\t\t\t: loongarch64\n',
    ],
    [
      'mips',
      'system type\t\t: loongson2f\nprocessor\t\t: 0\ncpu model\t\t: ICT Loongson-2 V0.3\nisa\t\t\t: mips1 mips2 mips3\n',
    ],
    [
      'powerpc',
      'processor\t: 0\ncpu\t\t: PPC970MP, altivec supported\nrevision\t: 1.1 (pvr 0044 0101)\n\nmachine\t\t: PowerMac11,2\n',
    ],
  ])('%s is recognised by its own /proc/cpuinfo', async (architecture, text) => {
    expect(parseCpuInfo(text)?.architecture).toBe(architecture);
    expect(outcomesOf(await read(tree({ 'proc/cpuinfo': text })))).toMatchObject(foreign);
  });

  it.each([
    ['KVM/QEMU', { ...dmi('QEMU', 'Standard PC (i440FX + PIIX, 1996)') }],
    ['KVM/QEMU', { ...dmi('Red Hat', 'KVM') }],
    ['Hyper-V', { ...dmi('Microsoft Corporation', 'Virtual Machine') }],
    ['VMware', { ...dmi('VMware, Inc.', 'VMware7,1') }],
    ['VirtualBox', { ...dmi('innotek GmbH', 'VirtualBox') }],
    ['Xen', { ...dmi('Xen', 'HVM domU') }],
    ['Amazon EC2', { ...dmi('Amazon EC2', 'm5.large') }],
    ['VMware', { 'proc/bus/pci/devices': '0000\t80867190\t0\n0078\t15ad0405\t10\n' }],
    ['Xen', { 'proc/bus/pci/devices': '0018\t58530001\ta9\txen-platform-pci\n' }],
    ['Hyper-V', { 'proc/bus/pci/devices': '0040\t14145353\t0\n' }],
  ])('a guest of %s is recognised', async (product, files) => {
    const facts = await read(tree({ 'proc/cpuinfo': x86(full), ...(files as Record<string, string>) }));
    expect(valueOf(facts.hypervisor.guestOf)).toBe(product);
    expect(outcomesOf(facts)).toMatchObject({ hypervisor: 'warn', 'host.physical': 'warn' });
    expect(outcomesOf(facts)['verdict']).not.toBe('ready');
  });

  it('hardware of the same makers is hardware', async () => {
    for (const [vendor, product] of [
      ['Microsoft Corporation', 'Surface Pro 9'],
      ['Amazon EC2', 'm5.metal'],
      ['Nutanix', 'NX-1065-G7'],
    ] as const)
      expect(
        outcomesOf(await read(tree({ 'proc/cpuinfo': x86(full), ...dmi(vendor, product) })))['host.physical'],
        product,
      ).toBe('pass');
  });

  it('a Xen control domain is hardware, and its hypervisor proves no VT-x', async () => {
    const root = tree({
      'proc/cpuinfo': x86('lm nx'),
      'proc/xen/capabilities': 'control_d\n',
      ...dmi('Dell Inc.', 'X'),
    });
    expect(outcomesOf(await read(root))).toMatchObject({ 'host.physical': 'pass', 'cpu.virtualization': 'unknown' });
  });

  it('the hypervisor flag alone makes a guest without a name', async () => {
    const facts = await read(tree({ 'proc/cpuinfo': x86('lm nx vmx ept hypervisor') }));
    expect(outcomesOf(facts)).toMatchObject({
      hypervisor: 'warn',
      'host.physical': 'warn',
      'cpu.virtualization': 'pass',
    });
  });

  it('counts ports on PCI and USB only', async () => {
    const root = tree({ 'proc/cpuinfo': x86(full) });
    const net = join(root, 'sys/class/net');
    mkdirSync(net, { recursive: true });
    const card = (name: string, bus: string, files: Record<string, string> = {}): void => {
      const device = join(root, `sys/devices/${bus}/${name}`);
      writeTree(join(device, `net/${name}`), {
        type: '1\n',
        address: '00:10:18:00:00:01\n',
        uevent: `INTERFACE=${name}\n`,
        ...files,
      });
      mkdirSync(join(root, `sys/bus/${bus}`), { recursive: true });
      symlinkSync(`../../../bus/${bus}`, join(device, 'subsystem'));
      symlinkSync('../..', join(device, `net/${name}/device`));
      symlinkSync(`../../devices/${bus}/${name}/net/${name}`, join(net, name));
    };
    card('eno1', 'pci');
    card('eno2', 'pci', { speed: '10000\n', carrier: '1\n' });
    card('usb0', 'usb');
    card('wlp3s0', 'pci', { uevent: 'DEVTYPE=wlan\n' });
    card('eth0', 'virtio');
    for (const name of ['lo', 'br0', 'veth1']) {
      writeTree(join(root, `sys/devices/virtual/net/${name}`), { type: '1\n', uevent: '' });
      symlinkSync(`../../devices/virtual/net/${name}`, join(net, name));
    }
    const facts = await read(root);
    const kinds = Object.fromEntries((valueOf(facts.nics) ?? []).map((nic) => [nic.name, valueOf(nic.kind)]));
    expect(kinds).toEqual({
      eno1: 'ethernet',
      eno2: 'ethernet',
      usb0: 'ethernet',
      wlp3s0: 'wifi',
      eth0: 'virtual',
      br0: 'virtual',
      veth1: 'virtual',
    });
    expect(outcomesOf(facts)['nic.count']).toBe('pass');
  });

  it('follows links inside the tree only', () => {
    const root = tree({ 'proc/cpuinfo': x86(full), 'etc/real': 'inside' });
    writeFileSync(join(folder.path, 'secret'), 'outside');
    symlinkSync(join(folder.path, 'secret'), join(root, 'etc/absolute'));
    symlinkSync('../../../../../../../../../../etc/passwd', join(root, 'etc/up'));
    symlinkSync('/etc/real', join(root, 'etc/own'));
    symlinkSync('loop', join(root, 'etc/loop'));
    const captured = capturedTree(root);
    expect(captured.readText('/etc/absolute')).toMatchObject({ ok: false });
    expect(captured.readText('/etc/up')).toMatchObject({ ok: false });
    expect(captured.readText('/etc/loop')).toMatchObject({ ok: false });
    expect(captured.readText('/etc/own')).toEqual({ ok: true, text: 'inside' });
  });

  it('shows control characters of a tree instead of obeying them', async () => {
    const facts = await read(
      tree({ 'proc/cpuinfo': x86(full).replace('Gold 6338', 'Gold \u001b[31m'), ...dmi('Evil\u202eMaker', 'X') }),
    );
    expect(valueOf(facts.processors)?.[0]?.name).toMatchObject({ value: 'Intel(R) Xeon(R) Gold \\u001b[31m' });
    expect(valueOf(facts.machine.manufacturer)).toBe('Evil\\u202eMaker');
  });

  it.each([
    ['SYSROOT_NOT_FOUND', () => join(folder.path, 'nowhere')],
    ['SYSROOT_WITHOUT_PROC', () => tree({ 'sys/kernel': '' })],
    ['SYSROOT_NOT_A_FOLDER', () => join(tree({ file: '' }), 'file')],
  ])('refuses with %s', async (code, make) => {
    await expect(read(make())).rejects.toMatchObject({ code });
  });

  it('a tree with an empty /proc has no facts, and all of them are unknown', async () => {
    const outcomes = outcomesOf(await read(tree({ 'proc/version': 'Linux' })));
    expect(outcomes).toMatchObject({
      'cpu.x64': 'unknown',
      'cpu.dep': 'unknown',
      'cpu.virtualization': 'unknown',
      memory: 'unknown',
      verdict: 'unknown',
    });
  });
});

describe('a /proc/cpuinfo that does not tell all', () => {
  const intel =
    'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\n';

  it.each([
    ['Intel without flags', intel],
    ['Intel with an empty line of flags', `${intel}flags\t\t:\n`],
    ['AMD without flags', intel.replace('GenuineIntel', 'AuthenticAMD')],
    ['a maker that is not known', intel.replace('GenuineIntel', 'SomebodyElse')],
    ['a part of the file', 'processor\t: 0\nbogomips\t: 5200.00\n'],
  ])('%s: the architecture is not known, and never a fail', async (_what, text) => {
    const facts = await read(tree({ 'proc/cpuinfo': text, ...dmi('Dell Inc.', 'PowerEdge R650') }));
    expect(outcomesOf(facts)).toMatchObject({ 'cpu.x64': 'unknown', verdict: 'unknown' });
    expect(valueOf(facts.processors)?.[0]?.architecture).toMatchObject({ known: false });
    expect(JSON.stringify(judgeReadiness(facts).checks)).toContain('shows no flags');
  });

  it('User Mode Linux is a guest', async () => {
    const facts = await read(
      tree({ 'proc/cpuinfo': 'processor\t: 0\nvendor_id\t: User Mode Linux\nmodel name\t: UML\n' }),
    );
    expect(valueOf(facts.hypervisor.guestOf)).toBe('User Mode Linux');
    expect(outcomesOf(facts)['cpu.x64']).toBe('unknown');
  });

  it.each([
    ['vendor_id\t: E2K MACHINE\n', 'Elbrus'],
    ['cpu family\t: PA-RISC 2.0\ncpu\t\t: PA8700\n', 'PA-RISC'],
    ['vendor_id\t: Tensilica\n', 'Xtensa'],
  ])('%j names another architecture, which fails', async (lines) => {
    const facts = await read(tree({ 'proc/cpuinfo': `processor\t: 0\n${lines}` }));
    expect(outcomesOf(facts)['cpu.x64']).toBe('fail');
  });
});

describe('cores', () => {
  const socket = (count: number, cores: number | null, idOf: (at: number) => number): string =>
    Array.from({ length: count }, (_, at) => {
      const told = cores === null ? '' : `cpu cores\t: ${cores}\n`;
      return `processor\t: ${at}\nvendor_id\t: AuthenticAMD\ncpu family\t: 16\nmodel\t\t: 9\nphysical id\t: 0\ncore id\t\t: ${idOf(at)}\n${told}flags\t\t: fpu nx lm svm npt\n`;
    }).join('\n');

  it.each([
    ['two dies that number their cores alike', socket(12, 12, (at) => at % 6), 12],
    ['the same with two threads a core', socket(24, 12, (at) => at % 6), 12],
    ['ids alone', socket(8, null, (at) => at % 4), 4],
    ['both alike', socket(8, 4, (at) => at % 4), 4],
    ['the kernel’s count of one die', socket(24, 6, (at) => at % 12), 12],
    ['a count that does not divide the processors', socket(12, 8, (at) => at % 6), 6],
    ['neither divides', socket(12, 5, (at) => at % 7), undefined],
    ['a part of the file', socket(1, 32, () => 0), undefined],
  ])('%s', async (_what, text, cores) => {
    const facts = await read(tree({ 'proc/cpuinfo': text }));
    const [processor] = valueOf(facts.processors) ?? [];
    expect(processor && valueOf(processor.cores)).toBe(cores);
    if (cores === undefined) expect(processor?.cores).toMatchObject({ cause: 'ambiguous' });
  });
});

describe('make and model of a Linux machine', () => {
  it('prove nothing where the processor does not say that no hypervisor runs', async () => {
    const bare = await read(
      tree({ 'sys/class/dmi/id/sys_vendor': 'Maker\n', 'sys/class/dmi/id/product_name': 'Model\n', 'proc/stat': '' }),
    );
    expect(outcomesOf(bare)['host.physical']).toBe('unknown');
  });

  it('of a provider give way to its firmware', async () => {
    const facts = await read(
      tree({ 'proc/cpuinfo': x86(full), ...dmi('Provider', 'VPS'), 'sys/class/dmi/id/bios_vendor': 'SeaBIOS\n' }),
    );
    expect(valueOf(facts.hypervisor.guestOf)).toBe('KVM/QEMU');
  });
});
