import type { MoneyRecord, Reconciliation, Rule, RuleSet, Side } from '../domain/index.ts';
import { localDayOf } from '../domain/index.ts';
import { toleranceLimit } from '../rules/index.ts';
import { MemberMaker, type Scene } from './random-members.ts';
import type { RuleKit } from './random-rule-language.ts';
import { comparedValue, converted, setComparedValue, setReportedCosts, type Draft } from './random-values.ts';

/** A record that waits to be told, until so many others have been at the earliest. */
export interface Planned {
  readonly record: MoneyRecord;
  readonly after: number;
}

const AMOUNTS = [60, 40, 100, 100, 30, 150, 10, 1, 99, 5000] as const;
const SIGNED = [60, 40, 100, -30, 30, -40, 150, -100, 10] as const;
/** No sum of some of them is the sum of others. */
const DISTINCT = [100, 200, 400, 800, 1600, 3200, 6400] as const;
const SHARED_TOKENS = ['1', '1', '2', '2', '3', '20', '301'] as const;

function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

/** Plans records that almost, or just, or not quite meet a rule, in any order of arrival. */
export class Planner {
  readonly #kit: RuleKit;
  readonly #members: MemberMaker;
  /** Whether a key may come again after its group was matched. */
  readonly #shares: boolean;
  #tokens = 400;

  constructor(kit: RuleKit) {
    this.#kit = kit;
    this.#members = new MemberMaker(kit);
    this.#shares =
      kit.features.has('late') || !(kit.features.has('groups') || kit.features.has('captureAll'));
  }

  plan(rules: RuleSet, time: number): Planned[] {
    const { random } = this.#kit;
    const reconciliation = random.pick(rules.reconciliations);
    const rule = random.pick(reconciliation.rules);
    const scene = this.#scene(rules, reconciliation, rule, time);
    switch (rule.cardinality) {
      case 'contra':
        return this.#contra(scene);
      case '1:N':
      case 'N:1':
      case 'N:M':
        return this.#group(scene);
      default:
        return this.#pair(scene);
    }
  }

  #scene(rules: RuleSet, reconciliation: Reconciliation, rule: Rule, time: number): Scene {
    const { random } = this.#kit;
    const several = random.chance(0.8) ? random.integer(2, 3) : 1;
    return {
      rules,
      reconciliation,
      rule,
      tokens: rule.keys.map(() => Array.from({ length: several }, () => this.#token())),
      account: random.pick(['a1', 'a1', 'a1', 'a2']),
      currency: random.pick(['AED', 'AED', 'AED', 'KWD', 'JPY']),
      kind: random.pick(['charge', 'charge', 'refund', 'bank']),
      time: time - random.integer(0, 2 * this.#kit.pace.moment),
      day: localDayOf(time, 0) + random.integer(0, 2),
    };
  }

  #token(): string {
    const { random } = this.#kit;
    if (this.#shares && random.chance(0.6)) return random.pick(SHARED_TOKENS);
    this.#tokens += 1;
    return String(this.#tokens);
  }

  /** Two records, and now and then a further one that could be either. */
  #pair(scene: Scene): Planned[] {
    const { random } = this.#kit;
    const first: Side = random.chance(0.5) ? 'left' : 'right';
    const [derived, other] = this.#inOrderOfDerivation(scene);
    const time = this.#edge(scene, derived);
    const made = this.#members.member(scene, derived);
    this.#members.deriveDay(scene, derived, made);
    const answer = this.#members.member(scene, other, made.time + time);
    const sides = derived === 'left' ? { left: [made], right: [answer] } : { left: [answer], right: [made] };
    for (const side of ['left', 'right'] as const) {
      for (const draft of sides[side]) setReportedCosts(scene, side, draft, random);
    }
    this.#balance(scene, sides);
    const drafts = first === 'left' ? [...sides.left, ...sides.right] : [...sides.right, ...sides.left];
    const unique = scene.rule.unique === true;
    if (random.chance(unique ? 0.35 : 0.12)) drafts.push(this.#likeness(random.pick(drafts)));
    if (unique && random.chance(0.1)) drafts.push(this.#likeness(random.pick(drafts)));
    return drafts.map((record, i) => ({ record, after: i === 0 ? 0 : random.integer(0, 8) }));
  }

  /** From the time of one side's record to the edge of the other's window, or near to it. */
  #edge({ reconciliation: { window } }: Scene, from: Side): number {
    const { random } = this.#kit;
    const sign = from === 'left' ? 1 : -1;
    return sign * random.pick([0, 0, window.after, -window.before]) + random.pick([0, 0, 0, 1, -1]);
  }

  #likeness(draft: Draft): Draft {
    const { random } = this.#kit;
    const amount = draft.amount + random.pick([0n, 0n, 1n]);
    return { ...draft, id: `${draft.id}-like`, amount, time: draft.time + random.pick([0, 0, 1]) };
  }

  /** Members of both sides; some missing, some that come too late and cancel or do not. */
  #group(scene: Scene): Planned[] {
    const { random, features } = this.#kit;
    const { cardinality, partial } = scene.rule;
    const one = cardinality === '1:N' ? 'left' : cardinality === 'N:1' ? 'right' : undefined;
    const many = one === undefined ? random.pick(['left', 'right'] as const) : otherSide(one);
    const [derived, other] = this.#inOrderOfDerivation(scene);
    const count = (side: Side): number =>
      side === one ? (random.chance(0.07) ? 2 : 1) : random.integer(1, one === undefined ? 3 : 4);
    const sides: { [side in Side]: Draft[] } = { left: [], right: [] };
    for (const side of [derived, other]) {
      const members = Array.from({ length: count(side) }, () => this.#members.member(scene, side));
      sides[side] = members;
      if (side === derived) this.#members.deriveDay(scene, side, members[0]!);
      // The record of the one side names all of several groups, each of the others belongs to one.
      if (side !== one)
        for (const draft of members)
          this.#members.rename(scene, side, draft, [random.pick(scene.tokens[0]!)]);
      for (const draft of members) setReportedCosts(scene, side, draft, random);
    }
    this.#balance(scene, sides);
    this.#signals(scene, many, sides);
    const extras =
      features.has('late') && random.chance(0.5) ? this.#extras(scene, many, partial === true) : [];
    const inTime = random.chance(0.5)
      ? [...sides[many], ...sides[otherSide(many)]]
      : [...sides[otherSide(many)], ...sides[many]];
    if (inTime.length > 2 && random.chance(0.12)) inTime.splice(random.integer(0, inTime.length - 1), 1);
    const delay = features.has('late') ? 8 : 2;
    const ordered = this.#shares || random.chance(0.5);
    return [
      ...inTime.map((record, i) => ({ record, after: ordered ? random.integer(0, delay) : i })),
      ...extras.map((record) => ({ record, after: random.integer(3, 30) })),
    ];
  }

  /** Members that belong to a group and whose sum is 0, or is not. */
  #extras(scene: Scene, many: Side, once: boolean): Draft[] {
    const { random } = this.#kit;
    const amount = random.pick(AMOUNTS);
    const values = random.pick(
      once ? [[amount]] : [[amount, -amount], [-amount], [amount], [amount, -30, 30 - amount]],
    );
    return values.map((value) => {
      const draft = this.#members.member(scene, random.chance(0.85) ? many : otherSide(many));
      setComparedValue(scene, many, draft, value);
      return draft;
    });
  }

  /** Counts and totals that are right, too small, too large, or missing. */
  #signals(scene: Scene, many: Side, sides: { readonly [side in Side]: readonly Draft[] }): void {
    const { random } = this.#kit;
    if (!random.chance(scene.rule.complete === 'onSignal' ? 0.8 : 0.15)) return;
    const tell = (draft: Draft, about: readonly Draft[]): void => {
      const total = about.reduce((sum, each) => sum + each.amount, 0n);
      if (random.chance(0.65))
        draft.groupCount = Math.max(0, about.length + random.pick([0, 0, 0, 0, -1, 1, 5]));
      else draft.groupTotal = random.pick([total, total, total, -total, total + 1n, 0n]);
    };
    const own = random.pick(sides[many]);
    tell(own, sides[many]);
    if (random.chance(0.4)) {
      const other = otherSide(many);
      tell(random.pick(sides[other]), scene.rule.cardinality === 'N:M' ? sides[other] : sides[many]);
    }
  }

  /** Amounts: one side's at random, the other's so that the sums agree, almost agree, or do not. */
  #balance(scene: Scene, sides: { readonly [side in Side]: readonly Draft[] }): void {
    const { random } = this.#kit;
    const { rule } = scene;
    const from: Side =
      rule.compare?.right === 'expectedNet' && rule.compare.left !== 'expectedNet' && !rule.fx
        ? 'right'
        : 'left';
    const given = sides[from];
    for (const [i, draft] of given.entries()) setComparedValue(scene, from, draft, this.#amount(i));
    let total = given.reduce((sum, draft) => sum + comparedValue(scene, from, draft), 0);
    if (from === 'left') total = converted(scene, total, sides);
    const limit = toleranceLimit(rule.tolerance, total, total, scene.currency);
    total += random.weighted([
      [6, 0],
      [1, limit],
      [1, -limit],
      [1, limit + 1],
      [0.7, -limit - 1],
      [0.5, random.pick([50, -50])],
      [0.2, -2 * total],
    ]);
    let rest = total;
    for (const [i, draft] of sides[otherSide(from)].entries()) {
      const last = i === sides[otherSide(from)].length - 1;
      const value = last ? rest : Math.trunc(rest / random.pick([2, 3, 4]));
      setComparedValue(scene, otherSide(from), draft, value);
      rest -= value;
    }
  }

  #amount(i: number): number {
    const { random } = this.#kit;
    if (!this.#shares) return DISTINCT[(i + random.integer(0, 2)) % DISTINCT.length]!;
    return random.pick(random.chance(0.6) ? AMOUNTS : SIGNED);
  }

  /** Records of one side that cancel each other, or almost. */
  #contra(scene: Scene): Planned[] {
    const { random } = this.#kit;
    const { side = 'left' } = scene.rule;
    const values = random.pick([
      [100, -100],
      [100, -100],
      [100, -60, -40],
      [100, -60],
      [100, -150],
      [5000, -4999],
      [0, 0],
    ] as const);
    return values.map((value, i) => {
      const draft = this.#members.member(scene, side);
      draft.amount = BigInt(random.chance(0.9) ? value : value + 1);
      return { record: draft, after: i === 0 ? 0 : random.integer(0, 20) };
    });
  }

  /** The side that a date is derived from first: records of the other must have that date. */
  #inOrderOfDerivation({ rule }: Scene): [Side, Side] {
    const derivedRight = rule.keys.some(
      (key) => typeof key === 'object' && typeof key.right === 'object' && 'settleDate' in key.right,
    );
    return derivedRight ? ['right', 'left'] : ['left', 'right'];
  }
}
