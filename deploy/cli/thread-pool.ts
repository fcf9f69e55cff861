import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * The embedded database works in node's thread pool, up to two writes and two reads at a time, and the pool is four
 * threads wide by default: files and name lookups would wait behind them.
 */
const POOL_THREADS = 16;

/** The commands that may run the embedded database. */
const WITH_DATABASE: ReadonlySet<string> = new Set(['up', 'demo']);

/**
 * Whether these arguments need another process with a wider pool. Setting the variable from here would be too late:
 * reading the first module has started the pool already. (The first line of main.ts sets it where that line is used.)
 */
export function wantsWidePool(args: readonly string[]): boolean {
  if (process.env['COUNTERFOIL_INNER'] !== undefined) {
    delete process.env['COUNTERFOIL_INNER'];
    dieWithParent();
    return false;
  }
  const command = args.find((arg) => !arg.startsWith('-'));
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  return command !== undefined && WITH_DATABASE.has(command) && !(threads >= POOL_THREADS);
}

/** Runs this command line again in a process with a wide pool. @returns its exit status */
export async function rerunWithWidePool(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // The channel carries nothing: it closes when this process ends, by whatever means.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(POOL_THREADS), COUNTERFOIL_INNER: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal tells both processes of Ctrl-C.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (child.connected) child.disconnect();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function dieWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
