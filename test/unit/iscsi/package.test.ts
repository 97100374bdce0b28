import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const modules = join(root, 'node_modules');
const source = join(root, 'main', 'iscsi');

const tsc = (folder: string, project: string): void => {
  execFileSync(
    process.execPath,
    [join(modules, 'typescript-native', 'bin', 'tsc'), '-p', project, '--singleThreaded'],
    { cwd: folder },
  );
};

/** Types of Node and of the optional library, as `npm install` in the package would bring them. */
const install = (folder: string, ...names: string[]): void => {
  for (const name of names) {
    const to = join(folder, 'node_modules', name);
    mkdirSync(join(to, '..'), { recursive: true });
    symlinkSync(join(modules, name), to, 'junction');
  }
};

test(
  'the folder alone is a package: it builds elsewhere, runs in plain Node and has types',
  { timeout: 180_000 },
  () => {
    const base = mkdtempSync(join(tmpdir(), 'quorate-iscsi-'));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    const folder = join(base, 'built');
    cpSync(source, folder, { recursive: true });
    install(folder, '@types/node', '@node-rs/crc32');
    tsc(folder, 'tsconfig.package.json');

    // Who uses it has what the manifest names and nothing else of ours, not even the optional library.
    const user = join(base, 'user');
    const installed = join(user, 'node_modules', 'quorate-iscsi');
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly files: string[] };
    for (const name of ['package.json', 'LICENSE', 'README.md', ...manifest.files])
      cpSync(join(folder, name), join(installed, name), { recursive: true });
    writeFileSync(join(user, 'package.json'), '{ "type": "module" }');
    const program = [
      "import { crc32c, formatLun, loadNativeCrc32c, lunFromNumber, scsi, type Session } from 'quorate-iscsi';",
      'const read = (session: Session) => scsi.readCapacity(session, lunFromNumber(1));',
      'const how: string = await loadNativeCrc32c();',
      'console.log(how, crc32c(new Uint8Array(32)).toString(16), formatLun(lunFromNumber(300)), typeof read);',
    ];
    writeFileSync(join(user, 'program.ts'), program.join('\n'));
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
    };
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    install(user, '@types/node', 'undici-types');
    tsc(user, 'tsconfig.json');
    const said = execFileSync(process.execPath, [join(user, 'program.js')], { encoding: 'utf8' });
    expect(said.trim()).toBe('typescript 8a9136aa 300 function');
  },
);

test('the manifest names the versions that the product uses', () => {
  const read = (path: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  const whole = read(join(root, 'package.json'));
  const part = read(join(source, 'package.json'));
  expect(part['license']).toBe(whole['license']);
  expect(part['engines']).toEqual(whole['engines']);
  expect(part['optionalDependencies']).toEqual({ '@node-rs/crc32': whole['dependencies']!['@node-rs/crc32'] });
  const { typescript, ...others } = part['devDependencies']!;
  // The product has an older compiler beside its own, for tools that need its interface.
  expect(whole['devDependencies']!['typescript-native']).toBe(`npm:typescript@${typescript}`);
  for (const [name, version] of Object.entries(others)) expect(whole['devDependencies']![name]).toBe(version);
  expect(readFileSync(join(source, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
});
