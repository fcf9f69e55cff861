import type { RuleSet } from '../../domain/index.ts';
import { ratesInForce, ratesOfRule } from '../../rules/index.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import { LEG } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT, type ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { unmatchedOf } from './unmatched-entries.ts';

/** The rules of a reconciliation that ask for rates which are others now. */
type Concerned = ReadonlyMap<ReconciliationState, readonly CompiledRule[]>;

/**
 * Rates were published. All that is in memory stays as it is, and what breaks have told of themselves they go on
 * telling; but the unmatched records are tried once more by the rules that ask for rates which are others now.
 */
export class NewRates {
  readonly #matcher: Matcher;
  readonly #all: readonly ReconciliationState[];
  readonly #concerned: Concerned;
  readonly #before: RuleSet['rates'];
  readonly #after: RuleSet['rates'];

  /** @param after the set that is in force, but for the rates */
  constructor(matcher: Matcher, states: readonly ReconciliationState[], before: RuleSet, after: RuleSet) {
    this.#matcher = matcher;
    this.#all = states;
    this.#before = ratesInForce(before);
    this.#after = ratesInForce(after);
    const concerned = new Map<ReconciliationState, readonly CompiledRule[]>();
    for (const state of states) {
      const rules = state.rules.filter(({ rule: { fx } }) => {
        return fx !== undefined && !isSame(ratesOfRule(before, fx), ratesOfRule(after, fx));
      });
      if (rules.length > 0) concerned.set(state, rules);
    }
    this.#concerned = concerned;
  }

  /** Everything that was due before must have happened. */
  enact(): void {
    const { core } = this.#matcher;
    const found = unmatchedOf(core, [...this.#concerned.keys()]);
    this.#keepTold(found);
    this.#put(this.#after);
    for (const entry of found) this.#tryAgain(entry);
  }

  /** Breaks whose numbers would be others by the new rates say until their next version what they said. */
  #keepTold(found: Int32Array): void {
    const { breaks, entries } = this.#matcher.core;
    const groupBreaks = new Set<number>();
    for (const entry of found) {
      const broken = entries.break(entry);
      if (broken >= 0) {
        if (breaks.owner(broken) === entry && breaks.joined(broken) !== NO_ENTRY)
          this.#keepPair(entry, broken);
      } else if (broken < NO_ENTRY && !groupBreaks.has(broken)) {
        groupBreaks.add(broken);
        this.#keepGroup(entry, broken);
      }
    }
  }

  #keepPair(owner: number, broken: number): void {
    const { counting, core } = this.#matcher;
    const { breaks, emitter } = core;
    const state = core.stateOf(owner);
    const [rule] = state.rules;
    if (!this.#concerned.get(state)!.includes(rule!)) return;
    const rate = (): string | undefined => {
      const joined = breaks.joined(broken);
      const [left, right] = core.sideOf(owner) === LEFT ? [owner, joined] : [joined, owner];
      rule!.pairing.compare(core.left.to(left), core.right.to(right));
      return rule!.pairing.rate;
    };
    if (!this.#differs(rate)) return;
    const told = breaks.told(broken) ?? emitter.bodyOf(state, broken);
    counting.breakChanged(state, broken, -1);
    this.#put(this.#after);
    counting.breakChanged(state, broken, 1);
    this.#put(this.#before);
    breaks.setTold(broken, told);
  }

  #keepGroup(member: number, broken: number): void {
    const { core } = this.#matcher;
    const { groups } = core;
    const entry = this.#matcher.counting.memberOf(broken, member);
    const state = core.stateOf(entry);
    const rules = this.#concerned.get(state) ?? [];
    if (rules.some((rule) => rule.kind === 'group' && this.#differs(() => groups.rates.rateOf(broken, rule))))
      groups.rates.keepTold(state, broken);
  }

  /** Whether something is another by the new rates than by the former, which are in force. */
  #differs(what: () => string | undefined): boolean {
    const before = what();
    this.#put(this.#after);
    const after = what();
    this.#put(this.#before);
    return before !== after;
  }

  #put(rates: RuleSet['rates']): void {
    for (const { terms } of this.#all) terms.rates = rates;
  }

  /** The rules are tried for a record, as far as it is unmatched yet. */
  #tryAgain(entry: number): void {
    const { consuming, core, holding } = this.#matcher;
    const { entries, groups } = core;
    if (entries.arrival(entry) < 0 || (entries.packed(entry) & LEG) !== 0) return;
    const state = core.stateOf(entry);
    for (const rule of this.#concerned.get(state)!) {
      if (rule.kind === 'group') {
        if (groups.rates.tryNow(state, entry, rule)) return;
      } else if (!holding.isHeld(state, rule, entry, core.due(entry))) {
        const other = holding.partnerOf(state, rule, entry);
        if (other === NO_ENTRY) continue;
        consuming.matchPair(state, rule, entry, other);
        return;
      }
    }
  }
}

function isSame(a: ReturnType<typeof ratesOfRule>, b: ReturnType<typeof ratesOfRule>): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return a === b;
  return a.every(({ date, rate }, i) => date === b[i]!.date && rate === b[i]!.rate);
}
