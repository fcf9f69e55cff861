import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError } from '../contract/index.ts';

/** A file of a source. */
export interface SourceFile {
  /** Where it is. */
  readonly path: string;
  /** What it is called in ids and messages: its path as configured. */
  readonly name: string;
}

/**
 * The files that a source's path names: one file, all of a folder, or those that a pattern such as `in/*.csv` fits, in
 * the order of their names. Hidden files are left out.
 * @param directory from which a relative path starts
 * @throws CounterfoilError `fileNotFound`, `unreadableFile` when the path itself is not there
 */
export async function listFiles(directory: string, path: string): Promise<SourceFile[]> {
  const full = resolve(directory, path);
  if (basename(path).includes('*')) {
    const pattern = new RegExp(
      `^${basename(path)
        .split('*')
        .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    );
    return filesIn(dirname(full), dirname(path), path, (name) => pattern.test(name));
  }
  const facts = await stat(full).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (facts.isDirectory()) return filesIn(full, path, path, () => true);
  return [{ path: full, name: path }];
}

async function filesIn(
  folder: string,
  folderName: string,
  path: string,
  wanted: (name: string) => boolean,
): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, path);
  });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && wanted(entry.name))
    .map((entry) => entry.name)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => ({ path: join(folder, name), name: join(folderName, name) }));
}
