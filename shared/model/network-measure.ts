import * as z from 'zod';
import { nicRoleSchema } from './nic.ts';
import { endpointSchema } from './peer.ts';

/** An address as it is told, in its one spelling. */
export const heldAddressSchema = z.string().min(2).max(64);

/*
 * What one server is asked to measure towards one address, and what it answers. A server measures only from an address of its own to an
 * address in the same subnet; every time and count is bounded here.
 */

/** An IPv4 address of a server that other servers may be measured from. */
export const measuredEndSchema = z.object({
  address: heldAddressSchema,
  prefixLength: z.number().int().min(1).max(32),
  /** The name of the NIC that holds it. */
  nic: z.string(),
  /** What the NIC was given to do; null: nothing yet. */
  role: nicRoleSchema.nullable(),
  /** The largest IP packet that the NIC sends, in bytes; null: not known. */
  mtuBytes: z.number().int().min(68).nullable(),
  /** Bits per second; null: not known. */
  linkSpeedBps: z.number().int().min(0).nullable(),
});
export type MeasuredEnd = z.infer<typeof measuredEndSchema>;

export const measuredEndsSchema = z.object({
  ends: z.array(measuredEndSchema).max(256),
  /** NICs with an IPv6 address that is more than link-local, and without an IPv4 one: nothing is measured over them. An older version does not tell them. */
  ipv6Only: z
    .array(z.object({ nic: z.string(), address: heldAddressSchema }))
    .max(256)
    .optional(),
  /** Portals of iSCSI targets that this server knows of. */
  portals: z.array(endpointSchema).max(256),
});
export type MeasuredEnds = z.infer<typeof measuredEndsSchema>;

export const protocolSchema = z.enum(['tcp', 'udp']);

export const probedPortSchema = z.object({ protocol: protocolSchema, port: z.number().int().min(1).max(65_535) });
export type ProbedPort = z.infer<typeof probedPortSchema>;

/**
 * What a server opened on a port for the measurement: `held` (it answers there itself), `inUse` (another program of that server listens
 * there), `refused` (the system did not let it).
 */
export const answererSchema = probedPortSchema.extend({ state: z.enum(['held', 'inUse', 'refused']) });
export type Answerer = z.infer<typeof answererSchema>;

/**
 * What became of a probe: `answered` (TCP: connected), `rejected` (a reset or an ICMP unreachable came back), `silent` (nothing came
 * within the time).
 */
export const portStateSchema = z.enum(['answered', 'rejected', 'silent']);
export type PortState = z.infer<typeof portStateSchema>;

/** How much is measured. Times in milliseconds. */
export const measureSettingsSchema = z.object({
  /** Echoes for round trip, jitter and loss. */
  echoes: z.number().int().min(5).max(1_000).default(50),
  echoIntervalMs: z.number().int().min(1).max(1_000).default(20),
  echoTimeoutMs: z.number().int().min(50).max(5_000).default(500),
  /** How long each direction is filled with data; 0: bandwidth is not measured. */
  bandwidthMs: z.number().int().min(0).max(10_000).default(1_000),
  portTimeoutMs: z.number().int().min(100).max(5_000).default(1_000),
  /** How long each address listens for the other server's other networks; 0: separation is not looked at. */
  segmentMs: z.number().int().min(0).max(5_000).default(200),
});
export type MeasureSettings = z.infer<typeof measureSettingsSchema>;

/** TCP needs a while until it fills the link: the receiver leaves this first part out of the bandwidth. Milliseconds. */
export const warmUpMs = 250;

/** A train of ICMP echoes (RFC 792). */
export interface EchoTrain {
  readonly source: string;
  readonly destination: string;
  /** The whole IP packet with its headers, in bytes. */
  readonly packetBytes: number;
  readonly dontFragment: boolean;
  readonly count: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** One answer for each echo, in order: the round trip in milliseconds, or why there was none. */
export const echoAnswerSchema = z.union([z.number().min(0), z.enum(['timeout', 'tooBig', 'unreachable', 'other'])]);
export type EchoAnswer = z.infer<typeof echoAnswerSchema>;

/** What a server opens while another one measures towards it. */
export const answeringSchema = z.object({
  /** Ends it; nobody else can. */
  token: z.string(),
  addresses: z.array(
    z.object({
      address: heldAddressSchema,
      /** Where it takes data for the bandwidth; null with the reason where it could not listen. */
      sinkPort: z.number().int().nullable(),
      because: z.string().nullable(),
      ports: z.array(answererSchema),
    }),
  ),
});
export type Answering = z.infer<typeof answeringSchema>;

/** What arrived of a stream of data, as the receiver counted it: bytes of payload, without the first part while TCP speeds up. */
export const transferSchema = z.object({ bytes: z.number().int().min(0), ms: z.number().min(0) });
export type Transfer = z.infer<typeof transferSchema>;

/** From which addresses of the other server a datagram arrived on an address of this one (multicast, one hop). */
export const heardSchema = z.object({
  on: heldAddressSchema,
  from: z.array(heldAddressSchema),
  /** Why it could not listen there; null when it could. */
  because: z.string().nullable(),
});
export type Heard = z.infer<typeof heardSchema>;

export const roundTripSchema = z.object({
  sent: z.number().int().min(1),
  answered: z.number().int().min(0),
  /** Milliseconds; nearest rank. Null when nothing was answered. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** Mean difference between two round trips in a row (RFC 3393 without its sign), in milliseconds; null below two. */
  jitterMs: z.number().nullable(),
});
export type RoundTrip = z.infer<typeof roundTripSchema>;

/** What was measured from one address to another. A part that is null was not measured; `unread` says why. */
export const linkFiguresSchema = z.object({
  roundTrip: roundTripSchema.nullable(),
  /** The largest IP packet that arrived with don't-fragment set, in bytes; null: none did, or it was not measured. */
  largestPacketBytes: z.number().int().nullable(),
  /** What the sending NIC would let out, and so the most that was tried. */
  triedPacketBytes: z.number().int().nullable(),
  /** Bits per second of TCP payload that arrived. */
  bandwidthBps: z.number().nullable(),
  ports: z.array(probedPortSchema.extend({ state: portStateSchema, answerer: answererSchema.shape.state.nullable() })),
  unread: z.array(
    z.object({ property: z.enum(['roundTrip', 'largestPacketBytes', 'bandwidthBps', 'ports']), because: z.string() }),
  ),
});
export type LinkFigures = z.infer<typeof linkFiguresSchema>;
