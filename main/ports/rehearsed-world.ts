import type { Rehearsed } from '../../shared/contract/formation.ts';
import type { ClusterFile } from '../../shared/model/cluster-file.ts';
import type { WindowsVersion } from '../../shared/model/host.ts';

/** A portal of a simulated target as it is served over real iSCSI, and what it stands for: `ADDRESS:PORT` of the cluster file. */
export interface ServedPortal {
  readonly host: string;
  readonly port: number;
  readonly standsFor: string;
}

/**
 * The world in which a formation is rehearsed: its servers as they come from their installation, its faults, and its time, which jumps to what
 * they wait for.
 */
export interface RehearsedWorld {
  /** The secrets that a formation asks for there; they protect nothing. */
  readonly secrets: Readonly<Record<'account' | 'chap', string>>;
  /** Serves a target over iSCSI on loopback. Throws where there is none of this name yet. */
  serveTarget(target: string): Promise<readonly ServedPortal[]>;
  /** The fault as it was asked for. Throws what the world finds wrong with it. */
  setFault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  powerOff(server: string): Promise<void>;
  powerOn(server: string): Promise<void>;
  /** Of each server, by its name in the file, whether it runs. */
  readPower(): Promise<readonly { readonly server: string; readonly power: 'on' | 'off' | 'restarting' }[]>;
  /** What it has become, as the world itself tells it: nothing that a core only believes. */
  readOutcome(): Promise<Pick<Rehearsed, 'cluster' | 'vms' | 'applied'>>;
  /** Ends its process, and returns when it has ended. */
  stop(): Promise<void>;
}

export interface WorldOrder {
  /** The folder that keeps the world. */
  readonly folder: string;
  /** Where the description of its servers is kept. */
  readonly servers: string;
  readonly file: ClusterFile;
  readonly version: WindowsVersion;
  readonly seed: number;
  /** True: the world may be there; servers that the file names now and it lacks are added, because a cluster grows. */
  readonly goesOn: boolean;
}

/** Starts the world, or finds it. Throws HOST_UNREACHABLE. */
export type StartRehearsedWorld = (order: WorldOrder) => Promise<RehearsedWorld>;
