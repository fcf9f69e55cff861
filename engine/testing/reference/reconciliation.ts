import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_CALENDARS,
  expressionOf,
  type Cardinality,
  type Compared,
  type DateCondition,
  type FeeContract,
  type MoneyRecord,
  type Rates,
  type Reconciliation,
  type Rule,
  type RuleSet,
  type SettleDate,
  type Side,
} from '../../domain/index.ts';
import {
  Calendars,
  compileExpression,
  compileFilter,
  decidingFields,
  ratesInForce,
  ratesOfRule,
  type RecordFields,
} from '../../rules/index.ts';
import { byArrival, otherSide, type Group, type Item, type Place } from './state.ts';

type Expression = (record: RecordFields) => readonly string[];
type Predicate = (record: RecordFields) => boolean;

/** A rule with all that its words stand for. */
export interface ReferenceRule {
  readonly rule: Rule;
  readonly index: number;
  readonly reconciliation: ReferenceReconciliation;
  readonly cardinality: Cardinality;
  /** Whether it gathers groups: 1:N, N:1, N:M. */
  readonly gathers: boolean;
  /** What decides a match by it, for people. */
  readonly fields: readonly string[];
  readonly compare: { readonly left: Compared; readonly right: Compared };
  readonly dates: readonly DateCondition[];
  /** Of its table; they may be published while it is in force. */
  rates: Rates | undefined;
  readonly keysOf: (record: MoneyRecord, fields: RecordFields, side: Side) => readonly string[];
}

/** One reconciliation: its definition, and its unmatched records by lane, rule and key. */
export class ReferenceReconciliation {
  readonly definition: Reconciliation;
  /** The definition with all that it names, for comparing. */
  meaning: unknown;
  /** Its place among the configured ones. */
  index = 0;
  readonly rules: readonly ReferenceRule[];
  readonly calendars: Calendars;
  readonly contracts: { readonly left: FeeContract | undefined; readonly right: FeeContract | undefined };
  /** Places in memory: pending and broken. */
  open = 0;
  late = 0;
  /** The groups that live, by rule and key. */
  readonly groups = new Map<string, Group>();
  /** §F4: accepted records of a lane by the texts that make twins. */
  readonly twins = new Map<string, Item[]>();
  readonly #where: { readonly left: Predicate; readonly right: Predicate };
  /** Unmatched places by side, rule and key, in order of arrival. */
  readonly #chains = new Map<string, Place[]>();

  /** @throws CounterfoilError `invalidRule`, `invalidConfig` where the definition names what there is not */
  constructor(definition: Reconciliation, set: RuleSet) {
    this.definition = definition;
    this.meaning = meaningOf(definition, set);
    this.calendars = new Calendars(set.calendars);
    this.contracts = {
      left: contractOf(set, definition.left.fees),
      right: contractOf(set, definition.right.fees),
    };
    this.#where = {
      left: compileFilter(definition.left.where),
      right: compileFilter(definition.right.where),
    };
    this.rules = definition.rules.map((rule, index) => this.#compile(rule, index, set));
  }

  /** E7: goes on with the rates of a set that differs in nothing else. @returns the rules whose own rates differ */
  takeRates(next: RuleSet): readonly ReferenceRule[] {
    const ownOf = ({ rates, rule: { fx } }: ReferenceRule): Rates | undefined =>
      rates?.filter(({ from, to }) => from === fx?.from && to === fx.to);
    this.meaning = meaningOf(this.definition, next);
    return this.rules.filter((rule) => {
      const before = ownOf(rule);
      rule.rates = ratesOf(rule.rule, next);
      return !isDeepStrictEqual(ownOf(rule), before);
    });
  }

  get name(): string {
    return this.definition.name;
  }

  get pools(): readonly [string, string] {
    return [this.pool('left'), this.pool('right')];
  }

  pool(side: Side): string {
    return this.definition[side].pool ?? `${this.name}.${side}`;
  }

  /** A1: the side that takes a record, if one does. If both would, the left one does. */
  sideOf(record: MoneyRecord, fields: RecordFields): Side | undefined {
    const takes = (side: Side): boolean =>
      this.definition[side].sources.includes(record.source) && this.#where[side](fields);
    return takes('left') ? 'left' : takes('right') ? 'right' : undefined;
  }

  /** Unmatched records of a side with a key under a rule, in order of arrival. */
  chain(side: Side, rule: ReferenceRule, key: string): readonly Place[] {
    return this.#chains.get(`${side} ${rule.index} ${key}`) ?? [];
  }

  /** Unmatched records of the other side with a key of x's under a 1:1 rule. */
  counterparts(x: Place, rule: ReferenceRule): readonly Place[] {
    const [key] = x.keys[rule.index]!;
    return key === undefined ? [] : this.chain(otherSide(x.side), rule, key);
  }

  addToChains(x: Place, rule: ReferenceRule): void {
    const keys = x.keys[rule.index]!;
    if (keys.length === 0 || x.chains.has(rule)) return;
    x.chains.add(rule);
    for (const key of keys) {
      const chain = `${x.side} ${rule.index} ${key}`;
      const places = this.#chains.get(chain) ?? [];
      const after = places.findLastIndex((other) => byArrival(other.item, x.item) < 0);
      this.#chains.set(chain, places.toSpliced(after + 1, 0, x));
    }
  }

  removeFromChains(x: Place, rule: ReferenceRule): void {
    if (!x.chains.delete(rule)) return;
    for (const key of x.keys[rule.index]!) {
      const chain = `${x.side} ${rule.index} ${key}`;
      const rest = this.#chains.get(chain)!.filter((other) => other !== x);
      if (rest.length === 0) this.#chains.delete(chain);
      else this.#chains.set(chain, rest);
    }
  }

  #compile(rule: Rule, index: number, set: RuleSet): ReferenceRule {
    const cardinality = rule.cardinality ?? '1:1';
    const expressions = (side: Side): readonly Expression[] =>
      rule.keys.map((key) => compileExpression(expressionOf(key, side), this.calendars));
    const left = expressions('left');
    const right = expressions('right');
    const where = { left: compileFilter(rule.where?.left), right: compileFilter(rule.where?.right) };
    const compare = rule.compare ?? { left: 'amount', right: 'amount' };
    // A4: a rule is for a record that its filter selects and that has each of its keys.
    const keysOf = (record: MoneyRecord, fields: RecordFields, side: Side): readonly string[] => {
      if (rule.side !== undefined && rule.side !== side) return [];
      if (!where[side](fields)) return [];
      if (rule.fx !== undefined && fields.currency !== (side === 'left' ? rule.fx.from : rule.fx.to))
        return [];
      if (compare[side] === 'original' && fields.original === undefined) return [];
      const currency = compare[side] === 'original' ? fields.original!.currency : fields.currency;
      const start = rule.fx === undefined ? [record.account, currency] : [record.account];
      return this.#tuples(fields, side === 'left' ? left : right, start).map((tuple) =>
        JSON.stringify(tuple),
      );
    };
    return {
      rule,
      index,
      reconciliation: this,
      cardinality,
      gathers: cardinality !== '1:1' && cardinality !== 'contra',
      fields: decidingFields(rule),
      compare,
      dates: rule.dates ?? [],
      rates: ratesOf(rule, set),
      keysOf,
    };
  }

  /** Every tuple of texts, one of each expression; none if one of them has none that is no null value. */
  #tuples(fields: RecordFields, expressions: readonly Expression[], start: readonly string[]): string[][] {
    let tuples: string[][] = [[...start]];
    for (const expression of expressions) {
      const texts = expression(fields).filter(
        (text) => text !== '' && !this.definition.nullValues.includes(text),
      );
      tuples = tuples.flatMap((tuple) => texts.map((text) => [...tuple, text]));
    }
    return tuples;
  }
}

/** The table of rates that a rule asks for. */
function ratesOf({ fx }: Rule, set: RuleSet): Rates | undefined {
  return fx !== undefined && 'table' in fx.rate ? ratesInForce(set)?.[fx.rate.table] : undefined;
}

function contractOf(set: RuleSet, name: string | undefined): FeeContract | undefined {
  return name === undefined ? undefined : set.feeContracts?.[name];
}

/** A definition with the calendars, contracts and rates that it names. */
function meaningOf(definition: Reconciliation, set: RuleSet): unknown {
  const calendars = definition.rules.flatMap((rule) => [
    ...rule.keys.flatMap((key) => [
      ...settleDates(expressionOf(key, 'left')),
      ...settleDates(expressionOf(key, 'right')),
    ]),
    ...(rule.dates ?? []).flatMap((condition) => condition.calendar),
  ]);
  return {
    definition,
    calendars: calendars.map((name) => set.calendars?.[name] ?? DEFAULT_CALENDARS[name]),
    contracts: [contractOf(set, definition.left.fees), contractOf(set, definition.right.fees)],
    rates: definition.rules.map(({ fx }) => fx && ratesOfRule(set, fx)),
  };
}

function settleDates(expression: unknown): readonly string[] {
  const given = expression as { readonly settleDate?: SettleDate };
  return given.settleDate?.calendar ?? [];
}
