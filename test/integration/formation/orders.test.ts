import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { composeCore } from '../../../main/agent/compose.ts';
import { worldAddress } from '../../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../../main/rehearsal/world/client.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import type { ServerPlan } from '../../../shared/model/formation.ts';
import { runCli } from '../../support/built-cli.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-orders-'));
afterAll(() => removeFolder(data));

/** A paired server as the channel hands its calls in, in an epoch or in none. */
const peer = (letter: string, number: number | null) => {
  const fingerprint = letter.repeat(64);
  const epoch = number === null ? null : { number, coordinator: fingerprint };
  return { kind: 'peer', id: fingerprint.slice(0, 16), fingerprint, epoch } as const;
};
const here = { kind: 'cli' } as const;

it('does for another server only what follows from its file, in a valid epoch, after a person here agreed', async () => {
  await runCli(['rehearsal', 'create', 'lab'], { data });
  const localServer = { kind: 'rehearsal', world: 'lab', server: 'NODE1' } as const;
  const { core, peers, closeServers } = composeCore({ dataFolder: data, host: 'agent', localServer });
  type Caller = Parameters<typeof core.call>[2]['caller'];
  const call = async <T>(method: string, input: object, caller: Caller): Promise<T> => {
    const outcome = await core.call(method, input, { caller });
    if (!outcome.ok) throw Object.assign(new Error(outcome.error.code), outcome.error);
    return outcome.result as T;
  };
  try {
    const { nics } = await call<{ nics: { permanentAddress: string }[] }>('nic.list', { server: 'local' }, here);
    const wanted = exampleClusterFile({ servers: 2 });
    wanted.servers[0]!.nics.forEach((nic, index) => (nic.mac = nics[index]!.permanentAddress));
    const text = JSON.stringify(wanted);
    const formation = 'form-1';
    const joinWith = (caller: Caller, more: object = {}) =>
      call<{ plan: ServerPlan; consent: string }>('formation.join', { text, formation, ...more }, caller);

    // To look is no order, and nothing is remembered of it.
    const looked = await call<ServerPlan>('formation.look', { text }, peer('a', null));
    const first = looked.phases
      .flatMap(({ steps }) => steps)
      .find(({ certainty, requires, change }) => certainty === 'planned' && requires.length === 0 && change)!;
    const take = (caller: Caller) =>
      call<{ state: string }>('formation.take', { formation, step: first.id, secrets: {} }, caller);
    await expect(take(peer('a', 2))).rejects.toMatchObject({ code: 'FORM_STEP_NOT_PLANNED' });
    await expect(joinWith(peer('a', null))).rejects.toMatchObject({ code: 'CALL_NOT_ALLOWED' });

    expect(await joinWith(peer('a', 2))).toMatchObject({ plan: { server: 'NODE1' }, consent: 'needed' });
    await expect(take(peer('a', 2))).rejects.toMatchObject({ code: 'FORM_CONSENT_NEEDED', effect: 'none' });
    await expect(joinWith(peer('b', 1))).rejects.toMatchObject({ code: 'COORDINATOR_OUTDATED' });
    await expect(joinWith(peer('b', 2))).rejects.toMatchObject({ code: 'COORDINATOR_OUTDATED' });

    const { consents } = await call<{ consents: { steps: { title: string }[] }[] }>('formation.consents', {}, here);
    expect(consents[0]!.steps.map(({ title }) => title)).toContain(first.title);
    await expect(call('formation.consent', { agrees: true }, peer('a', 2))).rejects.toMatchObject({
      code: 'CALL_NOT_ALLOWED',
    });
    await call('formation.consent', { agrees: true }, here);
    expect(await take(peer('a', 2))).toMatchObject({ state: 'done' });
    const entries = await call<JournalEntry[]>('journal.list', {}, here);
    expect(entries[0]).toMatchObject({ kind: 'formation', parent: formation, coordinator: `peer:${'a'.repeat(16)}` });

    // A person here changes their mind: nothing more is done, and the coordinator is told.
    await call('formation.consent', { formation, agrees: false }, here);
    expect(await call('formation.agreed', { formation }, peer('a', 2))).toEqual({ consent: 'refused' });
    const again = await joinWith(peer('a', 2));
    expect(again.consent).toBe('refused');
    const next = again.plan.phases.flatMap(({ steps }) => steps).find(({ certainty }) => certainty === 'planned')!;
    await expect(call('formation.take', { formation, step: next.id }, peer('a', 2))).rejects.toMatchObject({
      code: 'FORM_CONSENT_NEEDED',
    });
    await call('formation.consent', { formation, agrees: true }, here);

    // A step outlives the connection of whoever ordered it: until it is over, nothing is planned that would do it once more.
    const world = await WorldClient.connect(worldAddress(join(data, 'rehearsal', 'lab')), 'orders');
    const hang = await world.control('setFault', { kind: 'hang', server: 'NODE1', on: next.change!.do });
    const taking = call<{ state: string }>('formation.take', { formation, step: next.id }, peer('a', 2));
    await expect.poll(() => core.activities.running().length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    let planned: ServerPlan | null = null;
    const joining = joinWith(peer('a', 2)).then(({ plan }) => (planned = plan));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(planned).toBeNull();
    await world.control('clearFault', { id: hang });
    world.close();
    expect(await taking).toMatchObject({ state: 'done' });
    expect((await joining).phases.flatMap(({ steps }) => steps).map(({ id }) => id)).not.toContain(next.id);

    // Another file is another formation, although the same server gives it.
    const changed = await joinWith(peer('a', 2), { text: `${text}\n`, formation: 'form-2' });
    expect(changed.consent).toBe('needed');
    // Another server has an epoch above, and still nothing of what was agreed to for the first one.
    await expect(take(peer('b', 3))).rejects.toMatchObject({ code: 'FORM_STEP_NOT_PLANNED' });
    await expect(take(peer('a', 2))).rejects.toMatchObject({ code: 'COORDINATOR_OUTDATED' });
    expect(await joinWith(peer('b', 3), { formation: 'form-3' })).toMatchObject({ consent: 'needed' });
  } finally {
    await peers.close();
    await closeServers();
    await runCli(['rehearsal', 'stop', 'lab'], { data });
  }
});
