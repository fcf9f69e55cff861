import { exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import type { PartitionComparison } from './compare.ts';

/** One reconciliation in one currency. Counts, and sums of amounts in minor units. */
interface Row {
  readonly reconciliation: string;
  readonly currency: string;
  readonly matches: { same: number; gained: number; lost: number; changed: number };
  readonly matchAmounts: { gained: bigint; lost: bigint };
  readonly breaks: { same: number; gained: number; lost: number };
  readonly breakAmounts: { gained: bigint; lost: bigint };
}

/** How often the rules alone do what people did, and tie what they undid. */
interface PeopleCount {
  total: number;
  byOld: number;
  byNew: number;
}

/** The sums of a backtest over all partitions. Ids and records are in the lines of the differences. */
export class Report {
  records = 0;
  readonly people: { readonly matched: PeopleCount; readonly unmatched: PeopleCount } = {
    matched: { total: 0, byOld: 0, byNew: 0 },
    unmatched: { total: 0, byOld: 0, byNew: 0 },
  };
  readonly #rows = new Map<string, Row>();

  add(comparison: PartitionComparison): void {
    for (const [key, count] of comparison.agreed) this.#row(key).matches.same += count;
    for (const [key, count] of comparison.agreedBreaks) this.#row(key).breaks.same += count;
    for (const [what, matches] of [
      ['gained', comparison.gained],
      ['lost', comparison.lost],
    ] as const) {
      for (const { reconciliation, currency, amount } of matches) {
        const row = this.#row(`${reconciliation} ${currency}`);
        row.matches[what]++;
        row.matchAmounts[what] += BigInt(amount);
      }
    }
    for (const { before } of comparison.changed) {
      for (const { reconciliation, currency } of before)
        this.#row(`${reconciliation} ${currency}`).matches.changed++;
    }
    for (const [what, breaks] of [
      ['gained', comparison.breaksGained],
      ['lost', comparison.breaksLost],
    ] as const) {
      for (const { reconciliation, currency, amount } of breaks) {
        const row = this.#row(`${reconciliation} ${currency}`);
        row.breaks[what]++;
        row.breakAmounts[what] += BigInt(Math.abs(amount));
      }
    }
    for (const { judgement, byOld, byNew } of comparison.people) {
      const count = judgement.kind === 'unmatch' ? this.people.unmatched : this.people.matched;
      count.total++;
      if (byOld) count.byOld++;
      if (byNew) count.byNew++;
    }
  }

  /** Matches that no longer are, over all reconciliations. */
  get lost(): number {
    return this.rows().reduce((sum, row) => sum + row.matches.lost, 0);
  }

  /** Ordered by reconciliation, then currency. */
  rows(): readonly Row[] {
    return [...this.#rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  /** As `--json` prints it: amounts are decimals in major units. */
  toJson(): object {
    return {
      type: 'report',
      records: this.records,
      reconciliations: this.rows().map((row) => ({
        reconciliation: row.reconciliation,
        currency: row.currency,
        matches: row.matches,
        matchAmounts: inMajor(row.matchAmounts, row.currency),
        breaks: row.breaks,
        breakAmounts: inMajor(row.breakAmounts, row.currency),
      })),
      people: this.people,
    };
  }

  #row(key: string): Row {
    let row = this.#rows.get(key);
    if (row === undefined) {
      const [reconciliation, currency] = key.split(' ') as [string, string];
      row = {
        reconciliation,
        currency,
        matches: { same: 0, gained: 0, lost: 0, changed: 0 },
        matchAmounts: { gained: 0n, lost: 0n },
        breaks: { same: 0, gained: 0, lost: 0 },
        breakAmounts: { gained: 0n, lost: 0n },
      };
      this.#rows.set(key, row);
    }
    return row;
  }
}

function inMajor(amounts: { gained: bigint; lost: bigint }, currency: string): object {
  const exponent = exponentOf(currency);
  return { gained: formatMinor(amounts.gained, exponent), lost: formatMinor(amounts.lost, exponent) };
}
