import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What the set-up keeps for itself; safe to delete. */
export const STATE = join(ROOT, '.counterfoil');
