import * as z from 'zod';
import { endpointSchema, peerIdSchema, peerLinkSchema, peerNameSchema, peerRecordSchema } from '../model/peer.ts';
import { consistencySchema, serverFactsSchema } from '../model/consistency.ts';
import { invitationFileSchema } from '../model/invitation-file.ts';
import { method } from './define.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { fileInputSchema } from './readiness.ts';
import { serverRefSchema } from './server.ts';

const here = ['ui', 'cli'] as const;

export const doorSchema = z.object({
  address: z.string(),
  port: z.number().int(),
  isOpen: z.boolean(),
  /** Why it is not open. */
  reason: z.string().nullable(),
});

export const invitationSchema = z.object({ code: z.string(), expiresAt: z.iso.datetime() });

export const pairedSchema = z.object({ id: peerIdSchema, name: z.string(), words: z.string() });

/** This server as its peers see it. */
export const peerSelfSchema = z.object({
  id: peerIdSchema,
  name: z.string(),
  version: z.string(),
  /** SHA-256 of the certificate, in groups of four hexadecimal digits. */
  fingerprint: z.string(),
  /** The same in twelve words. */
  words: z.string(),
  listening: z.array(doorSchema),
  invitation: invitationSchema.nullable(),
  /** Wrong tries with the open invitation. */
  wrongTries: z.number().int().nullable(),
  isPairingLocked: z.boolean(),
  /** The pairing that was made last in this process, with the two words that both screens show. */
  lastPaired: pairedSchema.nullable(),
  /**
   * Windows' firewall for what this server listens on: `open` (rules for exactly that), `closed` (none are needed), `failed` with the reason (peers may not
   * reach it), `notManaged` (no Windows Server).
   */
  firewall: z.object({
    state: z.enum(['notManaged', 'closed', 'open', 'failed']),
    reason: z.string().nullable(),
  }),
  /** Where another server was heard that shows this server's identity. */
  copyHeardAt: z.string().nullable(),
});
export type PeerSelf = z.infer<typeof peerSelfSchema>;

export const peerViewSchema = peerRecordSchema.extend({
  id: peerIdSchema,
  /** The fingerprint in twelve words. */
  words: z.string(),
  link: peerLinkSchema,
  /** How its version stands to this server's; `unlike`: no formation with it. */
  versionSkew: z.enum(['same', 'alike', 'unlike', 'unknown']),
  /** Another peer has the same name: only the id tells them apart. */
  isNameShared: z.boolean(),
});
export type PeerView = z.infer<typeof peerViewSchema>;

export const nearbySchema = z.object({
  id: peerIdSchema,
  name: peerNameSchema,
  version: z.string(),
  address: z.string(),
  port: z.number().int(),
  /** The address of our NIC that it was heard on. */
  heardOn: z.string(),
  isInviting: z.boolean(),
  /** What it is to us. */
  relation: z.enum(['stranger', 'peer', 'introduced', 'forgotten', 'thisServer', 'copyOfThisServer']),
  /** What a person has to know about it: two of one name, two of one identity, another protocol. */
  remark: z.string().nullable(),
});
export type Nearby = z.infer<typeof nearbySchema>;

/** This server among its peers. Errors: PEER_IDENTITY_DAMAGED, PEER_IDENTITY_LOST, PEER_BOOK_DAMAGED. */
export const peersSelf = method({
  name: 'peers.self',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: peerSelfSchema,
});

/** Everybody that this server knows, with the state of the connection. */
export const peersList = method({
  name: 'peers.list',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({
    /** Those too that were forgotten. */
    all: z.boolean().default(false),
  }),
  output: z.object({ peers: z.array(peerViewSchema) }),
});

/** Looks for servers near by multicast DNS, for so many milliseconds. */
export const peersDiscover = method({
  name: 'peers.discover',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({ waitMs: z.number().int().min(100).max(60_000).default(2_500) }),
  output: z.object({ servers: z.array(nearbySchema) }),
});

/** Opens an invitation for one server and ten minutes; one that is open is withdrawn. Errors: PEER_NOT_LISTENING. */
export const peersInvite = method({
  name: 'peers.invite',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: invitationSchema.extend({
    id: peerIdSchema,
    name: z.string(),
    /** Where the joiner finds this server. */
    endpoints: z.array(endpointSchema),
  }),
});

/** Withdraws the open invitation. */
export const peersWithdraw = method({
  name: 'peers.withdrawInvitation',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: z.object({ wasOpen: z.boolean() }),
});

/** Writes the open invitation into a file for a USB drive, or hands the bytes over. Errors: PEER_NO_INVITATION_HERE, FILE_NOT_WRITABLE. */
export const peersSaveInvitation = method({
  name: 'peers.saveInvitation',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({ to: handOverToSchema }),
  output: handedOverSchema,
});

/** Reads an invitation that another server wrote into a file; joins nobody. Errors: PEER_INVITATION_FILE_WRONG, FILE_*, IMPORT_*. */
export const peersReadInvitation = method({
  name: 'peers.readInvitation',
  kind: 'read',
  callers: here,
  input: z.object({ file: fileInputSchema }),
  output: invitationFileSchema.omit({ schema: true }),
});

/**
 * Pairs with the server that made the invitation. Without addresses it is looked for near.
 * Errors: PEER_INVITATION_*, PEER_NOT_FOUND_NEAR, PEER_UNREACHABLE, PEER_NOT_QUORATE, PEER_IS_THIS_SERVER, PEER_REFUSED, PEER_VERSION_SKEW,
 * PEER_INVITER_UNPROVEN, PEER_PAIRING_BROKEN.
 */
export const peersJoin = method({
  name: 'peers.join',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({
    /** As it was typed: case, blanks and hyphens do not matter. */
    code: z.string().max(200),
    endpoints: z.array(endpointSchema).max(32).default([]),
  }),
  output: pairedSchema.extend({ fingerprint: z.string(), fingerprintWords: z.string(), endpoint: endpointSchema }),
});

/** Consents to a server that a peer introduced. Errors: PEER_UNKNOWN, PEER_AMBIGUOUS. */
export const peersAccept = method({
  name: 'peers.accept',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({ peer: z.string().min(1).max(80) }),
  output: z.object({ id: peerIdSchema, name: z.string() }),
});

/** Forgets a peer here, tells it, and has every other peer told. Errors: PEER_UNKNOWN, PEER_AMBIGUOUS. */
export const peersForget = method({
  name: 'peers.forget',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({ peer: z.string().min(1).max(80) }),
  output: z.object({
    id: peerIdSchema,
    name: z.string(),
    /** Peers that could not be reached: they are told when they connect. */
    toBeTold: z.array(peerIdSchema),
  }),
});

/**
 * Listens for peers on these addresses and no others, now and whenever Quorate runs; none: not at all. Errors: PEER_LISTEN_FAILED.
 */
export const peersListen = method({
  name: 'peers.listen',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({ endpoints: z.array(endpointSchema).max(32) }),
  output: z.object({ listening: z.array(doorSchema), firewall: peerSelfSchema.shape.firewall }),
});

/** What a server tells of itself to be compared with others. Errors: HOST_UNREACHABLE, POWERSHELL_*. */
export const peersFacts = method({
  name: 'peers.facts',
  kind: 'read',
  callers: [...here, 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: serverFactsSchema,
});

/**
 * This server and all paired ones side by side, differences first; with files, the servers whose facts they hold, one in each, instead.
 * A server that does not answer has a column that says why. Errors: PEER_NONE_TO_COMPARE, FACTS_*.
 */
export const peersConsistency = method({
  name: 'peers.consistency',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({
    files: z.array(fileInputSchema).max(64).default([]),
    /** Only these, by the computer names that they tell; empty: all. */
    nodes: z.array(z.string()).max(64).default([]),
  }),
  output: consistencySchema,
});

export const peerMethods = [
  peersSelf,
  peersList,
  peersDiscover,
  peersInvite,
  peersWithdraw,
  peersSaveInvitation,
  peersReadInvitation,
  peersJoin,
  peersAccept,
  peersForget,
  peersListen,
  peersFacts,
  peersConsistency,
] as const;
