import {
  machinePriorities,
  machinePriorityNames,
  type MachinePriority,
  type StartSet,
} from '../../../shared/model/virtual-machines.ts';
import type { StateMark } from '../../ui/marks.ts';
import type { Machine, MachineCheck } from './store.ts';
import { isSameName } from '../../../shared/model/names.ts';

export const stateWords: Readonly<Record<Machine['state'], string>> = {
  off: 'Off',
  running: 'Running',
  saved: 'Saved',
  paused: 'Paused',
  starting: 'Starting',
  stopping: 'Stopping',
  critical: 'Critical: its files cannot be reached',
  other: 'Other',
};

export const priorityWords: Readonly<Record<MachinePriority, string>> = {
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  noAutoStart: 'No auto start',
};

export const priorityOf = ({ role }: Machine): MachinePriority | null =>
  machinePriorityNames.find((name) => machinePriorities[name] === role?.priority) ?? null;

export const fileWords: Readonly<Record<Machine['files'][number]['kind'], string>> = {
  configuration: 'Configuration',
  disk: 'Virtual disk',
  checkpoint: 'Checkpoints',
  paging: 'Paging file',
  dvd: 'DVD (ISO)',
  floppy: 'Floppy',
};

export const checkTitles: Readonly<Record<MachineCheck['items'][number]['id'], string>> = {
  cluster: 'Cluster',
  name: 'Name',
  configuration: 'Configuration',
  files: 'Files',
  media: 'ISO and floppy',
  devices: 'Devices of the host',
  switches: 'Virtual switches',
  processor: 'Processor',
};

/** Whether it is a role of the cluster; where there is no cluster that is no fault. */
export const availabilityMark = (machine: Machine, isInCluster: boolean): StateMark =>
  machine.role
    ? { outcome: 'pass', word: 'Yes' }
    : { outcome: isInCluster ? 'warn' : 'notApplicable', word: isInCluster ? 'No' : 'No cluster' };

/** The folder that all of its files share, or how many there are; null where its own node has to be asked. */
export const placeOf = ({ files }: Machine): string | null => {
  if (files.length === 0) return null;
  const folders = new Set(
    files.map(({ path }) =>
      path
        .split('\\')
        .slice(0, path.startsWith('C:\\') ? 3 : 1)
        .join('\\'),
    ),
  );
  const [first = ''] = folders;
  return folders.size === 1 ? (first.endsWith(':') ? `${first}\\` : first) : `${folders.size} places`;
};

/** Nodes that may take it, without the one that has it. */
export const targetsOf = (machine: Machine, nodes: readonly string[]): string[] => {
  const possible = machine.role?.possibleOwners ?? [];
  return nodes.filter(
    (node) =>
      !isSameName(node, machine.host) && (possible.length === 0 || possible.some((one) => isSameName(one, node))),
  );
};

/** What is wrong with a name for a new machine, in words. */
export const nameProblem = (name: string, machines: readonly Pick<Machine, 'name'>[]): string | null => {
  const text = name.trim();
  if (text === '') return 'Type a name.';
  if (text.length > 100) return 'At most 100 characters.';
  // Its files are named after it.
  if (/[<>:"/\\|?*]/.test(text)) return 'Not allowed in a file name: < > : " / \\ | ? *';
  return machines.some((one) => one.name.toLowerCase() === text.toLowerCase())
    ? `A virtual machine named ${text} already exists.`
    : null;
};

/** Names with commas between them. */
export const listOfNames = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

/** What is wrong with a start set as it was typed; null: nothing. */
export const startSetProblems = (
  { name, machines, delay }: { readonly name: string; readonly machines: readonly string[]; readonly delay: string },
  set: StartSet | null,
  sets: readonly StartSet[],
  roles: readonly string[],
): { readonly name: string | null; readonly machines: string | null; readonly delay: string | null } => {
  const text = name.trim();
  const unknown = machines.filter((one) => !roles.some((role) => role.toLowerCase() === one.toLowerCase()));
  const isTaken = set === null && sets.some((one) => one.name.toLowerCase() === text.toLowerCase());
  return {
    name:
      text === ''
        ? 'Type a name.'
        : text.length > 80
          ? 'At most 80 characters.'
          : isTaken
            ? `A set named ${text} already exists.`
            : null,
    machines:
      machines.length === 0
        ? 'Type the name of a virtual machine.'
        : unknown.length > 0
          ? `${unknown.join(', ')}: not highly available here.`
          : null,
    delay: /^\d{1,5}$/.test(delay.trim()) && Number(delay) <= 86_400 ? null : 'Type a whole number from 0 to 86400.',
  };
};
