import * as z from 'zod';
import {
  findFileNameProblem,
  findFolderProblem,
  findIsoProblem,
  findPathLengthProblem,
} from '../../model/file-name.ts';
import { formatSize } from '../../model/size.ts';
import type { VirtualMachine } from '../../model/virtual-machines.ts';
import { judge, refuseDifferent, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { hyperVTool, judgeMachine, machineLock, machineNamed } from './vm.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({
  do: z.literal('vm.create'),
  name: z.string(),
  /** The folder on clustered storage that all of its files are in: `F:\\` or `C:\\ClusterStorage\\...`. */
  folder: z.string(),
  generation: z.union([z.literal(1), z.literal(2)]),
  memoryBytes: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  switch: z.string().nullable(),
  /** An ISO file that is put into its DVD drive; left out: the drive is empty, or there is none. */
  iso: z.string().optional(),
});

/** The disk of a machine as New-VM makes it: its name is a folder and a file. */
export const machineDiskPath = (folder: string, name: string): string =>
  `${folder.replace(/\\$/, '')}\\${name}\\Virtual Hard Disks\\${name}.vhdx`;

const refuseNames = ({
  name,
  folder,
  iso,
}: Pick<z.output<typeof schema>, 'name' | 'folder' | 'iso'>): PlannedRefusal | null => {
  const problem = findFileNameProblem(name);
  if (problem) return { code: 'VM_NAME_INVALID', detail: { name, problem } };
  const wrong = findFolderProblem(folder);
  if (wrong) return { code: 'VM_FOLDER_INVALID', detail: { folder, problem: wrong } };
  const noIso = iso === undefined ? null : findIsoProblem(iso);
  if (noIso) return { code: 'VM_ISO_INVALID', detail: { iso: iso ?? '', problem: noIso } };
  const long = findPathLengthProblem(machineDiskPath(folder, name));
  return long ? { code: 'VM_NAME_INVALID', detail: { name, problem: `makes a path that ${long}` } } : null;
};

/** What of a machine of that name is not as it is wanted. Its drive may be empty again, and how large its disk is was not read. */
const differencesOf = (change: z.output<typeof schema>, found: VirtualMachine): string[] => {
  const folder = `${change.folder.replace(/\\$/, '')}\\`.toLowerCase();
  const files = found.files.filter(({ kind }) => kind === 'configuration' || kind === 'disk');
  const elsewhere = files.find(({ path }) => !path.toLowerCase().startsWith(folder));
  const memory = String(change.memoryBytes);
  const { switch: wanted } = change;
  return [
    ...(found.generation === change.generation ? [] : [`it has generation ${found.generation}`]),
    ...(found.memoryBytes === memory
      ? []
      : [`it has ${formatSize(found.memoryBytes)} of memory, not ${formatSize(memory)}`]),
    ...(wanted === null || found.switches.some((one) => isSameName(one, wanted))
      ? []
      : [`it is connected to ${found.switches.join(' and ') || 'no virtual switch'}, not to ${wanted}`]),
    ...(elsewhere ? [`its file ${elsewhere.path} is not in ${change.folder}`] : []),
  ];
};

/**
 * Creates a virtual machine with every file in one folder (New-VM -Path -NewVHDPath), and puts an ISO into its DVD drive. Throws
 * `VM_CREATE_FAILED`, `VM_NAME_TAKEN`, `VM_FOLDER_MISSING`, `VM_ISO_MISSING`; refused as `VM_NAME_INVALID`, `VM_FOLDER_INVALID`, `VM_ISO_INVALID`.
 */
export const createMachine: ChangeKind<typeof schema, 'vms'> = {
  schema,
  area: 'vms',
  script: 'New-VirtualMachine',
  timeoutMs: 600_000,
  parameters: ({ name, folder, generation, memoryBytes, diskBytes, switch: virtualSwitch, iso }) => ({
    name,
    folder,
    generation,
    memoryBytes,
    diskBytes,
    switch: virtualSwitch ?? '',
    iso: iso ?? '',
  }),
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name, folder, iso }, { node }) => ({
    title: `Create the virtual machine ${name} on ${node}`,
    why: `No virtual machine has this name. Its configuration, its disk and its checkpoints go to ${folder}, where every node reaches them.${iso === undefined ? '' : ` ${iso} is in its DVD drive; eject it once the operating system is installed, because it can keep the machine from moving.`}`,
    manual: `${hyperVTool}: New, Virtual Machine; store it in a different location.`,
  }),
  refusal: (change, observed) => {
    const found = machineNamed(observed, change.name);
    if (!found) return refuseNames(change);
    return refuseDifferent(
      `The virtual machine ${found.name}`,
      differencesOf(change, found),
      `Ask for it as it is, or choose another name. Quorate does not change the settings of a machine; by hand they are changed in ${hyperVTool}, the machine, Settings.`,
    );
  },
  undo: ({ name }) => ({ text: `Removes ${name}; its disk files stay.`, changes: [{ do: 'vm.remove', name }] }),
  done: (change, observed) =>
    judgeMachine(observed, change.name, (machine) => {
      const differences = differencesOf(change, machine);
      return judge(differences.length === 0, [`${machine.name} is on ${machine.host}`, ...differences].join('; '));
    }),
};
