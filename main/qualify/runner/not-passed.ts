import type { IscsiError } from '../../iscsi/index.ts';

/**
 * How a case ended. It passes by returning; it fails, or does not reach a judgement, by throwing {@link NotPassed}. Anything
 * else that is thrown (a lost session, say) is inconclusive: nothing was proven either way.
 */
export class NotPassed extends Error {
  readonly verdict: 'failed' | 'skipped' | 'inconclusive';
  /** The reason is that nothing was answered, so that the unit cannot be asked what it is either. */
  readonly isSilence: boolean;

  constructor(verdict: 'failed' | 'skipped' | 'inconclusive', because: string, { isSilence = false } = {}) {
    super(because);
    this.name = 'NotPassed';
    this.verdict = verdict;
    this.isSilence = isSilence;
  }
}

export const failed = (because: string): NotPassed => new NotPassed('failed', because);
/** Failed because an answer did not come in the time that it may take. */
export const failedInSilence = (because: string): NotPassed => new NotPassed('failed', because, { isSilence: true });
export const skipped = (because: string): NotPassed => new NotPassed('skipped', because);
export const inconclusive = (because: string): NotPassed => new NotPassed('inconclusive', because);

/** What ended a conversation, as a part of a sentence. */
export const describeBreak = (error: IscsiError): string => error.message.replace(/\.(?= \(|$)/, '');
