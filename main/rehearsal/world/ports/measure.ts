import * as z from 'zod';
import { addressFamilyOf, isInPrefix, isSameAddress } from '../../../../shared/model/address.ts';
import {
  probedPortSchema,
  type EchoAnswer,
  type Heard,
  type PortState,
} from '../../../../shared/model/network-measure.ts';
import { packetOverheadBytes } from '../../../../shared/rules/peers/packet-overhead.ts';
import { mtuOfNic } from '../changes/nics.ts';
import { answersOnNetwork, chooseSource, networkOfNic, routesToPortal } from '../reach.ts';
import type { NetworkState, NicState, ServerState, WorldState } from '../state.ts';
import { reads } from './method.ts';

interface Holder {
  readonly server: ServerState;
  readonly nic: NicState;
}

/** Who holds an address in a network. */
const holderOf = (world: WorldState, network: NetworkState, address: string): Holder | undefined =>
  Object.values(world.servers)
    .flatMap((server) => server.nics.map((nic) => ({ server, nic })))
    .find(
      ({ server, nic }) =>
        networkOfNic(world, server, nic)?.id === network.id &&
        nic.addresses.some((held) => !held.duplicate && isSameAddress(held.address, address)),
    );

/** The NIC that sends: the one that holds the source, else the one that the routes choose. Null: none is in any network. */
const senderOf = (world: WorldState, server: ServerState, destination: string, source: string | null) => {
  if (source === null) return chooseSource(world, server, destination);
  for (const nic of server.nics) {
    const held = nic.addresses.find((one) => !one.duplicate && isSameAddress(one.address, source));
    const network = held ? networkOfNic(world, server, nic) : null;
    if (held && network)
      return { nic, network, address: held.address, onLink: isInPrefix(destination, held.address, held.prefixLength) };
  }
  return null;
};

const lossOf = (world: WorldState, ends: readonly (Holder | undefined)[]): number =>
  Math.max(
    0,
    ...world.faults.flatMap((fault) =>
      fault.kind === 'packetLoss' && ends.some((end) => end?.server.name === fault.server && end.nic.guid === fault.nic)
        ? [fault.percent]
        : [],
    ),
  );

/** The largest packet that the switches of a network pass. */
const mtuOfNetwork = (world: WorldState, network: NetworkState): number =>
  Math.min(
    network.mtuBytes,
    ...world.faults.flatMap((fault) =>
      fault.kind === 'smallMtu' && fault.network === network.id ? [fault.mtuBytes] : [],
    ),
  );

export interface EchoAsk {
  readonly destination: string;
  readonly source: string | null;
  readonly packetBytes: number;
  readonly dontFragment: boolean;
}

/** The one that answers and how; the number of the echo decides which ones a lossy link loses, so that the same question has the same answer. */
export const echoAt = (world: WorldState, server: ServerState, ask: EchoAsk, number: number): EchoAnswer => {
  const from = senderOf(world, server, ask.destination, ask.source);
  if (!from) return 'unreachable';
  if (ask.dontFragment && ask.packetBytes > mtuOfNic(from.nic)) return 'tooBig';
  if (ask.dontFragment && ask.packetBytes > mtuOfNetwork(world, from.network)) return 'timeout';
  if (!from.onLink) return 'timeout';
  const peer = holderOf(world, from.network, ask.destination);
  if (peer && ask.dontFragment && ask.packetBytes > mtuOfNic(peer.nic)) return 'timeout';
  if (!peer && !answersOnNetwork(world, from.network, ask.destination, null)) return 'timeout';
  const percent = lossOf(world, [{ server, nic: from.nic }, peer]);
  const isLost = Math.floor(((number + 1) * percent) / 100) > Math.floor((number * percent) / 100);
  return isLost ? 'timeout' : 0.2 + (number % 5) * 0.02;
};

/** TCP payload in the frames of a full link: 1460 of 1538 bytes on the wire (IEEE 802.3, RFC 791, RFC 9293). */
const payloadShare = 1460 / 1538;

const address = z.string();

export const measureMethods = {
  'measure.echo': reads(
    z.object({
      source: address,
      destination: address,
      packetBytes: z.number().int(),
      dontFragment: z.boolean(),
      count: z.number().int(),
      intervalMs: z.number(),
      timeoutMs: z.number(),
    }),
    ({ world, server }, train) =>
      Array.from({ length: train.count }, (_, number) => echoAt(world, server, train, number)),
  ),
  'measure.knock': reads(
    z.object({ source: address, destination: address, ports: z.array(probedPortSchema), timeoutMs: z.number() }),
    ({ world, server }, { source, destination, ports }) => {
      const from = senderOf(world, server, destination, source);
      const peer = from?.onLink ? holderOf(world, from.network, destination) : undefined;
      return ports.map(({ protocol, port }): PortState => {
        if (!peer)
          return protocol === 'tcp' && routesToPortal(world, server, destination, port, source).length > 0
            ? 'answered'
            : 'silent';
        const isBlocked = world.faults.some(
          (fault) =>
            fault.kind === 'portBlocked' &&
            fault.server === peer.server.name &&
            fault.protocol === protocol &&
            fault.port === port,
        );
        return isBlocked ? 'silent' : 'answered';
      });
    },
  ),
  'measure.push': reads(
    z.object({ source: address, destination: address, port: z.number().int(), forMs: z.number() }),
    ({ world, server }, { source, destination, forMs }) => {
      const from = senderOf(world, server, destination, source);
      const peer = from?.onLink ? holderOf(world, from.network, destination) : undefined;
      if (!from || !peer) return null;
      const bps = Math.min(Number(from.nic.linkSpeedBps), Number(peer.nic.linkSpeedBps)) * payloadShare;
      return { bytes: Math.round((bps * forMs) / 8_000), ms: forMs };
    },
  ),
  'measure.hear': reads(
    z.object({ on: z.array(address), from: z.array(address), nonce: z.string(), eachMs: z.number() }),
    ({ world, server }, { on, from }) =>
      on.map((one): Heard => {
        const nic = server.nics.find((each) => each.addresses.some((held) => isSameAddress(held.address, one)));
        const network = nic ? networkOfNic(world, server, nic) : null;
        if (!network) return { on: one, from: [], because: 'the address is not in use' };
        const heard = from.filter((other) => {
          const holder = holderOf(world, network, other);
          return holder !== undefined && holder.server.name !== server.name;
        });
        return { on: one, from: heard, because: null };
      }),
  ),
};

/** What `NicPort.sendEcho` is told. */
export const echoOnce = (
  world: WorldState,
  server: ServerState,
  {
    destination,
    source,
    payloadBytes,
    dontFragment,
  }: { destination: string; source: string | null; payloadBytes: number; dontFragment: boolean },
):
  | { answered: true; roundTripMs: number }
  | { answered: false; because: 'timeout' | 'tooBig' | 'unreachable' | 'other' } => {
  if (addressFamilyOf(destination) === null) return { answered: false, because: 'other' };
  const packetBytes = payloadBytes + packetOverheadBytes(destination);
  const answer = echoAt(world, server, { destination, source, packetBytes, dontFragment }, 0);
  return typeof answer === 'number' ? { answered: true, roundTripMs: answer } : { answered: false, because: answer };
};
