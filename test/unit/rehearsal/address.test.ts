import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { worldAddress } from '../../../main/rehearsal/world/address.ts';
import { titled } from '../../support/skipped.ts';

describe('where a world listens', () => {
  let temporary: string;
  let folder: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'quorate-address-'));
    folder = join(temporary, 'world');
    mkdirSync(folder);
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));
  const own = () => join(temporary, `quorate-${userInfo().uid}`);
  const deep = () => join(folder, 'x'.repeat(120));
  const fallback = () => worldAddress(deep(), { platform: 'linux', temporary });

  it('is a pipe on Windows whose name nobody can foresee, and which stays', () => {
    const windows = { platform: 'win32', temporary } as const;
    const address = worldAddress(folder, windows);
    expect(address).toMatch(/^\\\\\.\\pipe\\quorate-world-[0-9a-f]{32}$/);
    expect(worldAddress(folder, windows)).toBe(address);
    expect(statSync(join(folder, 'pipe-name')).mode & 0o777).toBe(0o600);
    const other = join(temporary, 'other');
    mkdirSync(other);
    expect(worldAddress(other, windows)).not.toBe(address);
    writeFileSync(join(folder, 'pipe-name'), '..\\elsewhere');
    expect(() => worldAddress(folder, windows)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_UNSAFE' }));
    expect(readFileSync(join(folder, 'pipe-name'), 'utf8')).toBe('..\\elsewhere');
  });

  it('is a socket in the folder, or where that is too long, in a folder for this user only', () => {
    expect(worldAddress('/srv/w', { platform: 'linux', temporary })).toBe('/srv/w/world.sock');
    expect(fallback().startsWith(`${own()}/`)).toBe(true);
    expect(statSync(own()).mode & 0o777).toBe(0o700);
  });

  it('is refused where others can use that folder, or a link stands in its place', () => {
    mkdirSync(own());
    chmodSync(own(), 0o777);
    expect(fallback).toThrow(/other accounts can use it/);
    rmSync(own(), { recursive: true });
    symlinkSync(folder, own());
    expect(fallback).toThrow(/it is not a folder/);
  });

  // Only root can give a folder away.
  it.skipIf(userInfo().uid !== 0)(
    titled(
      'is refused where another account made that folder',
      userInfo().uid !== 0 ? 'only root can give a folder to another account' : null,
    ),
    () => {
      mkdirSync(own(), { mode: 0o700 });
      chownSync(own(), 1, 1);
      expect(fallback).toThrow(/it belongs to another account/);
    },
  );
});
