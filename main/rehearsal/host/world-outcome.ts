import type { Rehearsed } from '../../../shared/contract/formation.ts';
import { changeSchema, kindOf } from '../../../shared/changes/index.ts';
import type { WorldClient } from '../world/client.ts';
import type { WorldState } from '../world/state.ts';

interface Logged {
  readonly server: string | null;
  readonly what: string;
  readonly input: unknown;
  readonly outcome: string;
}

/** The longest log that is asked for; a formation of 64 servers writes far less. */
const mostEntries = 100_000;

/** Every change that the world carried out, as its own log tells it: nothing that a core only believes. */
const appliedOf = (log: readonly Logged[]): Rehearsed['applied'] =>
  log.flatMap(({ server, what, input, outcome }) => {
    const change = changeSchema.safeParse((input as { change?: unknown } | null)?.change);
    // Also where the server lost its power at once and could not tell any more.
    if (server === null || !outcome.startsWith('done') || !change.success) return [];
    const subject = kindOf(change.data)
      .subject(change.data)
      .map((part) => String(part ?? 'any'));
    return [{ node: server, step: [what, ...subject].join(':') }];
  });

/** The witness of the quorum in words. */
const witnessOf = ({ witness, disks }: NonNullable<WorldState['cluster']>): string | null => {
  switch (witness.kind) {
    case 'none':
      return null;
    case 'disk':
      return disks.find(({ disk }) => disk === witness.disk)?.name ?? 'disk';
    case 'share':
      return witness.path;
  }
};

/** What the world has become: asked of the world itself. */
export const readOutcome = async (client: WorldClient): Promise<Pick<Rehearsed, 'cluster' | 'vms' | 'applied'>> => {
  const log = (await client.control('readLog', { limit: mostEntries })) as Logged[];
  const { cluster, machines = [] } = (await client.control('snapshot')) as WorldState;
  const groupOf = (name: string) =>
    cluster?.groups.find((group) => group.kind === 'virtualMachine' && group.name.toLowerCase() === name.toLowerCase());
  return {
    cluster: cluster
      ? { name: cluster.name, nodes: cluster.nodes.map(({ name }) => name), witness: witnessOf(cluster) }
      : null,
    vms: machines.map(({ name, host, running, role }) => ({
      name,
      node: (role && groupOf(name)?.ownerNode) ?? host,
      state: running ? 'running' : 'off',
      highlyAvailable: role !== null,
    })),
    applied: appliedOf(log),
  };
};
