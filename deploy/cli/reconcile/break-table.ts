import { BREAK_KINDS } from '../../../engine/domain/index.ts';
import type { Break, BreakKind, Side, Why } from '../../../engine/domain/index.ts';
import type { FinalBreak } from './result-lines.ts';

/** Where a record's id can be read again, so that a break need not keep it. */
export type IdAt = (sequence: number) => string;

const CONDITIONS = ['noCounterpart', 'amount'] as const satisfies readonly Why['condition'][];

/** Rows before the first growth. */
const INITIAL_ROWS = 1024;

/** More breaks, and versions of them, than the results of one n can be told apart by. */
const MAX_N = 2 ** 20;

/**
 * The latest version of each break, in columns: in the worst case every record is one, and a break changes until the
 * end of the input.
 */
export class BreakTable {
  readonly #rows = new Map<number, number>();
  readonly #names: string[] = [];
  readonly #codes = new Map<string, number>();
  #columns = columns(INITIAL_ROWS);
  #count = 0;

  /** Takes a version of a break; a later one replaces it. Reads it during the call only. */
  put(broken: Break): void {
    if (broken.breakN >= MAX_N) throw new RangeError(`break number ${broken.breakN} of one record`);
    const key = broken.breakSequence * MAX_N + broken.breakN;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.#count++;
      if (row === this.#columns.version.length) this.#grow();
      this.#rows.set(key, row);
    }
    const table = this.#columns;
    const [owner, joined] = broken.members;
    table.breakSequence[row] = broken.breakSequence;
    table.breakN[row] = broken.breakN;
    table.version[row] = broken.version;
    table.open[row] = broken.state === 'open' ? 1 : 0;
    table.reconciliation[row] = this.#code(broken.reconciliation);
    table.currency[row] = this.#code(broken.currency);
    table.kind[row] = BREAK_KINDS.indexOf(broken.kind);
    table.owner[row] = owner === undefined ? 0 : owner.sequence;
    table.joined[row] = joined === undefined ? 0 : joined.sequence;
    table.ownerRight[row] = owner?.side === 'right' ? 1 : 0;
    table.amount[row] = broken.amount;
    table.rule[row] = this.#code(broken.why.rule);
    table.condition[row] = CONDITIONS.indexOf(broken.why.condition);
    table.difference[row] = broken.why.difference ?? Number.NaN;
    table.tolerance[row] = broken.why.tolerance ?? Number.NaN;
  }

  /** The breaks that are open now, in the order in which they first broke. */
  *open(idAt: IdAt): Generator<FinalBreak> {
    const table = this.#columns;
    for (let row = 0; row < this.#count; row++) {
      if (table.open[row] === 0) continue;
      const owner: Side = table.ownerRight[row] === 1 ? 'right' : 'left';
      const members = [{ side: owner, id: idAt(table.owner[row]!) }];
      const joined = table.joined[row]!;
      if (joined !== 0) members.push({ side: owner === 'left' ? 'right' : 'left', id: idAt(joined) });
      const [difference, tolerance] = [table.difference[row]!, table.tolerance[row]!];
      yield {
        breakSequence: table.breakSequence[row]!,
        breakN: table.breakN[row]!,
        version: table.version[row]!,
        reconciliation: this.#names[table.reconciliation[row]!]!,
        kind: BREAK_KINDS[table.kind[row]!]!,
        members,
        amount: table.amount[row]!,
        currency: this.#names[table.currency[row]!]!,
        why: {
          rule: this.#names[table.rule[row]!]!,
          condition: CONDITIONS[table.condition[row]!]!,
          ...(Number.isNaN(difference) ? {} : { difference }),
          ...(Number.isNaN(tolerance) ? {} : { tolerance }),
        },
      };
    }
  }

  /** Open breaks by kind. */
  counts(): { [kind in BreakKind]?: number } {
    const counts: { [kind in BreakKind]?: number } = {};
    for (let row = 0; row < this.#count; row++) {
      if (this.#columns.open[row] === 0) continue;
      const kind = BREAK_KINDS[this.#columns.kind[row]!]!;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  #code(name: string): number {
    let code = this.#codes.get(name);
    if (code === undefined) {
      code = this.#names.push(name) - 1;
      this.#codes.set(name, code);
    }
    return code;
  }

  #grow(): void {
    const grown = columns(this.#columns.version.length * 2);
    for (const name of Object.keys(grown) as (keyof typeof grown)[]) grown[name].set(this.#columns[name]);
    this.#columns = grown;
  }
}

function columns(rows: number) {
  return {
    breakSequence: new Float64Array(rows),
    breakN: new Uint32Array(rows),
    version: new Uint32Array(rows),
    open: new Uint8Array(rows),
    reconciliation: new Uint16Array(rows),
    currency: new Uint16Array(rows),
    kind: new Uint8Array(rows),
    owner: new Uint32Array(rows),
    joined: new Uint32Array(rows),
    ownerRight: new Uint8Array(rows),
    amount: new Float64Array(rows),
    rule: new Uint16Array(rows),
    condition: new Uint8Array(rows),
    difference: new Float64Array(rows),
    tolerance: new Float64Array(rows),
  };
}
