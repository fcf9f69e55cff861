import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SHELL } from '../local/guardian.ts';
import { processesWhere, waitForEnd } from '../local/processes.ts';
import { projectRoot } from '../local/project-root.ts';

/** The compiled command. */
export const CLI: string = join(projectRoot(), 'dist/deploy/cli/main.js');

/** How long `up` may take to start or to end, milliseconds, on a busy machine. */
const PATIENCE_MS = 45_000;

/** A running `counterfoil up`, in a process group of its own. */
export interface UpProcess {
  readonly apiUrl: string;
  /** Resolves with the exit status when it has ended, for whatever reason. */
  readonly ended: Promise<number | null>;
  /** What it has written to standard output and standard error. */
  output(): string;
  /** SIGKILL for all of it, its own nats-server included. Resolves when all are gone. */
  kill(): Promise<void>;
  /** Ctrl-C. Resolves with the exit status. @throws Error when it does not end in time; it is killed then */
  stop(): Promise<number | null>;
}

/**
 * Starts `counterfoil up` and resolves when it runs.
 * @param directory real path of where the configuration is, and below it the data, in `data` unless `config` says so
 * @param config as it would be written in YAML
 * @throws Error with everything it wrote, when it ends or is not ready in time
 */
export async function startUp(directory: string, config: object): Promise<UpProcess> {
  const dataDir = join(directory, 'data');
  const file = join(directory, 'counterfoil.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ dataDir, log: { level: 'warn' }, ...config }));
  const child = spawn(process.execPath, [CLI, 'up', file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const pid = child.pid!;
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const deadline = Date.now() + PATIENCE_MS;
  let apiUrl: string | undefined;
  while (apiUrl === undefined) {
    apiUrl = /^ {2}API +(http:\S+)$/m.exec(output)?.[1];
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`up ended:\n${output}`);
    if (Date.now() > deadline) {
      process.kill(-pid, 'SIGKILL');
      throw new Error(`up was not ready in ${PATIENCE_MS} ms:\n${output}`);
    }
    await delay(20);
  }
  const natsPid = hasOwnBroker(config) ? await natsServerOf(directory) : undefined;
  if (natsPid === undefined && hasOwnBroker(config)) {
    process.kill(-pid, 'SIGKILL');
    throw new Error(`up has no nats-server:\n${output}`);
  }
  const kill = async (): Promise<void> => {
    for (const target of natsPid === undefined ? [-pid] : [-pid, natsPid]) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
    await ended;
    if (natsPid !== undefined) await waitForEnd(natsPid, PATIENCE_MS);
  };
  return {
    apiUrl,
    ended,
    output: () => output,
    kill,
    async stop() {
      // Its first process tells the one behind it. To both, and one could take it for a second Ctrl-C on a busy machine.
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGINT');
      const patience = new AbortController();
      const late = delay(PATIENCE_MS, 'late' as const, { signal: patience.signal }).catch(() => null);
      const code = await Promise.race([ended, late]);
      patience.abort();
      if (code !== 'late') return code;
      await kill();
      throw new Error(`up did not end in ${PATIENCE_MS} ms:\n${output}`);
    },
  };
}

function hasOwnBroker(config: { readonly stream?: { readonly url?: string } }): boolean {
  return config.stream?.url === undefined;
}

async function natsServerOf(directory: string): Promise<number | undefined> {
  const [pid] = await processesWhere(
    (line) =>
      line.includes(` -c ${directory}/`) && line.endsWith('/nats-server.conf') && !line.startsWith(SHELL),
  );
  return pid;
}
