import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { composeCore } from '../../../main/agent/compose.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';
import { startRehearsedWorld } from '../../../main/rehearsal/host/rehearsed-world.ts';
import { startWorld } from '../../../main/rehearsal/host/start-world.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { clusterFileSchema } from '../../../shared/model/cluster-file.ts';
import type { FormationPlan, FormationStep } from '../../../shared/model/formation.ts';
import { restartQuestion } from '../../../shared/plan/formation/restart.ts';
import { questionId } from '../../../shared/plan/plan.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const names = ['NODE1', 'NODE2'] as const;
const consentEveryMs = 50;

it('asks for no serial number twice where the coordinator ended in between, unless the disk holds something else', async () => {
  const data = mkdtempSync(join(tmpdir(), 'quorate-serials-'));
  onTestFinished(() => removeFolder(data));
  const example = exampleClusterFile({ servers: 2 });
  for (const lun of example.storage.luns) lun.discardContent = true;
  example.drill = { quickMigration: false, loseHost: false, restartServers: false };
  const text = JSON.stringify(example);
  const folder = join(data, 'rehearsal', 'w1');
  const file = clusterFileSchema.parse(example);
  const world = await startRehearsedWorld({
    ...{ folder, servers: join(data, 'servers.json'), file, version: '2022', seed: 1, goesOn: false },
  });
  onTestFinished(() => world.stop());
  const client = await startWorld({ folder, who: 'test' });
  onTestFinished(() => client.close());
  const { luns } = (await client.control('snapshot')) as WorldState;
  /** So many partitions of somebody, without a file system that the formation could keep. */
  const fill = (lun: string, count: number): Promise<unknown> =>
    client.control('alterLun', {
      lun,
      content: {
        ...{ style: 'gpt', guid: '{11111111-2222-3333-4444-555555555555}' },
        partitions: Array.from({ length: count }, (_, at) => ({
          ...{
            number: at + 1,
            offsetBytes: String(1_048_576 + at * 536_870_912),
            sizeBytes: '536870912',
            mbrType: null,
          },
          gptType: '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}',
          guid: `{11111111-2222-3333-4444-66666666666${at}}`,
          volume: { guid: `{0000-${lun}-${at}}`, fileSystem: 'ReFS', label: `Old ${at}`, allocationUnitBytes: 65_536 },
        })),
      },
    });
  const data1 = Object.keys(luns).find((id) => !/witness/i.test(id)) ?? '';
  await fill(data1, 1);
  const portals = await world.serveTarget(file.storage.target);

  /** Both servers as their processes start. */
  const open = async (beforeStep: (step: FormationStep) => Promise<void>) => {
    const cores = names.map((server) => {
      const dataFolder = join(data, server);
      mkdirSync(dataFolder, { recursive: true });
      return composeCore({
        ...{ dataFolder, worldsFolder: data, host: 'agent', durability: 'process', patience: { pollMs: 10 } },
        localServer: { kind: 'rehearsal', world: 'w1', server },
        beforeStep,
        reachPortal: (address, port) => {
          const { host, port: at } = portals.find(({ standsFor }) => standsFor === `${address}:${port}`)!;
          return { portal: `${host}:${at}` };
        },
      });
    });
    const [one, other] = cores;
    const ask = async <T>(core: typeof one, method: string, input: unknown): Promise<T> => {
      const outcome = await core!.core.call(method, input, { caller: { kind: 'cli' } });
      if (!outcome.ok) throw new Error(`${outcome.error.code} ${JSON.stringify(outcome.error.detail)}`);
      return outcome.result as T;
    };
    for (const { peers } of cores) await peers.start([{ address: '127.0.0.1', port: 0 }]);
    if ((await one!.peers.names()).length === 0) {
      const { code, endpoints } = await ask<{ code: string; endpoints: object[] }>(one, 'peers.invite', {});
      await ask(other, 'peers.join', { code, endpoints });
    }
    await ask(one, 'coordinator.take', {});
    const agreeing = setInterval(
      () =>
        void ask<{ consents: { formation: string; state: string }[] }>(other, 'formation.consents', {}).then(
          ({ consents }) => {
            for (const { formation } of consents.filter(({ state }) => state === 'needed'))
              void ask(other, 'formation.consent', { formation, agrees: true });
          },
        ),
      consentEveryMs,
    );
    return {
      plan: (goesOn = true) => ask<FormationPlan>(one, 'formation.plan', { text, path: 'cluster.json', goesOn }),
      form: (answers: Record<string, string | boolean>, goesOn = true) =>
        ask<{ outcome: string }>(one, 'formation.apply', {
          ...{ text, path: 'cluster.json', goesOn, secrets: world.secrets },
          answers: { ...Object.fromEntries(names.map((name) => [restartQuestion(name), true])), ...answers },
          acceptWarnings: [],
        }),
      close: async () => {
        clearInterval(agreeing);
        for (const { peers, closeServers } of cores) {
          await peers.close();
          await closeServers();
        }
      },
    };
  };

  const stopAtDisk = (step: FormationStep): Promise<void> =>
    step.change?.do.startsWith('disk.clear') ? Promise.reject(new Error('the process ends')) : Promise.resolve();
  const question = questionId('NODE1', 'serialNumber', luns[data1]!.uniqueId);
  const first = await open(stopAtDisk);
  await expect(first.form({ [question]: luns[data1]!.serial })).rejects.toThrow('the process ends');
  await first.close();

  const second = await open(stopAtDisk);
  const asked = async (of: typeof second, goesOn = true) =>
    (await of.plan(goesOn)).questions.find(({ id }) => id.toLowerCase() === question.toLowerCase());
  expect(await asked(second)).toMatchObject({ kind: 'serialNumber', answered: true });
  // It comes as far as the first one did, and no further: no question is open.
  await expect(second.form({})).rejects.toThrow('the process ends');
  // Whoever begins anew has agreed to nothing.
  expect(await asked(second, false)).toMatchObject({ kind: 'serialNumber', answered: false });
  await expect(second.form({}, false)).rejects.toThrow('FORM_QUESTION_OPEN');
  await fill(data1, 2);
  expect(await asked(second)).toMatchObject({ kind: 'serialNumber', answered: false });
  await expect(second.form({})).rejects.toThrow('FORM_QUESTION_OPEN');
  await second.close();
});
