import * as z from 'zod';
import { epochMemberSchema, epochSchema, heardEpochSchema } from '../model/epoch.ts';
import { peerNameSchema } from '../model/peer.ts';
import { method } from './define.ts';

const here = ['ui', 'cli'] as const;

/** What one server says of epochs: the highest that it heard, and the titles of what runs there on a coordinator's order. */
export const heardSchema = z.object({ heard: heardEpochSchema.nullable(), running: z.array(z.string()) });

/** Who coordinates, as this server knows it. */
export const coordinatorViewSchema = z.object({
  /** The highest epoch that this server heard; null where nobody ever became the coordinator. */
  heard: heardEpochSchema.nullable(),
  isThisServer: z.boolean(),
  /** True where this server is the coordinator and every paired server acknowledged that, or was declared powered down. */
  mayOrder: z.boolean(),
  /** The other servers and how they stand to this server's epoch; empty where it is not the coordinator. */
  members: z.array(epochMemberSchema),
  /** What runs on this server on a coordinator's order. */
  running: z.array(z.string()),
});
export type CoordinatorView = z.output<typeof coordinatorViewSchema>;

/** Who coordinates, and who acknowledged it. */
export const coordinatorShow = method({
  name: 'coordinator.show',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: coordinatorViewSchema,
});

/**
 * Makes this server the coordinator, as a person at its console wants it: a number above all that any server heard, on the disk of
 * every paired server before it counts. Waits for what still runs on an older order. It may be asked again: a server that did not
 * answer is then asked anew. Errors: COORDINATOR_MEMBER_SILENT, COORDINATOR_OUTDATED, PEER_UNKNOWN.
 */
export const coordinatorTake = method({
  name: 'coordinator.take',
  kind: 'work',
  title: 'Becoming the coordinator',
  callers: here,
  input: z.object({
    /** Servers that a person declares powered down, by id or name. One that answers is asked all the same. */
    poweredDown: z.array(z.string().min(1).max(80)).max(64).default([]),
  }),
  output: coordinatorViewSchema,
});

/** Asked by whoever wants to become the coordinator: the highest epoch heard, and what runs here. */
export const coordinatorHeard = method({
  name: 'coordinator.heard',
  kind: 'read',
  callers: [...here, 'peer'],
  inCore: true,
  input: z.object({}),
  output: heardSchema,
});

/**
 * A paired server says that it is the coordinator from this epoch on. The epoch travels with the call, and is on this server's disk
 * when it answers. Errors: COORDINATOR_OUTDATED.
 */
export const coordinatorAnnounce = method({
  name: 'coordinator.announce',
  kind: 'change',
  callers: ['peer'],
  isOrder: true,
  input: z.object({ name: peerNameSchema }),
  output: heardSchema.extend({ heard: epochSchema }),
});

export const coordinatorMethods = [coordinatorShow, coordinatorTake, coordinatorHeard, coordinatorAnnounce] as const;
