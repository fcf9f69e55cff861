/** Lines of a kind that are written in a period, and how long that is, milliseconds. */
const MOST = 20;
const PERIOD_MS = 10_000;

interface Period {
  readonly startMs: number;
  lines: number;
  leftOut: number;
}

/** Lets some log lines of a kind through in each period and counts the others: a flood of bad deliveries must not become one of lines. */
export class LineLimit {
  readonly #now: () => number;
  /** By kind, of which there are few. */
  readonly #periods = new Map<string, Period>();

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns how many lines of this kind were left out since the last one; undefined where this one is left out too */
  admit(kind: string): number | undefined {
    const nowMs = this.#now();
    const before = this.#periods.get(kind);
    // A clock that was set back begins a new period too.
    const isCurrent = before !== undefined && Math.abs(nowMs - before.startMs) < PERIOD_MS;
    if (isCurrent && before.lines >= MOST) {
      before.leftOut++;
      return undefined;
    }
    if (isCurrent) before.lines++;
    else this.#periods.set(kind, { startMs: nowMs, lines: 1, leftOut: 0 });
    return isCurrent ? 0 : (before?.leftOut ?? 0);
  }
}
