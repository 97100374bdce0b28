import type { IscsiError } from '../../iscsi/index.ts';

/**
 * How a case ended. It passes by returning; it fails, or does not reach a judgement, by throwing {@link NotPassed}. Anything
 * else that is thrown (a lost session, say) is inconclusive: nothing was proven either way.
 */
export class NotPassed extends Error {
  readonly verdict: 'failed' | 'skipped' | 'inconclusive';

  constructor(verdict: 'failed' | 'skipped' | 'inconclusive', because: string) {
    super(because);
    this.name = 'NotPassed';
    this.verdict = verdict;
  }
}

export const failed = (because: string): NotPassed => new NotPassed('failed', because);
export const skipped = (because: string): NotPassed => new NotPassed('skipped', because);
export const inconclusive = (because: string): NotPassed => new NotPassed('inconclusive', because);

/** What ended a conversation, as a part of a sentence. */
export const describeBreak = (error: IscsiError): string => error.message.replace(/\.(?= \(|$)/, '');
