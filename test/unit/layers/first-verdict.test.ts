import { build } from 'esbuild';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

/** The packages and files that an entry loads by its import statements; what it imports when it is called is left out. */
const loadedBy = async (entry: string): Promise<string[]> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: 'out',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    external: ['electron', '@node-rs/crc32', 'systeminformation', 'node-powershell', 'pino'],
  });
  const reached = new Set<string>();
  const follow = (path: string): void => {
    const output = metafile.outputs[path];
    if (!output || reached.has(path)) return;
    reached.add(path);
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') follow(next);
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (entryPoint === entry) follow(path);
  return [...reached].flatMap((path) =>
    Object.entries(metafile.outputs[path]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [input] : [],
    ),
  );
};

const schemas = (inputs: readonly string[]): string[] => inputs.filter((path) => path.includes('node_modules/zod/'));

describe('what is loaded before the first verdict', () => {
  it.each(['main/electron/main.ts', 'main/agent/readiness-here.ts', 'main/linux/facts-host.ts'])(
    '%s reads no schemas',
    async (entry) => {
      const loaded = await loadedBy(entry);
      expect(loaded).toContain(entry);
      expect(schemas(loaded)).toEqual([]);
    },
  );

  it('would see them: the methods of readiness have them', async () => {
    expect(schemas(await loadedBy('main/agent/compose-readiness.ts'))).not.toEqual([]);
  });
});
