import type { SourceRule } from '../domain/index.ts';
import type { Calendars } from '../rules/index.ts';
import { DueSchedule } from './due-schedule.ts';

/** What a snapshot keeps of a source. All times but the mark are log times. */
export interface SourceState {
  readonly name: string;
  /** The latest of its records' times and its progress; −∞ before the first. */
  mark: number;
  /** Its last record or progress, or the rules that introduced it. */
  heard: number;
  /** The rules that introduced it. */
  readonly introduced: number;
  /** Its last record or progress; −∞ before the first. */
  spoken: number;
  /** Until when it holds the watermark because it is overdue; −∞ when it is not. */
  holdUntil: number;
}

interface Source {
  readonly rule: SourceRule;
  readonly state: SourceState;
  readonly schedule: DueSchedule | undefined;
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
  /** The first moment that log time has not reached and at which a source is due. */
  #nextDue = Number.POSITIVE_INFINITY;
  /** An overdue source has become active, which moves the watermark with whatever is heard next. */
  #isBehind = false;

  /**
   * Replaces the sources; known ones keep their state.
   * @param calendars those that a source's `due` may name
   */
  setSources(rules: readonly SourceRule[], maxAhead: number, calendars: Calendars): void {
    const before = new Map(this.#sources.map(({ state }) => [state.name, state]));
    this.#maxAhead = maxAhead;
    this.#sources = rules.map((rule) => {
      const state = before.get(rule.name) ?? introduced(rule.name, this.logTime);
      const schedule = rule.due === undefined ? undefined : new DueSchedule(rule.due, calendars);
      schedule?.reach(this.logTime);
      return { rule, state, schedule, active: this.logTime < activeUntil(rule, state) };
    });
    this.#findNextDue();
    this.#findHolder();
  }

  /** Log time reached that of a message; it never goes back. */
  advance(logTime: number): void {
    const previous = this.logTime;
    this.logTime = Math.max(previous, logTime);
    if (this.#sources.length === 0) return;
    this.#findActive();
    if (this.#holder === undefined) this.#coast(previous);
    else this.#follow();
  }

  /**
   * Tells of the sources that became due since this was last called and have not spoken in time, each once, for its
   * latest moment: from now on they hold the watermark for a while. Call it after each {@link SourceWatermark.advance}.
   * @param report is given the source's name and the moment at which it was due, epoch milliseconds
   */
  findOverdue(report: (source: string, moment: number) => void): void {
    if (this.logTime < this.#nextDue) return;
    for (const { rule, state, schedule } of this.#sources) {
      if (schedule === undefined || this.logTime < schedule.next) continue;
      schedule.reach(this.logTime);
      if (schedule.latest <= state.introduced || state.spoken > schedule.previous) continue;
      state.holdUntil = schedule.latest + schedule.maxHold;
      report(rule.name, schedule.latest);
    }
    this.#findNextDue();
    this.#findActive();
    this.#isBehind = true;
  }

  /** A record of the source number `index` of the rules was accepted. */
  record(index: number, time: number): void {
    this.#hear(
      this.#sources[index]!,
      time <= this.logTime + this.#maxAhead ? time : Number.NEGATIVE_INFINITY,
    );
  }

  /** A source has spoken, and is complete through `time`. A source that is not in the rules is not listened to. */
  progress(name: string, time: number | undefined): void {
    const source = this.#sources.find((each) => each.rule.name === name);
    if (source !== undefined) this.#hear(source, time ?? Number.NEGATIVE_INFINITY);
  }

  state(): SourceState[] {
    return this.#sources.map(({ state }) => state);
  }

  /** Takes over what {@link SourceWatermark.state} gave, for the sources that are set. */
  restore(value: number, logTime: number, sources: readonly SourceState[]): void {
    this.value = value;
    this.logTime = logTime;
    const known = new Map(sources.map((source) => [source.name, source]));
    this.#sources = this.#sources.map((source) => {
      source.schedule?.reach(logTime);
      return { ...source, state: { ...(known.get(source.rule.name) ?? source.state) } };
    });
    this.#findNextDue();
    this.#findActive();
  }

  #hear(source: Source, time: number): void {
    const { state } = source;
    state.heard = state.spoken = this.logTime;
    state.holdUntil = Number.NEGATIVE_INFINITY;
    const raised = time > state.mark;
    if (raised) state.mark = time;
    const active = source.rule.idleTimeout > 0;
    const turned = active !== source.active;
    source.active = active;
    if (turned || this.#isBehind || (raised && source === this.#holder)) {
      this.#findHolder();
      this.#follow();
    }
  }

  #findActive(): void {
    for (const source of this.#sources) source.active = this.logTime < activeUntil(source.rule, source.state);
    this.#findHolder();
  }

  #findHolder(): void {
    this.#holder = undefined;
    for (const source of this.#sources) {
      if (!source.active) continue;
      if (this.#holder === undefined || lowOf(source) < lowOf(this.#holder)) this.#holder = source;
    }
  }

  #findNextDue(): void {
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const { schedule } of this.#sources)
      if (schedule !== undefined) this.#nextDue = Math.min(this.#nextDue, schedule.next);
  }

  #follow(): void {
    this.#isBehind = false;
    if (this.#holder !== undefined) this.value = Math.max(this.value, lowOf(this.#holder));
  }

  /**
   * All are idle: up to where the last to fall idle allowed, then on with log time. A source that never had a mark
   * holds nothing back any more; else silence would expire nothing where a source never spoke.
   */
  #coast(previous: number): void {
    let dropout = Number.NEGATIVE_INFINITY;
    let lastMarked = Number.NEGATIVE_INFINITY;
    for (const { rule, state } of this.#sources) {
      const until = activeUntil(rule, state);
      dropout = Math.max(dropout, until);
      if (isMarked(state)) lastMarked = Math.max(lastMarked, until);
    }
    if (dropout > previous) {
      let low = Number.POSITIVE_INFINITY;
      for (const source of this.#sources) {
        const { rule, state } = source;
        if (isMarked(state) && activeUntil(rule, state) === lastMarked) low = Math.min(low, lowOf(source));
      }
      if (low < Number.POSITIVE_INFINITY) this.value = Math.max(this.value, low);
    }
    this.value += this.logTime - Math.max(previous, dropout);
  }
}

function introduced(name: string, logTime: number): SourceState {
  return {
    name,
    mark: Number.NEGATIVE_INFINITY,
    heard: logTime,
    introduced: logTime,
    spoken: Number.NEGATIVE_INFINITY,
    holdUntil: Number.NEGATIVE_INFINITY,
  };
}

/** Log time at which a source falls idle if nothing more is heard of it. */
function activeUntil(rule: SourceRule, state: SourceState): number {
  return Math.max(state.heard + rule.idleTimeout, state.holdUntil);
}

function isMarked(state: SourceState): boolean {
  return state.mark > Number.NEGATIVE_INFINITY;
}

function lowOf({ rule, state }: Source): number {
  return state.mark - rule.outOfOrder;
}
