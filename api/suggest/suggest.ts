import { exponentOf, expressionOf, formatMinor } from '../../engine/domain/index.ts';
import type {
  CarriedRecord,
  MoneyRecord,
  Reconciliation,
  Rule,
  RuleSet,
  Side,
} from '../../engine/domain/index.ts';
import {
  Calendars,
  compileExpression,
  compileFilter,
  durationText,
  expectedFee,
  feeTax,
  fieldsOf,
  roundFee,
  toleranceLimit,
  type RecordFields,
} from '../../engine/rules/index.ts';
import { likeness } from './similarity.ts';
import { MOST_CANDIDATES, subsetSum } from './subset-sum.ts';

/** One open record that might be meant. */
export interface Suggestion {
  readonly record: CarriedRecord;
  /** 0 to 1; says which is likelier, not how likely. */
  readonly score: number;
  /** The rule by which it comes nearest. */
  readonly rule: string;
  /** What speaks for it and against it. */
  readonly reasons: readonly string[];
  /** Σleft − Σright if this were the counterpart, minor units of `record.currency`; absent across currencies. */
  readonly difference?: number;
}

/** Several open records that sum to what is missing. */
export interface SumSuggestion {
  readonly records: readonly CarriedRecord[];
  /** Minor units. */
  readonly difference: number;
  readonly unique: boolean;
}

export interface Suggestions {
  /** Likeliest first. */
  readonly single: readonly Suggestion[];
  readonly sum?: SumSuggestion;
  /** How many records were searched for a sum, and whether the budget ended the search. */
  readonly searched: { readonly candidates: number; readonly steps: number; readonly exhausted: boolean };
}

/** What is suggested for. */
export interface Question {
  /** The broken records of one side. */
  readonly records: readonly CarriedRecord[];
  readonly side: Side;
  /** Open records of the other side. */
  readonly candidates: readonly CarriedRecord[];
}

const MOST_SUGGESTIONS = 10;
/** Below it nothing speaks for a record. */
const LEAST_SCORE = 0.25;

/** What each part of a score weighs. */
const WEIGHTS = { keys: 0.5, amount: 0.35, time: 0.15 } as const;

/** Ranks open records by likeness of keys, amount and time, and looks for several that sum up. Suggests; matches nothing. */
export function suggest(question: Question, definition: Reconciliation, rules: RuleSet): Suggestions {
  const reader = new RuleReader(definition, rules);
  const single = question.candidates
    .map((candidate) => rate(question, candidate, definition, reader))
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((a, b) => b.score - a.score || earlier(a.record, b.record));
  const likely = single.map(({ record }) => record);
  const others = question.candidates.filter((candidate) => !likely.includes(candidate));
  const pool = [...likely, ...others].slice(0, MOST_CANDIDATES);
  const rule = definition.rules[0]!;
  if (rule.fx !== undefined)
    return {
      single: single.slice(0, MOST_SUGGESTIONS),
      searched: { candidates: 0, steps: 0, exhausted: false },
    };
  const other = otherSide(question.side);
  const target = question.records.reduce((sum, each) => sum + reader.value(each, question.side, rule), 0);
  const limit = toleranceLimit(rule.tolerance, target, target, question.records[0]!.currency);
  const values = pool.map((each) => reader.value(each, other, rule));
  const found = subsetSum(values, target, limit);
  return {
    single: single.slice(0, MOST_SUGGESTIONS),
    ...(found.members === undefined
      ? {}
      : {
          sum: {
            records: found.members.map((i) => pool[i]!),
            difference: question.side === 'left' ? found.difference : 0 - found.difference,
            unique: found.unique,
          },
        }),
    searched: { candidates: pool.length, steps: found.steps, exhausted: found.exhausted },
  };
}

/** The best that any rule says for a candidate. */
function rate(
  { records, side }: Question,
  candidate: CarriedRecord,
  definition: Reconciliation,
  reader: RuleReader,
): Suggestion {
  const rated = definition.rules
    .filter((rule) => rule.cardinality !== 'contra')
    .map((rule) => rateBy(rule, records, side, candidate, reader));
  return rated.reduce((best, each) => (each.score > best.score ? each : best));
}

function rateBy(
  rule: Rule,
  records: readonly CarriedRecord[],
  side: Side,
  candidate: CarriedRecord,
  reader: RuleReader,
): Suggestion {
  const first = records[0]!;
  const keys = reader.keys(first, side, rule);
  const theirs = reader.keys(candidate, otherSide(side), rule);
  const likes = keys.map((texts, i) => best(texts, theirs[i]!));
  const share = likes.reduce((sum, each) => sum + each.share, 0) / Math.max(1, likes.length);
  const reasons = likes.flatMap(({ words }, i) =>
    words === '' ? [] : [`${reader.keyNames(rule)[i]!} ${words}`],
  );

  let amountShare = 0.5;
  let difference: number | undefined;
  if (first.currency === candidate.currency) {
    const ours = records.reduce((sum, each) => sum + reader.value(each, side, rule), 0);
    const theirValue = reader.value(candidate, otherSide(side), rule);
    const apart = ours - theirValue;
    difference = side === 'left' ? apart : 0 - apart;
    amountShare = ours * theirValue < 0 ? 0 : Math.max(0, 1 - Math.abs(apart) / Math.max(1, Math.abs(ours)));
    const amount = formatMinor(Math.abs(apart), exponentOf(first.currency));
    reasons.push(apart === 0 ? 'the amounts agree' : `the amounts differ by ${amount} ${first.currency}`);
    if (ours * theirValue < 0) reasons.push('the signs are opposite');
  } else {
    reasons.push(`it is in another currency: ${candidate.currency}`);
  }
  const gap = Math.abs(first.time - candidate.time);
  const timeShare = 1 / (1 + gap / 86_400_000);
  reasons.push(
    gap === 0 ? 'the times agree' : `${roughly(gap)} ${candidate.time < first.time ? 'earlier' : 'later'}`,
  );
  // Equal amounts alone are common; near ones say little.
  const score =
    WEIGHTS.keys * share +
    WEIGHTS.amount * (amountShare === 1 ? 1 : amountShare ** 4) +
    WEIGHTS.time * timeShare;
  return {
    record: candidate,
    score: Math.round(score * 1000) / 1000,
    rule: rule.name,
    reasons,
    ...(difference === undefined ? {} : { difference }),
  };
}

function best(texts: readonly string[], theirs: readonly string[]) {
  let found = { share: 0, words: '' };
  for (const text of texts) {
    for (const other of theirs) {
      const like = likeness(text, other);
      if (like.share > found.share) found = like;
    }
  }
  return found;
}

/** Reads records by the rules of one reconciliation, each rule compiled once. */
class RuleReader {
  readonly #definition: Reconciliation;
  readonly #rules: RuleSet;
  readonly #calendars: Calendars;
  readonly #keys = new Map<string, readonly ((record: RecordFields) => readonly string[])[]>();

  constructor(definition: Reconciliation, rules: RuleSet) {
    this.#definition = definition;
    this.#rules = rules;
    this.#calendars = new Calendars(rules.calendars);
  }

  /** The texts of each key. */
  keys(record: CarriedRecord, side: Side, rule: Rule): readonly (readonly string[])[] {
    const name = `${side} ${rule.name}`;
    let compiled = this.#keys.get(name);
    if (compiled === undefined) {
      compiled = rule.keys.map((key) => compileExpression(expressionOf(key, side), this.#calendars));
      this.#keys.set(name, compiled);
    }
    const fields = fieldsOf(moneyRecord(record));
    if (!compileFilter(rule.where?.[side])(fields)) return compiled.map(() => []);
    const none = new Set(this.#definition.nullValues);
    return compiled.map((texts) => texts(fields).filter((text) => !none.has(text)));
  }

  keyNames(rule: Rule): string[] {
    return rule.keys.map((key) => {
      const field = expressionOf(key, 'left');
      const text = typeof field === 'string' ? field : 'field' in field ? field.field : 'settlement date';
      return text === 'references.reference' ? 'reference' : text;
    });
  }

  /** What the rule compares of a record, minor units. */
  value(record: CarriedRecord, side: Side, rule: Rule): number {
    const { negate, fees } = this.#definition[side];
    const { amount, fee, tax, original } = record;
    const compared = rule.compare?.[side] ?? 'amount';
    let value = amount;
    if (compared === 'fee') value = fee;
    else if (compared === 'net') value = amount - fee - tax;
    else if (compared === 'original') value = original?.amount ?? amount;
    else if (compared === 'expectedNet') {
      const contract = this.#rules.feeContracts?.[fees!];
      if (contract !== undefined) {
        const expected = roundFee(expectedFee(contract, fieldsOf(moneyRecord(record))));
        value = amount - expected - feeTax(contract, expected);
      }
    }
    return negate === true ? 0 - value : value;
  }
}

function moneyRecord(record: CarriedRecord): MoneyRecord {
  const { amount, fee, tax, original, groupTotal, version, ...rest } = record;
  return {
    ...(rest as unknown as MoneyRecord),
    ...(version === undefined ? {} : { version }),
    amount: BigInt(amount),
    fee: BigInt(fee),
    tax: BigInt(tax),
    ...(original === undefined ? {} : { original: { ...original, amount: BigInt(original.amount) } }),
    ...(groupTotal === undefined ? {} : { groupTotal: BigInt(groupTotal) }),
  };
}

function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

function earlier(a: CarriedRecord, b: CarriedRecord): number {
  return a.sequence - b.sequence || a.ordinal - b.ordinal;
}

/** A duration to the unit that says enough. */
function roughly(ms: number): string {
  const unit = ms >= 2 * 86_400_000 ? 86_400_000 : ms >= 3_600_000 ? 3_600_000 : 60_000;
  return durationText(Math.max(1, Math.round(ms / unit)) * unit);
}
