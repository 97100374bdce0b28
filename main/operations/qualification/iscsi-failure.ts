import { Failure, cancelled, type Effect } from '../../../shared/errors/failure.ts';
import { messages, type FailureCode } from '../../../shared/messages/index.ts';
import { IscsiError } from '../../iscsi/index.ts';

const codeOf = (error: IscsiError): FailureCode => {
  const code = `ISCSI_${error.code}`;
  return code in messages ? (code as FailureCode) : 'INTERNAL_BUG';
};

/** The failure of the product for what the initiator met; portal, target and LUN stay named. */
export const toIscsiFailure = (error: IscsiError): Failure =>
  new Failure(codeOf(error), {
    message: error.message.replace(/\.(?= \(|$)/, ''),
    ...(error.portal ? { portal: error.portal } : {}),
    ...(error.target ? { target: error.target } : {}),
    ...(error.lun ? { lun: error.lun } : {}),
  });

/** Runs a conversation with a target; what it meets comes out as a failure with the next step. */
export const withIscsiFailures = async <T>(
  what: string,
  signal: AbortSignal,
  run: () => Promise<T>,
  effectWhenCancelled: () => Effect = () => 'none',
): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted) throw cancelled(what, effectWhenCancelled());
    if (error instanceof IscsiError) throw toIscsiFailure(error);
    throw error;
  }
};
