import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { findNatsServer } from '../../local/index.ts';

/** What one check found. `missing` stops Counterfoil from working, `note` does not. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'missing';
  /** One line; what to do about it, where something is missing. */
  readonly detail: string;
}

const GIB = 1024 ** 3;
/** Below this the embedded broker and database cannot work; below the other they soon cannot. */
const LEAST_DISK_BYTES = 256 * 1024 * 1024;
const SCARCE_DISK_BYTES = 2 * GIB;
const CHDB_TIMEOUT_MS = 60_000;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    state: enough ? 'ok' : 'missing',
    detail: enough
      ? version
      : `${version} is too old; install Node 20.19 or later, 22 or 24 (https://nodejs.org)`,
  };
}

export function checkMachine(): Finding {
  const gib = (totalmem() / GIB).toFixed(1);
  return {
    name: 'machine',
    state: 'ok',
    detail: `${cpus().length} cores, ${gib} GiB of memory, ${process.platform}-${process.arch}`,
  };
}

export async function checkNatsServer(needed: boolean): Promise<Finding> {
  const name = 'nats-server';
  try {
    const found = await findNatsServer();
    if (found !== undefined)
      return { name, state: 'ok', detail: `${found.version.join('.')} at ${found.path}` };
  } catch (error) {
    return { name, state: needed ? 'missing' : 'note', detail: CounterfoilError.from(error).message };
  }
  if (!needed) return { name, state: 'ok', detail: 'none, and none is needed: stream.url is set' };
  return {
    name,
    state: 'missing',
    detail:
      'not found; npm run setup, or apt-get install nats-server, or brew install nats-server, or set stream.url to a running server',
  };
}

/** Loads the embedded database in a process of its own: on a processor it does not know, it ends that process. */
export async function checkEmbeddedDatabase(): Promise<Finding> {
  const script = `await import(${JSON.stringify(import.meta.resolve('chdb/connection'))})`;
  const problem = await new Promise<string | undefined>((done) => {
    const args = ['--input-type=module', '-e', script];
    execFile(
      process.execPath,
      args,
      { timeout: CHDB_TIMEOUT_MS, killSignal: 'SIGKILL' },
      (error, _out, stderr) => {
        if (error === null) {
          done(undefined);
          return;
        }
        const line = stderr.split('\n').find((text) => /error/i.test(text)) ?? error.signal ?? error.message;
        done(line.trim().slice(0, 200));
      },
    );
  });
  return problem === undefined
    ? { name: 'clickhouse', state: 'ok', detail: 'embedded (chdb) loads' }
    : {
        name: 'clickhouse',
        state: 'missing',
        detail: `embedded (chdb) does not load: ${problem}; run npm install again, or set store.url to a ClickHouse server`,
      };
}

export async function checkDataDirectory(directory: string): Promise<Finding> {
  const name = 'data directory';
  const path = resolve(directory);
  // Looking must not create it.
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return {
      name,
      state: 'missing',
      detail: `${path} cannot be written (${code}); change the permissions of ${existing}, or set dataDir to another folder`,
    };
  }
  const disk = await statfs(existing);
  const free = disk.bavail * disk.bsize;
  const size = `${(free / GIB).toFixed(1)} GiB free at ${path}`;
  if (free < LEAST_DISK_BYTES) {
    return {
      name,
      state: 'missing',
      detail: `only ${size}; free some space, or set dataDir to another disk`,
    };
  }
  if (free < SCARCE_DISK_BYTES) return { name, state: 'note', detail: `only ${size}; it fills soon` };
  return { name, state: 'ok', detail: size };
}

export async function checkPort(name: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return { name, state: 'ok', detail: `a free one on ${host} is taken at start` };
  const code = await new Promise<string | undefined>((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => done(undefined)));
  });
  return code === undefined
    ? { name, state: 'ok', detail: `${host}:${port} is free` }
    : {
        name,
        state: 'missing',
        detail: `${host}:${port} cannot be used (${code}); end what uses it, or choose another port (0 takes a free one)`,
      };
}

/** Runs `reach` and reports whether it came through. */
export async function checkReachable(
  name: string,
  where: string,
  reach: () => Promise<void>,
): Promise<Finding> {
  const started = performance.now();
  try {
    await reach();
    return { name, state: 'ok', detail: `${where} answers in ${Math.round(performance.now() - started)} ms` };
  } catch (error) {
    return { name, state: 'missing', detail: CounterfoilError.from(error).message.split('\n', 1)[0]! };
  }
}
