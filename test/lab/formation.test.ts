import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../main/rehearsal/host/start-world.ts';
import type { WorldClient } from '../../main/rehearsal/world/client.ts';
import type { WorldState } from '../../main/rehearsal/world/state.ts';
import type { FormationStatus, FormationStepResult } from '../../shared/contract/formation.ts';
import { clusterFileSchema } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import { formationStages, type FormationStage } from '../../shared/model/formation.ts';
import { areLinked } from '../support/ask-core.ts';
import { builtCli, startCli, type CliResult } from '../support/built-cli.ts';
import { makeNetworkLab, whyNoNamespaces, type NetworkLab } from '../support/network-lab.ts';
import { forwardedAt, startLio, whyNoLio } from '../support/lio.ts';
import { startTgt, tgtIsHere } from '../support/tgt.ts';
import { titled } from '../support/skipped.ts';
import { removeFolder } from '../support/remove-folder.ts';

/*
 * Two servers and a storage host, each a machine of its own on four networks: the agents pair and form over TLS between them, and qualify the LUNs over
 * real iSCSI: those of a tgt, and those of the Linux kernel's target in a guest. Only Windows is simulated. A cable is pulled while a stage is under way: the formation ends with a reason or goes on by itself, and ends as
 * it should once the cable is back. With `npm run crash-matrix -- --cables`.
 */

const isWhole = process.env['QUORATE_SWEEP'] === '1';
const reason = isWhole ? whyNoNamespaces() : 'npm run crash-matrix -- --cables tries it';

const machines = ['node1', 'node2', 'array'] as const;
const networks = ['production', 'private', 'iscsi1', 'iscsi2'] as const;
const target = 'iqn.2004-04.test.lab:array1';

const file = (() => {
  const made = exampleClusterFile({ servers: 2 });
  made.servers.forEach((server, n) =>
    server.nics.forEach((nic, m) => {
      nic.addresses = [`10.91.${m + 1}.${n + 1}/24`];
      if (m === 0) Object.assign(nic, { gateway: '10.91.1.254', dnsServers: ['10.91.1.253'] });
    }),
  );
  made.storage.portals = [
    { address: '10.91.3.3', path: 'iscsiA' },
    { address: '10.91.4.3', path: 'iscsiB' },
  ];
  made.cluster.addresses = ['10.91.1.20'];
  return made;
})();

const luns = file.storage.luns.map(({ serial = '', purpose }) => ({ serial, name: purpose }));

interface Target {
  stop(): Promise<void>;
}

interface TargetKind {
  readonly name: string;
  readonly missing: string | null;
  /** Serves the LUNs of the file, 1 GiB each, at its portals. */
  readonly start: (inside: readonly string[]) => Promise<Target>;
  /** The stages in which a cable is pulled. */
  readonly cut: readonly FormationStage[];
}

const startTgtTarget = async (inside: readonly string[]): Promise<Target> => {
  const tgt = await startTgt(
    file.storage.portals.map(({ address }) => `${address}:3260`),
    inside,
  );
  await tgt.admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
  for (const [at, { serial, name }] of luns.entries()) {
    const lun = ['--mode', 'logicalunit', '--tid', '1', '--lun', String(at + 1)];
    await tgt.admin('--op', 'new', ...lun, '-b', tgt.makeDisk(name, 1024));
    await tgt.admin('--op', 'update', ...lun, '--params', `scsi_sn=${serial}`);
  }
  await tgt.admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  return tgt;
};

/** A portal group for each portal, as the kernel's target is set up for two networks. */
const startLioTarget = async (inside: readonly string[]): Promise<Target> => {
  const portals = file.storage.portals.map(({ address }, at) => ({ address, guestPort: 3260 + at }));
  const lio = await startLio(forwardedAt(inside, portals));
  for (const [at, { serial, name }] of luns.entries()) await lio.run(`unit ${at} ${name} 1024 ${serial}`);
  for (const [at, { guestPort }] of portals.entries()) {
    await lio.run(`group ${target} ${at + 1} 0.0.0.0:${guestPort}`);
    for (const [lun, { name }] of luns.entries()) await lio.run(`map ${target} ${at + 1} ${lun} fileio_${lun}/${name}`);
    await lio.run(`serve ${target} ${at + 1}`);
  }
  return { stop: () => lio.kill() };
};

/** Of the stages in which both servers have something to do. The drill has its own losses. */
const cut: readonly FormationStage[] = formationStages.filter((stage) => stage !== 'hardware' && stage !== 'drill');

/** In these it is away for longer than the coordinator waits for a server. */
const longCut: readonly FormationStage[] = ['network', 'form'];

const kinds: readonly TargetKind[] = [
  { name: 'a tgt', missing: tgtIsHere ? null : 'tgt is not installed (Debian: tgt)', start: startTgtTarget, cut },
  { name: 'the Linux kernel’s target', missing: whyNoLio, start: startLioTarget, cut: ['storage'] },
];
const until = async (what: string, isSo: () => boolean | Promise<boolean>, limitMs = 300_000): Promise<void> => {
  const deadline = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const formWith = ({ start: startTarget, cut: stages }: TargetKind): void => {
  let lab: NetworkLab;
  let array: Target;
  let world: WorldClient;
  let home = '';
  let path = '';
  const agents: ChildProcess[] = [];
  let isOver = false;
  let time: Promise<void> = Promise.resolve();

  const data = (machine: string): string => join(home, machine);
  const quorate = (machine: string, ...words: string[]) => {
    const [program, ...before] = lab.inside(machine);
    const all = [...before, process.execPath, builtCli, '--data', data(machine), ...words];
    const { stdout, stderr, status } = spawnSync(program, all, { encoding: 'utf8' });
    return { out: stdout, err: stderr, code: status };
  };
  const start = (machine: 'node1' | 'node2', ...words: string[]) =>
    startCli(words, { data: data(machine), program: [...lab.inside(machine), process.execPath] });

  const startAgent = async (machine: 'node1' | 'node2', address: string): Promise<void> => {
    mkdirSync(data(machine), { recursive: true, mode: 0o700 });
    // Both servers are in one world; all else they have for themselves.
    symlinkSync(join(home, 'worlds'), join(data(machine), 'rehearsal'));
    const [program, ...before] = lab.inside(machine);
    const words = ['agent', '--server', `rehearsal:lab/${machine.toUpperCase()}`, '--listen', address, '--no-page'];
    const all = [...before, process.execPath, builtCli, '--data', data(machine), ...words];
    const agent = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    agents.push(agent);
    let text = '';
    agent.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    agent.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await until(`${machine} listens`, () => text.includes('Listens for peers'));
  };

  /** What the coordinator wrote down of its formations: each step that began or ended, the last first. */
  const steps = (): FormationStepResult[] => {
    const folder = join(data('node1'), 'formation');
    const names = readdirSync(folder, { withFileTypes: true }).flatMap(({ name }) =>
      name.endsWith('.ndjson') ? [name] : [],
    );
    return names
      .toSorted()
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .flatMap((line) => {
        const { result } = (line === '' ? {} : JSON.parse(line)) as { result?: FormationStepResult };
        return result ? [result] : [];
      })
      .toReversed();
  };
  const runs = (stage: FormationStage, check?: string): boolean => {
    // A step of a formation before this one may have been cut, and says for ever that it runs.
    const last = new Map(
      steps()
        .map((step) => [step.id, step] as const)
        .toReversed(),
    );
    return [...last.values()].some(
      (step) => step.stage === stage && step.state === 'running' && (!check || step.id.includes(check)),
    );
  };

  /** Whether a drill was under way when the cables were put back: it takes servers away itself, and waits for them longer than any cut here. */
  let wasDrilling = false;

  const cable = (machine: 'node1' | 'node2', network: (typeof networks)[number], what: 'up' | 'down'): void => {
    const port = `p${networks.indexOf(network)}${machines.indexOf(machine)}`;
    const [program, ...before] = lab.inside('switch');
    const { status, stderr } = spawnSync(program, [...before, 'ip', 'link', 'set', port, what], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };

  /** What a person at the first server reads of the loss of a host while it runs. */
  const drillSays = async (): Promise<string> => {
    if (!runs('drill', 'drill.loseHost')) return '';
    const { out } = await start('node1', 'form', 'status', '--json').done;
    const { formation } = JSON.parse(out) as { formation: FormationStatus | null };
    return formation?.steps.find(({ id }) => id.includes('drill.loseHost'))?.doing ?? '';
  };

  /** Time goes where servers wait for it, and a person presses the button that the drill asks for, when it asks. */
  const keepTime = async (): Promise<void> => {
    const goOn = async (): Promise<void> => {
      await world.control('advanceToNext', {});
      const asked = await drillSays();
      if (asked.startsWith('Take the power from NODE2')) await world.control('powerOff', { server: 'NODE2' });
      if (asked.startsWith('Switch NODE2 on')) await world.control('powerOn', { server: 'NODE2' });
    };
    while (!isOver) {
      // Time that stands still would end every wait here without a word of why.
      await goOn().catch((error: unknown) => console.warn(`time stood still: ${String(error)}`));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'qf-'));
    path = join(home, 'cluster.json');
    lab = makeNetworkLab(machines, networks);
    array = await startTarget(lab.inside('array'));
    writeFileSync(path, JSON.stringify(file));
    const servers = join(home, 'servers.json');
    writeFileSync(servers, JSON.stringify({ file: clusterFileSchema.parse(file), version: '2022' }));
    world = await startWorld({
      folder: join(home, 'worlds', 'lab'),
      who: 'lab',
      servers,
      clock: 'driven',
      endsWithMe: true,
    });
    await startAgent('node1', '10.91.1.1');
    await startAgent('node2', '10.91.1.2');
    mkdirSync(join(data('node1'), 'formation'), { recursive: true });
    const { code } = JSON.parse(quorate('node1', 'peers', 'invite', '--json').out) as { code: string };
    const joined = quorate('node2', 'peers', 'join', code, '--address', '10.91.1.1');
    if (joined.code !== 0) throw new Error(joined.err);
    const taken = quorate('node1', 'peers', 'coordinator', '--take');
    if (taken.code !== 0) throw new Error(taken.err);
    time = keepTime();
  });
  afterAll(async () => {
    isOver = true;
    await time.catch(() => undefined);
    for (const agent of agents) {
      if (agent.exitCode !== null || agent.signalCode !== null) continue;
      const gone = new Promise((resolve) => agent.once('exit', resolve));
      agent.kill('SIGTERM');
      await gone;
    }
    await world?.shutdown();
    world?.close();
    await array?.stop();
    lab?.remove();
    await removeFolder(home);
  });

  /** Forms until it ends; a person at the other server agrees whenever that is asked, or refuses. */
  const form = (
    answer: '--yes' | '--refuse' = '--yes',
  ): { readonly ended: () => CliResult | null; readonly done: Promise<CliResult> } => {
    // Who refused before can change their mind only by saying so.
    if (answer === '--yes') quorate('node2', 'form', 'consent', answer);
    const running = start('node1', 'form', 'apply', '--file', path, '--yes', '--json');
    let result: CliResult | null = null;
    const done = running.done.then((one) => (result = one));
    const agree = async (): Promise<void> => {
      while (result === null) {
        await start('node2', 'form', 'consent', answer).done;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    return { ended: () => result, done: Promise.all([done, agree()]).then(([one]) => one) };
  };

  /** It ended well, or with a code and what to do. */
  const expectDefined = ({ code, err }: CliResult, what: string): void => {
    expect(code, what).not.toBeNull();
    if (code === 0) return;
    expect(err, what).toMatch(/\[[A-Z]+_[A-Z_]+\]|"code":/);
    expect(err, what).not.toContain('INTERNAL_BUG');
  };

  const codeIn = ({ code, err }: CliResult): string =>
    code === 0 ? 'came to its end' : (/\[([A-Z]+(?:_[A-Z]+)+)\]/.exec(err)?.[1] ?? err);

  /** The formation that goes from stage to stage; another one where the last has ended. */
  let formation: ReturnType<typeof form> | null = null;

  /**
   * Pulls the cables once it is so, and puts them back when the formation has ended, or after a while. Answers how it ended, with a reason; null
   * where it waited, or went on without them.
   */
  const pulled = async (
    what: string,
    isDue: () => boolean,
    cables: readonly (typeof networks)[number][],
    machine: 'node1' | 'node2',
    downMs: number,
  ): Promise<CliResult | null> => {
    if (formation === null || formation.ended() !== null) formation = form();
    const isUnderWay = (): boolean => isDue() || formation!.ended() !== null;
    await until(`${what} is under way`, isUnderWay);
    const stopped = formation.ended();
    // What the last cable cut may end only now: a measurement, and a step that was about to be ordered.
    if (stopped !== null && stopped.code !== 0) {
      expectDefined(stopped, `before ${what}`);
      process.stderr.write(`before ${what}: ${codeIn(stopped)}\n`);
      await until('they are linked again', () => areLinked(data('node1')));
      formation = form();
      await until(`${what} is under way`, isUnderWay);
    }
    const { ended } = formation;
    // A cable that is pulled when all is over tries nothing.
    expect(ended(), `${what} was over before a cable was pulled`).toBeNull();
    for (const network of cables) cable(machine, network, 'down');
    const deadline = Date.now() + downMs;
    await until('it ends or goes on', () => ended() !== null || Date.now() > deadline, downMs + 60_000);
    wasDrilling = runs('drill');
    for (const network of cables) cable(machine, network, 'up');
    const result = ended();
    const outcome = result ? codeIn(result) : 'goes on';
    process.stderr.write(
      `${what}: ${cables.join(', ')} of ${machine} pulled, at most ${downMs / 1000} s; ${outcome}\n`,
    );
    if (result === null) return null;
    expectDefined(result, what);
    await until('they are linked again', () => areLinked(data('node1')));
    return result;
  };

  it('changes nothing anywhere while a person at the other server says no, and names it', async () => {
    const { code, err } = await form('--refuse').done;
    expect(code).not.toBe(0);
    expect(err).toContain('FORM_CONSENT_REFUSED');
    expect(err).toContain('NODE2');
    const { servers } = (await world.control('snapshot')) as WorldState;
    expect(Object.values(servers).map(({ computerName }) => computerName.slice(0, 4))).toEqual(['WIN-', 'WIN-']);
  });

  it('ends with a reason where a cable is pulled for long, and goes on by itself where it is back soon', async () => {
    for (const stage of stages) {
      if (stage === 'storage') {
        const isDue = (): boolean => runs('storage', 'storage.qualify');
        const result = await pulled('the qualification', isDue, ['iscsi1', 'iscsi2'], 'node1', 45_000);
        // Without its cables nothing can be said of a LUN: it is not qualified by a formation that goes on.
        if (result && result.code !== 0) expect(result.err).toMatch(/ISCSI|QUALIF|FORM_/);
        continue;
      }
      const isLong = longCut.includes(stage);
      const result = await pulled(stage, () => runs(stage), ['production'], 'node2', isLong ? 150_000 : 5_000);
      if (isLong && !wasDrilling) expect(result?.code, stage).toBe(1);
      else expect(result, `${stage}: ${result?.err ?? ''}`).toBeNull();
    }
    const first = await formation!.done;
    const last = first.code === 0 ? first : await form().done;
    expect(last.code, last.err).toBe(0);
    const { outcome } = JSON.parse(last.out) as { outcome: string };
    expect(['formed', 'nothingToChange']).toContain(outcome);
    const { cluster, machines: all } = (await world.control('snapshot')) as WorldState;
    expect(cluster).toMatchObject({ name: 'CLUSTER1', nodes: [{ name: 'NODE1' }, { name: 'NODE2' }] });
    expect(all).toMatchObject([{ name: 'VM1', running: true }]);
  });

  it('has nothing left to do then, and leaves no key on the target', async () => {
    const again = await form().done;
    expect(JSON.parse(again.out)).toMatchObject({ outcome: 'nothingToChange' });
    const { out } = quorate('node1', 'iscsi', 'inspect', '--portal', '10.91.3.3', '--target', target, '--json');
    const { luns } = JSON.parse(out) as { luns: { keys: string[] | null }[] };
    expect(luns.flatMap(({ keys }) => keys ?? [])).toEqual([]);
  });
};

for (const kind of kinds) {
  const because = reason ?? kind.missing;
  describe.skipIf(because !== null)(titled(`a formation between separate machines with ${kind.name}`, because), () =>
    formWith(kind),
  );
}
