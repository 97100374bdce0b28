import * as z from 'zod';
import { fingerprintSchema, peerIdSchema, peerNameSchema } from './peer.ts';

/*
 * The single-writer promise. A disk that several servers reach is written by one of them, and every other one promised on its own disk
 * not to bring it online until the writer hands the promise back. No time-out ends a promise: a disk does not check fencing numbers.
 */

/** Names one go at writing. A message of an earlier go is told by it, however late it arrives. */
export const goSchema = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');

/**
 * How one server stands to one disk. `promised`: to another server, which alone may write. `writing`: this server is that one; it asks
 * everybody anew before each step that writes. `returning`: it hands the promises back and writes no more in this go, so that a
 * hand-back that arrives late frees nobody whom it asked again. A disk of which nothing is kept is `free`.
 */
export const diskClaimSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('free') }),
  z.object({ kind: z.literal('promised'), writer: fingerprintSchema, go: goSchema }),
  z.object({ kind: z.literal('writing'), go: goSchema }),
  z.object({ kind: z.literal('returning'), go: goSchema }),
]);
export type DiskClaim = z.output<typeof diskClaimSchema>;

export const free: DiskClaim = { kind: 'free' };

/** What a server asks another one of a disk. */
export interface PromiseQuestion {
  readonly writer: string;
  readonly go: string;
}

/** Why a promise is not given. `olderGo`: it is kept for an older go of the same writer, which hands that one back first. */
export const promiseRefusals = ['promisedToAnother', 'olderGo', 'writesItself', 'notOffline'] as const;
export type PromiseRefusal = (typeof promiseRefusals)[number];

/** `next` has to be on the disk before the answer leaves. */
export interface PromiseAnswer {
  readonly given: boolean;
  readonly because: PromiseRefusal | null;
  readonly next: DiskClaim;
}

const refused = (because: PromiseRefusal, next: DiskClaim): PromiseAnswer => ({ given: false, because, next });

/**
 * Another server wants to write. `isKept`: this server's own Windows keeps the disk from being written here now (SAN policy and the
 * disk itself read, or neither session nor favorite target).
 */
export const answerPromise = (claim: DiskClaim, { writer, go }: PromiseQuestion, isKept: boolean): PromiseAnswer => {
  if (claim.kind === 'writing' || claim.kind === 'returning') return refused('writesItself', claim);
  if (claim.kind === 'promised' && claim.writer !== writer) return refused('promisedToAnother', claim);
  if (claim.kind === 'promised' && claim.go !== go) return refused('olderGo', claim);
  if (!isKept) return refused('notOffline', claim);
  return { given: true, because: null, next: { kind: 'promised', writer, go } };
};

/** This server wants to write; null where it promised not to, or still hands promises back. A go that a crash interrupted goes on. */
export const beginWriting = (claim: DiskClaim, go: string): DiskClaim | null => {
  if (claim.kind === 'writing') return claim;
  return claim.kind === 'free' ? { kind: 'writing', go } : null;
};

/**
 * A server still keeps the promise of another go: may the writer hand that one back, in which it writes no more? Only in answer to
 * what it asks now: an answer that belongs to an earlier go might name the one that it writes in.
 */
export const mayReturnOlder = (claim: DiskClaim, askedGo: string, olderGo: string): boolean =>
  claim.kind === 'writing' && claim.go === askedGo && olderGo !== askedGo;

/** The writer is done, or gives up: no step writes in this go any more. */
export const beginReturning = (claim: DiskClaim): DiskClaim =>
  claim.kind === 'writing' ? { kind: 'returning', go: claim.go } : claim;

/** Everybody has taken the promise of this go back. */
export const endReturning = (claim: DiskClaim, go: string): DiskClaim =>
  claim.kind === 'returning' && claim.go === go ? free : claim;

/** May one step write now? Only with the promise of everybody, for this very go, asked since the last step. */
export const mayWrite = (claim: DiskClaim, others: readonly string[], given: ReadonlyMap<string, string>): boolean =>
  claim.kind === 'writing' && others.every((other) => given.get(other) === claim.go);

/** The writer hands a promise back. That of another writer, or of another go, stays. */
export const handBack = (claim: DiskClaim, { writer, go }: PromiseQuestion): DiskClaim =>
  claim.kind === 'promised' && claim.writer === writer && claim.go === go ? free : claim;

/** A person at the promising server lets go of it, after the writer was seen to have no power. */
export const releaseByHand = (claim: DiskClaim): DiskClaim => (claim.kind === 'promised' ? free : claim);

/** What Windows shows of a disk on the server that is asked; null where it was not read. */
export interface DiskKept {
  readonly sanPolicy: string | null;
  /** Every disk of this unique id reads offline; null where none is there. */
  readonly isOffline: boolean | null;
  readonly hasSession: boolean | null;
  readonly hasFavorite: boolean | null;
}

export const keepingPolicies: readonly string[] = ['OfflineShared', 'OfflineAll'];

/**
 * Does Windows itself keep the disk from being written, also after a restart, when it brings disks up before Quorate runs? Null: yes;
 * else why not, as the end of a sentence. What was not read counts as no.
 */
export const whyNotKept = ({ sanPolicy, isOffline, hasSession, hasFavorite }: DiskKept): string | null => {
  if (sanPolicy === null) return 'its SAN policy was not read';
  if (!keepingPolicies.includes(sanPolicy))
    return `its SAN policy is ${sanPolicy}, with which a disk comes online by itself`;
  if (isOffline === true) return null;
  if (isOffline === false) return 'the disk is online there';
  if (hasSession === null || hasFavorite === null) return 'its iSCSI sessions were not read';
  return hasSession || hasFavorite
    ? 'it has iSCSI sessions or favorite targets, and does not see this disk, which may arrive'
    : null;
};

/** A promise, or a go at writing, as a console shows it. */
export const keptClaimSchema = z.object({
  /** Unique id (`MSFT_Disk.UniqueId`, VPD 83h). */
  disk: z.string().min(1).max(256),
  serial: z.string().nullable(),
  claim: diskClaimSchema,
  /** The writer's name as it was known; null where this server writes. */
  writerName: peerNameSchema.nullable(),
  since: z.iso.datetime(),
  /** Of a go at writing: the servers that promised, by id. They are handed their promises back. */
  askedOf: z.array(peerIdSchema),
});
export type KeptClaim = z.output<typeof keptClaimSchema>;
