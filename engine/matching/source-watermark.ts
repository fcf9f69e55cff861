import type { SourceRule } from '../domain/index.ts';

/** What a snapshot keeps of a source. */
export interface SourceState {
  readonly name: string;
  readonly mark: number;
  readonly heard: number;
}

interface Source {
  readonly rule: SourceRule;
  /** The latest of its records' times and its progress; −∞ before the first. */
  mark: number;
  /** Log time of its last record or progress, or of the rules that introduced it. */
  heard: number;
  active: boolean;
}

/**
 * The watermark of one partition as its sources and log time move it (epoch milliseconds, −∞ before it is known): the
 * lowest mark − outOfOrder of the sources that are not idle; when all are idle, it advances with log time.
 */
export class SourceWatermark {
  value = Number.NEGATIVE_INFINITY;
  logTime = Number.NEGATIVE_INFINITY;
  #maxAhead = 0;
  #sources: Source[] = [];
  /** The active source with the lowest mark: only it can hold the watermark back. */
  #holder: Source | undefined;

  /** Replaces the sources; known ones keep their mark and when they were heard. */
  setSources(rules: readonly SourceRule[], maxAhead: number): void {
    const before = new Map(this.#sources.map((source) => [source.rule.name, source]));
    this.#maxAhead = maxAhead;
    this.#sources = rules.map((rule) => {
      const known = before.get(rule.name);
      const heard = known?.heard ?? this.logTime;
      const active = this.logTime - heard < rule.idleTimeout;
      return { rule, mark: known?.mark ?? Number.NEGATIVE_INFINITY, heard, active };
    });
    this.#findHolder();
  }

  /** Log time reached that of a message; it never goes back. */
  advance(logTime: number): void {
    const previous = this.logTime;
    this.logTime = Math.max(previous, logTime);
    if (this.#sources.length === 0) return;
    for (const source of this.#sources) {
      source.active = this.logTime - source.heard < source.rule.idleTimeout;
    }
    this.#findHolder();
    if (this.#holder === undefined) this.#coast(previous);
    else this.#follow();
  }

  /** A record of the source number `index` of the rules was accepted. */
  record(index: number, time: number): void {
    this.#hear(
      this.#sources[index]!,
      time <= this.logTime + this.#maxAhead ? time : Number.NEGATIVE_INFINITY,
    );
  }

  /** A source is complete through `time`. A source that is not in the rules is not listened to. */
  progress(name: string, time: number): void {
    const source = this.#sources.find((each) => each.rule.name === name);
    if (source !== undefined) this.#hear(source, time);
  }

  state(): SourceState[] {
    return this.#sources.map(({ rule, mark, heard }) => ({ name: rule.name, mark, heard }));
  }

  restore(value: number, logTime: number, sources: readonly SourceState[]): void {
    this.value = value;
    this.logTime = logTime;
    const known = new Map(sources.map((source) => [source.name, source]));
    for (const source of this.#sources) {
      source.mark = known.get(source.rule.name)?.mark ?? source.mark;
      source.heard = known.get(source.rule.name)?.heard ?? source.heard;
      source.active = logTime - source.heard < source.rule.idleTimeout;
    }
    this.#findHolder();
  }

  #hear(source: Source, time: number): void {
    source.heard = this.logTime;
    const raised = time > source.mark;
    if (raised) source.mark = time;
    const awake = !source.active && source.rule.idleTimeout > 0;
    if (awake) source.active = true;
    if (awake || (raised && source === this.#holder)) {
      this.#findHolder();
      this.#follow();
    }
  }

  #findHolder(): void {
    this.#holder = undefined;
    for (const source of this.#sources) {
      if (!source.active) continue;
      if (this.#holder === undefined || lowOf(source) < lowOf(this.#holder)) this.#holder = source;
    }
  }

  #follow(): void {
    if (this.#holder !== undefined) this.value = Math.max(this.value, lowOf(this.#holder));
  }

  /**
   * All are idle: up to where the last to fall idle allowed, then on with log time. A source that never had a mark
   * holds nothing back any more; else silence would expire nothing where a source never spoke.
   */
  #coast(previous: number): void {
    let dropout = Number.NEGATIVE_INFINITY;
    let lastMarked = Number.NEGATIVE_INFINITY;
    for (const source of this.#sources) {
      dropout = Math.max(dropout, dropoutOf(source));
      if (isMarked(source)) lastMarked = Math.max(lastMarked, dropoutOf(source));
    }
    if (dropout > previous) {
      let low = Number.POSITIVE_INFINITY;
      for (const source of this.#sources) {
        if (isMarked(source) && dropoutOf(source) === lastMarked) low = Math.min(low, lowOf(source));
      }
      if (low < Number.POSITIVE_INFINITY) this.value = Math.max(this.value, low);
    }
    this.value += this.logTime - Math.max(previous, dropout);
  }
}

/** Log time at which a source falls idle if nothing more is heard of it. */
function dropoutOf(source: Source): number {
  return source.heard + source.rule.idleTimeout;
}

function isMarked(source: Source): boolean {
  return source.mark > Number.NEGATIVE_INFINITY;
}

function lowOf(source: Source): number {
  return source.mark - source.rule.outOfOrder;
}
