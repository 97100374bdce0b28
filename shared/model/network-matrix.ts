import * as z from 'zod';
import {
  heldAddressSchema,
  linkFiguresSchema,
  measuredEndSchema,
  measuredEndsSchema,
  measureSettingsSchema,
} from './network-measure.ts';
import { nicRoleSchema } from './nic.ts';
import { endpointSchema } from './peer.ts';

export const matrixOutcomes = ['fail', 'unknown', 'warn', 'pass'] as const;
export type MatrixOutcome = (typeof matrixOutcomes)[number];

/** One thing that a measurement says, with what it means and what to do. */
export const matrixFindingSchema = z.object({
  id: z.enum(['reach', 'loss', 'roundTrip', 'packet', 'bandwidth', 'ports', 'separation', 'network', 'ipv6', 'server']),
  outcome: z.enum(matrixOutcomes),
  /** What was measured and what it means, as a sentence. */
  text: z.string(),
  /** What to do; null where nothing is to be done. */
  next: z.string().nullable(),
});
export type MatrixFinding = z.infer<typeof matrixFindingSchema>;

export const matrixServerSchema = z.object({
  /** The peer's id, or `local` for the server that asked. */
  id: z.string(),
  name: z.string(),
  /** Why it could not be asked; null when it could. */
  because: z.string().nullable(),
  ends: z.array(measuredEndSchema),
  ipv6Only: measuredEndsSchema.shape.ipv6Only,
  portals: z.array(endpointSchema),
});
export type MatrixServer = z.infer<typeof matrixServerSchema>;

export const matrixNetworkSchema = z.object({
  /** The subnet, such as `10.0.1.0/24`. */
  subnet: z.string(),
  /** The role that its NICs were given; null: none, or several. */
  role: nicRoleSchema.nullable(),
  /** Servers with an address in it, by id. */
  members: z.array(z.string()),
});
export type MatrixNetwork = z.infer<typeof matrixNetworkSchema>;

/** From one server to another, or to a portal, over one network: a direction of its own. */
export const matrixLinkSchema = z.object({
  from: z.string(),
  /** The other server's id; null for a portal. */
  to: z.string().nullable(),
  /** The portal; null for a server. */
  portal: endpointSchema.nullable(),
  subnet: z.string(),
  source: heldAddressSchema,
  destination: heldAddressSchema,
  /** Null: it was never measured; the finding says why. */
  figures: linkFiguresSchema.nullable(),
  findings: z.array(matrixFindingSchema),
  outcome: z.enum(matrixOutcomes),
  measuredAt: z.iso.datetime().nullable(),
});
export type MatrixLink = z.infer<typeof matrixLinkSchema>;

/** Two networks of different subnets: does a frame of one arrive in the other? */
export const matrixSeparationSchema = z.object({
  one: z.string(),
  other: z.string(),
  outcome: z.enum(matrixOutcomes),
  text: z.string(),
  next: z.string().nullable(),
});
export type MatrixSeparation = z.infer<typeof matrixSeparationSchema>;

/** Everything between the servers, measured pair by pair. */
export const networkMatrixSchema = z.object({
  schema: z.literal('quorate.network-matrix/1'),
  /** Names it among those that are kept. */
  id: z.string().regex(/^matrix-[0-9]{8}-[0-9]{6}-[0-9]{3}(?:-[0-9]+)?$/),
  /** Simulated servers were measured. */
  isRehearsal: z.boolean(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  settings: measureSettingsSchema,
  servers: z.array(matrixServerSchema),
  networks: z.array(matrixNetworkSchema),
  links: z.array(matrixLinkSchema),
  separations: z.array(matrixSeparationSchema),
  /** About a server or a network as a whole. */
  findings: z.array(matrixFindingSchema),
  /** The worst of all; `unknown` is worse than `warn`, because it may hide a failure. */
  outcome: z.enum(matrixOutcomes),
  sentence: z.string(),
});
export type NetworkMatrix = z.infer<typeof networkMatrixSchema>;

/** A kept matrix as a list shows it. */
export const matrixSummarySchema = networkMatrixSchema
  .pick({ id: true, endedAt: true, outcome: true, sentence: true })
  .extend({
    servers: z.array(z.string()),
  });
export type MatrixSummary = z.infer<typeof matrixSummarySchema>;
