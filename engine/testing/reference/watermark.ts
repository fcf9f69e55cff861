import type { SourceRule } from '../../domain/index.ts';

interface SourceState {
  readonly rule: SourceRule;
  /** The latest of its records' times and its progress. */
  mark: number;
  /** Log time of its last record or progress, or of the rules message that introduced it. */
  heard: number;
}

/** SEMANTICS §3.2: the watermark of one partition, moved by its sources and by log time. */
export class SourceWatermark {
  value = -Infinity;
  #sources = new Map<string, SourceState>();
  #logTime = -Infinity;

  /** Replaces the sources; those known already keep their mark and when they were heard. */
  setSources(rules: readonly SourceRule[]): void {
    const before = this.#sources;
    this.#sources = new Map();
    for (const rule of rules) {
      const known = before.get(rule.name);
      this.#sources.set(rule.name, {
        rule,
        mark: known?.mark ?? -Infinity,
        heard: known?.heard ?? this.#logTime,
      });
    }
  }

  /** Log time reaches that of a message: sources fall idle, and when all are idle the watermark moves with log time. */
  advance(logTime: number): void {
    const previous = this.#logTime;
    this.#logTime = logTime;
    if (this.#sources.size === 0) return;
    if (this.#active().length > 0) {
      this.#raiseToActive();
      return;
    }
    const dropouts = [...this.#sources.values()].map((source) => source.heard + source.rule.idleTimeout);
    const lastDropout = Math.max(...dropouts);
    if (lastDropout > previous) {
      // Of those that ever had a mark, the last to fall idle: one that never spoke holds nothing back any more.
      const marked = [...this.#sources.values()].filter((source) => source.mark > -Infinity);
      const lastMarked = Math.max(...marked.map((source) => source.heard + source.rule.idleTimeout));
      const last = marked.filter((source) => source.heard + source.rule.idleTimeout === lastMarked);
      if (last.length > 0) this.#raise(lowest(last));
    }
    this.#raise(this.value + (logTime - Math.max(previous, lastDropout)));
  }

  /** A record was accepted. One too far beyond log time shows that its source lives, and moves nothing. */
  record(name: string, time: number, maxAhead: number): void {
    const source = this.#sources.get(name)!;
    source.heard = this.#logTime;
    if (time <= this.#logTime + maxAhead) source.mark = Math.max(source.mark, time);
    this.#raiseToActive();
  }

  /** A source says that it is complete through `time`. One that is not configured is not listened to. */
  progress(name: string, time: number): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    source.heard = this.#logTime;
    source.mark = Math.max(source.mark, time);
    this.#raiseToActive();
  }

  #active(): SourceState[] {
    return [...this.#sources.values()].filter(
      (source) => this.#logTime - source.heard < source.rule.idleTimeout,
    );
  }

  #raiseToActive(): void {
    const active = this.#active();
    if (active.length > 0) this.#raise(lowest(active));
  }

  /** It never goes back. */
  #raise(value: number): void {
    this.value = Math.max(this.value, value);
  }
}

function lowest(sources: readonly SourceState[]): number {
  return Math.min(...sources.map((source) => source.mark - source.rule.outOfOrder));
}
