import type { RuleSet, SourceRule } from '../../domain/index.ts';
import { Calendars } from '../../rules/index.ts';
import { DueSchedule } from './due-schedule.ts';

interface SourceState {
  readonly rule: SourceRule;
  /** The latest of its records' times and its progress. */
  mark: number;
  /** Log time of its last record or progress, or of the rules message that introduced it. */
  heard: number;
  /** Log time of its last record or progress; −Infinity before any. */
  spoken: number;
  /** Log time of the rules message that introduced it. */
  readonly introduced: number;
  /** Log time until which it is active though silent, because it is overdue. */
  holdUntil: number;
  /** When it is to speak, if the rules say so. */
  readonly schedule: DueSchedule | undefined;
}

/** SEMANTICS §3.2: the watermark of one partition, moved by its sources and by log time. */
export class SourceWatermark {
  value = -Infinity;
  #sources = new Map<string, SourceState>();
  #logTime = -Infinity;

  /** Replaces the sources; those known already keep their mark and when they were heard. */
  setSources({ sources, calendars }: Pick<RuleSet, 'sources' | 'calendars'>): void {
    const before = this.#sources;
    this.#sources = new Map();
    const defined = new Calendars(calendars);
    for (const rule of sources) {
      const known = before.get(rule.name);
      this.#sources.set(rule.name, {
        rule,
        mark: known?.mark ?? -Infinity,
        heard: known?.heard ?? this.#logTime,
        spoken: known?.spoken ?? -Infinity,
        introduced: known?.introduced ?? this.#logTime,
        holdUntil: known?.holdUntil ?? -Infinity,
        schedule:
          rule.due === undefined ? undefined : new DueSchedule(rule.due, defined.of(rule.due.calendar)),
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
    const dropouts = [...this.#sources.values()].map(activeUntil);
    const lastDropout = Math.max(...dropouts);
    if (lastDropout > previous) {
      // Of those that ever had a mark, the last to fall idle: one that never spoke holds nothing back any more.
      const marked = [...this.#sources.values()].filter((source) => source.mark > -Infinity);
      const lastMarked = Math.max(...marked.map(activeUntil));
      const last = marked.filter((source) => activeUntil(source) === lastMarked);
      if (last.length > 0) this.#raise(lowest(last));
    }
    this.#raise(this.value + (logTime - Math.max(previous, lastDropout)));
  }

  /** A record was accepted. One too far beyond log time shows that its source lives, and moves nothing. */
  record(name: string, time: number, maxAhead: number): void {
    const source = this.#sources.get(name)!;
    this.#hear(source);
    if (time <= this.#logTime + maxAhead) source.mark = Math.max(source.mark, time);
    this.#raiseToActive();
  }

  /** A source has spoken, and is complete through `time`. One that is not configured is not listened to. */
  progress(name: string, time = -Infinity): void {
    const source = this.#sources.get(name);
    if (source === undefined) return;
    this.#hear(source);
    source.mark = Math.max(source.mark, time);
    this.#raiseToActive();
  }

  /**
   * F5: the sources that were to speak by now and have not, in their order. From now on each holds the watermark back
   * until it speaks, but no longer than its `maxHold`.
   * @param previous log time of the message before
   */
  overdue(previous: number): string[] {
    const found: string[] = [];
    for (const source of this.#sources.values()) {
      const { due, name } = source.rule;
      if (due === undefined || source.schedule === undefined) continue;
      const [last, before] = source.schedule.lastTwo(this.#logTime);
      if (last === undefined || last <= previous || last <= source.introduced) continue;
      if (source.spoken > (before ?? -Infinity) && source.spoken <= last) continue;
      source.holdUntil = last + due.maxHold;
      found.push(name);
    }
    return found;
  }

  #hear(source: SourceState): void {
    source.heard = this.#logTime;
    source.spoken = this.#logTime;
    source.holdUntil = -Infinity;
  }

  #active(): SourceState[] {
    return [...this.#sources.values()].filter((source) => this.#logTime < activeUntil(source));
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

/** Log time from which a source is idle. */
function activeUntil(source: SourceState): number {
  return Math.max(source.heard + source.rule.idleTimeout, source.holdUntil);
}
