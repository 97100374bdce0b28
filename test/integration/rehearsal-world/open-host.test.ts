import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRehearsal, type RehearsalOptions } from '../../../main/rehearsal/host/rehearsal-host.ts';
import { startWorld } from '../../../main/rehearsal/host/start-world.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { worldAddress } from '../../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../../main/rehearsal/world/client.ts';
import { bundleWorld, until } from '../../support/world.ts';
import { measuredUntil } from '../../support/measured.ts';
import { endWorlds, removeFolder } from '../../support/remove-folder.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a simulated server that is opened by its name', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'quorate-data-'));
    mkdirSync(join(dataFolder, 'rehearsal', 'lab'), { recursive: true });
  });

  const open = async (name: string, options: RehearsalOptions = {}) => {
    const ref = parseServerRef(`rehearsal:${name}`);
    if (ref?.kind !== 'rehearsal') throw new Error(`${name} names no rehearsal`);
    return openRehearsal(dataFolder, ref, { entry: await bundleWorld(), clock: 'driven', ...options });
  };

  const listens = async (folder: string): Promise<boolean> => {
    const client = await WorldClient.connect(worldAddress(folder), 'test').catch(() => null);
    client?.close();
    return client !== null;
  };

  afterEach(() => removeFolder(dataFolder));

  it('starts its world, which goes on without it and keeps what was done', async () => {
    const one = await open('lab');
    expect(one).toMatchObject({ ref: { kind: 'rehearsal', world: 'lab', server: 'NODE1' } });
    const nic = (await one.nics.list())[0]!;
    await one.apply({ do: 'nic.rename', nic: nic.interfaceGuid, newName: 'Production' });
    await one.close();
    expect(await listens(join(dataFolder, 'rehearsal', 'lab'))).toBe(true);

    const two = await open('lab/node1');
    expect((await two.nics.list())[0]!.name).toBe('Production');
    await two.close();
    await endWorlds(dataFolder);

    const three = await open('lab');
    expect((await three.nics.list())[0]!.name).toBe('Production');
    await three.close();
  });

  it('answers twelve questions of one caller at once, without a warning of Node on the console', async () => {
    const warnings: string[] = [];
    const note = (warning: Error): number => warnings.push(warning.name);
    process.on('warning', note);
    try {
      const one = await open('lab');
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 12 }, () => one.nics.list({ signal })));
      // Node warns in the turn after.
      await pause(10);
      await one.close();
    } finally {
      process.off('warning', note);
    }
    expect(warnings).toEqual([]);
  });

  it('is one world for its servers, and for all who open it at once', async () => {
    const all = await Promise.all([open('lab'), open('lab/NODE2'), open('lab'), open('lab/NODE2')]);
    expect((await Promise.all(all.map((ports) => ports.host.readState()))).map((facts) => facts.computerName)).toEqual([
      'NODE1',
      'NODE2',
      'NODE1',
      'NODE2',
    ]);
    await Promise.all(all.map((ports) => ports.close()));
  });

  it('is not made by asking for it', async () => {
    await expect(open('nothere')).rejects.toMatchObject({
      code: 'REHEARSAL_NOT_FOUND',
      detail: { name: 'nothere' },
      effect: 'none',
    });
    expect(readdirSync(join(dataFolder, 'rehearsal'))).toEqual(['lab']);
  });

  it('names the servers when it has not the one that was asked for', async () => {
    await expect(open('lab/NODE9')).rejects.toMatchObject({
      code: 'REHEARSAL_SERVER_NOT_FOUND',
      detail: { server: 'NODE9', servers: 'NODE1, NODE2' },
    });
  });

  it('says so when its process does not start', async () => {
    await expect(open('lab', { launch: () => undefined, timeoutMs: 100 })).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
  });

  it('ends by itself when nobody used it for a while', async () => {
    const ports = await open('lab', { idleMinutes: 0.002 });
    const client = await WorldClient.connect(worldAddress(join(dataFolder, 'rehearsal', 'lab')), 'test');
    const { pid } = (await client.control('describe')) as { pid: number };
    client.close();
    await ports.close();
    // Asking the world itself would be using it.
    await until(
      () => isAlive(pid),
      (alive) => !alive,
      'the world ends',
    );
  });

  it('ends with who it was made for, however that ended, once nobody else uses it, and begins again', async () => {
    const folder = join(dataFolder, 'rehearsal', 'lab');
    const start = { folder, who: 'owner', entry: await bundleWorld(), clock: 'driven', endsWithMe: true } as const;
    const owner = await startWorld(start);
    const guest = await WorldClient.connect(worldAddress(folder), 'guest');
    const { pid } = (await guest.control('describe')) as { pid: number };
    // A target that is served keeps a world that belongs to nobody.
    const { targets } = (await guest.control('snapshot')) as { targets: Record<string, unknown> };
    await guest.control('serveTarget', { target: Object.keys(targets)[0] });
    // A killed process leaves no more behind than a connection that closes.
    owner.close();
    const next = await startWorld(start);
    expect(await next.control('describe')).toMatchObject({ pid });
    next.close();
    expect(await guest.control('describe')).toMatchObject({ pid });
    guest.close();
    await until(
      () => isAlive(pid),
      (alive) => !alive,
      'the world ends',
    );
    const again = await startWorld(start);
    expect(await again.control('describe')).toMatchObject({ scenario: expect.any(String) as string });
    again.close();
  });

  it('ends within a minute where who it was made for was killed before it was connected', async () => {
    const told: string[][] = [];
    const start = { folder: join(dataFolder, 'rehearsal', 'lab'), who: 'owner', timeoutMs: 1 };
    const launch = (_entry: string, args: readonly string[]): void => void told.push([...args]);
    await expect(startWorld({ ...start, launch, endsWithMe: true })).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
    await expect(startWorld({ ...start, launch })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(told.map((args) => args.includes('--idle-minutes') && args.at(args.indexOf('--idle-minutes') + 1))).toEqual([
      '1',
      false,
    ]);
  });

  it('lets no time pass any more for whom stays, once who drives its clock is gone', async () => {
    const folder = join(dataFolder, 'rehearsal', 'lab');
    const start = { folder, who: 'owner', entry: await bundleWorld(), clock: 'driven', endsWithMe: true } as const;
    const owner = await startWorld(start);
    const guest = await WorldClient.connect(worldAddress(folder), 'guest');
    const now = async (): Promise<string> =>
      ((await guest.control('describe')) as { clock: { now: string } }).clock.now;
    const restart = (): Promise<unknown> => guest.control('restart', { server: 'NODE1' });
    await owner.control('jumpAfter', { ms: 10 });
    const first = await now();
    await restart();
    await until(now, (moment) => moment !== first, 'the clock jumps to the start');
    owner.close();
    // The world learns of it in its own time; a clock that jumps shows it within some 10 ms.
    await measuredUntil(
      async () => {
        await pause(200);
        const left = await now();
        await restart();
        await pause(300);
        return { left, after: await now() };
      },
      ({ left, after }) => expect(after).toBe(left),
    );
    guest.close();
  });

  it('is raised by a process that was started before it was known for what', async () => {
    const folder = join(dataFolder, 'rehearsal', 'lab');
    const child = spawn(process.execPath, [await bundleWorld(), '--later'], { stdio: ['pipe', 'ignore', 'inherit'] });
    await pause(100);
    expect(child.exitCode).toBeNull();
    child.stdin.end(`${JSON.stringify(['--folder', folder, '--clock', 'driven'])}\n`);
    const client = await until(
      () => WorldClient.connect(worldAddress(folder), 'test').catch(() => null),
      (connected) => connected !== null,
      'the world listens',
    );
    expect(await client!.control('describe')).toMatchObject({ pid: child.pid, clock: { mode: 'driven' } });
    client!.close();
  });

  it('is not raised by one that was never told what for: that ends with who prepared it', async () => {
    const child = spawn(process.execPath, [await bundleWorld(), '--later'], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(readdirSync(join(dataFolder, 'rehearsal', 'lab'))).toEqual([]);
  });
});
