import { MAX_MINOR, type MoneyRecord, type RuleSet } from '../domain/index.ts';
import { Planner, type Planned } from './random-plans.ts';
import { RandomRecords } from './random-records.ts';
import type { RuleKit } from './random-rule-language.ts';
import type { Draft } from './random-values.ts';

/** How many earlier records are remembered to be amended, replaced and repeated. */
const MEMORY = 30;
/** As many wait to be told before anything new is planned. */
const MOST_PLANNED = 10;

/** Makes records in which the kit's features are common, between others that mean nothing. */
export class FeatureRecords {
  readonly #kit: RuleKit;
  readonly #planner: Planner;
  readonly #noise: RandomRecords;
  #planned: Planned[] = [];
  readonly #recent: MoneyRecord[] = [];
  /** Whether records that nobody planned may get into groups. */
  readonly #disturbs: boolean;
  #made = 0;
  #variants = 0;

  constructor(kit: RuleKit) {
    this.#kit = kit;
    this.#planner = new Planner(kit);
    this.#noise = new RandomRecords(kit.random);
    const { features } = kit;
    this.#disturbs = features.has('late') || !(features.has('groups') || features.has('captureAll'));
  }

  next(rules: RuleSet, logTime: number): MoneyRecord {
    this.#made += 1;
    const record =
      this.#variant(rules) ?? this.#crowded(this.#due(logTime) ?? this.#noiseOrPlan(rules, logTime));
    this.#recent.push(record);
    if (this.#recent.length > MEMORY) this.#recent.shift();
    return record;
  }

  /** An earlier record again: under a higher version, by a final source, as a twin, or just repeated. */
  #variant(rules: RuleSet): MoneyRecord | undefined {
    const { random, features } = this.#kit;
    if (this.#recent.length === 0 || !random.chance(0.14)) return undefined;
    const earlier = random.pick(this.#recent);
    const source = rules.sources.find((each) => each.name === earlier.source);
    if (features.has('replace') && source?.amends !== undefined && random.chance(0.7))
      return this.#amendment(earlier);
    if (features.has('replace') && random.chance(0.6)) return this.#replacement(rules, earlier);
    if (features.has('twins') && random.chance(0.7)) {
      this.#variants += 1;
      const later = random.pick([0, 1, this.#kit.pace.moment, -1]);
      return { ...earlier, id: `t${this.#variants}`, time: earlier.time + later };
    }
    return random.chance(0.2) ? earlier : undefined;
  }

  /** Now and then a record has references for further rules, so that several in parts compete for it. */
  #crowded(record: MoneyRecord): MoneyRecord {
    const { random, features } = this.#kit;
    if (!features.has('partial') || !this.#disturbs || !random.chance(0.4)) return record;
    const further = { reference: random.pick(['1', '2', '3']), invoice: random.pick(['1', '2', '3']) };
    return { ...record, references: { ...further, ...record.references } };
  }

  #amendment(earlier: MoneyRecord): MoneyRecord {
    const { random } = this.#kit;
    const version = Math.max(0, (earlier.version ?? 0) + random.pick([1, 1, 1, 2, 0, -1]));
    return { ...this.#changed(earlier), ...(version === 0 ? {} : { version }) };
  }

  #changed(earlier: MoneyRecord): MoneyRecord {
    const { random, pace } = this.#kit;
    const changed: Draft = { ...earlier };
    const more = random.pick([0n, 1n, -1n, 50n, 5000n]);
    if (random.chance(0.5) && isMoney(changed.amount + more)) changed.amount += more;
    if (random.chance(0.3)) changed.time += random.pick([0, 1, pace.moment]);
    if (random.chance(0.1))
      changed.references = { ...changed.references, reference: random.pick(['1', '2', 'k1']) };
    if (random.chance(0.1)) changed.status = random.pick(['booked', 'void']);
    if (random.chance(0.05)) changed.currency = random.pick(['AED', 'USD']);
    if (random.chance(0.03)) changed.account = random.pick(['a1', 'a2']);
    return changed;
  }

  /** A record of the same keys of a source that supersedes this one's, or that this one's supersedes. */
  #replacement(rules: RuleSet, earlier: MoneyRecord): MoneyRecord | undefined {
    const { random } = this.#kit;
    const finals = rules.sources.filter(({ supersedes }) => supersedes?.sources.includes(earlier.source));
    const interims = rules.sources.find((each) => each.name === earlier.source)?.supersedes?.sources ?? [];
    const sources = [...finals.map((each) => each.name), ...(random.chance(0.3) ? interims : [])];
    if (sources.length === 0) return undefined;
    this.#variants += 1;
    const source = random.pick(sources);
    return { ...(random.chance(0.5) ? earlier : this.#changed(earlier)), source, id: `f${this.#variants}` };
  }

  #due(logTime: number): MoneyRecord | undefined {
    const { random } = this.#kit;
    const due = this.#planned.filter((each) => each.after <= this.#made);
    if (due.length === 0 || !random.chance(0.75)) return undefined;
    const planned = random.pick(due);
    this.#planned = this.#planned.filter((each) => each !== planned);
    // Some wait for long: what is told then is told as it was planned, late.
    return logTime < planned.record.time && random.chance(0.1)
      ? { ...planned.record, time: logTime }
      : planned.record;
  }

  #noiseOrPlan(rules: RuleSet, logTime: number): MoneyRecord {
    const { random } = this.#kit;
    if (this.#planned.length >= MOST_PLANNED || random.chance(0.15)) return this.#unplanned(rules, logTime);
    const [first, ...others] = this.#planner.plan(rules, logTime);
    for (const { record, after } of others) this.#planned.push({ record, after: this.#made + after });
    return first!.record;
  }

  #unplanned(rules: RuleSet, logTime: number): MoneyRecord {
    const { random } = this.#kit;
    const noise = this.#noise.next(rules, logTime);
    if (!this.#disturbs) {
      const bare: Draft = { ...noise, references: {}, attributes: {} };
      delete bare.link;
      return bare;
    }
    if (random.chance(0.5)) return noise;
    const reference = random.pick(['1', '2', '3', 'ORD-1', 'ORD-2/ORD-3', ' 20 ']);
    return { ...noise, references: { ...noise.references, reference } };
  }
}

/** Whether an amount and its net, a little away, stay within what a record may hold. */
function isMoney(amount: bigint): boolean {
  return amount < MAX_MINOR / 2n && amount > -MAX_MINOR / 2n;
}
