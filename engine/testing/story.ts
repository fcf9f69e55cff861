import {
  exponentOf,
  formatMinor,
  parseMinor,
  parseRecordTime,
  Zone,
  type LogMessage,
  type MoneyRecord,
  type RecordTime,
  type RuleSet,
} from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { progressMessage, recordsMessage, rulesMessage, tickMessage } from './frames.ts';
import type { Result } from './results.ts';

/** A worked case: what is told line by line, and what must come of it, both as a person would write them down. */
export interface Story {
  readonly name: string;
  readonly watermark: KernelOptions['watermark'];
  readonly rules: RuleSet;
  /** IANA zone of the sources; UTC if absent. */
  readonly zone?: string;
  /**
   * One message each: `SOURCE ID AMOUNT[CURRENCY] REFERENCE TIME [name=value …] [at LOGTIME]`, `tick at LOGTIME`,
   * `progress SOURCE TIME at LOGTIME`, or `end`. A time without a date is on 2026-11-22. A name is `account`, or that
   * of a reference. Where the log time is left out it is that of the line before.
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
  #logTime: number;
  #sequence = 0;

  constructor(story: Pick<Story, 'rules' | 'zone'>, listener: StoryListener) {
    this.#listener = listener;
    this.#zone = new Zone(story.zone ?? 'UTC');
    this.#logTime = this.#time('09:00').time;
    listener.apply(rulesMessage(0, this.#logTime, story.rules));
  }

  /** Applies one line and returns its results as lines. */
  tell(line: string): string[] {
    const [what, at] = line.split(' at ') as [string, string?];
    if (at !== undefined) this.#logTime = this.#time(at).time;
    const words = what.trim().split(/\s+/);
    const cause = ['end', 'tick', 'progress'].includes(words[0]!) ? words[0]! : words[1]!;
    return this.#results(words).flatMap((result) => describe(cause, result));
  }

  #results(words: readonly string[]): Result[] {
    if (words[0] === 'end') return this.#listener.finish();
    this.#sequence += 1;
    return this.#listener.apply(this.#message(words));
  }

  #message(words: readonly string[]): LogMessage {
    switch (words[0]) {
      case 'tick':
        return tickMessage(this.#sequence, this.#logTime);
      case 'progress':
        return progressMessage(this.#sequence, this.#logTime, words[1]!, this.#time(words[2]!).time);
      default:
        return recordsMessage(this.#sequence, this.#logTime, [recordOf(words, (text) => this.#time(text))]);
    }
  }

  #time(text: string): RecordTime {
    return parseRecordTime(/^\d\d:/.test(text) ? `2026-11-22T${text}` : text, this.#zone);
  }
}

function recordOf(words: readonly string[], timeOf: (text: string) => RecordTime): MoneyRecord {
  const [source, id, money, reference, time, ...pairs] = words as [string, string, string, string, string];
  const [, amount, currency] = /^([-+.\d]+)([A-Z]*)$/.exec(money)!;
  const code = currency === '' ? 'AED' : currency!;
  const named = Object.fromEntries(pairs.map((pair: string) => pair.split('=') as [string, string]));
  const { account = 'default', ...references } = named;
  return {
    source,
    id,
    account,
    kind: 'charge',
    status: 'booked',
    currency: code,
    amount: parseMinor(amount!, exponentOf(code)),
    fee: 0n,
    tax: 0n,
    ...timeOf(time),
    references: { ...(reference === '-' ? {} : { reference }), ...references },
    attributes: {},
  };
}

/** A result as a line; what was merely accepted is not worth one. */
function describe(cause: string, result: Result): string[] {
  switch (result.type) {
    case 'accepted':
      return [];
    case 'duplicate':
      return [`${cause} → duplicate`];
    case 'refused':
      return [`${cause} → refused, ${result.code}`];
    case 'finding':
      return [`${cause} → finding ${result.kind} ${result.recordId}`.trimEnd()];
    case 'match': {
      const ids = result.legs.map((leg) => leg.id).join(' ');
      return [
        `${cause} → match ${ids} by ${result.rule}, difference ${money(result.difference, result.currency)}`,
      ];
    }
    case 'break': {
      const id = `${result.breakSequence}-${result.breakN}`;
      const members = result.members.map((member) => member.id).join(' ');
      const state = result.resolvedBy === undefined ? '' : 'resolved, was ';
      const amount = money(result.amount, result.currency);
      return [`${cause} → break ${id} v${result.version}: ${state}${result.kind} ${members}, ${amount}`];
    }
  }
}

function money(minor: number, currency: string): string {
  return formatMinor(minor, exponentOf(currency));
}
