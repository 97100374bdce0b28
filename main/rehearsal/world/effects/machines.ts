import { machinePriorities } from '../../../../shared/model/virtual-machines.ts';
import * as machines from '../changes/machines.ts';
import { removeStartSet, setStartSet } from '../changes/start-sets.ts';
import type { EffectsOf } from './effect.ts';

/** What each change of switches and virtual machines does. */
export const machineEffects: EffectsOf<'vm'> & EffectsOf<'switch'> = {
  'switch.create': (change, input) => machines.createSwitch(change, input),
  'vm.create': (change, input) => machines.createMachine(change, input),
  'vm.start': (change, { name }) => machines.startMachine(change, name),
  'vm.stop': (change, { name }) => machines.stopMachine(change, name, false),
  'vm.turnOff': (change, { name }) => machines.stopMachine(change, name, true),
  'vm.makeHighlyAvailable': (change, { name }) => machines.makeHighlyAvailable(change, name),
  'vm.leaveCluster': (change, { name }) => machines.leaveCluster(change, name),
  'vm.move': (change, { name, node }) => machines.moveMachine(change, name, node),
  'vm.setOwners': (change, input) => machines.setOwners(change, input),
  'vm.setPriority': (change, { name, priority }) => machines.setPriority(change, name, machinePriorities[priority]),
  'vm.setAntiAffinity': (change, { name, classes }) => machines.setAntiAffinity(change, name, classes),
  'vm.setStartSet': (change, input) => setStartSet(change, input),
  'vm.removeStartSet': (change, { name }) => removeStartSet(change, name),
  'vm.remove': (change, { name }) => machines.removeMachine(change, name),
};
