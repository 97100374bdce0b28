import { letterOf, roleLabels, type ClusterFile, type ClusterFileServer } from '../../model/cluster-file.ts';
import type { Wanted } from '../../model/formation.ts';

const wantedServer = ({ name, nics }: ClusterFileServer): Wanted['servers'][number] => ({
  name,
  nics: nics.map((nic) => ({ mac: nic.mac, role: nic.role, name: nic.name ?? roleLabels[nic.role] })),
});

/** What a cluster file wants, as far as the picture of a formation shows it. */
export const wantedOf = ({
  cluster,
  servers,
  storage,
  storageHost,
  switches,
  virtualMachines,
}: ClusterFile): Wanted => ({
  cluster: cluster.name,
  witness: cluster.witness.kind,
  servers: servers.map(wantedServer),
  storageHost: storageHost ? { ...wantedServer(storageHost.server), target: storageHost.target } : null,
  switches: switches.map(({ name, role }) => ({ name, role })),
  target: storage.target,
  portals: storage.portals.map(({ address, port, path }) => ({ address, port, role: path })),
  luns: storage.luns.map((lun) => ({
    serial: lun.serial,
    purpose: lun.purpose,
    letter: letterOf(lun),
    label: lun.label,
    sharedVolume: lun.sharedVolume,
  })),
  machines: virtualMachines.map(({ name, highlyAvailable }) => ({ name, highlyAvailable })),
});
