import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Two projects: `unit` needs nothing; `integration` talks to a real nats-server and the real embedded ClickHouse, each
 * file in a process of its own (chDB is one per process), on ports and in directories of its own. Both run in parallel.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', 'node_modules', 'dist', '.counterfoil'],
          pool: 'forks',
          // Every core: the default leaves one for watching.
          maxWorkers: availableParallelism(),
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ['node_modules', 'dist', '.counterfoil'],
          pool: 'forks',
          maxWorkers: availableParallelism(),
          // What a test prints (the seed of a crash test) stands as it is, without a heading for each line.
          disableConsoleIntercept: true,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
