import type { Break, Match, Rule, RuleSet, Side } from '../../engine/domain/index.ts';
import { decidingFields } from '../../engine/rules/index.ts';
import { MapBase, refOf, type PeerSink, type Place } from './map-base.ts';
import { GroupTerms, type Group, type GroupBreak, type Member, type Sums } from './map-group.ts';
import type { Row } from './map-row.ts';

/**
 * Groups as a competent engineer would write them first: a Map from key text to the records with that key, added up
 * whenever the group is tried. For one reconciliation of one group rule.
 */
export class MapGroups extends MapBase<Member> {
  readonly #rule: Rule;
  readonly #terms: GroupTerms;
  readonly #fields: string[];
  readonly #groups = new Map<string, Group>();

  constructor(rules: RuleSet) {
    super(rules);
    this.#rule = this.definition.rules[0]!;
    this.#terms = new GroupTerms(rules);
    this.#fields = decidingFields(this.#rule);
  }

  protected arrive(row: Row, side: Side, sink: PeerSink): void {
    const key = this.keyOf(0, row, side);
    const due = this.dueOf(row, side);
    const group = key === undefined ? undefined : this.#groupOf(key);
    const value = this.#terms.valueOf(row, side);
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

  #completesAtArrival(group: Group): boolean {
    if (group.match !== undefined) return true;
    const { complete } = this.#rule;
    if (complete === 'onSum') return this.#terms.isWhole(group.left, group.right);
    return (
      complete === 'onSignal' &&
      this.#terms.isWhole(group.left, group.right) &&
      this.#terms.signal(group) === 'reached'
    );
  }

  #completesAtExpiry(group: Group): boolean {
    if (group.match !== undefined) return true;
    if (!this.#terms.isWhole(group.left, group.right)) return false;
    return this.#rule.complete !== 'onSignal' || this.#terms.signal(group) !== 'missing';
  }

  /** Matches what is unmatched of a group, with what was matched of it before, if the sums agree. */
  #try(group: Group, sink: PeerSink): boolean {
    const { match } = group;
    const left = match === undefined ? group.left : [...match.left, ...group.left];
    const right = match === undefined ? group.right : [...match.right, ...group.right];
    const sums = this.#terms.sums(left, right, match?.rate);
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
      currency: this.#terms.currencyOf(left, right),
      leftCurrency: this.#rule.fx?.from,
      legs: legs.map((leg) => ({ ...refOf(leg), allocated: leg.row.amount })),
      difference: sums.difference,
      causes: this.#terms.causes(left, right, sums),
      rate: sums.rate,
      lagMs: latest - earliest,
    };
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
    if (!this.#terms.isWhole(group.left, group.right) || this.#terms.signal(group) !== 'reached') return;
    if (!this.#terms.sums(group.left, group.right).agree) this.#breakGroup(group, sink);
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
    const sums = this.#terms.sums(left, right, isLate ? group.match?.rate : undefined);
    const leftCurrency = left.length === 0 ? undefined : this.#rule.fx?.from;
    const said = { currency: this.#terms.currencyOf(left, right), leftCurrency, amount: sums.difference };
    if (isLate)
      return {
        ...said,
        kind: 'lateMember',
        why: { rule, condition: 'lateMember', match: group.match!.place },
      };
    const why = this.#terms.why(left, right, sums);
    if (members.length === 1) return { kind: 'unmatched', currency, amount, why };
    const isPair = left.length === 1 && right.length === 1;
    return { ...said, kind: isPair || why.condition === 'sum' ? 'amount' : 'group', why };
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
