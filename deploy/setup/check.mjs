import { capture, run } from './child.mjs';
import { ROOT } from './paths.mjs';
import { say } from './progress.mjs';

/** What `npm run check` runs, in order of how fast it fails. Quiet ones print only when they fail. */
const CHECKS = [
  { name: 'format', command: ['npm', 'run', '--silent', 'check:format'], quiet: true },
  { name: 'types', command: ['npm', 'run', '--silent', 'check:types'], quiet: true },
  { name: 'imports', command: ['npm', 'run', '--silent', 'check:imports'], quiet: true },
  { name: 'unused code', command: ['npm', 'run', '--silent', 'check:unused'], quiet: true },
  { name: 'lint', command: ['npm', 'run', '--silent', 'check:lint'], quiet: true },
  { name: 'tests', command: [process.execPath, 'node_modules/vitest/vitest.mjs', 'run'], quiet: false },
  { name: 'bench', command: [process.execPath, 'dist/bench/main.js', '--quick'], quiet: false },
];

/**
 * Runs every check and stops at the first that fails.
 * @returns {Promise<number>} its exit code, or 0
 */
export async function check() {
  for (const { name, command, quiet } of CHECKS) {
    const [program, ...args] = command;
    const started = performance.now();
    if (!quiet) say(`${name} …`);
    const { code, output } = quiet
      ? await capture(program, args, { cwd: ROOT })
      : { code: await run(program, args, { cwd: ROOT }), output: '' };
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (code !== 0) {
      if (output !== '') say(output.trimEnd());
      say(`✗ ${name} failed (${seconds} s)`);
      return code;
    }
    say(`✓ ${name} (${seconds} s)`);
  }
  return 0;
}
