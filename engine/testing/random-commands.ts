import type { Reconciliation, RuleSet, Side } from '../domain/index.ts';
import type { Random } from './random.ts';
import type { TraceCommand } from './trace-commands.ts';
import type { Named, RecordName, TraceLedger } from './trace-ledger.ts';

/** What is far back has left memory, most likely. */
const RECENT = 40;

const NONSENSE: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '{"kind":"unmatch"}',
  '{"command":"reopen"}',
  '{"kind":"match","id":"x","by":"b","why":"w","reconciliation":"rec-0","records":[]}',
  '{"kind":"erase","id":"x","by":"b","why":"w"}',
  '{"kind":"rules","id":"x1","by":"b","why":"w","json":"{","hash":"h"}',
  '{"kind":"rules","id":"x2","by":"b","why":"w","json":"{}","hash":"h"}',
];

type LogRecord = ReturnType<TraceLedger['records']>[number];

/** Makes commands about what a log has brought so far: most of them make sense. */
export class RandomCommands {
  readonly #random: Random;
  readonly #ledger: TraceLedger;
  #made = 0;

  constructor(random: Random, ledger: TraceLedger) {
    this.#random = random;
    this.#ledger = ledger;
  }

  /** @param changed makes rules that a command may bring */
  next(rules: RuleSet, changed: (rules: RuleSet) => RuleSet): TraceCommand {
    const random = this.#random;
    const kind = random.weighted([
      [5, 'match'],
      [4, 'adjust'],
      [4, 'writeOff'],
      [7, 'unmatch'],
      [4, 'reopen'],
      [3, 'assignReason'],
      [2, 'rules'],
      [1, 'raw'],
    ] as const);
    if (kind === 'raw') return { kind, json: random.pick(NONSENSE) };
    const common = this.#common();
    const reconciliation = random.pick(rules.reconciliations);
    const name = random.chance(0.03) ? 'nowhere' : reconciliation.name;
    switch (kind) {
      case 'match':
      case 'adjust':
      case 'writeOff':
        return { ...common, kind, reconciliation: name, records: this.#open(reconciliation, kind) };
      case 'unmatch':
        return {
          ...common,
          kind,
          match: { reconciliation: name, leg: this.#matchedLeg(reconciliation.name) },
          versionOffset: random.pick([0, 0, 0, 0, -1, 1]),
          ...(random.chance(0.08) ? { without: random.integer(0, 2) } : {}),
          ...(random.chance(0.04) ? { otherSide: true } : {}),
        };
      case 'reopen':
        return random.chance(0.5)
          ? {
              ...common,
              kind,
              reconciliation: name,
              match: { reconciliation: name, leg: this.#matchedLeg(reconciliation.name) },
            }
          : { ...common, kind, reconciliation: name, records: this.#gone(reconciliation) };
      case 'assignReason':
        return {
          ...common,
          kind,
          reconciliation: name,
          reason: random.pick(['bank fee', 'typo']),
          ...this.#member(name),
        };
      case 'rules':
        return { ...common, kind, rules: changed(rules) };
    }
  }

  #common(): { id: string; by: string; why: string } {
    const random = this.#random;
    // Now and then a command comes twice.
    if (!random.chance(0.05)) this.#made += 1;
    return { id: `c${this.#made}`, by: random.pick(['ana', 'job']), why: 'as agreed' };
  }

  /** Records that are likely open, preferably of one account and currency and, to match, of sums that agree. */
  #open(reconciliation: Reconciliation, kind: 'match' | 'adjust' | 'writeOff'): RecordName[] {
    const random = this.#random;
    const open = this.#recent().filter((each) => !this.#ledger.isMatched(reconciliation.name, each));
    const selected = open.filter((each) => sidesOf(reconciliation, each.source).length > 0);
    const pool = selected.length > 0 && random.chance(0.95) ? selected : open;
    if (pool.length === 0) return [this.#nobody()];
    const pairs = kind === 'match' && random.chance(0.85) ? agreeingPairs(reconciliation, pool) : [];
    const chosen = pairs.length > 0 ? [...random.pick(pairs)] : this.#alike(pool, kind);
    const names = chosen.map((each) => this.#ledger.nameOf(each));
    if (random.chance(0.03)) names.push(names[0]!);
    if (random.chance(0.03)) names.push(this.#nobody());
    return names;
  }

  /** Some records of one account and currency, with now and then another between them. */
  #alike(pool: readonly LogRecord[], kind: TraceCommand['kind']): LogRecord[] {
    const random = this.#random;
    const first = random.pick(pool);
    const others = pool.filter((each) => each !== first && (random.chance(0.05) || isAlike(each, first)));
    const count = kind === 'writeOff' ? random.integer(0, 2) : random.pick([1, 1, 1, 2, 3, 0]);
    const chosen = [first];
    while (chosen.length <= count && others.length > 0) {
      chosen.push(others.splice(random.integer(0, others.length - 1), 1)[0]!);
    }
    return chosen;
  }

  #recent(): LogRecord[] {
    return this.#ledger.records().slice(-RECENT);
  }

  #matchedLeg(reconciliation: string): RecordName {
    const random = this.#random;
    const matches = this.#ledger
      .matches()
      .filter((each) => each.reconciliation === reconciliation || random.chance(0.02));
    if (matches.length === 0) return this.#nobody();
    const match = random.chance(0.6) ? random.pick(matches.slice(-5)) : random.pick(matches);
    return this.#ledger.nameOf(random.pick(match.legs));
  }

  /** Records that were written off, or matched, or anything else. */
  #gone(reconciliation: Reconciliation): { side: Side; record: RecordName }[] {
    const random = this.#random;
    const writtenOff = this.#ledger
      .breaks()
      .filter((each) => each.state === 'writtenOff' && each.reconciliation === reconciliation.name);
    if (writtenOff.length > 0 && random.chance(0.8)) {
      const { members } = random.pick(writtenOff);
      return members.map((each) => ({ side: each.side, record: this.#ledger.nameOf(each) }));
    }
    const all = this.#recent();
    if (all.length === 0) return [{ side: 'left', record: this.#nobody() }];
    const one = random.pick(all);
    const side = sidesOf(reconciliation, one.source)[0] ?? random.pick(['left', 'right'] as const);
    return [{ side, record: this.#ledger.nameOf(one) }];
  }

  #member(reconciliation: string): { member: RecordName; record?: RecordName } {
    const random = this.#random;
    const breaks = this.#ledger
      .breaks()
      .filter(
        (each) => each.reconciliation === reconciliation && (each.state === 'open' || random.chance(0.1)),
      );
    if (breaks.length === 0) return { member: this.#nobody() };
    const { members } = random.pick(breaks.slice(-6));
    const name = (place: Named): RecordName => this.#ledger.nameOf(place);
    const [member, record] = [random.pick(members), random.pick(members)].map(name);
    return random.chance(0.2) ? { member: member!, record: record! } : { member: member! };
  }

  #nobody(): RecordName {
    return { source: 's0', id: 'nobody', occurrence: 0 };
  }
}

/** Records of both sides with equal amounts, or of one side that cancel each other. */
function agreeingPairs(reconciliation: Reconciliation, pool: readonly LogRecord[]): [LogRecord, LogRecord][] {
  const { left, right } = reconciliation;
  const signed = (each: LogRecord): bigint => {
    const side = sidesOf(reconciliation, each.source)[0] === 'left' ? left : right;
    const amount = side === left ? each.amount : -each.amount;
    return side.negate === true ? -amount : amount;
  };
  return pool.flatMap((a, i) =>
    pool
      .slice(i + 1)
      .filter((b) => isAlike(a, b) && signed(a) + signed(b) === 0n)
      .map((b): [LogRecord, LogRecord] => [a, b]),
  );
}

function isAlike(a: LogRecord, b: LogRecord): boolean {
  return a.account === b.account && a.currency === b.currency;
}

function sidesOf({ left, right }: Reconciliation, source: string): Side[] {
  return [
    ...(left.sources.includes(source) ? (['left'] as const) : []),
    ...(right.sources.includes(source) ? (['right'] as const) : []),
  ];
}
