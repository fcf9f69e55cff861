import { DAY_MS, localDayOf, type MoneyRecord, type RuleSet } from '../domain/index.ts';
import type { Random } from './random.ts';

const AMOUNTS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  99n,
  100n,
  100n,
  100n,
  101n,
  149n,
  150n,
  151n,
  -100n,
  -150n,
  5000n,
];
const HUGE = BigInt(Number.MAX_SAFE_INTEGER);
const REFERENCES = ['k0', 'k1', 'k2', 'k3', '', 'NONREF'] as const;
const OFFSETS = [0, 0, 240, 330, -300] as const;
/** How many earlier records are remembered to be repeated, answered or contradicted. */
const MEMORY = 40;

/** Makes records that have much to do with those it made before. */
export class RandomRecords {
  readonly #random: Random;
  readonly #recent: MoneyRecord[] = [];
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(rules: RuleSet, logTime: number): MoneyRecord {
    const random = this.#random;
    const earlier = this.#recent.length > 0 ? random.pick(this.#recent) : undefined;
    if (earlier !== undefined && random.chance(0.04)) return earlier;
    const record = this.#fresh(rules, logTime, earlier);
    const made =
      earlier !== undefined && random.chance(0.04)
        ? { ...record, source: earlier.source, id: earlier.id }
        : record;
    this.#recent.push(made);
    if (this.#recent.length > MEMORY) this.#recent.shift();
    return made;
  }

  #fresh(rules: RuleSet, logTime: number, earlier: MoneyRecord | undefined): MoneyRecord {
    const random = this.#random;
    const answers = earlier !== undefined && random.chance(0.5) ? earlier : undefined;
    const invoice = random.pick(REFERENCES);
    const amount = this.#amount(answers);
    this.#made += 1;
    return {
      source: this.#source(rules, answers),
      id: answers !== undefined && random.chance(0.1) ? answers.id : `r${this.#made}`,
      account: answers?.account ?? random.pick(['a1', 'a1', 'a2']),
      kind: answers?.kind ?? random.pick(['charge', 'refund', 'bank', 'ledger'] as const),
      status: random.pick(['booked', 'booked', 'pending', 'void'] as const),
      currency: answers?.currency ?? random.pick(['AED', 'AED', 'AED', 'USD', 'KWD', 'JPY']),
      amount,
      // A net beyond the range of amounts is refused before it could reach a frame.
      fee: amount > 1_000_000n || amount < -1_000_000n ? 0n : random.pick([0n, 0n, 3n]),
      tax: 0n,
      ...this.#time(rules, logTime, answers),
      ...(random.chance(0.3) ? { valueDate: localDayOf(logTime, 0) + random.integer(-1, 1) } : {}),
      references: answers?.references ?? {
        reference: random.pick(REFERENCES),
        ...(invoice === '' ? {} : { invoice }),
      },
      ...(random.chance(0.1) ? { link: random.pick(['r1', 'r2']) } : {}),
      attributes: random.chance(0.2) ? { batch: random.pick(['b1', 'b2']) } : {},
    };
  }

  /** Any source; for an answer, mostly one of the other side. */
  #source(rules: RuleSet, answers: MoneyRecord | undefined): string {
    const random = this.#random;
    if (random.chance(0.02)) return 'stranger';
    if (answers !== undefined && random.chance(0.8)) {
      const { left, right } = random.pick(rules.reconciliations);
      if (left.sources.includes(answers.source)) return random.pick(right.sources);
      if (right.sources.includes(answers.source)) return random.pick(left.sources);
    }
    return random.pick(rules.sources).name;
  }

  #amount(answers: MoneyRecord | undefined): bigint {
    const random = this.#random;
    if (random.chance(0.01)) return random.pick([HUGE, -HUGE, HUGE - 1n]);
    if (answers === undefined || random.chance(0.2)) return random.pick(AMOUNTS);
    const near = answers.amount + BigInt(random.pick([0, 0, 0, 1, -1, 50, -50, 51, -51]));
    return near > HUGE || near < -HUGE ? answers.amount : near;
  }

  /** About now, long ago, in the far future; or on the edge of the window of the record that it answers. */
  #time(
    rules: RuleSet,
    logTime: number,
    answers: MoneyRecord | undefined,
  ): Pick<MoneyRecord, 'time' | 'precision' | 'offsetMinutes'> {
    const random = this.#random;
    const offsetMinutes = random.pick(OFFSETS);
    let time = logTime + this.#lag();
    if (answers !== undefined) {
      const { before, after } = random.pick(rules.reconciliations).window;
      time = answers.time + random.pick([0, before, -before, after, -after]) + random.pick([0, 0, 0, 1, -1]);
    }
    if (random.chance(0.85)) return { time, precision: 'instant', offsetMinutes };
    const start = localDayOf(time, offsetMinutes) * DAY_MS - offsetMinutes * 60_000;
    return { time: start, precision: 'day', offsetMinutes };
  }

  #lag(): number {
    const random = this.#random;
    return random.weighted([
      [60, -random.integer(0, 2000)],
      [20, -random.integer(0, 120_000)],
      [10, random.integer(0, 2000)],
      [5, -random.integer(0, 4) * DAY_MS],
      [2, random.pick([3_600_000, DAY_MS, 2 * DAY_MS]) + random.integer(-1, 1)],
      [1, 36 * 365 * DAY_MS],
    ]);
  }
}
