import type { RecordRef, Why } from '../domain/index.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import { ORDINALS } from './entries.ts';
import type { PairSearch } from './pair-search.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import type { ChainLinks } from './rule-links.ts';
import { NO_ENTRY } from './slab.ts';
import type { StoredFields } from './stored-fields.ts';

/** Of the records with a key the first by arrival are looked at, and the best of them named. */
const LOOKED_AT = 64;
const NAMED = 5;

interface Looked {
  readonly entry: number;
  readonly difference: number;
  readonly distance: number;
}

/** Tells why a record stands alone. */
export class WhyAlone {
  readonly #core: KernelCore;
  readonly #search: PairSearch;
  readonly #mine: StoredFields;
  readonly #other: StoredFields;

  constructor(core: KernelCore, search: PairSearch) {
    this.#core = core;
    this.#search = search;
    this.#mine = core.cursor();
    this.#other = core.cursor();
  }

  /**
   * The first pair rule under which others have the record's key, and what keeps the nearest of them away.
   * @returns undefined where there is none: no counterpart, by the first rule
   */
  unmatched(state: ReconciliationState, entry: number): Why | undefined {
    const side = this.#core.sideOf(entry);
    for (const rule of state.rules) {
      if (rule.kind !== 'pair') continue;
      const first = this.#search.firstForEntry(state, rule, entry, 1 - side);
      if (first === NO_ENTRY) continue;
      const { links } = state.chains[side === 0 ? 1 : 0][rule.index]!;
      // Mostly there is one, and so nothing to choose.
      if (links.next(first) === first) return this.#misfit(rule, entry, first, [this.refOf(first)]);
      const best = this.#look(links, rule, entry, first);
      const records = best.map((each) => this.refOf(each));
      return this.#misfit(rule, entry, best[0]!, records);
    }
    return undefined;
  }

  /** Why a unique rule refused the record: who else could be meant. */
  ambiguous(state: ReconciliationState, rule: CompiledRule, entry: number): Why {
    const side = this.#core.sideOf(entry);
    let rivals = this.candidatesOf(state, rule, entry, side);
    if (rivals.length === 1) {
      const others = this.candidatesOf(state, rule, rivals[0]!, 1 - side);
      rivals = [...rivals, ...others.filter((each) => each !== entry)];
    }
    const records = rivals.slice(0, NAMED).map((each) => this.refOf(each));
    return { rule: rule.name, condition: 'ambiguous', ...(records.length === 0 ? {} : { records }) };
  }

  /** All with whom a rule could match an entry of a side, best first. */
  candidatesOf(state: ReconciliationState, rule: CompiledRule, entry: number, side: number): number[] {
    const first = this.#search.firstForEntry(state, rule, entry, 1 - side);
    return this.#search.candidates(state, rule, this.#mine.to(entry), side, first);
  }

  refOf(entry: number): RecordRef {
    const record = this.#other.to(entry);
    return {
      source: record.text('source'),
      id: record.text('id'),
      sequence: Math.floor(record.arrival / ORDINALS),
      ordinal: record.arrival % ORDINALS,
    };
  }

  #look(links: ChainLinks, rule: CompiledRule, entry: number, first: number): number[] {
    const looked: Looked[] = [];
    let other = first;
    do {
      this.#judge(rule, entry, other);
      const { hasRate, difference, distance } = rule.pairing;
      looked.push({
        entry: other,
        difference: hasRate ? Math.abs(difference) : Number.POSITIVE_INFINITY,
        distance,
      });
      other = links.next(other);
    } while (other !== first && looked.length < LOOKED_AT);
    // Stable: of equals the earlier arrival stays first. Infinity − Infinity is no number, and so counts as equal.
    looked.sort((a, b) => a.difference - b.difference || a.distance - b.distance);
    return looked.slice(0, NAMED).map((each) => each.entry);
  }

  #judge(rule: CompiledRule, entry: number, other: number): void {
    const [x, y] = [this.#mine.to(entry), this.#other.to(other)];
    if (this.#core.sideOf(entry) === 0) rule.pairing.misfit(x, y);
    else rule.pairing.misfit(y, x);
  }

  #misfit(rule: CompiledRule, entry: number, other: number, records: readonly RecordRef[]): Why {
    const [x, y] = [this.#mine.to(entry), this.#other.to(other)];
    const { pairing, name } = rule;
    const condition = this.#core.sideOf(entry) === 0 ? pairing.misfit(x, y) : pairing.misfit(y, x);
    switch (condition) {
      case 'rateMissing':
      case 'sign':
        return { rule: name, condition, records };
      case 'window':
      case 'date': {
        const { outside } = pairing;
        if (!Number.isFinite(outside)) return { rule: name, condition, records };
        return { rule: name, condition, timeDifference: outside, records };
      }
      case 'amount':
        return {
          rule: name,
          condition,
          difference: pairing.difference,
          tolerance: pairing.limit,
          records,
        };
      case undefined:
        return { rule: name, condition: 'noCounterpart', records };
    }
  }
}
