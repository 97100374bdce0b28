import { asClause } from '../../model/sentence.ts';
import { whyUnread } from '../../model/observed.ts';
import type { VirtualMachine } from '../../model/virtual-machines.ts';
import type { MachinesObserved } from '../../plan/observed.ts';
import { featureStateOf, featureStateWords } from '../../model/roles.ts';
import { no, unknown, type Done, type PlannedRefusal } from '../done.ts';
import { isSameName } from '../../model/names.ts';

export const machineTool = 'Failover Cluster Manager, Roles';
export const hyperVTool = 'Hyper-V Manager';

export const machineNamed = ({ state }: MachinesObserved, name: string): VirtualMachine | undefined =>
  state.machines.find((one) => isSameName(one.name, name));

/** Why nothing of a server's machines can be changed, or read: Hyper-V is not there, or does not run. */
export const refuseWithoutHyperV = ({ node, state, roles }: MachinesObserved): PlannedRefusal | null => {
  if (state.isHyperVRunning) return null;
  const isListed = roles?.features.some(({ name }) => name === 'Hyper-V');
  if (roles && !isListed)
    return { code: 'HYPERV_MISSING', detail: { node, state: 'not running, and whether it is installed was not read' } };
  const feature = roles && featureStateOf(roles, 'Hyper-V');
  if (feature === 'notOffered') return { code: 'HYPERV_NOT_OFFERED', detail: { node } };
  if (feature !== undefined && feature !== 'installed')
    return { code: 'HYPERV_MISSING', detail: { node, state: featureStateWords[feature] } };
  const reason =
    roles?.hypervisorPresent === false
      ? 'the hypervisor is not running'
      : 'its management service (vmms) is not running';
  return { code: 'HYPERV_NOT_RUNNING', detail: { node, reason } };
};

/** Judges by the machine; where the list could not be read nothing is known. */
export const judgeMachine = (
  observed: MachinesObserved,
  name: string,
  judge: (machine: VirtualMachine) => Done,
  absent: (found: string) => Done = no,
): Done => {
  const { state } = observed;
  const machine = machineNamed(observed, name);
  if (machine) return judge(machine);
  const [missing] = state.unread;
  if (missing) return unknown(`the virtual machines were not read: ${asClause(missing.because)}`);
  return absent(`there is no virtual machine ${name}`);
};

/** Why nothing is known of the cluster that a machine may be a role of; null where its roles were read. */
export const whyRolesUnread = ({ state }: MachinesObserved): string | null =>
  whyUnread(state, 'cluster') ?? whyUnread(state, 'groups');

/** Judges by the role that a machine is; where roles were not read, one without a role may be one all the same. */
export const judgeRole = (
  observed: MachinesObserved,
  name: string,
  judge: (role: VirtualMachine['role']) => Done,
): Done =>
  judgeMachine(observed, name, ({ role }) => {
    const because = role ? null : whyRolesUnread(observed);
    return because === null
      ? judge(role)
      : unknown(`whether ${name} is a role of the cluster was not read: ${asClause(because)}`);
  });

/** Each change of a machine takes its lock, whatever the node. */
export const machineLock = (name: string): readonly string[] => [`vm:${name.toLowerCase()}`];
