import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import type { FileInput } from '../../../shared/contract/readiness.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { describeInvitationProblem, parseInvitation } from '../../../shared/model/invitation.ts';
import { invitationFileSchema, type InvitationFile } from '../../../shared/model/invitation-file.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodeText } from '../readiness/decode-text.ts';
import { readInput } from '../readiness/import-facts.ts';
import { describeDocument, parseJson, schemaOf } from '../readiness/parse-json.ts';
import { handOver, mediaTypes } from '../reports/hand-over.ts';

/** Writes an invitation for a USB drive; where the file system knows owners, only its owner may read it. @throws Failure FILE_NOT_WRITABLE */
export const saveInvitation = (
  invitation: Omit<InvitationFile, 'schema'>,
  to: HandOverTo,
  files: FilePort,
): Promise<HandedOver> => {
  const document: InvitationFile = { schema: 'quorate.invitation/1', ...invitation };
  const about = { name: `invitation-${invitation.name}.json`, mediaType: mediaTypes.json };
  return handOver(Buffer.from(`${JSON.stringify(document, null, 2)}\n`, 'utf8'), about, to, files, { isSecret: true });
};

const problemOf = (text: string, path: string): string | InvitationFile => {
  let document: unknown;
  try {
    document = parseJson(text, path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.code === 'IMPORT_FILE_TRUNCATED' ? 'it was cut off' : 'it is not JSON';
  }
  const schema = schemaOf(document);
  if (schema?.id !== 'quorate.invitation') return `it is ${describeDocument(document)}`;
  if (schema.version !== 1) return `it was written by a newer Quorate (${schema.id}/${schema.version})`;
  const parsed = invitationFileSchema.safeParse(document);
  if (!parsed.success) return problemInFile(parsed.error.issues);
  const code = parseInvitation(parsed.data.code);
  return code.ok ? parsed.data : `of its code, ${describeInvitationProblem(code.problem)}`;
};

/**
 * Reads an invitation that another server wrote. Nothing is asked of that server.
 * @throws Failure PEER_INVITATION_FILE_WRONG, FILE_*, IMPORT_*
 */
export const readInvitationFile = async (file: FileInput, files: FilePort): Promise<InvitationFile> => {
  const { name, bytes } = await readInput(file, files);
  const found = problemOf(decodeText(bytes, name), name);
  if (typeof found === 'string') throw failure('PEER_INVITATION_FILE_WRONG', { path: name, problem: found });
  return found;
};
