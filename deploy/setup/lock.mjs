import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SetupError, step } from './progress.mjs';

const PATIENCE_MS = 20 * 60_000;
const NAME = /^setup-lock\.(\d{1,9})$/;

/**
 * Does the work while no other set-up of this project does any; waits for one that is under way.
 *
 * The lock is a file `setup-lock.<n>` with the process id of its holder. The lock of a process that ended is
 * succeeded by n + 1, which only one process can create.
 * @template T
 * @param {string} directory where the lock lies; created where it is missing
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(directory, work) {
  await mkdir(directory, { recursive: true });
  let mine = await tryLock(directory);
  if (typeof mine === 'object') {
    mine = await step(`waiting for another set-up (process ${mine.holder})`, () => waitForLock(directory));
  }
  const file = join(directory, `setup-lock.${mine}`);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function waitForLock(directory) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await tryLock(directory);
    if (typeof result === 'number') return result;
    if (Date.now() > deadline) {
      throw new SetupError(
        `another set-up (process ${result.holder}) has held ${directory} for too long; end it, or delete ${directory}/setup-lock.*`,
      );
    }
    await delay(100);
  }
}

/** @returns the number of our lock, or who holds it */
async function tryLock(directory) {
  const draft = join(directory, `setup-draft.${process.pid}.${process.hrtime.bigint()}`);
  await writeFile(draft, String(process.pid));
  try {
    for (;;) {
      const locks = await list(directory);
      const newest = locks.at(-1) ?? 0;
      const holder = Number(await readFile(join(directory, `setup-lock.${newest}`), 'utf8').catch(() => '0'));
      if (holder > 0 && isAlive(holder)) return { holder };
      const mine = newest + 1;
      try {
        await link(draft, join(directory, `setup-lock.${mine}`));
      } catch (error) {
        if (error.code === 'EEXIST') continue;
        throw new SetupError(`${directory} cannot be written (${error.code}); check its permissions`);
      }
      if ((await list(directory)).at(-1) !== mine) {
        // The first listing missed a lock that was being succeeded at that moment.
        await rm(join(directory, `setup-lock.${mine}`), { force: true });
        continue;
      }
      for (const old of locks) await rm(join(directory, `setup-lock.${old}`), { force: true });
      return mine;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function list(directory) {
  return (await readdir(directory))
    .map((name) => Number(NAME.exec(name)?.[1] ?? 0))
    .filter((n) => n > 0)
    .sort((a, b) => a - b);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
