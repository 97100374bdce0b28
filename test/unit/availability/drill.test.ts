import { describe, expect, it } from 'vitest';
import type { ReadState } from '../../../main/operations/availability/observed-state.ts';
import { judgeOrder } from '../../../main/operations/drills/judge-order.ts';
import { measuredSeconds } from '../../../main/operations/drills/measured-seconds.ts';
import { planDrill, type DrillServer } from '../../../main/operations/drills/plan-drill.ts';
import { runDrill, Watch, type DrillTools } from '../../../main/operations/drills/run-drill.ts';
import { whyNoOrders } from '../../../main/operations/peers/why-no-orders.ts';
import type { CoordinatorView } from '../../../shared/contract/coordinator.ts';
import type { DrillAct, DrillRecord } from '../../../shared/contract/drill.ts';
import { failure, type Failure } from '../../../shared/errors/failure.ts';
import type { AvailabilityState, StateDocument } from '../../../shared/availability/state.ts';
import { fourAndFour, stateOf } from '../../support/availability-states.ts';

const servers: DrillServer[] = ['HV01', 'HV02'].map((node) => ({ node, server: `rehearsal:w/${node}` }));
const read = (document: StateDocument = fourAndFour()): ReadState => ({
  state: { ...stateOf(document), name: 'C1' } satisfies AvailabilityState,
  source: { kind: 'rehearsal', names: [] },
  notes: [],
});
const seenFine = async () => ({ ok: true, what: 'Take it away', back: 'Gives it back.' }) as const;
const plan = (element: string, document?: StateDocument, on = servers, history: DrillRecord[] = []) =>
  planDrill(read(document), on, { element, holdSeconds: 5 }, history, seenFine);

describe('the plan of a drill', () => {
  it('predicts each machine, watches from another node, and guards longer than it holds', async () => {
    const { plan: made, acts } = await plan('node:HV02');
    expect(made.refusals).toEqual([]);
    expect(acts).toEqual([{ node: 'HV02', server: 'rehearsal:w/HV02', act: { kind: 'node' } }]);
    expect(made.observer?.node).toBe('HV01');
    expect(made.expected.filter(({ outcome }) => outcome === 'restarts')).toHaveLength(4);
    expect(made.guardSeconds).toBeGreaterThan(made.holdSeconds);
    expect(made.outage.seconds).toBeNull();
  });
  it('refuses, naming the machine and why, where one would not survive', async () => {
    const { plan: made } = await plan('node:HV02', fourAndFour(16_384));
    expect(made.refusals.join(' ')).toMatch(/VM\d .* stay down: /);
    expect(made.changes).toEqual([]);
  });
  it('refuses where the quorum would go, a node was not read, or nobody can watch', async () => {
    expect((await plan('node:HV01', { ...fourAndFour(), witness: null })).plan.refusals.join(' ')).toContain('quorum');
    const alone = (await plan('node:HV01', undefined, servers.slice(0, 1))).plan.refusals.join(' ');
    expect(alone).toMatch(/HV02 .*not read/);
    expect(alone).toContain('No other node can watch');
  });
  it('is ordered at a peer only by the coordinator, and says that a person there is asked', async () => {
    const peer = `peer:${'a'.repeat(52)}`;
    const from = (local: string): DrillServer[] =>
      ['HV01', 'HV02'].map((node) => ({ node, server: node === local ? 'local' : peer }));
    const because = whyNoOrders({ isThisServer: false, heard: null } as CoordinatorView);
    const asked = { element: 'node:HV02', holdSeconds: 5 };
    const without = await planDrill(read(), from('HV01'), asked, [], seenFine, because);
    expect(without.plan.refusals.join(' ')).toMatch(/HV02: peers take orders .*there is none.*--take/);
    const ordered = await planDrill(read(), from('HV01'), asked, [], seenFine, null);
    expect(ordered.plan.refusals).toEqual([]);
    expect(ordered.plan.notes.join(' ')).toContain('A person at HV02 is asked to agree');
    // Nothing is ordered where this console is the one that the drill is about.
    const { plan: made } = await planDrill(read(), from('HV02'), asked, [], seenFine, because);
    expect(made.refusals).toEqual([]);
    expect(made.notes.join(' ')).not.toContain('is asked to agree');
    expect(made.observer?.node).toBe('HV01');
  });
  it('is judged again by the server that is ordered it, from what it reads itself', () => {
    const own: AvailabilityState = { ...stateOf(fourAndFour()), name: 'C1' };
    const blind = { ...own, nodes: own.nodes.map((node) => (node.name === 'HV01' ? { ...node, memoryMB: 0 } : node)) };
    const others = own.nodes.filter(({ name }) => name === 'HV01');
    const judge =
      (element: string, act: DrillAct, told = others) =>
      () =>
        judgeOrder(blind, 'HV02', { element, others: told }, act);
    expect(judge('node:HV02', { kind: 'node' })).not.toThrow();
    // Nobody told what the other node could take over; what it would take over does not fit; another act than the element's.
    expect(judge('node:HV02', { kind: 'node' }, [])).toThrow(/HV02 judges: .*HV01 .*not read/);
    expect(judge('node:HV02', { kind: 'node' }, [{ ...others[0]!, memoryMB: 2048 }])).toThrow(/stay down/);
    expect(judge('node:HV02', { kind: 'witness' })).toThrow(/means something different on HV02/);
    expect(judge('node:HV01', { kind: 'node' })).toThrow(/means something different on HV02/);
    // What it sees itself nobody tells it: the memory of its own is its own.
    expect(
      judge('node:HV02', { kind: 'node' }, [...others, { name: 'HV02', memoryMB: 0, reserveMB: 0 }]),
    ).not.toThrow();
  });
  it('takes a target away only where a mirrored one is there', async () => {
    expect((await plan('target:SAN1')).plan.refusals.join(' ')).toContain('No mirrored target is proven');
    const mirrored = (isMirrorProven?: boolean): StateDocument => ({
      ...fourAndFour(),
      targets: [{ name: 'SAN1' }, { name: 'SAN2', mirrorOf: 'SAN1', ...(isMirrorProven ? { isMirrorProven } : {}) }],
    });
    // What somebody wrote down is no proof.
    expect((await plan('target:SAN1', mirrored())).plan.refusals.join(' ')).toContain('No mirrored target is proven');
    expect((await plan('target:SAN1', mirrored(true))).plan.refusals).toEqual([]);
    expect((await plan('target:SAN2', mirrored(true))).plan.refusals).toEqual([]);
  });
  it('has none for what a person has to unplug', async () => {
    await expect(plan('switch:S1', { ...fourAndFour(), switches: [{ name: 'S1' }] })).rejects.toMatchObject({
      code: 'DRILL_KIND_UNKNOWN',
    });
  });
});

describe('the watch', () => {
  const at = (...pairs: [string, string][]): Map<string, string> => new Map(pairs);
  it('counts from the last look that was good to the first that is good again', () => {
    const watch = new Watch(['a', 'b', 'c'], at(['a', 'N1'], ['b', 'N1'], ['c', 'N1']), 0);
    watch.add(at(['a', 'N1'], ['b', 'N1'], ['c', 'N1']), 100);
    watch.add(at(['a', 'N1'], ['c', 'N2']), 200);
    watch.add(at(['a', 'N1'], ['b', 'N2'], ['c', 'N2']), 350);
    expect(watch.of('a')).toEqual({ after: 'N1', outageMs: 0 });
    expect(watch.of('b')).toEqual({ after: 'N2', outageMs: 250 });
    // A move between two looks was an outage of at most the time between them.
    expect(watch.of('c')).toEqual({ after: 'N2', outageMs: 100 });
    expect(watch.sampleMs).toBe(150);
  });
  it('says of a machine that did not come up for how long it was gone', () => {
    const watch = new Watch(['a'], at(['a', 'N1']), 0);
    watch.add(at(), 100);
    watch.add(at(), 400);
    expect(watch.of('a')).toEqual({ after: null, outageMs: 400 });
  });
});

describe('carrying a drill out', () => {
  const names = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `VM${number}`);
  const world = (place: (name: string, isAway: boolean) => string | null) => {
    const calls: string[] = [];
    let isAway = false;
    const tools: DrillTools = {
      look: async () =>
        new Map(
          names.flatMap((name) => {
            const host = place(name, isAway);
            return host === null ? [] : [[name.toLowerCase(), host] as const];
          }),
        ),
      begin: async (server) => {
        calls.push(`begin ${server}`);
        isAway = true;
        return `entry-${server}`;
      },
      end: async (server, journal) => {
        calls.push(`end ${server} ${journal}`);
        isAway = false;
        return true;
      },
      keep: () => undefined,
      now: () => new Date('2026-01-05T08:00:00Z'),
      progress: () => undefined,
      signal: new AbortController().signal,
      by: 'cli',
      isRehearsal: true,
      everyMs: 1,
    };
    return { tools, calls };
  };
  const home = (name: string): string => (Number(name.slice(2)) <= 4 ? 'HV01' : 'HV02');
  const shortPlan = async (element: string) => {
    const task = await plan(element);
    return { ...task, plan: { ...task.plan, holdSeconds: 0.02 } };
  };

  it('is as predicted where every machine does what the analysis says', async () => {
    const { tools, calls } = world((name, isAway) => (isAway ? 'HV01' : home(name)));
    const record = await runDrill(await shortPlan('node:HV02'), tools);
    expect(record).toMatchObject({ outcome: 'asPredicted', isBack: true, findings: [], observer: 'HV01' });
    expect(calls).toEqual(['begin rehearsal:w/HV02', 'end rehearsal:w/HV02 entry-rehearsal:w/HV02']);
    const measured = measuredSeconds([record], { kind: 'node', cluster: 'c1', isRehearsal: true });
    expect(measured).toMatchObject({ drills: 1, last: '2026-01-05T08:00:00.000Z' });
    expect(measuredSeconds([record], { kind: 'node', cluster: 'C1', isRehearsal: false })).toBeNull();
    const again = await plan('node:HV02', undefined, servers, [record]);
    expect(again.plan.outage.because).toContain('A drill measured at most');
  });
  it('is a finding where one does not come up', async () => {
    const { tools } = world((name, isAway) => (isAway && name === 'VM8' ? null : isAway ? 'HV01' : home(name)));
    const record = await runDrill(await shortPlan('node:HV02'), tools);
    expect(record.outcome).toBe('finding');
    expect(record.findings).toEqual([
      expect.stringMatching(/^VM8 restarts on another node, the analysis says; .*did not come up\.$/),
    ]);
  });
  it('gives back at once what makes a machine stop that was to stay', async () => {
    const { tools, calls } = world((name, isAway) => (isAway && name === 'VM1' ? null : home(name)));
    const task = await plan('witness');
    const record = await runDrill({ ...task, plan: { ...task.plan, holdSeconds: 3600 } }, tools);
    expect(record.outcome).toBe('finding');
    expect(calls.at(-1)).toContain('end');
  });
  it('gives back where beginning fails, and says that the server does it by itself where that fails too', async () => {
    const { tools } = world((name) => home(name));
    const failing = await runDrill(await shortPlan('node:HV02'), {
      ...tools,
      end: async () => {
        throw failure('HOST_UNREACHABLE', { server: 'HV02', reason: 'it is silent' });
      },
    });
    expect(failing).toMatchObject({ outcome: 'failed', isBack: false });
    expect(failing.findings.join(' ')).toContain('by itself');
  });
  it('refuses before anything changed where a machine does not run', async () => {
    const { tools, calls } = world((name) => (name === 'VM3' ? null : home(name)));
    await expect(runDrill(await shortPlan('node:HV02'), tools)).rejects.toMatchObject({
      code: 'DRILL_REFUSED',
      effect: 'none',
    } satisfies Partial<Failure>);
    expect(calls).toEqual([]);
  });
});
