import { isServerChange, kindOf, partsOf, type Change } from '../../shared/changes/index.ts';
import type { Observed } from '../../shared/plan/observed.ts';
import { Secret } from '../ports/secret.ts';
import { createRunner } from '../powershell/index.ts';
import { printPortCall, scriptCallOf } from '../windows/index.ts';
import type { ResumeCommand } from '../../shared/changes/kind.ts';
import { shippedFolder } from './shipped-folder.ts';

/**
 * The PowerShell of each change, from the very calls that run on Windows, so that what is shown is what runs. Secrets are
 * prompts. Null for what changes nothing of Windows.
 */
export const renderScripts = async (
  resumeCommand: ResumeCommand,
  changes: readonly Change[],
  observed: Observed,
): Promise<(string | null)[]> => {
  const runner = createRunner({ folder: shippedFolder('powershell') });
  const given = { secret: () => new Secret(''), resumeCommand };
  const print = async (change: Change): Promise<string[]> => {
    const list = partsOf(change, observed[kindOf(change).area]);
    return Promise.all(list.filter(isServerChange).map((one) => printPortCall(runner, scriptCallOf(one, given))));
  };
  try {
    const texts: (string | null)[] = [];
    for (const change of changes) {
      const printed = await print(change);
      texts.push(printed.length > 0 ? printed.join('\n') : null);
    }
    return texts;
  } finally {
    await runner.close();
  }
};
