import { describe, expect, it } from 'vitest';
import type { VirtualMachine } from '../../../shared/model/virtual-machines.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const mebibyte = 1024n ** 2n;
const file = (() => {
  const [machine] = exampleFile(2).virtualMachines;
  return {
    ...exampleFile(2),
    virtualMachines: [
      { ...machine!, name: 'VM1', memoryMB: 2_048 },
      { ...machine!, name: 'VM2', memoryMB: 6_144 },
    ],
  };
})();

const running = (name: string): VirtualMachine => ({
  name,
  id: `id of ${name}`,
  host: 'NODE1',
  state: 'running',
  generation: 2,
  memoryBytes: String(6_144n * mebibyte),
  files: [],
  switches: [],
  hostDevices: [],
  role: null,
});

const refusals = (
  index: number,
  memoryBytes: bigint | null,
  names: readonly string[] | null = [],
  changes: Partial<VirtualMachine> = {},
) => {
  const machines = (names ?? []).map((name) => ({ ...running(name), ...changes }));
  const state = { isHyperVRunning: false, machines, switches: [], clusterNodes: null, startSets: null, unread: [] };
  const change = (input: ServerInput): ServerInput => ({
    ...input,
    memoryBytes: memoryBytes === null ? null : String(memoryBytes),
    observed: { ...input.observed, ...(names === null ? {} : { vms: { node: 'NODE1', state } }) },
  });
  return planServer(bareServer(file, index, change)).phases.find(({ phase }) => phase === 'readiness')!.refusals;
};

describe('virtual machines that the first server cannot hold', () => {
  it('are refused before anything is changed, with both sizes', () => {
    expect(refusals(0, 8_192n * mebibyte)).toEqual([
      expect.objectContaining({
        code: 'FORM_MACHINES_TOO_LARGE',
        detail: { machines: 'VM1, VM2', wanted: '8 GiB', server: 'NODE1', memory: '8 GiB' },
      }),
    ]);
    expect(refusals(0, 8_193n * mebibyte)).toEqual([]);
  });

  it('count only where they are still to be started, and on the server that starts them', () => {
    expect(refusals(0, 4_096n * mebibyte, ['vm2'])).toEqual([]);
    expect(refusals(0, 2_048n * mebibyte, ['vm2'])).toMatchObject([{ detail: { machines: 'VM1' } }]);
    expect(refusals(1, 1_024n * mebibyte)).toEqual([]);
    // One that was moved and switched off starts where it is.
    expect(refusals(0, 4_096n * mebibyte, ['VM2'], { host: 'NODE2', state: 'off' })).toEqual([]);
    expect(refusals(0, 4_096n * mebibyte, ['VM2'], { host: 'node1', state: 'off' })).toHaveLength(1);
  });

  it('are let be where the memory or the machines were not read: that says nothing', () => {
    expect(refusals(0, null)).toEqual([]);
    expect(refusals(0, 1_024n * mebibyte, null)).toEqual([]);
  });
});
