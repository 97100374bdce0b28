import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import type { FilePort } from '../../ports/file-port.ts';

/** The collector's files, in the order in which a person meets them. */
export const collectorFiles = ['collect.cmd', 'Collect-QuorateFacts.ps1'] as const;

const longestCollectorBytes = 1024 * 1024;

const steps = [
  'Copy both files to a USB drive and take it to the server.',
  'With PowerShell 2.0 or newer, run: powershell -NoProfile -ExecutionPolicy Bypass -File Collect-QuorateFacts.ps1 - it writes facts-NAME.json beside itself.',
  'Without PowerShell (Windows Server 2008 Core), run: collect.cmd - it writes a folder facts-NAME with one file per class.',
  'Bring the result here and run: quorate readiness --facts facts-NAME.json, or --facts facts-NAME for the folder.',
  'Both only read. Run them as administrator; otherwise a few facts stay unknown.',
];

export interface WrittenCollector {
  readonly dir: string;
  readonly files: { readonly name: string; readonly sizeBytes: number; readonly sha256: string }[];
  readonly steps: string[];
}

/**
 * Writes the collector into a folder that the user named.
 * @param shippedIn the folder of this installation that holds it
 * @throws Failure COLLECTOR_MISSING, FILE_NOT_WRITABLE
 */
export const writeCollector = async (dir: string, shippedIn: string, files: FilePort): Promise<WrittenCollector> => {
  const contents = await Promise.all(
    collectorFiles.map(async (name) => ({
      name,
      content: await files.read(join(shippedIn, name), longestCollectorBytes).catch((error: unknown) => {
        throw failure('COLLECTOR_MISSING', { name, folder: shippedIn }, { cause: error });
      }),
    })),
  );
  await files.makeFolder(dir);
  for (const { name, content } of contents) await files.write(join(dir, name), content);
  return {
    dir,
    files: contents.map(({ name, content }) => ({
      name,
      sizeBytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
    steps,
  };
};
