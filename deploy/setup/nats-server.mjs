import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture, lastLine } from './child.mjs';
import { ROOT, STATE } from './paths.mjs';
import { SetupError, step } from './progress.mjs';

const HOW_TO_GET_IT =
  'install it (macOS: brew install nats-server; else https://github.com/nats-io/nats-server/releases) and put it on the PATH or name it in COUNTERFOIL_NATS_SERVER, or set stream.url to a running NATS server';

/** The search that the product itself uses, from the build. */
export async function findNatsServer() {
  const { findNatsServer: find } = await import(join(ROOT, 'dist', 'deploy', 'local', 'find-nats-server.js'));
  try {
    return await find();
  } catch (error) {
    throw new SetupError(error.message);
  }
}

/**
 * Finds a nats-server, or unpacks the distribution's package below `.counterfoil/`.
 * @param {{dryRun: boolean}} options with `dryRun` only looks
 * @returns {Promise<boolean>} whether there is nothing (more) to do
 */
export async function ensureNatsServer({ dryRun }) {
  if ((await findNatsServer()) !== undefined) return true;
  if (dryRun) return false;
  await step('downloading nats-server', unpackPackage);
  if ((await findNatsServer()) !== undefined) return true;
  throw new SetupError(`the distribution's nats-server does not run on this machine; ${HOW_TO_GET_IT}`);
}

/**
 * Fetches the package with apt, whose state, lists and cache are directories of ours: so it needs neither root nor an
 * earlier update, and changes nothing on the machine.
 */
async function unpackPackage() {
  const target = join(STATE, 'nats-server');
  const apt = join(STATE, 'apt');
  await rm(target, { recursive: true, force: true });
  for (const directory of [
    target,
    join(apt, 'lists', 'partial'),
    join(apt, 'cache', 'archives', 'partial'),
  ]) {
    await mkdir(directory, { recursive: true });
  }
  await writeFile(join(apt, 'status'), '');
  const options = Object.entries({
    'Dir::State': apt,
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Log': apt,
    // Without root there is no other user to become, and no lock of the system's to take.
    'APT::Sandbox::User': '',
    'Debug::NoLocking': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
    'Acquire::https::Timeout': '30',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await tool('apt-get', [...options, '-q', 'update'], target);
  await tool('apt-get', [...options, '-q', 'download', 'nats-server'], target);
  const file = (await readdir(target)).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new SetupError(`apt-get downloaded no nats-server package; ${HOW_TO_GET_IT}`);
  await tool('dpkg-deb', ['-x', file, '.'], target);
  await rm(join(target, file));
  // The lists are large and old tomorrow.
  await rm(apt, { recursive: true, force: true });
}

async function tool(command, args, cwd) {
  let result;
  try {
    result = await capture(command, args, { cwd, env: { ...process.env, LC_ALL: 'C' } });
  } catch (error) {
    if (error instanceof SetupError && !error.message.includes('cannot be run')) throw error;
    throw new SetupError(
      `nats-server is missing and there is no ${command} here to fetch it; ${HOW_TO_GET_IT}`,
    );
  }
  if (result.code === 0) return;
  const reason = /^E: .*$/m.exec(result.output)?.[0] ?? lastLine(result.output);
  throw new SetupError(
    `nats-server is missing and ${command} could not fetch it (${reason}); ${HOW_TO_GET_IT}`,
  );
}
