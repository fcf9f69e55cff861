import type { MoneyRecord, Side } from '../../domain/index.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { REPLACEABLE_MS } from './interims.ts';

/** A record in a remembered match. */
export interface RememberedLeg {
  record: MoneyRecord;
  arrival: number;
  readonly side: Side;
}

/** A match of a pair, one of whose legs may still be replaced. */
export interface RememberedMatch {
  readonly reconciliation: string;
  /** Place of its rule. */
  readonly rule: number;
  /** Position of its first version. */
  readonly sequence: number;
  readonly n: number;
  version: number;
  readonly rate: string | undefined;
  /** Left, right. */
  readonly legs: readonly [RememberedLeg, RememberedLeg];
}

/**
 * The matches of pairs with a leg of a source that amends or is superseded, for as long as a leg can be replaced. They
 * are kept as objects, one for each such match: meant for statements and pending entries, not for every payment.
 */
export class MatchMemory {
  /** By arrival of a leg. */
  readonly #matches = new Map<number, RememberedMatch[]>();
  #sweepAt = 4096;

  get size(): number {
    return this.#matches.size;
  }

  /** @param arrivals of the legs that may be replaced */
  add(match: RememberedMatch, arrivals: readonly number[], watermark: number): void {
    for (const arrival of arrivals) this.#put(arrival, match);
    if (this.#matches.size >= this.#sweepAt) this.#sweep(watermark);
  }

  /** The matches of a record that may still get another in its place. */
  of(arrival: number, watermark: number): readonly RememberedMatch[] {
    return (this.#matches.get(arrival) ?? []).filter((match) => isAlive(match, arrival, watermark));
  }

  /** A leg has another record now. */
  move(match: RememberedMatch, from: number, to: number): void {
    this.#drop(from, match);
    this.#put(to, match);
  }

  /** Matches that were undone, or whose definitions have changed, are nothing to replace a leg of. */
  forget(isMeant: (match: RememberedMatch) => boolean): void {
    for (const [arrival, matches] of this.#matches) {
      const rest = matches.filter((match) => !isMeant(match));
      if (rest.length === 0) this.#matches.delete(arrival);
      else if (rest.length < matches.length) this.#matches.set(arrival, rest);
    }
  }

  forgetAllOf(states: readonly ReconciliationState[]): void {
    if (this.#matches.size === 0 || states.length === 0) return;
    const names = new Set(states.map(({ definition }) => definition.name));
    this.forget(({ reconciliation }) => names.has(reconciliation));
  }

  /** For a snapshot, as JSON: each match with the arrivals by which it is found. */
  state(): string {
    const arrivals = new Map<RememberedMatch, number[]>();
    for (const [arrival, matches] of this.#matches) {
      for (const match of matches) arrivals.set(match, [...(arrivals.get(match) ?? []), arrival]);
    }
    return JSON.stringify([...arrivals], (_, value: unknown) =>
      typeof value === 'bigint' ? { minor: String(value) } : value,
    );
  }

  restore(state: string): void {
    const saved = JSON.parse(state, (_, value: unknown) =>
      value !== null && typeof value === 'object' && 'minor' in value ? BigInt(value.minor as string) : value,
    ) as [RememberedMatch, number[]][];
    for (const [match, arrivals] of saved) for (const arrival of arrivals) this.#put(arrival, match);
  }

  #put(arrival: number, match: RememberedMatch): void {
    const known = this.#matches.get(arrival);
    if (known === undefined) this.#matches.set(arrival, [match]);
    else known.push(match);
  }

  #drop(arrival: number, match: RememberedMatch): void {
    const rest = (this.#matches.get(arrival) ?? []).filter((each) => each !== match);
    if (rest.length === 0) this.#matches.delete(arrival);
    else this.#matches.set(arrival, rest);
  }

  #sweep(watermark: number): void {
    for (const [arrival, matches] of this.#matches) {
      if (!matches.some((match) => isAlive(match, arrival, watermark))) this.#matches.delete(arrival);
    }
    this.#sweepAt = Math.max(4096, this.#matches.size * 2);
  }
}

function isAlive({ legs }: RememberedMatch, arrival: number, watermark: number): boolean {
  const leg = legs.find((each) => each.arrival === arrival);
  return leg !== undefined && watermark <= leg.record.time + REPLACEABLE_MS;
}
