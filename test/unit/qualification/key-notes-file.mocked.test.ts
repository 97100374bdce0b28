import * as fs from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { keyNotesFile } from '../../../main/agent/key-notes-file.ts';
import type { KeyNote } from '../../../main/qualify/index.ts';

/** What the disk does wrong, from the next write on. */
const disk = vi.hoisted(() => ({ bytesLeft: Infinity, atOnce: Infinity, changes: false, flushed: [] as number[] }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync: (file: number, bytes: Buffer, from = 0, length = bytes.length - from) => {
      const count = Math.min(length, disk.bytesLeft, disk.atOnce);
      disk.bytesLeft -= count;
      if (disk.changes) return real.writeSync(file, Buffer.alloc(count, 0x20), 0, count);
      return count === 0 ? 0 : real.writeSync(file, bytes, from, count);
    },
    fsyncSync: (file: number) => {
      disk.flushed.push(file);
      real.fsyncSync(file);
    },
  };
});

const note = (key: number): KeyNote => ({
  portal: '192.0.2.1:3260',
  target: 'iqn.2026-01.example:array',
  lun: 1,
  initiator: 'iqn.2026-01.example:node1',
  isid: '800000000001',
  key: `0x51524154${key.toString(16).padStart(8, '0')}`,
  since: '2026-01-02T03:04:05.000Z',
});

let folder: string;
beforeEach(() => {
  Object.assign(disk, { bytesLeft: Infinity, atOnce: Infinity, changes: false, flushed: [] });
  folder = fs.mkdtempSync(join(tmpdir(), 'quorate-notes-'));
  return () => fs.rmSync(folder, { recursive: true, force: true });
});

const text = (): string => fs.readFileSync(join(folder, 'registered-keys.json'), 'utf8');

describe('the file of key notes', () => {
  it('is written whole although every write is short, and file and folder are flushed', async () => {
    disk.atOnce = 7;
    const notes = keyNotesFile(folder);
    await notes.add(note(1), note(2));
    expect(disk.flushed).toHaveLength(process.platform === 'win32' ? 1 : 2);
    await notes.remove(note(1));
    expect(await notes.list()).toEqual([note(2)]);
    expect(fs.readdirSync(folder)).toEqual(['registered-keys.json']);
  });

  it.each([0, 1, 100, 300])('keeps the earlier notes when the disk is full after %i bytes', async (bytesLeft) => {
    const notes = keyNotesFile(folder);
    await notes.add(note(1));
    const before = text();
    disk.bytesLeft = bytesLeft;
    await expect(notes.add(note(2), note(3))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    disk.bytesLeft = Infinity;
    expect(text()).toBe(before);
    expect(fs.readdirSync(folder)).toEqual(['registered-keys.json']);
    await notes.add(note(2));
    expect(await notes.list()).toEqual([note(1), note(2)]);
  });

  it('is not replaced by what is read back otherwise than it was written', async () => {
    const notes = keyNotesFile(folder);
    await notes.add(note(1));
    disk.changes = true;
    await expect(notes.add(note(2))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    expect(await notes.list()).toEqual([note(1)]);
  });

  it.each([
    ['cut', '{"schema":"quorate.registered-keys/1","notes":[{"portal"', /JSON/],
    ['empty', '', /JSON/],
    ['null', 'null', /object/],
    ['without a schema', '{}', /schema/],
    ['with another form', '{"schema":"quorate.registered-keys/1","notes":{}}', /notes/],
    [
      'with a key that is none',
      JSON.stringify({ schema: 'quorate.registered-keys/1', notes: [{ ...note(1), key: 'zzz' }] }),
      /key/,
    ],
    ['of a newer version', '{"schema":"quorate.registered-keys/9","notes":[]}', /newer version/],
  ])('that is damaged (%s) is named with what to do, and left as it is', async (_how, content, reason) => {
    fs.writeFileSync(join(folder, 'registered-keys.json'), content);
    const notes = keyNotesFile(folder);
    for (const act of [() => notes.list(), () => notes.add(note(1)), () => notes.remove(note(1))])
      await expect(act()).rejects.toMatchObject({
        code: 'KEY_NOTES_DAMAGED',
        message: expect.stringMatching(reason) as string,
        next: expect.stringMatching(/registered-keys\.damaged\.json.*51524154/) as string,
      });
    expect(text()).toBe(content);
  });
});
