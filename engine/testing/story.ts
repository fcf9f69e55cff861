import { parseRecordTime, Zone, type LogMessage, type RecordTime, type RuleSet } from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { progressMessage, recordsMessage, rulesMessage, tickMessage } from './frames.ts';
import type { Result } from './results.ts';
import { commandOf, placeName, type Told } from './story-command.ts';
import { recordOf } from './story-record.ts';
import { describe } from './story-results.ts';

/** A worked case: what is told line by line, and what must come of it, both as a person would write them down. */
export interface Story {
  readonly name: string;
  readonly watermark: KernelOptions['watermark'];
  readonly rules: RuleSet;
  /** Rules that come into force later, by the name by which a line calls them. */
  readonly laterRules?: Readonly<{ [name: string]: RuleSet }>;
  /** IANA zone of the sources; UTC if absent. */
  readonly zone?: string;
  /**
   * One message each: a record (see `recordOf`), `tick at LOGTIME`, `progress SOURCE TIME at LOGTIME` (`-` for no time),
   * `rules NAME`,
   * `do COMMAND` (see `commandOf`), or `end`. A time without a date is on 2026-11-22. ` at LOGTIME` may end any line;
   * where it is left out the log time is that of the line before.
   */
  readonly told: readonly string[];
  /** One line per result other than `accepted`: `CAUSE → RESULT`, as `describe` words it. */
  readonly expected: readonly string[];
}

/** What a story can be told to: the reference matcher, or a kernel with a collecting sink. */
export interface StoryListener {
  apply(message: LogMessage): Result[];
  finish(): Result[];
}

/** Plays a story and returns its results as lines to compare with `expected`. */
export function play(story: Story, listener: StoryListener): string[] {
  const teller = new Teller(story, listener);
  return story.told.flatMap((line) => teller.tell(line));
}

/** Turns lines into messages, one after the other, beginning with the rules at 09:00. */
export class Teller {
  readonly #listener: StoryListener;
  readonly #zone: Zone;
  readonly #reconciliation: string;
  readonly #laterRules: Readonly<{ [name: string]: RuleSet }>;
  /** The records told so far, by place and by id; of several with one id the latest. */
  readonly #told = new Map<string, Told>();
  #logTime: number;
  #sequence = 0;

  constructor(story: Pick<Story, 'rules' | 'laterRules' | 'zone'>, listener: StoryListener) {
    this.#listener = listener;
    this.#zone = new Zone(story.zone ?? 'UTC');
    this.#reconciliation = story.rules.reconciliations[0]!.name;
    this.#laterRules = story.laterRules ?? {};
    this.#logTime = this.#time('09:00').time;
    listener.apply(rulesMessage(0, this.#logTime, story.rules));
  }

  /** Applies one line and returns its results as lines. */
  tell(line: string): string[] {
    const [what, at] = line.split(' at ') as [string, string?];
    if (at !== undefined) this.#logTime = this.#time(at).time;
    const words = what.trim().split(/\s+/);
    const [first, second] = words as [string, string];
    const cause = ['end', 'tick', 'progress', 'rules', 'do'].includes(first) ? first : second;
    return this.#results(words).flatMap((result) => describe(cause, result, this.#told));
  }

  #results(words: readonly string[]): Result[] {
    if (words[0] === 'end') return this.#listener.finish();
    this.#sequence += 1;
    return this.#listener.apply(this.#message(words));
  }

  #message(words: readonly string[]): LogMessage {
    const sequence = this.#sequence;
    const logTime = this.#logTime;
    switch (words[0]) {
      case 'tick':
        return tickMessage(sequence, logTime);
      case 'progress':
        return progressMessage(
          sequence,
          logTime,
          words[1]!,
          words[2] === '-' ? undefined : this.#time(words[2]!).time,
        );
      case 'rules':
        return rulesMessage(sequence, logTime, this.#laterRules[words[1]!]!);
      case 'do': {
        const context = { told: this.#told, rules: this.#laterRules };
        const command = commandOf(words.slice(1), this.#reconciliation, sequence, context);
        return { sequence, logTime, frame: { kind: 'command', json: JSON.stringify(command) } };
      }
      default: {
        const record = recordOf(words, (text) => this.#time(text));
        const told = { record, sequence, ordinal: 0 };
        this.#told.set(record.id, told).set(placeName(told), told);
        return recordsMessage(sequence, logTime, [record]);
      }
    }
  }

  #time(text: string): RecordTime {
    return parseRecordTime(/^\d\d:/.test(text) ? `2026-11-22T${text}` : text, this.#zone);
  }
}
