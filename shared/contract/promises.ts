import * as z from 'zod';
import { peerIdSchema } from '../model/peer.ts';
import { goSchema, keptClaimSchema } from '../model/promise.ts';
import { method } from './define.ts';

const here = ['ui', 'cli'] as const;
const diskSchema = z.string().min(1).max(256);
const askedSchema = z.object({ disk: diskSchema, serial: z.string().max(256).nullable(), go: goSchema });

/**
 * A paired server wants to write to a shared disk and asks this one to leave it alone until the promise is handed back. It orders
 * nothing: it asks for restraint. The promise is on this server's disk when it answers.
 */
export const promiseAsk = method({
  name: 'promise.ask',
  kind: 'change',
  callers: ['peer'],
  input: askedSchema,
  output: z.object({
    given: z.boolean(),
    /** Why not, as the end of a sentence. */
    because: z.string().nullable(),
    /** The older go of the same writer that a promise is still kept for. */
    olderGo: goSchema.nullable(),
  }),
});

/** The writer hands the promise of one go back. */
export const promiseHandBack = method({
  name: 'promise.handBack',
  kind: 'change',
  callers: ['peer'],
  input: z.object({ disk: diskSchema, go: goSchema }),
  output: z.object({}),
});

/** What this server promised to others, and which disks it writes to itself. Peers ask to show it at their own consoles. */
export const promiseList = method({
  name: 'promise.list',
  kind: 'read',
  callers: [...here, 'peer'],
  inCore: true,
  input: z.object({}),
  output: z.object({ claims: z.array(keptClaimSchema) }),
});

/** The promises of one server, as any console shows them. */
export const serverClaimsSchema = z.object({
  /** The peer's id, or `local` for the server that asked. */
  id: z.string(),
  name: z.string(),
  /** Null with the reason where it told nothing. */
  claims: z.array(keptClaimSchema).nullable(),
  because: z.string().nullable(),
});
export type ServerClaims = z.output<typeof serverClaimsSchema>;

/**
 * What this server and every paired one promised, and which disks they write to. A server that does not answer is there with the reason; its
 * promises stand all the same. A promise is released at the console of the server that gave it.
 */
export const promiseSurvey = method({
  name: 'promise.survey',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: z.object({ servers: z.array(serverClaimsSchema) }),
});

/** This server hands back every promise that it was given. Errors: PROMISE_NOT_RETURNED. */
export const promiseReturn = method({
  name: 'promise.return',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: z.object({ claims: z.array(keptClaimSchema) }),
});

/**
 * A person here lets go of a promise, because the writer never comes back: with the disk's serial number and the sentence "WRITER is
 * powered down". Errors: PROMISE_UNKNOWN, PROMISE_RELEASE_REFUSED.
 */
export const promiseRelease = method({
  name: 'promise.release',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({ disk: diskSchema, serial: z.string().max(256), statement: z.string().max(256) }),
  output: z.object({ disk: diskSchema, writer: peerIdSchema.nullable(), writerName: z.string().nullable() }),
});

export const promiseMethods = [
  promiseAsk,
  promiseHandBack,
  promiseList,
  promiseSurvey,
  promiseReturn,
  promiseRelease,
] as const;
