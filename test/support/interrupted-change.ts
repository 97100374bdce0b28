import { join } from 'node:path';
import { ServerSettings } from '../../main/journal/server-settings.ts';
import { Journal } from '../../main/journal/journal.ts';
import { applyDesire } from '../../main/operations/plans/apply-plan.ts';
import type { ApplyOptions } from '../../main/ports/call.ts';
import type { Ports } from '../../main/ports/ports.ts';
import { rehearsalPorts } from '../../main/rehearsal/host/rehearsal-host.ts';
import { worldAddress } from '../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../main/rehearsal/world/client.ts';
import type { ServerChange } from '../../shared/changes/index.ts';
import { desireSchema } from '../../shared/plan/desire.ts';
import { planAnswersSchema } from '../../shared/plan/plan.ts';

/** A change to a simulated server, and where it stops. */
export interface InterruptedChange {
  readonly dataFolder: string;
  /** The name of the rehearsal; `lab` where it is left out. A process makes one change at a time to a server of one name. */
  readonly rehearsal?: string;
  /** `before` stops when the call is about to be made, `after` when it has returned. */
  readonly moment: 'before' | 'after';
  /** A kind of change, such as `nic.addAddress`. */
  readonly method: string;
  readonly desire: unknown;
  readonly answers?: unknown;
  readonly secrets?: Readonly<Record<string, string>>;
}

/*
 * Makes changes and stops for ever in the middle of each, so that a test can kill this process there:
 * `node interrupted.mjs CHANGE...`, each an InterruptedChange as JSON. It says `reached` once for each that is there.
 */
const stopHere = (): Promise<never> => {
  process.stdout.write('reached\n');
  // Something has to keep the process alive until it is killed.
  return new Promise(() => setInterval(() => undefined, 60_000));
};

const stopping = (ports: Ports, { moment, method }: InterruptedChange): Ports =>
  Object.assign(Object.create(ports) as Ports, {
    apply: async (change: ServerChange, options?: ApplyOptions): Promise<void> => {
      if (change.do !== method) return ports.apply(change, options);
      if (moment === 'before') return stopHere();
      await ports.apply(change, options);
      return stopHere();
    },
  });

const make = async (wanted: InterruptedChange): Promise<void> => {
  const { dataFolder, rehearsal = 'lab', method } = wanted;
  const name = `rehearsal:${rehearsal}/NODE1`;
  const client = await WorldClient.connect(worldAddress(join(dataFolder, 'rehearsal', rehearsal)), 'interrupted');
  await applyDesire(
    {
      name,
      ports: stopping(rehearsalPorts(client, rehearsal, 'NODE1'), wanted),
      settings: new ServerSettings(dataFolder, name),
      journal: new Journal(dataFolder),
      patience: { pollMs: 20, verifyMs: 20_000, restartMs: 60_000 },
      now: () => new Date(),
      renderScripts: async () => [],
      resumeCommand: { program: 'quorate', arguments: ['journal', 'resume', '--yes'] },
    },
    'test.apply',
    desireSchema.parse(wanted.desire),
    { expectedPlan: null, answers: planAnswersSchema.parse(wanted.answers ?? {}) },
    {
      by: 'cli',
      secrets: wanted.secrets ?? {},
      signal: new AbortController().signal,
      progress: () => undefined,
      revertAfterSeconds: 600,
    },
  );
  throw new Error(`${method} was never called`);
};

try {
  await Promise.all(process.argv.slice(2).map((text) => make(JSON.parse(text) as InterruptedChange)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
