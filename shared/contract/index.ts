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
import type { InputOf, Method, OutputOf } from './define.ts';

/** Every method of the product. The hosts, the CLI and docs/contract.md are derived from this list. */
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
export type MethodNamed<Name extends MethodName> = Extract<Declared, { readonly name: Name }>;
export type Input<Name extends MethodName> = InputOf<MethodNamed<Name>>;
export type Output<Name extends MethodName> = OutputOf<MethodNamed<Name>>;

const byName: ReadonlyMap<string, Method> = new Map(contract.map((declared) => [declared.name, declared]));

/** The declaration of a method, or undefined when nothing has this name. */
export const findMethod = (name: string): Method | undefined => byName.get(name);
