import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageFile, unsafeName, type Release } from '../../../main/operations/update/package-file.ts';
import type { Failure } from '../../../shared/errors/failure.ts';
import { writeUpdateZip, type UpdateContent } from '../../support/update-zip.ts';

let folder = '';
let count = 0;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-package-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = [
  { name: 'quorate.cmd', content: '@echo off\r\n' },
  { name: 'app/dist/cli/quorate.mjs', content: `${'console.log(1);\n'.repeat(400)}` },
];

const write = async (content: Partial<UpdateContent> = {}, spoil?: (bytes: Buffer) => Buffer): Promise<string> => {
  const path = join(folder, `core-${(count += 1)}.zip`);
  await writeUpdateZip(path, { version: '2.0.0', files, ...content });
  if (spoil) writeFileSync(path, spoil(readFileSync(path)));
  return path;
};

/** Opens, reads and unpacks; what was unpacked, or the failure. */
const take = async (path: string): Promise<{ release?: Release; target: string; failed?: Failure }> => {
  const target = join(folder, `target-${(count += 1)}`, 'inside');
  mkdirSync(target, { recursive: true });
  let file: PackageFile | null = null;
  try {
    file = await PackageFile.open(path);
    const release = await file.readRelease();
    await file.unpack(release, target, {});
    return { release, target };
  } catch (error) {
    return { target, failed: error as Failure };
  } finally {
    file?.close();
  }
};

/** Gives an entry another name of the same length, in both places where a zip has it. */
const renamed =
  (from: string, to: string) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('a core as a zip', () => {
  it('is unpacked with every file as its list has it', async () => {
    const { release, target, failed } = await take(await write());
    expect(failed).toBeUndefined();
    expect(release).toMatchObject({ product: 'quorate-core', version: '2.0.0', platform: 'win-x64' });
    for (const { name, content } of files) expect(readFileSync(join(target, name), 'utf8')).toBe(content);
    expect(JSON.parse(readFileSync(join(target, 'release.json'), 'utf8'))).toEqual(release);
  });

  const extra = [{ name: 'app/evil/evil.txt', content: 'x' }];
  it.each<[string, Partial<UpdateContent>, ((bytes: Buffer) => Buffer) | undefined, string, RegExp]>([
    ['that is no zip', {}, () => Buffer.from('nothing of the kind'), 'UPDATE_FILE_UNREADABLE', /not a complete zip/],
    [
      'that is cut off',
      {},
      (bytes) => bytes.subarray(0, bytes.length - 40),
      'UPDATE_FILE_UNREADABLE',
      /not a complete zip/,
    ],
    ['that is empty', {}, () => Buffer.alloc(0), 'UPDATE_FILE_UNREADABLE', /not a complete zip/],
    [
      'a file above the folder',
      { unlisted: extra },
      renamed('app/evil/evil.txt', '../../../evil.txt'),
      'UPDATE_CONTENT_UNSAFE',
      /evil\.txt/,
    ],
    [
      'a file of the root',
      { unlisted: extra },
      renamed('app/evil/evil.txt', '//windows/evil.tx'),
      'UPDATE_CONTENT_UNSAFE',
      /evil\.tx/,
    ],
    [
      'a file of another drive',
      { unlisted: extra },
      renamed('app/evil/evil.txt', 'C:/evil/evil/a.tx'),
      'UPDATE_CONTENT_UNSAFE',
      /C:/,
    ],
    [
      'a name with a backslash',
      { unlisted: extra },
      renamed('app/evil/evil.txt', '..\\evil1\\evil.txt'),
      'UPDATE_CONTENT_UNSAFE',
      /evil/,
    ],
    [
      'a device',
      { unlisted: extra },
      renamed('app/evil/evil.txt', 'app/evil/aux.evil'),
      'UPDATE_CONTENT_UNSAFE',
      /device/,
    ],
    [
      'a stream of a file',
      { unlisted: extra },
      renamed('app/evil/evil.txt', 'app/evil:evil.txt'),
      'UPDATE_CONTENT_UNSAFE',
      /character/,
    ],
    [
      'a name twice, in another letter case',
      { unlisted: [{ name: 'QUORATE.cmd', content: 'x' }] },
      undefined,
      'UPDATE_CONTENT_UNSAFE',
      /twice/,
    ],
    ['a file that its list does not name', { unlisted: extra }, undefined, 'UPDATE_CONTENT_WRONG', /not in the list/],
    [
      'a list that names what is not there',
      { release: { files: [{ name: 'node.exe', size: 1, sha256: 'a'.repeat(64) }] } },
      undefined,
      'UPDATE_CONTENT_WRONG',
      /./,
    ],
    ['no list', { release: null }, undefined, 'UPDATE_NOT_QUORATE', /no release\.json/],
    ['a list that is none', { release: { files: 'all' } }, undefined, 'UPDATE_NOT_QUORATE', /not valid/],
    ['a version that is none', { release: { version: '..' } }, undefined, 'UPDATE_NOT_QUORATE', /not valid/],
  ])('is refused: %s', async (_what, content, spoil, code, words) => {
    const { failed, target } = await take(await write(content, spoil));
    expect(failed).toMatchObject({ code, effect: 'none' });
    expect(failed!.message).toMatch(words);
    expect(() => readFileSync(join(target, '..', '..', 'evil.txt'))).toThrow('ENOENT');
  });

  it.each([
    ['another size', (size: number) => size + 1, (sha: string) => sha, /bytes, not/],
    [
      'another digest',
      (size: number) => size,
      (sha: string) => sha.replace(/./, (one) => (one === '0' ? '1' : '0')),
      /SHA-256/,
    ],
  ])('is refused where a file has %s than its list says', async (_what, sizeOf, shaOf, words) => {
    const good = (await take(await write())).release!;
    const listed = good.files.map((file, at) =>
      at === 1 ? { ...file, size: sizeOf(file.size), sha256: shaOf(file.sha256) } : file,
    );
    const { failed } = await take(await write({ release: { files: listed } }));
    expect(failed).toMatchObject({ code: 'UPDATE_CONTENT_WRONG', detail: { name: 'app/dist/cli/quorate.mjs' } });
    expect(failed!.message).toMatch(words);
  });

  it('is refused where a byte of a file was changed', async () => {
    const path = await write();
    const bytes = readFileSync(path);
    const at = bytes.indexOf('app/dist/cli/quorate.mjs') + 'app/dist/cli/quorate.mjs'.length + 12;
    bytes[at] = bytes[at]! ^ 0xff;
    writeFileSync(path, bytes);
    expect((await take(path)).failed).toMatchObject({ code: 'UPDATE_CONTENT_WRONG' });
  });

  it('that is not there, or is a folder, is said as that', async () => {
    expect((await take(join(folder, 'none.zip'))).failed).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect((await take(folder)).failed).toMatchObject({ code: 'FILE_NOT_READABLE' });
  });
});

it.each([
  ['app/dist/a.mjs', true],
  ['node_modules/@scope/a-b_c.1/x.js', true],
  ['', false],
  ['a//b', false],
  ['./a', false],
  ['a/../b', false],
  ['a/b.', false],
  ['a /b', false],
  ['NUL', false],
  ['a/com1.txt', false],
  ['communal/console.js', true],
  ['a\u0000b', false],
  [`${'a/'.repeat(120)}b`, false],
])('the name %j may be written: %s', (name, isSafe) => {
  expect(unsafeName(name) === null).toBe(isSafe);
});
