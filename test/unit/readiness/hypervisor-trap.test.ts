import { describe, expect, it } from 'vitest';
import type { WindowsServer } from '../../../shared/model/windows-server.ts';
import type { WmiInstance } from '../../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { hiddenFlags, outcomesOf, readyServer, serverClasses, vmms, w32time } from '../../support/readiness.ts';

// No public dump was found that holds HypervisorPresent: every case here is constructed from Microsoft's description of
// the classes (Win32_Processor, Win32_ComputerSystem, Win32_DeviceGuard).

const hidden = [serverClasses.processor(hiddenFlags)];
const running = { HypervisorPresent: true };
const vbsRuns: WmiInstance = { VirtualizationBasedSecurityStatus: 2, SecurityServicesRunning: [1] };
const os2012R2: WmiInstance = {
  Caption: 'Microsoft Windows Server 2012 R2 Standard',
  Version: '6.3.9600',
  BuildNumber: '9600',
  OperatingSystemSKU: 7,
};

interface Case {
  readonly name: string;
  readonly facts: ReturnType<typeof readyServer>;
  readonly for?: WindowsServer;
  readonly expected: Readonly<Record<string, string>>;
}

const cases: readonly Case[] = [
  {
    name: 'no hypervisor and all flags TRUE: ready',
    facts: readyServer(),
    expected: {
      'cpu.virtualization': 'pass',
      'cpu.slat': 'pass',
      'firmware.virtualization': 'pass',
      hypervisor: 'pass',
      'host.physical': 'pass',
      'host.catalog': 'warn',
      verdict: 'ready',
    },
  },
  {
    name: 'a fresh Windows Server 2025 whose hypervisor runs for Credential Guard: ready, though all flags read FALSE',
    facts: readyServer({ processors: hidden, system: running, deviceGuard: vbsRuns }),
    expected: {
      'cpu.virtualization': 'pass',
      'cpu.slat': 'pass',
      'firmware.virtualization': 'pass',
      hypervisor: 'pass',
      verdict: 'ready',
    },
  },
  {
    name: 'the same with blank flags',
    facts: readyServer({
      processors: [
        serverClasses.processor({
          VMMonitorModeExtensions: '',
          SecondLevelAddressTranslationExtensions: null,
          VirtualizationFirmwareEnabled: '',
        }),
      ],
      system: running,
      deviceGuard: vbsRuns,
    }),
    expected: { 'cpu.virtualization': 'pass', 'cpu.slat': 'pass', 'firmware.virtualization': 'pass', verdict: 'ready' },
  },
  {
    name: 'the Hyper-V role runs on 2025: proven, the flags are not read',
    facts: readyServer({ processors: hidden, system: running, services: [vmms, w32time] }),
    expected: { 'cpu.virtualization': 'pass', 'cpu.slat': 'pass', 'firmware.virtualization': 'pass', verdict: 'ready' },
  },
  {
    name: '2012 R2 with the Hyper-V role: virtualization proven, SLAT unknown but not required',
    facts: readyServer({ processors: hidden, system: running, os: os2012R2, services: [vmms, w32time] }),
    expected: {
      'cpu.virtualization': 'pass',
      'firmware.virtualization': 'pass',
      'cpu.slat': 'unknown',
      verdict: 'ready',
    },
  },
  {
    name: '2012 R2 with the Hyper-V role, judged for 2025: SLAT decides and is unknown',
    facts: readyServer({ processors: hidden, system: running, os: os2012R2, services: [vmms, w32time] }),
    for: '2025',
    expected: { 'cpu.virtualization': 'pass', 'cpu.slat': 'unknown', 'os.version': 'fail', verdict: 'notReady' },
  },
  {
    name: 'some hypervisor on hardware, not shown to be Microsoft: virtualization is on, SLAT unknown',
    facts: readyServer({ processors: hidden, system: running }),
    expected: {
      'cpu.virtualization': 'pass',
      'firmware.virtualization': 'pass',
      'cpu.slat': 'unknown',
      verdict: 'unknown',
    },
  },
  {
    name: 'a guest of Hyper-V with hidden flags: nested, never ready and never a fail',
    facts: readyServer({
      processors: hidden,
      system: { ...running, Manufacturer: 'Microsoft Corporation', Model: 'Virtual Machine' },
      deviceGuard: vbsRuns,
    }),
    expected: {
      hypervisor: 'warn',
      'host.physical': 'warn',
      'host.catalog': 'notApplicable',
      'cpu.virtualization': 'warn',
      'cpu.slat': 'unknown',
      'firmware.virtualization': 'unknown',
      verdict: 'unknown',
    },
  },
  {
    name: 'a guest of VMware with the Hyper-V role: nested, whatever runs in it',
    facts: readyServer({
      processors: hidden,
      system: { ...running, Manufacturer: 'VMware, Inc.', Model: 'VMware20,1' },
      services: [vmms, w32time],
    }),
    expected: { hypervisor: 'warn', 'cpu.virtualization': 'warn', verdict: 'unknown' },
  },
  {
    name: 'no hypervisor, flags FALSE: they are trustworthy',
    facts: readyServer({ processors: hidden }),
    expected: {
      'cpu.virtualization': 'fail',
      'cpu.slat': 'fail',
      'firmware.virtualization': 'fail',
      verdict: 'notReady',
    },
  },
  {
    name: 'no hypervisor, switched off in firmware',
    facts: readyServer({ processors: [serverClasses.processor({ VirtualizationFirmwareEnabled: false })] }),
    expected: { 'cpu.virtualization': 'pass', 'firmware.virtualization': 'fail', verdict: 'notReady' },
  },
  {
    name: 'one of two sockets lacks what the other has: every socket must agree',
    facts: readyServer({
      processors: [
        serverClasses.processor(),
        serverClasses.processor({ DeviceID: 'CPU1', SecondLevelAddressTranslationExtensions: false }),
      ],
    }),
    expected: { 'cpu.virtualization': 'pass', 'cpu.slat': 'fail', verdict: 'notReady' },
  },
  {
    name: 'no SLAT on 2012 R2: a warning',
    facts: readyServer({
      processors: [serverClasses.processor({ SecondLevelAddressTranslationExtensions: false })],
      os: os2012R2,
    }),
    expected: { 'cpu.slat': 'warn', verdict: 'ready' },
  },
];

describe('the hypervisor trap', () => {
  it.each(cases)('$name', (one) => {
    expect(outcomesOf(one.facts, one.for)).toMatchObject(one.expected);
  });

  it('reads the flags as unknown while it is not known whether a hypervisor runs', () => {
    const facts = readyServer({ processors: hidden });
    facts.hypervisor.present = { known: false, name: 'x', cause: 'notCollected', because: 'not collected' };
    const outcomes = outcomesOf(facts);
    expect(outcomes).toMatchObject({
      'cpu.virtualization': 'unknown',
      'cpu.slat': 'unknown',
      'firmware.virtualization': 'unknown',
      hypervisor: 'unknown',
    });
  });

  it('does not call a hypervisor its own while make and model are not known', () => {
    const facts = readyServer({ processors: hidden, system: { ...running, Manufacturer: '', Model: '' } });
    expect(outcomesOf(facts)).toMatchObject({
      hypervisor: 'unknown',
      'cpu.virtualization': 'unknown',
      verdict: 'unknown',
    });
  });

  it('names a way to prove every unknown, and evidence for every outcome', () => {
    for (const one of cases)
      for (const check of judgeReadiness(one.facts, one.for).checks) {
        if (check.outcome === 'unknown') {
          expect(check.because, `${one.name}: ${check.id}`).toBeTruthy();
          expect(check.remediation?.text, `${one.name}: ${check.id}`).toBeTruthy();
        }
        if (check.outcome !== 'notApplicable') expect(check.evidence.length, check.id).toBeGreaterThan(0);
      }
  });
});
