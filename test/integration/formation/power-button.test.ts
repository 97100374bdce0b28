import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { composeCore } from '../../../main/agent/compose.ts';
import { rehearsalsOf } from '../../../main/agent/compose-formation.ts';
import { formationExport, formationRehearse, rehearsedSchema } from '../../../shared/contract/formation.ts';
import { runCli, startCli } from '../../support/built-cli.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { pause } from '../../../main/system/pause.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-power-'));
afterAll(() => removeFolder(data));

const atDrill = { kind: 'powerLoss', server: 'NODE2', on: 'host.restart', moment: 'after' };

describe('a simulated server that waits for its power button', () => {
  it('is switched on by the rehearsal where nobody does, also one that hangs in its restart; the record says so', async () => {
    const rehearsals = await rehearsalsOf(composeCore, { dataFolder: data, host: 'cli', pressAfterMs: 500 });
    const told: string[] = [];
    const standing: (string | null | undefined)[] = [];
    const hangs = { kind: 'restartNeverReturns', server: 'NODE1' };
    const result = await rehearsals.rehearse(
      formationRehearse.input.parse({
        name: 'alone',
        faults: [
          { fault: hangs, step: 'NODE1/host.restart' },
          { fault: atDrill, step: 'NODE2/drill.restartServer' },
        ],
      }),
      new AbortController().signal,
      ({ doing }) => {
        told.push(doing);
        if (doing.includes('has no power'))
          void rehearsals.status('alone').then((status) => standing.push(status?.doing));
      },
    );
    expect(result.error).toBeNull();
    expect(result.outcome).toBe('formed');
    // Three restarts and one drill of NODE1 hang, the power of NODE2 goes once.
    const restarted = result.switchedOn.filter(({ server }) => server === 'NODE1');
    expect(restarted.length).toBeGreaterThanOrEqual(3);
    expect(restarted[0]!.text).toContain(
      'NODE1 did not come back from its restart, and the rehearsal switched it off and on',
    );
    const lost = result.switchedOn.filter(({ server }) => server === 'NODE2');
    expect(lost).toEqual([
      {
        server: 'NODE2',
        text: 'NODE2 had no power, and the rehearsal switched it on: a real server waits for a person at its power button.',
      },
    ]);
    const asked = 'NODE2 has no power: "quorate rehearsal power alone NODE2 on" switches it on';
    expect(told.some((doing) => doing.startsWith(asked))).toBe(true);
    expect(standing).toEqual([expect.stringContaining(asked) as string]);
    const { files } = await rehearsals.export(
      'alone',
      formationExport.input.parse({ format: 'html', rehearsal: 'alone', path: 'cluster.json' }),
      new AbortController().signal,
      null,
    );
    const html = Buffer.from(files[0]!.base64 ?? '', 'base64').toString();
    expect(html).toContain('<h2>What happened besides</h2>');
    expect(html.split(lost[0]!.text)).toHaveLength(2);
  });

  it('is switched on by the command that is named, while the rehearsal runs', async () => {
    const fault = 'powerLoss,server=NODE2,on=host.restart,moment=after@NODE2/drill.restartServer';
    const rehearsing = startCli(['rehearse', '--name', 'watched', '--json', '--fault', fault], { data });
    let isOver = false;
    const done = rehearsing.done.finally(() => (isOver = true));
    const power = async (): Promise<string | undefined> => {
      const { out } = await runCli(['rehearsal', 'show', 'watched', '--json'], { data });
      const { rehearsal } = JSON.parse(out || '{}') as {
        rehearsal?: { running: { servers: { name: string; power: string }[]; faults: unknown[] } | null };
      };
      return rehearsal?.running?.servers.find(({ name }) => name === 'NODE2')?.power;
    };
    let isPressed = false;
    // The drill that loses a host takes that power as well, and gives it back by itself.
    while (!isOver && !isPressed) {
      await pause(200);
      if ((await power().catch(() => undefined)) !== 'off') continue;
      await pause(1_000);
      if ((await power().catch(() => undefined)) !== 'off') continue;
      const pressed = await runCli(['rehearsal', 'power', 'watched', 'NODE2', 'on'], { data });
      expect(pressed.code, pressed.err).toBe(0);
      isPressed = true;
    }
    const result = rehearsedSchema.parse(JSON.parse((await done).out));
    expect(isPressed).toBe(true);
    expect(result).toMatchObject({ outcome: 'formed', error: null, switchedOn: [] });
  });
});
