import { mkdtempSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { composeCore } from '../../../main/agent/compose.ts';
import type { CoreSettings } from '../../../main/agent/core-settings.ts';
import { rehearsalsOf } from '../../../main/agent/compose-formation.ts';
import { rehearsalPorts } from '../../../main/rehearsal/host/rehearsal-host.ts';
import { startWorld } from '../../../main/rehearsal/host/start-world.ts';
import { worldAddress } from '../../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../../main/rehearsal/world/client.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import { formationRehearse, type Rehearsed } from '../../../shared/contract/formation.ts';
import type { ClusterFileInput } from '../../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { explain, type Envelope } from '../../../shared/errors/failure.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import { faultKinds, type FaultInput } from '../../../shared/model/rehearsal-faults.ts';
import {
  changedDisks,
  formationFaults,
  type Disturbance,
  type FormationFault,
} from '../../support/formation-faults.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/*
 * Every fault of the world before every step of a formation. Where it stops the formation, the failure has a code that is no bug of ours,
 * and says what to do; once the fault is gone (and a server that has no power is switched on) the formation goes on and comes to the same end,
 * and nothing is written to a disk twice. Where it stops nothing, the fault is taken away before the server's next step. Whole by
 * `npm run fault-matrix`; here some faults at some steps, as a seed chooses.
 */

const isWhole = process.env['QUORATE_SWEEP'] === '1';
const seed = process.env['QUORATE_SEED'] ?? '20260105';
/** Only faults whose name has this in it. */
const only = process.env['QUORATE_FAULTS'] ?? '';
/** Only at steps whose id has this in it. */
const onlyAt = process.env['QUORATE_STEPS'] ?? '';
/** Where a row for each fault is written, as JSON: what came of it. */
const report = process.env['QUORATE_REPORT'];
/** A server that has no power after its restart is missed soon. */
const fileOf = (membership?: ClusterFileInput['membership']): string =>
  JSON.stringify({ ...exampleClusterFile({ servers: 2, membership }), restartWaitSeconds: 10 });
const inDomain = fileOf({ kind: 'domain', name: 'lab.example', account: 'LAB\\installer' });
/** Of the steps of one formation, where only some are tried. */
const share = 0.04;

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

/** From 0 to 1, the same for the same text and seed. */
const chanceOf = (text: string): number =>
  createHash('sha256').update(`${seed} ${text}`).digest().readUInt32BE(0) / 2 ** 32;

/** A fault that was there at a step. */
interface Met {
  readonly fault: string;
  readonly step: string;
}

/** What it stopped with, as a person reads it. */
interface Stop extends Met {
  readonly code: string;
  readonly said: string;
}

/** Why it cannot be at a step. */
interface Spared extends Met {
  readonly because: string;
}

/** A row of the matrix. Every step that was come to is in it: stopped, passed, or spared for a reason. */
interface Row {
  readonly fault: string;
  readonly tried: number;
  readonly stopped: Readonly<Record<string, number>>;
  readonly spared: Readonly<Record<string, number>>;
  /** Each sentence that was said, with the steps that it was said at. */
  readonly said: Readonly<Record<string, readonly string[]>>;
}

const count = (of: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(of)].map((one) => [one, of.filter((other) => other === one).length]));

/** The failure is one that a person can act on. */
const expectHelpful = (error: Envelope, where: string): void => {
  for (let one: Envelope | null = error; one; one = one.cause)
    expect(one.code, `${where}: ${JSON.stringify(error)}`).not.toBe('INTERNAL_BUG');
  const { what, next } = explain(error);
  for (const text of [what, next]) {
    expect(text.length, where).toBeGreaterThan(10);
    expect(text, where).not.toMatch(/[{}]|undefined|\[object|NaN/);
  }
  expect(`${what} ${next}`, where).toMatch(/NODE[12]/);
  // The id that Windows gives a disk is nothing that a person knows it by.
  expect(`${what} ${next}`, where).not.toMatch(/\b[0-9A-F]{16}\b/);
};

/** How long the reads of a qualification take is a matter of this machine, not of a fault: one that is busy tries again. */
const isBusy = ({ code, detail }: Envelope): boolean =>
  code === 'FORM_NOT_QUALIFIED' && String(detail['sentence']).includes('one read in a hundred takes');

/** A rehearsal in this process that is disturbed before each step as `choose` says, until it comes to its end. */
const disturbed = async (choose: (step: FormationStep) => readonly FormationFault[], text = fileOf()) => {
  const data = mkdtempSync(join(tmpdir(), 'quorate-faults-'));
  folders.push(data);
  const folder = join(data, 'rehearsal', 'faults');
  const tried = new Set<string>();
  /** By server: the fault that is on, and where. */
  const active = new Map<
    string,
    { readonly undo: Disturbance['undo']; readonly fault: FormationFault; readonly step: string }
  >();
  /** Those that went away in this run, and when. */
  let over: (Met & { readonly at: number })[] = [];
  let client: WorldClient | null = null;
  const met: Met[] = [];
  const stopped: Stop[] = [];
  const spared = new Map<string, Spared>();

  const takeAway = async (node: string): Promise<void> => {
    const one = active.get(node);
    active.delete(node);
    if (!one) return;
    const wasLeft = await client?.control(...one.undo).catch(() => undefined);
    const { fault, step } = one;
    over.push({ fault: fault.name, step, at: Date.now() });
    // What happens once and is left after its step never happened: the step does not come by there.
    if (fault.kind !== 'powerLoss' || wasLeft !== true) return;
    met.splice(
      met.findIndex((other) => other.fault === fault.name && other.step === step),
      1,
    );
    spare(step, fault, 'the change does not come by there');
  };
  const spare = (step: string, fault: FormationFault, because: string): void => {
    spared.set(`${fault.name} ${step}`, { fault: fault.name, step, because });
  };
  const disturb = async (step: FormationStep): Promise<void> => {
    await takeAway(step.node);
    for (const fault of choose(step)) {
      const key = `${fault.name} ${step.id}`;
      if (tried.has(key)) continue;
      client ??= await WorldClient.connect(worldAddress(folder), 'faults');
      const input = fault.of(step, (await client.control('snapshot')) as WorldState);
      if ('because' in input) {
        spare(step.id, fault, input.because);
        continue;
      }
      tried.add(key);
      await put(client, step, fault, input);
      return;
    }
  };
  const put = async (
    world: WorldClient,
    step: FormationStep,
    fault: FormationFault,
    input: FaultInput | Disturbance,
  ): Promise<void> => {
    const set = 'set' in input ? input.set : (['setFault', input] as const);
    const answer = await world.control(...set);
    const undo = 'undo' in input ? input.undo : (['clearFault', { id: answer as string }] as const);
    active.set(step.node, { undo, fault, step: step.id });
    met.push({ fault: fault.name, step: step.id });
    if (fault.passesAfterMs !== undefined) setTimeout(() => void takeAway(step.node), fault.passesAfterMs);
  };
  /** What a person does: takes away what is wrong, presses the power button, and clears what a node keeps of a join that was aborted. */
  const repair = async (): Promise<void> => {
    client?.close();
    client = await startWorld({ folder, who: 'faults' });
    for (const node of active.keys()) await takeAway(node);
    for (const { name, power, clusterLeftover } of Object.values(
      ((await client.control('snapshot')) as WorldState).servers,
    )) {
      if (power !== 'on') await client.control('powerOn', { server: name });
      // What is left on the first server, the formation itself clears.
      if (clusterLeftover && name !== 'NODE1')
        await rehearsalPorts(client, 'faults', name).apply({ do: 'cluster.clearNode', node: name });
    }
  };
  const run = async (): Promise<Rehearsed> => {
    const rehearsals = await rehearsalsOf(
      (settings: CoreSettings) =>
        composeCore({
          ...settings,
          patience: { ...settings.patience, verifyMs: 1_500, restartMs: 4_000 },
          beforeStep: async (step) => {
            await settings.beforeStep?.(step);
            await disturb(step);
          },
        }),
      { dataFolder: data, host: 'cli' },
    );
    return rehearsals.rehearse(
      formationRehearse.input.parse({ name: 'faults', resume: true, text }),
      new AbortController().signal,
      () => undefined,
    );
  };

  /**
   * What a run met: the faults of the steps that failed, else all that were there with them. What another server needs as well (a portal, a
   * network) stops that one, too.
   */
  const blamed = ({ steps }: Rehearsed): readonly Met[] => {
    const failed = steps.filter(({ state }) => state === 'failed');
    const since = Math.min(...failed.map(({ startedAt }) => Date.parse(startedAt ?? '')), Date.now());
    const there: Met[] = [...active.values()].map(({ fault, step }) => ({ fault: fault.name, step }));
    there.push(...over.filter(({ at }) => at >= since));
    const own = there.filter(({ step }) => failed.some(({ id }) => id === step));
    return own.length > 0 ? own : there;
  };

  let result = await run();
  while (result.error !== null) {
    if (isBusy(result.error)) {
      await repair();
      result = await run();
      continue;
    }
    const causes = blamed(result);
    const where = `${causes.map(({ fault, step }) => `${fault} at ${step}`).join(', ') || 'no fault'}, after ${stopped.length} stops, seed ${seed}`;
    expectHelpful(result.error, where);
    // Every stop has a fault that was not tried before, or the formation cannot go on although all is well again.
    expect(causes, `${where}: ${JSON.stringify(result.error)}`).not.toEqual([]);
    const { code, what, next } = explain(result.error);
    for (const { fault, step } of causes) stopped.push({ fault, step, code, said: `${what} ${next}` });
    if (isWhole) process.stderr.write(`${where}: ${code}\n`);
    await repair();
    over = [];
    result = await run();
  }
  (client as WorldClient | null)?.close();
  return { result, stopped, met, spared: [...spared.values()] };
};

/** With it a node loses what it runs to another one, where that stays. */
const givesUp = (kind: string | null): boolean => kind === 'powerLoss' || kind === 'clusterServiceStopped';

describe('a formation that meets a fault', () => {
  /** `node`: where the machine may be. */
  const expectSameEnd = (result: Rehearsed, where: string, node = /^NODE1$/): void => {
    expect(result.cluster, where).toEqual({ name: 'CLUSTER1', nodes: ['NODE1', 'NODE2'], witness: 'Witness' });
    expect(result.vms, where).toEqual([
      { name: 'VM1', node: expect.stringMatching(node) as string, state: 'running', highlyAvailable: true },
    ]);
    // One table of partitions, one partition and one file system on each of the two LUNs.
    const written = result.applied.filter(({ step }) => step.startsWith('disk.')).map(({ step }) => step);
    const onDisks = written.filter((step) => /^disk\.(initialize|createPartition|format|clear)/.test(step));
    expect(new Set(onDisks).size, where).toBe(onDisks.length);
    expect(
      onDisks.filter((step) => step.startsWith('disk.format')),
      where,
    ).toHaveLength(2);
    expect(
      onDisks.filter((step) => step.startsWith('disk.clear')),
      where,
    ).toEqual([]);
  };

  const rows: Row[] = [];
  /** Writes the row of a fault down. */
  const tell = (fault: string, met: readonly Met[], stopped: readonly Stop[], spared: readonly Spared[]): void => {
    const row: Row = {
      fault,
      tried: met.length,
      stopped: count(stopped.map(({ code }) => code)),
      spared: count(spared.map(({ because }) => because)),
      said: Object.fromEntries(
        Object.keys(count(stopped.map(({ said }) => said))).map((said) => [
          said,
          stopped.filter((stop) => stop.said === said).map(({ step }) => step),
        ]),
      ),
    };
    rows.push(row);
    process.stderr.write(`${JSON.stringify({ ...row, said: undefined })}\n`);
    if (report !== undefined) writeFileSync(report, JSON.stringify(rows, null, 2));
  };

  it('may meet every fault that there is', () => {
    expect(new Set(formationFaults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  });

  it.runIf(!isWhole)(`says what to do and goes on (some faults, seed ${seed})`, async () => {
    const { result, stopped, met } = await disturbed((step) =>
      chanceOf(step.id) < share
        ? [formationFaults[Math.floor(chanceOf(`fault of ${step.id}`) * formationFaults.length)]!]
        : [],
    );
    const mayMove = met.some(({ fault }) => givesUp(fault.split(' ')[0]!));
    expectSameEnd(result, JSON.stringify(stopped), mayMove ? /^NODE[12]$/ : undefined);
    // A formation that met nothing would prove nothing.
    expect(met.length, `seed ${seed}`).toBeGreaterThan(0);
  });

  it('never writes to a disk that changed since it was planned, and names it', async () => {
    const { result, stopped, met, spared } = await disturbed(() => changedDisks);
    if (isWhole)
      for (const { name } of changedDisks) {
        const isIts = ({ fault }: Met): boolean => fault === name;
        tell(name, met.filter(isIts), stopped.filter(isIts), spared.filter(isIts));
      }
    const told = JSON.stringify(stopped, null, 1);
    expect(stopped.map(({ fault, step }) => [fault, step]).toSorted(), told).toEqual(
      met.map(({ fault, step }) => [fault, step]).toSorted(),
    );
    // What was found is said, and not that of all things it is blank.
    for (const { said } of stopped)
      expect(said).toMatch(/an empty MBR partition table|volume: .*Payroll|Windows does not show it/);
    // On two disks: a table of partitions, a partition, a file system.
    expect(stopped.length).toBeGreaterThanOrEqual(2 * (4 + 2 + 2));
    expectSameEnd(result, told);
  });

  // Without the whole there is nothing to skip: the sample above stands for it.
  it.each(isWhole ? formationFaults.filter(({ name }) => name.includes(only)) : [])(
    '$name: says what to do and goes on, at every step',
    async (fault) => {
      const { result, stopped, met, spared } = await disturbed(
        ({ id }) => (id.includes(onlyAt) ? [fault] : []),
        fault.needsDomain ? inDomain : fileOf(),
      );
      tell(fault.name, met, stopped, spared);
      // A fault that can be at no step was never tried.
      expect(met.length, fault.name).toBeGreaterThan(0);
      expectSameEnd(result, fault.name, givesUp(fault.kind) ? /^NODE[12]$/ : undefined);
    },
    1_800_000,
  );
});
