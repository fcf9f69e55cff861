import { open } from 'node:fs/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** Bytes read at a time: large enough that waiting for the disk does not show. */
const CHUNK_BYTES = 262_144;

/** What a reader of files is given: where the file is, or what would be in it, where it came another way. */
export type FileInput = string | Buffer;

/**
 * A file's bytes in pieces, each in memory of its own; of a content that is in memory, pieces of it.
 * @param name what error lines call the file
 * @param from the first byte, and @param to the one behind the last
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`
 */
export async function* fileChunks(
  input: FileInput,
  name: string,
  from = 0,
  to = Infinity,
): AsyncGenerator<Buffer> {
  if (typeof input !== 'string') {
    const end = Math.min(to, input.length);
    for (let at = from; at < end; at += CHUNK_BYTES)
      yield input.subarray(at, Math.min(at + CHUNK_BYTES, end));
    return;
  }
  const handle = await open(input, 'r').catch((error: unknown) => {
    throw fileError(error, name);
  });
  try {
    for (let at = from; at < to;) {
      const length = Math.min(CHUNK_BYTES, to - at);
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await handle.read(buffer, 0, length, at).catch((error: unknown) => {
        throw fileError(error, name);
      });
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** What the file system said, as an error that tells what to do. */
export function fileError(error: unknown, name: string): CounterfoilError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'ENOENT') {
    return new CounterfoilError('fileNotFound', `${name}: there is no such file; check the source's path`, {
      cause: error,
    });
  }
  const reason = code === 'EISDIR' ? 'is a folder, not a file' : `cannot be read (${code})`;
  return new CounterfoilError(
    'unreadableFile',
    `${name}: ${reason}; check the source's path and its permissions`,
    {
      cause: error,
    },
  );
}
