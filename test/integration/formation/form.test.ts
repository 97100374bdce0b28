import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { readClusterFile } from '../../../main/operations/formation/parse-cluster-file.ts';
import { runCli, startCli } from '../../support/built-cli.ts';
import { until } from '../../support/world.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const data = mkdtempSync(join(tmpdir(), 'quorate-form-'));
afterAll(() => removeFolder(data));

const example = join(data, 'cluster.json');
writeFileSync(example, JSON.stringify(exampleClusterFile({ servers: 2 }), null, 2));

describe('quorate form on a console that is no server', () => {
  it('names the servers that it cannot find, and changes nothing', async () => {
    const plan = await runCli(['form', 'plan', '--file', example, '--json'], { data });
    expect(plan.code).toBe(5);
    const found = JSON.parse(plan.out) as { outcome: string; stops: { server: string; what: string }[] };
    expect(found.outcome).toBe('stopped');
    expect(found.stops.map(({ server }) => server)).toEqual(['NODE1', 'NODE2']);
    expect(found.stops[0]!.what).toContain('not paired');
    const applied = await runCli(['form', 'apply', '--file', example, '--yes', '--json'], { data });
    expect(applied.code).toBe(5);
  });

  it('says that nothing ran, and that nothing can be paused', async () => {
    const status = await runCli(['form', 'status', '--json'], { data });
    expect(JSON.parse(status.out)).toMatchObject({ formation: null });
    const paused = await runCli(['form', 'pause'], { data });
    expect(paused.code).toBe(1);
    expect(paused.err).toContain('FORM_NOT_RUNNING');
    const record = await runCli(['form', 'export', '--format', 'html', '--out', data], { data });
    expect(record.err).toContain('FORM_NO_RECORD');
  });

  it('asks for a file that is there', async () => {
    const missing = await runCli(['form', 'plan', '--file', join(data, 'no.json')], { data });
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('quorate form init');
  });
});

describe('quorate form on a simulated server', () => {
  it('drafts a file, plans, exports, and asks for --yes before it changes anything', async () => {
    await runCli(['rehearsal', 'create', 'lab'], { data });
    const agent = startCli(['agent', '--server', 'rehearsal:lab/NODE1', '--no-page'], { data });
    try {
      await until(
        () => agent.soFar().err,
        (text) => text.includes('is running with the data folder'),
        'the agent',
      );
      const out = join(data, 'drafted.json');
      const init = await runCli(['form', 'init', '--out', out, '--json'], { data });
      expect(init.code).toBe(5);
      const drafted = JSON.parse(init.out) as { guessed: string[]; missing: string[] };
      expect(drafted.missing.join(' ')).toContain('A cluster needs two servers');
      expect(drafted.guessed).toContain('/servers/0/nics/0/role');
      expect(readFileSync(out, 'utf8')).toContain('// guessed');
      // One server is too few: that, and nothing about its form, is what is wrong with it.
      const read = readClusterFile(readFileSync(out, 'utf8'));
      expect(read.ok === false && read.problems.map(({ text }) => text).join()).toContain('servers');

      const { nics } = JSON.parse((await runCli(['nic', 'list', '--json'], { data })).out) as {
        nics: { permanentAddress: string }[];
      };
      const wanted = exampleClusterFile({ servers: 2 });
      wanted.servers[0]!.nics.forEach((nic, index) => (nic.mac = nics[index]!.permanentAddress));
      const file = join(data, 'lab.json');
      writeFileSync(file, JSON.stringify(wanted, null, 2));
      const plan = await runCli(['form', 'plan', '--file', file], { data });
      expect(plan.out).toContain('Give Production the address 192.0.2.21/24');
      expect(plan.err).toContain('NODE2');

      const refused = await runCli(['form', 'apply', '--file', file, '--json'], { data });
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('--yes');

      for (const format of ['markdown', 'powershell', 'json'])
        expect(
          (await runCli(['form', 'export', '--file', file, '--format', format, '--out', data], { data })).code,
        ).toBe(0);
      expect(readFileSync(join(data, 'runbook-CLUSTER1.md'), 'utf8')).toContain('```powershell');
      expect(readFileSync(join(data, 'NODE1.ps1'), 'utf8')).toContain('192.0.2.21');
      expect(existsSync(join(data, 'plan-CLUSTER1.json'))).toBe(true);

      // A step that nothing rests on is left out after the formation failed; those after it on its server are taken all the same.
      const { steps } = JSON.parse((await runCli(['form', 'plan', '--file', file, '--json'], { data })).out) as {
        steps: { id: string; change: { do: string } | null }[];
      };
      const left = steps.find(({ change }) => change?.do === 'nic.rename')!.id;
      const domain = join(data, 'domain.json');
      const membership = { kind: 'domain' as const, name: 'lab.example', account: 'LAB\\installer' };
      writeFileSync(domain, JSON.stringify({ ...wanted, membership }));
      const words = ['form', 'apply', '--file', domain, '--yes', '--json', '--password-file', '-'];
      expect((await runCli(words, { data, stdin: 'wrong' })).code).toBe(1);
      const failed = await runCli(['form', 'status'], { data });
      expect(failed.err).toMatch(/to try "[^"]+" again: "quorate form resume"/);
      expect(await runCli(['form', 'skip', left, '--reason', 'its name is ours'], { data })).toMatchObject({ code: 0 });

      // NODE2 cannot be asked: what NODE1 can do alone is done, then the formation stops there and says why.
      const applied = await runCli(['form', 'apply', '--file', file, '--yes', '--json'], { data });
      expect(applied.code).toBe(1);
      expect(applied.err).toContain('FORM_STOPPED');
      const status = JSON.parse((await runCli(['form', 'status', '--json'], { data })).out) as {
        formation: { state: string; steps: { id: string; state: string }[] };
      };
      expect(status.formation.state).toBe('failed');
      expect(status.formation.steps.filter(({ state }) => state === 'done').length).toBeGreaterThan(10);
      expect((await runCli(['form', 'export', '--format', 'html', '--out', data], { data })).code).toBe(0);
      expect(readdirSync(data)).toContain('formation-CLUSTER1.html');
      const after = status.formation.steps.findIndex(({ id }) => id.includes('nic.addAddress'));
      expect(status.formation.steps[after]?.state).toBe('done');
      expect(status.formation.steps.filter(({ id }) => id === left)).toEqual([]);
      expect((await runCli(['form', 'status'], { data })).out).toContain(`Skipped: ${left}, because its name is ours`);
      const skip = await runCli(['form', 'skip', 'NODE1/nothing', '--reason', 'it is not there at all'], { data });
      expect(skip.err).toContain('FORM_STEP_NOT_SKIPPABLE');
    } finally {
      await runCli(['agent', 'stop', '--force'], { data });
      await agent.done;
    }
  });
});
