import type { Compared, MoneyRecord, Reconciliation, Rule, RuleSet, Side } from '../domain/index.ts';
import {
  anchorOf,
  convert,
  expectedFee,
  feeTax,
  fieldsOf,
  parseRate,
  publishedRate,
  roundFee,
} from '../rules/index.ts';
import type { Random } from './random.ts';

/** A record in the making. */
export type Draft = { -readonly [field in keyof MoneyRecord]: MoneyRecord[field] };

/** The rule that planned records are to meet, with what it refers to. */
export interface Aim {
  readonly rules: RuleSet;
  readonly reconciliation: Reconciliation;
  readonly rule: Rule;
}

function comparedOf({ rule }: Aim, side: Side): Compared {
  return rule.compare?.[side] ?? 'amount';
}

/** Fee and tax that the side's contract expects of a record, minor units; 0 without a contract. */
export function expectedCosts(
  { rules, reconciliation }: Aim,
  side: Side,
  draft: Draft,
): { fee: number; tax: number } {
  const contract = rules.feeContracts?.[reconciliation[side].fees ?? ''];
  if (contract === undefined) return { fee: 0, tax: 0 };
  const fee = roundFee(expectedFee(contract, fieldsOf(draft)));
  return { fee, tax: feeTax(contract, fee) };
}

/** What the rule compares of a record, minor units. Of a group whose fees are rounded together, nearly. */
export function comparedValue(aim: Aim, side: Side, draft: Draft): number {
  const amount = Number(draft.amount);
  const [fee, tax] = [Number(draft.fee), Number(draft.tax)];
  const value = ((): number => {
    switch (comparedOf(aim, side)) {
      case 'amount':
        return amount;
      case 'fee':
        return fee;
      case 'net':
        return amount - fee - tax;
      case 'original':
        return Number(draft.original?.amount ?? 0n);
      case 'expectedNet': {
        const expected = expectedCosts(aim, side, draft);
        return amount - expected.fee - expected.tax;
      }
    }
  })();
  return aim.reconciliation[side].negate === true ? -value : value;
}

/** Sets what the rule compares of a record; where that is expectedNet, only nearly. */
export function setComparedValue(aim: Aim, side: Side, draft: Draft, target: number): void {
  const value = BigInt(aim.reconciliation[side].negate === true ? -target : target);
  switch (comparedOf(aim, side)) {
    case 'amount':
    case 'expectedNet':
      draft.amount = value;
      break;
    case 'fee':
      draft.fee = value;
      break;
    case 'net':
      draft.amount = value + draft.fee + draft.tax;
      break;
    case 'original':
      draft.original = { amount: value, currency: draft.original?.currency ?? draft.currency };
  }
}

/** Fees as a provider reports them: as agreed, a little off, or not at all. */
export function setReportedCosts(aim: Aim, side: Side, draft: Draft, random: Random): void {
  if (aim.reconciliation[side].fees === undefined || random.chance(0.3)) return;
  const { fee, tax } = expectedCosts(aim, side, draft);
  draft.fee = BigInt(fee + random.pick([0, 0, 0, 1, -1]));
  draft.tax = BigInt(random.chance(0.4) ? 0 : tax + random.pick([0, 0, 1]));
}

/** Σleft in the right side's currency, where the rule converts; with some rate where there is none to be had. */
export function converted(
  aim: Aim,
  left: number,
  drafts: { readonly [side in Side]: readonly Draft[] },
): number {
  const { fx } = aim.rule;
  const first = drafts.left[0];
  if (fx === undefined || first === undefined) return left;
  let rate: string | undefined;
  if ('table' in fx.rate) {
    const { day } = anchorOf(fieldsOf(first), aim.reconciliation.left.at);
    rate = publishedRate(aim.rules.rates?.[fx.rate.table], fx, day);
  } else {
    const states = drafts[fx.rate.side][0];
    rate = states === undefined ? undefined : parseRate(fieldsOf(states).text(fx.rate.field));
  }
  return convert(left, rate ?? '3.6725', fx.from, fx.to);
}
