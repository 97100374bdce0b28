import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { hyperVTool, judgeMachine, machineLock } from './vm.ts';

const schema = z.object({
  do: z.literal('vm.create'),
  name: z.string(),
  /** The folder on clustered storage that all of its files are in: `F:\\` or `C:\\ClusterStorage\\...`. */
  folder: z.string(),
  generation: z.union([z.literal(1), z.literal(2)]),
  memoryBytes: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
  switch: z.string().nullable(),
});

/** Creates a virtual machine with every file in one folder (New-VM -Path -NewVHDPath). Throws `VM_CREATE_FAILED`, `VM_NAME_TAKEN`, `VM_FOLDER_MISSING`. */
export const createMachine: ChangeKind<typeof schema, 'vms'> = {
  schema,
  area: 'vms',
  script: 'New-VirtualMachine',
  timeoutMs: 600_000,
  parameters: ({ name, folder, generation, memoryBytes, diskBytes, switch: virtualSwitch }) => ({
    name,
    folder,
    generation,
    memoryBytes,
    diskBytes,
    switch: virtualSwitch ?? '',
  }),
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name, folder }, { node }) => ({
    title: `Create the virtual machine ${name} on ${node}`,
    why: `There is none of this name. Its configuration, its disk and its checkpoints go to ${folder}, where every node reaches them.`,
    manual: `${hyperVTool}: New, Virtual Machine; store it in a different location.`,
  }),
  undo: ({ name }) => ({ text: `Removes ${name}; its disk files stay.`, changes: [{ do: 'vm.remove', name }] }),
  done: ({ name }, observed) =>
    judgeMachine(observed, name, (machine) => judge(true, `${machine.name} is on ${machine.host}`)),
};
