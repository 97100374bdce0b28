// The JSON Schemas of the documents that leave the product, made from their zod models.
import { build } from 'esbuild';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/steps.mjs';

const load = async () => {
  const outfile = join(root, '.cache', 'docs', `published-documents.${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: ['shared/model/published-documents.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'warning',
    packages: 'external',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
};

const { publishedDocuments, jsonSchemaText } = await load();

export const documents = Object.fromEntries(
  Object.keys(publishedDocuments).map((name) => [`docs/schemas/${name}.schema.json`, () => jsonSchemaText(name)]),
);
