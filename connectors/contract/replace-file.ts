import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts `text` in the place of what a file held, or makes it: a crash leaves the one or the other, and once this resolves
 * the new one, power cuts included. One caller at a time for each path.
 * @throws what the file system throws
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    // The name is the folder's content, and is written apart from the file's.
    await folder.sync();
  } finally {
    await folder.close();
  }
}
