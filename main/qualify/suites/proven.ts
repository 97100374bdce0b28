import { IscsiError } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';

const ofOthers: ReadonlySet<string> = new Set(['DATA_MALFORMED', 'COMMAND_TIMED_OUT']);

/** An answer that is asked for another case: where it does not come, or cannot be understood, it is none, and decides nothing here. */
export const aside = <T>(answer: Promise<T>): Promise<T | null> =>
  answer.catch((error: unknown) => {
    if (error instanceof IscsiError && ofOthers.has(error.code)) return null;
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
