import { defineConfig } from 'vitest/config';

// Before the first test: what runs the program itself runs it as built.
const globalSetup = 'test/unit/support/build.ts';

// One project a tier (docs/architecture.md, "Tests"). Each file of the sandbox and machine tiers has hosts of its own,
// in namespaces of their own, and waits more than it computes.
const slow = { globalSetup, testTimeout: 300_000, hookTimeout: 900_000, maxWorkers: 3 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          globalSetup,
          // Seconds at most; a busy machine is no failure.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'sandbox', include: ['test/sandbox/**/*.test.ts'], ...slow } },
      { test: { name: 'machine', include: ['test/machine/**/*.test.ts'], ...slow } },
    ],
  },
});
