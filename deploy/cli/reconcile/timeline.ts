/** Messages that a command takes: time first, so that what it is about has happened, then itself. */
const PER_COMMAND = 2;

/** What the file command applies, with its numbers: records in order of time, and commands between them. */
export class Timeline {
  /** Ascending; command c stands before record `#before[c]`. */
  readonly #before: readonly number[];

  /** @param before for each command, ascending, how many records come before it */
  constructor(before: readonly number[] = []) {
    this.#before = before;
  }

  /** Sequence of record `index`, counted from 0. */
  sequenceOf(index: number): number {
    return index + 1 + PER_COMMAND * this.#countUpTo(index);
  }

  /** Sequence of command `command`, counted from 0; that of its time is the one before. */
  sequenceOfCommand(command: number): number {
    return this.#before[command]! + PER_COMMAND * (command + 1);
  }

  /** Index of the record at a sequence that is no command's. */
  indexOf(sequence: number): number {
    let commands = 0;
    let high = this.#before.length;
    while (commands < high) {
      const middle = (commands + high) >>> 1;
      if (this.sequenceOfCommand(middle) < sequence) commands = middle + 1;
      else high = middle;
    }
    return sequence - 1 - PER_COMMAND * commands;
  }

  /** Commands that stand before record `index`. */
  #countUpTo(index: number): number {
    let low = 0;
    let high = this.#before.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#before[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
