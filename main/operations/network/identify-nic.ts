import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, failure } from '../../../shared/errors/failure.ts';
import type { LinkState } from '../../../shared/model/nic.ts';
import { DraftBuilder } from '../../../shared/plan/draft.ts';
import { connectionsOver } from '../../../shared/plan/nic/connections.ts';
import { inLane } from '../plans/lane.ts';
import { observeNetwork } from '../areas/network.ts';
import { pause } from '../../system/pause.ts';
import type { Server } from '../plans/server.ts';

interface Found {
  readonly found: string | null;
  readonly links: LinkState[];
}

interface Options {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** How long the lamp stays out and on, in milliseconds: long enough to be seen from behind a rack. */
const blinkMs = 1_500;

/** Seconds that the server waits before it enables the adapter by itself, should this program die meanwhile. */
const guardSeconds = 60;

/**
 * Disables and enables a NIC so that its lamp goes out. Refused for a NIC that carries a connection, or where that can
 * not be told. It is a change: the journal has it, and the server enables the adapter by itself if this program dies.
 * Throws NIC_NOT_FOUND, NIC_CARRIES_CONNECTION, NIC_DISABLED.
 */
export const blinkNic = (
  server: Server,
  nicId: string,
  times: number,
  options: Options & { readonly by: string },
): Promise<Found> =>
  inLane(server, 'Blink the port LED', async () => {
    const { signal, progress } = options;
    const observed = await observeNetwork(server, signal);
    const nic = observed.nics.find((candidate) => candidate.interfaceGuid === nicId);
    if (!nic) throw failure('NIC_NOT_FOUND', { nic: nicId });
    if (nic.adminStatus !== 'up') throw failure('NIC_DISABLED', { nic: nic.name });
    const carried = connectionsOver(nic, observed);
    if (carried === null || carried.length > 0)
      throw failure('NIC_CARRIES_CONNECTION', {
        nic: nic.name,
        remote: carried?.[0]?.remoteAddress ?? 'an address that could not be read',
      });
    const on = { do: 'nic.setEnabled', nic: nicId, enabled: true } as const;
    const off = { ...on, enabled: false };
    const builder = new DraftBuilder(observed.node, `Blink the port LED of ${nic.name}`);
    builder.step({
      change: off,
      title: `Disable and enable ${nic.name} ${times} times`,
      why: 'Its LED goes out each time.',
      manual: 'Network Connections (ncpa.cpl): Disable, then Enable.',
      undo: { text: 'Enables it.', changes: [on] },
      subject: [nicId, 'blink'],
    });
    const { steps, title } = builder.build();
    const step = steps[0]!.id;
    const entry = server.journal.begin({
      server: server.name,
      by: options.by,
      node: observed.node,
      title,
      method: 'nic.identify',
      desire: null,
      steps: [...steps],
      followUp: null,
    });
    try {
      entry.write('intent', { step });
      await server.ports.nics.armRevert(
        { token: entry.id, afterSeconds: guardSeconds + times * 4, restore: [{ interfaceGuid: nicId, enabled: true }] },
        { signal },
      );
      try {
        for (let round = 1; round <= times && !signal.aborted; round += 1) {
          progress({
            doing: `The LED of ${nic.name} is off`,
            done: round,
            total: times,
            leftMs: (times - round) * 2 * blinkMs,
          });
          await server.ports.apply(off);
          await pause(blinkMs, signal);
          // Enabling is never cancelled: a NIC that stays disabled is worse than a late answer.
          await server.ports.apply(on);
          progress({
            doing: `The LED of ${nic.name} is on`,
            done: round,
            total: times,
            leftMs: (times - round) * 2 * blinkMs,
          });
          await pause(blinkMs, signal);
        }
      } finally {
        await server.ports.apply(on);
      }
      const after = (await server.ports.nics.list()).find((candidate) => candidate.interfaceGuid === nicId);
      if (after?.adminStatus !== 'up') throw failure('NIC_DISABLED', { nic: nic.name }, { effect: 'partial' });
      await server.ports.nics.disarmRevert(entry.id);
      entry.write('undoBegin', { pid: process.pid });
      entry.write('undoResult', { step, proof: `its status is ${after.adminStatus}` });
      entry.write('end', { state: 'undone' });
      if (signal.aborted) throw cancelled(title);
      return { found: nicId, links: [] };
    } finally {
      entry.close();
    }
  });

/**
 * Watches all links while somebody pulls a cable: the first one that changes is the one. Progress carries
 * `{links, dropped}`. Found is null when none changed in time.
 */
export const watchLinks = async (server: Server, seconds: number, options: Options): Promise<Found> => {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), seconds * 1000);
  const started = performance.now();
  let first: readonly LinkState[] | null = null;
  let last: readonly LinkState[] = [];
  let found: string | null = null;
  try {
    await server.ports.nics.watchLinks(
      (links) => {
        first ??= links;
        last = links;
        const changed = links.find(
          (link) => first!.find((one) => one.interfaceGuid === link.interfaceGuid)?.mediaState !== link.mediaState,
        );
        if (changed) found = changed.interfaceGuid;
        options.progress({
          doing: changed ? `${changed.name} changed` : 'Pull a cable now, or plug one in',
          done: null,
          total: null,
          leftMs: Math.max(0, seconds * 1000 - (performance.now() - started)),
          data: { links: [...links], dropped: found },
        });
        if (changed) limit.abort();
      },
      { signal: AbortSignal.any([limit.signal, options.signal]) },
    );
  } finally {
    clearTimeout(timer);
  }
  if (options.signal.aborted) throw cancelled('Watching the links');
  return { found, links: [...last] };
};
