import { IscsiError } from '../error.ts';

/** The longest that a timer of Node can wait; beyond it fires at once. */
export const MAX_TIMEOUT_MS = 0x7fffffff;

/** OPTION_OUT_OF_RANGE unless the time is left out or from 1 to 2147483647 ms. */
export const wrongTimeout = (option: string, valueMs: number | undefined): IscsiError | undefined =>
  // Written so that NaN is refused.
  valueMs === undefined || (valueMs >= 1 && valueMs <= MAX_TIMEOUT_MS)
    ? undefined
    : new IscsiError('OPTION_OUT_OF_RANGE', {
        phase: 'input',
        detail: { option, reason: `${String(valueMs)} is not a time from 1 to ${MAX_TIMEOUT_MS} ms` },
      });

/** Throws OPTION_OUT_OF_RANGE unless the time is left out, from 1 to 2147483647 ms or, where that means never, 0. */
export const checkTimeout = (option: string, valueMs: number | undefined, zero?: 'zeroIsNever'): void => {
  if (valueMs === 0 && zero === 'zeroIsNever') return;
  const wrong = wrongTimeout(option, valueMs);
  if (wrong !== undefined) throw wrong;
};
