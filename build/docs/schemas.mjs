// The JSON Schemas of the documents that leave the product, made from their zod models.
import { importTypeScript } from '../setup/import-typescript.mjs';

const { publishedDocuments, jsonSchemaText } = await importTypeScript('shared/model/published-documents.ts');

export const documents = Object.fromEntries(
  Object.keys(publishedDocuments).map((name) => [`docs/schemas/${name}.schema.json`, () => jsonSchemaText(name)]),
);
