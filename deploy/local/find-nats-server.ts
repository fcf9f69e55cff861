import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { projectRoot } from './project-root.ts';

/** A nats-server that runs on this machine. */
export interface NatsServerBinary {
  readonly path: string;
  /** Such as [2, 9, 10]. */
  readonly version: readonly [major: number, minor: number, patch: number];
}

/** Names the binary to use, before all other places. */
const NATS_SERVER_VARIABLE = 'COUNTERFOIL_NATS_SERVER';

/** Where the set-up unpacks the distribution's package, below the project's root. */
export const UNPACKED_NATS_SERVER = join('.counterfoil', 'nats-server', 'usr', 'sbin', 'nats-server');

/** Packages put nats-server there, and an ordinary user's PATH does not have them. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];

/**
 * Looks for a nats-server: COUNTERFOIL_NATS_SERVER, the PATH, the system's directories, then the one that the set-up
 * unpacked. A file that is there but does not run is passed over.
 * @returns undefined where there is none
 * @throws CounterfoilError `missingDependency` when COUNTERFOIL_NATS_SERVER names something that does not run
 */
export async function findNatsServer(
  environment: NodeJS.ProcessEnv = process.env,
  root: string = projectRoot(),
): Promise<NatsServerBinary | undefined> {
  const named = environment[NATS_SERVER_VARIABLE];
  if (named !== undefined && named !== '') return inspectNatsServer(named);
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = [...new Set([...onPath, ...SYSTEM_DIRECTORIES])].map((directory) =>
    join(directory, process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'),
  );
  for (const candidate of [...candidates, join(root, UNPACKED_NATS_SERVER)]) {
    const version = await versionOf(candidate);
    if (version !== undefined) return { path: candidate, version };
  }
  return undefined;
}

/**
 * The nats-server at a path that somebody chose.
 * @throws CounterfoilError `missingDependency` when it does not run or is something else
 */
export async function inspectNatsServer(path: string): Promise<NatsServerBinary> {
  const version = await versionOf(path);
  if (version === undefined) {
    throw new CounterfoilError(
      'missingDependency',
      `"${path}" is not a nats-server that runs here; set ${NATS_SERVER_VARIABLE} to one, or unset it to have one found`,
    );
  }
  return { path, version };
}

async function versionOf(path: string): Promise<NatsServerBinary['version'] | undefined> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return undefined;
  }
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: 10_000, killSignal: 'SIGKILL' }, (error, stdout) => {
      const parts = error === null ? /nats-server: v(\d+)\.(\d+)\.(\d+)/.exec(stdout) : null;
      resolve(parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])]);
    });
  });
}
