import { DAY_MS } from '../../../engine/domain/index.ts';
import { Seeded } from '../seeded.ts';
import { BANK, PROVIDERS } from './happenings.ts';
import type { ExpectedRecord, Happening, Movement, Provider, ScenarioSource } from './happenings.ts';
import { lifeOf } from './payments.ts';
import { payoutsOf } from './payouts.ts';
import { paymentOf } from './sales.ts';

export * from './happenings.ts';
export { rateToDirhams } from './money.ts';

export interface ScenarioOptions {
  /** The same seed, with the same other options, gives the same world. */
  readonly seed: number;
  /** How many sales there are, over all providers. */
  readonly payments: number;
  /** Start of the first day, epoch milliseconds. Default: midnight UTC of 2 November 2026. */
  readonly startMs?: number;
  /** How long sales go on; what comes of them later is part of the scenario too. Default: 5 days. */
  readonly spanMs?: number;
  /** What would happen later than this is left out, epoch milliseconds. Default: nothing is. */
  readonly untilMs?: number;
  readonly providers?: readonly Provider[];
  readonly merchants?: readonly string[];
}

/** A small world: what happens in it, and what each source must have told of it in the end. */
export interface Scenario {
  /** In order of time. */
  readonly happenings: readonly Happening[];
  /** When the last thing happens, epoch milliseconds. */
  readonly endMs: number;
  /** The records that a source must bring, in order of time: no more, no fewer. */
  ledger(source: ScenarioSource): readonly ExpectedRecord[];
}

const DEFAULT_START_MS = Date.UTC(2026, 10, 2);

/** What of its movements a provider lets a merchant see through its API. */
const REPORTED: {
  readonly [provider in Provider]: {
    readonly hasFees: boolean;
    readonly kinds?: readonly string[];
    /** A refund that fails is no other movement there, but a refund that came to nothing. */
    readonly voidsRefunds?: boolean;
    /** A payout's trace id is not told with the payout. */
    readonly tracesLater?: boolean;
  };
} = {
  stripe: { hasFees: true, tracesLater: true },
  paypal: { hasFees: true },
  // An acquirer's gateway knows sales; fees, disputes and settlements are in the acquirer's files.
  networkInternational: { hasFees: false, kinds: ['charge', 'refund'], voidsRefunds: true },
};

/** Makes a world of merchants who sell through several payment companies and are paid out to their banks. Pure. */
export function createScenario(options: ScenarioOptions): Scenario {
  const {
    seed,
    payments,
    startMs = DEFAULT_START_MS,
    spanMs = 5 * DAY_MS,
    untilMs = Infinity,
    providers = PROVIDERS,
    merchants = ['souk', 'dune'],
  } = options;
  const random = new Seeded(seed, 'sales');
  const all: Happening[] = [];
  for (let n = 0; n < payments; n++) {
    const atMs = startMs + Math.floor((random.next() * spanMs) / 1000) * 1000;
    const payment = paymentOf(`p${n}`, random.pick(providers), random.pick(merchants), random);
    all.push(...lifeOf(payment, atMs, random));
  }
  for (const balance of balancesOf(all)) {
    for (const happening of payoutsOf(balance, seed)) all.push(happening);
  }
  const happenings = all.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
  return {
    happenings,
    endMs: happenings.at(-1)?.atMs ?? startMs,
    ledger: (source) => (source === BANK ? bankLedger(happenings) : providerLedger(happenings, source)),
  };
}

/** The movements of each balance that a merchant has: per provider and currency. */
function balancesOf(happenings: readonly Happening[]): Iterable<Movement[]> {
  const balances = new Map<string, Movement[]>();
  for (const happening of happenings) {
    if (!('movement' in happening)) continue;
    const { movement } = happening;
    const key = `${movement.provider}/${movement.merchant}/${movement.currency}`;
    const balance = balances.get(key);
    if (balance === undefined) balances.set(key, [movement]);
    else balance.push(movement);
  }
  return balances.values();
}

function providerLedger(happenings: readonly Happening[], provider: Provider): ExpectedRecord[] {
  const { hasFees, kinds, voidsRefunds = false, tracesLater = false } = REPORTED[provider];
  const failed = new Set<string | undefined>();
  const payoutOf = new Map<string, string>();
  const traceOf = new Map<string, string>();
  const [reconciled, traced] = (['payoutReconciled', 'payoutTraced'] as const).map(
    (type) => new Set(happenings.flatMap((each) => (each.type === type ? [each.payout.id] : []))),
  ) as [Set<string>, Set<string>];
  for (const happening of happenings) {
    if (happening.type === 'refundFailed') failed.add(happening.movement.link);
    if (happening.type !== 'payout' && happening.type !== 'payoutFailed') continue;
    const { payout, movement } = happening;
    if (happening.type === 'payout') {
      payoutOf.set(movement.id, payout.id);
      if (reconciled.has(payout.id)) for (const member of payout.members) payoutOf.set(member, payout.id);
    }
    if (payout.trace !== undefined && (!tracesLater || traced.has(payout.id))) {
      traceOf.set(movement.id, payout.trace);
    }
  }
  const records: ExpectedRecord[] = [];
  for (const happening of happenings) {
    if (!('movement' in happening)) continue;
    const { id, kind, merchant, atMs, currency, amount, fee, tax, presented, availableMs, link } =
      happening.movement;
    if (happening.movement.provider !== provider || kinds?.includes(kind) === false) continue;
    const [payout, trace] = [payoutOf.get(id), traceOf.get(id)];
    records.push({
      ...{ id, kind, merchant, atMs, currency, amount, availableMs },
      ...(hasFees ? { fee, tax } : { fee: 0n, tax: 0n }),
      ...(presented === undefined
        ? {}
        : { presented: { currency: presented.currency, amount: presented.amount } }),
      ...(voidsRefunds && failed.has(id) ? { isVoid: true } : {}),
      ...(link === undefined ? {} : { link }),
      ...(payout === undefined ? {} : { payout }),
      ...(trace === undefined ? {} : { trace }),
    });
  }
  return records;
}

function bankLedger(happenings: readonly Happening[]): ExpectedRecord[] {
  return happenings.flatMap((happening): ExpectedRecord[] => {
    if (happening.type !== 'bankLine') return [];
    const { id, merchant, atMs, currency, amount, trace } = happening.line;
    return [
      {
        ...{ id, kind: 'bank', merchant, atMs, currency, amount, fee: 0n, tax: 0n },
        ...(trace === undefined ? {} : { trace }),
      },
    ];
  });
}
