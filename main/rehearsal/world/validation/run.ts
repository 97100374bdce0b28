import { findFault, requireAdministrator, rest, type Change } from '../change.ts';
import { isClusteringInstalled, serverNamed } from '../cluster-view.ts';
import { nextId } from '../random.ts';
import { refuse } from '../refusal.ts';
import type { ValidationRunState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';
import { visibleDisks, type VisibleDisk } from '../visible-disks.ts';
import { networkTests } from './network-tests.ts';
import { fqdnOf, success, type Outcome, type TestRun } from './outcome.ts';
import { reportHtml, type ReportedTest } from './report-html.ts';
import { storageTests } from './storage-tests.ts';
import { systemTests } from './system-tests.ts';
import { listedTests, type ListedTest } from './tests.ts';
import { isSameName } from '../../../../shared/model/names.ts';

/*
 * Test-Cluster of a rehearsal: it takes the world's time, and what it finds follows from the state of the servers at its end. A fault may plant one
 * result more. The words of findings are Microsoft's where a public report has them; docs/windows-model.md marks the others.
 */

/** How long one test takes, in milliseconds of the world's clock: four nodes and 54 tests of a published report took 62 s. */
const testMs = 100;

export interface ValidationInput {
  readonly nodes: readonly string[];
  readonly include: readonly string[];
  readonly ignore: readonly string[];
}

export interface ValidationProgress {
  readonly doing: string;
  readonly done: number;
  readonly total: number;
  /** The file once it is written, and the lines of the warning stream. */
  readonly ended: { readonly html: string; readonly warnings: readonly string[] } | null;
}

const isNamed = (test: ListedTest, names: readonly string[]): boolean =>
  names.some((name) => isSameName(name, test.category) || isSameName(name, test.name));

const selected = (server: ServerState, { include, ignore }: ValidationInput): readonly ListedTest[] =>
  listedTests(server.version).filter(
    (test) => (include.length === 0 || isNamed(test, include)) && !isNamed(test, ignore),
  );

const commonDisks = (world: WorldState, nodes: readonly ServerState[]): VisibleDisk[] => {
  const [first, ...others] = nodes.map((node) => visibleDisks(world, node).filter(({ lun }) => lun !== null));
  const used = (world.cluster?.disks ?? []).filter(({ use }) => use !== 'available').map(({ disk }) => disk);
  return (first ?? []).filter(
    ({ uniqueId, redundant }) =>
      !redundant && !used.includes(uniqueId) && others.every((disks) => disks.some((one) => one.uniqueId === uniqueId)),
  );
};

const tests = { ...networkTests, ...storageTests, ...systemTests };

const runTest = (test: ListedTest, run: TestRun): Outcome => {
  const planted = findFault(run.world, 'validationFinds', (fault) => isSameName(fault.test, test.name));
  if (planted)
    return {
      result: planted.result,
      blocks: [{ kind: planted.result === 'failed' ? 'error' : 'warn', text: planted.text }],
    };
  const own = tests[test.name];
  if (own) return own(run);
  return success(...run.nodes.map((node) => ({ kind: 'node' as const, name: fqdnOf(node) })));
};

/** Begins a run. Refuses what keeps Test-Cluster from starting at all. */
export const beginValidation = (change: Change, input: ValidationInput): { id: string } => {
  requireAdministrator(change);
  const { world, server } = change;
  if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
  for (const name of input.nodes) {
    const node = serverNamed(world, name);
    const isGone =
      !node || node.power !== 'on' || findFault(world, 'nodeUnreachable', (fault) => fault.server === node.name);
    if (isGone || !isClusteringInstalled(node)) throw refuse('validation.node.unreachable', { node: name });
    if (findFault(world, 'clusterRightsMissing', (fault) => fault.server === node.name))
      throw refuse('cluster.rights.missing', { node: name });
  }
  const chosen = selected(server, input);
  if (chosen.length === 0)
    throw refuse('validation.test.unknown', { names: [...input.include, ...input.ignore].join(', ') });
  rest(change, 'validation.report.layout');
  rest(change, 'validation.warnings');
  const id = `validation-${nextId(world)}`;
  const endsMs = change.nowMs + chosen.length * testMs;
  world.validations = [
    ...(world.validations ?? []),
    {
      id,
      server: server.name,
      nodes: [...input.nodes],
      include: [...input.include],
      ignore: [...input.ignore],
      startedMs: change.nowMs,
      endsMs,
    },
  ];
  world.events.push({ id: `event-${nextId(world)}`, atMs: endsMs, server: server.name, kind: 'validated' });
  return { id };
};

const doneBy = (run: ValidationRunState, chosen: readonly ListedTest[], nowMs: number): number =>
  Math.min(chosen.length, Math.floor((nowMs - run.startedMs) / testMs));

/** Cancels a run: the report names what was tested until then, the rest as cancelled. Null where there is none of this id. */
export const cancelValidation = (change: Change, id: string): { html: string } | null => {
  const { world, server, nowMs } = change;
  const run = (world.validations ?? []).find((one) => one.id === id && one.server === server.name);
  if (!run) return null;
  rest(change, 'validation.cancelled');
  const chosen = selected(server, run);
  endValidation(change, id);
  return { html: ended(world, run, chosen, doneBy(run, chosen, nowMs), nowMs).html };
};

/** Ends a run, or throws one away that was cancelled. */
export const endValidation = (change: Change, id: string): void => {
  change.world.validations = (change.world.validations ?? []).filter((run) => run.id !== id);
};

const warningOf = ({ category, name, result }: ReportedTest): string[] =>
  result === 'warning'
    ? [`${category} - ${name}: The test reported some warnings..`]
    : result === 'failed'
      ? [`${category} - ${name}: The test reported failures..`]
      : [];

/** A test that was not over when the run was cancelled. */
const cut: Outcome = { result: 'cancelled', blocks: [{ kind: 'cancel', text: 'The test was canceled.' }] };

/** The report of a run at its end, or of its first tests where it was cancelled. */
const ended = (
  world: WorldState,
  run: ValidationRunState,
  chosen: readonly ListedTest[],
  done = chosen.length,
  endedMs = run.endsMs,
) => {
  const nodes = run.nodes.flatMap((name) => serverNamed(world, name) ?? []);
  const testRun: TestRun = { world, nodes, disks: commonDisks(world, nodes) };
  const reported = chosen.map((test, at): ReportedTest => ({ ...test, ...(at < done ? runTest(test, testRun) : cut) }));
  const isWhole = run.include.length === 0 && run.ignore.length === 0;
  const html = reportHtml({
    nodes: nodes.map(fqdnOf),
    startedMs: run.startedMs,
    endedMs,
    tests: reported,
    isWhole,
  });
  return { html, warnings: reported.flatMap(warningOf) };
};

/** How far a run is; null where there is none of this id. */
export const readValidation = (
  world: WorldState,
  server: ServerState,
  nowMs: number,
  id: string,
): ValidationProgress | null => {
  const run = (world.validations ?? []).find((one) => one.id === id && one.server === server.name);
  if (!run) return null;
  const chosen = selected(server, run);
  const done = doneBy(run, chosen, nowMs);
  const current = chosen[Math.min(done, chosen.length - 1)];
  return {
    doing: current ? `${current.category}: ${current.name}` : '',
    done,
    total: chosen.length,
    ended: nowMs >= run.endsMs ? ended(world, run, chosen) : null,
  };
};
