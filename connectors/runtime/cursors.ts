import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** How much of a file's beginning and of its end is compared. */
const SAMPLE_BYTES = 1024;

/** What tells whether a file is still the one that was read. */
export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  /** SHA-256 of its first and its last bytes: a file that was written anew is told from one that has grown. */
  readonly sample: string;
  /** Whether the file ends with the end of a line: where it does not, its last row may have been unfinished. */
  readonly endsLine: boolean;
}

/** How far a file has been read and acknowledged. */
export interface FileCursor extends FileIdentity {
  /** Place of the last record or dead letter that is stored; −1 before the first. */
  readonly offset: number;
  readonly ordinal: number;
  /** Its line, where the input has lines. */
  readonly line?: number | undefined;
  /** The file was read to its end. */
  readonly done: boolean;
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
      sample: createHash('sha256').update(sample).digest('hex'),
      endsLine: sample.at(-1) === 10 || sample.at(-1) === 13,
    };
  } finally {
    await handle.close();
  }
}

/** The cursors of one source, kept in one file that is replaced as a whole. */
export class CursorFile {
  readonly #path: string;
  readonly #cursors: Map<string, FileCursor>;

  private constructor(path: string, cursors: Map<string, FileCursor>) {
    this.#path = path;
    this.#cursors = cursors;
  }

  /** @throws CounterfoilError `unreadableFile` when the file is there and is not what was written */
  static async open(directory: string, source: string): Promise<CursorFile> {
    await mkdir(directory, { recursive: true });
    const path = join(directory, `${source}.json`);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new CursorFile(path, new Map());
      throw damaged(path, error);
    }
    try {
      const { files } = JSON.parse(text) as { files: { [name: string]: FileCursor } };
      return new CursorFile(path, new Map(Object.entries(files)));
    } catch (error) {
      throw damaged(path, error);
    }
  }

  get(file: string): FileCursor | undefined {
    return this.#cursors.get(file);
  }

  set(file: string, cursor: FileCursor): void {
    this.#cursors.set(file, cursor);
  }

  /** Makes what was set durable: after it, a crash does not bring back what is acknowledged. */
  async save(): Promise<void> {
    const text = JSON.stringify({ version: 1, files: Object.fromEntries(this.#cursors) });
    const temporary = `${this.#path}.new`;
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#path);
  }
}

function damaged(path: string, cause: unknown): CounterfoilError {
  return new CounterfoilError(
    'unreadableFile',
    `${path}: the cursors cannot be read; remove the file to read the source's files again (what is known is dropped)`,
    { cause },
  );
}
