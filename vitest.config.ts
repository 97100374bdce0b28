import { defineConfig } from 'vitest/config';

const storey = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], testTimeout: 20_000, hookTimeout: 60_000, ...options },
});

/** One vitest project per storey of tests: see docs/architecture.md, "Tests". */
export default defineConfig({
  test: {
    projects: [
      storey('unit'),
      storey('protocol', { testTimeout: 30_000 }),
      storey('powershell', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
      storey('integration', { testTimeout: 60_000, fileParallelism: false }),
      storey('e2e', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
      storey('wine', { testTimeout: 240_000, hookTimeout: 300_000, fileParallelism: false }),
      storey('lab', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
