import { join } from 'node:path';
import { buildIfStale, CLI } from './build.mjs';
import { check } from './check.mjs';
import { run } from './child.mjs';
import { installIfChanged } from './install.mjs';
import { withLock } from './lock.mjs';
import { ensureNatsServer, findNatsServer } from './nats-server.mjs';
import { SetupError, say } from './progress.mjs';
import { ROOT, STATE } from './paths.mjs';

/** Commands of the `counterfoil` command that start a broker of their own. */
const STARTS_BROKER = ['up', 'demo'];

const VERBS = {
  setup: {
    needsServer: () => true,
    run: async () => {
      const server = await findNatsServer();
      say(
        `ready: packages installed, build current, nats-server ${server.version.join('.')} at ${server.path}`,
      );
      say('next: npm run demo, npm test, or npm run counterfoil -- --help');
      return 0;
    },
  },
  demo: { needsServer: () => true, run: (args) => cli(['demo', ...args]) },
  test: { needsServer: () => true, run: (args) => node(['node_modules/vitest/vitest.mjs', 'run', ...args]) },
  bench: { needsServer: () => true, run: (args) => node(['dist/bench/main.js', ...args]) },
  counterfoil: {
    needsServer: (args) => STARTS_BROKER.includes(args[0] ?? ''),
    run: (args) => cli(args, process.env.INIT_CWD ?? process.cwd()),
  },
  check: { needsServer: () => true, run: check },
};

/**
 * Runs one verb and resolves with the exit code: the child's, where there is one.
 * @param {string[]} args the verb and its arguments
 * @returns {Promise<number>}
 */
export async function main([verb, ...args]) {
  const chosen = Object.hasOwn(VERBS, verb ?? '') ? VERBS[verb] : undefined;
  if (chosen === undefined) {
    say(`"${verb ?? ''}" is not one of ${Object.keys(VERBS).join(', ')}`);
    return 1;
  }
  try {
    await prepare(chosen.needsServer(args));
    return await chosen.run(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return error.exitCode;
  }
}

async function prepare(needsServer) {
  const steps = [installIfChanged, buildIfStale, ...(needsServer ? [ensureNatsServer] : [])];
  for (const step of steps) {
    // Each step first looks, without the lock, whether there is anything to do: the usual run waits for nobody.
    if (await step({ dryRun: true })) continue;
    await withLock(STATE, () => step({ dryRun: false }));
  }
}

function cli(args, cwd) {
  // Wide enough for the embedded database: else the command has to start itself again with more threads.
  return node([CLI, ...args], { cwd, env: { UV_THREADPOOL_SIZE: '16', ...process.env } });
}

function node([script, ...args], { cwd = ROOT, env = process.env } = {}) {
  return run(process.execPath, [join(ROOT, script), ...args], { cwd, env });
}
