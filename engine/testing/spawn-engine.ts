import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EngineProcessLine, EngineProcessOptions } from './engine-process.ts';

const SCRIPT = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/engine/testing/engine-process.js', import.meta.url)
    : new URL('./engine-process.js', import.meta.url),
);

/** An engine in another process, with what it has said so far. */
export interface SpawnedEngine {
  readonly pid: number;
  /** Highest stored sequence per partition. */
  readonly stored: ReadonlyMap<number, number>;
  /** Resolves at the first line for which `wanted` is true; rejects when the process ends or time is up. */
  until(wanted: (line: EngineProcessLine) => boolean, timeoutMs: number): Promise<EngineProcessLine>;
  /** Orderly stop. Resolves when the process has ended. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
}

/** Starts the compiled engine process. */
export function spawnEngine(options: EngineProcessOptions): SpawnedEngine {
  const child = spawn(process.execPath, ['--enable-source-maps', SCRIPT, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  const stored = new Map<number, number>();
  const listeners = new Set<(line: EngineProcessLine | undefined) => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as EngineProcessLine;
    if (line.type === 'stored') stored.set(line.partition, line.sequence);
    for (const listener of [...listeners]) listener(line);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const listener of [...listeners]) listener(undefined);
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  return {
    pid: child.pid ?? 0,
    stored,
    until(wanted, timeoutMs) {
      return new Promise((resolve, reject) => {
        const finish = (action: () => void): void => {
          clearTimeout(timer);
          listeners.delete(listener);
          action();
        };
        const listener = (line: EngineProcessLine | undefined): void => {
          if (line === undefined) finish(() => reject(new Error('the engine process ended')));
          else if (line.type === 'fatal') finish(() => reject(new Error(`${line.code}: ${line.message}`)));
          else if (wanted(line)) finish(() => resolve(line));
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`the engine process did not get there in ${timeoutMs} ms`))),
          timeoutMs,
        );
        listeners.add(listener);
      });
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
