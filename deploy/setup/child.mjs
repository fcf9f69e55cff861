import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './paths.mjs';
import { SetupError } from './progress.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program with our standard streams and resolves with its exit code (128 + n where signal n ended it). A
 * signal sent to us reaches it, and we end when it has ended.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>}
 */
export async function run(command, args, options = {}) {
  const { code } = await start(command, args, { ...options, stdio: 'inherit' });
  return code;
}

/**
 * Runs a program quietly: what it prints is kept and returned, and ends up in no stream of ours.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Promise<{code: number, output: string}>} the last 100,000 characters of both its streams
 */
export async function capture(command, args, options = {}) {
  const result = await start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  // Ctrl-C during a step ends the set-up, and not only the step.
  if (result.interrupted !== undefined) throw new SetupError('interrupted', codeOf(result.interrupted));
  return result;
}

/** The last line with something in it. @param {string} output */
export function lastLine(output) {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}

function codeOf(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}

function start(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, ...options });
    let output = '';
    let interrupted;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-100_000)));
    }
    let interruptedAt = -Infinity;
    const handlers = SIGNALS.map((signal) => {
      const handler = () => {
        // npm passes on what the terminal has sent us already: one Ctrl-C comes twice.
        const repeated = interrupted === signal && performance.now() - interruptedAt < 1000;
        // On a terminal Ctrl-C goes to the whole group: sent once more it would mean "at once" to the child.
        const arrivedAlready = signal === 'SIGINT' && onTerminal();
        if (!repeated) interruptedAt = performance.now();
        interrupted = signal;
        if (!arrivedAlready && !repeated) child.kill(signal);
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    const finish = () => handlers.forEach((off) => off());
    child.once('error', (error) => {
      finish();
      reject(new SetupError(`${command} cannot be run (${error.code ?? error.message})`));
    });
    child.once('close', (code, signal) => {
      finish();
      resolve({ code: code ?? codeOf(signal), output, interrupted });
    });
  });
}

function onTerminal() {
  return process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true;
}
