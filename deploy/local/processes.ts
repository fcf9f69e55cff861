import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process with this id exists now, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started, as text that differs for another process that later has the same id: the machine's boot and
 * the start in clock ticks on Linux, else what `ps` says. Undefined when the process is gone, or nothing can tell.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
      // The command's name, in parentheses, may hold spaces: fields count from its closing one. A zombie has ended.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      return `${await bootOf()} ${fields[19] ?? ''}`;
    } catch {
      return undefined;
    }
  }
  const started = (await ps(['-o', 'lstart=', '-p', String(pid)])).trim();
  return started === '' ? undefined : started;
}

async function bootOf(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
  } catch {
    return '';
  }
}

/** Ids of the processes whose command line satisfies `test`; the arguments are joined by spaces. */
export async function processesWhere(test: (commandLine: string) => boolean): Promise<number[]> {
  if (process.platform !== 'linux') {
    return (await ps(['-axo', 'pid=,args=']))
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
      .filter((parts) => parts !== null && test(parts[2] ?? ''))
      .map((parts) => Number(parts?.[1]));
  }
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const commandLine = (await readFile(`/proc/${name}/cmdline`, 'utf8'))
        .replace(/\0$/, '')
        .replaceAll('\0', ' ');
      if (test(commandLine)) found.push(Number(name));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function ps(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', args, { timeout: 5000, maxBuffer: 16_777_216 }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}

/** Waits until a process is gone. @returns false when it still runs after `timeoutMs` */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    // A child that ended but is not yet collected still has an id.
    if (process.platform === 'linux' && (await startOf(pid)) === undefined) return true;
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
  return true;
}

/** Asks a process to end, and ends it after `patienceMs`. @returns false when it still runs */
export async function stopProcess(pid: number, patienceMs: number): Promise<boolean> {
  send(pid, 'SIGTERM');
  if (await waitForEnd(pid, patienceMs)) return true;
  send(pid, 'SIGKILL');
  return waitForEnd(pid, 5000);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours: the wait tells.
  }
}
