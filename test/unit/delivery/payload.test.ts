import { createPackage } from '@electron/asar';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wantedFuses } from '../../../build/fuses.mjs';
import { inspectPayload } from '../../../build/payload.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-payload-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text = ''): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const scripts = (): string[] =>
  readdirSync(join(root, 'main', 'powershell'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(ps1|cmd)$/.test(path),
  );

/** A program that is nothing but its fuses: a mark, the version, their number, and one digit for each (electron/fuses, README). */
const program = (change: Partial<Record<keyof typeof wantedFuses, boolean>> = {}): void => {
  const states = Object.entries({ ...wantedFuses, ...change }).map(([, isOn]) => (isOn ? '1' : '0'));
  put(
    'out/quorate-window',
    `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001${String.fromCharCode(states.length)}${states.join('')}`,
  );
};

/** A payload as it should be, in small; `spoil` changes what goes into it. */
const build = async (spoil: () => void = () => undefined): Promise<string[]> => {
  for (const name of Object.keys(manifest.dependencies)) put(`app/node_modules/${name}/package.json`, '{}');
  put('app/dist/cli/quorate.mjs', '');
  const unpacked = 'out/resources/app.asar.unpacked/dist/powershell';
  const hashes: Record<string, string> = {};
  for (const path of scripts()) {
    mkdirSync(dirname(join(folder, unpacked, path)), { recursive: true });
    cpSync(join(root, 'main', 'powershell', path), join(folder, unpacked, path));
    hashes[path] = createHash('sha256')
      .update(readFileSync(join(root, 'main', 'powershell', path)))
      .digest('hex');
  }
  put(`${unpacked}/scripts.json`, JSON.stringify(hashes));
  put('out/LICENSE', 'MIT');
  const names = [...Object.keys(manifest.dependencies), 'react', 'zod', '@fluentui/react-components'];
  put('out/THIRD-PARTY-NOTICES.txt', names.map((name) => `\n${name} 1.0.0 (MIT)\n`).join(''));
  program();
  spoil();
  await createPackage(join(folder, 'app'), join(folder, 'out', 'resources', 'app.asar'));
  return inspectPayload(join(folder, 'out'));
};

const first = (): string => scripts()[0] ?? '';
const shipped = (path: string): string => join(folder, 'out/resources/app.asar.unpacked/dist/powershell', path);

it('finds nothing wrong with a payload as it should be', async () => {
  expect(scripts().length).toBeGreaterThan(10);
  expect(await build()).toEqual([]);
});

it.each<[string, () => void, RegExp]>([
  ['a script that is missing', () => rmSync(shipped(first())), /a script is missing/],
  ['a script that was altered', () => writeFileSync(shipped(first()), '# altered'), /differs from its source/],
  ['a script without a hash', () => writeFileSync(shipped('scripts.json'), '{}'), /has no hash/],
  ['an archive that is not checked', () => program({ EnableEmbeddedAsarIntegrityValidation: false }), /AsarIntegrity/],
  ['code beside the archive', () => program({ OnlyLoadAppFromAsar: false }), /OnlyLoadAppFromAsar is off/],
  ['NODE_OPTIONS', () => program({ EnableNodeOptionsEnvironmentVariable: true }), /EnableNodeOptions\w+ is on/],
  ['file: with rights of its own', () => program({ GrantFileProtocolExtraPrivileges: true }), /GrantFile\w+ is on/],
  ['no program', () => rmSync(join(folder, 'out/quorate-window')), /no program/],
  ['a source map', () => put('app/dist/cli/quorate.mjs.map'), /a source map/],
  ['a source file', () => put('app/shared/errors/failure.ts'), /a source file/],
  ['a development package', () => put('app/node_modules/vitest/package.json', '{}'), /a development package: vitest/],
  [
    'a package that is missing',
    () => rmSync(join(folder, 'app/node_modules/pino'), { recursive: true }),
    /a missing package: pino/,
  ],
  ['a licence that is missing', () => rmSync(join(folder, 'out/LICENSE')), /a licence file is missing/],
  ['notices without a package', () => put('out/THIRD-PARTY-NOTICES.txt', ''), /no licence notice of react/],
])('finds %s', async (_what, spoil, problem) => {
  expect((await build(spoil)).join('\n')).toMatch(problem);
});

it('says when there is no payload at all', async () => {
  expect((await inspectPayload(folder)).join()).toMatch(/there is no/);
});

it('asks the packer for the very fuses that are read back', () => {
  const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
  const section = /^electronFuses:\n((?: .*\n)+)/m.exec(text)?.[1] ?? '';
  const asked = [...section.matchAll(/^ {2}(\w+): (true|false)$/gm)].map(([, name, value]) => [name, value === 'true']);
  const wanted = Object.entries(wantedFuses).map(([name, isOn]) => [`${name[0]!.toLowerCase()}${name.slice(1)}`, isOn]);
  expect(asked.filter(([name]) => name !== 'resetAdHocDarwinSignature').sort()).toEqual(wanted.sort());
});
