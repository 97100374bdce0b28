/** The machine whose shell takes a command: that of this process, or of the browser that shows the sentence. */
type Platform = 'win32' | 'other';

const here = globalThis as {
  readonly process?: { readonly platform?: string };
  readonly navigator?: { readonly userAgent?: string };
};

const platformHere = (): Platform =>
  (here.process?.platform ?? (/\bWindows\b/.test(here.navigator?.userAgent ?? '') ? 'win32' : 'other')) === 'win32'
    ? 'win32'
    : 'other';

/** What no shell takes for anything but itself. */
const plain = /^[\w@%+=:,./-]+$/;
/** PowerShell makes a list of what has a comma and reads "@" at the beginning as a variable; cmd takes "," and "=" for blanks. */
const plainOnWindows = /^[\w+:./\\-]+$/;
/** What PowerShell replaces between double quotation marks, and what ends them: to it the marks of a printer are marks as well. */
const unlikeOnWindows = /["$`“”„%]/;
/** What cmd replaces between quotation marks as well. */
const onlyForPowerShell = /%/;

type Quote = (word: string) => string;

const inSh: Quote = (word) => (plain.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** Backslashes before a quotation mark are doubled, and it has one of its own: so a program takes its arguments apart (CommandLineToArgvW). */
const escaped = (word: string): string => word.replaceAll(/(\\*)"/g, '$1$1\\"');

/** The same for cmd and PowerShell, where there is nothing in it that either replaces. */
const onWindows: Quote = (word) => (plainOnWindows.test(word) ? word : `"${escaped(word).replace(/\\+$/, '$&$&')}"`);

/** Windows PowerShell hands a quotation mark on as it stands, so that the program needs the backslash. */
const inPowerShell: Quote = (word) =>
  plainOnWindows.test(word) ? word : `'${escaped(word).replaceAll(/['‘’‚‛]/g, '$&$&')}'`;

/** The command in the quotation marks of its sentence, which are none of its own. */
const sentenceQuoted = (words: readonly string[], quote: Quote): string => {
  const command = words.map(quote).join(' ');
  if (!command.includes('"')) return `"${command}"`;
  return command.includes("'") ? `“${command}”` : `'${command}'`;
};

/**
 * A command inside a sentence, in quotes of its own: what stands between them can be typed as it is. On Windows one form does for cmd and PowerShell;
 * where a word has what they read differently, both are given.
 */
export const shellCommand = (words: readonly string[], platform: string = platformHere()): string => {
  if (platform !== 'win32') return sentenceQuoted(words, inSh);
  if (!words.some((word) => unlikeOnWindows.test(word))) return sentenceQuoted(words, onWindows);
  if (words.some((word) => onlyForPowerShell.test(word))) return `${sentenceQuoted(words, inPowerShell)} in PowerShell`;
  return `${sentenceQuoted(words, onWindows)} in cmd, or ${sentenceQuoted(words, inPowerShell)} in PowerShell`;
};
