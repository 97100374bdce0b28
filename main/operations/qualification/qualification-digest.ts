import { createHash } from 'node:crypto';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import { canonicalJson } from '../reports/digest.ts';

/** SHA-256 of the canonical JSON of a report without its digest. It shows an alteration; it is no signature. */
export const qualificationDigestOf = (report: QualificationReport): NonNullable<QualificationReport['digest']> => {
  const { digest: _digest, ...content } = report;
  return { algorithm: 'SHA-256', value: createHash('sha256').update(canonicalJson(content)).digest('hex') };
};
