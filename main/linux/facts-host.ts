import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { cancelled, failure } from '../../shared/errors/failure.ts';
import type { HostFacts } from '../../shared/model/facts.ts';
import type { FactsPort, GatherOptions } from '../ports/facts-port.ts';
import { readLinuxFacts } from './facts.ts';
import { completeMemory } from './memory-modules.ts';
import { capturedTree, liveTree } from './tree.ts';

export interface LinuxFactsSettings {
  readonly version: string;
  readonly now: () => Date;
}

/** Reads a captured tree; it works on every system that Quorate runs on. */
export const readSysroot = async (dir: string, { version, now }: LinuxFactsSettings): Promise<HostFacts> => {
  const root = resolve(dir);
  let isFolder: boolean;
  try {
    isFolder = statSync(root).isDirectory();
  } catch (error) {
    throw failure('SYSROOT_NOT_FOUND', { path: root }, { cause: error });
  }
  if (!isFolder) throw failure('SYSROOT_NOT_A_FOLDER', { path: root });
  const tree = capturedTree(root);
  if (tree.list('/proc') === null) throw failure('SYSROOT_WITHOUT_PROC', { path: root });
  return readLinuxFacts(tree, { collectedAt: now().toISOString(), version, sysroot: root });
};

/** The facts of the Linux machine that this process runs on. */
export const linuxFactsHost = (settings: LinuxFactsSettings): FactsPort => ({
  gather: async ({ signal, progress }: GatherOptions) => {
    progress?.({ doing: 'Reading /proc, /sys and the firmware tables', done: 0, total: 2, leftMs: null });
    const facts = readLinuxFacts(liveTree(), {
      collectedAt: settings.now().toISOString(),
      version: settings.version,
      sysroot: null,
    });
    if (signal?.aborted === true) throw cancelled('Gathering the facts');
    progress?.({ doing: 'Reading the memory modules', done: 1, total: 2, leftMs: null });
    return completeMemory(facts);
  },
});
