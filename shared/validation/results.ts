import type { ValidationResult } from './report.ts';

/**
 * The pictures of a report, by their `name`: in every language the same [I], and read first for that reason. Only
 * SuccessImg and NotApplicableImg are proven by published reports; docs/windows-model.md says so.
 */
const byImage: Readonly<Record<string, ValidationResult>> = {
  successimg: 'success',
  warningimg: 'warning',
  failedimg: 'failed',
  failimg: 'failed',
  errorimg: 'failed',
  notapplicableimg: 'notApplicable',
  canceledimg: 'cancelled',
  cancelledimg: 'cancelled',
  cancelimg: 'cancelled',
};

/** The words, in the spellings that parsers of such reports accept in public code. */
const byWord: Readonly<Record<string, ValidationResult>> = {
  success: 'success',
  succeeded: 'success',
  passed: 'success',
  warning: 'warning',
  warnings: 'warning',
  failed: 'failed',
  failure: 'failed',
  error: 'failed',
  'not applicable': 'notApplicable',
  canceled: 'cancelled',
  cancelled: 'cancelled',
};

/**
 * The result of a row. Word and picture that contradict each other, or that are both not known, give `unknown` with what
 * stands there: a new word of a later Windows is shown, never guessed.
 */
export const resultOf = (word: string, image: string): { result: ValidationResult; raw: string } => {
  const said = byWord[word.toLowerCase()];
  const drawn = byImage[image.toLowerCase()];
  const raw = said !== undefined && said === drawn ? word : [word, image === '' ? '' : `(${image})`].join(' ').trim();
  if (said !== undefined && drawn !== undefined && said !== drawn) return { result: 'unknown', raw };
  return { result: drawn ?? said ?? 'unknown', raw };
};

/**
 * A date of an English (United States) report, `11/19/2017 8:31:38 PM`, as local time in ISO 8601; null for any other form, because
 * 3/4/2025 is two dates.
 */
export const readReportDate = (text: string, isEnglishUs: boolean): string | null => {
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2}):(\d{2})[ \u00a0\u202f](AM|PM)$/i.exec(text.trim());
  if (!parts || !isEnglishUs) return null;
  const [month, day, year, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month > 12 || day > 31 || hour < 1 || hour > 12 || minute > 59 || second > 59) return null;
  const hours = (hour % 12) + (parts[7]?.toUpperCase() === 'PM' ? 12 : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${two(minute)}:${two(second)}`;
};
