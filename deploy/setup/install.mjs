import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture, lastLine } from './child.mjs';
import { ROOT } from './paths.mjs';
import { SetupError, say, step } from './progress.mjs';

/**
 * Installs the packages of the lock file when `node_modules` is missing, incomplete or of another lock file.
 * @param {{dryRun: boolean}} options with `dryRun` only looks
 * @returns {Promise<boolean>} whether there is nothing (more) to do
 */
export async function installIfChanged({ dryRun }) {
  if (await isInstalled(ROOT)) return true;
  if (dryRun) return false;
  const { code, output } = await step('installing packages', install);
  if (code === 0) return true;
  say(output.trim());
  throw new SetupError(
    `npm could not install the packages (${lastLine(output)}); check the network and the npm registry, then repeat`,
  );
}

const OPTIONS = ['--no-audit', '--no-fund', '--loglevel=error', '--include=dev'];

async function install() {
  const strict = await npm(['ci', ...OPTIONS]);
  // A registry that does not have the packages of every platform leaves a lock file that `npm ci` calls incomplete.
  // This way has the same locked versions, resolves what is left, and leaves the lock file as it is.
  return strict.code !== 0 && strict.output.includes('EUSAGE')
    ? npm(['install', '--no-save', ...OPTIONS])
    : strict;
}

function npm(args) {
  // Under `npm run` npm says where it is; a shell may know another one, or none.
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js') ? capture(process.execPath, [script, ...args]) : capture('npm', args);
}

/**
 * Whether `node_modules` holds what the lock file says. npm writes its own record of what it installed last of all,
 * so an install that was cut short has none; packages for other platforms are left out of it.
 * @param {string} root
 */
export async function isInstalled(root) {
  const wanted = await readPackages(join(root, 'package-lock.json'));
  const found = await readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined)
    throw new SetupError(`package-lock.json in ${root} is missing or damaged; restore it from git`);
  if (found === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || (found[path] === undefined && entry.optional === true)) continue;
    if (found[path]?.version !== entry.version || found[path]?.integrity !== entry.integrity) return false;
  }
  return true;
}

async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
