import { warningAcceptanceSchema, type WarningAcceptance } from '../../shared/contract/formation.ts';
import { UsageError } from './context.ts';

/** `Validate IP Configuration=the second network comes next week`: a test of the validation, and why its warning is accepted. */
export const readAcceptance = (text: string): WarningAcceptance => {
  const at = text.indexOf('=');
  const parsed = warningAcceptanceSchema.safeParse({
    test: text.slice(0, Math.max(at, 0)),
    because: text.slice(at + 1),
  });
  if (at < 0 || !parsed.success)
    throw new UsageError(
      `--accept-warning takes TEST=REASON with a reason of at least ten characters, such as "Validate IP Configuration=the second network follows", not "${text}".`,
    );
  return parsed.data;
};
