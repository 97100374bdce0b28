/**
 * The text of a script for a scheduled task, without what only a reader wants: help, lines that are comments, indentation. The task carries its whole
 * command, encoded, and a command line of Windows has 32,767 characters (Microsoft, "CreateProcessW function"). No indentation is taken from a here-string.
 */
export const textForTask = (text: string): string => {
  const isIndentationText = /@['"][ \t]*$/m.test(text);
  return text
    .replace(/<#[\s\S]*?#>\n?/g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .map((line) => (isIndentationText ? line : line.trimStart()))
    .join('\n');
};
