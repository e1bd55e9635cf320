import { defineConfig } from 'vitest/config';

// Two projects: `unit` (pure logic, simulations, contracts: no server) and `e2e` (real LiveKit server, real Chromium).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/sim/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'web-demo/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          setupFiles: ['test/sim/account-invariants.setup.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Real servers, browsers and networks on a shared machine: what fails once and then passes is shown as such.
          retry: 1,
          // Otherwise rtc-node, the callers' side, logs each of its steps.
          env: { NODE_ENV: 'production' },
        },
      },
    ],
  },
});
