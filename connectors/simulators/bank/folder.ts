import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Faults } from '../faults.ts';
import type { Paper, PaperFormat } from './books.ts';

export interface FolderOptions {
  /** Each format has a folder in it. */
  readonly directory: string;
  readonly formats: readonly PaperFormat[];
  readonly faults: Faults;
}

interface WaitingFile {
  readonly paper: Paper;
  readonly name: string;
  readonly dueMs: number;
}

const EXTENSIONS: { readonly [format in PaperFormat]: string } = {
  mt940: 'sta',
  mt942: 'sta',
  mt103: 'fin',
  'camt.053': 'xml',
};

/**
 * Puts papers into folders as a bank's file transfer does: late, out of order and twice if so are webhooks, but none is
 * lost. A file is there as a whole or not at all.
 */
export class PaperFolder {
  readonly #options: FolderOptions;
  #waiting: WaitingFile[] = [];

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  get nextDueMs(): number | undefined {
    return this.#waiting.length === 0 ? undefined : Math.min(...this.#waiting.map(({ dueMs }) => dueMs));
  }

  add(paper: Paper): void {
    const { formats, faults } = this.#options;
    if (!formats.includes(paper.format)) return;
    const sent = faults.webhook(paper.id).filter(({ isForged }) => !isForged);
    const copies = sent.length === 0 ? [{ delayMs: 0 }] : sent;
    for (const [n, { delayMs }] of copies.entries()) {
      const again = n === 0 ? '' : `-${n + 1}`;
      const name = `${paper.id}${again}.${EXTENSIONS[paper.format]}`;
      this.#waiting.push({ paper, name, dueMs: paper.madeMs + delayMs });
    }
  }

  /** Writes what is due. */
  async flush(nowMs: number): Promise<void> {
    const { directory, faults } = this.#options;
    if (faults.isOut(nowMs)) return;
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    for (const { paper, name } of due) {
      const folder = join(directory, paper.format);
      await mkdir(folder, { recursive: true });
      // Under a name of another kind until it is whole: a pattern such as *.sta passes it over.
      const partial = join(folder, `${name}.part`);
      await writeFile(partial, paper.content);
      await rename(partial, join(folder, name));
    }
  }
}
