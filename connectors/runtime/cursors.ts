import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { replaceFile } from '../contract/index.ts';
import type { FileIdentity } from './file-identity.ts';
import { KnownFiles } from './known-files.ts';
import type { KnownFile } from './known-files.ts';

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

interface CursorContent {
  readonly files: { readonly [name: string]: FileCursor };
  readonly known?: readonly KnownFile[];
}

/** The cursors of one source and the files it knows, kept in one file that is replaced as a whole. */
export class CursorFile {
  readonly #path: string;
  readonly #cursors: Map<string, FileCursor>;
  /** The files that were read to their ends. */
  readonly known: KnownFiles;

  private constructor(path: string, cursors: Map<string, FileCursor>, known: KnownFiles) {
    this.#path = path;
    this.#cursors = cursors;
    this.known = known;
  }

  /** @throws CounterfoilError `unreadableFile` when the file is there and is not what was written */
  static async open(directory: string, source: string): Promise<CursorFile> {
    await mkdir(directory, { recursive: true });
    const path = join(directory, `${source}.json`);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return new CursorFile(path, new Map(), new KnownFiles());
      }
      throw damaged(path, error);
    }
    try {
      const { files, known } = JSON.parse(text) as CursorContent;
      return new CursorFile(path, new Map(Object.entries(files)), new KnownFiles(known));
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
    const content = { version: 1, files: Object.fromEntries(this.#cursors), known: this.known };
    const text = JSON.stringify(content);
    await replaceFile(this.#path, text);
  }
}

function damaged(path: string, cause: unknown): CounterfoilError {
  return new CounterfoilError(
    'unreadableFile',
    `${path}: the cursors cannot be read; remove the file to read the source's files again (what is known is dropped)`,
    { cause },
  );
}
