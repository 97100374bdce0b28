import { failure } from '../../../shared/errors/failure.ts';
import { cleanText } from '../../../shared/model/fact.ts';

/** True when brackets or a string are still open at the end: the file was cut. */
const endsInTheMiddle = (text: string): boolean => {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
  }
  return isInString || depth > 0;
};

/**
 * Parses JSON of a file that a person named.
 * @throws Failure IMPORT_FILE_TRUNCATED, IMPORT_JSON_INVALID
 */
export const parseJson = (text: string, path: string): unknown => {
  const content = text.replace(/^\ufeff/, '');
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    if (endsInTheMiddle(content))
      throw failure('IMPORT_FILE_TRUNCATED', { path, reason: 'its JSON is not closed' }, { cause: error });
    const reason = cleanText(error instanceof Error ? error.message : 'it cannot be parsed').slice(0, 200);
    throw failure('IMPORT_JSON_INVALID', { path, reason }, { cause: error });
  }
};

export interface SchemaName {
  readonly id: string;
  readonly version: number;
}

/** The `schema` of a document of ours, `quorate.<what>/<version>`; null for anything else. */
export const schemaOf = (document: unknown): SchemaName | null => {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return null;
  const schema = (document as { schema?: unknown }).schema;
  const match = typeof schema === 'string' ? /^(quorate\.[a-z-]+)\/(\d{1,6})$/.exec(schema) : null;
  return match ? { id: match[1] ?? '', version: Number(match[2]) } : null;
};

/** What a document of something else is, in a few words. */
export const describeDocument = (document: unknown): string => {
  if (Array.isArray(document)) return `a list of ${document.length}`;
  if (document === null || typeof document !== 'object') return `a single value (${typeof document})`;
  const schema = schemaOf(document);
  if (schema) return `a document ${schema.id}`;
  const keys = Object.keys(document).slice(0, 4).map(cleanText);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`;
};

/** Every text of a document from outside, made safe to show; see {@link cleanText}. */
export const cleanDocument = (value: unknown): unknown => {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanDocument);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanDocument(inner)]));
};
