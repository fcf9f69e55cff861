import { link, mkdir, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { startOf } from './processes.ts';

/** A data directory that this process alone may use. */
export interface DataDirectoryLock {
  /** The directory's real path. */
  readonly path: string;
  /** Lets the next process in. Safe to repeat. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Tells the process from a later one with the same id. */
  readonly start: string | undefined;
}

const LOCK_NAME = /^lock\.(\d{1,9})$/;

/**
 * Takes a data directory for this process, creating it where it is missing. Two processes on one directory would
 * ruin its store. A lock whose process has ended is taken over.
 *
 * The lock is a file `lock.<n>` holding the process id and start; a stale one is succeeded by n + 1, which only one
 * process can create, and never by replacing it, which two could do in turn.
 * @throws CounterfoilError `dataDirectoryLocked` when another process, or this one, holds it
 */
export async function lockDataDirectory(directory: string): Promise<DataDirectoryLock> {
  await makeDirectory(directory);
  const path = await realpath(directory);
  const me: Holder = { pid: process.pid, start: await startOf(process.pid) };
  const draft = join(path, `lock-draft.${process.pid}.${process.hrtime.bigint()}`);
  await writeFile(draft, `${JSON.stringify(me)}\n`, { flag: 'wx' });
  try {
    for (;;) {
      const locks = await listLocks(path);
      const newest = locks.at(-1) ?? 0;
      await refuseIfHeld(path, newest);
      const mine = newest + 1;
      try {
        // A hard link appears whole or not at all: nobody reads half a lock.
        await link(draft, lockFile(path, mine));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw unwritable(path, error);
      }
      const later = (await listLocks(path)).at(-1) ?? mine;
      if (later > mine) {
        // The first listing missed a lock that was being succeeded at that moment.
        await rm(lockFile(path, mine), { force: true });
        continue;
      }
      for (const old of locks) await rm(lockFile(path, old), { force: true });
      return { path, release: () => rm(lockFile(path, mine), { force: true }) };
    }
  } finally {
    await rm(draft, { force: true });
  }
}

function lockFile(path: string, n: number): string {
  return join(path, `lock.${n}`);
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function unwritable(path: string, error: unknown): CounterfoilError {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  return new CounterfoilError(
    reason === 'ENOSPC' ? 'diskFull' : 'unreadableFile',
    `data directory ${path} cannot be written (${reason}); choose another directory or change its permissions`,
    { cause: error },
  );
}

async function listLocks(path: string): Promise<number[]> {
  return (await readdir(path))
    .map((name) => LOCK_NAME.exec(name))
    .filter((parts) => parts !== null)
    .map((parts) => Number(parts[1]))
    .sort((a, b) => a - b);
}

async function refuseIfHeld(path: string, n: number): Promise<void> {
  if (n === 0) return;
  let holder: Holder;
  try {
    holder = JSON.parse(await readFile(lockFile(path, n), 'utf8')) as Holder;
  } catch {
    // Released meanwhile, or cut short by a power failure: nobody holds it.
    return;
  }
  if (typeof holder.pid !== 'number') return;
  const start = await startOf(holder.pid);
  if (start === undefined || (holder.start !== undefined && holder.start !== start)) return;
  throw new CounterfoilError(
    'dataDirectoryLocked',
    `data directory ${path} is in use by process ${holder.pid}; stop that process, or choose another directory`,
  );
}
