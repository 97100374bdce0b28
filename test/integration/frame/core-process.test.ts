import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRunningCore, startCore, type CoreProcess } from '../../../main/agent/core-process.ts';
import { pipeAddress } from '../../../main/agent/core-lock.ts';
import { RemoteCore } from '../../../main/agent/pipe.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/quorate.mjs', import.meta.url));

let folder = '';
let cores: CoreProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-core-'));
});
afterEach(async () => {
  for (const core of cores) await core.close();
  cores = [];
  rmSync(folder, { recursive: true, force: true });
});

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

  it('is free again at once after its process was killed', async () => {
    const child = spawn(process.execPath, [cli, 'agent', '--data', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const remote = await findRunningCore(folder);
      expect(remote.pid).toBe(child.pid);
      remote.close();
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    expect(await RemoteCore.find(folder)).toBeNull();
    expect(await start()).not.toBeNull();
  });

  it('answers over its pipe with the same answers', async () => {
    const core = await start();
    const remote = await findRunningCore(folder);
    const overPipe = await remote.call('core.info', {}, { caller: { kind: 'cli' } });
    expect(overPipe).toEqual(await core?.core.call('core.info', {}, { caller: { kind: 'cli' } }));
    expect(await remote.call('core.nothing', {}, { caller: { kind: 'cli' } })).toMatchObject({
      ok: false,
      error: { code: 'CALL_UNKNOWN_METHOD' },
    });
    remote.close();
  });

  it.skipIf(process.platform === 'win32')('keeps pipe, ticket and folder for its own user', async () => {
    await start();
    expect(statSync(pipeAddress(folder)).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'core.json')).mode & 0o077).toBe(0);
  });

  it('refuses who has no token', async () => {
    await start();
    writeFileSync(join(folder, 'core.json'), JSON.stringify({ pid: 1, address: pipeAddress(folder), token: 'wrong' }));
    await expect(RemoteCore.find(folder)).rejects.toMatchObject({ code: 'CORE_PIPE_REFUSED' });
  });

  it('tells a waiting caller that the core is gone', async () => {
    const core = await start();
    const remote = await findRunningCore(folder);
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
    const remote = await findRunningCore(folder);
    const listen = [{ host: '127.0.0.1', port: 0 }];
    let told = 0;
    const answer = remote.call(
      'target.serve',
      { listen, luns: [{ sizeBytes: '1048576', file: null }] },
      { caller: { kind: 'cli' }, onProgress: () => (told += 1) },
    );
    await expect.poll(() => told).toBeGreaterThan(0);
    expect(core?.isIdle()).toBe(false);
    await core?.close();
    cores = [];
    expect(await answer).toMatchObject({ ok: true, result: { sessionsServed: 0 } });
  });

  it('survives garbage on its pipe', async () => {
    const core = await start();
    await new Promise<void>((resolve) => {
      const socket = connect(pipeAddress(folder), () => socket.end('\u0000\u0001 garbage\r\n\r\n{{{'));
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    const remote = await findRunningCore(folder);
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

  it('names a data folder that can not be used', () => {
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
