import { nearestName } from '../availability/nearest-name.ts';
import type { ClusterFile, ClusterFileLun } from './cluster-file.ts';
import { bytesOfDisk, folderOf } from './cluster-file-storage-host.ts';
import type { FileProblem } from './file-problem.ts';
import { findFileNameProblem } from './file-name.ts';
import { iscsiPort, leastWitnessBytes, letterOfPath } from './storage-host.ts';
import { isSameName } from './names.ts';

/** A LUN as a person finds it in the file. */
export const lunText = ({ serial, disk }: ClusterFileLun): string => disk ?? serial;

/** What every LUN names: a serial number of a target that is there, or a disk of the storage host that is made. */
const lunProblems = ({ storage, storageHost: host }: ClusterFile): FileProblem[] => {
  const names = host?.disks.map(({ name }) => name) ?? [];
  const taken = new Map<string, number>();
  return storage.luns.flatMap((lun, index): FileProblem[] => {
    const at = ['storage', 'luns', index];
    const { disk, serial, purpose } = lun;
    if (!host)
      return disk === undefined
        ? serial === ''
          ? [
              {
                path: at,
                text: `LUN ${index + 1} has no serial number: write the one that the target reports as "serial"`,
              },
            ]
          : []
        : [
            {
              path: [...at, 'disk'],
              text: `LUN ${index + 1} names the disk ${disk} of a storage host, and the file has none; write "storageHost", or the serial number of the LUN`,
            },
          ];
    if (disk === undefined)
      return [
        {
          path: serial === '' ? at : [...at, 'serial'],
          text: `LUN ${index + 1} names no disk of the storage host ${host.server.name}; write "disk": "${names.find((one) => !storage.luns.some((other) => isSameName(other.disk ?? '', one))) ?? names[0]}" instead of a serial number, which it has only once it is made`,
        },
      ];
    if (serial !== '')
      return [
        {
          path: [...at, 'serial'],
          text: `LUN ${index + 1} names the disk ${disk} and a serial number; decide for one`,
        },
      ];
    const made = host.disks.find(({ name }) => isSameName(name, disk));
    if (!made) {
      const near = nearestName(disk, names);
      return [
        {
          path: [...at, 'disk'],
          text: `LUN ${index + 1} names the disk ${disk}, which the storage host ${host.server.name} does not have${near === null ? `; it has ${names.join(', ')}` : `; did you mean ${near}?`}`,
        },
      ];
    }
    const first = taken.get(disk.toLowerCase());
    if (first !== undefined)
      return [{ path: [...at, 'disk'], text: `LUN ${first + 1} and LUN ${index + 1} name the same disk ${disk}` }];
    taken.set(disk.toLowerCase(), index);
    return made.purpose === purpose
      ? []
      : [
          {
            path: [...at, 'purpose'],
            text: `LUN ${index + 1} is a ${purpose} disk, and the storage host's disk ${disk} is for ${made.purpose}; decide for one`,
          },
        ];
  });
};

const diskProblems = ({ storage, storageHost: host }: ClusterFile): FileProblem[] => {
  const seen = new Set<string>();
  return (host?.disks ?? []).flatMap((disk, index): FileProblem[] => {
    const at = ['storageHost', 'disks', index];
    const found: FileProblem[] = [];
    const problem = findFileNameProblem(disk.name);
    if (problem) found.push({ path: [...at, 'name'], text: `The disk name ${disk.name} ${problem}` });
    if (seen.has(disk.name.toLowerCase()))
      found.push({ path: [...at, 'name'], text: `Two disks of the storage host have the name ${disk.name}` });
    seen.add(disk.name.toLowerCase());
    if (disk.purpose === 'witness' && bytesOfDisk(disk) < leastWitnessBytes)
      found.push({
        path: [...at, 'sizeMB'],
        text: `The witness disk ${disk.name} has ${disk.sizeMB} MB; a witness needs at least 512 MB`,
      });
    if (!storage.luns.some((lun) => isSameName(lun.disk ?? '', disk.name)))
      found.push({
        path: [...at, 'name'],
        text: `No LUN names the disk ${disk.name} of the storage host; add a LUN with "disk": "${disk.name}", or leave the disk out`,
      });
    return found;
  });
};

/** The portals are addresses of the storage host, where its service listens. */
const portalProblems = ({ storage, storageHost: host }: ClusterFile): FileProblem[] =>
  host
    ? storage.portals.flatMap(({ address, port, path }, index): FileProblem[] => {
        const at = ['storage', 'portals', index];
        const nic = host.server.nics.find(({ addresses }) => addresses.some((one) => one.split('/')[0] === address));
        if (!nic)
          return [
            {
              path: [...at, 'address'],
              text: `The portal ${address} is no address of the storage host ${host.server.name}; it listens at its own addresses`,
            },
          ];
        if (nic.role !== path)
          return [
            {
              path: [...at, 'path'],
              text: `The portal ${address} is of the path ${path}, and the adapter of ${host.server.name} with this address has the role ${nic.role}`,
            },
          ];
        return port === iscsiPort
          ? []
          : [
              {
                path: [...at, 'port'],
                text: `The portal ${address} has the port ${port}; iSCSI Target Server listens at ${iscsiPort}`,
              },
            ];
      })
    : [];

/** Everything about the third machine, and what refers to it. */
export const findStorageHostProblems = (file: ClusterFile): FileProblem[] => {
  const host = file.storageHost;
  const found = [...lunProblems(file), ...diskProblems(file), ...portalProblems(file)];
  if (!host) return found;
  if (host.volume?.letter === 'C')
    found.push({
      path: ['storageHost', 'volume', 'letter'],
      text: `The letter C is taken: Windows of ${host.server.name} runs from it. Choose another for the volume`,
    });
  const letter = letterOfPath(`${folderOf(host)}\\`);
  if (host.volume && letter !== host.volume.letter)
    found.push({
      path: ['storageHost', 'folder'],
      text: `The folder ${folderOf(host)} does not lie on the volume ${host.volume.letter}: that is made; decide for one`,
    });
  return found;
};
