import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { startFakeWorld, type FakeWorld } from './simulated/fake-world.ts';

/** No test reaches a real command that changes this machine: a full PowerShell has them on every system. */
const sources = [join(import.meta.dirname, 'simulated/fixtures')];

describe.skipIf(engineMissing)('a session without simulated modules', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ sources });
    await engine.runner.warm();
  });
  afterAll(() => engine.close());

  it('has the real Restart-Computer, and no changing script reaches it', async () => {
    await expect(engine.runner.run('Restart-Host', {})).rejects.toThrow(
      /^Restart-Host would reach this machine itself: .*Restart-Computer \(Cmdlet of Microsoft\.PowerShell\.Management\)/,
    );
  });

  it.each([
    ['a command by its module', 'Microsoft.PowerShell.Management\\Restart-Computer -WhatIf'],
    ['a native program', "sh -c 'true'"],
    ['an alias', 'kill -Id 0 -WhatIf'],
    ['a command inside a block', "1 | ForEach-Object { Set-Content -Path '/dev/null' -Value $_ -WhatIf }"],
  ])('refuses a text with %s', async (_what, text) => {
    await expect(engine.runner.run('Test-Snippet', { text })).rejects.toThrow(/would reach this machine itself/);
  });

  it('lets a text run whose commands change nothing, or are not there', async () => {
    const answer = await engine.runner.run('Test-Snippet', {
      text: "function Set-Own { 'own' }\nSet-Own\nif ($false) { Set-ClusterFrobnication }\nGet-Date | Select-Object -ExpandProperty Kind",
    });
    expect(answer).toMatchObject({ ok: true, data: { ok: true, data: ['own', 'Local'] } });
  });
});

describe.skipIf(engineMissing)('a session with simulated modules', () => {
  let engine: Engine;
  let world: FakeWorld;
  beforeAll(async () => {
    world = await startFakeWorld();
    engine = await startEngine({ sources, world: { address: world.address, server: 'NODE1' } });
    await engine.runner.warm();
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });

  it('lets every changing script of the product run, and each of its commands is simulated', async () => {
    const texts: string[] = [];
    for (const name of await engine.runner.scripts.names()) {
      const { text, changes } = await engine.runner.scripts.read(name);
      if (changes !== 'nothing') texts.push(`# ${name}\n& {\n${text}\n}`);
    }
    expect(texts.length).toBeGreaterThan(40);
    // As a text that is not run: the guard looks at all of it.
    const answer = await engine.runner.run('Test-Snippet', {
      text: `if ($false) {\n${texts.join('\n')}\n}\n'looked at'`,
    });
    expect(answer).toMatchObject({ ok: true, data: { ok: true, data: ['looked at'] } });
  });

  it('still refuses a real command beside them', async () => {
    const text = 'Restart-Computer\nMicrosoft.PowerShell.Management\\Restart-Computer';
    await expect(engine.runner.run('Test-Snippet', { text })).rejects.toThrow(
      'the text for Test-Snippet would reach this machine itself: Microsoft.PowerShell.Management\\Restart-Computer (Cmdlet of Microsoft.PowerShell.Management)',
    );
    expect(world.calls).toEqual([]);
  });
});
