import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { peersOf } from '../../support/ask-core.ts';
import { builtCli, everythingIn, runCli, startCli, temporaryData, type RunningCli } from '../../support/built-cli.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/peers.ts';
import { titled } from '../../support/skipped.ts';

type RuntimeName = 'Node' | 'Electron';

const electron = findElectron();
const program = (runtime: RuntimeName): { program?: [string]; env?: NodeJS.ProcessEnv } =>
  runtime === 'Node' ? {} : { program: [electron?.executable ?? ''], env: { ELECTRON_RUN_AS_NODE: '1' } };

interface Agent {
  readonly data: string;
  readonly port: number;
  readonly running: RunningCli;
  quorate(...words: string[]): Promise<{ code: number | null; out: string; err: string }>;
  json<T>(...words: string[]): Promise<T>;
}

const startAgent = async (
  runtime: RuntimeName,
  options: { data?: string; port?: number; server?: string } = {},
): Promise<Agent> => {
  const data = options.data ?? temporaryData();
  const port = options.port ?? (await freePort());
  const words = ['agent', '--listen', `127.0.0.1:${port}`, '--no-page'];
  if (options.server) words.push('--server', options.server);
  const running = startCli(words, { data, ...program(runtime) });
  onTestFinished(async () => {
    running.child.kill('SIGCONT');
    running.child.kill('SIGKILL');
    await running.done;
  });
  await until(
    'the agent listens',
    () => {
      if (running.child.exitCode !== null) throw new Error(running.soFar().err);
      return running.soFar().err.includes('Listens for peers');
    },
    120_000,
  );
  const quorate = (...more: string[]) => runCli(more, { data });
  return {
    data,
    port,
    running,
    quorate,
    json: async <T>(...more: string[]) => {
      const { out, err, code } = await quorate(...more, '--json');
      if (!out) throw new Error(`${more.join(' ')}: ${code} ${err}`);
      return JSON.parse(out) as T;
    },
  };
};

interface Invitation {
  code: string;
  expiresAt: string;
}
interface Listed {
  peers: { id: string; name: string; state: string; link: { state: string; reason: string | null } }[];
}

interface Coordinator {
  isThisServer: boolean;
  mayOrder: boolean;
  heard: { number: number; name: string } | null;
}

const linkOf = async (agent: Agent): Promise<string | undefined> => (await peersOf(agent.data))?.[0]?.link.state;

/** {@link until} with a look at another process ten times a second. */
const untilTold = (what: string, holds: () => Promise<boolean>, ms = 180_000): Promise<void> =>
  until(what, holds, ms, 100);

const runtimes: RuntimeName[] = electron ? ['Node', 'Electron'] : ['Node'];
const pairs = runtimes.flatMap((inviter) => runtimes.map((joiner) => ({ inviter, joiner })));

describe.skipIf(!existsSync(builtCli))(
  titled('two agents on one machine', !existsSync(builtCli) ? 'dist/ is not built' : null),
  () => {
    it('are tried in both runtimes and mixed', () => {
      // Without this a missing runtime would count as a pass.
      expect(pairs).toHaveLength(4);
    });

    it.each(pairs)(
      '$inviter invites $joiner: they pair, ask each other, lose and find each other again',
      async ({ inviter, joiner }) => {
        const dataA = temporaryData();
        await runCli(['rehearsal', 'create', 'lab'], { data: dataA });
        onTestFinished(async () => void (await runCli(['rehearsal', 'stop', 'lab'], { data: dataA })));
        const a = await startAgent(inviter, { data: dataA, server: 'rehearsal:lab/NODE1' });
        const b = await startAgent(joiner);

        // A wrong code first: one symbol of another invitation, and one that is mistyped.
        const { code, expiresAt } = await a.json<Invitation>('peers', 'invite');
        expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
        const mistyped = code.replace(/^./, (first) => (first === '0' ? '1' : '0'));
        const typing = await b.quorate('peers', 'join', mistyped, '--address', `127.0.0.1:${a.port}`);
        expect(typing).toMatchObject({ code: 2, err: expect.stringContaining('group 1') as unknown });
        const other = (await b.json<Invitation>('peers', 'invite')).code;
        const stranger = temporaryData();
        const words = ['peers', 'join', other, '--address', `127.0.0.1:${a.port}`];
        const foreign = await runCli(words, { data: stranger });
        expect(foreign.err).toContain('PEER_INVITATION_OTHER');

        const joined = await b.json<{ name: string; words: string; id: string }>(
          ...['peers', 'join', code, '--address', `127.0.0.1:${a.port}`],
        );
        expect(joined).toMatchObject({ name: 'NODE1', words: expect.stringMatching(/^[a-z]+ [a-z]+$/) as unknown });
        const self = await a.json<{ lastPaired: { words: string } | null }>('peers', 'self');
        expect(self.lastPaired?.words).toBe(joined.words);
        await untilTold(
          'both are connected',
          async () => (await linkOf(a)) === 'connected' && (await linkOf(b)) === 'connected',
        );

        // b asks a about its server, which is the simulated one; a change is nothing that a peer may order.
        const read = await b.json<{ server: { ref: string; computerName: string } }>(
          'host',
          '--server',
          `peer:${joined.id}`,
        );
        expect(JSON.stringify(read)).toContain('NODE1');
        expect(JSON.stringify(read)).toContain(`peer:${joined.id}`);
        const byName = await b.quorate('nic', 'list', '--server', 'peer:NODE1', '--json');
        expect(byName.code).toBe(0);
        const refused = await b.quorate('host', 'time', '--server', 'peer:NODE1', '--ntp-server', '10.0.0.1', '--yes');
        expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('CALL_NOT_ALLOWED') as unknown });

        // A person at b makes it the coordinator; then one at a takes over, and both consoles say so.
        if (inviter === joiner) {
          const taken = await b.json<Coordinator>('peers', 'coordinator', '--take');
          expect(taken).toMatchObject({ isThisServer: true, mayOrder: true, heard: { number: 1 } });
          expect(await a.json<Coordinator>('peers', 'coordinator')).toMatchObject({
            isThisServer: false,
            heard: { number: 1 },
          });
          await a.json<Coordinator>('peers', 'coordinator', '--take');
          expect(await b.json<Coordinator>('peers', 'coordinator')).toMatchObject({
            isThisServer: false,
            heard: { number: 2, name: 'NODE1' },
          });
          // The same with the formation's verb: whoever takes over coordinates, also where the file then stops.
          const file = join(dataA, 'cluster.json');
          writeFileSync(file, JSON.stringify(exampleClusterFile({ servers: 2 })));
          const takenOver = await b.quorate('form', 'take-over', '--file', file, '--yes', '--json');
          expect(takenOver).toMatchObject({
            code: 5,
            err: expect.stringContaining('is the coordinator now') as unknown,
          });
          expect(await a.json<Coordinator>('peers', 'coordinator')).toMatchObject({
            isThisServer: false,
            heard: { number: 3 },
          });
          const { servers } = await b.json<{ servers: { name: string; claims: unknown[] | null }[] }>(
            'peers',
            'promises',
          );
          expect(servers).toMatchObject([{ id: 'local' }, { name: 'NODE1', claims: [] }]);
        }

        // One that stands still is a half-open link for the other.
        b.running.child.kill('SIGSTOP');
        const isLost = async (agent: Agent): Promise<boolean> => {
          const link = await linkOf(agent);
          // No answer says nothing of the link.
          return link !== undefined && link !== 'connected';
        };
        // Of itself TCP would say so after a quarter of an hour.
        await untilTold('a knows that b is silent', () => isLost(a));
        b.running.child.kill('SIGCONT');
        await untilTold('they are connected again', async () => (await linkOf(a)) === 'connected');

        // One that is killed is found again when it is back.
        a.running.child.kill('SIGKILL');
        await a.running.done;
        await untilTold('b knows that a is gone', () => isLost(b));
        const again = await startAgent(inviter, { data: dataA, port: a.port, server: 'rehearsal:lab/NODE1' });
        await untilTold('they are connected again', async () => (await linkOf(b)) === 'connected');

        const forgotten = await again.json<{ forgotten: { id: string }[] }>('peers', 'forget', '--all');
        expect(forgotten.forgotten).toHaveLength(1);
        await untilTold('b knows that it was forgotten', async () => (await peersOf(b.data))?.length === 0);
        expect((await b.json<Listed>('peers', 'list')).peers).toEqual([]);
      },
    );

    it('keep the key to themselves and the invitation out of files', async () => {
      const a = await startAgent('Node');
      const { code } = await a.json<Invitation>('peers', 'invite');
      const identity = join(a.data, 'identity', 'identity.pem');
      expect(statSync(identity).mode & 0o077).toBe(0);
      expect(statSync(join(a.data, 'identity')).mode & 0o077).toBe(0);
      const written = everythingIn(a.data);
      expect(written).not.toContain(code);
      expect(written).not.toContain(code.replaceAll('-', ''));
    });

    it('hand an invitation over as a file, and refuse what is none', async () => {
      const a = await startAgent('Node');
      const data = temporaryData();
      const file = join(data, 'invitation.json');
      await a.quorate('peers', 'invite', '--file', file);
      expect(statSync(file).mode & 0o077).toBe(0);
      const joined = await runCli(['peers', 'join', '--file', file, '--json'], { data });
      expect(JSON.parse(joined.out)).toMatchObject({ schema: 'quorate.peers-join/1' });
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, 30));
      const broken = await runCli(['peers', 'join', '--file', file], { data });
      expect(broken).toMatchObject({ code: 1, err: expect.stringContaining('no invitation') as unknown });
    });

    it('say what is wrong with addresses and with nobody who listens', async () => {
      const data = temporaryData();
      const nobody = await runCli(['peers', 'invite', '--json'], { data });
      expect(JSON.parse(nobody.out)).toMatchObject({ error: { code: 'PEER_NOT_LISTENING' } });
      const all = await runCli(['agent', '--listen', '0.0.0.0'], { data });
      expect(all).toMatchObject({ code: 1, err: expect.stringContaining('one by one') as unknown });
      const nonsense = await runCli(['agent', '--listen', 'nonsense:99999'], { data });
      expect(nonsense).toMatchObject({ code: 2, err: expect.stringContaining('nonsense') as unknown });
      const foreign = await runCli(['agent', '--listen', '203.0.113.9'], { data });
      expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('no such address') as unknown });
      const server = await runCli(['agent', '--server', 'peer:x'], { data });
      expect(server).toMatchObject({ code: 2, err: expect.stringContaining('rehearsal:WORLD/SERVER') as unknown });
      expect(await runCli(['peers', 'forget', 'NOBODY'], { data })).toMatchObject({ code: 1 });
      expect(await runCli(['peers', 'forget'], { data })).toMatchObject({ code: 2 });
      const list = await runCli(['peers', 'list', '--json'], { data });
      expect(JSON.parse(list.out)).toEqual({ schema: 'quorate.peers/1', peers: [] });
    });
  },
);
