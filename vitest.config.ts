import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What is excluded everywhere: packages, compiled files, and the data of a deployment. */
const NOT_OURS = ['node_modules', 'dist', '.counterfoil'];

/** Unit tests that measure all the memory of their process, and so have one of their own. */
const MEASURE_MEMORY = ['engine/matching/memory.test.ts'];

/**
 * The longest tests first, so that no core is idle at the end: the agreement of the kernel with the reference matcher,
 * which also wants a process with little else in memory; then what has processes of its own; then the many small ones
 * in a row, because a process is only used again for a file of the same project.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number =>
      moduleId.includes('/engine/matching/agreement') ? 0 : project.name === 'unit' ? 2 : 1;
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

/**
 * Three projects. `unit` and `memory` need nothing; files of `unit` follow one another in the same processes, because to
 * import what they test takes longer than most of them run. `integration` talks to a real nats-server and the real
 * embedded ClickHouse, each file in a process of its own (chDB is one per process), on ports and in directories of its
 * own. All run in parallel.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', ...MEASURE_MEMORY, ...NOT_OURS],
          pool: 'forks',
          isolate: false,
          // Every core: the default leaves one for watching.
          maxWorkers: availableParallelism(),
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'memory',
          include: MEASURE_MEMORY,
          pool: 'forks',
          maxWorkers: availableParallelism(),
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: NOT_OURS,
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
