import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { replaceFile } from '../../contract/index.ts';
import type { JsonValue } from '../../contract/index.ts';

/** Where polling of one source goes on: one file, replaced as a whole. */
export class PollCursor {
  readonly #path: string;
  #value: JsonValue | undefined;
  #saved: string | undefined;

  private constructor(path: string, saved: string | undefined, value: JsonValue | undefined) {
    this.#path = path;
    this.#saved = saved;
    this.#value = value;
  }

  /** @throws CounterfoilError `unreadableFile` when the file is there and is not what was written */
  static async open(directory: string, source: string): Promise<PollCursor> {
    await mkdir(directory, { recursive: true });
    const path = join(directory, `${source}.poll.json`);
    try {
      const text = await readFile(path, 'utf8');
      const { cursor } = JSON.parse(text) as { cursor: JsonValue };
      return new PollCursor(path, text, cursor);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        return new PollCursor(path, undefined, undefined);
      throw new CounterfoilError(
        'unreadableFile',
        `${path}: the cursor cannot be read; remove the file to poll the source from its start (what is known is dropped)`,
        { cause },
      );
    }
  }

  /** Undefined before the first {@link save}. */
  get value(): JsonValue | undefined {
    return this.#value;
  }

  /** Makes a cursor durable. Only what is acknowledged may be behind it. */
  async save(value: JsonValue): Promise<void> {
    const text = JSON.stringify({ version: 1, cursor: value });
    this.#value = value;
    if (text === this.#saved) return;
    await replaceFile(this.#path, text);
    this.#saved = text;
  }
}
