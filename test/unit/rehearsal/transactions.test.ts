import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addAddress, removeAddress } from '../../../main/rehearsal/world/changes/nics.ts';
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

  it('cannot be changed by what only reads', () => {
    expect(() =>
      world.read({ who: 'test', server: 'NODE9', what: 'nics.list', input: {} }, (_state, server) => {
        server.sanPolicy = 'OnlineAll';
      }),
    ).toThrow(TypeError);
  });

  it('knows who holds an address now, not who held it before', () => {
    const address = '198.51.100.77';
    const request = (server: string) => ({ who: 'test', server, what: 'nics.addAddress', input: {} });
    const give = (name: string): boolean => {
      world.change(request(name), (change) =>
        addAddress(change, change.server.nics[0]!.guid, { address, prefixLength: 24, skipAsSource: false }),
      );
      return world.state.servers[name]!.nics[0]!.addresses.find((held) => held.address === address)!.duplicate;
    };
    const take = (name: string): void =>
      void world.change(request(name), (change) => removeAddress(change, change.server.nics[0]!.guid, address));
    expect([give('NODE9'), give('NODE10')]).toEqual([false, true]);
    take('NODE10');
    take('NODE9');
    expect([give('NODE10'), give('NODE9')]).toEqual([false, true]);
  });
});
