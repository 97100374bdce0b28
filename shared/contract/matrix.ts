import * as z from 'zod';
import { addressSchema } from '../model/address.ts';
import { matrixSummarySchema, networkMatrixSchema } from '../model/network-matrix.ts';
import {
  answeringSchema,
  heardSchema,
  linkFiguresSchema,
  measuredEndsSchema,
  measureSettingsSchema,
  probedPortSchema,
} from '../model/network-measure.ts';
import { endpointSchema } from '../model/peer.ts';
import { method } from './define.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { reportFormats } from './reports.ts';

const here = ['ui', 'cli'] as const;
const everybody = [...here, 'peer'] as const;
const idSchema = networkMatrixSchema.shape.id;

/**
 * Measures this server and all paired ones against each other, each pair over each network that both are in, and every portal from every server
 * in its subnet. No server measures with two others at once. `progress.data` is `{round, rounds}`.
 * Errors: PEER_NONE_TO_COMPARE, MATRIX_KEPT_DAMAGED, CANCELLED; a server that cannot be asked is in the result with the reason.
 */
export const peersMatrix = method({
  name: 'peers.matrix',
  kind: 'work',
  callers: here,
  input: z.object({
    /** Portals to measure besides those that the servers know of. */
    portals: z.array(endpointSchema).max(64).default([]),
    /** Only these servers, by id (`local` for this one); empty: all. */
    servers: z.array(z.string().max(80)).max(64).default([]),
    settings: measureSettingsSchema.default(measureSettingsSchema.parse({})),
  }),
  output: networkMatrixSchema,
  title: 'Measure the networks',
});

/** The matrices that are kept, newest first. Errors: MATRIX_KEPT_DAMAGED. */
export const peersMatrices = method({
  name: 'peers.matrices',
  kind: 'read',
  callers: here,
  input: z.object({}),
  output: z.object({ matrices: z.array(matrixSummarySchema) }),
});

/** A matrix that is kept; without an id the last one, null where none was measured. Errors: MATRIX_NOT_FOUND, MATRIX_KEPT_DAMAGED. */
export const peersReadMatrix = method({
  name: 'peers.readMatrix',
  kind: 'read',
  callers: here,
  input: z.object({ id: idSchema.nullable().default(null) }),
  output: z.object({ matrix: networkMatrixSchema.nullable() }),
});

/** Writes a matrix into a file that the user named, or hands the bytes over. Errors: FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE. */
export const peersExportMatrix = method({
  name: 'peers.exportMatrix',
  kind: 'read',
  callers: here,
  input: z.object({ matrix: networkMatrixSchema, format: z.enum(reportFormats), to: handOverToSchema }),
  output: handedOverSchema,
});

/** The addresses of this server that it may be measured at, and the portals that it knows of. Errors: HOST_UNREACHABLE, POWERSHELL_*. */
export const measureEnds = method({
  name: 'measure.ends',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({}),
  output: measuredEndsSchema,
});

/**
 * Answers another server's measurement for a while: holds the named ports where they are free, and takes data. It ends by itself after `forMs`.
 * Errors: MEASURE_NOT_OURS (an address that this server does not have).
 */
export const measureAnswer = method({
  name: 'measure.answer',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({
    addresses: z.array(addressSchema).min(1).max(64),
    /** Who is answered: nobody else. */
    from: z.array(addressSchema).min(1).max(64),
    ports: z.array(probedPortSchema).max(32),
    forMs: z.number().int().min(1_000).max(600_000),
  }),
  output: answeringSchema,
});

/** Ends an answering; one that has ended already is no error. */
export const measureEnd = method({
  name: 'measure.end',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({ token: z.string().max(64) }),
  output: z.object({}),
});

/**
 * Measures from an address of this server to one in its subnet.
 * Errors: MEASURE_NOT_OURS, MEASURE_NOT_ON_LINK.
 */
export const measureLink = method({
  name: 'measure.link',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({
    source: addressSchema,
    destination: addressSchema,
    sinkPort: z.number().int().min(1).max(65_535).nullable(),
    ports: z.array(probedPortSchema).max(32),
    settings: measureSettingsSchema,
  }),
  output: linkFiguresSchema,
});

const nonce = z.string().regex(/^[0-9a-f]{16}$/);

/** Listens on each of these addresses in turn for another server's datagrams (multicast that no router passes on). */
export const measureHear = method({
  name: 'measure.hear',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({
    on: z.array(addressSchema).min(1).max(64),
    /** The other server's addresses. */
    from: z.array(addressSchema).min(1).max(64),
    nonce,
    eachMs: z.number().int().min(50).max(5_000),
  }),
  output: z.object({ heard: z.array(heardSchema) }),
});

/** Sends such datagrams from each of these addresses for so long. */
export const measureTell = method({
  name: 'measure.tell',
  kind: 'read',
  callers: everybody,
  inCore: true,
  input: z.object({
    from: z.array(addressSchema).min(1).max(64),
    nonce,
    forMs: z.number().int().min(50).max(330_000),
  }),
  output: z.object({}),
});

export const matrixMethods = [
  peersMatrix,
  peersMatrices,
  peersReadMatrix,
  peersExportMatrix,
  measureEnds,
  measureAnswer,
  measureEnd,
  measureLink,
  measureHear,
  measureTell,
] as const;
