import * as z from 'zod';
import { whyUnread } from '../../model/observed.ts';
import { machinePriorities, machinePriorityNames } from '../../model/virtual-machines.ts';
import { judge, no, unknown, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { hyperVTool, judgeMachine, judgeRole, machineLock, machineNamed, machineTool } from './vm.ts';
import { isSameName, isSameOrder, isSameSet } from '../../model/names.ts';

const haSchema = z.object({ do: z.literal('vm.makeHighlyAvailable'), name: z.string() });

/**
 * Add-ClusterVirtualMachineRole. It succeeds with a warning where a file is outside the cluster: that is a failure here. Throws `VM_ROLE_WARNED`,
 * `VM_ROLE_FAILED`.
 */
export const makeHighlyAvailable: ChangeKind<typeof haSchema, 'vms'> = {
  schema: haSchema,
  area: 'vms',
  script: 'Add-VirtualMachineRole',
  warnings: ['VM_ROLE_WARNED'],
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => ['cluster', ...machineLock(name)],
  words: ({ name }) => ({
    title: `Make ${name} highly available`,
    why: 'It is not a role of the cluster, so nothing starts it elsewhere when its server fails.',
    manual: `${machineTool}, Configure Role, Virtual Machine.`,
  }),
  undo: ({ name }) => ({
    text: 'Takes it out of the cluster; the machine stays.',
    changes: [{ do: 'vm.leaveCluster', name }],
  }),
  done: ({ name }, observed) =>
    judgeRole(observed, name, (role) =>
      judge(role !== null, role ? `it is the role ${role.group} of the cluster` : 'it is not a role of the cluster'),
    ),
};

const leaveSchema = z.object({ do: z.literal('vm.leaveCluster'), name: z.string() });

/** Remove-ClusterGroup -RemoveResources: the machine stays on its host. Throws `VM_ROLE_FAILED`. */
export const leaveCluster: ChangeKind<typeof leaveSchema, 'vms'> = {
  schema: leaveSchema,
  area: 'vms',
  script: 'Remove-VirtualMachineRole',
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => ['cluster', ...machineLock(name)],
  words: ({ name }) => ({
    title: `Take ${name} out of the cluster`,
    why: 'It is a role of the cluster. The machine stays where it is and is not started elsewhere when its server fails.',
    manual: `${machineTool}: the role, Remove.`,
  }),
  undo: ({ name }) => ({
    text: 'Makes it highly available again.',
    changes: [{ do: 'vm.makeHighlyAvailable', name }],
  }),
  done: ({ name }, observed) =>
    judgeRole(observed, name, (role) =>
      judge(role === null, role ? `it is the role ${role.group}` : 'it is not a role of the cluster'),
    ),
};

const moveSchema = z.object({
  do: z.literal('vm.move'),
  name: z.string(),
  node: z.string(),
  /** `live`: while it runs. `quick`: saved and resumed there, with a pause. */
  kind: z.enum(['live', 'quick']),
});

/** Move-ClusterVirtualMachineRole. The machine stays where it was when it fails. Throws `VM_MOVE_FAILED`, `CLUSTER_NODE_DOWN`, `CLUSTER_NODE_PAUSED`. */
export const moveMachine: ChangeKind<typeof moveSchema, 'vms'> = {
  schema: moveSchema,
  area: 'vms',
  script: 'Move-VirtualMachineRole',
  timeoutMs: 1_800_000,
  subject: ({ name, node }) => [name, node],
  locks: ({ name }) => machineLock(name),
  words: ({ name, node, kind }, observed) => ({
    title: `Move ${name} to ${node} (${kind === 'live' ? 'live migration' : 'quick migration'})`,
    why: `It is on ${machineNamed(observed, name)?.host ?? 'a server that was not read'}.${kind === 'quick' ? ' It is saved, moved and resumed: its users notice the pause.' : ''}`,
    manual: `${machineTool}: the role, Move, ${kind === 'live' ? 'Live' : 'Quick'} Migration.`,
  }),
  undo: ({ name, kind }, observed) => {
    const found = machineNamed(observed, name);
    return found
      ? { text: `Moves it back to ${found.host}.`, changes: [{ do: 'vm.move', name, node: found.host, kind }] }
      : null;
  },
  done: ({ name, node }, observed) =>
    judgeMachine(observed, name, ({ host }) => judge(isSameName(host, node), `it is on ${host}`)),
};

const ownersSchema = z.object({
  do: z.literal('vm.setOwners'),
  name: z.string(),
  preferred: z.array(z.string()),
  /** Empty: every node. Set on both resources of the group. */
  possible: z.array(z.string()),
});

/** Set-ClusterOwnerNode on the group and on both of its resources. Throws `VM_OWNERS_REFUSED`. */
export const setOwners: ChangeKind<typeof ownersSchema, 'vms'> = {
  schema: ownersSchema,
  area: 'vms',
  script: 'Set-VirtualMachineOwner',
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name, preferred, possible }) => ({
    title: `Set the owners of ${name}`,
    why: `${preferred.length > 0 ? `Preferred: ${preferred.join(', ')}. ` : ''}${possible.length > 0 ? `Possible: ${possible.join(', ')}.` : 'Every node may run it.'}`,
    manual: `${machineTool}: the role, Properties, Preferred Owners.`,
  }),
  undo: ({ name }, observed) => {
    const role = machineNamed(observed, name)?.role;
    return role
      ? {
          text: 'Sets them back.',
          changes: [
            { do: 'vm.setOwners', name, preferred: [...role.preferredOwners], possible: [...role.possibleOwners] },
          ],
        }
      : null;
  },
  done: ({ name, preferred, possible }, observed) =>
    judgeRole(observed, name, (role) => {
      if (!role) return no(`${name} is not a role of the cluster`);
      const wanted = possible.length > 0 ? possible : observed.state.clusterNodes;
      if (!wanted) return unknown(whyUnread(observed.state, 'nodes') ?? 'the nodes of the cluster were not read');
      const arePossible =
        role.possibleOwners.length === wanted.length &&
        wanted.every((one) => role.possibleOwners.some((other) => isSameName(one, other)));
      return judge(
        isSameOrder(role.preferredOwners, preferred) && arePossible,
        `preferred: ${role.preferredOwners.join(', ') || 'none'}; possible: ${role.possibleOwners.join(', ') || 'none'}`,
      );
    }),
};

const prioritySchema = z.object({
  do: z.literal('vm.setPriority'),
  name: z.string(),
  priority: z.enum(machinePriorityNames),
});

/** The property Priority of its group: who starts first, and who is not started by itself. Throws `VM_OWNERS_REFUSED`. */
export const setPriority: ChangeKind<typeof prioritySchema, 'vms'> = {
  schema: prioritySchema,
  area: 'vms',
  script: 'Set-VirtualMachinePriority',
  parameters: ({ name, priority }) => ({ name, priority: machinePriorities[priority] }),
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name, priority }) => ({
    title: `Give ${name} the priority ${priority}`,
    why: 'The priority decides which machines start first when a server fails, and which are not started automatically.',
    manual: `${machineTool}: the role, Change Startup Priority.`,
  }),
  undo: ({ name }, observed) => {
    const role = machineNamed(observed, name)?.role;
    const before = machinePriorityNames.find((one) => machinePriorities[one] === role?.priority);
    return before ? { text: 'Sets it back.', changes: [{ do: 'vm.setPriority', name, priority: before }] } : null;
  },
  done: ({ name, priority }, observed) =>
    judgeRole(observed, name, (role) =>
      role
        ? judge(
            role.priority === machinePriorities[priority],
            `its priority is ${machinePriorityNames.find((one) => machinePriorities[one] === role.priority) ?? 'not one of those'} (${role.priority})`,
          )
        : no(`${name} is not a role of the cluster`),
    ),
};

const apartSchema = z.object({
  do: z.literal('vm.setAntiAffinity'),
  name: z.string(),
  /** Names that machines share that are to run on different nodes; empty: it is kept apart from none. */
  classes: z.array(z.string().min(1)),
});

/**
 * The property AntiAffinityClassNames of its group: the cluster keeps groups with a name in common on different nodes as far as it can. Throws
 * `VM_OWNERS_REFUSED`.
 * https://learn.microsoft.com/en-us/windows-server/failover-clustering/cluster-affinity
 */
export const setAntiAffinity: ChangeKind<typeof apartSchema, 'vms'> = {
  schema: apartSchema,
  area: 'vms',
  script: 'Set-VirtualMachineAntiAffinity',
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name, classes }, { state }) => {
    const others = state.machines.filter(
      (one) => !isSameName(one.name, name) && one.role?.antiAffinity.some((own) => classes.includes(own)),
    );
    return {
      title:
        classes.length === 0
          ? `Let ${name} run beside any other machine`
          : `Keep ${name} apart from other machines of ${classes.join(', ')}`,
      why:
        classes.length === 0
          ? 'The cluster may then run it on any node, whatever runs there.'
          : `${others.length === 0 ? 'No other machine has this name yet; give it to those that should run on other nodes.' : `${others.map((one) => one.name).join(', ')} ${others.length === 1 ? 'has' : 'have'} it too.`} The cluster still puts them on one node when no other is left, and does not move anything right away.`,
      manual: `Windows PowerShell on a node: (Get-ClusterGroup "${name}").AntiAffinityClassNames. No console shows it.`,
    };
  },
  undo: ({ name }, observed) => {
    const role = machineNamed(observed, name)?.role;
    return role
      ? { text: 'Sets it back.', changes: [{ do: 'vm.setAntiAffinity', name, classes: [...role.antiAffinity] }] }
      : null;
  },
  done: ({ name, classes }, observed) =>
    judgeRole(observed, name, (role) =>
      role
        ? judge(isSameSet(role.antiAffinity, classes), `its anti-affinity is ${role.antiAffinity.join(', ') || 'none'}`)
        : no(`${name} is not a role of the cluster`),
    ),
};

const removeSchema = z.object({ do: z.literal('vm.remove'), name: z.string() });

/** Remove-VM: the configuration goes, its disk files stay. One that is highly available leaves the cluster before. Throws `VM_REMOVE_FAILED`. */
export const removeMachine: ChangeKind<typeof removeSchema, 'vms'> = {
  schema: removeSchema,
  area: 'vms',
  script: 'Remove-VirtualMachine',
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  isDestructive: true,
  words: ({ name }, observed) => {
    const files = machineNamed(observed, name)?.files.filter(({ kind }) => kind === 'disk') ?? [];
    return {
      title: `Remove the virtual machine ${name}`,
      why: `Its configuration is deleted. ${files.length > 0 ? `Its disk files stay: ${files.map(({ path }) => path).join(', ')}.` : 'It has no disk files.'}`,
      manual: `${hyperVTool}: the machine, Delete.`,
    };
  },
  confirmation: ({ name }) => ({
    subject: name,
    text: `Remove the virtual machine ${name}? Its disk files stay.`,
  }),
  undo: () => null,
  done: ({ name }, observed) =>
    judgeMachine(
      observed,
      name,
      ({ host }) => no(`it is on ${host}`),
      (found) => yes(found),
    ),
};
