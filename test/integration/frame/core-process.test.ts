import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeCoreLock } from '../../../main/agent/core-lock.ts';
import { openCore, startCore, type CoreProcess } from '../../../main/agent/core-process.ts';
import { prepareDataFolder } from '../../../main/agent/data-folder.ts';
import { proofOf } from '../../../main/agent/pipe-proof.ts';
import { RemoteCore } from '../../../main/agent/pipe.ts';
import { runCli } from '../../../main/cli/run.ts';
import { startCli } from '../../support/built-cli.ts';
import { until } from '../../support/peers.ts';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { titled } from '../../support/skipped.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/** Where the core of the folder says that it listens. */
const ticket = (): { pid: number; address: string; token: string } =>
  JSON.parse(readFileSync(join(folder, 'core.json'), 'utf8')) as { pid: number; address: string; token: string };

const cli = fileURLToPath(new URL('../../../dist/cli/quorate.mjs', import.meta.url));

let folder = '';
let cores: CoreProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-core-'));
});
afterEach(async () => {
  for (const core of cores) await core.close();
  cores = [];
  await removeFolder(folder);
});

/** The core of the folder, as soon as one answers. */
const findRunning = async (): Promise<RemoteCore> => {
  let found: RemoteCore | null = null;
  await until('a core answers', async () => (found = await RemoteCore.find(folder)) !== null);
  return found!;
};

const start = async (): Promise<CoreProcess | null> => {
  const core = await startCore({ dataFolder: folder, host: 'agent' });
  if (core) cores.push(core);
  return core;
};

describe('one core per data folder', () => {
  it('is claimed by the first and refused to the second until the first ends', async () => {
    const first = await start();
    expect(first).not.toBeNull();
    expect(await start()).toBeNull();
    await first?.close();
    cores = [];
    expect(await start()).not.toBeNull();
  });

  it('is told as refused where a right is missing, and never taken for another core', async () => {
    const refusing = (code: string) => () => {
      const server = createServer();
      server.listen = () => {
        setImmediate(() => server.emit('error', Object.assign(new Error(code), { code })));
        return server;
      };
      return server;
    };
    expect(await takeCoreLock(folder, refusing('EADDRINUSE'))).toBeNull();
    await expect(takeCoreLock(folder, refusing('EACCES'))).rejects.toMatchObject({
      code: 'CORE_CLAIM_REFUSED',
      detail: { reason: 'EACCES' },
    });
  });

  it('is free again at once after its process was killed', async () => {
    const child = spawn(process.execPath, [cli, 'agent', '--data', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const remote = await findRunning();
      expect(remote.pid).toBe(child.pid);
      remote.close();
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    expect(await RemoteCore.find(folder)).toBeNull();
    expect(await start()).not.toBeNull();
  });

  it('is taken by whoever finds it held by a process that ends without ever answering', async () => {
    const lock = await takeCoreLock(folder);
    // As long as a server that has just started may need for the rules of its firewall.
    setTimeout(() => lock!.release(), 7_000);
    const { own } = await openCore({ dataFolder: folder, host: 'cli' });
    cores.push(own!);
    expect(own).not.toBeNull();
  });

  it('is waited for by an agent while a command has it: the agent says so, and starts when that has ended', async () => {
    const command = (await startCore({ dataFolder: folder, host: 'cli' }))!;
    const agent = startCli(['agent', '--no-page'], { data: folder });
    try {
      await until('it says what it waits for', () => agent.soFar().err.includes(`process ${process.pid}`));
      expect(agent.soFar().err).toContain('The agent starts when it has ended; Ctrl-C gives up.');
      await command.close();
      await until('it runs', () => agent.soFar().err.includes('The Quorate agent'));
      const remote = await findRunning();
      expect(remote.pid).toBe(agent.child.pid);
      remote.close();
    } finally {
      agent.child.kill('SIGTERM');
    }
    expect((await agent.done).code).toBe(0);
  });

  it('is given up by an agent that waits for it and is told to end', async () => {
    cores.push((await startCore({ dataFolder: folder, host: 'cli' }))!);
    const agent = startCli(['agent', '--no-page'], { data: folder });
    await until('it waits', () => agent.soFar().err.includes('Ctrl-C gives up'));
    agent.child.kill('SIGINT');
    expect((await agent.done).code).toBe(3);
  });

  it('is left to an agent for as long as that may take to come back', async () => {
    const agent = startCli(['agent', '--no-page'], { data: folder });
    try {
      const { own, running } = await openCore({ dataFolder: folder, host: 'window' }, {}, 180_000);
      expect(own).toBeNull();
      expect(running?.pid).toBe(agent.child.pid);
      running?.close();
    } finally {
      agent.child.kill('SIGTERM');
      await agent.done;
    }
    const { own } = await openCore({ dataFolder: folder, host: 'window' }, {}, 100);
    cores.push(own!);
    expect(own).not.toBeNull();
  });

  it('ends an agent that was told to while it still started', async () => {
    const said: string[] = [];
    const stream = { write: (text: string) => said.push(text) };
    const streams = { stdout: stream, stderr: stream, stdin: new PassThrough(), env: {} };
    expect(await runCli(['--data', folder, 'agent', '--no-page'], streams, AbortSignal.abort())).toBe(0);
    expect(said.join('')).toContain('is running with the data folder');
    expect(await RemoteCore.find(folder)).toBeNull();
  });

  it('answers over its pipe with the same answers', async () => {
    const core = await start();
    const remote = await findRunning();
    const overPipe = await remote.call('core.info', {}, { caller: { kind: 'cli' } });
    expect(overPipe).toEqual(await core?.core.call('core.info', {}, { caller: { kind: 'cli' } }));
    expect(await remote.call('core.nothing', {}, { caller: { kind: 'cli' } })).toMatchObject({
      ok: false,
      error: { code: 'CALL_UNKNOWN_METHOD' },
    });
    remote.close();
  });

  it.skipIf(process.platform === 'win32')(
    titled(
      'keeps pipe, ticket and folder for its own user',
      process.platform === 'win32' ? 'Windows has access lists in place of modes' : null,
    ),
    async () => {
      await start();
      expect(statSync(ticket().address).mode & 0o077).toBe(0);
      expect(statSync(join(folder, 'core.json')).mode & 0o077).toBe(0);
    },
  );

  it('refuses who has no token', async () => {
    await start();
    writeFileSync(join(folder, 'core.json'), JSON.stringify({ ...ticket(), token: 'wrong' }));
    await expect(RemoteCore.find(folder)).rejects.toMatchObject({ code: 'CORE_PIPE_REFUSED' });
  });

  it('is not mistaken for a program that took its address: nothing is said to it, the token least of all', async () => {
    await start();
    const { token } = ticket();
    const address = process.platform === 'win32' ? `\\\\.\\pipe\\${randomUUID()}` : join(folder, 'squatter.sock');
    let heard = '';
    const squatter = createServer((socket) => {
      const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
      socket.on('data', (bytes) => (heard += bytes.toString('utf8')));
      connection.onRequest('hello', () => ({ nonce: 'n', proof: 'guessed' }));
      connection.onRequest('prove', () => ({ accepted: true, pid: 1 }));
      connection.listen();
    });
    await new Promise<void>((resolve) => squatter.listen(address, resolve));
    try {
      writeFileSync(join(folder, 'core.json'), JSON.stringify({ ...ticket(), address }));
      await expect(RemoteCore.find(folder)).rejects.toMatchObject({
        code: 'CORE_PIPE_REFUSED',
        detail: { reason: 'what answers there is not the core of this data folder' },
      });
      expect(heard).toContain('hello');
      expect(heard).not.toContain('prove');
      expect(heard).not.toContain(token);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('is told as running where it takes the connection and never answers, as a process that was stopped does', async () => {
    const address = process.platform === 'win32' ? `\\\\.\\pipe\\${randomUUID()}` : join(folder, 'silent.sock');
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(address, resolve));
    try {
      writeFileSync(join(folder, 'core.json'), JSON.stringify({ pid: 4711, address, token: 'of-the-test' }));
      await expect(RemoteCore.find(folder, 100)).rejects.toMatchObject({
        code: 'CORE_ALREADY_RUNS',
        detail: { pid: 4711 },
        retry: 'later',
      });
    } finally {
      await new Promise((resolve) => silent.close(resolve));
    }
  });

  it('cancels over its pipe what was given up before it was asked', async () => {
    await start();
    const remote = await findRunning();
    const answer = remote.call(
      'target.serve',
      { listen: [{ host: '127.0.0.1', port: 0 }], luns: [{ sizeBytes: '1048576', file: null }] },
      { caller: { kind: 'cli' }, signal: AbortSignal.abort() },
    );
    const isOver = await Promise.race([
      answer.then(() => true),
      new Promise((resolve) => setTimeout(() => resolve(false), 120_000)),
    ]);
    remote.close();
    expect(isOver).toBe(true);
  });

  it('ends after its answer although the connection ended within the next message', async () => {
    const address = process.platform === 'win32' ? `\\\\.\\pipe\\${randomUUID()}` : join(folder, 'cut.sock');
    const token = 'of-the-test';
    const cutting = createServer((socket) => {
      socket.on('error', () => undefined);
      const answers = new PassThrough();
      const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(answers));
      let client = '';
      let isLast = false;
      const held: Buffer[] = [];
      answers.on('data', (bytes: Buffer) => {
        if (!isLast) return void socket.write(bytes);
        held.push(bytes);
        // The answer to the call, head and body, and at once the head of a message that never comes.
        if (held.length === 2) socket.write(Buffer.concat([...held, Buffer.from('Content-Length: 100\r\n\r\n')]));
      });
      connection.onRequest('hello', ({ nonce }: { nonce: string }) => {
        client = nonce;
        return { nonce: 'core', proof: proofOf(token, 'core', client, 'core') };
      });
      connection.onRequest('prove', () => ({ accepted: true, pid: 1 }));
      connection.onRequest('call', () => {
        isLast = true;
        return { ok: true, result: { stopped: true, running: [] } };
      });
      connection.listen();
    });
    await new Promise<void>((resolve) => cutting.listen(address, resolve));
    writeFileSync(join(folder, 'core.json'), JSON.stringify({ pid: 1, address, token }));
    const { child, done, soFar } = startCli(['agent', 'stop'], { data: folder });
    try {
      await expect.poll(() => soFar().out).toContain('Quorate was asked to stop.');
      const isOver = await Promise.race([
        done.then(() => true),
        new Promise((resolve) => setTimeout(() => resolve(false), 120_000)),
      ]);
      expect(isOver).toBe(true);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => cutting.close(resolve));
    }
  });

  it('does not take a proof that was heard before', async () => {
    await start();
    const { address, token } = ticket();
    const ask = async (proof: (nonce: string) => string): Promise<boolean> => {
      const socket = connect(address);
      const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
      connection.onClose(() => connection.dispose());
      connection.listen();
      const { nonce } = await connection.sendRequest<{ nonce: string }>('hello', { nonce: 'mine' });
      // Who is refused is hung up on, with or without an answer.
      const answer = await connection
        .sendRequest<{ accepted: boolean }>('prove', { proof: proof(nonce) })
        .catch(() => ({ accepted: false }));
      socket.destroy();
      return answer.accepted;
    };
    let first = '';
    expect(await ask((nonce) => (first = proofOf(token, 'client', 'mine', nonce)))).toBe(true);
    expect(await ask(() => first)).toBe(false);
    // Its own proof sent back to it is not the client's.
    expect(await ask((nonce) => proofOf(token, 'core', 'mine', nonce))).toBe(false);
  });

  it('claims by a name that does not follow from the folder, and one spoiled file does not stop it', async () => {
    await start();
    const name = readFileSync(join(folder, 'core.claim'), 'utf8');
    expect(name).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(join(folder, 'core.claim')).mode & 0o077).toBe(0);
    for (const core of cores) await core.close();
    cores = [];
    writeFileSync(join(folder, 'core.claim'), 'spoiled');
    expect(await start()).not.toBeNull();
    expect(readFileSync(join(folder, 'core.claim'), 'utf8')).not.toBe(name);
  });

  it.skipIf(process.platform === 'win32')(
    titled(
      'refuses a data folder to which others can write',
      process.platform === 'win32' ? 'Windows has access lists in place of modes' : null,
    ),
    () => {
      chmodSync(folder, 0o777);
      expect(() => prepareDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_UNSAFE' }));
      chmodSync(folder, 0o755);
      expect(prepareDataFolder(folder)).toBe(realpathSync(folder));
    },
  );

  it('tells a waiting caller that the core is gone', async () => {
    const core = await start();
    const remote = await findRunning();
    const answer = remote.call('core.stop', { force: true }, { caller: { kind: 'cli' } });
    await answer;
    const closed = new Promise<void>((resolve) => remote.onClose(resolve));
    await core?.close();
    cores = [];
    await closed;
    expect(await remote.call('core.info', {}, { caller: { kind: 'cli' } })).toMatchObject({
      ok: false,
      error: { code: 'CORE_CONNECTION_LOST', effect: 'unknown' },
    });
  });

  it('that ends stops what it works on, and whoever waits for that has the answer first', async () => {
    const core = await start();
    const remote = await findRunning();
    const listen = [{ host: '127.0.0.1', port: 0 }];
    let told = 0;
    const answer = remote.call(
      'target.serve',
      { listen, luns: [{ sizeBytes: '1048576', file: null }] },
      { caller: { kind: 'cli' }, onProgress: () => (told += 1) },
    );
    await expect.poll(() => told).toBeGreaterThan(0);
    expect(core?.isIdle()).toBe(false);
    // What set-up and removal of the program go by.
    const refused = await startCli(['agent', 'stop'], { data: folder }).done;
    expect(refused.code).toBe(4);
    expect(refused.err).toContain('Quorate is still working on: ');
    await core?.close();
    cores = [];
    expect(await answer).toMatchObject({ ok: true, result: { sessionsServed: 0 } });
  });

  it('survives garbage on its pipe', async () => {
    const core = await start();
    await new Promise<void>((resolve) => {
      const socket = connect(ticket().address, () => socket.end('\u0000\u0001 garbage\r\n\r\n{{{'));
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    const remote = await findRunning();
    expect(await remote.call('core.info', {}, { caller: { kind: 'cli' } })).toMatchObject({ ok: true });
    remote.close();
    expect(core?.core.activities.running()).toEqual([]);
  });
});

describe('the command line', () => {
  const run = (args: string[]): { code: number; stdout: string; stderr: string } => {
    try {
      return {
        code: 0,
        stdout: execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8', stdio: 'pipe' }),
        stderr: '',
      };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { code: status, stdout, stderr };
    }
  };

  it.each([
    [['no-such-command'], 'unknown command'],
    [['completion', 'tcsh'], 'bash, zsh, powershell'],
    [['agent', '--no-such-option'], 'unknown option'],
    // A group with a verb that is meant where none is named, and one without.
    [['initiator', 'chek'], 'quorate initiator has no verb chek. Its verbs: '],
    [['rehearsal', 'creat'], 'quorate rehearsal has no verb creat; did you mean create? Its verbs: '],
    [['form', 'statos'], 'quorate form has no verb statos; did you mean status? Its verbs: '],
    [['vm', 'list', 'all'], 'all is one argument too many: quorate vm list takes none.'],
    [['vm', 'check', 'VM1', 'VM2'], 'VM2 is one argument too many: quorate vm check takes <name>.'],
  ])('answers %j with exit code 2 and names the problem', (args, text) => {
    const { code, stderr } = run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('prints the version and the help with its exit codes', () => {
    expect(run(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(['--help']).stdout).toContain('4 a check failed');
  });

  it('says whether a core runs, and stops it', async () => {
    expect(JSON.parse(run(['agent', 'status', '--json', '--data', folder]).stdout)).toMatchObject({ running: false });
  });

  it('names a data folder that cannot be used', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, stderr } = run(['--data', join(file, 'inside'), 'activity']);
    expect(code).toBe(1);
    expect(stderr).toContain('DATA_FOLDER_UNUSABLE');
    expect(stderr).toContain('--data');
  });

  it.each(['bash', 'zsh', 'powershell'])('completes for %s', (shell) => {
    const { stdout } = run(['completion', shell]);
    for (const word of ['agent', 'status', '--force']) expect(stdout).toContain(word);
    if (shell === 'bash') {
      const script = `${stdout}\nCOMP_WORDS=(quorate agent st); COMP_CWORD=2; _quorate; echo "\${COMPREPLY[@]}"`;
      expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(/\s+/)).toEqual(
        expect.arrayContaining(['status', 'stop']),
      );
    }
  });
});
