import { asClause } from '../../model/sentence.ts';
import * as z from 'zod';
import type { StartSet } from '../../model/virtual-machines.ts';
import type { MachinesObserved } from '../../plan/observed.ts';
import { judge, no, unknown, yes, type Done, type PlannedRefusal } from '../done.ts';
import type { ChangeKind, NamedChange } from '../kind.ts';
import { machineNamed } from './vm.ts';
import { isSameName, isSameSet } from '../../model/names.ts';

/** What a set holds and waits for, as a sentence without its end. */
const setText = ({ name, machines, after, delaySeconds }: StartSet): string => {
  const waits = after.length === 0 ? 'waits for no other set' : `starts after ${after.join(' and ')}`;
  return `${name} holds ${machines.join(', ') || 'no machine'} and ${waits}; sets after it wait ${delaySeconds} s`;
};

/** No console of Windows Server shows the sets. */
const tool = 'Windows PowerShell as administrator';

/** The cluster's database is one thing, and a set is of several machines. */
const startLock = ['cluster'] as const;

const setNamed = ({ state }: MachinesObserved, name: string): StartSet | undefined =>
  state.startSets?.find((one) => isSameName(one.name, name));

const judgeSets = (observed: MachinesObserved, judgeIt: (found: StartSet | undefined) => Done, name: string): Done => {
  const { clusterNodes, startSets, unread } = observed.state;
  if (startSets) return judgeIt(setNamed(observed, name));
  const [missing] = unread;
  if (missing) return unknown(`the start order was not read: ${asClause(missing.because)}`);
  return clusterNodes === null ? no(`${observed.node} is in no cluster`) : unknown('the start order was not read');
};

const schema = z.object({
  do: z.literal('vm.setStartSet'),
  name: z.string().min(1).max(80),
  machines: z.array(z.string().min(1)).min(1).max(1000),
  /** Sets that are to be ready before. */
  after: z.array(z.string().min(1)).max(100),
  delaySeconds: z.number().int().min(0).max(86_400),
});

/** The sets that a set waits for, over as many others as there are; the way back to it, where there is one. */
const circleOf = (sets: readonly StartSet[], name: string, after: readonly string[]): string[] | null => {
  const afterOf = (one: string): readonly string[] =>
    isSameName(one, name) ? after : (sets.find((set) => isSameName(set.name, one))?.after ?? []);
  const walk = (one: string, way: readonly string[]): string[] | null => {
    for (const next of afterOf(one)) {
      if (isSameName(next, name)) return [...way, next];
      if (way.some((passed) => isSameName(passed, next))) continue;
      const found = walk(next, [...way, next]);
      if (found) return found;
    }
    return null;
  };
  return walk(name, [name]);
};

const changeOf = (set: StartSet): NamedChange => ({
  ...{ do: 'vm.setStartSet', name: set.name, machines: [...set.machines] },
  ...{ after: [...set.after], delaySeconds: set.delaySeconds },
});

/**
 * Makes a set of exactly these machines, which start after other sets (New-ClusterGroupSet and its like). Throws `VM_NOT_FOUND`, `VM_START_SET_UNKNOWN`,
 * `VM_START_SET_FAILED`.
 */
export const setStartSet: ChangeKind<typeof schema, 'vms'> = {
  schema,
  area: 'vms',
  script: 'Set-VirtualMachineStartSet',
  timeoutMs: 180_000,
  subject: ({ name }) => [name],
  locks: () => startLock,
  words: ({ name, machines, after, delaySeconds }) => ({
    title: `Put ${machines.join(', ')} into the start set ${name}${after.length === 0 ? '' : `, after ${after.join(' and ')}`}`,
    why: `${after.length === 0 ? `${name} waits for no other set.` : 'When one of its machines is started, the sets before it are started first.'} Sets that come after ${name} wait ${delaySeconds} s from its start.`,
    manual: `${tool}: New-ClusterGroupSet, Add-ClusterGroupToSet, Set-ClusterGroupSet, Add-ClusterGroupSetDependency.`,
  }),
  refusal: ({ name, machines, after }, observed): PlannedRefusal | null => {
    if (!observed.state.startSets) return { code: 'CLUSTER_SERVICE_STOPPED', detail: { node: observed.node } };
    const missing = machines.find((one) => !machineNamed(observed, one)?.role);
    if (missing !== undefined) return { code: 'VM_NO_ROLE', detail: { name: missing } };
    const absent = after.find((one) => !setNamed(observed, one) && !isSameName(one, name));
    if (absent !== undefined) return { code: 'VM_START_SET_UNKNOWN', detail: { name: absent } };
    const circle = circleOf(observed.state.startSets, name, after);
    return circle ? { code: 'VM_START_SET_CIRCULAR', detail: { name, path: circle.join(' after ') } } : null;
  },
  undo: ({ name }, observed) => {
    const before = setNamed(observed, name);
    return before
      ? { text: 'Sets it back.', changes: [changeOf(before)] }
      : { text: 'Removes the set.', changes: [{ do: 'vm.removeStartSet', name }] };
  },
  done: ({ name, machines, after, delaySeconds }, observed) =>
    judgeSets(
      observed,
      (found) =>
        found
          ? judge(
              isSameSet(found.machines, machines) &&
                isSameSet(found.after, after) &&
                found.delaySeconds === delaySeconds,
              setText(found),
            )
          : no(`there is no set ${name}`),
      name,
    ),
};

const removeSchema = z.object({ do: z.literal('vm.removeStartSet'), name: z.string() });

/** Remove-ClusterGroupSet, after the sets that wait for it were told not to. Throws `VM_START_SET_FAILED`. */
export const removeStartSet: ChangeKind<typeof removeSchema, 'vms'> = {
  schema: removeSchema,
  area: 'vms',
  script: 'Remove-VirtualMachineStartSet',
  timeoutMs: 180_000,
  subject: ({ name }) => [name],
  locks: () => startLock,
  words: ({ name }, observed) => {
    const waiting = waitingFor(observed, name).map((one) => one.name);
    const machines = setNamed(observed, name)?.machines ?? [];
    return {
      title: `Remove the start set ${name}`,
      why: [
        machines.length === 0
          ? 'No machine is in it.'
          : `${machines.join(', ')} no longer ${machines.length === 1 ? 'waits' : 'wait'} for other sets.`,
        ...(waiting.length === 0
          ? []
          : [`${waiting.join(', ')} no longer ${waiting.length === 1 ? 'waits' : 'wait'} for ${name}.`]),
      ].join(' '),
      manual: `${tool}: Remove-ClusterGroupSet.`,
    };
  },
  refusal: (_change, { node, state }) =>
    state.startSets ? null : { code: 'CLUSTER_SERVICE_STOPPED', detail: { node } },
  undo: ({ name }, observed) => {
    const before = setNamed(observed, name);
    return before ? { text: 'Makes it again.', changes: [before, ...waitingFor(observed, name)].map(changeOf) } : null;
  },
  done: ({ name }, observed) =>
    judgeSets(observed, (found) => (found ? no(`${found.name} is there`) : yes(`there is no set ${name}`)), name),
};

const waitingFor = ({ state }: MachinesObserved, name: string): StartSet[] =>
  (state.startSets ?? []).filter(({ after }) => after.some((one) => isSameName(one, name)));
