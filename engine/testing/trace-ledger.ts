import { readRecord } from '../codec/index.ts';
import type { CarriedRecord, LogMessage, MoneyRecord } from '../domain/index.ts';
import { TRACE_START } from './random-tables.ts';
import type { Result } from './results.ts';

/** A record of a trace by what does not change when the trace is cut elsewhere or made smaller. */
export interface RecordName {
  readonly source: string;
  readonly id: string;
  /** Which of the rows with this source and id, from 0 in the order of the log. */
  readonly occurrence: number;
}

/** The latest match of a reconciliation that a record is or was a leg of. */
export interface MatchName {
  readonly reconciliation: string;
  readonly leg: RecordName;
}

/** Where a record lies in the log. */
export interface Place {
  readonly sequence: number;
  readonly ordinal: number;
}

/** A record as results speak of it. */
export type Named = Place & Pick<RecordName, 'source' | 'id'>;

/** What a command carries of a record that no message brought. */
const NOBODY: Omit<MoneyRecord, 'source' | 'id'> = {
  account: 'a1',
  kind: 'charge',
  status: 'booked',
  currency: 'AED',
  amount: 100n,
  fee: 0n,
  tax: 0n,
  time: TRACE_START,
  precision: 'instant',
  offsetMinutes: 0,
  references: {},
  attributes: {},
};

type Match = Extract<Result, { type: 'match' }>;
type Break = Extract<Result, { type: 'break' }>;

/** What a log has brought so far: its records and where they lie, and the latest versions of matches and breaks. */
export class TraceLedger {
  readonly #eachRecordApart: boolean;
  /** By source and id, in order of the log. */
  readonly #places = new Map<string, Place[]>();
  readonly #records = new Map<string, MoneyRecord & Place>();
  readonly #matches = new Map<string, Match>();
  /** Identifiers of the matches that a record was ever a leg of, by reconciliation and place, in order. */
  readonly #matchesOf = new Map<string, string[]>();
  readonly #breaks = new Map<string, Break>();

  /** @param eachRecordApart whether each record is a message of its own: the mode of the file command */
  constructor(eachRecordApart: boolean) {
    this.#eachRecordApart = eachRecordApart;
  }

  /** Takes a message and what followed from it. */
  add({ sequence, frame }: LogMessage, results: readonly Result[]): void {
    if (frame.kind === 'records') {
      for (let row = 0; row < frame.count; row++) {
        const place = this.#eachRecordApart
          ? { sequence: sequence + row, ordinal: 0 }
          : { sequence, ordinal: row };
        const record = readRecord(frame, row);
        this.#records.set(textOf(place), { ...record, ...place });
        push(this.#places, JSON.stringify([record.source, record.id]), place);
      }
    }
    for (const result of results) {
      if (result.type === 'match') this.#addMatch(result);
      else if (result.type === 'break') this.#breaks.set(`${result.breakSequence}-${result.breakN}`, result);
    }
  }

  #addMatch(match: Match): void {
    const id = `${match.matchSequence}-${match.matchN}`;
    this.#matches.set(id, match);
    for (const leg of match.legs) push(this.#matchesOf, `${match.reconciliation} ${textOf(leg)}`, id);
  }

  placeOf({ source, id, occurrence }: RecordName): Place | undefined {
    return this.#places.get(JSON.stringify([source, id]))?.[occurrence];
  }

  /** The name of a leg or member by which {@link placeOf} finds its place again. */
  nameOf(place: Named): RecordName {
    const { source, id } = place;
    const places = this.#places.get(JSON.stringify([source, id])) ?? [];
    const occurrence = places.findIndex((each) => textOf(each) === textOf(place));
    return { source, id, occurrence: Math.max(0, occurrence) };
  }

  /** A leg or member as a command carries it: whole. */
  carried({ source, id, sequence, ordinal }: Named): CarriedRecord {
    return carriedForm(
      this.#records.get(textOf({ sequence, ordinal })) ?? { ...NOBODY, source, id, sequence, ordinal },
    );
  }

  matchOf({ reconciliation, leg }: MatchName): Match | undefined {
    const place = this.placeOf(leg);
    if (place === undefined) return undefined;
    const id = this.#matchesOf.get(`${reconciliation} ${textOf(place)}`)?.at(-1);
    return id === undefined ? undefined : this.#matches.get(id);
  }

  /** The latest break of a reconciliation with this record among its members. */
  breakOf(reconciliation: string, member: RecordName): Break | undefined {
    const place = this.placeOf(member);
    if (place === undefined) return undefined;
    const text = textOf(place);
    return [...this.#breaks.values()].findLast(
      (each) => each.reconciliation === reconciliation && each.members.some((one) => textOf(one) === text),
    );
  }

  /** Latest versions of all matches, in order of their first ones. */
  matches(): Match[] {
    return [...this.#matches.values()];
  }

  /** Latest versions of all breaks, in order of their first ones. */
  breaks(): Break[] {
    return [...this.#breaks.values()];
  }

  /** Records of the log, in its order. */
  records(): (MoneyRecord & Place)[] {
    return [...this.#records.values()];
  }

  /** Whether a record is a leg of a match of a reconciliation that stands. */
  isMatched(reconciliation: string, place: Place): boolean {
    const ids = this.#matchesOf.get(`${reconciliation} ${textOf(place)}`) ?? [];
    const text = textOf(place);
    return ids.some((id) => {
      const match = this.#matches.get(id)!;
      return match.state === 'matched' && match.legs.some((leg) => textOf(leg) === text);
    });
  }
}

/** A record as commands carry it: amounts as numbers, which they are within ±(2^53 − 1). */
function carriedForm(record: MoneyRecord & Place): CarriedRecord {
  return JSON.parse(
    JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  ) as CarriedRecord;
}

function textOf({ sequence, ordinal }: Place): string {
  return `${sequence}-${ordinal}`;
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
