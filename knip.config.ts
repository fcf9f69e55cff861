import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    // Run by path: the set-up, the worker threads, the benchmarks, and the processes that tests start.
    'deploy/setup/*.mjs',
    'engine/shards/worker.ts',
    'bench/main.ts',
    'bench/**/*.bench.ts',
    'engine/testing/**/*.ts',
  ],
  project: ['{engine,connectors,api,bench,deploy}/**/*.ts'],
  // A member of an exported type has a name that its callers can use; whether one does today says nothing about it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Its files are served as they are; nothing imports them.
  ignoreDependencies: ['swagger-ui-dist'],
  // Of the system: a test makes a small disk to fill it.
  ignoreBinaries: ['mount', 'umount'],
};

export default config;
