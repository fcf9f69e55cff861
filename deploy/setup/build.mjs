import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { ROOT } from './paths.mjs';
import { SetupError, say, step } from './progress.mjs';

/** The `counterfoil` command, built; below the project's root. */
export const CLI = 'dist/deploy/cli/main.js';

const SOURCES = ['engine', 'connectors', 'api', 'bench', 'deploy'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/**
 * Builds when a source is not the one that was built last.
 * @param {{dryRun: boolean}} options with `dryRun` only looks
 * @returns {Promise<boolean>} whether there is nothing (more) to do
 */
export async function buildIfStale({ dryRun }) {
  const current = await fingerprint(ROOT);
  const stamp = join(ROOT, 'dist', '.build-stamp');
  const complete = existsSync(join(ROOT, CLI));
  if (complete && (await readFile(stamp, 'utf8').catch(() => '')) === current) return true;
  if (dryRun) return false;
  // The compiler's own record would have it leave out files that somebody deleted from dist.
  if (!complete) await rm(join(ROOT, 'dist', '.tsbuildinfo'), { force: true });
  const { code, output } = await step('building', () =>
    capture(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']),
  );
  if (code !== 0) {
    say(output.trim());
    throw new SetupError('the build failed: see the errors above');
  }
  await writeFile(stamp, current);
  return true;
}

/**
 * Changes when a source that is built is added, removed, renamed or written.
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function fingerprint(root) {
  const files = [...SETTINGS];
  for (const folder of SOURCES) {
    const entries = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.endsWith('.ts') && !entry.endsWith('.test.ts')) files.push(join(folder, entry));
    }
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const facts = await stat(join(root, file)).catch(() => undefined);
    hash.update(`${file} ${facts?.size} ${facts?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}
