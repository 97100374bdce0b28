import { explain, failure, toEnvelope, type DetailOf } from '../../errors/failure.ts';
import type { FailureCode } from '../../messages/index.ts';
import type { Refusal } from '../plan.ts';

/** Why a phase is not planned, with what to do. */
export const refusalOf = <Code extends FailureCode>(code: Code, detail: DetailOf<Code>): Refusal => {
  const envelope = toEnvelope(failure(code, detail));
  const { what, next } = explain(envelope);
  return { code, detail: envelope.detail, what, next };
};

/** A refusal of a planner of one server, with what is to be done about it in a cluster file. */
export const inFile = (refusal: Refusal): Refusal =>
  refusal.code === 'DISK_HAS_CONTENT'
    ? refusalOf('FORM_DISK_HAS_CONTENT', {
        disk: String(refusal.detail['disk']),
        content: String(refusal.detail['content']),
      })
    : refusal;
