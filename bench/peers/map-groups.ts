import type { Break, Match, Rates, Rule, RuleSet, Side, Why } from '../../engine/domain/index.ts';
import { localDayOf } from '../../engine/domain/index.ts';
import { convert, decidingFields, publishedRate, toleranceLimit } from '../../engine/rules/index.ts';
import { MapBase, refOf, refuseUnknown, signsFit, type Held, type PeerSink, type Place } from './map-base.ts';
import type { Row } from './map-row.ts';

interface Member extends Held {
  readonly group: Group | undefined;
  /** What the rule compares of it, with the sign of its side. */
  readonly value: number;
  expired: boolean;
  break: GroupBreak | undefined;
}

/** The unmatched records of one key, in order of arrival, and what was matched of them. */
interface Group {
  readonly key: string;
  left: Member[];
  right: Member[];
  due: number;
  match:
    { place: Place; version: number; left: Member[]; right: Member[]; rate: string | undefined } | undefined;
  broken: GroupBreak | undefined;
}

interface GroupBreak {
  readonly place: Place;
  version: number;
  readonly due: number;
  /** Undefined: one record alone. */
  readonly group: Group | undefined;
  readonly isLate: boolean;
  members: Member[];
}

/** What the records of both sides add up to. */
interface Sums {
  readonly left: number;
  readonly right: number;
  readonly difference: number;
  readonly limit: number;
  readonly agree: boolean;
  readonly rate: string | undefined;
  readonly rateMissing: boolean;
}

/**
 * Groups as a competent engineer would write them first: a Map from key text to the records with that key, added up
 * whenever the group is tried. For one reconciliation of one group rule.
 */
export class MapGroups extends MapBase<Member> {
  readonly #rule: Rule;
  readonly #rates: Rates | undefined;
  readonly #fields: string[];
  readonly #groups = new Map<string, Group>();

  constructor(rules: RuleSet) {
    super(rules);
    this.#rule = this.definition.rules[0]!;
    refuseUnknown(this.#rule, ['name', 'keys', 'tolerance', 'cardinality', 'complete', 'compare', 'fx']);
    const rate = this.#rule.fx?.rate;
    if (rate !== undefined && 'table' in rate) this.#rates = rules.rates?.[rate.table];
    this.#fields = decidingFields(this.#rule);
  }

  protected arrive(row: Row, side: Side, sink: PeerSink): void {
    const key = this.keyOf(0, row, side);
    const due = this.dueOf(row, side);
    const group = key === undefined ? undefined : this.#groupOf(key);
    const value = this.#valueOf(row, side);
    const x: Member = { row, side, due, group, value, gone: false, expired: false, break: undefined };
    if (group !== undefined) {
      group[side].push(x);
      group.due = Math.max(group.due, due);
      if (this.#completesAtArrival(group) && this.#try(group, sink)) return;
    }
    this.schedule(x, due);
    if (group !== undefined && this.#rule.complete === 'onSignal' && group.match === undefined)
      this.#breakOnSignal(group, sink);
  }

  protected fire(x: Member, time: number, sink: PeerSink): void {
    const { group } = x;
    const { retain } = this.definition;
    if (x.gone) {
      if (group !== undefined) this.#endMemory(group, x);
      return;
    }
    if (x.expired) {
      const until = Math.max(x.due, group?.due ?? x.due) + retain;
      if (until > time) this.schedule(x, until);
      else this.#evict(x);
      return;
    }
    if (group !== undefined) {
      if (group.due > time) {
        this.schedule(x, group.due);
        return;
      }
      if (this.#completesAtExpiry(group) && this.#try(group, sink)) return;
    }
    x.expired = true;
    if (x.break === undefined) this.#breakUp(x, sink);
    this.schedule(x, x.due + retain);
  }

  #groupOf(key: string): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, left: [], right: [], due: -Infinity, match: undefined, broken: undefined };
      this.#groups.set(key, group);
    }
    return group;
  }

  #valueOf(row: Row, side: Side): number {
    const compared = this.#rule.compare?.[side] ?? 'amount';
    if (compared !== 'amount' && compared !== 'net')
      throw new Error('the Map matcher compares amounts and nets');
    const value = compared === 'net' ? row.amount - row.fee - row.tax : row.amount;
    return this.definition[side].negate === true ? 0 - value : value;
  }

  #completesAtArrival(group: Group): boolean {
    if (group.match !== undefined) return true;
    const { complete } = this.#rule;
    if (complete === 'onSum') return this.#isWhole(group.left, group.right);
    return (
      complete === 'onSignal' && this.#isWhole(group.left, group.right) && this.#signal(group) === 'reached'
    );
  }

  #completesAtExpiry(group: Group): boolean {
    if (group.match !== undefined) return true;
    if (!this.#isWhole(group.left, group.right)) return false;
    return this.#rule.complete !== 'onSignal' || this.#signal(group) !== 'missing';
  }

  #isWhole(left: readonly Member[], right: readonly Member[]): boolean {
    const { cardinality } = this.#rule;
    if (cardinality === '1:N' && left.length !== 1) return false;
    if (cardinality === 'N:1' && right.length !== 1) return false;
    return left.length > 0 && right.length > 0;
  }

  /** Whether as many members are there as the group's records say. */
  #signal({
    left,
    right,
  }: {
    left: readonly Member[];
    right: readonly Member[];
  }): 'none' | 'missing' | 'reached' {
    let wanted: number | undefined;
    for (const members of [left, right]) {
      for (const { row } of members) {
        if (row.groupCount !== undefined) wanted = Math.max(wanted ?? 0, row.groupCount);
      }
    }
    if (wanted === undefined) return 'none';
    const many = this.#rule.cardinality === '1:N' ? right : left;
    return many.length >= wanted ? 'reached' : 'missing';
  }

  /** Adds the records up. @param frozen the rate of an earlier version of their match */
  #sums(left: readonly Member[], right: readonly Member[], frozen?: string): Sums {
    const { fx, tolerance } = this.#rule;
    let leftSum = 0;
    for (const { value } of left) leftSum += value;
    let rightSum = 0;
    for (const { value } of right) rightSum += value;
    let rate: string | undefined;
    if (fx !== undefined && left.length > 0) {
      const { time, offsetMinutes } = left[0]!.row;
      rate = frozen ?? publishedRate(this.#rates, fx, localDayOf(time, offsetMinutes));
      leftSum = rate === undefined ? 0 : convert(leftSum, rate, fx.from, fx.to);
    }
    const rateMissing = fx !== undefined && left.length > 0 && rate === undefined;
    const difference = leftSum - rightSum;
    const limit = toleranceLimit(tolerance, leftSum, rightSum, this.#currencyOf(left, right));
    const agree = !rateMissing && signsFit(leftSum, rightSum) && Math.abs(difference) <= limit;
    return { left: leftSum, right: rightSum, difference, limit, agree, rate, rateMissing };
  }

  #currencyOf(left: readonly Member[], right: readonly Member[]): string {
    return this.#rule.fx?.to ?? (right[0] ?? left[0])!.row.currency;
  }

  /** Matches what is unmatched of a group, with what was matched of it before, if the sums agree. */
  #try(group: Group, sink: PeerSink): boolean {
    const { match } = group;
    const left = match === undefined ? group.left : [...match.left, ...group.left];
    const right = match === undefined ? group.right : [...match.right, ...group.right];
    const sums = this.#sums(left, right, match?.rate);
    if (!sums.agree) return false;
    const fresh = [...group.left, ...group.right];
    const place = this.nextPlace();
    group.match = {
      place: match?.place ?? place,
      version: (match?.version ?? 0) + 1,
      left,
      right,
      rate: sums.rate,
    };
    group.left = [];
    group.right = [];
    sink.match(this.#matchOf(group.match, place, sums));
    for (const x of fresh) x.gone = true;
    for (const x of fresh) {
      const broken = x.break;
      x.break = undefined;
      if (broken === undefined || broken.members.length === 0) continue;
      broken.version++;
      sink.break(this.#version(broken, group.match.place));
      broken.members = [];
      if (group.broken === broken) group.broken = undefined;
    }
    if (match === undefined) this.schedule(left[0]!, group.due + this.definition.retain);
    return true;
  }

  #matchOf(match: NonNullable<Group['match']>, place: Place, sums: Sums): Match {
    const { left, right } = match;
    const legs = [...left, ...right];
    let earliest = Infinity;
    let latest = -Infinity;
    for (const { row } of legs) {
      earliest = Math.min(earliest, row.time);
      latest = Math.max(latest, row.time);
    }
    return {
      ...place,
      logTime: 0,
      state: 'matched',
      matchSequence: match.place.sequence,
      matchN: match.place.n,
      version: match.version,
      reconciliation: this.definition.name,
      pools: this.pools,
      rule: this.#rule.name,
      fields: this.#fields,
      account: legs[0]!.row.account,
      currency: this.#currencyOf(left, right),
      leftCurrency: this.#rule.fx?.from,
      legs: legs.map((leg) => ({ ...refOf(leg), allocated: leg.row.amount })),
      difference: sums.difference,
      causes: this.#causes(left, right, sums),
      rate: sums.rate,
      lagMs: latest - earliest,
    };
  }

  #causes(left: readonly Member[], right: readonly Member[], sums: Sums): Match['causes'] {
    const { fx, compare } = this.#rule;
    const causes: { fee?: number; tax?: number; fx?: number; tolerance?: number } = {};
    for (const name of ['fee', 'tax'] as const) {
      const taken = (side: Side, members: readonly Member[]): number => {
        if (compare?.[side] !== 'net') return 0;
        let sum = 0;
        for (const { row } of members) sum += row[name];
        return this.definition[side].negate === true ? 0 - sum : sum;
      };
      const ofLeft = taken('left', left);
      const converted = fx === undefined ? ofLeft : convert(ofLeft, sums.rate!, fx.from, fx.to);
      const cause = converted - taken('right', right);
      if (cause !== 0) causes[name] = cause;
    }
    if (sums.difference !== 0) causes[fx === undefined ? 'tolerance' : 'fx'] = sums.difference;
    return causes;
  }

  #breakUp(x: Member, sink: PeerSink): void {
    const { group } = x;
    if (group !== undefined && (group.match !== undefined || group.left.length + group.right.length >= 2)) {
      this.#breakGroup(group, sink);
      return;
    }
    const place = this.nextPlace();
    x.break = { place, version: 1, due: x.due, group: undefined, isLate: false, members: [x] };
    sink.break(this.#version(x.break, undefined, place));
  }

  /** A group that is all there does not wait for the end of its window to break. */
  #breakOnSignal(group: Group, sink: PeerSink): void {
    if (!this.#isWhole(group.left, group.right) || this.#signal(group) !== 'reached') return;
    if (!this.#sums(group.left, group.right).agree) this.#breakGroup(group, sink);
  }

  #breakGroup(group: Group, sink: PeerSink): void {
    const free = [...group.left, ...group.right].filter((x) => x.break === undefined);
    if (free.length === 0) return;
    const place = this.nextPlace();
    if (group.broken === undefined) {
      const isLate = group.match !== undefined;
      group.broken = { place, version: 1, due: group.due, group, isLate, members: free };
    } else {
      const bySide = (x: Member): number => (x.side === 'left' ? 0 : 1);
      group.broken.members.push(...free);
      group.broken.members.sort((a, b) => bySide(a) - bySide(b) || a.row.sequence - b.row.sequence);
      group.broken.version++;
    }
    for (const x of free) x.break = group.broken;
    sink.break(this.#version(group.broken, undefined, place));
  }

  #version(broken: GroupBreak, resolvedBy?: Place, place: Place = this.nextPlace()): Break {
    const { members } = broken;
    const first = members[0]!.row;
    return {
      ...place,
      logTime: 0,
      breakSequence: broken.place.sequence,
      breakN: broken.place.n,
      version: broken.version,
      state: resolvedBy === undefined ? 'open' : 'resolved',
      reconciliation: this.definition.name,
      pools: this.pools,
      account: first.account,
      members: members.map((x) => ({ ...refOf(x), amount: x.row.amount })),
      dueTime: broken.due,
      reason: '',
      ...this.#said(broken),
      ...(resolvedBy === undefined ? {} : { resolvedBy }),
    };
  }

  #said({
    group,
    isLate,
    members,
  }: GroupBreak): Pick<Break, 'kind' | 'currency' | 'leftCurrency' | 'amount' | 'why'> {
    const rule = this.#rule.name;
    const { amount, currency } = members[0]!.row;
    if (group === undefined)
      return { kind: 'unmatched', currency, amount, why: { rule, condition: 'noCounterpart' } };
    const left = members.filter(({ side }) => side === 'left');
    const right = members.filter(({ side }) => side === 'right');
    const sums = this.#sums(left, right, isLate ? group.match?.rate : undefined);
    const leftCurrency = left.length === 0 ? undefined : this.#rule.fx?.from;
    const said = { currency: this.#currencyOf(left, right), leftCurrency, amount: sums.difference };
    if (isLate)
      return {
        ...said,
        kind: 'lateMember',
        why: { rule, condition: 'lateMember', match: group.match!.place },
      };
    const why = this.#why(left, right, sums);
    if (members.length === 1) return { kind: 'unmatched', currency, amount, why };
    const isPair = left.length === 1 && right.length === 1;
    return { ...said, kind: isPair || why.condition === 'sum' ? 'amount' : 'group', why };
  }

  #why(left: readonly Member[], right: readonly Member[], sums: Sums): Why {
    const { name: rule, cardinality, complete } = this.#rule;
    const apart = { difference: sums.difference, tolerance: sums.limit };
    if (sums.rateMissing) return { rule, condition: 'rateMissing' };
    if ((cardinality === '1:N' && left.length > 1) || (cardinality === 'N:1' && right.length > 1))
      return { rule, condition: 'cardinality', ...apart };
    if (complete === 'onSignal' && this.#signal({ left, right }) === 'missing')
      return { rule, condition: 'signal', ...apart };
    if (left.length === 0 || right.length === 0) return { rule, condition: 'noCounterpart' };
    return { rule, condition: 'sum', ...apart };
  }

  /** A record leaves memory with all that are in its break. */
  #evict(x: Member): void {
    const leaving = x.break?.members ?? [x];
    for (const each of leaving) each.gone = true;
    const { group } = x;
    if (group === undefined) return;
    if (group.broken === x.break) group.broken = undefined;
    group.left = group.left.filter((each) => !each.gone);
    group.right = group.right.filter((each) => !each.gone);
    this.#endIfOver(group);
  }

  /** The first leg of a matched group stands for the memory of it. */
  #endMemory(group: Group, x: Member): void {
    if (group.match?.left[0] !== x) return;
    const ends = group.due + this.definition.retain;
    if (this.watermark > ends) this.#endIfOver(group);
    else this.schedule(x, ends);
  }

  #endIfOver(group: Group): void {
    if (group.left.length > 0 || group.right.length > 0) return;
    if (group.match !== undefined && this.watermark <= group.due + this.definition.retain) return;
    if (this.#groups.get(group.key) === group) this.#groups.delete(group.key);
  }
}
