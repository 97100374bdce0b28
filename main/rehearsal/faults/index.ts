export { Faults, listFaults, parseFault } from './faults.ts';
export { steps } from './steps.ts';
export type { CommandName, Step } from './steps.ts';
