import { isInPrefix } from '../../../shared/model/address.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import {
  warmUpMs,
  type EchoAnswer,
  type LinkFigures,
  type MeasuredEnds,
  type MeasureSettings,
  type ProbedPort,
} from '../../../shared/model/network-measure.ts';
import { summariseEchoes } from '../../../shared/rules/peers/round-trip.ts';
import type { CallOptions } from '../../ports/call.ts';
import type { MeasurePort } from '../../ports/measure-port.ts';

/** What a path is measured with. */
export interface LinkAsk {
  readonly source: string;
  readonly destination: string;
  readonly sinkPort: number | null;
  readonly ports: readonly ProbedPort[];
  readonly settings: MeasureSettings;
}

/** Where nothing is known of a NIC: Ethernet without jumbo packets. */
const usualMtuBytes = 1_500;
/** What every host takes (RFC 791 section 3.1). */
const leastPacketBytes = 68;
/** How often a size is tried before it counts as lost, so that one lost packet does not look like a small one. */
const triesForSize = 4;
const smallPacketBytes = 60;
const echoesToNobody = 5;
const triesForFirst = 2;

/**
 * The largest size that passes, by halving; null when not even the smallest does. `passes` may answer 'unknown' reasons by throwing.
 */
export const findLargest = async (
  least: number,
  most: number,
  passes: (bytes: number) => Promise<boolean>,
): Promise<number | null> => {
  if (await passes(most)) return most;
  if (!(await passes(least))) return null;
  let good = least;
  let bad = most;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (await passes(middle)) good = middle;
    else bad = middle;
  }
  return good;
};

const because = (error: unknown): string => {
  if (error instanceof Failure && error.code !== 'CANCELLED' && error.code !== 'INTERNAL_BUG') return error.message;
  throw error;
};

/** Only between addresses of one subnet, so that nobody is made to probe the rest of the world. */
export const assertOnLink = (
  { ends }: MeasuredEnds,
  source: string,
  destination: string,
): MeasuredEnds['ends'][number] => {
  const end = ends.find(({ address }) => address === source);
  if (!end) throw failure('MEASURE_NOT_OURS', { address: source });
  if (!isInPrefix(destination, end.address, end.prefixLength))
    throw failure('MEASURE_NOT_ON_LINK', { source, destination });
  return end;
};

/**
 * Measures one direction. What cannot be measured is null and says why. @throws Failure MEASURE_NOT_OURS, MEASURE_NOT_ON_LINK, CANCELLED
 */
export const measureOneLink = async (
  port: MeasurePort,
  { source, destination, sinkPort, ports, settings }: LinkAsk,
  options: CallOptions = {},
): Promise<LinkFigures> => {
  const end = assertOnLink(await port.ends(options), source, destination);
  const unread: LinkFigures['unread'] = [];
  const part = async <T>(
    property: LinkFigures['unread'][number]['property'],
    read: () => Promise<T>,
  ): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      unread.push({ property, because: because(error) });
      return null;
    }
  };
  const echo = (
    packetBytes: number,
    count: number,
    dontFragment: boolean,
    timeoutMs = settings.echoTimeoutMs,
  ): Promise<readonly EchoAnswer[]> =>
    port.echo(
      { source, destination, packetBytes, dontFragment, count, intervalMs: settings.echoIntervalMs, timeoutMs },
      options,
    );

  const roundTrip = await part('roundTrip', async () => {
    // The first answer waits for the neighbour's hardware address (ARP): it is no round trip of the network. It may be lost, like any other.
    let isAnswered = false;
    for (let tries = 0; tries < triesForFirst && !isAnswered; tries += 1) {
      const [first] = await echo(smallPacketBytes, 1, false, Math.max(settings.echoTimeoutMs, 1_000));
      isAnswered = typeof first === 'number';
    }
    // Where nobody answers, a few more are enough to say so.
    const count = isAnswered ? settings.echoes : Math.min(settings.echoes, echoesToNobody);
    return summariseEchoes(await echo(smallPacketBytes, count, false));
  });
  const isAnswering = (roundTrip?.answered ?? 0) > 0;

  const triedPacketBytes = isAnswering ? (end.mtuBytes ?? usualMtuBytes) : null;
  const largestPacketBytes =
    triedPacketBytes === null
      ? null
      : await part('largestPacketBytes', () => {
          const waitMs = Math.min(settings.echoTimeoutMs, Math.max(100, Math.ceil((roundTrip?.p99Ms ?? 0) * 4)));
          return findLargest(leastPacketBytes, triedPacketBytes, async (bytes) => {
            for (let tries = 0; tries < triesForSize; tries += 1) {
              const [answer] = await echo(bytes, 1, true, waitMs);
              if (typeof answer === 'number') return true;
              if (answer === 'tooBig') return false;
            }
            return false;
          });
        });
  if (
    triedPacketBytes !== null &&
    largestPacketBytes === null &&
    !unread.some(({ property }) => property === 'largestPacketBytes')
  )
    unread.push({ property: 'largestPacketBytes', because: 'no packet passed with don’t-fragment set' });

  const states =
    ports.length === 0
      ? []
      : await part('ports', () =>
          port.knock({ source, destination, ports, timeoutMs: settings.portTimeoutMs }, options),
        );

  const isReached = isAnswering || (states ?? []).some((state) => state !== 'silent');
  const bandwidthBps =
    !isReached || sinkPort === null || settings.bandwidthMs === 0
      ? null
      : await part('bandwidthBps', async () => {
          const forMs = settings.bandwidthMs + warmUpMs;
          const { bytes, ms } = await port.push({ source, destination, port: sinkPort, forMs }, options);
          if (ms <= 0)
            throw failure('MEASURE_STREAM_BROKEN', { destination, reason: 'too little arrived to be measured' });
          return (bytes * 8_000) / ms;
        });

  return {
    roundTrip,
    triedPacketBytes,
    largestPacketBytes,
    bandwidthBps,
    ports: (states ?? []).map((state, at) => ({ ...ports[at]!, state, answerer: null })),
    unread,
  };
};
