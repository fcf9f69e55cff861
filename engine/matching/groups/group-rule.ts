import type {
  Compared,
  FeeContract,
  LocalDay,
  Rates,
  Reconciliation,
  Rule,
  SettleDate,
  Side,
  Tolerance,
} from '../../domain/index.ts';
import { capturesAll, expressionOf } from '../../domain/index.ts';
import type { RecordFields } from '../../rules/index.ts';
import type { Terms } from '../pairing.ts';
import {
  anchorOf,
  closingMoment,
  compileExpression,
  decidingFields,
  expectedFee,
  feeTax,
  parseRate,
  publishedRate,
  roundFee,
  toleranceLimit,
} from '../../rules/index.ts';

const SIDES: readonly Side[] = ['left', 'right'];

type Texts = (record: RecordFields) => readonly string[];

/** What one side of a rule compares. */
interface Measured {
  readonly compared: Compared;
  /** −1 where amounts count with the other sign. */
  readonly sign: 1 | -1;
  readonly contract: FeeContract | undefined;
  /** The fee of the side is rounded once, for all its legs together. */
  readonly perGroup: boolean;
}

/** A rule that gathers groups, or cancels records of one side, ready to run. */
export class GroupRule {
  readonly name: string;
  /** Place in its reconciliation. */
  readonly index: number;
  readonly rule: Rule;
  readonly fields: readonly string[];
  /** The side of a contra rule, else −1. */
  readonly contra: number;
  readonly partial: boolean;
  readonly completion: 'onWindowEnd' | 'onSignal' | 'onCutoff' | 'onSum';
  /** The side that has exactly one record, or −1. */
  readonly one: number;
  /** Records of one side may have several keys. */
  readonly several: boolean;
  readonly sides: readonly [Measured, Measured];
  readonly grace: number;
  readonly retain: number;
  /** Whether a fee, reported or expected, is taken off the values of either side. */
  readonly takesFees: boolean;
  readonly perGroup: boolean;
  /** What {@link GroupRule.measure} found. */
  value = 0;
  /** The fee that was taken off. */
  part = 0;
  /** Over the fee's denominator, where the side's fee is rounded once. */
  exact = 0n;
  readonly #definition: Reconciliation;
  readonly #tolerance: Tolerance;
  readonly #several: readonly [Texts, Texts] | undefined;
  readonly #terms: Terms;
  readonly #settle: { readonly side: number; readonly settle: SettleDate } | undefined;
  /** The rate that was looked up last, and where. */
  #table: Rates | undefined = undefined;
  #day: LocalDay = Number.NaN;
  #rate: string | undefined = undefined;

  constructor(definition: Reconciliation, index: number, terms: Terms) {
    const rule = definition.rules[index]!;
    this.rule = rule;
    this.name = rule.name;
    this.index = index;
    this.fields = decidingFields(rule);
    this.contra = rule.cardinality === 'contra' ? SIDES.indexOf(rule.side!) : -1;
    this.partial = rule.partial === true;
    this.completion = rule.complete ?? 'onWindowEnd';
    this.one = rule.cardinality === '1:N' ? 0 : rule.cardinality === 'N:1' ? 1 : -1;
    const several = rule.keys.find((key) => SIDES.some((side) => capturesAll(expressionOf(key, side))));
    this.several = several !== undefined;
    if (several !== undefined) {
      const textsOf = (side: Side): Texts => compileExpression(expressionOf(several, side), terms.calendars);
      this.#several = [textsOf('left'), textsOf('right')];
    }
    const measured = (side: Side): Measured => {
      const compared = this.contra >= 0 ? 'amount' : (rule.compare?.[side] ?? 'amount');
      const name = definition[side].fees;
      const contract = compared === 'expectedNet' ? terms.feeContracts?.[name ?? ''] : undefined;
      const perGroup = contract?.round === 'perGroup' && !this.partial;
      return { compared, sign: definition[side].negate === true ? -1 : 1, contract, perGroup };
    };
    this.sides = [measured('left'), measured('right')];
    this.takesFees = this.sides.some(({ compared }) => compared === 'net' || compared === 'expectedNet');
    this.perGroup = this.sides.some(({ perGroup }) => perGroup);
    this.grace = definition.window.grace;
    this.retain = definition.retain;
    this.#definition = definition;
    this.#tolerance = this.contra < 0 ? rule.tolerance : { amount: rule.tolerance.amount };
    this.#terms = terms;
    this.#settle = settleOf(rule);
  }

  /**
   * The texts of a record in the one part of the key of which records may have several: two records of a group have a
   * key in common if they have one of these in common.
   */
  severalTexts(side: number, record: RecordFields): readonly string[] {
    const texts = this.#several![side === 0 ? 0 : 1](record);
    return texts.filter((text) => !this.#definition.nullValues.includes(text));
  }

  /** The side that a signal of a member of `side` speaks of: the many side, or in N:M its own. */
  signalOf(side: number): number {
    return this.one < 0 ? side : 1 - this.one;
  }

  /**
   * Works out `value`, `part` and `exact` of a record. A partial rule's value has the record's own sign: what is left
   * and what is allocated are signed like it; and no part of it is allocated yet.
   */
  measure(side: number, record: RecordFields): void {
    this.#measure(side, record);
    if (!this.partial) return;
    this.value = signed(this.sides[side]!.sign, this.value);
    this.part = 0;
  }

  #measure(side: number, record: RecordFields): void {
    const { compared, sign, contract, perGroup } = this.sides[side]!;
    this.part = 0;
    this.exact = 0n;
    switch (compared) {
      case 'amount':
        this.value = signed(sign, record.amount);
        break;
      case 'fee':
        this.value = signed(sign, record.fee);
        break;
      case 'original':
        this.value = signed(sign, record.original?.amount ?? 0);
        break;
      case 'net':
        this.part = record.fee;
        this.value = signed(sign, record.amount - record.fee - record.tax);
        break;
      case 'expectedNet': {
        if (contract === undefined) {
          this.value = signed(sign, record.amount);
          break;
        }
        const fee = expectedFee(contract, record);
        if (perGroup) {
          this.exact = fee.numerator;
          this.value = signed(sign, record.amount);
          break;
        }
        this.part = roundFee(fee);
        this.value = signed(sign, record.amount - this.part - feeTax(contract, this.part));
        break;
      }
    }
  }

  /** The fee of a side's legs together, and the tax on it; only where it is rounded once. */
  feeOfSide(side: number, numerator: bigint): { readonly fee: number; readonly tax: number } {
    const fee = roundFee({ numerator });
    return { fee, tax: feeTax(this.sides[side]!.contract!, fee) };
  }

  /** How far apart sums may lie; of a contra rule only its amount counts. */
  limit(left: number, right: number, currency: string): number {
    return toleranceLimit(this.#tolerance, left, right, currency);
  }

  /**
   * The rate at which the left sum is converted.
   * @param firstLeft the first left leg by arrival
   * @param firstRight the first right leg by arrival
   */
  rate(firstLeft: RecordFields, firstRight: RecordFields | undefined): string | undefined {
    const fx = this.rule.fx!;
    if ('table' in fx.rate) {
      const { day } = anchorOf(firstLeft, this.#definition.left.at);
      const table = this.#terms.rates?.[fx.rate.table];
      // Most groups that come after one another are of one day.
      if (table !== this.#table || day !== this.#day) {
        this.#table = table;
        this.#day = day;
        this.#rate = publishedRate(table, fx, day);
      }
      return this.#rate;
    }
    const stating = fx.rate.side === 'left' ? firstLeft : firstRight;
    return stating === undefined ? undefined : parseRate(stating.text(fx.rate.field));
  }

  /** The side from whose records the cut-off is told. */
  get closingSide(): number {
    return this.#settle?.side ?? 0;
  }

  /** When the group of a record of that side closes. */
  closing(record: RecordFields): number {
    return closingMoment(this.#settle!.settle, record, this.#terms.calendars);
  }
}

function settleOf(rule: Rule): { side: number; settle: SettleDate } | undefined {
  for (const key of rule.keys) {
    for (const [side, name] of SIDES.entries()) {
      const expression = expressionOf(key, name);
      if (typeof expression === 'object' && 'settleDate' in expression) {
        return { side, settle: expression.settleDate };
      }
    }
  }
  return undefined;
}

/** Not −1 · 0, which would be −0. */
function signed(sign: 1 | -1, value: number): number {
  return sign === 1 ? value : 0 - value;
}
