import type { Outcome } from '../../../shared/model/check.ts';

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type StyleName = keyof typeof codes;
export type Paint = (style: StyleName, text: string) => string;

/** Colour only on a terminal and only where NO_COLOR (no-color.org) and TERM=dumb do not speak against it. */
export const choosePaint = (isTty: boolean, env: NodeJS.ProcessEnv): Paint => {
  const wanted = isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m` : (_style, text) => text;
};

/** Each outcome has a shape and a word of its own; colour only adds to them. */
export const outcomeMarks: Record<Outcome, { mark: string; word: string; style: StyleName }> = {
  pass: { mark: '\u2713', word: 'pass', style: 'green' },
  warn: { mark: '\u25b2', word: 'warning', style: 'yellow' },
  fail: { mark: '\u2717', word: 'fail', style: 'red' },
  unknown: { mark: '?', word: 'unknown', style: 'magenta' },
  notApplicable: { mark: '\u2013', word: 'not applicable', style: 'dim' },
};

/** Makes text that came from a machine safe for a terminal: control characters and bidirectional overrides are shown, not obeyed. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === '\r' ? '' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
