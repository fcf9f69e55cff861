/** A failure that is said in one line, without a stack. */
export class SetupError extends Error {
  /** @param {string} message one line: what is wrong and what to do @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says one line on standard error: standard output belongs to the command that is run. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Runs a step. Nothing is shown while it takes less than a second; then its name and how long it has taken so far,
 * moving on a terminal and as a line now and then elsewhere.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const terminal = process.stderr.isTTY;
  let frame = 0;
  let nextLine = 1000;
  const timer = setInterval(
    () => {
      const elapsed = performance.now() - started;
      if (elapsed < 1000) return;
      if (terminal) {
        process.stderr.write(`\r\x1b[K${FRAMES[frame++ % FRAMES.length]} ${name} ${seconds()}`);
      } else if (elapsed >= nextLine) {
        say(`${name} … ${seconds()}`);
        nextLine = elapsed + 10_000;
      }
    },
    terminal ? 100 : 250,
  );
  let result = 'failed after';
  try {
    const value = await work();
    result = 'done in';
    return value;
  } finally {
    clearInterval(timer);
    if (performance.now() - started >= 1000) {
      if (terminal) process.stderr.write('\r\x1b[K');
      say(`${name}: ${result} ${seconds()}`);
    }
  }
}
