import { clusterMethods } from './cluster.ts';
import { clusterCheckMethods } from './cluster-check.ts';
import { availabilityMethods } from './availability.ts';
import { coordinatorMethods } from './coordinator.ts';
import { coreMethods } from './core.ts';
import { diskMethods } from './disk.ts';
import { drillMethods } from './drill.ts';
import { filesMethods } from './files.ts';
import { formationMethods } from './formation.ts';
import { hostMethods } from './host.ts';
import { initiatorMethods } from './initiator.ts';
import { iscsiMethods } from './iscsi.ts';
import { journalMethods } from './journal.ts';
import { listedMethods } from './listed.ts';
import { nicMethods } from './nic.ts';
import { lunMethods } from './luns.ts';
import { matrixMethods } from './matrix.ts';
import { peerMethods } from './peers.ts';
import { promiseMethods } from './promises.ts';
import { readinessMethods } from './readiness.ts';
import { rehearsalMethods } from './rehearsal.ts';
import { reportMethods } from './reports.ts';
import { storageHostMethods } from './storage-host.ts';
import { stepMethods } from './steps.ts';
import { validationMethods } from './validation.ts';
import { vmCheckMethods } from './vm-check.ts';
import { targetMethods } from './target.ts';
import type { InputOf, OutputOf } from './define.ts';

/**
 * Every method of the product. The types of hosts and CLI, and docs/contract.md, are derived from this list; no program imports it as a value, because reading
 * all of it takes longer than most commands.
 */
export const contract = [
  ...coreMethods,
  ...filesMethods,
  ...readinessMethods,
  ...reportMethods,
  ...hostMethods,
  ...nicMethods,
  ...initiatorMethods,
  ...diskMethods,
  ...vmCheckMethods,
  ...iscsiMethods,
  ...clusterMethods,
  ...validationMethods,
  ...clusterCheckMethods,
  ...listedMethods,
  ...storageHostMethods,
  ...journalMethods,
  ...stepMethods,
  ...peerMethods,
  ...matrixMethods,
  ...lunMethods,
  ...coordinatorMethods,
  ...promiseMethods,
  ...rehearsalMethods,
  ...targetMethods,
  ...availabilityMethods,
  ...drillMethods,
  ...formationMethods,
] as const;

type Declared = (typeof contract)[number];
export type MethodName = Declared['name'];
type DomainOf<Name extends string> = Name extends `${infer Domain}.${string}` ? Domain : never;
/** What stands before the dot of a method's name. */
export type MethodDomain = DomainOf<MethodName>;
export type MethodNamed<Name extends MethodName> = Extract<Declared, { readonly name: Name }>;
export type Input<Name extends MethodName> = InputOf<MethodNamed<Name>>;
export type Output<Name extends MethodName> = OutputOf<MethodNamed<Name>>;
