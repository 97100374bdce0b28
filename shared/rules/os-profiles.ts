import type { WindowsServer } from '../model/windows-server.ts';

/** What readiness asks of one release of Windows Server. */
export interface OsProfile {
  readonly server: WindowsServer;
  /** `Win32_OperatingSystem.Version` without the build, and the builds that are this release (null: all of them). */
  readonly version: string;
  readonly builds: readonly number[] | null;
  /** The editions that have Failover Clustering and Hyper-V. */
  readonly editions: readonly Edition[];
  readonly needsSlat: boolean;
  /** Least memory, in bytes, and the document that says so. */
  readonly leastMemoryBytes: bigint;
  readonly memorySource: string;
  /** Update 950050 or Service Pack 2 has to be there before the role. */
  readonly needsUpdate950050: boolean;
  /** A cluster of servers that are in no domain is possible. */
  readonly workgroupCluster: boolean;
}

export type Edition = 'standard' | 'enterprise' | 'datacenter' | 'hyperVServer';

const mebibyte = 1024n * 1024n;

/** Microsoft's page on what Hyper-V needs from Windows Server 2016 on. */
export const hyperVRequirements =
  'Microsoft, System requirements for Hyper-V on Windows Server: https://learn.microsoft.com/windows-server/virtualization/hyper-v/system-requirements-for-hyper-v-on-windows';
/** The column whose procedure the product carries out. */
export const column = 'Microsoft TechNet column "Clustering Hyper-V"';

const olderMemory = {
  leastMemoryBytes: 512n * mebibyte,
  memorySource: 'Microsoft, published system requirements of this release (512 MB)',
} as const;
const newerMemory = { leastMemoryBytes: 4096n * mebibyte, memorySource: hyperVRequirements } as const;

const older = { builds: null, needsSlat: false, workgroupCluster: false, needsUpdate950050: false, ...olderMemory };
const newer = {
  version: '10.0',
  editions: ['standard', 'datacenter'],
  needsSlat: true,
  workgroupCluster: true,
  needsUpdate950050: false,
  ...newerMemory,
} as const;

/** Every release in one table; a new release is a new row. Builds: Microsoft, Windows Server release information. */
export const osProfiles: Readonly<Record<WindowsServer, OsProfile>> = {
  '2008': {
    ...older,
    server: '2008',
    version: '6.0',
    editions: ['enterprise', 'datacenter'],
    needsUpdate950050: true,
  },
  '2008R2': { ...older, server: '2008R2', version: '6.1', editions: ['enterprise', 'datacenter', 'hyperVServer'] },
  '2012': { ...older, server: '2012', version: '6.2', editions: ['standard', 'datacenter'] },
  '2012R2': { ...older, server: '2012R2', version: '6.3', editions: ['standard', 'datacenter'] },
  '2016': { ...newer, server: '2016', builds: [14393] },
  '2019': { ...newer, server: '2019', builds: [17763] },
  '2022': { ...newer, server: '2022', builds: [20348] },
  '2025': { ...newer, server: '2025', builds: [26100] },
};

/** The first build whose Hyper-V requires second-level address translation (Windows Server 2016). */
export const firstBuildWithSlat = 14393;

/** The release that a version and build belong to; null for anything that is not a release of the table. */
export const serverOfVersion = (version: string, build: number | undefined): WindowsServer | null => {
  const majorMinor = version.split('.').slice(0, 2).join('.');
  const profile = Object.values(osProfiles).find(
    (row) => row.version === majorMinor && (row.builds === null || (build !== undefined && row.builds.includes(build))),
  );
  return profile?.server ?? null;
};

/** What an `OperatingSystemSKU` is, in the product's own name; Microsoft, GetProductInfo and Win32_OperatingSystem. */
export interface SkuRow {
  readonly title: string;
  readonly edition: Edition | null;
  readonly hasHyperV: boolean;
  readonly isEvaluation?: boolean;
}

const sku = (title: string, edition: Edition | null, hasHyperV = edition !== null): SkuRow => ({
  title,
  edition,
  hasHyperV,
});

/** SKUs of server editions. A number that is not here is unknown, not refused. */
export const serverSkus: Readonly<Record<number, SkuRow>> = {
  7: sku('Standard', 'standard'),
  8: sku('Datacenter', 'datacenter'),
  9: sku('Small Business Server', null),
  10: sku('Enterprise', 'enterprise'),
  12: sku('Datacenter (Server Core)', 'datacenter'),
  13: sku('Standard (Server Core)', 'standard'),
  14: sku('Enterprise (Server Core)', 'enterprise'),
  15: sku('Enterprise for Itanium-based systems', null),
  17: sku('Web Server', null),
  18: sku('HPC Edition', null),
  25: sku('Small Business Server Premium', null),
  29: sku('Web Server (Server Core)', null),
  33: sku('Foundation', null),
  36: sku('Standard without Hyper-V', 'standard', false),
  37: sku('Datacenter without Hyper-V', 'datacenter', false),
  38: sku('Enterprise without Hyper-V', 'enterprise', false),
  39: sku('Datacenter without Hyper-V (Server Core)', 'datacenter', false),
  40: sku('Standard without Hyper-V (Server Core)', 'standard', false),
  41: sku('Enterprise without Hyper-V (Server Core)', 'enterprise', false),
  42: sku('Hyper-V Server', 'hyperVServer'),
  50: sku('Essentials', null),
  79: { ...sku('Standard (evaluation)', 'standard'), isEvaluation: true },
  80: { ...sku('Datacenter (evaluation)', 'datacenter'), isEvaluation: true },
};

export const editionTitles: Readonly<Record<Edition, string>> = {
  standard: 'Standard',
  enterprise: 'Enterprise',
  datacenter: 'Datacenter',
  hyperVServer: 'Hyper-V Server',
};
