import type { BreakKind, Why, WhyCondition } from '../../domain/index.ts';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import { addExact, doSignsFit, exactSum, saturate } from '../exact-sum.ts';
import type { KernelFields } from '../kernel-fields.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import {
  BREAK_COUNT,
  BREAK_FIRST,
  BREAK_GROUP,
  LATE_N,
  LATE_SEQUENCE,
  type GroupBreaks,
} from './group-breaks.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { MATCH_N, MATCH_SEQUENCE } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { IS_LEG, type MemberLinks, SIGNALS } from './member-links.ts';
import { Signals } from './signals.ts';
import { Standing } from './standing.ts';

/** What a version of a break says of its members. */
export interface Said {
  readonly kind: BreakKind;
  readonly amount: number;
  readonly why: Why;
  readonly currency: string;
  readonly leftCurrency: string | undefined;
}

/** What stays of it when a group has let go of its break. */
export interface Unbound extends Pick<Said, 'why' | 'currency' | 'leftCurrency'> {
  /** It was about what is left over in parts. */
  readonly isResidual: boolean;
}

/** What only some group breaks have. */
export interface GroupBreakNote {
  /** The reason that a command assigned; empty before. */
  reason: string;
  /** What stays when its group has let go of it; undefined while it has a group. */
  unbound: Unbound | undefined;
  /**
   * What the last version said, where that cannot be made anew: its group has let go of it, a member has left without a
   * version, or it is about what is left over, which may be used up by the next version.
   */
  told: BreakBody | undefined;
}

/** Works out what a version of a group's break says: its kind, its amount, and why. */
export class BreakSayings {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #breaks: GroupBreaks;
  /** Of the members to their break. */
  readonly #links: MemberLinks;
  readonly #standing = new Standing();
  readonly #signals = new Signals();
  readonly #cursor: StoredFields;
  /** Of the first records of a break by side. */
  readonly #firsts: readonly [StoredFields, StoredFields];

  constructor(
    core: KernelCore,
    store: GroupStore,
    results: GroupResults,
    breaks: GroupBreaks,
    links: MemberLinks,
  ) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
    this.#breaks = breaks;
    this.#links = links;
    this.#cursor = core.cursor();
    this.#firsts = [core.cursor(), core.cursor()];
  }

  /** Of a break that its group has let go of: its amounts. */
  ofAmounts(state: ReconciliationState, number: number, members: readonly number[], unbound: Unbound): Said {
    const { why } = unbound;
    const kind = this.#kindOf(number, unbound.isResidual ? undefined : why.condition);
    if (kind === 'unmatched') return { ...this.#alone(members[0]!), why };
    const { currency, leftCurrency } = unbound;
    return { kind, amount: this.#plainAmount(state, members), why, currency, leftCurrency };
  }

  /** Of a break that has its group. @param members left ones in order of arrival, then right ones */
  ofGroup(rule: GroupRule, number: number, members: readonly number[]): Said {
    const breaks = this.#breaks;
    if (rule.partial) return this.#sayResidual(rule, number, members, this.#kindOf(number, undefined));
    const isLate = breaks.int(number, LATE_N) >= 0;
    const standing = this.#stand(rule, number, members);
    const why: Why = isLate
      ? {
          rule: rule.name,
          condition: 'lateMember',
          match: { sequence: breaks.number(number, LATE_SEQUENCE), n: breaks.int(number, LATE_N) },
        }
      : this.#why(rule, standing, members);
    const kind = this.#kindOf(number, why.condition);
    if (kind === 'unmatched') return { ...this.#alone(members[0]!), why };
    const currency = this.#results.currencyOf(rule, members[members.length - 1]!);
    const leftCurrency = this.#results.leftCurrencyOf(rule, members[0]!);
    return { kind, amount: standing.difference, why, currency, leftCurrency };
  }

  /** A pair, or a group that lacks nothing but the amount, differs by the amount. */
  #kindOf(number: number, condition: WhyCondition | undefined): BreakKind {
    const breaks = this.#breaks;
    if (breaks.int(number, LATE_N) >= 0) return 'lateMember';
    const [lefts, rights] = [breaks.int(number, BREAK_COUNT), breaks.int(number, BREAK_COUNT + 1)];
    if (lefts + rights === 1) return 'unmatched';
    return (lefts === 1 && rights === 1) || condition === 'sum' || condition === 'sign' ? 'amount' : 'group';
  }

  /** One record with its own amount, in its own currency. */
  #alone(entry: number): Omit<Said, 'why'> {
    const { entries, reader } = this.#core;
    const currency = reader.currencies.text(this.#core.currency(entry));
    return { kind: 'unmatched', amount: entries.amount(entry), currency, leftCurrency: undefined };
  }

  /** What is left over in a group that matches in parts. */
  #sayResidual(rule: GroupRule, number: number, members: readonly number[], kind: BreakKind): Said {
    const { slab } = this.#store;
    const links = this.#links;
    const sums = new Float64Array(4);
    for (const entry of members) {
      const side = this.#core.sideOf(entry);
      addExact(sums, 2 * side, rule.sides[side]!.sign * links.value(entry));
    }
    const [left, right] = [exactSum(sums, 0), exactSum(sums, 2)];
    const difference = saturate(left - right);
    const currency = this.#results.currencyOf(rule, members[members.length - 1]!);
    const group = this.#breaks.int(number, BREAK_GROUP);
    let why: Why = { rule: rule.name, condition: 'noCounterpart' };
    if (group !== NO_ENTRY && slab.isMatched(group)) {
      const match = { sequence: slab.number(group, MATCH_SEQUENCE), n: slab.int(group, MATCH_N) };
      why = { rule: rule.name, condition: 'residual', match };
    } else if (this.#breaks.int(number, BREAK_COUNT) > 0 && this.#breaks.int(number, BREAK_COUNT + 1) > 0) {
      const tolerance = rule.limit(left, right, currency);
      why = doSignsFit(left, right)
        ? { rule: rule.name, condition: 'sum', difference, tolerance }
        : { rule: rule.name, condition: 'sign' };
    }
    if (kind !== 'unmatched') return { kind, amount: difference, why, currency, leftCurrency: undefined };
    const [only] = members;
    const own = this.#core.reader.currencies.text(this.#core.currency(only!));
    return { kind, amount: links.value(only!), why, currency: own, leftCurrency: undefined };
  }

  #why(rule: GroupRule, standing: Standing, members: readonly number[]): Why {
    const { name } = rule;
    if (standing.rateMissing) return { rule: name, condition: 'rateMissing' };
    const numbers = { difference: standing.difference, tolerance: standing.limit };
    const several = rule.one === 0 ? standing.countLeft : rule.one === 1 ? standing.countRight : 0;
    if (several > 1) return { rule: name, condition: 'cardinality', ...numbers };
    if (rule.completion === 'onSignal' && !this.#signalsOf(rule, members).allReached) {
      return { rule: name, condition: 'signal', ...numbers };
    }
    if (!standing.bothSides) return { rule: name, condition: 'noCounterpart' };
    if (!standing.signsFit) return { rule: name, condition: 'sign' };
    return { rule: name, condition: 'sum', ...numbers };
  }

  #signalsOf(rule: GroupRule, members: readonly number[]): Signals {
    const signals = this.#signals;
    signals.reset();
    const { links } = this.#store.lists(rule.index);
    const { entries } = this.#core;
    for (const entry of members) {
      const side = this.#core.sideOf(entry);
      // Of members it is known whether they say anything: few do. Of legs, and of those that have left, it is not.
      const isSilent = links.owner(entry) !== NO_ENTRY && (links.flags(entry) & (SIGNALS | IS_LEG)) === 0;
      if (isSilent) signals.has(side === 0 ? 0 : 1, 1, entries.amount(entry));
      else signals.take(rule, side, this.#cursor.to(entry));
    }
    return signals;
  }

  /** How the members of a break stand to each other. */
  #stand(rule: GroupRule, number: number, members: readonly number[]): Standing {
    const breaks = this.#breaks;
    const standing = this.#standing;
    standing.reset();
    breaks.addSumTo(number, 0, standing.sums, 0);
    breaks.addSumTo(number, 1, standing.sums, 2);
    standing.countLeft = breaks.int(number, BREAK_COUNT);
    standing.countRight = breaks.int(number, BREAK_COUNT + 1);
    standing.currency = this.#results.currencyOf(rule, members[members.length - 1]!);
    if (rule.perGroup) {
      for (const entry of members) {
        const side = this.#core.sideOf(entry);
        rule.measure(side, this.#cursor.to(entry));
        if (side === 0) standing.exactLeft += rule.exact;
        else standing.exactRight += rule.exact;
      }
    }
    if (rule.rule.fx !== undefined) {
      standing.firstLeft = this.#firstOf(0, breaks.int(number, BREAK_FIRST));
      standing.firstRight = this.#firstOf(1, breaks.int(number, BREAK_FIRST + 1));
      // A match that resolves the break has frozen a rate by now, which the break did not know of.
      const isLate = breaks.int(number, LATE_N) >= 0;
      if (isLate) standing.frozen = this.#store.rates.get(breaks.int(number, BREAK_GROUP));
    }
    return standing.settle(rule);
  }

  #firstOf(side: 0 | 1, entry: number): KernelFields | undefined {
    return entry === NO_ENTRY ? undefined : this.#firsts[side].to(entry);
  }

  /** What a break without a group is about: amounts, or that of its only member as it stands. */
  #plainAmount(state: ReconciliationState, members: readonly number[]): number {
    const { entries } = this.#core;
    const sums = [0n, 0n];
    for (const entry of members) sums[this.#core.sideOf(entry)]! += BigInt(entries.amount(entry));
    const { left, right } = state.definition;
    const signed = (sum: bigint, negate: boolean | undefined): number =>
      saturate(Number(negate === true ? -sum : sum));
    return saturate(signed(sums[0]!, left.negate) - signed(sums[1]!, right.negate));
  }
}
