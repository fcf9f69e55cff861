import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The directory of Counterfoil's own package.json, found upwards from this file, so that it is the same for the
 * sources and for what is built from them.
 */
export function projectRoot(): string {
  let directory = import.meta.dirname;
  for (;;) {
    const file = join(directory, 'package.json');
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
      if (manifest.name === 'counterfoil') return directory;
    }
    const parent = dirname(directory);
    if (parent === directory) return process.cwd();
    directory = parent;
  }
}
