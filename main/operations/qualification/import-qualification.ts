import type { FileInput } from '../../../shared/contract/readiness.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import {
  addUpQualification,
  qualificationReportSchema,
  qualificationSchemaId,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodeText } from '../readiness/decode-text.ts';
import { readInput } from '../readiness/import-facts.ts';
import { qualificationDigestOf } from './qualification-digest.ts';
import { cleanDocument, describeDocument, parseJson, schemaOf } from '../readiness/parse-json.ts';

const [schemaName = '', schemaVersion = '1'] = qualificationSchemaId.split('/');

/** What a report says must follow from what it holds; the first thing that does not, or null. */
const findContradiction = (report: QualificationReport): string | null => {
  const ids = report.cases.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return `cases: ${twice} stands there twice`;
  const notAsked = report.notAsked.map(() => ({ required: true, verdict: 'skipped' as const }));
  if (report.verdict !== addUpQualification([...report.cases, ...notAsked]))
    return 'verdict: the cases add up to another one';
  const silent = report.cases.find(({ verdict, because }) => verdict !== 'passed' && because === null);
  return silent ? `cases: ${silent.id} did not pass and does not say why` : null;
};

/**
 * Reads a qualification report that was exported as JSON, strictly: unknown fields, another digest than the one it carries, and a
 * verdict that does not follow from the cases, are refused. The digest is taken over the document as it is in the file, before
 * anything is cleaned, so that every alteration shows.
 * @throws Failure IMPORT_*, QUALIFY_REPORT_OF_ANOTHER_KIND, REPORT_INVALID, REPORT_ALTERED
 */
export const parseQualification = (text: string, path: string): QualificationReport => {
  const document = parseJson(text, path);
  const schema = schemaOf(document);
  if (schema?.id !== schemaName)
    throw failure('QUALIFY_REPORT_OF_ANOTHER_KIND', { path, found: describeDocument(document) });
  if (schema.version > Number(schemaVersion))
    throw failure('IMPORT_NEWER_VERSION', {
      path,
      found: `${schema.id}/${schema.version}`,
      supported: qualificationSchemaId,
    });
  const parsed = qualificationReportSchema.safeParse(cleanDocument(document));
  if (!parsed.success) throw failure('REPORT_INVALID', { path, problem: problemInFile(parsed.error.issues) });
  if (parsed.data.digest === null) throw failure('REPORT_INVALID', { path, problem: 'digest: it carries none' });
  if (qualificationDigestOf(document as QualificationReport).value !== parsed.data.digest.value)
    throw failure('REPORT_ALTERED', { path });
  const contradiction = findContradiction(parsed.data);
  if (contradiction !== null) throw failure('REPORT_INVALID', { path, problem: contradiction });
  // What an export of ours holds is clean already; a document that is not would carry a digest that no longer fits.
  return { ...parsed.data, digest: qualificationDigestOf(parsed.data) };
};

/** @throws Failure FILE_*, and those of {@link parseQualification} */
export const importQualification = async (file: FileInput, files: FilePort): Promise<QualificationReport> => {
  const { name, bytes } = await readInput(file, files);
  return parseQualification(decodeText(bytes, name), name);
};
