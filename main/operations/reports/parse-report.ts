import { failure } from '../../../shared/errors/failure.ts';
import { addUp } from '../../../shared/model/check.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import {
  readinessReportSchema,
  reportSchemaId,
  reportSchemaVersion,
  type ReadinessReport,
} from '../../../shared/model/readiness-report.ts';
import { cleanDocument, describeDocument, parseJson, schemaOf } from '../readiness/parse-json.ts';
import { canonicalJson, digestOf } from './digest.ts';

/**
 * Reads a report of another machine. The digest is taken over the document as it is in the file, before anything is
 * cleaned, so that every alteration shows.
 * @throws Failure IMPORT_*, REPORT_OF_ANOTHER_TOOL, REPORT_INVALID, REPORT_ALTERED
 */
export const parseReport = (text: string, path: string): ReadinessReport => {
  const document = parseJson(text, path);
  const schema = schemaOf(document);
  if (schema?.id !== reportSchemaId)
    throw failure('REPORT_OF_ANOTHER_TOOL', { path, found: describeDocument(document) });
  if (schema.version > reportSchemaVersion)
    throw failure('IMPORT_NEWER_VERSION', {
      path,
      found: `${schema.id}/${schema.version}`,
      supported: `${reportSchemaId}/${reportSchemaVersion}`,
    });
  const parsed = readinessReportSchema.safeParse(document);
  if (!parsed.success) throw failure('REPORT_INVALID', { path, problem: problemInFile(parsed.error.issues) });
  const carried = (document as ReadinessReport).digest.value;
  if (digestOf(document as ReadinessReport).value !== carried) throw failure('REPORT_ALTERED', { path });
  const cleaned = readinessReportSchema.safeParse(cleanDocument(parsed.data));
  if (!cleaned.success) throw failure('REPORT_INVALID', { path, problem: problemInFile(cleaned.error.issues) });
  if (addUp(cleaned.data.checks) !== cleaned.data.verdict)
    throw failure('REPORT_INVALID', { path, problem: 'verdict: the checks add up to another one' });
  const { digest: _digest, ...content } = cleaned.data;
  // What an export of ours holds is clean already; a document that is not would carry a digest that no longer fits.
  return canonicalJson(cleaned.data) === canonicalJson(parsed.data)
    ? cleaned.data
    : { ...cleaned.data, digest: digestOf(content) };
};
