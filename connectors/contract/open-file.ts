import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** Bytes read at a time: large enough that waiting for the disk does not show. */
const READ_BYTES = 262_144;
/** Bytes given at a time: so few that what is made of them is gone before the garbage collector copies it. */
const PIECE_BYTES = 65_536;

/** What a reader of files is given: where the file is, or what would be in it, where it came another way. */
export type FileInput = string | Buffer;

/**
 * A file's bytes in pieces, none of them written to again; of a content that is in memory, pieces of it. While one part
 * is used, the next is read.
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
    yield* pieces(input.subarray(from, to));
    return;
  }
  const handle = await open(input, 'r').catch((error: unknown) => {
    throw fileError(error, name);
  });
  let next = readAt(handle, name, from, to);
  try {
    for (let at = from; ;) {
      const bytes = await next;
      if (bytes.length === 0) return;
      at += bytes.length;
      next = readAt(handle, name, at, to);
      // Whoever takes no more of the file need not hear of it.
      next.catch(() => undefined);
      yield* pieces(bytes);
    }
  } finally {
    await next.catch(() => undefined);
    await handle.close();
  }
}

/** What stands at `at`, as much as is read at a time; nothing at the end. */
async function readAt(handle: FileHandle, name: string, at: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(READ_BYTES, to - at)));
  if (buffer.length === 0) return buffer;
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((error: unknown) => {
    throw fileError(error, name);
  });
  return buffer.subarray(0, bytesRead);
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
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
