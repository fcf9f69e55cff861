import { renderDisplay, renderLine, type DisplayState } from './display.ts';

/** The part of a terminal's stream that the display needs. */
export interface DisplayOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
/** Where nobody watches a terminal, one line so often. */
const LINE_EVERY_MS = 1000;

/**
 * Draws the demo's state: in place on a terminal, else one plain line per second. `NO_COLOR` and `TERM=dumb` are
 * honoured.
 */
export class DemoDisplay {
  readonly #output: DisplayOutput;
  readonly #inPlace: boolean;
  readonly #colour: boolean;
  /** Lines drawn last, which the cursor stands below. */
  #drawn = 0;
  #lastLine = -Infinity;
  #closed = false;

  constructor(output: DisplayOutput, environment: { readonly [name: string]: string | undefined }) {
    this.#output = output;
    this.#inPlace = output.isTTY === true && environment['TERM'] !== 'dumb';
    this.#colour = this.#inPlace && (environment['NO_COLOR'] ?? '') === '';
  }

  /** Shows a state; call it as often as there is news, several times a second is fine. */
  update(state: DisplayState): void {
    if (this.#closed) return;
    if (!this.#inPlace) {
      if (state.elapsedMs - this.#lastLine < LINE_EVERY_MS) return;
      this.#lastLine = state.elapsedMs;
      this.#output.write(`${renderLine(state)}\n`);
      return;
    }
    // A terminal that does not know its size says 0.
    const width = this.#output.columns || 80;
    // One line less than the terminal has: the cursor stands below the last, and a screen that scrolls cannot be redrawn.
    const height = Math.max(1, (this.#output.rows || 24) - 1);
    const lines = renderDisplay(state, { colour: this.#colour, width, height }).split('\n').slice(0, height);
    const up = this.#drawn === 0 ? HIDE_CURSOR : `\u001b[${this.#drawn}A\r`;
    this.#output.write(`${up}${CLEAR_BELOW}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** Shows a last state, and leaves the terminal as it was found. Safe to repeat. */
  close(last?: DisplayState): void {
    if (this.#closed) return;
    if (last !== undefined) {
      this.#lastLine = -Infinity;
      this.update(last);
    }
    this.#closed = true;
    if (this.#inPlace && this.#drawn > 0) this.#output.write(SHOW_CURSOR);
  }
}
