import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { replaceFile } from '../../contract/index.ts';
import type { KeptTexts } from '../../contract/index.ts';

/** What is kept of one source, in one file with a text a line: it grows by appending, and is replaced to drop some. */
export class KeptFile implements KeptTexts {
  readonly #path: string;
  /** Each text with what resolves when it is on the disk. */
  readonly #texts: Map<string, Promise<void>>;
  /** To be written by the next write. */
  #fresh: string[] = [];
  /** Texts in the file that were dropped. When there are as many as others, it is written anew. */
  #dropped = 0;
  /** Whether the next write replaces the file: there is none, or it has to lose something. */
  #isStale: boolean;
  #writing: Promise<void> = Promise.resolve();
  /** The write that has not begun yet; what is to be written by then goes along. */
  #next: Promise<void> | undefined;

  private constructor(path: string, texts: readonly string[], isStale: boolean) {
    this.#path = path;
    this.#texts = new Map(texts.map((text) => [text, Promise.resolve()]));
    this.#isStale = isStale;
  }

  /** @throws CounterfoilError `unreadableFile` */
  static async open(directory: string, source: string): Promise<KeptFile> {
    const path = join(directory, `${source}.kept`);
    try {
      const lines = (await readFile(path, 'utf8')).split('\n');
      // A crash may have cut the last line off: that text was not kept yet.
      const cut = lines.pop() ?? '';
      return new KeptFile(path, lines, cut !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new KeptFile(path, [], true);
      throw problem(path, error);
    }
  }

  all(): readonly string[] {
    return [...this.#texts.keys()];
  }

  keep(text: string): Promise<void> {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#fresh.push(text);
    const written = this.#write();
    this.#texts.set(text, written);
    written.catch(() => {
      if (this.#texts.get(text) === written) this.#texts.delete(text);
    });
    return written;
  }

  async drop(texts: Iterable<string>): Promise<void> {
    for (const text of texts) if (this.#texts.delete(text)) this.#dropped++;
    if (this.#dropped === 0 || this.#dropped < this.#texts.size) return;
    this.#isStale = true;
    await this.#write();
  }

  #write(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#writing.then(() => {
      this.#next = undefined;
      return this.#writeNow();
    });
    this.#next = next;
    this.#writing = next.catch(() => undefined);
    return next;
  }

  async #writeNow(): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = [];
    try {
      if (this.#isStale) {
        this.#isStale = false;
        this.#dropped = 0;
        await this.#replace();
      } else {
        await append(this.#path, linesOf(fresh));
      }
    } catch (error) {
      this.#isStale = true;
      throw problem(this.#path, error);
    }
  }

  async #replace(): Promise<void> {
    const texts = this.all();
    if (texts.length > 0) {
      await mkdir(dirname(this.#path), { recursive: true });
      await replaceFile(this.#path, linesOf(texts));
    } else {
      await rm(this.#path, { force: true });
      // The first append must not make a file whose name a power cut could take away.
      this.#isStale = true;
    }
  }
}

function linesOf(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

async function append(path: string, text: string): Promise<void> {
  const handle = await open(path, 'a');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function problem(path: string, cause: unknown): CounterfoilError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new CounterfoilError(
    isFull ? 'diskFull' : 'unreadableFile',
    `${path}: ${isFull ? 'there is no room to write it' : `cannot be read or written (${code})`}; what webhooks made known is kept there`,
    { cause },
  );
}
