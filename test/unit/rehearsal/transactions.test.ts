import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addServer } from '../../../main/rehearsal/world/scenarios/server.ts';
import { World } from '../../../main/rehearsal/world/world.ts';

describe('a transaction in a world of 64 servers', () => {
  let folder: string;
  let world: World;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-world-'));
    world = new World({ folder, scenario: 'two-node-lab', seed: 1, clock: 'driven' });
    world.control('test', 'createServer', {}, (state) => {
      for (let number = 3; number <= 64; number += 1)
        addServer(state, { name: `NODE${number}`, version: '2025', ports: ['production', 'iscsi-a'] });
    });
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('touches what it changes and shares everything else with the state before', () => {
    const before = world.state;
    const outcome = world.change({ who: 'test', server: 'NODE9', what: 'nics.rename', input: {} }, ({ server }) => {
      server.nics[0]!.name = 'Production';
      return server.nics[0];
    });
    expect(outcome).toMatchObject({ kind: 'done', value: { name: 'Production' } });
    const { state } = world;
    expect(state.servers['NODE9']!.nics[0]!.name).toBe('Production');
    expect(before.servers['NODE9']!.nics[0]!.name).toBe('Ethernet');
    const shared = Object.keys(state.servers).filter((name) => state.servers[name] === before.servers[name]);
    expect(shared).toHaveLength(63);
    expect(state.servers['NODE9']!.nics[1]).toBe(before.servers['NODE9']!.nics[1]);
    expect(state.luns).toBe(before.luns);
  });

  it('changes nothing of the state when it fails', () => {
    const before = world.state;
    expect(() =>
      world.change({ who: 'test', server: 'NODE9', what: 'nics.rename', input: {} }, ({ server }) => {
        server.nics[0]!.name = 'Production';
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
    expect(world.state).toBe(before);
  });

  it('can not be changed by what only reads', () => {
    expect(() =>
      world.read({ who: 'test', server: 'NODE9', what: 'nics.list', input: {} }, (_state, server) => {
        server.sanPolicy = 'OnlineAll';
      }),
    ).toThrow(TypeError);
  });
});
