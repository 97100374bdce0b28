import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { runCli } from '../../support/built-cli.ts';
import { startCore, type TestCore } from '../../support/cores.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/peers.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-take-over-'));
afterAll(() => removeFolder(data));

/** Forms until the other server has done a step that this one ordered; the person there agrees as soon as they are asked. */
const formUntilOrdered = async (orderer: TestCore, other: TestCore, text: string) => {
  const plan = await orderer.call<Output<'formation.plan'>>('formation.plan', { text, path: 'cluster.json' });
  const answers = Object.fromEntries(plan.questions.map(({ id }) => [id, true]));
  for (const { node } of plan.steps) answers[`${node}/restart:${node}`] = true;
  // It never ends here, or ends with a failure: what of it is told by whoever waits.
  const ended = orderer.call('formation.apply', { text, path: 'cluster.json', answers }).then(
    () => 'formed',
    (error: unknown) => (error as { code: string }).code,
  );
  let over: string | null = null;
  void ended.then((how) => (over = how));
  const { id } = await orderer.call<{ id: string }>('peers.self', {});
  const isOrdered = async (): Promise<boolean> => {
    if (over !== null) throw new Error(`it ended before: ${over}`);
    const { consents } = await other.call<Output<'formation.consents'>>('formation.consents', {});
    if (consents.some(({ state }) => state === 'needed')) await other.call('formation.consent', { agrees: true });
    const entries = await other.call<JournalEntry[]>('journal.list', {});
    return entries.some(({ coordinator }) => coordinator === `peer:${id}`);
  };
  await until('the other server takes a step', isOrdered, 180_000, 50);
  return { ended };
};

it('lets a second console take over a formation that runs, and the first one order nothing more', async () => {
  await runCli(['rehearsal', 'create', 'lab'], { data });
  const [one, two] = [startCore(data, 'one', 'NODE1'), startCore(data, 'two', 'NODE2')];
  try {
    const endpoint = { address: '127.0.0.1', port: await freePort() };
    await one.call('peers.listen', { endpoints: [endpoint] });
    const { code } = await one.call<{ code: string }>('peers.invite', {});
    await two.call('peers.join', { code, endpoints: [endpoint] });

    const wanted = exampleClusterFile({ servers: 2 });
    for (const [index, core] of [one, two].entries()) {
      const { nics } = await core.call<{ nics: { permanentAddress: string }[] }>('nic.list', {});
      wanted.servers[index]!.nics.forEach((nic, at) => (nic.mac = nics[at]!.permanentAddress));
    }
    const text = JSON.stringify(wanted);
    expect(await one.call('coordinator.take', {})).toMatchObject({ isThisServer: true, mayOrder: true });
    const first = await formUntilOrdered(one, two, text);

    const taken = await two.call<Output<'coordinator.take'>>('coordinator.take', {});
    expect(taken).toMatchObject({ isThisServer: true, mayOrder: true, heard: { number: 2, name: 'NODE2' } });
    expect(await first.ended).toBe('COORDINATOR_OUTDATED');
    expect(await one.call('coordinator.show', {})).toMatchObject({ isThisServer: false, heard: { name: 'NODE2' } });

    const second = await formUntilOrdered(two, one, text);
    await two.call('formation.cancel', {});
    expect(await second.ended).toBe('CANCELLED');
  } finally {
    await one.close();
    await two.close();
    await runCli(['rehearsal', 'stop', 'lab'], { data });
  }
});
