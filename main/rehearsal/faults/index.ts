export { faultTable, Faults, listFaults, parseFault, stepFaults } from './faults.ts';
export type { FaultName, FaultSetting, ParsedFault, StepFault } from './faults.ts';
export { commandNames, isStep, protocolSteps, steps } from './steps.ts';
export type { CommandName, ProtocolStep, Step } from './steps.ts';
