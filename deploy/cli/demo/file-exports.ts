import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that somebody may still be writing is left alone for a second, so the demo writes with pauses. */
const EVERY_MS = 2500;

/** Appends to files every few seconds, as a ledger exports what was posted meanwhile. */
export class FileExports {
  readonly #folder: string;
  readonly #waiting = new Map<string, string>();
  #last = Date.now();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(file: string, text: string): Promise<void> {
    this.#waiting.set(file, (this.#waiting.get(file) ?? '') + text);
    if (Date.now() - this.#last >= EVERY_MS) await this.flush();
  }

  async flush(): Promise<void> {
    this.#last = Date.now();
    const writes = [...this.#waiting].map(([file, text]) => appendFile(join(this.#folder, file), text));
    this.#waiting.clear();
    await Promise.all(writes);
  }
}
