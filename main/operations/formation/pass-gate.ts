import { failure } from '../../../shared/errors/failure.ts';
import { judgeGate, namesOfFindings, type GateFinding, type JudgedGate } from '../../../shared/plan/formation/gate.ts';
import type { WarningAcceptance } from '../../../shared/contract/formation.ts';

/** What a gate says where something stops it. */
interface GateCodes {
  readonly failed: 'FORM_SERVERS_DIFFER' | 'FORM_LUNS_DIFFER' | 'FORM_NETWORKS_FAIL';
  readonly unknown: 'FORM_SERVERS_UNKNOWN' | 'FORM_LUNS_UNKNOWN' | 'FORM_NETWORKS_UNKNOWN';
}

/** The first of these, and how many more there are. */
const inWords = ([first, ...more]: readonly GateFinding[]): string =>
  `${first?.text ?? ''}${more.length > 0 ? ` And ${more.length} more.` : ''}`;

/**
 * Lets a formation on, with what a person accepted and what is not known but decides nothing. Throws the failure of `codes` for what fails, or decides
 * and is not known, and FORM_WARNINGS_OPEN for warnings that nobody accepted by their names.
 */
export const passGate = (
  findings: readonly GateFinding[],
  acceptances: readonly WarningAcceptance[],
  codes: GateCodes,
): Pick<JudgedGate, 'accepted' | 'told'> => {
  const { failed, unknown, open, accepted, told } = judgeGate(findings, acceptances);
  const [worst] = failed;
  if (worst) throw failure(codes.failed, { what: inWords(failed), next: worst.next });
  const [hidden] = unknown;
  if (hidden) throw failure(codes.unknown, { what: inWords(unknown), next: hidden.next });
  const [warned] = open;
  if (warned)
    throw failure('FORM_WARNINGS_OPEN', {
      names: namesOfFindings(open).join(', '),
      what: inWords(open),
      next: warned.next,
    });
  return { accepted, told };
};
