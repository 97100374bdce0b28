import type { FileInput } from '../../../shared/contract/readiness.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import {
  clusterFactsSchema,
  clusterFactsSchemaId,
  clusterFactsSchemaVersion,
  type ClusterFacts,
} from '../../../shared/rules/cluster/facts.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodeText } from '../readiness/decode-text.ts';
import { readInput } from '../readiness/import-facts.ts';
import { cleanDocument, describeDocument, parseJson, schemaOf } from '../readiness/parse-json.ts';

/**
 * The facts of one server, from the file that `quorate cluster facts` wrote there.
 * @throws Failure FILE_*, IMPORT_*, CLUSTER_FACTS_OF_ANOTHER_KIND, FACTS_INVALID
 */
export const readFactsFile = async (
  input: FileInput,
  files: FilePort,
): Promise<{ readonly facts: ClusterFacts; readonly file: string }> => {
  const { name, bytes } = await readInput(input, files);
  const document = parseJson(decodeText(bytes, name), name);
  const schema = schemaOf(document);
  if (schema?.id !== clusterFactsSchemaId)
    throw failure('CLUSTER_FACTS_OF_ANOTHER_KIND', { path: name, found: describeDocument(document) });
  if (schema.version > clusterFactsSchemaVersion)
    throw failure('IMPORT_NEWER_VERSION', {
      path: name,
      found: `${schema.id}/${schema.version}`,
      supported: `${clusterFactsSchemaId}/${clusterFactsSchemaVersion}`,
    });
  const parsed = clusterFactsSchema.safeParse(cleanDocument(document));
  if (!parsed.success) throw failure('FACTS_INVALID', { path: name, problem: problemInFile(parsed.error.issues) });
  return { facts: parsed.data, file: name };
};
