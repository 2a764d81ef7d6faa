import { defineConfig } from 'vitest/config';

// One project a tier (docs/architecture.md, "Tests"). The sandbox and machine tiers each own the whole
// kernel-side of the host while they run, so their files run one after another.
const slow = { fileParallelism: false, testTimeout: 300_000, hookTimeout: 600_000, maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          globalSetup: 'test/unit/support/build.ts',
          // Seconds at most; a busy machine is no failure.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'sandbox', include: ['test/sandbox/**/*.test.ts'], ...slow } },
      { test: { name: 'machine', include: ['test/machine/**/*.test.ts'], ...slow } },
    ],
  },
});
