import { statfs } from 'node:fs/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** A few messages' worth: below it nats-server is about to stop answering, without a word to its clients. */
const LEAST_FREE_BYTES = 4 * 1024 * 1024;
const INTERVAL_MS = 500;

/**
 * Watches the disk under the log of a nats-server of our own. One that runs out of space (2.9 at least) neither stores
 * nor refuses: its clients only see requests time out.
 * @param onFull called once, with `diskFull`
 * @returns ends the watch
 */
export function watchDisk(directory: string, onFull: (error: CounterfoilError) => void): () => void {
  const timer = setInterval(() => {
    statfs(directory).then(
      ({ bavail, bsize }) => {
        const free = bavail * bsize;
        if (free >= LEAST_FREE_BYTES) return;
        clearInterval(timer);
        onFull(
          new CounterfoilError(
            'diskFull',
            `no space left for the log: ${(free / 2 ** 20).toFixed(1)} MiB free in ${directory}; free space or move stream.dataDir, then start again: nothing acknowledged is lost`,
          ),
        );
      },
      // A file system that cannot tell is not watched.
      () => clearInterval(timer),
    );
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
