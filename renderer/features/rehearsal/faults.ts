import type { Fault } from '../../../shared/contract/rehearsal.ts';

/** What each fault has to be told besides the server; the words are those of shared/contract/rehearsal.ts. */
export const faultFields: Readonly<Record<Fault['kind'], readonly FaultField[]>> = {
  nicDown: ['server', 'nic'],
  wrongVlan: ['server', 'nic', 'network'],
  targetUnreachable: ['target', 'portal'],
  logonRefused: ['target', 'initiator'],
  diskReserved: ['lun', 'holder'],
  featureFails: ['server', 'feature'],
  restartNeverReturns: ['server'],
  addressInUse: ['network', 'address'],
  powerLoss: ['server', 'on', 'moment'],
  propertyNotAccepted: ['server', 'nic', 'property'],
  accessDenied: ['server'],
  domainUnreachable: ['domain'],
};

export type FaultField =
  | 'server'
  | 'nic'
  | 'network'
  | 'target'
  | 'portal'
  | 'initiator'
  | 'lun'
  | 'holder'
  | 'feature'
  | 'address'
  | 'on'
  | 'moment'
  | 'property'
  | 'domain';

export const fieldLabels: Readonly<Record<FaultField, string>> = {
  server: 'Server',
  nic: 'Port, by its name',
  network: 'Network',
  target: 'Target',
  portal: 'Portal; empty: all',
  initiator: 'Initiator; empty: all',
  lun: 'Logical unit',
  holder: 'Who holds it',
  feature: 'Feature',
  address: 'Address',
  on: 'During the change',
  moment: 'Moment',
  property: 'Property',
  domain: 'Domain',
};

/** Fields that may stay empty, and what that means. */
const emptyMeans: Readonly<Partial<Record<FaultField, null | undefined>>> = {
  portal: null,
  initiator: null,
  holder: undefined,
};

/** The fault as the contract has it; the contract's own schema judges it. */
export const faultOf = (kind: Fault['kind'], values: Readonly<Partial<Record<FaultField, string>>>): Fault =>
  Object.fromEntries([
    ['kind', kind],
    ...faultFields[kind]
      .map((field) => [field, values[field]?.trim() || (field in emptyMeans ? emptyMeans[field] : '')] as const)
      .filter(([, value]) => value !== undefined),
  ]) as unknown as Fault;
