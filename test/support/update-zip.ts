import { releaseOf, writeZip } from '../../build/delivery/core-zip.mjs';

interface File {
  readonly name: string;
  readonly content: string | Buffer;
}

export interface UpdateContent {
  readonly version: string;
  readonly files: readonly File[];
  /** What `release.json` says instead; null: there is none. */
  readonly release?: Record<string, unknown> | null;
  /** Files of the zip that the list does not name. */
  readonly unlisted?: readonly File[];
}

/** A core as a zip as `npm run dist` writes it, of given files. */
export const writeUpdateZip = async (
  path: string,
  { version, files, release, unlisted }: UpdateContent,
): Promise<void> => {
  const list = { ...(JSON.parse(releaseOf(version, [...files])) as object), ...release };
  const all = [
    ...files,
    ...(unlisted ?? []),
    ...(release === null ? [] : [{ name: 'release.json', content: JSON.stringify(list) }]),
  ];
  // A whole node.exe takes a while to be compressed, and again to be unpacked.
  await writeZip(path, all, { compress: all.every(({ content }) => content.length < 1e7) });
};
