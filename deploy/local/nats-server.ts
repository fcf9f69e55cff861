import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { lockDataDirectory } from './data-directory.ts';
import type { DataDirectoryLock } from './data-directory.ts';
import { findNatsServer, inspectNatsServer } from './find-nats-server.ts';
import type { NatsServerBinary } from './find-nats-server.ts';
import { SHELL, guardedArguments } from './guardian.ts';
import { isAlive, processesWhere, stopProcess, waitForEnd } from './processes.ts';
import { serverConfig, serverFiles } from './server-config.ts';
import type { ServerFiles } from './server-config.ts';

export interface NatsServerOptions {
  /** The server keeps everything in the directory `nats` below it. Created where it is missing. */
  readonly dataDir: string;
  /** A free one is chosen by default. */
  readonly port?: number;
  /** Path of the nats-server to run; found by {@link findNatsServer} by default. */
  readonly binary?: string;
  /** How long recovery of the store may take, milliseconds. Default 60,000. */
  readonly readyTimeoutMs?: number;
}

export interface NatsServer {
  /** Such as `nats://127.0.0.1:41233`. */
  readonly url: string;
  /** Process id of the nats-server itself. */
  readonly pid: number;
  readonly version: NatsServerBinary['version'];
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends the server in an orderly way; after 15 seconds by force. Safe to repeat. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts a nats-server with JetStream on loopback and resolves when it can be connected to. It is in a process group
 * of its own, so that Ctrl-C does not end it before its clients have drained, and it ends with this process. A server
 * left on the same directory by an earlier life is stopped first: two on one store ruin it.
 * @throws CounterfoilError `missingDependency`, `dataDirectoryLocked`, `portInUse`, `brokerUnreachable`
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const binary = await chooseBinary(options.binary);
  const lock = await lockDataDirectory(join(options.dataDir, 'nats'));
  try {
    const files = serverFiles(lock.path);
    await stopLeftover(files);
    await removeTraces(files);
    await writeFile(files.config, serverConfig(files, options.port ?? 0, binary.version));
    return await launch(binary, files, lock, options);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Address of the nats-server that runs on a data directory now, whoever started it; undefined where none does. */
export async function runningNatsServer(dataDir: string): Promise<string | undefined> {
  return (await readPorts(serverFiles(join(dataDir, 'nats'))))?.url;
}

async function chooseBinary(path: string | undefined): Promise<NatsServerBinary> {
  const binary = path === undefined ? await findNatsServer() : await inspectNatsServer(path);
  if (binary !== undefined) return binary;
  throw new CounterfoilError(
    'missingDependency',
    'no nats-server found on the PATH; install it (Debian and Ubuntu: apt-get install nats-server; macOS: brew install nats-server), or set stream.url to a running NATS server',
  );
}

async function stopLeftover(files: ServerFiles): Promise<void> {
  const isServer = (line: string): boolean =>
    line.endsWith(` -c ${files.config}`) && !line.startsWith(`${SHELL} `);
  for (const pid of await processesWhere(isServer)) {
    if (!(await stopProcess(pid, STOP_TIMEOUT_MS))) {
      throw new CounterfoilError(
        'dataDirectoryLocked',
        `nats-server with process id ${pid} still runs on ${files.directory} and cannot be stopped; end it, or choose another data directory`,
      );
    }
  }
}

/** An earlier life's process id and ports would be read as this one's. */
async function removeTraces(files: ServerFiles): Promise<void> {
  await rm(files.pid, { force: true });
  for (const name of await readdir(files.directory)) {
    if (name.endsWith('.ports')) await rm(join(files.directory, name), { force: true });
  }
}

async function launch(
  binary: NatsServerBinary,
  files: ServerFiles,
  lock: DataDirectoryLock,
  options: NatsServerOptions,
): Promise<NatsServer> {
  // What the server says before it opens its log (a configuration it does not take) goes there as well.
  const output = await open(files.log, 'a');
  const logStart = (await output.stat()).size;
  const guardian: ChildProcess = spawn(SHELL, guardedArguments(binary.path, files.config), {
    detached: true,
    stdio: ['pipe', output.fd, output.fd],
  });
  const guardianEnded = new Promise<void>((resolve) => {
    guardian.once('exit', () => resolve());
    guardian.once('error', () => resolve());
  });
  // A pipe to a guardian that has ended is an error nobody needs to hear of.
  guardian.stdin?.on('error', () => undefined);
  // A process that forgets stop() may still end, and its server with it.
  guardian.unref();
  if (guardian.stdin instanceof Socket) guardian.stdin.unref();
  await output.close();
  try {
    const { url, pid } = await untilReady(guardian, files, logStart, options);
    const exited = guardianEnded.then(async () => {
      await waitForEnd(pid, STOP_TIMEOUT_MS);
      await lock.release();
    });
    return {
      url,
      pid,
      version: binary.version,
      exited,
      stop: async () => {
        await stopGuarded(guardian, guardianEnded, pid);
        await exited;
      },
    };
  } catch (error) {
    await stopGuarded(guardian, guardianEnded, undefined);
    throw error;
  }
}

async function untilReady(
  guardian: ChildProcess,
  files: ServerFiles,
  logStart: number,
  options: NatsServerOptions,
): Promise<{ url: string; pid: number }> {
  const timeoutMs = options.readyTimeoutMs ?? 60_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const ready = await readPorts(files);
    if (ready !== undefined) return ready;
    if (guardian.exitCode !== null || guardian.signalCode !== null || guardian.pid === undefined) {
      throw await startFailure(files, logStart, options.port);
    }
    if (Date.now() >= deadline) {
      throw new CounterfoilError(
        'brokerUnreachable',
        `nats-server was not ready within ${timeoutMs / 1000} s; see ${files.log}`,
      );
    }
    await delay(15);
  }
}

async function readPorts(files: ServerFiles): Promise<{ url: string; pid: number } | undefined> {
  try {
    const pid = Number(await readFile(files.pid, 'utf8'));
    const name = (await readdir(files.directory)).find((file) => file.endsWith(`_${pid}.ports`));
    if (name === undefined) return undefined;
    const ports = JSON.parse(await readFile(join(files.directory, name), 'utf8')) as { nats?: string[] };
    const url = ports.nats?.[0];
    return url === undefined || !isAlive(pid) ? undefined : { url, pid };
  } catch {
    // Not written yet, or half written.
    return undefined;
  }
}

async function startFailure(
  files: ServerFiles,
  logStart: number,
  port: number | undefined,
): Promise<CounterfoilError> {
  const lines = (await readFile(files.log)).subarray(logStart).toString('utf8').trim().split('\n');
  const log = lines.join('\n');
  if (log.includes('address already in use')) {
    return new CounterfoilError(
      'portInUse',
      `port ${port ?? 0} on 127.0.0.1 is already in use; choose another stream port, or leave it out to have a free one chosen`,
    );
  }
  const last = lines.findLast((line) => /\[(FTL|ERR)\]|nats-server:/.test(line)) ?? lines.at(-1) ?? '';
  return new CounterfoilError(
    log.includes('no space left') ? 'diskFull' : 'brokerUnreachable',
    `nats-server ended before it was ready: ${last.slice(0, 300)}; see ${files.log}`,
  );
}

async function stopGuarded(
  guardian: ChildProcess,
  guardianEnded: Promise<void>,
  pid: number | undefined,
): Promise<void> {
  guardian.stdin?.destroy();
  const patience = new AbortController();
  const ended = await Promise.race([
    guardianEnded.then(() => true),
    delay(STOP_TIMEOUT_MS + 1000, false, { signal: patience.signal }).catch(() => false),
  ]);
  patience.abort();
  if (!ended && guardian.pid !== undefined) {
    try {
      process.kill(-guardian.pid, 'SIGKILL');
    } catch {
      // The group has ended meanwhile.
    }
  }
  if (pid !== undefined && isAlive(pid)) await stopProcess(pid, STOP_TIMEOUT_MS);
}
