import * as z from 'zod';
import {
  machineStates,
  startSetSchema,
  virtualSwitchSchema,
  type MachineFile,
  type MachinesState,
  type VirtualMachine,
} from '../../shared/model/virtual-machines.ts';
import type { MachinesPort } from '../ports/cluster-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { nameOr } from './names.ts';
import { Gathering, partOf, type Part } from './part.ts';
import { isSameName } from '../../shared/model/names.ts';

const list = <Schema extends z.ZodType>(schema: Schema) => partOf(z.array(schema)).nullable();

const answerSchema = z.object({
  isRunning: z.boolean(),
  processor: partOf(z.string()).nullable(),
  switches: list(
    z.object({
      name: z.string(),
      kind: nameOr(virtualSwitchSchema.shape.kind.options, 'private'),
      hasHostNic: z.boolean(),
      descriptions: z.array(z.string()),
    }),
  ),
  netAdapters: list(z.object({ guid: z.string(), description: z.string() })),
  machines: list(
    z.object({
      name: z.string(),
      id: z.string(),
      host: z.string(),
      state: z
        .string()
        .nullable()
        .transform((name) => (name?.endsWith('Critical') ? 'critical' : name))
        .pipe(nameOr(machineStates, 'other')),
      generation: z.number(),
      memory: z.string(),
      configuration: z.string(),
      checkpoints: z.string(),
      paging: z.string(),
    }),
  ),
  disks: list(z.object({ machine: z.string(), path: z.string(), number: z.number().nullable() })),
  adapters: list(z.object({ machine: z.string(), switch: z.string() })),
  drives: list(z.object({ machine: z.string(), path: z.string() })),
  floppies: list(z.object({ machine: z.string(), path: z.string() })),
  processors: list(z.object({ machine: z.string(), isCompatible: z.boolean() })),
  groups: list(
    z.object({
      name: z.string(),
      ownerNode: z.string(),
      state: z.string().nullable(),
      priority: z.number(),
      antiAffinity: z.array(z.string()),
    }),
  ),
  nodes: list(z.string()),
  owners: list(z.object({ group: z.string(), nodes: z.array(z.string()) })),
  /** One for each resource of a group. */
  possible: list(z.object({ group: z.string(), nodes: z.array(z.string()) })),
  sets: list(startSetSchema.extend({ ready: nameOr(startSetSchema.shape.ready.options, 'unknown') })),
});

const devicesSchema = z.object({
  partitions: list(z.object({ machine: z.string() })),
  devices: list(z.object({ machine: z.string(), path: z.string() })),
});
type Devices = z.output<typeof devicesSchema> | null;

/** Older servers do not have the commands, and no machine of theirs such a device that they would show. */
const isCommandMissing = (part: Part<unknown>): boolean =>
  !part.ok && part.error.id.startsWith('CommandNotFoundException');

const toMachines = (answer: z.output<typeof answerSchema>, hostDevices: Devices): MachinesState => {
  if (!answer.isRunning) return { isHyperVRunning: false, switches: [], machines: [], clusterNodes: null, unread: [] };
  const gathering = new Gathering();
  const read = <T>(name: string, part: Part<T[]> | null): readonly T[] =>
    part ? (gathering.read(name, part) ?? []) : [];
  const nics = read('netAdapters', answer.netAdapters);
  const disks = read('disks', answer.disks);
  const adapters = read('adapters', answer.adapters);
  const drives = read('drives', answer.drives);
  const floppies = read('floppies', answer.floppies);
  const processors = read('processors', answer.processors);
  const whereKnown = <T>(part: Part<T[]> | null | undefined): Part<T[]> | null =>
    part && !isCommandMissing(part) ? part : null;
  const partitions = read('partitions of graphics processors', whereKnown(hostDevices?.partitions));
  const devices = read('assigned devices', whereKnown(hostDevices?.devices));
  const groups = read('groups', answer.groups);
  const owners = read('owners', answer.owners);
  const possible = read('possible', answer.possible);
  /** A node that is an owner of one of the two resources alone cannot take the group. */
  const possibleOwnersOf = (group: string): string[] => {
    const [first, ...rest] = possible.filter((one) => isSameName(one.group, group));
    return (first?.nodes ?? []).filter((node) => rest.every(({ nodes }) => nodes.some((one) => isSameName(one, node))));
  };
  const here = read('machines', answer.machines).map((machine): VirtualMachine => {
    const own = <T extends { readonly machine: string }>(all: readonly T[]): T[] =>
      all.filter((one) => one.machine === machine.name);
    const group = groups.find((one) => isSameName(one.name, machine.name));
    const file = (kind: MachineFile['kind'], path: string): MachineFile[] => (path === '' ? [] : [{ kind, path }]);
    return {
      name: machine.name,
      id: machine.id,
      host: group?.ownerNode ?? machine.host,
      state: machine.state,
      generation: machine.generation,
      memoryBytes: machine.memory,
      switches: own(adapters)
        .map((one) => one.switch)
        .filter((name) => name !== ''),
      files: [
        ...file('configuration', machine.configuration),
        ...own(disks)
          .filter(({ number }) => number === null)
          .flatMap(({ path }) => file('disk', path)),
        ...own(drives).flatMap(({ path }) => file('dvd', path)),
        ...own(floppies).flatMap(({ path }) => file('floppy', path)),
        ...file('checkpoint', machine.checkpoints),
        ...file('paging', machine.paging),
      ],
      hostDevices: [
        ...own(disks).flatMap(({ number }) => (number === null ? [] : [`disk ${number} of the host`])),
        ...own(partitions).map(() => 'a partition of a graphics processor'),
        ...own(devices).map(({ path }) => `the device ${path}`),
      ],
      hasProcessorCompatibility: own(processors)[0]?.isCompatible ?? null,
      role: group
        ? {
            group: group.name,
            priority: group.priority,
            preferredOwners: [...(owners.find((one) => isSameName(one.group, group.name))?.nodes ?? [])],
            possibleOwners: possibleOwnersOf(group.name),
            antiAffinity: group.antiAffinity,
          }
        : null,
    };
  });
  // Those of other nodes are known by their roles alone: their files are read there.
  const elsewhere = groups
    .filter((group) => !here.some((machine) => isSameName(machine.name, group.name)))
    .map((group): VirtualMachine => ({
      name: group.name,
      id: '',
      host: group.ownerNode,
      state: group.state === 'Online' ? 'running' : 'off',
      generation: 0,
      memoryBytes: '0',
      switches: [],
      files: [],
      hostDevices: [],
      role: {
        group: group.name,
        priority: group.priority,
        preferredOwners: [...(owners.find((one) => isSameName(one.group, group.name))?.nodes ?? [])],
        possibleOwners: possibleOwnersOf(group.name),
        antiAffinity: group.antiAffinity,
      },
    }));
  return {
    isHyperVRunning: true,
    processor: answer.processor && gathering.read('processor', answer.processor),
    clusterNodes: answer.nodes && gathering.read('nodes', answer.nodes),
    startSets: answer.sets && gathering.read('startSets', answer.sets),
    switches: read('switches', answer.switches).map(({ name, kind, hasHostNic, descriptions }) => ({
      name,
      kind,
      hasHostNic,
      nics: descriptions.flatMap((text) =>
        nics.filter(({ description }) => description === text).map(({ guid }) => guid),
      ),
    })),
    machines: [...here, ...elsewhere],
    unread: gathering.unread,
  };
};

/** The machines port over scripts. */
export const createMachinesPort = (runner: Runner): MachinesPort => ({
  async readState(options) {
    const call = (script: string) => ({ script, input: {}, timeoutMs: 180_000 });
    const how = { call: options, errors: [] };
    const answer = await readWith(runner, call('Get-VirtualMachineState'), answerSchema, how);
    const hasMachines = answer.isRunning && !(answer.machines?.ok === true && answer.machines.data.length === 0);
    const devices = hasMachines ? await readWith(runner, call('Get-VirtualMachineDevice'), devicesSchema, how) : null;
    return toMachines(answer, devices);
  },
});
