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

/*
 * Makes a change to a simulated server and stops for ever in the middle of it, so that a test can kill this process
 * there: `node interrupted.mjs DATA MOMENT METHOD DESIRE ANSWERS SECRETS`. It says `reached` once it is there. METHOD is
 * a kind of change, such as `nic.addAddress`; `before` stops when it is about to be called, `after` when it has returned.
 */
const [dataFolder = '', moment = '', method = '', desire = '{}', answers = '{}', secrets = '{}'] =
  process.argv.slice(2);

const stopHere = (): Promise<never> => {
  process.stdout.write('reached\n');
  // Something has to keep the process alive until it is killed.
  return new Promise(() => setInterval(() => undefined, 60_000));
};

const stopping = (ports: Ports): Ports =>
  Object.assign(Object.create(ports) as Ports, {
    apply: async (change: ServerChange, options?: ApplyOptions): Promise<void> => {
      if (change.do !== method) return ports.apply(change, options);
      if (moment === 'before') return stopHere();
      await ports.apply(change, options);
      return stopHere();
    },
  });

const client = await WorldClient.connect(worldAddress(join(dataFolder, 'rehearsal', 'lab')), 'interrupted');
await applyDesire(
  {
    name: 'rehearsal:lab/NODE1',
    ports: stopping(rehearsalPorts(client, 'lab', 'NODE1')),
    settings: new ServerSettings(dataFolder, 'rehearsal:lab/NODE1'),
    journal: new Journal(dataFolder),
    patience: { pollMs: 20, verifyMs: 2_000, restartMs: 10_000 },
    now: () => new Date(),
    renderScripts: async () => [],
    resumeCommand: { program: 'quorate', arguments: [] },
  },
  'test.apply',
  desireSchema.parse(JSON.parse(desire)),
  { expectedPlan: null, answers: planAnswersSchema.parse(JSON.parse(answers)) },
  {
    by: 'cli',
    secrets: JSON.parse(secrets) as Record<string, string>,
    signal: new AbortController().signal,
    progress: () => undefined,
    revertAfterSeconds: 600,
  },
);
process.stderr.write(`${method} was never called\n`);
process.exit(1);
