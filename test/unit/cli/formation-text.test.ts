import { describe, expect, it } from 'vitest';
import { sayHowToGoOn, sayWhatCanBeDone } from '../../../main/cli/text/formation-text.ts';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';

const step = (id: string, startedMs: number): FormationStepResult => ({
  ...{ id, node: 'NODE2', stage: 'roles' as const, title: `Install ${id}`, state: 'running' as const, proof: null },
  ...{ error: null, why: 'A node needs it.', doing: `Changing the server for ${id}`, expectedMs: 300_000 },
  ...{ canSkip: false, startedAt: new Date(Date.now() - startedMs).toISOString(), endedAt: null },
});

describe('the state of a formation', () => {
  it('says of a step that runs what it does, and of one that takes longer than it should what can be done', () => {
    const out: string[] = [];
    const err: string[] = [];
    const context = { print: (text: string) => out.push(text), note: (text: string) => err.push(text) };
    for (const one of [step('Hyper-V', 11 * 60_000), step('Failover-Clustering', 60_000)])
      sayWhatCanBeDone(context as never, one, false);
    expect(out).toEqual([
      'NODE2: Changing the server for Hyper-V.',
      'NODE2: Changing the server for Failover-Clustering.',
    ]);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(
      /^NODE2: "Install Hyper-V" has been running for 11 min(?: \d+ s)?, longer than the expected 5 min\. Look at the server's own screen\. "quorate form pause" starts no step after it, "quorate form cancel" ends the formation after it; steps that are done stay done\.$/,
    );
  });

  it('says how one that did not come to its end is continued, from whichever folder that is asked', () => {
    const said = (one: Partial<Parameters<typeof sayHowToGoOn>[1]>): string[] => {
      const err: string[] = [];
      const found = { state: 'failed', direction: 'form', isPaused: false, path: '/srv/cluster.json' } as const;
      sayHowToGoOn({ note: (text) => void err.push(text) }, { ...found, ...one });
      return err;
    };
    expect(said({})).toEqual([
      'This formation did not come to its end. "quorate form plan --file /srv/cluster.json" shows what is left, and "quorate form resume" continues it; steps that are done are not repeated.',
    ]);
    expect(said({ direction: 'undo' })[0]).toContain('"quorate form undo --plan" shows what is left');
    expect(said({ state: 'interrupted', isPaused: true })[0]).toContain('A person had paused it');
    for (const state of ['running', 'paused', 'formed', 'undone'] as const) expect(said({ state })).toEqual([]);
  });
});
