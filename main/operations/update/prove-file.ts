import { verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { readFileIfThere } from '../../system/durable-file.ts';
import { fileReasonOf, messageOf } from '../../system/reason.ts';

export interface Proofs {
  /** The digest as a person got it elsewhere, in hex. */
  readonly sha256?: string | undefined;
  /** A list as sha256sum writes it; SHA256SUMS beside the file where it is left out. */
  readonly sums?: string | undefined;
  /** The publisher's certificate (PEM): then SHA256SUMS.sig has to be its signature of the list. */
  readonly certificate?: string | undefined;
}

const readShown = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failure('FILE_NOT_FOUND', { path });
    throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};

/** @returns the digest of a name in the list, in lower-case hex; undefined when it is not in it */
const digestIn = (list: string, name: string): string | undefined =>
  list
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) [ *](.+?)\r?$/i.exec(line))
    .find((line) => line?.[2] === name)?.[1]
    ?.toLowerCase();

/**
 * Holds a signature made by `openssl dgst -sha256 -sign KEY -out SHA256SUMS.sig SHA256SUMS` against the certificate of its key.
 * @throws UPDATE_SIGNATURE_WRONG, FILE_NOT_FOUND, FILE_NOT_READABLE
 */
const proveSignature = (listPath: string, list: Buffer, certificatePath: string): string => {
  const wrong = (reason: string): Error => failure('UPDATE_SIGNATURE_WRONG', { path: listPath, reason });
  const signature = readShown(`${listPath}.sig`);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readShown(certificatePath));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw wrong(`${certificatePath} is not a certificate (${messageOf(error)})`);
  }
  const now = Date.now();
  if (now < Date.parse(certificate.validFrom)) throw wrong(`the certificate is valid from ${certificate.validFrom}`);
  if (now > Date.parse(certificate.validTo)) throw wrong(`the certificate ended on ${certificate.validTo}`);
  let isRight: boolean;
  try {
    isRight = verify('sha256', list, certificate.publicKey, signature);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  if (!isRight) throw wrong(`it was not made by the key of ${certificatePath}`);
  return `SHA256SUMS is signed by ${certificate.subject.replaceAll('\n', ', ')}`;
};

/**
 * Whether the file is the one that was published.
 * @param found its SHA-256 in lower-case hex
 * @returns what was proven, as sentences
 * @throws UPDATE_DIGEST_MISSING, UPDATE_DIGEST_WRONG, UPDATE_SIGNATURE_WRONG, FILE_NOT_FOUND, FILE_NOT_READABLE
 */
export const proveFile = (path: string, found: string, { sha256, sums, certificate }: Proofs): string[] => {
  const proven: string[] = [];
  if (sha256 !== undefined) {
    const wanted = sha256.toLowerCase();
    if (wanted !== found) throw failure('UPDATE_DIGEST_WRONG', { path, found, wanted });
    proven.push('it has the digest that was given');
  }
  const listPath = sums ?? join(dirname(path), 'SHA256SUMS');
  const isListWanted = sums !== undefined || certificate !== undefined;
  const list = isListWanted ? readShown(listPath) : readFileIfThere(listPath);
  const wanted = list === null ? undefined : digestIn(list.toString(), basename(path));
  if (wanted === undefined) {
    if (sha256 === undefined || isListWanted) throw failure('UPDATE_DIGEST_MISSING', { path });
    return proven;
  }
  if (wanted !== found) throw failure('UPDATE_DIGEST_WRONG', { path, found, wanted });
  proven.push(`it has the digest of ${listPath}`);
  if (certificate !== undefined) proven.push(proveSignature(listPath, Buffer.from(list!), certificate));
  else proven.push('who made it is not proven: no certificate was given');
  return proven;
};
