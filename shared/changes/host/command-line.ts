/**
 * One argument as CommandLineToArgvW reads it back: quoted where it has blanks or quotes, backslashes doubled where a
 * quote follows. https://learn.microsoft.com/en-us/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 */
const quoteArgument = (argument: string): string => {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  const escaped = argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${escaped}"`;
};

/** Arguments as one command line of Windows. */
export const toCommandLine = (given: readonly string[]): string => given.map(quoteArgument).join(' ');
