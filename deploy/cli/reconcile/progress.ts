/** Time before progress shows, and between two showings on a terminal and elsewhere, milliseconds. */
const PATIENCE_MS = 1000;
const TERMINAL_INTERVAL_MS = 200;
const LINES_INTERVAL_MS = 2000;

/** Says on standard error how far the work is, once it takes longer than a second. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #next = Date.now() + PATIENCE_MS;
  #shown = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Cheap to call often: `text` is made only when it is time to show it. */
  show(text: () => string): void {
    const now = Date.now();
    if (now < this.#next) return;
    if (this.#stream.isTTY) {
      this.#next = now + TERMINAL_INTERVAL_MS;
      this.#stream.write(`\r\x1b[K${text()}`);
      this.#shown = true;
    } else {
      this.#next = now + LINES_INTERVAL_MS;
      this.#stream.write(`${text()}\n`);
    }
  }

  /** Clears the line that is on the terminal. */
  end(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
    this.#next = Number.POSITIVE_INFINITY;
  }
}

const grouped = new Intl.NumberFormat('en-US');

/** `1,234,567`. */
export function count(value: number): string {
  return grouped.format(value);
}
