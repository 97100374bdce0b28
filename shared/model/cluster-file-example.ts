import type { ClusterFileInput } from './cluster-file.ts';

/** What an example is asked for. */
export interface ExampleOptions {
  /** 2 to 64. */
  readonly servers: number;
  readonly membership?: ClusterFileInput['membership'];
  /** A third machine offers the LUNs: there is no target yet. */
  readonly storageHost?: boolean;
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

/** The storage host of the example: its iSCSI addresses are the portals. */
const exampleStorageHost: ClusterFileInput['storageHost'] = {
  server: {
    name: 'STORE1',
    nics: [
      {
        mac: '02-51-00-01-01-01',
        role: 'production',
        addresses: ['192.0.2.11/24'],
        gateway: '192.0.2.1',
        dnsServers: ['192.0.2.53'],
      },
      { mac: '02-51-00-01-01-03', role: 'iscsiA', addresses: ['198.51.100.10/24'] },
      { mac: '02-51-00-01-01-04', role: 'iscsiB', addresses: ['203.0.113.10/24'] },
    ],
  },
  volume: { serial: 'HDD-STORE-0001', letter: 'E', label: 'iSCSI' },
  target: 'cluster1',
  disks: [
    { name: 'witness', purpose: 'witness', sizeMB: 1024 },
    { name: 'data', purpose: 'data', sizeMB: 102_400 },
  ],
};

/**
 * A whole cluster file for so many servers, in the address ranges for documentation (RFC 5737): what a rehearsal without a file of its
 * own forms, and what the documentation shows. Its servers have four adapters, one for each role.
 */
export const exampleClusterFile = ({ servers, membership, storageHost = false }: ExampleOptions): ClusterFileInput => ({
  version: 1,
  membership: membership ?? { kind: 'workgroup', name: 'WORKGROUP' },
  servers: Array.from({ length: servers }, (_, index) => {
    const mac = (port: number): string => `02-51-00-00-${hex(index + 1)}-${hex(port)}`;
    const host = 21 + index;
    return {
      name: `NODE${index + 1}`,
      nics: [
        {
          mac: mac(1),
          role: 'production',
          addresses: [`192.0.2.${host}/24`],
          gateway: '192.0.2.1',
          dnsServers: ['192.0.2.53'],
        },
        { mac: mac(2), role: 'clusterPrivate', addresses: [`10.51.0.${host}/24`] },
        { mac: mac(3), role: 'iscsiA', addresses: [`198.51.100.${host}/24`] },
        { mac: mac(4), role: 'iscsiB', addresses: [`203.0.113.${host}/24`] },
      ],
    };
  }),
  storage: {
    ...(storageHost ? {} : { target: 'iqn.2004-04.test.lab:array1' }),
    portals: [
      { address: '198.51.100.10', path: 'iscsiA' },
      { address: '203.0.113.10', path: 'iscsiB' },
    ],
    luns: storageHost
      ? [
          { purpose: 'witness', disk: 'witness' },
          { purpose: 'data', disk: 'data' },
        ]
      : [
          { purpose: 'witness', serial: 'LAB-WITNESS-0001' },
          { purpose: 'data', serial: 'LAB-DATA-0002' },
        ],
  },
  ...(storageHost ? { storageHost: exampleStorageHost } : {}),
  cluster: { name: 'CLUSTER1', addresses: ['192.0.2.20'] },
  switches: [{ name: 'Machines', role: 'production' }],
  virtualMachines: [{ name: 'VM1', memoryMB: 2048, switch: 'Machines', preferredOwners: ['NODE1', 'NODE2'] }],
});
