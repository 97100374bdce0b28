import type { VirtualMachine } from '../../model/virtual-machines.ts';
import type { MachinesObserved } from '../../plan/observed.ts';
import { no, unknown, type Done } from '../done.ts';

export const machineTool = 'Failover Cluster Manager, Roles';
export const hyperVTool = 'Hyper-V Manager';

export const isSameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export const machineNamed = ({ state }: MachinesObserved, name: string): VirtualMachine | undefined =>
  state.machines.find((one) => isSameName(one.name, name));

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
  if (missing) return unknown(`the virtual machines were not read: ${missing.because}`);
  return absent(`there is no virtual machine ${name}`);
};

/** Each change of a machine takes its lock, whatever the node. */
export const machineLock = (name: string): readonly string[] => [`vm:${name.toLowerCase()}`];
