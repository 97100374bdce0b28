import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../main/rehearsal/world/folder-lock.ts';

describe('the lock of a world folder', () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-lock-'));
    lock = join(folder, 'world.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The number of a process that has ended. */
  const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

  it('names its process, and leaves nothing when it is given free', () => {
    const free = lockFolder(folder);
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
    expect(readdirSync(folder)).toEqual(['world.lock']);
    free!();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken from a process that lives, unless that is said', () => {
    writeFileSync(lock, String(process.ppid));
    expect(lockFolder(folder)).toBeNull();
    expect(readFileSync(lock, 'utf8')).toBe(String(process.ppid));
    expect(lockFolder(folder, true)).not.toBeNull();
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  });

  it('is taken over from a process that was killed', () => {
    writeFileSync(lock, String(deadPid()));
    const free = lockFolder(folder);
    expect(free).not.toBeNull();
    expect(readdirSync(folder)).toEqual(['world.lock']);
  });

  it('is not taken over while another process is doing that, and is when that one was killed', () => {
    const guard = join(folder, 'world.lock.takeover');
    writeFileSync(lock, String(deadPid()));
    writeFileSync(guard, String(process.ppid));
    expect(lockFolder(folder)).toBeNull();
    writeFileSync(guard, String(deadPid()));
    expect(lockFolder(folder)).toBeNull();
    expect(existsSync(guard)).toBe(false);
    expect(lockFolder(folder)).not.toBeNull();
  });

  it('of somebody who took it over is not given free by the one who had it', () => {
    const free = lockFolder(folder)!;
    writeFileSync(lock, String(process.ppid));
    free();
    expect(existsSync(lock)).toBe(true);
  });
});
