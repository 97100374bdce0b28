import { coreMessages } from './core.ts';

/**
 * Every failure code of the product with its text. Codes are `SUBJECT_WHAT_HAPPENED`; a code that has no row here does
 * not compile. docs/errors.md is generated from this table.
 */
export const messages = {
  ...coreMessages,
};

export type Messages = typeof messages;
export type FailureCode = keyof Messages;
