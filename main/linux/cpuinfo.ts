import { cleanText, known, unknownFact, type Fact } from '../../shared/model/fact.ts';
import type { ProcessorFacts } from '../../shared/model/facts.ts';
import type { Architecture } from '../../shared/model/facts-vocabulary.ts';

/** One block of /proc/cpuinfo: keys in lower case. */
type Block = ReadonlyMap<string, string>;

export interface CpuInfo {
  /** Null: nothing that is known here names one. */
  readonly architecture: Architecture | null;
  readonly processors: ProcessorFacts[];
  /** CPUID.1:ECX bit 31, the flag `hypervisor`; undefined where the kernel shows no x86 flags. */
  readonly hypervisorFlag: boolean | undefined;
}

const parseBlocks = (text: string): Block[] =>
  text
    .split(/\n\s*\n/)
    .map(
      (block) =>
        new Map(
          block
            .split('\n')
            .map((line) => /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(line))
            .filter((match) => match !== null)
            .map((match) => [(match[1] ?? '').toLowerCase(), match[2] ?? ''] as const),
        ),
    )
    .filter((block) => block.size > 0);

const find = (blocks: readonly Block[], key: string): string | undefined => {
  for (const block of blocks) {
    const value = block.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
};

/** CPUID vendors of x86 processors, as the kernel writes them (arch/x86/kernel/cpu). */
const x86Vendors =
  /^(GenuineIntel|AuthenticAMD|AMDisbetter!|HygonGenuine|CentaurHauls|Shanghai|VIA VIA VIA|CyrixInstead|GenuineTMx86|TransmetaCPU|Geode by NSC|NexGenDriven|RiseRiseRise|SiS SiS SiS|UMC UMC UMC|Vortex86 SoC|Genuine\s+RDC)$/i;

/** Processors that are none of x86 and none of those with a name of their own here. */
const otherArchitectures =
  /\b(E2K|Elbrus|PA-?RISC|PA[78]\d00|MicroBlaze|Tensilica|Xtensa|OpenRISC|Nios|C-?SKY|ARCompact|ARC(v2|HS)|SuperH|SH-?[2-5][A-Z]?|680[0-6]0|ColdFire|Hexagon|Blackfin|M32R)\b/i;

const flagsOf = (block: Block): Set<string> => new Set((block.get('flags') ?? '').split(/\s+/).filter(Boolean));

/**
 * Each architecture's kernel writes a /proc/cpuinfo of its own (arch/<name>/kernel in the kernel's sources); these are the
 * keys that only one of them writes. `lm` (long mode) is the flag of x64.
 */
const detectArchitecture = (blocks: readonly Block[]): Architecture | null => {
  const has = (key: string): boolean => find(blocks, key) !== undefined;
  const vendor = find(blocks, 'vendor_id') ?? '';
  if (/S390/i.test(vendor)) return 's390';
  const flagged = blocks.filter((block) => flagsOf(block).size > 0);
  if (flagged.length > 0 && (has('cpu family') || has('vendor_id')))
    return flagged.every((block) => flagsOf(block).has('lm')) ? 'x64' : 'x86';
  if (/IA-64|Itanium/i.test(find(blocks, 'arch') ?? '') || (has('archrev') && has('vendor'))) return 'ia64';
  if (has('cpu implementer') || has('cpu architecture') || /ARM/i.test(find(blocks, 'processor') ?? '')) {
    const version = find(blocks, 'cpu architecture') ?? '';
    return /^(8|9|AArch64)/i.test(version) ? 'arm64' : 'arm';
  }
  if (/^rv(32|64|128)/i.test(find(blocks, 'isa') ?? '') || has('hart')) return 'riscv';
  if (/loongarch/i.test(find(blocks, 'isa') ?? '') || /loongson-64bit/i.test(find(blocks, 'cpu family') ?? ''))
    return 'loongarch';
  if (/sparc/i.test(find(blocks, 'cpu') ?? '') || /^sun4/i.test(find(blocks, 'type') ?? '')) return 'sparc';
  if (has('pvr') || /(POWER|PPC|7447|74xx|e500|e6500|970)/i.test(find(blocks, 'cpu') ?? '')) return 'powerpc';
  if (/mips/i.test(find(blocks, 'cpu model') ?? '') || /mips/i.test(find(blocks, 'isa') ?? '')) return 'mips';
  if (/alpha/i.test(find(blocks, 'cpu') ?? '')) return 'alpha';
  if (x86Vendors.test(vendor)) return null;
  const names = [
    'vendor_id',
    'cpu',
    'cpu family',
    'cpu-family',
    'cpu model',
    'model name',
    'machine',
    'processor family',
  ];
  return names.some((key) => otherArchitectures.test(find(blocks, key) ?? '')) ? 'other' : null;
};

const where = '/proc/cpuinfo';

const textFact = (name: string, value: string | undefined): Fact<string> => {
  const text = cleanText(value ?? '');
  return text === '' ? unknownFact(name, 'notReported', `${where} has no ${name}.`) : known(text, name, where);
};

const wholeFact = (name: string, value: string | undefined): Fact<number> =>
  value !== undefined && /^\d{1,9}$/.test(value)
    ? known(Number(value), name, where)
    : value === undefined
      ? unknownFact(name, 'notReported', `${where} has no ${name}.`)
      : unknownFact(name, 'notReadable', `${where} holds "${cleanText(value).slice(0, 40)}" as ${name}.`);

const flagFact = (flags: ReadonlySet<string>, names: readonly string[], whyAbsent: string): Fact<boolean> => {
  const present = names.find((name) => flags.has(name));
  return present === undefined
    ? unknownFact(`flags ${names.join(' or ')}`, 'ambiguous', whyAbsent)
    : known(true, `flag ${present}`, where);
};

/**
 * `cpu cores` is the kernel's own count. The ids of the cores begin anew on each die of some processors, so that they are counted only
 * where it is missing; where both are there and differ, the larger one that divides the logical processors of the socket is believed.
 */
const countCores = (blocks: readonly Block[]): Fact<number> => {
  const told = wholeFact('cpu cores', find(blocks, 'cpu cores'));
  const ids = new Set(blocks.map((block) => block.get('core id')).filter((id) => id !== undefined)).size;
  if (!told.known) return ids > 0 ? known(ids, 'core id', where) : told;
  if (ids === 0 || ids === told.value) return told;
  const logical = blocks.length;
  const [larger, smaller] = told.value > ids ? [told.value, ids] : [ids, told.value];
  const right = [larger, smaller].find((count) => logical >= larger && logical % count === 0);
  return right === undefined
    ? unknownFact(
        'cpu cores',
        'ambiguous',
        `${where} has ${told.value} as cpu cores, ${ids} core ids and ${logical} processors.`,
      )
    : known(right, right === told.value ? 'cpu cores' : 'core id', where);
};

/**
 * A present flag proves the processor. An absent one proves nothing: firmware or an outer hypervisor may hide it, and old
 * kernels do not list it. Whether the family can have it at all, the rules judge.
 */
const x86Processor = (socket: string, blocks: readonly Block[]): ProcessorFacts => {
  const flags = blocks.map(flagsOf).reduce((all, one) => new Set([...all].filter((flag) => one.has(flag))));
  const isLong = flags.has('lm');
  const hidden = (what: string): string =>
    `${where} does not list ${what}: the firmware or an outer hypervisor may hide it.`;
  return {
    socket,
    name: textFact('model name', find(blocks, 'model name')),
    vendor: textFact('vendor_id', find(blocks, 'vendor_id')),
    family: wholeFact('cpu family', find(blocks, 'cpu family')),
    model: wholeFact('model', find(blocks, 'model')),
    architecture: known(isLong ? 'x64' : 'x86', isLong ? 'flag lm' : 'flags without lm', where),
    dataWidthBits: known(isLong ? 64 : 32, isLong ? 'flag lm' : 'flags without lm', where),
    executeDisable: flagFact(flags, ['nx'], hidden('nx')),
    virtualizationExtensions: flagFact(flags, ['vmx', 'svm'], hidden('vmx or svm')),
    secondLevelAddressTranslation: flagFact(flags, ['ept', 'npt'], hidden('ept or npt')),
    virtualizationFirmwareEnabled: unknownFact(
      'firmware switch',
      'notReported',
      `${where} shows the processor, not the firmware's switch; the device /dev/kvm would prove it.`,
    ),
    cores: countCores(blocks),
    logicalProcessors: known(blocks.length, 'processor', where),
  };
};

/** One socket of which the file does not show what it is. */
const unclearProcessor = (socket: string, blocks: readonly Block[]): ProcessorFacts => {
  const vendor = find(blocks, 'vendor_id') ?? '';
  const because = x86Vendors.test(vendor)
    ? `${where} shows no flags: ${cleanText(vendor)} makes x86 processors, and whether this one has 64 bits is not known.`
    : `${where} shows no flags, and nothing else in it names an architecture.`;
  const hidden = (name: string): Fact<boolean> => unknownFact(name, 'notReported', because);
  return {
    socket,
    name: textFact('model name', find(blocks, 'model name')),
    vendor: textFact('vendor_id', find(blocks, 'vendor_id')),
    family: wholeFact('cpu family', find(blocks, 'cpu family')),
    model: wholeFact('model', find(blocks, 'model')),
    architecture: unknownFact('architecture', 'notReported', because),
    dataWidthBits: unknownFact('data width', 'notReported', because),
    executeDisable: hidden('flag nx'),
    virtualizationExtensions: hidden('flags vmx or svm'),
    secondLevelAddressTranslation: hidden('flags ept or npt'),
    virtualizationFirmwareEnabled: hidden('firmware switch'),
    cores: countCores(blocks),
    logicalProcessors: known(blocks.length, 'processor', where),
  };
};

const foreignProcessor = (architecture: Architecture, blocks: readonly Block[]): ProcessorFacts => {
  const none = (name: string): Fact<boolean> =>
    unknownFact(name, 'notReported', `A ${architecture} processor does not have this x64 flag.`);
  const name =
    find(blocks, 'model name') ?? find(blocks, 'cpu model') ?? find(blocks, 'uarch') ?? find(blocks, 'hardware');
  const named = [name, find(blocks, 'cpu'), find(blocks, 'processor')].find(
    (value) => value !== undefined && !/^\d*$/.test(value),
  );
  // s390 writes `processor 0: version = FF, ...`: one line per processor, all in one block.
  const count = blocks.filter((block) => block.has('processor')).length || blocks[0]?.size || 1;
  return {
    socket: 'processor',
    name: textFact('processor name', named ?? find(blocks, 'vendor_id')),
    vendor: textFact('vendor', find(blocks, 'vendor_id') ?? find(blocks, 'vendor') ?? find(blocks, 'cpu implementer')),
    family: unknownFact('family', 'notReported', 'A family number of x86 does not exist here.'),
    model: unknownFact('model', 'notReported', 'A model number of x86 does not exist here.'),
    architecture: known(architecture, 'architecture', where),
    dataWidthBits: unknownFact('data width', 'notReported', `${where} does not show it on ${architecture}.`),
    executeDisable: none('flag nx'),
    virtualizationExtensions: none('flags vmx or svm'),
    secondLevelAddressTranslation: none('flags ept or npt'),
    virtualizationFirmwareEnabled: none('firmware switch'),
    cores: unknownFact('cores', 'notReported', `${where} does not show them on ${architecture}.`),
    logicalProcessors: known(count, 'processor', where),
  };
};

const bySocket = (
  blocks: readonly Block[],
  read: (socket: string, members: readonly Block[]) => ProcessorFacts,
): ProcessorFacts[] => {
  const sockets = new Map<string, Block[]>();
  for (const block of blocks) {
    const id = block.get('physical id') ?? '0';
    sockets.set(id, [...(sockets.get(id) ?? []), block]);
  }
  return [...sockets].map(([id, members]) => read(`socket ${cleanText(id)}`, members));
};

/** Reads /proc/cpuinfo of any architecture; null when it is empty or no processor can be read from it. */
export const parseCpuInfo = (text: string): CpuInfo | null => {
  const blocks = parseBlocks(text);
  if (blocks.length === 0) return null;
  const architecture = detectArchitecture(blocks);
  const flagged = blocks.filter((block) => flagsOf(block).size > 0);
  const hypervisorFlag = flagged.length === 0 ? undefined : flagged.some((block) => flagsOf(block).has('hypervisor'));
  if (architecture === null) {
    const members = blocks.filter((block) => block.has('processor') || block.has('vendor_id'));
    const all = members.length > 0 ? members : blocks;
    return { architecture, processors: bySocket(all, unclearProcessor), hypervisorFlag };
  }
  if (architecture !== 'x64' && architecture !== 'x86')
    return { architecture, processors: [foreignProcessor(architecture, blocks)], hypervisorFlag: undefined };
  return { architecture, processors: bySocket(flagged, x86Processor), hypervisorFlag };
};
