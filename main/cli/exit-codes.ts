/** The exit codes of every command; documented in docs/cli.md. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  checkFailed: 4,
  unknown: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
