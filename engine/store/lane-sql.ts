import type { StatementLane } from '../domain/index.ts';
import type { FilterSql } from './filter-sql.ts';

/** The sides that a statement looks at, as conditions on the tables `records`, `matches` and `breaks`. */
export class LaneSql {
  readonly #lanes: readonly StatementLane[];
  readonly #filters: FilterSql;

  /** @param filters collects the values */
  constructor(lanes: readonly StatementLane[], filters: FilterSql) {
    this.#lanes = lanes;
    this.#filters = filters;
  }

  /** The sides of each pool. */
  pools(): Map<string, StatementLane[]> {
    const pools = new Map<string, StatementLane[]>();
    for (const lane of this.#lanes) {
      const known = pools.get(lane.pool);
      if (known === undefined) pools.set(lane.pool, [lane]);
      else known.push(lane);
    }
    return pools;
  }

  /** The pool in which a leg or member counts: that of its side as the rules are now. @param side names its column */
  poolOf(side: string): string {
    const cases = this.#lanes.map(
      (lane) =>
        `reconciliation = ${this.#filters.place('String', lane.reconciliation)} AND ${side} = '${lane.side}', ` +
        this.#filters.place('String', lane.pool),
    );
    return `multiIf(${cases.join(', ')}, '')`;
  }

  /** Whether any of these sides selects a record. */
  selected(lanes: readonly StatementLane[]): string {
    return lanes.map((lane) => this.#condition(lane)).join(' OR ');
  }

  /** 1 or −1, as the first of these sides that selects a record counts it. */
  sign(lanes: readonly StatementLane[]): string {
    if (lanes.every(({ negate }) => negate === lanes[0]!.negate)) return lanes[0]!.negate ? '-1' : '1';
    const cases = lanes.map((lane) => `${this.#condition(lane)}, ${lane.negate ? -1 : 1}`);
    return `multiIf(${cases.join(', ')}, 1)`;
  }

  /** 1 or −1, as its side counts a leg. @param side names the column, or is a side in quotes */
  legSign(side: string): string {
    const flipped = this.#lanes
      .filter(({ negate }) => negate)
      .map(
        (lane) =>
          `(reconciliation = ${this.#filters.place('String', lane.reconciliation)} AND ${side} = '${lane.side}')`,
      );
    return flipped.length === 0 ? '1' : `if(${flipped.join(' OR ')}, -1, 1)`;
  }

  #condition({ reconciliation, side, sources, where }: StatementLane): string {
    const own = `source IN ${this.#filters.place('Array(String)', sources)} AND ${this.#filters.condition(where)}`;
    // A record that both sides of a reconciliation would take is the left one's.
    const left = this.#lanes.find(
      (lane) => side === 'right' && lane.reconciliation === reconciliation && lane.side === 'left',
    );
    const shared = left?.sources.some((source) => sources.includes(source)) === true;
    return shared ? `(${own} AND NOT ${this.#condition(left)})` : `(${own})`;
  }
}
