import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import {
  measureAnswer,
  measureEnd,
  measureEnds,
  measureHear,
  measureLink,
  measureTell,
} from '../../../shared/contract/matrix.ts';
import type { MatrixServer, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import type { Answering, MeasureSettings, ProbedPort } from '../../../shared/model/network-measure.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import { clusterPorts } from '../../../shared/rules/peers/judge-link.ts';
import {
  judgeMatrix,
  networksOf,
  pathsBetween,
  pathsToPortals,
  type MatrixPath,
  type MeasuredHearing,
  type MeasuredPath,
} from '../../../shared/rules/peers/judge-matrix.ts';
import { tournament } from '../../../shared/rules/peers/tournament.ts';
import type { GroupServer } from '../../ports/peer-port.ts';

export interface MatrixRun {
  readonly id: string;
  readonly isRehearsal: boolean;
  readonly settings: MeasureSettings;
  /** Portals besides those that the servers know of. */
  readonly portals: readonly Endpoint[];
  readonly now: () => Date;
  readonly progress: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

interface Method<Output extends z.ZodType> {
  readonly name: string;
  readonly output: Output;
}

const storageRoles: ReadonlySet<string | null> = new Set(['iscsiA', 'iscsiB']);

/** Longer than one direction over all networks can take: what is left open by a lost coordinator closes by itself. */
const answerForMs = 300_000;

const reasonOf = (error: unknown, signal: AbortSignal | undefined): string => {
  if (signal?.aborted || !(error instanceof Failure) || error.code === 'CANCELLED' || error.code === 'INTERNAL_BUG')
    throw error;
  return `${error.message} [${error.code}]`;
};

/**
 * Measures all servers against each other in rounds of pairs, so that nobody measures with two at once; then each round's rest measures nothing.
 * A server that fails in the middle costs its own paths only. @throws Failure PEER_NONE_TO_COMPARE, CANCELLED
 */
export const measureMatrix = async (servers: readonly GroupServer[], run: MatrixRun): Promise<NetworkMatrix> => {
  const { settings, signal } = run;
  if (servers.length < 2) throw failure('PEER_NONE_TO_COMPARE', {});
  const startedAt = run.now().toISOString();
  const ask = async <Output extends z.ZodType>(
    server: GroupServer,
    { name, output }: Method<Output>,
    input: unknown,
  ): Promise<z.output<Output>> => {
    if (signal?.aborted) throw failure('CANCELLED', { what: 'Measuring the networks' });
    const parsed = output.safeParse(await server.call(name, input, signal));
    if (parsed.success) return parsed.data;
    throw failure('CALL_OUTPUT_INVALID', {
      method: name,
      problem: `${server.name} answered in no form that this version knows`,
    });
  };

  const known = await Promise.all(
    servers.map(async (server): Promise<MatrixServer> => {
      const { id, name } = server;
      try {
        return { id, name, because: null, ...(await ask(server, measureEnds, {})) };
      } catch (error) {
        return { id, name, because: reasonOf(error, signal), ends: [], portals: [] };
      }
    }),
  );
  const storageSubnets = new Set(
    networksOf(known).flatMap(({ subnet, role }) => (storageRoles.has(role) ? [subnet] : [])),
  );
  const portsOf = ({ subnet, portal }: MatrixPath): ProbedPort[] => {
    if (portal) return [{ protocol: 'tcp', port: portal.port }];
    return storageSubnets.has(subnet) ? [] : clusterPorts.map(({ protocol, port }) => ({ protocol, port }));
  };

  const paths: MeasuredPath[] = [];
  const hearings: MeasuredHearing[] = [];
  const measure = async (server: GroupServer, path: MatrixPath, answering: Answering | null): Promise<void> => {
    const open = answering?.addresses.find(({ address }) => address === path.destination);
    try {
      const figures = await ask(server, measureLink, {
        source: path.source,
        destination: path.destination,
        sinkPort: open?.sinkPort ?? null,
        ports: portsOf(path),
        settings,
      });
      const ports = figures.ports.map((one) => ({
        ...one,
        answerer:
          open?.ports.find(({ protocol, port }) => protocol === one.protocol && port === one.port)?.state ?? null,
      }));
      const isSinkMissing = open !== undefined && open.sinkPort === null && settings.bandwidthMs > 0;
      const unread = isSinkMissing
        ? [
            ...figures.unread,
            { property: 'bandwidthBps' as const, because: open.because ?? 'the other server could not listen' },
          ]
        : figures.unread;
      paths.push({ path, figures: { ...figures, ports, unread }, because: null, at: run.now().toISOString() });
    } catch (error) {
      paths.push({ path, figures: null, because: reasonOf(error, signal), at: null });
    }
  };

  const hear = async (one: number, other: number): Promise<void> => {
    const from = known[one]!;
    const to = known[other]!;
    if (settings.segmentMs === 0) return;
    const nonce = randomBytes(8).toString('hex');
    const sources = from.ends.map(({ address }) => address);
    const on = to.ends.map(({ address }) => address);
    const forMs = settings.segmentMs * on.length + 1_000;
    try {
      const done = new AbortController();
      const both = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
      const telling = servers[one]!.call(measureTell.name, { from: sources, nonce, forMs }, both).catch(
        () => undefined,
      );
      try {
        const { heard } = await ask(servers[other]!, measureHear, {
          on,
          from: sources,
          nonce,
          eachMs: settings.segmentMs,
        });
        hearings.push({ from: from.id, to: to.id, heard });
      } finally {
        done.abort();
        await telling;
      }
    } catch (error) {
      // That nobody was heard is said of the networks; a server that is gone is said of its paths.
      reasonOf(error, signal);
    }
  };

  const direction = async (one: number, other: number): Promise<void> => {
    const found = pathsBetween(known[one]!, known[other]!);
    if (known[one]!.because !== null || known[other]!.because !== null) return;
    let answering: Answering | null = null;
    if (found.length > 0) {
      const addresses = found.map(({ destination }) => destination);
      const ports = clusterPorts.map(({ protocol, port }) => ({ protocol, port }));
      try {
        answering = await ask(servers[other]!, measureAnswer, {
          addresses,
          from: found.map(({ source }) => source),
          ports,
          forMs: answerForMs,
        });
      } catch (error) {
        const because = reasonOf(error, signal);
        for (const path of found) paths.push({ path, figures: null, because, at: null });
        return;
      }
    }
    try {
      for (const path of found) await measure(servers[one]!, path, answering);
    } finally {
      if (answering) await servers[other]!.call(measureEnd.name, { token: answering.token }).catch(() => undefined);
    }
    await hear(one, other);
  };

  const rounds = tournament(servers.length);
  const total = rounds.length + 1;
  const startedMs = Date.now();
  const tell = (doing: string, done: number): void =>
    run.progress({
      doing,
      done,
      total,
      leftMs: done === 0 ? null : Math.round(((Date.now() - startedMs) / done) * (total - done)),
      data: { round: Math.min(done + 1, rounds.length), rounds: rounds.length },
    });
  for (const [done, round] of rounds.entries()) {
    tell(
      `Measuring, round ${done + 1} of ${rounds.length}: ${round
        .slice(0, 4)
        .map(([one, other]) => `${known[one]!.name} with ${known[other]!.name}`)
        .join(', ')}${round.length > 4 ? ` and ${round.length - 4} more pairs` : ''}`,
      done,
    );
    await Promise.all(
      round.map(async ([one, other]) => {
        await direction(one, other);
        await direction(other, one);
      }),
    );
  }

  // One server after the other: all would load the same portal at once.
  tell('Measuring towards the portals', rounds.length);
  const portals = new Map<string, Endpoint>();
  for (const portal of [...run.portals, ...known.flatMap((server) => server.portals)])
    portals.set(`${portal.address} ${portal.port}`, portal);
  for (const [at, server] of servers.entries())
    for (const path of pathsToPortals(known[at]!, [...portals.values()])) await measure(server, path, null);

  if (signal?.aborted) throw failure('CANCELLED', { what: 'Measuring the networks' });
  const order = (path: MatrixPath): string =>
    [path.portal ? 1 : 0, path.subnet, path.from, path.to ?? '', path.destination].join('\n');
  return judgeMatrix({
    id: run.id,
    isRehearsal: run.isRehearsal,
    startedAt,
    endedAt: run.now().toISOString(),
    settings,
    servers: known,
    paths: paths.sort((one, other) => (order(one.path) < order(other.path) ? -1 : 1)),
    hearings,
  });
};
