import { defineConfig } from 'vitest/config';

/** How long a test, and each hook of it, may take, in milliseconds. */
const limits = (ms: number) => ({ testTimeout: ms, hookTimeout: ms });

const storey = (name: string, options: Record<string, unknown> = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    ...limits(300_000),
    // Its own limit is a second.
    expect: { poll: { timeout: 180_000 } },
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
      storey('protocol', limits(600_000)),
      storey('powershell', { ...limits(600_000), fileParallelism: false }),
      storey('integration', { ...limits(900_000), fileParallelism: false }),
      storey('e2e', { ...limits(900_000), fileParallelism: false }),
      storey('wine', { ...limits(900_000), fileParallelism: false }),
      storey('lab', { ...limits(1_200_000), fileParallelism: false }),
    ],
  },
});
