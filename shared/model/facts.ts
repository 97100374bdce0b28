import * as z from 'zod';
import { architectures, factsSchemaName, nicKinds } from './facts-vocabulary.ts';
import { unknownCauses, unknownFact } from './fact.ts';

export * from './fact.ts';
export * from './facts-vocabulary.ts';

const unknownFactSchema = z.object({
  known: z.literal(false),
  name: z.string(),
  cause: z.enum(unknownCauses),
  because: z.string(),
});

const factOf = <Value extends z.ZodType>(value: Value) =>
  z.discriminatedUnion('known', [
    z.object({ known: z.literal(true), value, name: z.string(), from: z.string() }),
    unknownFactSchema,
  ]);

/** A 64-bit quantity: a `bigint` in memory, decimal digits in JSON. */
const decimal = z.string().regex(/^\d{1,20}$/);

const text = factOf(z.string());
const flag = factOf(z.boolean());
const whole = factOf(z.number().int().min(0));

/** What documents of earlier versions say of a fact that came later. */
const notAskedFor = (name: string) =>
  unknownFact(name, 'notCollected', 'An earlier version of Quorate wrote this, which did not ask for it.');

/** One processor package (socket). */
export const processorFactsSchema = z.object({
  /** `Win32_Processor.DeviceID` or the package's number. */
  socket: z.string(),
  name: text,
  /** CPUID vendor: `GenuineIntel`, `AuthenticAMD` ... */
  vendor: text,
  /** CPUID display family and model, as Windows and Linux show them. */
  family: whole,
  model: whole,
  architecture: factOf(z.enum(architectures)),
  /** Width of the processor's registers in bits, not of the operating system. */
  dataWidthBits: whole,
  /** The NX/XD bit of the processor, where the processor itself is asked (Linux). */
  executeDisable: flag,
  /** VT-x or AMD-V. */
  virtualizationExtensions: flag,
  /** Second-level address translation: EPT or NPT. */
  secondLevelAddressTranslation: flag,
  /** Virtualization is switched on in firmware. */
  virtualizationFirmwareEnabled: flag,
  cores: whole,
  logicalProcessors: whole,
});

/** One network interface as the system lists it. */
export const nicFactsSchema = z.object({
  /** The connection's name (`Ethernet 4`, `eno1`), or the device's where there is none. */
  name: z.string(),
  description: z.string(),
  /** Only `ethernet` is a physical port that a cluster network can use. */
  kind: factOf(z.enum(nicKinds)),
  macAddress: text,
  linkUp: flag,
  speedBitsPerSecond: factOf(decimal),
});

/** All that readiness asks of a machine. Every leaf is a {@link Fact}. */
export const hostFactsSchema = z.object({
  schema: z.literal(factsSchemaName),
  collectedAt: z.iso.datetime(),
  collectedBy: z.object({ tool: z.string(), version: z.string() }),
  /** `live` was read on the running machine; `sysroot` from a captured tree; `files` from imported files. */
  source: z.object({ kind: z.enum(['live', 'sysroot', 'files', 'rehearsal']), names: z.array(z.string()) }),
  /** What runs on the machine; `unknown` where the source does not show it. */
  platform: z.enum(['windows', 'linux', 'unknown']),
  /** What a reader of these facts has to know besides, as whole sentences. */
  notes: z.array(z.string()),
  machine: z.object({
    name: text,
    /** Every name that the sources gave to the machine: more than one means that machines were mixed. */
    names: z.array(z.string()),
    manufacturer: text,
    model: text,
    serialNumber: text,
    uuid: text,
  }),
  firmware: z.object({
    vendor: text,
    version: text,
    /** `YYYY-MM-DD`. */
    releaseDate: text,
    kind: factOf(z.enum(['uefi', 'bios'])),
    secureBoot: flag,
  }),
  /** One entry per socket, at least one. */
  processors: factOf(z.array(processorFactsSchema).min(1)),
  hypervisor: z.object({
    /** Some hypervisor runs below this operating system: its own or the one whose guest it is. */
    present: flag,
    /** The product that this machine is itself a virtual machine of; null for hardware. */
    guestOf: factOf(z.string().nullable()),
    /** The Hyper-V Virtual Machine Management service. */
    vmms: factOf(z.enum(['running', 'stopped', 'absent'])),
    /** `Win32_DeviceGuard.VirtualizationBasedSecurityStatus`: 0 off, 1 enabled but not running, 2 running. */
    virtualizationBasedSecurity: whole,
    /** `Win32_DeviceGuard.SecurityServicesRunning`: 1 Credential Guard, 2 memory integrity. */
    securityServicesRunning: factOf(z.array(z.number().int())),
    /** Linux: the device /dev/kvm. Its absence proves nothing. */
    kvmDevice: flag,
  }),
  memory: z.object({
    /** What the operating system sees. */
    visibleBytes: factOf(decimal),
    /** The sum of the memory modules. */
    installedBytes: factOf(decimal),
  }),
  os: z.object({
    caption: text,
    /** `6.3.9600`; on Linux the kernel's release. */
    version: text,
    build: whole,
    servicePack: whole,
    /** `Win32_OperatingSystem.OperatingSystemSKU`. */
    sku: whole,
    /** `Win32_OperatingSystem.ProductType`: 1 workstation, 2 domain controller, 3 server. */
    productType: whole,
    /** Width of the running operating system in bits. */
    widthBits: whole,
    /** The update level within a build (`UBR` in the registry): 2113 of 20348.2113. */
    updateRevision: whole.default(notAskedFor('Registry.UpdateRevision')),
    /** The drive that Windows was installed on, such as `C:`. */
    systemDrive: text.default(notAskedFor('Win32_OperatingSystem.SystemDrive')),
    /** `Server`, `Server Core`, `Client` ... from the registry's InstallationType. */
    installationType: text,
    /** Hexadecimal language identifier, such as `0409`. */
    locale: text,
    depAvailable: flag,
    /** 0 AlwaysOff, 1 AlwaysOn, 2 OptIn, 3 OptOut. */
    depSupportPolicy: whole,
    /** Identifiers of the installed updates, such as `KB950050`. */
    updates: factOf(z.array(z.string())),
    /** What waits for a restart, as `restart-signs.ts` names it; empty when nothing does. */
    pendingReboot: factOf(z.array(z.string())),
  }),
  nics: factOf(z.array(nicFactsSchema)),
  time: z.object({
    /** The Windows Time service. */
    service: factOf(z.enum(['running', 'stopped', 'absent'])),
    /** The service's `Type`: NTP, NT5DS, AllSync or NoSync. */
    type: text,
    server: text,
  }),
  domain: z.object({
    joined: flag,
    name: text,
    /** `Win32_ComputerSystem.DomainRole`, 0 to 5. */
    role: whole,
  }),
  tpm: z.object({ present: flag, specVersion: text }),
});

export type ProcessorFacts = z.infer<typeof processorFactsSchema>;
export type NicFacts = z.infer<typeof nicFactsSchema>;
export type HostFacts = z.infer<typeof hostFactsSchema>;
