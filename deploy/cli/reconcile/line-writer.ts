import { createWriteStream, existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CounterfoilError } from '../../../engine/domain/index.ts';

/** Characters gathered before they are handed to the stream. */
const CHUNK_CHARACTERS = 262_144;

/** Writes lines of text to a file, which appears under its name only when it is whole, or to standard output. */
export class LineWriter {
  readonly #target: string;
  readonly #stream: Writable;
  readonly #temporary: string | undefined;
  #pending = '';
  #failure: unknown;

  /** @param target path of the file, or `-` for standard output */
  constructor(target: string) {
    this.#target = target;
    if (target === '-') {
      this.#stream = process.stdout;
    } else {
      // A device or pipe under that name is written to, not replaced.
      const replaceable = !existsSync(target) || lstatSync(target).isFile();
      this.#temporary = replaceable ? `${resolve(target)}.${process.pid}.partial` : undefined;
      this.#stream = createWriteStream(this.#temporary ?? target);
    }
    this.#stream.on('error', (error) => (this.#failure ??= error));
  }

  /** Adds a line; the line break is added here. Call {@link flushed} now and then. */
  line(text: string): void {
    this.#pending += text;
    this.#pending += '\n';
    if (this.#pending.length > CHUNK_CHARACTERS) this.#hand();
  }

  /** Waits while the stream holds more than it should. @throws CounterfoilError `diskFull`, `unreadableFile` */
  async flushed(): Promise<void> {
    if (this.#failure === undefined && this.#stream.writableNeedDrain) {
      await once(this.#stream, 'drain').catch((error: unknown) => (this.#failure ??= error));
    }
    this.#check();
  }

  /** Writes what is left and gives the file its name. @throws CounterfoilError `diskFull`, `unreadableFile` */
  async close(): Promise<void> {
    this.#hand();
    if (this.#stream === process.stdout) {
      await this.flushed();
      await new Promise<void>((done) => this.#stream.write('', () => done()));
      this.#check();
      return;
    }
    this.#stream.end();
    await finished(this.#stream).catch((error: unknown) => (this.#failure ??= error));
    this.#check();
    if (this.#temporary !== undefined) renameSync(this.#temporary, this.#target);
  }

  /** Gives up: removes what was written so far. */
  discard(): void {
    if (this.#stream === process.stdout) return;
    this.#stream.destroy();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }

  #hand(): void {
    if (this.#pending === '' || this.#failure !== undefined) return;
    this.#stream.write(this.#pending);
    this.#pending = '';
  }

  #check(): void {
    if (this.#failure === undefined) return;
    const code = (this.#failure as NodeJS.ErrnoException).code ?? 'unknown error';
    const name = this.#target === '-' ? 'standard output' : this.#target;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new CounterfoilError('diskFull', `${name}: the disk is full; free some space and run again`, {
        cause: this.#failure,
      });
    }
    const advice =
      code === 'ENOENT' ? 'its folder does not exist; create it' : 'check the path and its permissions';
    throw new CounterfoilError('unreadableFile', `${name}: cannot be written (${code}); ${advice}`, {
      cause: this.#failure,
    });
  }
}
