import { IscsiError } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';

/** An answer that is asked for another case: where it can not be understood it is none, and decides nothing here. */
export const aside = <T>(answer: Promise<T>): Promise<T | null> =>
  answer.catch((error: unknown) => {
    if (error instanceof IscsiError && error.code === 'DATA_MALFORMED') return null;
    throw error;
  });

/** Runs a case, unless another one has proven it on its way. */
export const orProven =
  (id: string, run: CaseDefinition['run'], whenProven?: CaseDefinition['run']): CaseDefinition['run'] =>
  async (laboratory, figures) => {
    const proof = laboratory.proofs.get(id);
    if (!proof) return run(laboratory, figures);
    laboratory.note(`Asked in ${proof.askedIn}`, proof.answer, proof.failure === null);
    Object.assign(figures, proof.figures);
    if (proof.failure) throw proof.failure;
    await whenProven?.(laboratory, figures);
  };
