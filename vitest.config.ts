import { defineConfig } from 'vitest/config';

const storey = (name: string, options: Record<string, unknown> = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Its own limit is a second.
    expect: { poll: { timeout: 60_000 } },
    // Their files share a process: reading the same hundred modules again for each file took longer than the tests. So they leave nothing behind that
    // another file could see; a file that replaces modules is called *.mocked.test.ts and stands alone.
    isolate: false,
    ...options,
  },
});

const mocked = 'test/unit/**/*.mocked.test.ts';

/**
 * One vitest project per storey of tests: see docs/architecture.md, "Tests". Limits are for what hangs: a machine that is busy with everything else at once is a
 * tenth as quick as an idle one, and what is to be quick is measured by `npm run bench`.
 */
export default defineConfig({
  test: {
    // The storeys are processes of their own: what one of them transformed, the others read.
    experimental: { fsModuleCache: true, fsModuleCachePath: '.cache/vitest-modules' },
    projects: [
      storey('unit', { exclude: [mocked] }),
      storey('unit', { name: 'unit-with-mocked-modules', include: [mocked], isolate: true }),
      storey('protocol', { testTimeout: 120_000 }),
      storey('powershell', {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
      storey('integration', { testTimeout: 180_000, fileParallelism: false }),
      storey('e2e', { testTimeout: 240_000, hookTimeout: 240_000, fileParallelism: false }),
      storey('wine', { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false }),
      storey('lab', { testTimeout: 240_000, hookTimeout: 240_000, fileParallelism: false }),
    ],
  },
});
