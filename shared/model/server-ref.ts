/*
 * Nothing here loads the schemas (shared/contract/server.ts has those): a command that only names a server starts without them.
 */

/**
 * Which server is meant. `local` is the server that the answering core runs on, a peer is a paired instance on another
 * server, and a rehearsal is a simulated server of a simulated world.
 */
export type ServerRef =
  | { readonly kind: 'local' }
  | { readonly kind: 'peer'; readonly id: string }
  /** `server` is null where nobody named one: the first server of the world is meant. What answers always has a name. */
  | { readonly kind: 'rehearsal'; readonly world: string; readonly server: string | null };

const worldPattern = '[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?';
/** A NetBIOS computer name has at most 15 characters (learn.microsoft.com, "Naming conventions in Active Directory"). */
const computerPattern = '[A-Za-z0-9-]{1,15}';

const worldForm = new RegExp(`^${worldPattern}$`);
const rehearsalForm = new RegExp(`^rehearsal:(${worldPattern})(?:/(${computerPattern}))?$`);
/** An id of a peer is a name of its own or a digest in hexadecimal: at most 64 characters. */
const peerForm = /^peer:([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

export const localServer: ServerRef = { kind: 'local' };

/** The name of a rehearsal: 1 to 40 lower-case letters, digits and hyphens. */
export const isRehearsalName = (text: string): boolean => worldForm.test(text);

/** Why a text is no name of a rehearsal, as a sentence; null when it is one. */
export const findRehearsalNameProblem = (text: string): string | null =>
  isRehearsalName(text) ? null : 'Use 1 to 40 lower-case letters, digits and hyphens, with a letter or digit first.';

/** Reads `local`, `peer:ID`, `rehearsal:WORLD` and `rehearsal:WORLD/SERVER`; null for anything else. */
export const parseServerRef = (text: string): ServerRef | null => {
  if (text === 'local') return localServer;
  const [, peer] = peerForm.exec(text) ?? [];
  if (peer !== undefined) return { kind: 'peer', id: peer };
  const [, world, server] = rehearsalForm.exec(text) ?? [];
  return world === undefined ? null : { kind: 'rehearsal', world, server: server ?? null };
};

/** The one spelling of a server, which is also how it travels and how it is stored. */
export const printServerRef = (ref: ServerRef): string => {
  switch (ref.kind) {
    case 'local':
      return 'local';
    case 'peer':
      return `peer:${ref.id}`;
    case 'rehearsal':
      return `rehearsal:${ref.world}${ref.server === null ? '' : `/${ref.server}`}`;
  }
};

/** Windows compares computer names without regard to case, and so do we. */
export const isSameServer = (one: ServerRef, other: ServerRef): boolean =>
  printServerRef(one).toLowerCase() === printServerRef(other).toLowerCase();

/** Does a reference mean this server? `rehearsal:WORLD` means every server of that world. */
export const includesServer = (wanted: ServerRef, server: ServerRef): boolean =>
  wanted.kind === 'rehearsal' && wanted.server === null
    ? server.kind === 'rehearsal' && server.world === wanted.world
    : isSameServer(wanted, server);
