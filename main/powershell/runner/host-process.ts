import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { PowerShell, type PowerShellOptions, type PSExecutableType } from 'node-powershell';

/** node-powershell with the program that we chose; it would look at NODE_POWERSHELL and names of its own. */
class HostedPowerShell extends PowerShell {
  protected override setExecutable({ executable }: { executable?: PSExecutableType }): string {
    return executable ?? '';
  }
}

/** A process that node-powershell started, and the streams as it set them. */
export interface HostProcess {
  readonly child: ChildProcess;
  readonly streams: PowerShell['streams'];
}

/**
 * Starts PowerShell by node-powershell. It keeps the process to itself, which a host of long sessions has to know: how it ended and when
 * the last output was read. Node tells of each process that is made on the channel `child_process`
 * (https://nodejs.org/api/diagnostics_channel.html). Throws what spawn throws.
 */
export const startHostProcess = (options: PowerShellOptions): HostProcess => {
  let child: ChildProcess | undefined;
  const onMade = (message: unknown): void => {
    child ??= (message as { readonly process: ChildProcess }).process;
  };
  subscribe('child_process', onMade);
  let shell: PowerShell;
  try {
    shell = new HostedPowerShell(options);
  } finally {
    unsubscribe('child_process', onMade);
  }
  if (!child) throw new Error('this Node does not tell of the processes that it makes');
  // Its own promise of the end is refused for every end but a good one; without somebody who hears of it this process would end.
  const heed = (): void => void shell.dispose().catch(() => undefined);
  child.once('exit', heed).once('error', heed);
  return { child, streams: shell.streams };
};
