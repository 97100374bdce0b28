import { describe, expect, it } from 'vitest';
import type { Runner } from '../../../main/powershell/index.ts';
import { createMachinesPort } from '../../../main/windows/machines.ts';

/** A server with one machine in a state, as Get-VirtualMachineState answers. */
const serverWith = (state: string | null): Runner => {
  const none = { ok: true, data: [] };
  const answer = {
    ...{ isRunning: true, processor: null, switches: none, netAdapters: none, disks: none, adapters: none },
    ...{ drives: none, floppies: none, processors: none },
    ...{ groups: null, nodes: null, owners: null, possible: null, sets: null },
    machines: {
      ok: true,
      data: [
        {
          ...{ name: 'VM1', id: 'a', host: 'NODE1', state, generation: 2, memory: '1' },
          ...{ configuration: '', checkpoints: '', paging: '' },
        },
      ],
    },
  };
  const run = async (script: string): Promise<unknown> =>
    script === 'Get-VirtualMachineState' ? answer : { partitions: none, devices: none };
  return {
    run: async (script: string, _input: unknown, { output }: { output: { parse(value: unknown): unknown } }) => ({
      ok: true,
      data: output.parse(await run(script)),
    }),
  } as never;
};

describe('states of virtual machines', () => {
  it.each([
    ['Running', 'running'],
    ['Off', 'off'],
    ['OffCritical', 'critical'],
    ['PausedCritical', 'critical'],
    ['FastSavedCritical', 'critical'],
    ['Hibernated', 'other'],
    [null, 'other'],
  ])('reads %s as %s', async (given, expected) => {
    const { machines } = await createMachinesPort(serverWith(given)).readState();
    expect(machines).toMatchObject([{ name: 'VM1', state: expected }]);
  });
});
