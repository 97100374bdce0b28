import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFileIfThere, renameOver, replaceFile } from '../../../main/system/durable-file.ts';
import { pause } from '../../../main/system/pause.ts';
import { isProcessAlive } from '../../../main/system/processes.ts';
import { fileReasonOf } from '../../../main/system/reason.ts';

describe('a file that is replaced', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has the new content, for its user only, and nothing is left beside it', () => {
    const path = join(folder, 'settings.json');
    replaceFile(path, 'one');
    replaceFile(path, Buffer.from('two'));
    expect(readFileIfThere(path)).toBe('two');
    expect(readdirSync(folder)).toEqual(['settings.json']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the old content where the new one is not right, or cannot take its place', () => {
    const path = join(folder, 'settings.json');
    writeFileSync(path, 'old');
    const check = (beside: string): void => {
      expect(readFileSync(beside, 'utf8')).toBe('new');
      throw new Error('not what it should be');
    };
    expect(() => replaceFile(path, 'new', { check })).toThrow('not what it should be');
    expect(readFileSync(path, 'utf8')).toBe('old');
    mkdirSync(join(folder, 'taken'));
    expect(() => replaceFile(join(folder, 'taken'), 'new')).toThrow(/EISDIR|EPERM|EEXIST/);
    expect(() => replaceFile(join(folder, 'nowhere', 'file'), 'new')).toThrow('ENOENT');
    expect(readdirSync(folder).sort()).toEqual(['settings.json', 'taken']);
  });

  it('waits on Windows for a program that has the file open, and not for ever', () => {
    const pauses: number[] = [];
    const tried = (platform: NodeJS.Platform, code: string, failures: number): number => {
      let tries = 0;
      pauses.length = 0;
      renameOver('new', 'old', {
        platform,
        wait: (ms) => pauses.push(ms),
        rename: () => {
          tries += 1;
          if (tries <= failures) throw Object.assign(new Error(code), { code });
        },
      });
      return tries;
    };
    for (const code of ['EPERM', 'EACCES', 'EBUSY']) expect(tried('win32', code, 3)).toBe(4);
    expect(pauses).toEqual([5, 10, 20]);
    expect(() => tried('win32', 'EBUSY', 1000)).toThrow('EBUSY');
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(1000);
    expect(() => tried('win32', 'ENOSPC', 1)).toThrow('ENOSPC');
    expect(() => tried('linux', 'EPERM', 1)).toThrow('EPERM');
    expect(pauses).toEqual([]);
  });

  it('is null where there is none, and what the system refuses is said in words with its code', () => {
    expect(readFileIfThere(join(folder, 'none'))).toBeNull();
    expect(fileReasonOf(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe('the disk is full (ENOSPC)');
    expect(fileReasonOf(new Error('not what is read back'))).toBe('not what is read back');
  });
});

describe('a process', () => {
  it('lives while it runs, also one that refuses the question', () => {
    expect(isProcessAlive(process.pid)).toBe(true);
    expect(isProcessAlive(1)).toBe(true);
    expect(isProcessAlive(2 ** 22 + 1)).toBe(false);
  });
});

describe('a pause', () => {
  it('ends early, and without a failure, when it is given up', async () => {
    const controller = new AbortController();
    const paused = pause(600_000, controller.signal);
    controller.abort();
    await expect(paused).resolves.toBeUndefined();
    await expect(pause(600_000, controller.signal)).resolves.toBeUndefined();
    await expect(pause(1)).resolves.toBeUndefined();
  });
});
