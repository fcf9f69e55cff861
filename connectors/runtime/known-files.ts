import { createHash } from 'node:crypto';
import { fileChunks } from '../contract/index.ts';
import type { CommonSettings } from '../contract/index.ts';
import { SAMPLE_BYTES } from './file-identity.ts';
import type { FileIdentity } from './file-identity.ts';

/** The most files of one source that are remembered; the oldest are forgotten first. */
const MAX_KNOWN = 4096;

/** A file that was read to its end, and all of it acknowledged. */
export interface KnownFile extends Pick<FileIdentity, 'size' | 'head' | 'sample'> {
  /** Under which name. */
  readonly name: string;
  /** SHA-256 of its source's settings and of every byte: see {@link contentHash}. */
  readonly hash: string;
}

/** The files of one source that were read to their ends, whatever they are called by now. */
export class KnownFiles {
  /** By hash, the oldest first. */
  readonly #files: Map<string, KnownFile>;

  constructor(files: Iterable<KnownFile> = []) {
    this.#files = new Map(Array.from(files, (file) => [file.hash, file]));
  }

  /** Whether a file that is still being written may turn out to be one of them: it begins as one, as far as is seen. */
  mayBecome({ size, head }: FileIdentity): boolean {
    for (const known of this.#files.values()) {
      if (known.size >= size && (size < SAMPLE_BYTES || known.head === head)) return true;
    }
    return false;
  }

  /** The one whose every byte this is. @param hash looks at them all; asked only where size, beginning and end agree */
  async find({ size, sample }: FileIdentity, hash: () => Promise<string>): Promise<KnownFile | undefined> {
    for (const known of this.#files.values()) {
      if (known.size === size && known.sample === sample) return this.#files.get(await hash());
    }
    return undefined;
  }

  add({ name, hash, size, head, sample }: KnownFile): void {
    this.#files.delete(hash);
    this.#files.set(hash, { name, hash, size, head, sample });
    if (this.#files.size > MAX_KNOWN) this.#files.delete(this.#files.keys().next().value!);
  }

  toJSON(): KnownFile[] {
    return [...this.#files.values()];
  }
}

/**
 * A hash of a file's first `size` bytes and of the settings by which they are read: what was read by other settings is
 * not known.
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`
 */
export async function contentHash(
  { path, name, size }: { readonly path: string; readonly name: string; readonly size: number },
  settings: CommonSettings,
): Promise<string> {
  const hash = createHash('sha256').update(`${settingsText(settings)}\n`);
  for await (const chunk of fileChunks(path, name, 0, size)) hash.update(chunk);
  return hash.digest('base64url');
}

/** Settings as text, whatever classes their values have; where the files lie is no part of it. */
function settingsText(settings: CommonSettings): string {
  return JSON.stringify({ ...settings, path: undefined }, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
    if (Object.getPrototypeOf(value) === Object.prototype) return value;
    // A zone has a name; an expression and a secret have a text.
    return 'name' in value ? value.name : (value as { toString(): string }).toString();
  });
}
