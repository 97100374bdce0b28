import type { ClusterFile, ClusterFileServer } from '../../model/cluster-file.ts';
import type { Disk } from '../../model/disk.ts';
import type { InitiatorObserved, StorageObserved } from '../observed.ts';

/*
 * What a server will show once the steps before are done, as far as it can be told: steps that are planned on it are only expected,
 * so that a person can read the whole formation beforehand. They are planned again from the truth, and none of them runs.
 */

const usualBytes = { witness: 1n << 30n, data: 100n << 30n } as const;

/** A LUN as Windows will show it after the logon: blank, and online once it was brought online. */
const assumedDisk = (serial: string, purpose: 'witness' | 'data', number: number): Disk => ({
  uniqueId: `serial:${serial}`,
  uniqueIdFormat: null,
  number,
  serialNumber: serial,
  manufacturer: null,
  model: null,
  friendlyName: 'not seen yet',
  sizeBytes: usualBytes[purpose],
  logicalSectorBytes: 512,
  physicalSectorBytes: 512,
  busType: 'iscsi',
  isBoot: false,
  isSystem: false,
  isClustered: false,
  isOffline: true,
  offlineReason: 'policy',
  isReadOnly: true,
  healthStatus: 'healthy',
  partitionStyle: 'raw',
  largestFreeExtentBytes: null,
  pathCount: null,
  partitions: [],
  unread: [],
});

/** The disks of the file where they are not there yet. */
export const assumeDisks = (file: ClusterFile, storage: StorageObserved | undefined, node: string): StorageObserved => {
  const seen = storage?.disks ?? [];
  const there = (serial: string): boolean => seen.some((disk) => disk.serialNumber?.trim() === serial.trim());
  return {
    node,
    disks: [
      ...seen,
      ...file.storage.luns
        .filter(({ serial }) => !there(serial))
        .map(({ serial, purpose }, index) => assumedDisk(serial, purpose, seen.length + index)),
    ],
    letters: storage?.letters ?? [],
    policy: storage?.policy ?? { sanPolicy: 'OfflineShared', automount: true, unread: [] },
    unread: {},
  };
};

/** The initiator of a server whose adapters have the addresses that the file gives them. */
export const assumeAddresses = (server: ClusterFileServer, initiator: InitiatorObserved): InitiatorObserved => ({
  ...initiator,
  nics: (initiator.nics ?? []).map((nic) => {
    const wanted = server.nics.find(({ mac }) => nic.permanentAddress === mac && !nic.isVirtual);
    return wanted
      ? {
          ...nic,
          addresses: wanted.addresses.map((text) => {
            const [address = '', length] = text.split('/');
            return {
              address,
              prefixLength: Number(length),
              family: address.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
              origin: 'manual' as const,
              state: 'preferred' as const,
              skipAsSource: false,
            };
          }),
        }
      : nic;
  }),
  roles: new Map(
    (initiator.nics ?? []).flatMap((nic) => {
      const wanted = server.nics.find(({ mac }) => nic.permanentAddress === mac && !nic.isVirtual);
      return wanted ? [[nic.interfaceGuid, wanted.role] as const] : [];
    }),
  ),
});

/** The initiator with one volume on the target that the service does not wait for yet. */
export const assumeVolumes = (initiator: InitiatorObserved): InitiatorObserved => ({
  ...initiator,
  state: {
    ...initiator.state,
    service: { ...initiator.state.service, state: 'running', startMode: 'automatic' },
    boundVolumes: initiator.state.boundVolumes ?? [],
  },
  iscsiVolumes: [{ path: 'the volumes on the target', driveLetter: null }],
});
