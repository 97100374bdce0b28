import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readState, type StatePorts } from '../../../main/operations/availability/read-state.ts';
import type { World } from '../../../main/rehearsal/world/world.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ServerRef } from '../../../shared/model/server-ref.ts';
import { lossyWorld, readServer } from '../../support/losing-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-read-cluster-'));
const refOf = (server: string): ServerRef => ({ kind: 'rehearsal', world: 'w', server });
let world: World;

beforeAll(async () => {
  world = await lossyWorld(folder, {
    nodes: 3,
    witness: 'disk',
    machines: [{ name: 'vm1', node: 'NODE1', gigabytes: 4 }],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads from one named server on; `around` are the others that can be reached, and `fails` says what reading one of them throws. */
const read = (
  named: readonly string[],
  around: readonly string[],
  fails: (server: string) => Error | null = () => null,
) => {
  const asked: string[] = [];
  const ports = {
    readServer: async (ref: ServerRef) => {
      const server = (ref as { server: string }).server;
      asked.push(server);
      const error = fails(server);
      if (error) throw error;
      return readServer(world, server);
    },
    serversAround: async () => new Map(around.map((name) => [name.toLowerCase(), refOf(name)])),
    answers: () => ({}),
  } as unknown as StatePorts;
  return { asked, result: readState({ kind: 'servers', servers: named.map(refOf) }, ports) };
};
const known = async ({ result }: ReturnType<typeof read>): Promise<[string, boolean][]> =>
  (await result).state.nodes.map(({ name, isMemoryKnown }) => [name, isMemoryKnown !== false]);

describe('a cluster of which one server is named', () => {
  it('is read from all its nodes that are around, each once', async () => {
    const reading = read(['NODE1'], ['NODE1', 'NODE2', 'NODE3', 'STRANGER']);
    expect(await known(reading)).toEqual([
      ['NODE1', true],
      ['NODE2', true],
      ['NODE3', true],
    ]);
    expect(reading.asked).toEqual(['NODE1', 'NODE2', 'NODE3']);
    expect((await reading.result).source.names).toEqual([
      'rehearsal:w/NODE1',
      'rehearsal:w/NODE2',
      'rehearsal:w/NODE3',
    ]);
    expect((await reading.result).notes.join(' ')).not.toContain('could not be read');
  });

  it('says of which node nothing is known, where it cannot be read or is not around', async () => {
    const lost = failure('CHANNEL_LOST', { peer: 'NODE2', reason: 'gone', method: 'availability.observe' });
    const reading = read(['NODE1'], ['NODE2'], (server) => (server === 'NODE2' ? lost : null));
    expect(await known(reading)).toEqual([
      ['NODE1', true],
      ['NODE2', false],
      ['NODE3', false],
    ]);
    expect((await reading.result).notes.join(' ')).toContain('NODE2 and NODE3 could not be read');
  });

  it('is read no further when somebody cancels', async () => {
    const reading = read(['NODE1'], ['NODE2', 'NODE3'], (server) =>
      server === 'NODE2' ? failure('CANCELLED', { what: 'reading' }) : null,
    );
    await expect(reading.result).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(reading.asked).toEqual(['NODE1', 'NODE2']);
  });

  it('throws what the named server itself throws', async () => {
    const reading = read(['NODE1'], ['NODE2'], (server) =>
      server === 'NODE1' ? failure('PEER_UNREACHABLE', { peer: 'NODE1', reason: 'gone' } as never) : null,
    );
    await expect(reading.result).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });
});
