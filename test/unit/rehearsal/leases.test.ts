import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setDhcp } from '../../../main/rehearsal/world/changes/nics.ts';
import { boot, losePower } from '../../../main/rehearsal/world/changes/restart.ts';
import { addServer } from '../../../main/rehearsal/world/scenarios/server.ts';
import { World } from '../../../main/rehearsal/world/world.ts';

describe('the DHCP server of a network', () => {
  let folder: string;
  let world: World;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-leases-'));
    world = new World({ folder, scenario: 'two-node-lab', seed: 1, clock: 'driven' });
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const leased = (server: string): string[] =>
    world.state.servers[server]!.nics.flatMap((nic) =>
      nic.addresses.flatMap((held) => (held.origin === 'dhcp' ? [held.address] : [])),
    );
  const power = (server: string, action: 'boot' | 'losePower'): void =>
    world.control('test', action, {}, (state) =>
      action === 'boot' ? boot(state, state.servers[server]!, 0) : losePower(state, state.servers[server]!),
    );

  it('gives every NIC of a server that starts an address of its own, the one that it had', () => {
    const before = leased('NODE1');
    expect(before).toHaveLength(2);
    expect(new Set(before).size).toBe(2);
    power('NODE1', 'losePower');
    power('NODE1', 'boot');
    expect(leased('NODE1')).toEqual(before);
  });

  it('gives nobody the address of a server that is off', () => {
    const before = leased('NODE1');
    power('NODE1', 'losePower');
    world.control('test', 'createServer', {}, (state) => {
      addServer(state, { name: 'NODE3', version: '2025', ports: ['production', 'production'] });
    });
    expect(leased('NODE3')).toHaveLength(2);
    for (const address of leased('NODE3')) expect(before).not.toContain(address);
    power('NODE1', 'boot');
    expect(leased('NODE1')).toEqual(before);
  });

  it('gives another address where somebody took the old one meanwhile', () => {
    const [first] = leased('NODE1');
    power('NODE1', 'losePower');
    world.control('test', 'fault', {}, (state) => {
      state.networks['production']!.strangers.push(first!);
    });
    power('NODE1', 'boot');
    expect(leased('NODE1')).toHaveLength(2);
    expect(leased('NODE1')).not.toContain(first);
  });

  it('gives the same address again when DHCP is switched off and on', () => {
    const before = leased('NODE1');
    const { guid } = world.state.servers['NODE1']!.nics[0]!;
    for (const enabled of [false, true])
      world.change({ who: 'test', server: 'NODE1', what: 'nics.setDhcp', input: {} }, (change) =>
        setDhcp(change, guid, 'ipv4', enabled),
      );
    expect(leased('NODE1')).toEqual(before);
  });
});
