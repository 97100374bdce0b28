import type { OutputOf, ParsedInputOf } from '../../../shared/contract/define.ts';
import type { formationInit } from '../../../shared/contract/formation.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { iscsiPort } from '../../../shared/model/windows-iscsi.ts';
import {
  draftClusterFile,
  fileText,
  type DraftLun,
  type DraftServer,
} from '../../../shared/plan/formation/draft-file.ts';
import type { AskCore, ReachPortal } from './qualify-lun.ts';

interface Portal {
  readonly address: string;
  readonly port: number;
}

/** `10.0.0.1`, `10.0.0.1:3260` and `[fd00::1]:3260`, taken apart. */
const splitPortal = (text: string): Portal => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return { address: bracketed ?? plain ?? text, port: port === undefined ? iscsiPort : Number(port) };
};

export interface DraftTools {
  readonly ask: AskCore;
  readonly reach: ReachPortal;
  readonly peers: readonly { readonly id: string; readonly name: string }[];
  readonly signal: AbortSignal;
}

/** Only failures count: what was cancelled, or a bug, is no gap in a draft. */
const reasonOf = (error: unknown): Failure => {
  if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.code === 'INTERNAL_BUG') throw error;
  return error;
};

const readServers = async ({ ask, peers, signal }: DraftTools, missing: string[]): Promise<DraftServer[]> => {
  const servers: DraftServer[] = [];
  for (const { ref, name } of [
    { ref: 'local', name: 'This machine' },
    ...peers.map((peer) => ({ ref: `peer:${peer.id}`, name: peer.name })),
  ])
    try {
      const { facts } = await ask('host.read', { server: ref }, signal);
      const { nics } = await ask('nic.list', { server: ref }, signal);
      servers.push({ computerName: facts.computerName, membership: facts.membership, nics });
    } catch (error) {
      const failed = reasonOf(error);
      // A console that is no Windows Server is no node: it only writes the file.
      if (failed.code !== 'HOST_NOT_HERE') missing.push(`${name} could not be read: ${failed.message} ${failed.next}`);
    }
  return servers;
};

const readLuns = async (
  { ask, reach, signal }: DraftTools,
  target: string | null,
  [first]: readonly Portal[],
  missing: string[],
): Promise<DraftLun[] | null> => {
  if (!first || target === null) return null;
  try {
    const seen = await ask('iscsi.inspect', { ...reach(first.address, first.port), target }, signal);
    return seen.luns.flatMap(({ serial, sizeBytes }) =>
      serial === null || sizeBytes === null ? [] : [{ serial: serial.trim(), sizeBytes: BigInt(sizeBytes) }],
    );
  } catch (error) {
    const failed = reasonOf(error);
    missing.push(`The target did not tell its LUNs: ${failed.message} ${failed.next}`);
    return null;
  }
};

/** Drafts a cluster file from this server and its peers, and says what is still missing. */
export const draftFormation = async (
  input: ParsedInputOf<typeof formationInit>,
  tools: DraftTools,
): Promise<OutputOf<typeof formationInit>> => {
  const missing: string[] = [];
  const portals = input.portals.map(splitPortal);
  const servers = await readServers(tools, missing);
  const luns = await readLuns(tools, input.target, portals, missing);
  const drafted = draftClusterFile({ servers, cluster: input.cluster, target: input.target, portals, luns });
  return { text: fileText(drafted.file), guessed: drafted.guessed, missing: [...missing, ...drafted.missing] };
};
