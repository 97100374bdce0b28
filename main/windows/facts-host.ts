import * as z from 'zod';
import { classesOfCollected, collectedSchema } from '../../shared/model/collected.ts';
import { factsFromWmi } from '../../shared/model/wmi-facts.ts';
import type { FactsPort } from '../ports/facts-port.ts';
import type { Runner } from '../powershell/index.ts';

/** The result of Get-HostFact.ps1: the collector's document without its frame. */
const hostFactSchema = z.object({
  classes: collectedSchema.shape.classes,
  errors: z.record(z.string(), z.string()),
});

export interface WindowsFactsSettings {
  /** Started when the first fact is asked for, so that a captured tree needs no PowerShell. */
  readonly runner: () => Promise<Pick<Runner, 'run'>>;
  readonly version: string;
  readonly now: () => Date;
}

/** Twelve classes, each with 30 s of its own at the most; a busy old server takes a minute. */
const deadlineMs = 180_000;

/** The facts of the Windows Server that this process runs on, through one script. */
export const windowsFactsHost = (settings: WindowsFactsSettings): FactsPort => ({
  gather: async ({ signal, progress }) => {
    const collectedAt = settings.now().toISOString();
    progress?.({ doing: 'Starting PowerShell', done: null, total: null, leftMs: null });
    const runner = await settings.runner();
    const answer = await runner.run(
      'Get-HostFact',
      {},
      { signal, deadlineMs, output: hostFactSchema, onProgress: progress, long: false },
    );
    // Without expected codes every failure was thrown.
    if (!answer.ok) throw answer.failure;
    return factsFromWmi(classesOfCollected(answer.data, 'CIM'), {
      collectedAt,
      collectedBy: { tool: 'quorate', version: settings.version },
      source: { kind: 'live', names: [] },
      notes: [],
    });
  },
});
