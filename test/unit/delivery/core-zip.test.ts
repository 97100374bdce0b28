import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { corePackages, coreFiles } from '../../../build/delivery/core-zip.mjs';
import { noticesText } from '../../../build/notices.mjs';
import { desktopLimitBytes, desktopOwnBytes } from '../../../build/delivery/desktop-size.mjs';
import { makeSbom, sbomProblems } from '../../../build/delivery/sbom.mjs';
import { shippedPackages } from '../../../build/delivery/shipped-packages.mjs';
import { fetchVerified } from '../../../build/delivery/verified-package.mjs';
import { root } from '../../../build/setup/steps.mjs';

const kept = join(root, '.cache', 'verified', 'quorate-no-such-package@1.0.0');
afterAll(() => rmSync(kept, { recursive: true, force: true }));

describe('what is shipped beside the bundles', () => {
  const shipped = shippedPackages();

  it('is the closure of the dependencies, with the Windows part of what has one and without that of other systems', () => {
    const names = shipped.map(({ name }) => name);
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(names).toContain('@node-rs/crc32-win32-x64-msvc');
    expect(names.filter((name) => /linux|darwin|freebsd|android|arm64|ia32/.test(name))).toEqual([]);
    expect(names).not.toContain('vitest');
  });

  it('is pinned by a digest each', () => {
    for (const { name, integrity } of shipped) expect(integrity, name).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  });
});

describe('the notices', () => {
  it('give each licence text once, below all packages that have it, each on a line of its own', () => {
    const text = noticesText([
      { title: 'a 1.0.0 (MIT)', text: 'MIT, of one' },
      { title: 'b 2.0.0 (ISC)', text: 'ISC' },
      { title: 'c 3.0.0 (MIT)', text: 'MIT, of one' },
    ]);
    expect(text.match(/^[abc] .*$/gm)).toEqual(['a 1.0.0 (MIT)', 'c 3.0.0 (MIT)', 'b 2.0.0 (ISC)']);
    expect(text.split('MIT, of one')).toHaveLength(2);
    expect(text.indexOf('c 3.0.0')).toBeLessThan(text.indexOf('MIT, of one'));
    expect(text.indexOf('MIT, of one')).toBeLessThan(text.indexOf('b 2.0.0'));
  });
});

describe('the bill of materials', () => {
  const runtime = [{ name: 'node', version: '24.0.0', licence: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` }];

  it.skipIf(!existsSync(join(root, 'dist', 'bundled-packages.json')))(
    'is valid CycloneDX 1.6, names what is bundled and what is shipped, and is the same twice (skipped: nothing is built yet)',
    async () => {
      const text = makeSbom({ runtime, target: 'test' });
      expect(makeSbom({ runtime, target: 'test' })).toBe(text);
      const problem: unknown = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
      expect(problem).toBeNull();
      const { components } = JSON.parse(text) as { components: { name: string; type: string }[] };
      const names = components.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['node', 'zod', 'react', 'pino', 'systeminformation']));
      expect(names).not.toContain('vitest');
      // Fonts leave no code in a bundle, types and barrels leave nothing; packages of another system are not in the zip.
      expect(names).toContain('@fontsource/open-sans');
      expect(names).not.toContain('@types/react');
      expect(names.filter((name) => /linux/.test(name))).toEqual([]);
      expect(new Set(components.map((one) => JSON.stringify(one))).size).toBe(components.length);
    },
  );

  it('is held against what lies in a build', () => {
    const text = JSON.stringify({
      components: [
        { type: 'platform', 'bom-ref': 'runtime:node@24.0.0', name: 'node', version: '24.0.0' },
        { type: 'library', 'bom-ref': 'pkg:npm/a@1.0.0#node_modules/a', name: 'a', version: '1.0.0' },
        { type: 'library', 'bom-ref': 'pkg:npm/b@1.0.0#bundled', name: 'b', version: '1.0.0' },
      ],
    });
    expect(sbomProblems(text, [{ name: 'a', version: '1.0.0' }])).toEqual([]);
    expect(sbomProblems(text, [{ name: 'a', version: '1.0.1' }])).toEqual([
      'the bill of materials does not name a@1.0.1',
      'the bill of materials names a@1.0.0, which is not there',
    ]);
  });

  it.skipIf(!existsSync(join(root, 'dist', 'help.html')) || !existsSync(join(root, '.cache', 'verified')))(
    'of the core names exactly the packages in the zip (skipped: nothing is built or fetched yet)',
    () => {
      const files = coreFiles();
      const sbom = files.find(({ name }) => name === 'sbom.cdx.json')!.content!;
      expect(corePackages(files).length).toBeGreaterThan(5);
      expect(sbomProblems(sbom, corePackages(files))).toEqual([]);
      const notices = files.find(({ name }) => name === 'THIRD-PARTY-NOTICES.txt')!.content!;
      for (const { name, version } of corePackages(files)) expect(notices).toContain(`\n${name} ${version} (`);
    },
  );
});

describe.skipIf(!existsSync(join(root, 'dist', 'window-only.json')))(
  'the bundles (skipped: nothing is built yet)',
  () => {
    const dist = join(root, 'dist');
    const programs = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .map((path) => path.split('\\').join('/'))
      .filter((path) => path.endsWith('.mjs'));
    /** The bundles that one names, in `from "..."` and `import("...")`. */
    const namedBy = (path: string): string[] =>
      [...readFileSync(join(dist, path), 'utf8').matchAll(/(?:from|import)\s*\(?"(\.{1,2}\/[^"]+\.mjs)"/g)].map(
        ([, name]) => posix.join(posix.dirname(path), name!),
      );

    it('are with page, scripts and help within what the desktop may be', () => {
      expect(desktopOwnBytes()).toBeGreaterThan(1e6);
      expect(desktopOwnBytes()).toBeLessThanOrEqual(desktopLimitBytes);
    });

    it('hold what the window and the command line share once', () => {
      const windows = namedBy('electron/main.mjs');
      expect(windows.length).toBeGreaterThan(0);
      const all = new Set(programs);
      for (const path of programs)
        for (const name of namedBy(path)) expect(all, `${name}, named by ${path}`).toContain(name);
      const core = programs.filter((path) => readFileSync(join(dist, path), 'utf8').includes('core.claim'));
      expect(core).toHaveLength(1);
    });

    it('of the window alone are not needed by a server without a desktop', () => {
      const windowOnly = new Set(JSON.parse(readFileSync(join(dist, 'window-only.json'), 'utf8')) as string[]);
      expect(windowOnly).toContain('electron/main.mjs');
      const left = programs.filter((path) => !windowOnly.has(path));
      expect(left).toContain('cli/quorate.mjs');
      expect(left).toContain('world/world.mjs');
      for (const path of left) {
        expect(
          namedBy(path).filter((name) => windowOnly.has(name)),
          path,
        ).toEqual([]);
        expect(readFileSync(join(dist, path), 'utf8'), path).not.toMatch(/from\s*"electron"/);
      }
    });
  },
);

describe('a package from the registry', () => {
  const name = 'quorate-no-such-package';
  const put = (bytes: string): string => {
    mkdirSync(join(kept, 'package'), { recursive: true });
    writeFileSync(join(kept, 'package.tgz'), bytes);
    return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  };

  it('is taken from the store only while its digest is the pinned one', () => {
    const integrity = put('what was pinned');
    expect(fetchVerified({ name, version: '1.0.0', integrity })).toBe(join(kept, 'package'));
    put('what somebody put there');
    expect(() => fetchVerified({ name, version: '1.0.0', integrity })).toThrow(
      /quorate-no-such-package@1\.0\.0 cannot be fetched/,
    );
    expect(existsSync(join(kept, 'package.tgz'))).toBe(false);
  });
});
