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
import { decisionsIn } from './parse-cluster-file.ts';
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

interface ReadServer extends DraftServer {
  readonly ref: string;
  /** How it is called here: by its name, or as it was paired. */
  readonly who: string;
}

const readServers = async ({ ask, peers, signal }: DraftTools, missing: string[]): Promise<ReadServer[]> => {
  const servers: ReadServer[] = [];
  for (const { ref, name } of [
    { ref: 'local', name: 'This machine' },
    ...peers.map((peer) => ({ ref: `peer:${peer.id}`, name: peer.name })),
  ])
    try {
      const { facts } = await ask('host.read', { server: ref }, signal);
      const { nics } = await ask('nic.list', { server: ref }, signal);
      servers.push({ ref, who: name, computerName: facts.computerName, membership: facts.membership, nics });
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
    missing.push(`The LUNs of the target could not be read: ${failed.message} ${failed.next}`);
    return null;
  }
};

const isCalled = ({ computerName, who }: ReadServer, name: string): boolean =>
  [computerName, who].some((one) => one.toLowerCase() === name.trim().toLowerCase());

/** The largest blank local disk of the storage host, by its serial number. */
const blankDiskOf = async (
  { ask, signal }: DraftTools,
  { ref, computerName }: ReadServer,
  missing: string[],
): Promise<string | null> => {
  try {
    const { disks } = await ask('disk.list', { server: ref }, signal);
    const [largest] = disks
      .filter((disk) => disk.partitionStyle === 'raw' && disk.busType !== 'iscsi' && disk.serialNumber !== null)
      .toSorted((one, other) => (BigInt(one.sizeBytes) > BigInt(other.sizeBytes) ? -1 : 1));
    return largest?.serialNumber?.trim() ?? null;
  } catch (error) {
    const failed = reasonOf(error);
    missing.push(`The disks of ${computerName} could not be read: ${failed.message} ${failed.next}`);
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
  const read = await readServers(tools, missing);
  const wanted = input.storageHost;
  const host = wanted === null ? undefined : read.find((one) => isCalled(one, wanted));
  if (wanted !== null && !host)
    missing.push(
      `No paired server is called ${wanted}: pair the storage host first. Known are ${read.map(({ computerName }) => computerName).join(', ') || 'none'}.`,
    );
  const servers = read.filter((one) => one !== host);
  const storageHost = host ? { ...host, blankDisk: await blankDiskOf(tools, host, missing) } : null;
  const luns = storageHost ? null : await readLuns(tools, input.target, portals, missing);
  const drafted = draftClusterFile({
    servers,
    storageHost,
    cluster: input.cluster,
    target: input.target,
    portals,
    luns,
  });
  const text = fileText(drafted.file);
  return {
    text,
    guessed: drafted.guessed,
    missing: [...missing, ...drafted.missing],
    decisions: decisionsIn(text),
  };
};
