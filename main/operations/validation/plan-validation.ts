import { asClause } from '../../../shared/model/sentence.ts';
import type { ValidationPlan } from '../../../shared/contract/validation.ts';
import { explain, failure, toEnvelope, type DetailOf, type Failure } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import { kindOf } from '../../../shared/changes/index.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import { disturbedDisks, type DisturbedDisk } from '../../../shared/validation/disturbed-disks.ts';
import {
  changedCategories,
  namesOf,
  selectTests,
  storageCategory,
  unknownNames,
  type Selection,
} from '../../../shared/validation/selection.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { readValidationReport } from '../cluster/read-validation-report.ts';
import { viewOf } from '../host/read-host.ts';
import { readNode, readPart, reasons } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { KeptValidations } from './kept-validations.ts';
import { isSameName } from '../../../shared/model/names.ts';

export interface ValidationAsk {
  readonly nodes: readonly string[];
  readonly selection: Selection;
  readonly interrupt: readonly string[];
}

export interface ValidationTools {
  readonly kept: KeptValidations;
  readonly files: FilePort;
}

/** The servers that are validated: those that were named with this one, or the nodes of its cluster. */
const nodesOf = async (server: Server, node: string, named: readonly string[], signal?: AbortSignal) => {
  if (named.length > 0) return named.some((one) => isSameName(one, node)) ? [...named] : [node, ...named];
  const { value } = await readPart(() => server.ports.cluster.readState(signal ? { signal } : {}));
  return value?.cluster?.nodes.map(({ name }) => name) ?? [node];
};

/** The areas of this server that changes were made in since a moment, by the journal. */
export const areasChangedSince = (server: Server, since: string): Area[] => {
  const entries = server.journal.list().entries.filter(({ begin }) => begin.server === server.name);
  const changed = entries.flatMap(({ steps }) =>
    steps.filter(({ result }) => result.at !== null && result.at > since && result.state !== 'alreadyDone'),
  );
  return [...new Set(changed.map(({ step }) => kindOf(step.change).area))];
};

const namesFor = async (
  server: Server,
  nodes: readonly string[],
  selection: Selection,
  { kept, files }: ValidationTools,
): Promise<{ include: readonly string[]; ignore: readonly string[] }> => {
  if (selection.kind !== 'changed') return namesOf(selection);
  const last = kept.lastOf(nodes);
  if (!last) throw failure('VALIDATION_NOTHING_KEPT', {});
  const report = await readValidationReport({ kind: 'path', path: last.file }, files);
  const include = changedCategories(areasChangedSince(server, last.at), report);
  if (include.length === 0) throw failure('VALIDATION_NOTHING_CHANGED', { since: last.at });
  return { include, ignore: [] };
};

const refusalOf = <Code extends FailureCode>(code: Code, detail: DetailOf<Code>): Failure => failure(code, detail);

/** The first disk that keeps the storage tests from being run. */
const diskRefusal = (node: string, disks: readonly DisturbedDisk[], interrupt: readonly string[]): Failure | null => {
  const used = disks.find(({ treatment }) => treatment === 'inUse');
  if (used) return refusalOf('VALIDATION_DISK_IN_USE', { disk: used.name, node, use: used.because });
  const open = disks.find(
    ({ treatment, id }) =>
      treatment === 'interrupted' && !(id !== null && interrupt.some((one) => isSameName(one, id))),
  );
  return open
    ? refusalOf('VALIDATION_DISK_ONLINE', { disk: open.name, node, content: open.because, id: open.id ?? open.name })
    : null;
};

const notices = [
  'Windows creates the temporary local account CliTest2 on every server and removes it again; security monitoring may raise an alert.',
  'The servers are read over WMI and RPC with your account; it has to be an administrator on each of them.',
];

/** A plan with the failure that keeps it from being run, for whoever wants to throw it. */
export const planValidation = async (
  server: Server,
  { nodes: named, selection, interrupt }: ValidationAsk,
  tools: ValidationTools,
  signal?: AbortSignal,
): Promise<{ readonly plan: ValidationPlan; readonly refusal: Failure | null }> => {
  const options = signal ? { signal } : {};
  const { ports } = server;
  const node = await readNode(server, signal);
  const nodes = await nodesOf(server, node, named, signal);
  const names = await namesFor(server, nodes, selection, tools);
  const listed = await ports.cluster.listTests(options);
  const strange = unknownNames(listed, [...names.include, ...names.ignore]);
  if (strange.length > 0) throw failure('VALIDATION_TEST_UNKNOWN', { names: strange.join(', ') });
  const tests = selectTests(listed, names);
  const hasStorage = tests.some(({ category }) => category === storageCategory);
  const [disks, cluster, machines] = await Promise.all([
    readPart(() => ports.disks.list(options)),
    readPart(() => ports.cluster.readState(options)),
    readPart(() => ports.machines.readState(options)),
  ]);
  const disturbed =
    hasStorage && disks.value
      ? disturbedDisks({
          disks: disks.value,
          cluster: cluster.value?.cluster ?? null,
          machines: machines.value?.machines ?? null,
        })
      : [];
  // A disk of which nobody can say what uses it is not given to a test.
  const unread = hasStorage ? Object.entries(reasons({ disks, cluster, machines })) : [];
  const refusal =
    nodes.length < 2
      ? refusalOf('VALIDATION_NEEDS_NODES', { count: nodes.length })
      : unread.length > 0
        ? refusalOf('VALIDATION_DISK_IN_USE', {
            disk: 'a disk',
            node,
            use: `it cannot be told, because ${unread[0]?.[0] ?? ''} could not be read (${unread[0]?.[1] ?? ''})`,
          })
        : diskRefusal(node, disturbed, interrupt);
  const words = refusal && explain(toEnvelope(refusal));
  return {
    plan: {
      server: viewOf(server, node),
      nodes,
      include: [...names.include],
      ignore: [...names.ignore],
      tests: tests.map(({ category, name }) => ({ category, name })),
      notices,
      disks: disturbed,
      unread: unread.map(([property, because]) => `${property}: ${asClause(because)}`),
      refusal: words && { code: refusal.code, what: words.what, next: words.next },
    },
    refusal,
  };
};
