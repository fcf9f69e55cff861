import { BREAK_KINDS, BREAK_STATES, WHY_CONDITIONS } from '../../../engine/domain/index.ts';
import type { Break, BreakKind, Side } from '../../../engine/domain/index.ts';
import type { FinalBreak } from './result-lines.ts';

/** Where a record's id can be read again, so that a break need not keep it. */
export type IdAt = (sequence: number) => string;

/** Rows before the first growth. */
const INITIAL_ROWS = 1024;

/** More breaks, and versions of them, than the results of one n can be told apart by. */
const MAX_N = 2 ** 20;

const OPEN = BREAK_STATES.indexOf('open');
const RESOLVED = BREAK_STATES.indexOf('resolved');

/** What few breaks have: kept beside the columns. Records are named by their sequence. */
interface Extra {
  /** Members after the second. */
  readonly members?: readonly { readonly side: Side; readonly sequence: number }[];
  readonly records?: readonly number[];
  readonly timeDifference?: number;
  readonly match?: { readonly sequence: number; readonly n: number };
  readonly reason?: string;
}

/**
 * The latest version of each break, in columns: in the worst case every record is one, and a break changes until the
 * end of the input.
 */
export class BreakTable {
  readonly #rows = new Map<number, number>();
  readonly #names: string[] = [];
  readonly #codes = new Map<string, number>();
  readonly #extras = new Map<number, Extra>();
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
    const [first, second] = broken.members;
    table.breakSequence[row] = broken.breakSequence;
    table.breakN[row] = broken.breakN;
    table.version[row] = broken.version;
    table.state[row] = BREAK_STATES.indexOf(broken.state);
    table.reconciliation[row] = this.#code(broken.reconciliation);
    table.currency[row] = this.#code(broken.currency);
    table.kind[row] = BREAK_KINDS.indexOf(broken.kind);
    table.first[row] = first === undefined ? 0 : first.sequence;
    table.second[row] = second === undefined ? 0 : second.sequence;
    table.firstRight[row] = first?.side === 'right' ? 1 : 0;
    table.secondRight[row] = second?.side === 'right' ? 1 : 0;
    table.amount[row] = broken.amount;
    table.rule[row] = this.#code(broken.why.rule);
    table.condition[row] = WHY_CONDITIONS.indexOf(broken.why.condition);
    table.difference[row] = broken.why.difference ?? Number.NaN;
    table.tolerance[row] = broken.why.tolerance ?? Number.NaN;
    const extra = extraOf(broken);
    if (extra !== undefined) this.#extras.set(row, extra);
    else if (this.#extras.size > 0) this.#extras.delete(row);
  }

  /** The breaks that were not resolved, in the order in which they first broke: open ones and written-off ones. */
  *unresolved(idAt: IdAt): Generator<FinalBreak> {
    const table = this.#columns;
    for (let row = 0; row < this.#count; row++) {
      if (table.state[row] === RESOLVED) continue;
      const extra = this.#extras.get(row) ?? {};
      const members = [];
      if (table.first[row] !== 0)
        members.push({ side: sideOf(table.firstRight[row]!), id: idAt(table.first[row]!) });
      if (table.second[row] !== 0)
        members.push({ side: sideOf(table.secondRight[row]!), id: idAt(table.second[row]!) });
      for (const { side, sequence } of extra.members ?? []) members.push({ side, id: idAt(sequence) });
      const [difference, tolerance] = [table.difference[row]!, table.tolerance[row]!];
      yield {
        breakSequence: table.breakSequence[row]!,
        breakN: table.breakN[row]!,
        version: table.version[row]!,
        state: BREAK_STATES[table.state[row]!]!,
        reconciliation: this.#names[table.reconciliation[row]!]!,
        kind: BREAK_KINDS[table.kind[row]!]!,
        members,
        amount: table.amount[row]!,
        currency: this.#names[table.currency[row]!]!,
        why: {
          rule: this.#names[table.rule[row]!]!,
          condition: WHY_CONDITIONS[table.condition[row]!]!,
          ...(Number.isNaN(difference) ? {} : { difference }),
          ...(Number.isNaN(tolerance) ? {} : { tolerance }),
          ...(extra.timeDifference === undefined ? {} : { timeDifference: extra.timeDifference }),
          ...(extra.records === undefined ? {} : { records: extra.records.map(idAt) }),
          ...(extra.match === undefined ? {} : { match: extra.match }),
        },
        reason: extra.reason ?? '',
      };
    }
  }

  /** Open breaks by kind. */
  counts(): { [kind in BreakKind]?: number } {
    const counts: { [kind in BreakKind]?: number } = {};
    for (let row = 0; row < this.#count; row++) {
      if (this.#columns.state[row] !== OPEN) continue;
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

function sideOf(right: number): Side {
  return right === 1 ? 'right' : 'left';
}

/** What the columns have no room for; undefined where there is nothing. */
function extraOf({ members, why, reason }: Break): Extra | undefined {
  const { records, timeDifference, match } = why;
  const extra: Extra = {
    ...(members.length > 2
      ? { members: members.slice(2).map(({ side, sequence }) => ({ side, sequence })) }
      : {}),
    ...(records === undefined ? {} : { records: records.map(({ sequence }) => sequence) }),
    ...(timeDifference === undefined ? {} : { timeDifference }),
    ...(match === undefined ? {} : { match: { sequence: match.sequence, n: match.n } }),
    ...(reason === '' ? {} : { reason }),
  };
  return Object.keys(extra).length === 0 ? undefined : extra;
}

function columns(rows: number) {
  return {
    breakSequence: new Float64Array(rows),
    breakN: new Uint32Array(rows),
    version: new Uint32Array(rows),
    state: new Uint8Array(rows),
    reconciliation: new Uint16Array(rows),
    currency: new Uint16Array(rows),
    kind: new Uint8Array(rows),
    first: new Uint32Array(rows),
    second: new Uint32Array(rows),
    firstRight: new Uint8Array(rows),
    secondRight: new Uint8Array(rows),
    amount: new Float64Array(rows),
    rule: new Uint16Array(rows),
    condition: new Uint8Array(rows),
    difference: new Float64Array(rows),
    tolerance: new Float64Array(rows),
  };
}
