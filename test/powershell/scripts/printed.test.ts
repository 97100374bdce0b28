import { join } from 'node:path';
import * as z from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../main/ports/secret.ts';
import type { ScriptCall } from '../../../main/windows/call.ts';
import { scriptCallOf } from '../../../main/windows/apply.ts';
import { printPortCall } from '../../../main/windows/render-scripts.ts';
import { revertCalls } from '../../../main/windows/revert-calls.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { allSamples, sampleChanges } from '../../support/changes.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** What `--script` prints: it parses, holds no secret, and does what the port's method does. */
const secretText = 'Never-Printed-42';
const secret = new Secret(secretText);
const nic = '{AAAAAAAA-0000-4000-8000-000000000001}';

const resumeCommand = {
  program: 'C:\\Program Files\\Quorate\\quorate.exe',
  arguments: ['resume', '--data', 'C:\\a b\\'],
};
const callOf = (change: ServerChange): ScriptCall => scriptCallOf(change, { secret: () => secret, resumeCommand });

/** The call of every kind of change, and of what else changes something. */
const samples: readonly (readonly [string, ScriptCall])[] = [
  ...allSamples.map((change) => [change.do, callOf(change)] as const),
  ['nics.disarmRevert', revertCalls.disarmRevert('change-1')],
  ['disks.rescan', { script: 'Update-DiskList', input: {} }],
];

const syntaxSchema = z.looseObject({ problems: z.array(z.unknown()), newer: z.array(z.unknown()) });

describe.skipIf(engineMissing)('printed scripts', () => {
  let engine: Engine;
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld();
    engine = await startEngine({
      world: { address: world.address, server: 'NODE1' },
      sources: [join(import.meta.dirname, '../simulated/fixtures'), join(import.meta.dirname, '../signatures/net')],
    });
  });
  afterAll(async () => {
    await engine.close();
    await world.stop();
  });

  const run = async (text: string): Promise<void> => {
    const answer = await engine.runner.run('Test-Snippet', { text });
    expect(answer).toMatchObject({ ok: true, data: { ok: true } });
  };

  it.each(samples)('%s: parses, and holds no secret', async (name, call) => {
    const text = await printPortCall(engine.runner, call);
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    expect(answer).toMatchObject({ ok: true, data: { problems: [], newer: [] } });
    expect(text).not.toContain(secretText);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    // A secret that the call takes is asked for when the text runs.
    const takesSecret = JSON.stringify(call.input).includes('[secret]');
    expect([name, text.includes('Read-Host -AsSecureString')]).toEqual([name, takesSecret]);
  });

  it('the revert of a network change carries its own text', async () => {
    const restore = [{ interfaceGuid: nic, dnsServers: { family: 'ipv4' as const, servers: [] } }];
    const command = await printPortCall(engine.runner, revertCalls.restore('change-1', restore));
    const text = await printPortCall(engine.runner, revertCalls.armRevert('change-1', 60, command));
    const answer = await engine.runner.run('Get-ScriptSyntax', { text }, { output: syntaxSchema });
    expect(answer).toMatchObject({ ok: true, data: { problems: [], newer: [] } });
  });

  it('do what the method does', async () => {
    const ports = await world.ports('NODE1');
    const [first] = await ports.nics.list();
    const name = "Produktion 'A' – 東京";
    await run(
      await printPortCall(engine.runner, callOf({ do: 'nic.rename', nic: first!.interfaceGuid, newName: name })),
    );
    await run(
      await printPortCall(
        engine.runner,
        callOf({ do: 'nic.setDnsServers', nic: first!.interfaceGuid, family: 'ipv4', servers: ['192.0.2.53'] }),
      ),
    );
    await run(await printPortCall(engine.runner, callOf(sampleChanges['host.setTime'])));
    await run(await printPortCall(engine.runner, callOf(sampleChanges['disk.setSanPolicy'])));
    const [nicNow] = await ports.nics.list();
    expect([nicNow!.name, nicNow!.dnsServers!.ipv4]).toEqual([name, ['192.0.2.53']]);
    expect((await ports.host.readTimeSource()).servers).toEqual(['ntp1.test']);
    expect((await ports.disks.readPolicy()).sanPolicy).toBe('OfflineShared');
    await ports.close();
  });
});
