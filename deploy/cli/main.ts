#!/usr/bin/env -S UV_THREADPOOL_SIZE=16 node
import { rerunWithWidePool, wantsWidePool } from './thread-pool.ts';

const args = process.argv.slice(2);
if (wantsWidePool(args)) {
  process.exitCode = await rerunWithWidePool();
} else {
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(args);
}
