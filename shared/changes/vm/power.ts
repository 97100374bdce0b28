import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { hyperVTool, judgeMachine, machineLock } from './vm.ts';

const named = <Name extends string>(name: Name) => z.object({ do: z.literal(name), name: z.string() });

const startSchema = named('vm.start');

/** Start-VM. Throws `VM_START_FAILED`. */
export const startMachine: ChangeKind<typeof startSchema, 'vms'> = {
  schema: startSchema,
  area: 'vms',
  script: 'Start-VirtualMachine',
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name }) => ({
    title: `Start ${name}`,
    why: 'It is not running.',
    manual: `${hyperVTool}: the machine, Start.`,
  }),
  undo: ({ name }) => ({ text: 'Shuts it down again.', changes: [{ do: 'vm.stop', name }] }),
  done: ({ name }, observed) =>
    judgeMachine(observed, name, ({ state }) => judge(state === 'running', `${name} is ${state}`)),
};

const stopSchema = named('vm.stop');

/** Shuts the guest down (Stop-VM). Throws `VM_STOP_FAILED`. */
export const stopMachine: ChangeKind<typeof stopSchema, 'vms'> = {
  schema: stopSchema,
  area: 'vms',
  script: 'Stop-VirtualMachine',
  timeoutMs: 600_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name }) => ({
    title: `Shut ${name} down`,
    why: 'It is running. Its operating system is asked to shut down.',
    manual: `${hyperVTool}: the machine, Shut Down.`,
  }),
  undo: ({ name }) => ({ text: 'Starts it again.', changes: [{ do: 'vm.start', name }] }),
  done: ({ name }, observed) =>
    judgeMachine(observed, name, ({ state }) => judge(state === 'off', `${name} is ${state}`)),
};

const offSchema = named('vm.turnOff');

/** Takes the power away (Stop-VM -TurnOff): what the guest had not written is lost. Throws `VM_STOP_FAILED`. */
export const turnOffMachine: ChangeKind<typeof offSchema, 'vms'> = {
  schema: offSchema,
  area: 'vms',
  script: 'Stop-VirtualMachine',
  parameters: ({ name }) => ({ name, turnOff: true }),
  timeoutMs: 300_000,
  subject: ({ name }) => [name],
  locks: ({ name }) => machineLock(name),
  words: ({ name }) => ({
    title: `Turn ${name} off`,
    why: 'It is running. Turning it off is like pulling the plug: what its operating system has not written is lost.',
    manual: `${hyperVTool}: the machine, Turn Off.`,
  }),
  confirmation: ({ name }) => ({
    subject: name,
    text: `Turn ${name} off? What its system has not written is lost.`,
  }),
  undo: ({ name }) => ({ text: 'Starts it again.', changes: [{ do: 'vm.start', name }] }),
  done: ({ name }, observed) =>
    judgeMachine(observed, name, ({ state }) => judge(state === 'off', `${name} is ${state}`)),
};
