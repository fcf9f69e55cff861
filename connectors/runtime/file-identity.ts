import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** How much of a file's beginning and of its end is compared. */
export const SAMPLE_BYTES = 1024;

/** What tells whether a file is still the one that was read. */
export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  /** SHA-256 of its first and its last bytes: a file that was written anew is told from one that has grown. */
  readonly sample: string;
  /** SHA-256 of its first bytes alone. */
  readonly head: string;
  /** Whether the file ends with the end of a line: where it does not, its last row may have been unfinished. */
  readonly endsLine: boolean;
}

/** Looks at a file. @param through looks at the file as it was with so many bytes */
export async function identify(path: string, through = Infinity): Promise<FileIdentity> {
  const handle = await open(path, 'r');
  try {
    const facts = await handle.stat();
    const size = Math.min(facts.size, through);
    const sampled = Math.min(SAMPLE_BYTES, size);
    const sample = Buffer.alloc(2 * sampled);
    await handle.read(sample, 0, sampled, 0);
    await handle.read(sample, sampled, sampled, size - sampled);
    return {
      size,
      mtimeMs: facts.mtimeMs,
      sample: sha256(sample),
      head: sha256(sample.subarray(0, sampled)),
      endsLine: sample.at(-1) === 10 || sample.at(-1) === 13,
    };
  } finally {
    await handle.close();
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
