import type { ClusterFileInput } from './cluster-file.ts';

/** What an example is asked for. */
export interface ExampleOptions {
  /** 2 to 64. */
  readonly servers: number;
  readonly membership?: ClusterFileInput['membership'];
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

/**
 * A whole cluster file for so many servers, in the address ranges for documentation (RFC 5737): what a rehearsal without a file of its
 * own forms, and what the documentation shows. Its servers have four adapters, one for each role.
 */
export const exampleClusterFile = ({ servers, membership }: ExampleOptions): ClusterFileInput => ({
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
    target: 'iqn.2004-04.test.lab:array1',
    portals: [
      { address: '198.51.100.10', path: 'iscsiA' },
      { address: '203.0.113.10', path: 'iscsiB' },
    ],
    luns: [
      { purpose: 'witness', serial: 'LAB-WITNESS-0001' },
      { purpose: 'data', serial: 'LAB-DATA-0002' },
    ],
  },
  cluster: { name: 'CLUSTER1', addresses: ['192.0.2.20'] },
  switches: [{ name: 'Machines', role: 'production' }],
  virtualMachines: [{ name: 'VM1', memoryMB: 2048, switch: 'Machines', preferredOwners: ['NODE1', 'NODE2'] }],
});
