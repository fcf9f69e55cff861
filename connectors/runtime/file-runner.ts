import { setTimeout as sleep } from 'node:timers/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Publisher, Translated } from '../../engine/domain/index.ts';
import { fileError, hasOrigin, isAborted } from '../contract/index.ts';
import type { FilePortion, FileSettings } from '../contract/index.ts';
import type { Source } from '../open-source.ts';
import { CursorFile } from './cursors.ts';
import type { FileCursor } from './cursors.ts';
import { identify } from './file-identity.ts';
import type { FileIdentity } from './file-identity.ts';
import { contentHash } from './known-files.ts';
import { listFiles } from './source-files.ts';
import type { SourceFile } from './source-files.ts';

/** Batches on their way to the log at once: enough to fill frames of every partition. */
const WINDOW = 16;
/** How long the runner waits before it offers a batch again that the log had no room for. */
const RETRY_DELAY_MS = 500;

export interface FileRunnerOptions {
  /** Sources without files are passed over. */
  readonly sources: readonly Source[];
  readonly publisher: Publisher;
  /** Where relative paths of sources start. */
  readonly directory: string;
  /** Where cursors are kept. */
  readonly cursorDirectory: string;
  /** Stops the reading; what is on its way is waited for. */
  readonly signal?: AbortSignal;
  /**
   * Someone may still be writing a file that changed less than this ago. It is left for later, or where its connector
   * reads growing files, read up to its last whole line. Default 0.
   */
  readonly settleMs?: number;
  /** How often a cursor is written while a file is read. Default 250. */
  readonly saveIntervalMs?: number;
  /** Told of each source or file that cannot be read; the others go on. */
  onFailure?(source: string, file: string, error: CounterfoilError): void;
  /** Told of each file of which something was read: that it was read to its end, or so far while it grows. */
  onFile?(source: string, file: string, items: number): void;
  /** Told of each file that is passed over, because every byte of it was read as `first`. */
  onCopy?(source: string, file: string, first: string): void;
}

/** What one pass over the files came to. */
export interface FileRunSummary {
  /** Files read to their end in this pass. */
  files: number;
  /** Records, dead letters and findings that were stored. */
  items: number;
  failures: number;
}

/**
 * Reads what is new in the files of every source, one after the other, and remembers how far it came once the log has
 * acknowledged it. After a crash the part between the last cursor and the crash is read again, with the same ids.
 * @throws CounterfoilError what the publisher throws and no waiting mends, such as `diskFull`
 */
export async function runFiles(options: FileRunnerOptions): Promise<FileRunSummary> {
  const summary: FileRunSummary = { files: 0, items: 0, failures: 0 };
  for (const source of options.sources) {
    if (source.path === undefined || options.signal?.aborted === true) continue;
    const fail = (file: string, error: unknown): void => {
      summary.failures++;
      options.onFailure?.(source.name, file, CounterfoilError.from(error, 'unreadableFile'));
    };
    try {
      const files = await listFiles(options.directory, source.path);
      const cursors = await CursorFile.open(options.cursorDirectory, source.name);
      for (const file of files) {
        if (isAborted(options.signal)) break;
        try {
          const { items, complete } = await new FileRun(source, file, cursors, options).run();
          if (complete) summary.files++;
          summary.items += items;
          if (complete || items > 0) options.onFile?.(source.name, file.name, items);
        } catch (error) {
          if (error instanceof PublishFailed) throw error;
          fail(file.name, error);
        }
      }
    } catch (error) {
      if (error instanceof PublishFailed) throw error.error;
      fail(source.path, error);
    }
  }
  return summary;
}

/**
 * {@link runFiles} again and again, until `signal` aborts.
 * @param intervalMs from the end of one pass to the start of the next
 */
export async function watchFiles(
  options: FileRunnerOptions & { readonly signal: AbortSignal },
  intervalMs: number,
): Promise<void> {
  const failing = new Map<string, string>();
  const onFailure = (source: string, file: string, error: CounterfoilError): void => {
    // A file that stays away is reported once, not every pass.
    if (failing.get(file) === error.message) return;
    failing.set(file, error.message);
    options.onFailure?.(source, file, error);
  };
  while (!isAborted(options.signal)) {
    await runFiles({ ...options, onFailure });
    await sleep(intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Carries what the publisher threw past the places where a file's own errors are caught. */
class PublishFailed extends Error {
  readonly error: CounterfoilError;

  constructor(error: CounterfoilError) {
    super(error.message);
    this.error = error;
  }
}

const NOTHING = { items: 0, complete: false };

interface Place {
  readonly offset: number;
  readonly ordinal: number;
  readonly line?: number | undefined;
}

/** Up to where a file is known. */
interface Known {
  readonly after: Place;
  /** Where reading may start. */
  readonly from: FilePortion['from'];
}

/** One reading of one file. */
class FileRun {
  readonly #source: Source;
  readonly #file: SourceFile;
  readonly #cursors: CursorFile;
  readonly #options: FileRunnerOptions;
  readonly #underWay: { readonly stored: Promise<void>; readonly last: Place | undefined }[] = [];
  #acknowledged: Place = { offset: -1, ordinal: 0 };
  #savedAt = performance.now();
  #items = 0;

  constructor(source: Source, file: SourceFile, cursors: CursorFile, options: FileRunnerOptions) {
    this.#source = source;
    this.#file = file;
    this.#cursors = cursors;
    this.#options = options;
  }

  /** @returns how many items were stored, and whether the end was reached now, of a file that has settled */
  async run(): Promise<{ items: number; complete: boolean }> {
    const before = this.#cursors.get(this.#file.name);
    const identity = await this.#identify();
    const { settleMs = 0 } = this.#options;
    // A file's clock is finer than Date.now, so that what was written just now may seem to be still to come.
    const growing = settleMs > 0 && Date.now() - identity.mtimeMs < settleMs;
    if (growing && !this.#isAppendable) return NOTHING;
    const known = await this.#known(before, identity, growing);
    if (known === 'all') return NOTHING;
    if (known === undefined && (await this.#passOver(identity, growing))) return NOTHING;
    if (known !== undefined) this.#acknowledged = known.after;
    // The last row that is read of a growing file is whole.
    const read = growing ? { ...identity, endsLine: true } : identity;
    const ended = await this.#read(read, growing, known);
    const complete = ended && !growing;
    // One that has grown after its end will grow again: all of it is not hashed each time.
    if (complete && (before?.done !== true || known === undefined)) await this.#remember(identity);
    await this.#save(read, complete);
    return { items: this.#items, complete };
  }

  get #isAppendable(): boolean {
    return this.#source.connector.capabilities.appendable && this.#settings.whole !== true;
  }

  get #settings(): FileSettings {
    return this.#source.settings as FileSettings;
  }

  /** Whether nothing is read of a file that is new: it is one that was read, or may be one when it is whole. */
  async #passOver(identity: FileIdentity, growing: boolean): Promise<boolean> {
    const { known } = this.#cursors;
    if (this.#settings.copies !== 'skip') return false;
    if (growing) return known.mayBecome(identity);
    const first = await known.find(identity, () => this.#hash(identity));
    if (first === undefined) return false;
    this.#options.onCopy?.(this.#source.name, this.#file.name, first.name);
    await this.#save(identity, true);
    return true;
  }

  /** Only once everything of the file is acknowledged; on the disk with the cursor that says so. */
  async #remember(identity: FileIdentity): Promise<void> {
    if (this.#settings.copies !== 'skip') return;
    try {
      const hash = await this.#hash(identity);
      const now = await this.#identify();
      // What has changed since it was read is not what was hashed.
      if (now.size !== identity.size || now.mtimeMs !== identity.mtimeMs) return;
      this.#cursors.known.add({ ...identity, name: this.#file.name, hash });
    } catch {
      // It was read to its end; that it is gone now is no failure.
    }
  }

  #hash({ size }: FileIdentity): Promise<string> {
    return contentHash({ ...this.#file, size }, this.#source.settings);
  }

  async #identify(through?: number): Promise<FileIdentity> {
    return identify(this.#file.path, through).catch((error: unknown) => {
      throw fileError(error, this.#file.name);
    });
  }

  /** Up to where the file is known; undefined to read all of it. */
  async #known(
    before: FileCursor | undefined,
    now: FileIdentity,
    growing: boolean,
  ): Promise<Known | 'all' | undefined> {
    if (before === undefined) return undefined;
    const { offset, ordinal, line, size } = before;
    // Of a file that was passed over nothing is stored.
    const isRead = offset >= 0;
    const from = line === undefined ? undefined : { offset, line };
    const after: Place = { offset, ordinal, line };
    if (size === now.size && before.mtimeMs === now.mtimeMs && before.sample === now.sample) {
      return before.done || growing ? 'all' : { after, from };
    }
    if (!isRead || !this.#isAppendable || now.size < size) return undefined;
    if ((await this.#identify(size)).sample !== before.sample) return undefined;
    if (before.endsLine) return { after, from };
    // The last row may have gone on since: it is read again.
    return { after: { offset: offset - 1, ordinal: Number.MAX_SAFE_INTEGER }, from };
  }

  /** @returns whether the end was reached */
  async #read(identity: FileIdentity, growing: boolean, known: Known | undefined): Promise<boolean> {
    const { path, name } = this.#file;
    // Bytes that come from now on belong to another identity.
    const portion: FilePortion = {
      size: identity.size,
      growing,
      ...(known?.from === undefined ? {} : { from: known.from }),
    };
    try {
      // What stands before a record or dead letter goes where that one goes.
      let held: Translated[] = [];
      for await (const batch of this.#source.readFile(path, name, portion)) {
        if (isAborted(this.#options.signal)) return false;
        const items: Translated[] = [];
        for (const item of batch) {
          held.push(item);
          if (!hasOrigin(item)) continue;
          if (known === undefined || isAfter(placeOf(item), known.after)) items.push(...held);
          held = [];
        }
        await this.#publish(items, identity);
      }
      await this.#publish(held, identity);
      return true;
    } finally {
      await this.#drain();
    }
  }

  async #publish(items: Translated[], identity: FileIdentity): Promise<void> {
    if (items.length === 0) return;
    // Progress says that nothing before it is missing.
    if (items.some((item) => item.type === 'progress')) await this.#drain();
    const origin = items.findLast(hasOrigin);
    const stored = this.#publishPatiently(items);
    stored.catch(() => undefined);
    this.#underWay.push({ stored, last: origin === undefined ? undefined : placeOf(origin) });
    this.#items += items.length;
    if (this.#underWay.length >= WINDOW) await this.#acknowledgeFirst();
    if (performance.now() - this.#savedAt > (this.#options.saveIntervalMs ?? 250))
      await this.#save(identity, false);
  }

  /** A log that has no room or is away is waited for: a file does not go away. */
  async #publishPatiently(items: Translated[]): Promise<void> {
    for (;;) {
      try {
        await this.#options.publisher.publish(this.#source.name, items);
        return;
      } catch (cause) {
        const error = CounterfoilError.from(cause);
        const passes = error.disposition === 'retryable' && error.code !== 'stopping';
        if (!passes || isAborted(this.#options.signal)) throw new PublishFailed(error);
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  async #acknowledgeFirst(): Promise<void> {
    const first = this.#underWay[0];
    if (first === undefined) return;
    await first.stored;
    this.#underWay.shift();
    if (first.last !== undefined) this.#acknowledged = first.last;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#underWay.length > 0) await this.#acknowledgeFirst();
    } finally {
      await Promise.allSettled(this.#underWay.map(({ stored }) => stored));
    }
  }

  async #save(identity: FileIdentity, done: boolean): Promise<void> {
    this.#savedAt = performance.now();
    const { offset, ordinal, line } = this.#acknowledged;
    this.#cursors.set(this.#file.name, { ...identity, offset, ordinal, line, done });
    await this.#cursors.save();
  }
}

function placeOf(item: Translated): Place {
  if (item.type === 'record') return item.origin;
  if (item.type === 'deadLetter') return item.deadLetter.origin;
  return { offset: -1, ordinal: 0 };
}

function isAfter(place: Place, other: Place): boolean {
  return place.offset > other.offset || (place.offset === other.offset && place.ordinal > other.ordinal);
}
