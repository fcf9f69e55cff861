import type { Break, BreakKind, BreakState, MatchCause, Why } from '../../domain/index.ts';
import { convert } from '../../rules/index.ts';
import type { KernelCore } from '../core.ts';
import type { BreakContent } from '../emitter.ts';
import { saturate } from '../exact-sum.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { FETCHED } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import type { GroupRule } from './group-rule.ts';
import type { MemberLinks } from './member-links.ts';
import type { Standing } from './standing.ts';

type Causes = Readonly<{ [cause in MatchCause]?: number }>;

/** What a match by a group says beside its legs. */
export interface MatchFacts {
  /** Position of its first version. */
  readonly sequence: number;
  readonly n: number;
  readonly version: number;
  readonly currency: string;
  readonly difference: number;
  readonly causes: Causes;
  readonly rate: string | undefined;
}

/** What a version of a break says beside its members. */
export interface BreakFacts {
  readonly state: BreakState;
  /** Position of its first version. */
  readonly sequence: number;
  readonly n: number;
  readonly version: number;
  readonly dueTime: number;
  readonly kind: BreakKind;
  readonly currency: string;
  readonly leftCurrency: string | undefined;
  readonly amount: number;
  readonly why: Why;
  readonly reason: string;
  /** Position of the first version of the match that resolved it. */
  readonly resolvedBy: { readonly sequence: number; readonly n: number } | undefined;
}

/** Shows matches and breaks of any number of records to the sink. */
export class GroupResults {
  readonly #core: KernelCore;
  readonly #cursor: StoredFields;

  constructor(core: KernelCore) {
    this.#core = core;
    this.#cursor = core.cursor();
  }

  /**
   * @param legs left ones in order of arrival, then right ones
   * @param allocated what is allocated of a leg, where that may not be its amount
   * @returns the latest minus the earliest event time of the legs
   */
  match(
    state: ReconciliationState,
    rule: GroupRule,
    legs: readonly number[],
    facts: MatchFacts,
    allocated?: (entry: number) => number,
  ): number {
    const { entries, emitter, reader, blobs } = this.#core;
    const views = emitter.recordsOf(legs);
    let earliest = Number.POSITIVE_INFINITY;
    let latest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < legs.length; i++) {
      const time = entries.time(legs[i]!);
      if (time < earliest) earliest = time;
      if (time > latest) latest = time;
      if (allocated !== undefined) views[i]!.allocated = allocated(legs[i]!);
    }
    emitter.match(state, {
      state: 'matched',
      matchSequence: facts.sequence,
      matchN: facts.n,
      version: facts.version,
      rule: rule.name,
      fields: rule.fields,
      account: reader.accounts.text(blobs.account(entries.blob(legs[0]!))),
      currency: facts.currency,
      leftCurrency: this.leftCurrencyOf(rule, legs[0]!),
      legs: views,
      difference: facts.difference,
      causes: facts.causes,
      rate: facts.rate,
      lagMs: latest - earliest,
    });
    return latest - earliest;
  }

  /**
   * @param members left ones in order of arrival, then right ones
   * @param told what is to be said of them, where that is not what they are
   */
  break(
    state: ReconciliationState,
    members: readonly number[],
    facts: BreakFacts,
    told: Break['members'] | undefined,
  ): void {
    const { entries, emitter, reader, blobs } = this.#core;
    const content: BreakContent = {
      breakSequence: facts.sequence,
      breakN: facts.n,
      version: facts.version,
      state: facts.state,
      kind: facts.kind,
      account: reader.accounts.text(blobs.account(entries.blob(members[0]!))),
      currency: facts.currency,
      leftCurrency: facts.leftCurrency,
      members: told ?? emitter.recordsOf(members),
      amount: facts.amount,
      dueTime: facts.dueTime,
      why: facts.why,
      reason: facts.reason,
    };
    const { resolvedBy } = facts;
    emitter.breakVersion(state, resolvedBy === undefined ? content : { ...content, resolvedBy });
  }

  /** The currency in which a rule compares a record; all records of one key have one currency there. */
  currencyOf(rule: GroupRule, entry: number): string {
    if (rule.rule.fx !== undefined) return rule.rule.fx.to;
    const { compared } = rule.sides[this.#core.sideOf(entry) === 0 ? 0 : 1];
    if (compared === 'original') return this.#cursor.to(entry).original?.currency ?? '';
    return this.#core.reader.currencies.text(this.#core.currency(entry));
  }

  /** The currency of the left ones, where it is converted. @param first a left one, where there is any */
  leftCurrencyOf(rule: GroupRule, first: number): string | undefined {
    return this.#core.sideOf(first) === 0 ? rule.rule.fx?.from : undefined;
  }

  /** Why the sums of legs differ, by cause. The standing is settled, and is that of the legs. */
  causes(rule: GroupRule, links: MemberLinks, legs: readonly number[], standing: Standing): Causes {
    const causes: { [cause in MatchCause]?: number } = {};
    if (rule.takesFees) {
      const fees = [0, 0];
      const taxes = [0, 0];
      for (const side of [0, 1] as const) {
        const { compared, perGroup, sign } = rule.sides[side];
        if (perGroup) {
          fees[side] = sign * (side === 0 ? standing.feeLeft : standing.feeRight);
          taxes[side] = sign * (side === 0 ? standing.taxLeft : standing.taxRight);
        } else if (compared === 'net' || compared === 'expectedNet') {
          [fees[side], taxes[side]] = this.#takenOff(side, sign, links, legs);
        }
      }
      const { fx } = rule.rule;
      if (fx !== undefined && standing.rate !== undefined) {
        fees[0] = convert(fees[0]!, standing.rate, fx.from, fx.to);
        taxes[0] = convert(taxes[0]!, standing.rate, fx.from, fx.to);
      }
      const fee = saturate(fees[0]! - fees[1]!);
      const tax = saturate(taxes[0]! - taxes[1]!);
      if (fee !== 0) causes.fee = fee;
      if (tax !== 0) causes.tax = tax;
    }
    const { difference } = standing;
    if (difference !== 0) causes[rule.rule.fx === undefined ? 'tolerance' : 'fx'] = difference;
    return causes;
  }

  /** What was taken off the values of the legs of a side, in minor units. */
  #takenOff(
    side: number,
    sign: number,
    links: MemberLinks,
    legs: readonly number[],
  ): [fees: number, taxes: number] {
    const { entries } = this.#core;
    let fees = 0;
    let taxes = 0;
    for (let i = 0; i < legs.length; i++) {
      if (i % FETCHED === 0) this.#core.fetchEntries(legs, i);
      const leg = legs[i]!;
      if ((entries.packed(leg) & 1) !== side) continue;
      const fee = sign * links.part(leg);
      fees = saturate(fees + fee);
      taxes = saturate(taxes + sign * entries.amount(leg) - fee - links.value(leg));
    }
    return [fees, taxes];
  }
}
