import type { Leg, RecordFrame } from '../../domain/index.ts';
import { readRecord } from '../../codec/index.ts';
import { fieldsOf, type RecordFields } from '../../rules/index.ts';
import type { KernelCore } from '../core.ts';
import { ORDINALS } from '../entries.ts';
import { SIDES, type ReconciliationState } from '../reconciliation-state.ts';
import type { RememberedLeg, RememberedMatch } from './match-memory.ts';

/** Puts the row at hand in the place of a leg of a remembered match of two records. */
export class PairLegs {
  readonly #core: KernelCore;

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /**
   * The match goes on with the row as its leg; where its values do not agree now, that is a break.
   * @param dueTime when the row is due in the lane of the leg, epoch milliseconds
   */
  take(
    frame: RecordFrame,
    state: ReconciliationState,
    match: RememberedMatch,
    leg: RememberedLeg,
    dueTime: number,
  ): void {
    const core = this.#core;
    const { amended, emitter, reader, remembered, row } = core;
    const from = leg.arrival;
    this.#count(state, match, leg, -1);
    leg.record = readRecord(frame, reader.row);
    leg.arrival = row.arrival;
    remembered.move(match, from, row.arrival);
    match.version++;
    this.#count(state, match, leg, 1);
    const rule = state.rules[match.rule]!;
    const [left, right] = match.legs.map(({ record }) => fieldsOf(record)) as [RecordFields, RecordFields];
    rule.pairing.compare(left, right, match.rate);
    const { difference, currency, limit, rate, agrees } = rule.pairing;
    const leftCurrency = rule.rule.fx?.from;
    emitter.match(state, {
      state: 'matched',
      matchSequence: match.sequence,
      matchN: match.n,
      version: match.version,
      rule: rule.name,
      fields: rule.decided,
      account: match.legs[0].record.account,
      currency,
      leftCurrency,
      legs: match.legs.map((each) => legOf(each)),
      difference,
      causes: rule.pairing.causes(left, right),
      rate,
      lagMs: Math.abs(left.time - right.time),
    });
    if (agrees) {
      amended.settle(state, match);
      return;
    }
    const { allocated, ...member } = legOf(leg);
    amended.tell(state, match, dueTime, {
      kind: 'amended',
      account: leg.record.account,
      currency,
      ...(leftCurrency === undefined ? {} : { leftCurrency }),
      members: [{ ...member, amount: allocated }],
      amount: difference,
      why: {
        rule: rule.name,
        condition: 'amended',
        difference,
        tolerance: limit,
        match: { sequence: match.sequence, n: match.n },
      },
    });
  }

  /** The totals have the match as it is, and its leg (`change` 1), or have them no more (−1). */
  #count(state: ReconciliationState, match: RememberedMatch, leg: RememberedLeg, change: 1 | -1): void {
    const { pairing } = state.rules[match.rule]!;
    const [left, right] = match.legs;
    const own = state.totals(this.#currencyOf(leg));
    own.legChanged(SIDES.indexOf(leg.side), Number(leg.record.amount), change);
    pairing.compare(fieldsOf(left.record), fieldsOf(right.record), match.rate);
    const lagMs = Math.abs(left.record.time - right.record.time);
    const totals = state.totals(this.#currencyOf(right));
    if (change === 1) totals.match(pairing.difference, lagMs);
    else totals.unmatch(pairing.difference, lagMs);
  }

  #currencyOf({ record }: RememberedLeg): number {
    return this.#core.reader.currencies.internText(record.currency);
  }
}

function legOf({ record, arrival, side }: RememberedLeg): Leg {
  return {
    source: record.source,
    id: record.id,
    sequence: Math.floor(arrival / ORDINALS),
    ordinal: arrival % ORDINALS,
    side,
    allocated: Number(record.amount),
  };
}
