import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Rehearsals } from '../../../main/rehearsal/host/rehearsals.ts';
import { failure } from '../../../shared/errors/failure.ts';

/** A world that answers `control` as it is told to, and counts who let go of it. */
const withWorlds = (answers: Readonly<Record<string, (input: unknown) => unknown>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-rehearsals-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'rehearsal', 'there'), { recursive: true });
  const world = { asked: [] as (readonly [string, unknown])[], open: 0, started: [] as unknown[] };
  const rehearsals = new Rehearsals(folder, async (start) => {
    world.open += 1;
    world.started.push(start);
    const client = {
      control: async (what: string, input: unknown) => {
        world.asked.push([what, input]);
        const answer = answers[what];
        if (!answer) throw failure('INTERNAL_BUG', { message: `${what} is unknown` });
        return answer(input);
      },
      close: () => (world.open -= 1),
    };
    return client as unknown as Awaited<ReturnType<NonNullable<ConstructorParameters<typeof Rehearsals>[1]>>>;
  });
  return { rehearsals, world };
};

const described = { describe: () => ({ pid: 1, scenario: 'two-servers' }), listFaults: () => [] };

describe('rehearsals', () => {
  it('starts no world for a name that is not there, whatever is asked', async () => {
    const { rehearsals, world } = withWorlds(described);
    const missing = { code: 'REHEARSAL_NOT_FOUND', detail: { name: 'nothere' } };
    await expect(async () => rehearsals.show('nothere')).rejects.toMatchObject(missing);
    await expect(async () => rehearsals.advance('nothere', 1)).rejects.toMatchObject(missing);
    await expect(rehearsals.stop('nothere')).rejects.toMatchObject(missing);
    await expect(rehearsals.remove('nothere')).rejects.toMatchObject(missing);
    expect(world.started).toEqual([]);
  });

  it('makes none over another, and none of a scenario that there is not', async () => {
    const { rehearsals, world } = withWorlds(described);
    const input = { scenario: null, seed: 1, clock: 'real' } as never as Parameters<typeof rehearsals.create>[0];
    await expect(rehearsals.create({ ...input, name: 'there' })).rejects.toMatchObject({ code: 'REHEARSAL_EXISTS' });
    await expect(rehearsals.create({ ...input, name: 'new', scenario: 'moon' })).rejects.toMatchObject({
      code: 'REHEARSAL_REFUSED',
      message: expect.stringContaining('there is no scenario moon; there are ') as string,
    });
    expect(world.started).toEqual([]);
  });

  it('tells what a world refuses with its own words, and lets go of it', async () => {
    const { rehearsals, world } = withWorlds(described);
    await expect(rehearsals.act('there', { do: 'pullCable' } as never)).rejects.toMatchObject({
      code: 'REHEARSAL_REFUSED',
      detail: { name: 'there', reason: 'pullCable is unknown' },
    });
    expect(world.open).toBe(0);
  });

  it('clears one fault by its id, all of a kind, or all', async () => {
    const faults = [
      { id: '1', kind: 'slow' },
      { id: '2', kind: 'slow' },
      { id: '3', kind: 'hang' },
    ];
    const { rehearsals, world } = withWorlds({ ...described, listFaults: () => faults, clearFault: () => null });
    const cleared = async (id: string | null) => {
      world.asked.length = 0;
      const count = await rehearsals.clearFault('there', id);
      return [count, world.asked.filter(([what]) => what === 'clearFault').map(([, input]) => input)];
    };
    expect(await cleared('3')).toEqual([1, [{ id: '3' }]]);
    expect(await cleared('slow')).toEqual([2, [{ id: '1' }, { id: '2' }]]);
    expect(await cleared(null)).toEqual([3, [{ id: '1' }, { id: '2' }, { id: '3' }]]);
    expect(await cleared('nothing')).toEqual([0, []]);
  });
});
