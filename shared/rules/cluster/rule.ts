import type { ClusterState } from '../../model/cluster.ts';
import type { DiskPolicy } from '../../model/disk.ts';
import type { HostState, PendingRestart } from '../../model/host.ts';
import type { NameLookup } from '../../model/name-lookup.ts';
import type { RolesState } from '../../model/roles.ts';
import type { InitiatorState } from '../../model/windows-iscsi.ts';
import type { CheckResult } from '../machine-check.ts';
import type { CheckedDisk, CheckedNic } from './facts.ts';
import { isSameName } from '../../model/names.ts';

/** A part of a server as it was read: the value, or why there is none. */
export type Part<Value> =
  | { readonly value: Value; readonly because: null }
  | { readonly value: null; readonly because: string };

/** What a future node shows of itself. */
export interface CheckedServer {
  readonly node: string;
  readonly host: Part<HostState>;
  readonly pendingRestart: Part<PendingRestart>;
  readonly nics: Part<readonly CheckedNic[]>;
  readonly initiator: Part<InitiatorState>;
  readonly disks: Part<readonly CheckedDisk[]>;
  readonly policy: Part<DiskPolicy>;
  readonly roles: Part<RolesState>;
  readonly cluster: Part<ClusterState>;
  /** What it found of the name that the cluster is to have; null: it was not asked. */
  readonly name: Part<NameLookup> | null;
}

/** An address that the cluster is to have, and what each server heard when it asked for it in its own network. */
export interface ProposedAddress {
  readonly address: string;
  readonly probes: readonly { readonly node: string; readonly heard: 'free' | 'answered' | 'unknown' }[];
}

export interface ClusterCheckInput {
  readonly servers: readonly CheckedServer[];
  /** The name that the cluster is to have; null: it is not asked about. */
  readonly name: string | null;
  readonly addresses: readonly ProposedAddress[];
}

export interface Finding {
  readonly result: CheckResult;
  /** It was not read here, because nobody was asked: a person proves it, and it does not count in the whole. */
  readonly isManual?: true;
  readonly found: string;
  readonly next: string | null;
}

/** A known failure that is looked for before a cluster is formed. */
export interface ClusterRule {
  readonly id: string;
  readonly title: string;
  /** What it would look like later if it were left as it is. */
  readonly later: string;
  /** The public document or report that it is known from. */
  readonly source: string;
  /** It is not read from here, and a person proves it: it says how, and does not count in the whole. */
  readonly isManual?: true;
  /** Null where it does not concern what is asked about. */
  readonly judge: (input: ClusterCheckInput) => Finding | null;
}

export const pass = (found: string): Finding => ({ result: 'pass', found, next: null });
export const finding = (result: Exclude<CheckResult, 'pass'>, found: string, next: string): Finding => ({
  result,
  found,
  next,
});

type PartName = Exclude<keyof CheckedServer, 'node' | 'name'>;
type ValueOf<Name extends PartName> = NonNullable<CheckedServer[Name]['value']>;

/**
 * Judges by a part of every server. Where one could not be read the rest still counts: a failure stays a failure, and anything else is unknown.
 */
export const overPart = <Name extends PartName>(
  { servers }: ClusterCheckInput,
  name: Name,
  judge: (read: readonly { readonly node: string; readonly value: ValueOf<Name> }[]) => Finding,
): Finding => {
  const read = servers.flatMap(({ node, [name]: part }) => (part.value === null ? [] : [{ node, value: part.value }]));
  const missing = servers.find((server) => server[name].value === null);
  const judged = judge(read);
  if (!missing || judged.result === 'fail') return judged;
  return finding(
    'unknown',
    `This could not be read on ${missing.node}: ${missing[name].because ?? ''}`,
    `Fix the cause on ${missing.node}, and check again.`,
  );
};

/** The server that has a name already, or takes it at its next restart. */
export const holderOfName = (servers: ClusterCheckInput['servers'], name: string): string | null =>
  servers.find(
    ({ host }) =>
      isSameName(host.value?.computerName ?? '', name) || isSameName(host.value?.nextComputerName ?? '', name),
  )?.node ?? null;

/** Values that more than one server has, with who has them. */
export const sharedValues = (
  read: readonly { readonly node: string; readonly values: readonly string[] }[],
): { readonly value: string; readonly nodes: readonly string[] }[] => {
  const holders = new Map<string, { value: string; nodes: string[] }>();
  for (const { node, values } of read)
    for (const value of new Set(values)) {
      const known = holders.get(value.toLowerCase()) ?? { value, nodes: [] };
      known.nodes.push(node);
      holders.set(value.toLowerCase(), known);
    }
  return [...holders.values()].filter(({ nodes }) => nodes.length > 1);
};
