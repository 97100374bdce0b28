import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { FormationStatus } from '../../../shared/contract/formation.ts';
import { areLinked } from '../../support/ask-core.ts';
import { builtCli, everythingIn, type RunningCli } from '../../support/built-cli.ts';
import { startFormationAgents, type FormationAgent, type FormationAgents } from '../../support/formation-agents.ts';
import { until } from '../../support/peers.ts';

/*
 * A formation of two servers whose Quorates are processes of their own: what happens where one of them ends with its server's restart, or is killed.
 * Windows is simulated: the test starts the process where the task would, with the command that the simulated Windows was given for it.
 */

let lab: FormationAgents | null = null;
let isOver = false;
let time: Promise<unknown> = Promise.resolve();
afterEach(async () => {
  isOver = true;
  await time.catch(() => undefined);
  await lab?.close();
  lab = null;
});

const open = async (...given: Parameters<typeof startFormationAgents>): Promise<FormationAgents> => {
  isOver = false;
  return (lab = await startFormationAgents(...given));
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Time goes on. A mortal server that restarts stays off until its Quorate is ended, which is started again once Windows is, where it comes back.
 */
const restarting = async (
  { world, snapshot }: FormationAgents,
  mortal: readonly FormationAgent[],
  comesBack: (agent: FormationAgent) => boolean = () => true,
  start: (agent: FormationAgent) => Promise<void> = (agent) => agent.start(),
): Promise<void> => {
  const hold = ({ name }: FormationAgent): Promise<unknown> =>
    world.control('setFault', { kind: 'restartNeverReturns', server: name });
  for (const agent of mortal) await hold(agent);
  while (!isOver) {
    const { servers } = await snapshot();
    for (const agent of mortal.filter(({ name }) => servers[name]?.power !== 'on')) {
      await agent.kill();
      await world.control('clearFault', { id: 'restartNeverReturns' });
      await world.control('powerOn', { server: agent.name });
      await world.control('advanceToNext', {});
      if (comesBack(agent) && !isOver) await start(agent);
      for (const one of mortal) await hold(one);
    }
    await world.control('advanceToNext', {});
    await pause(20);
  }
};

const stepsOf = (status: FormationStatus | null) => [...(status?.earlier ?? []), ...(status?.steps ?? [])];

const isDone = (status: FormationStatus | null, part: string): boolean =>
  stepsOf(status).some(({ id, state }) => id.includes(part) && (state === 'done' || state === 'alreadyDone'));

/** Ends the formation once a step is done: what comes after it is tried elsewhere. */
const endAfter = async (
  { status, agents: [first] }: FormationAgents,
  command: RunningCli,
  part: string,
): Promise<FormationStatus> => {
  let last: FormationStatus | null = null;
  await until(
    `${part} is done`,
    async () => {
      // Whether it had ended before it was asked: what comes after the step may end it by itself, as there is no target here.
      const hasEnded = command.child.exitCode !== null;
      last = (await status()) ?? last;
      if (isDone(last, part)) return true;
      if (hasEnded) throw new Error(`it ended: ${command.soFar().err}\n${JSON.stringify(last?.error)}`);
      return false;
    },
    240_000,
    200,
  );
  await first.quorate('form', 'cancel').done;
  return last!;
};

const restarts = (applied: readonly string[]): string[] => applied.filter((step) => step.startsWith('host.restart'));

describe('a formation whose servers take their Quorate with them when they restart', () => {
  it('goes on by itself when the one of another server is back', async () => {
    const own = await open();
    const [first, second] = own.agents;
    time = restarting(own, [second]);
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    const ended = own.agreeing(command);
    const status = await endAfter(own, command, 'NODE2/mpio.setIscsiClaim');
    await ended;
    const restart = stepsOf(status).find(({ id }) => id.startsWith('NODE2/host.restart') && id.endsWith(':names'));
    expect(restart).toMatchObject({ state: 'done', proof: 'NODE2 answers again', error: null });
    // Its name and MPIO: each once, and nothing else was done twice either.
    const applied = await own.applied('NODE2');
    expect(new Set(applied).size).toBe(applied.length);
    expect(restarts(applied).length).toBeGreaterThanOrEqual(1);
    expect((await own.snapshot()).servers['NODE2']?.computerName).toBe('NODE2');
  });

  it('stops where it does not come back in time, names it with what to do, and goes on once it is there', async () => {
    const own = await open((file) => {
      file.restartWaitSeconds = 20;
    });
    const [first, second] = own.agents;
    let isRepaired = false;
    time = restarting(own, [second], () => isRepaired);
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    const { code, err } = await own.agreeing(command);
    expect(code).toBe(1);
    expect(err).toContain('FORM_SERVER_NOT_BACK');
    expect(err).toContain('Quorate on NODE2 did not answer within 20 seconds of the restart of that server');
    expect(err).toContain('start Quorate there; then run "quorate form resume"');
    expect(await own.status()).toMatchObject({ state: 'failed', error: { code: 'FORM_SERVER_NOT_BACK' } });
    const said = await first.quorate('form', 'status').done;
    expect(said.err).toMatch(/^NODE2: to try "Restart[^"]*" again: "quorate form resume"\.$/m);

    // It had restarted all the same: Quorate was not started there, and now it is.
    isRepaired = true;
    await second.start();
    await until('they are linked again', () => areLinked(first.data), 180_000, 100);
    const resumed = first.quorate('form', 'resume', '--yes', '--json');
    const ended = own.agreeing(resumed);
    await endAfter(own, resumed, 'NODE2/mpio.setIscsiClaim');
    await ended;
    const applied = await own.applied('NODE2');
    expect(new Set(applied).size).toBe(applied.length);
  });

  it('is interrupted where it is the coordinator’s own, and goes on from the same file once that is started again', async () => {
    const own = await open();
    const [first] = own.agents;
    time = restarting(own, [first]);
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    expect((await own.agreeing(command)).code).not.toBe(0);
    await until('it was started again', () => first.isUp, 180_000, 100);
    await until('they are linked again', () => areLinked(first.data), 180_000, 100);
    const interrupted = await own.status();
    expect(interrupted).toMatchObject({ state: 'interrupted' });
    // What the other server was at just then is interrupted as well: only one server at a time restarts, the rest goes on.
    const cut = stepsOf(interrupted).filter(({ state }) => state === 'interrupted');
    expect(cut.map(({ id }) => id)).toContainEqual(expect.stringMatching(/^NODE1\/host\.restart/));
    const before = await own.applied('NODE1');
    expect(restarts(before)).toHaveLength(1);

    const resumed = first.quorate('form', 'resume', '--yes', '--json');
    const ended = own.agreeing(resumed);
    await endAfter(own, resumed, 'NODE1/nic.rename');
    await ended;
    const applied = await own.applied('NODE1');
    expect(applied.slice(0, before.length)).toEqual(before);
    for (const all of [applied, await own.applied('NODE2')]) expect(new Set(all).size).toBe(all.length);
    expect((await own.snapshot()).servers['NODE1']?.computerName).toBe('NODE1');
  });
});

/** How the formations of a coordinator were begun, in order. */
const formationsOf = ({ data }: FormationAgent): { readonly acceptWarnings: unknown }[] => {
  const folder = join(data, 'formation');
  return readdirSync(folder)
    .filter((name) => name.startsWith('form-'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8').split('\n')[0]!) as never);
};

/** How the formation that was begun last came to its end; undefined while it has none. */
const endOf = ({ data }: FormationAgent): { readonly formation: string; readonly state: string } | undefined => {
  const folder = join(data, 'formation');
  const last = readdirSync(folder)
    .filter((name) => name.startsWith('form-'))
    .toSorted()
    .at(-1);
  const lines = readFileSync(join(folder, last!), 'utf8').trim().split('\n');
  const end = lines
    .map((line) => JSON.parse(line) as { kind: string; state: string })
    .find(({ kind }) => kind === 'end');
  return end && { formation: last!.replace('.ndjson', ''), state: end.state };
};

/** What Windows starts when it is back: the task of the restart, and before or after it an agent that is registered to start with Windows. */
const afterRestart: Readonly<Record<string, (agent: FormationAgent) => Promise<void>>> = {
  alone: (agent) => agent.resume(),
  'beside an agent that was there first': async (agent) => {
    await agent.start();
    await agent.resume();
  },
};

describe('a formation whose servers are restarted with the task that continues', () => {
  it.each([
    ['NODE1', 'alone'],
    ['NODE2', 'alone'],
    ['NODE1', 'beside an agent that was there first'],
  ])('goes on by itself when it is %s, %s', async (name, how) => {
    const own = await open();
    const [first, second] = own.agents;
    const mortal = name === 'NODE1' ? first : second;
    const resumed: string[] = [];
    time = restarting(
      own,
      [mortal],
      () => true,
      async (agent) => {
        await afterRestart[how]!(agent);
        resumed.push(agent.name);
      },
    );
    const accepted = { test: 'Validate IP Configuration', because: 'the second network follows' };
    const command = first.quorate(
      ...['form', 'apply', '--file', own.path, '--yes', '--json'],
      ...['--accept-warning', `${accepted.test}=${accepted.because}`],
    );
    const ended = own.agreeing(command);
    // Somebody is logged on from afar, over an adapter that gets another address; the plan that was agreed to did not know it yet.
    await own.agreeing({ done: until('it runs', async () => isDone(await own.status(), `${name}/host.rename`)) });
    await own.logOnFromAfar(name);
    // Nobody types anything more: where it coordinates, its command ends with it, and the task goes on.
    if (mortal === first) expect((await ended).code).not.toBe(0);
    const isThere = until(
      'what follows the restart is done',
      async () => resumed.length > 0 && isDone(await own.status(), `${name}/nic.rename`),
      240_000,
      200,
    );
    await own.agreeing({ done: isThere });
    await first.quorate('form', 'cancel').done;
    await ended;
    expect(resumed).toEqual(resumed.map(() => name));
    for (const all of [await own.applied('NODE1'), await own.applied('NODE2')])
      expect(new Set(all).size).toBe(all.length);
    expect((await own.snapshot()).servers[name]?.computerName).toBe(name);
    // What was accepted beforehand, because nobody would be there, holds in every run that went on with it.
    const runs = formationsOf(first);
    expect(runs).toHaveLength(mortal === first ? resumed.length + 1 : 1);
    for (const { acceptWarnings } of runs) expect(acceptWarnings).toEqual([accepted]);
  });
});

describe('the consoles of a formation', () => {
  it('say what is waited for, who coordinates, and what can be done at this one', async () => {
    const own = await open();
    const [first, second] = own.agents;
    time = restarting(own, []);
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    const isWaiting = async () => (await own.status())?.doing?.startsWith('Waiting until a person at NODE2') === true;
    await until('a person is waited for', isWaiting, 180_000, 50);
    const status = await first.quorate('form', 'status').done;
    expect(status.out).toContain('Now: Waiting until a person at NODE2 agrees ("quorate form consent" there).');
    const here = await first.quorate('form', 'resume', '--yes').done;
    expect(here).toMatchObject({ code: 0 });
    expect(here.out).toMatch(/^form-\S+ is running: "quorate form status" shows it\.\n$/);

    // The other one pauses, and says where the rest is done.
    const asked = await second.quorate('form', 'consent').done;
    expect(asked.out).toContain('NODE1 wants this server to become a part of CLUSTER1.');
    for (const words of [
      ['resume', '--yes'],
      ['cancel'],
      ['skip', 'NODE2/host.rename', '--reason', 'it has one already'],
    ]) {
      const refused = await second.quorate('form', ...words).done;
      expect(refused.code).toBe(1);
      expect(refused.err).toContain('The formation of CLUSTER1 is coordinated by NODE1, not by this server.');
    }
    expect((await second.quorate('form', 'pause').done).code).toBe(0);
    expect((await second.quorate('form', 'resume').done).err).toContain('FORM_RUNS_ELSEWHERE');
    expect((await first.quorate('form', 'resume').done).out).toContain('continues.');
    expect((await second.quorate('form', 'consent', '--yes').done).code).toBe(0);
    await endAfter(own, command, 'NODE2/nic.rename');
    await command.done;
    const ended = await first.quorate('form', 'status').done;
    expect(ended.err).toMatch(
      /"quorate form plan --file .*cluster\.json" shows what is left, and "quorate form resume" continues it/,
    );

    const undo = first.quorate('form', 'undo', '--confirm', 'CLUSTER1', '--yes', '--json');
    await until('a person is waited for again', isWaiting, 180_000, 50);
    expect((await second.quorate('form', 'consent').done).out).toContain(
      'NODE1 wants to undo on this server what formations of CLUSTER1 did here; the cluster is destroyed.',
    );
    expect((await second.quorate('form', 'status').done).out).toContain(
      'The formation of this cluster is being undone.',
    );
    await first.kill();
    await undo.done;
    const left = await second.quorate('form', 'status').done;
    expect(left.err).toContain('NODE1 coordinated the formation of CLUSTER1 last');
    expect(left.err).toContain('"quorate form take-over" continues it from this server');
    // What was being undone is not formed.
    const unnamed = await second.quorate('form', 'take-over', '--powered-down', 'NODE1', '--yes').done;
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toContain('--confirm CLUSTER1');
    const taken = await second.quorate(
      ...['form', 'take-over', '--powered-down', 'NODE1', '--yes', '--confirm', 'CLUSTER1', '--json'],
    ).done;
    expect(taken.out).toContain('quorate.formation-undo-plan/1');
  });
});

describe('an undo whose servers restart', () => {
  it.each(['NODE1', 'NODE2'])(
    'continues by itself where it is %s, forms nothing, and takes its task away',
    async (name) => {
      const own = await open();
      const [first, second] = own.agents;
      const mortal = name === 'NODE1' ? first : second;
      const bare = (await own.snapshot()).servers;
      time = restarting(own, []);
      const formed = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
      const ended = own.agreeing(formed);
      await endAfter(own, formed, 'NODE1/nic.addAddress');
      await ended;
      isOver = true;
      await time;

      isOver = false;
      const resumed: string[] = [];
      time = restarting(
        own,
        [mortal],
        () => true,
        async (agent) => {
          await agent.resume();
          resumed.push(agent.name);
        },
      );
      const begun = await own.status();
      const undo = first.quorate('form', 'undo', '--confirm', 'CLUSTER1', '--yes', '--json');
      const isUndone = until(
        'it is undone',
        async () => {
          // The process that goes on ends with the undo: what it came to is in the record.
          const end = endOf(first);
          if (end === undefined || end.formation === begun?.formation) return false;
          if (end.state === 'failed') throw new Error(JSON.stringify(end));
          return end.state === 'undone';
        },
        240_000,
        200,
      );
      await own.agreeing({ done: isUndone });
      await undo.done;
      expect(resumed).toEqual(resumed.map(() => name));
      expect(resumed.length).toBeGreaterThan(0);
      const { servers } = await own.snapshot();
      for (const agent of own.agents) {
        expect(servers[agent.name]!.computerName).toBe(bare[agent.name]!.computerName);
        expect(servers[agent.name]!.tasks.filter((one) => one.name.startsWith('Resume-'))).toEqual([]);
      }
      const applied = [...(await own.applied('NODE1')), ...(await own.applied('NODE2'))];
      await first.kill();
      await first.start();
      await until('they are linked again', () => areLinked(first.data), 180_000, 100);
      const said = await first.quorate('form', 'resume', '--yes').done;
      expect(said.out).toContain('Nothing is left to undo on the servers of CLUSTER1.');
      expect([...(await own.applied('NODE1')), ...(await own.applied('NODE2'))]).toEqual(applied);
    },
  );
});

describe('a formation whose coordinator does not come back from its restart', () => {
  it('is taken over from the other console, which has the file; the first one does nothing when it is back', async () => {
    const own = await open();
    const { agents, world } = own;
    const [first, second] = agents;
    await world.control('setFault', { kind: 'restartNeverReturns', server: 'NODE1' });
    time = restarting(own, []);
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    const ended = own.agreeing(command);
    await until('it is off', async () => (await own.snapshot()).servers['NODE1']?.power !== 'on');
    await first.kill();
    await ended;

    // The file lay on the server that is lost.
    rmSync(own.path);
    const taken = await second.quorate('form', 'take-over', '--powered-down', 'NODE1', '--yes').done;
    expect(taken.err).toMatch(/This is the file of CLUSTER1 as .+ gave it on /);
    expect(taken.err).toContain('This server is the coordinator now');
    expect(taken.err).toContain('The formation stops at NODE1');

    await world.control('clearFault', { id: 'restartNeverReturns' });
    await world.control('powerOn', { server: 'NODE1' });
    await world.control('advanceToNext', {});
    const before = await own.applied('NODE1');
    await first.resume();
    await until('it learns of it', () => first.said().includes('COORDINATOR_OUTDATED'));
    expect(await own.applied('NODE1')).toEqual(before);
  });
});

describe('a formation that loses another server with a step that is no restart', () => {
  it.each(['killed', 'stopped'] as const)('waits for its Quorate, which is %s, and does nothing twice', async (how) => {
    const own = await open();
    const [first, second] = own.agents;
    time = restarting(own, []);
    const on = 'nic.addAddress';
    await own.world.control('setFault', { kind: 'slow', server: 'NODE2', byMs: 10_000, on });
    const command = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json');
    const ended = own.agreeing(command);
    const running = async () =>
      stepsOf(await own.status()).find(({ id, state }) => id.startsWith(`NODE2/${on}`) && state === 'running');
    await until('the step runs', async () => (await running())?.doing === 'Changing the server', 240_000, 50);
    const lost = (await running())!.id;
    if (how === 'killed') await second.kill();
    else expect((await second.quorate('agent', 'stop', '--force').done).code).toBe(0);
    await until('the console says what is waited for', async () =>
      (await first.quorate('form', 'status').done).out.includes('Quorate answers on NODE2 again'),
    );
    await own.world.control('clearFault', { id: 'slow' });
    if (how === 'stopped') await second.kill();
    await second.start();
    const status = await endAfter(own, command, 'NODE2/mpio.setIscsiClaim');
    await ended;
    expect(stepsOf(status).find(({ id }) => id === lost)).toMatchObject({ state: 'done', error: null });
    const applied = await own.applied('NODE2');
    expect(applied.some((step) => step.startsWith(on))).toBe(true);
    expect(new Set(applied).size).toBe(applied.length);
  });
});

describe('a formation whose coordinator is killed', () => {
  it('asks for its secrets again, names each with how it is given, and goes on once they are typed', async () => {
    const account = 'Rehearsal-2026!';
    const chap = 'Rehearsal-2026';
    const own = await open((file) => {
      file.storage.chapUser = 'nodes';
      file.membership = { kind: 'domain', name: 'lab.example', account: 'LAB\\installer' };
    });
    const [first, second] = own.agents;
    const folder = dirname(own.path);
    writeFileSync(join(folder, 'account'), account);
    writeFileSync(join(folder, 'chap'), chap);
    const given = ['--password-file', join(folder, 'account'), '--chap-file', join(folder, 'chap')];
    time = restarting(own, []);
    const begun = first.quorate('form', 'apply', '--file', own.path, '--yes', '--json', ...given);
    const ended = own.agreeing(begun);
    await until(
      'it is under way',
      async () => stepsOf(await own.status()).some(({ state }) => state === 'done'),
      120_000,
      100,
    );
    await first.kill();
    expect((await ended).code).not.toBe(0);
    await first.start();
    await until('they are linked again', () => areLinked(first.data), 180_000, 100);
    expect(await own.status()).toMatchObject({ state: 'interrupted' });

    const appliedSoFar = async () => [...(await own.applied('NODE1')), ...(await own.applied('NODE2'))];
    const before = await appliedSoFar();
    const refused = await first.quorate('form', 'resume', '--yes', '--json').done;
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('FORM_SECRET_MISSING');
    expect(refused.err).toContain('password of the account that joins the domain, for ');
    expect(refused.err).toContain('CHAP secret of the target, for ');
    expect(refused.err).toContain('on the command line it is --password-file, --chap-file.');
    const half = await first.quorate('form', 'resume', '--yes', '--json', ...given.slice(0, 2)).done;
    expect(half.err).toContain('--chap-file');
    expect(half.err).not.toContain('--password-file');
    expect(await appliedSoFar()).toEqual(before);

    // At a terminal it asks, and shows nothing of what is typed.
    const terminal = spawn('script', ['-qefc', `${process.execPath} ${builtCli} form resume`, '/dev/null'], {
      env: { ...process.env, QUORATE_DATA: first.data },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    const done = new Promise((resolve) => terminal.once('close', resolve));
    const type = async (prompt: string, line: string): Promise<void> => {
      await until(`it asks: ${prompt}`, () => shown.includes(prompt));
      terminal.stdin.write(`${line}\r`);
    };
    await type('[y/N]', 'y');
    await type('The password of the account that joins the domain', `${account}x\u007f`);
    await type('The CHAP secret of the target', chap);
    const agreed = own.agreeing({ done });
    await until('its domain is joined', async () => isDone(await own.status(), 'host.joinDomain'), 180_000, 200).catch(
      (error: unknown) => {
        throw new Error(shown, { cause: error });
      },
    );
    await first.quorate('form', 'cancel').done;
    await agreed;
    expect(shown).not.toContain(chap);
    for (const agent of [first, second]) expect(everythingIn(agent.data)).not.toContain(chap);
  });
});
