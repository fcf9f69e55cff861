import { DAY_MS, exponentOf } from '../../../engine/domain/index.ts';
import type { Seeded } from '../seeded.ts';
import type { Happening, Movement, Payment, Sum } from './happenings.ts';
import { rateToDirhams, shareOf, toFils } from './money.ts';
import { TERMS, VAT } from './terms.ts';
import type { Terms } from './terms.ts';

const HOUR_MS = 3_600_000;

/** The life of one payment: its charge, and what comes of it later. */
export function* lifeOf(payment: Payment, atMs: number, random: Seeded): Generator<Happening> {
  const terms = TERMS[payment.provider];
  const move = mover(payment);
  const { presented } = payment;
  const settled = settle(presented, terms);
  const fee = feeOf(settled, terms);
  const movement = move('charge', atMs, settled, presented, { ...fee, lag: terms.lagDays });
  yield { type: 'charge', atMs, payment, movement };

  const fate = random.next();
  if (fate < 0.14) yield* refunds(payment, movement, atMs, random, fate < 0.06);
  else if (fate < 0.18) yield* disputed(payment, movement, atMs, random);
}

/** One refund of everything, or two of parts; now and then one comes back. */
function* refunds(
  payment: Payment,
  charge: Movement,
  chargedMs: number,
  random: Seeded,
  isPartial: boolean,
): Generator<Happening> {
  const terms = TERMS[payment.provider];
  const move = mover(payment);
  const { currency, amount } = payment.presented;
  const parts = isPartial
    ? [shareOf(amount, 300_000, currency), shareOf(amount, 250_000, currency)]
    : [amount];
  let atMs = chargedMs;
  for (const [n, part] of parts.entries()) {
    if (part === 0n) continue;
    atMs += random.integer(1, 60) * HOUR_MS + random.integer(0, 3599) * 1000;
    const presented = { currency, amount: -part };
    const refund = `${payment.id}-r${n}`;
    const settled = settle(presented, terms);
    const movement = move('refund', atMs, settled, presented, { id: refund, link: charge.id });
    yield { type: 'refund', atMs, refund, payment, movement };
    if (!random.chance(0.08)) continue;
    const failedMs = atMs + random.integer(24, 96) * HOUR_MS;
    const back = { currency, amount: part };
    const failure = move('refundFailure', failedMs, settle(back, terms), back, {
      id: `${refund}-f`,
      link: movement.id,
    });
    yield { type: 'refundFailed', atMs: failedMs, refund, payment, movement: failure };
  }
}

function* disputed(
  payment: Payment,
  charge: Movement,
  chargedMs: number,
  random: Seeded,
): Generator<Happening> {
  const terms = TERMS[payment.provider];
  const move = mover(payment);
  const { currency, amount } = payment.presented;
  const atMs = chargedMs + random.integer(24, 240) * HOUR_MS + random.integer(0, 3599) * 1000;
  const dispute = `${payment.id}-d`;
  const taken = { currency, amount: -amount };
  const settled = settle(taken, terms);
  const fee = fixed(terms.disputeFee, settled.currency);
  const tax = terms.hasTax ? shareOf(fee, VAT, settled.currency) : 0n;
  const movement = move('chargeback', atMs, settled, taken, { id: dispute, link: charge.id, fee, tax });
  yield { type: 'dispute', atMs, dispute, payment, movement };
  const closedMs = atMs + random.integer(120, 300) * HOUR_MS;
  if (random.chance(0.5)) {
    yield { type: 'disputeLost', atMs: closedMs, dispute, payment };
    return;
  }
  const back = { currency, amount };
  const won = move('chargebackReversal', closedMs, settle(back, terms), back, {
    id: `${dispute}-w`,
    link: movement.id,
  });
  yield { type: 'disputeWon', atMs: closedMs, dispute, payment, movement: won };
}

function settle(presented: Sum, terms: Terms): Sum {
  if (terms.balances.has(presented.currency)) return presented;
  return { currency: 'AED', amount: toFils(presented.amount, presented.currency) };
}

function feeOf({ amount, currency }: Sum, terms: Terms): { fee: bigint; tax: bigint } {
  const fee = shareOf(amount, terms.feeRate, currency) + fixed(terms.feeFixed, currency);
  return { fee, tax: terms.hasTax ? shareOf(fee, VAT, currency) : 0n };
}

/** A fee that is fixed in hundredths, in minor units of `currency`. */
function fixed(hundredths: bigint, currency: string): bigint {
  return (hundredths * 10n ** BigInt(exponentOf(currency))) / 100n;
}

interface MoveOptions {
  readonly id?: string;
  readonly link?: string;
  readonly fee?: bigint;
  readonly tax?: bigint;
  /** Whole days until it is available; 0 is the day itself. */
  readonly lag?: number;
}

function mover({ id, provider, merchant }: Payment) {
  return (
    kind: Movement['kind'],
    atMs: number,
    settled: Sum,
    presented: Sum,
    { id: own = `${id}-c`, link, fee = 0n, tax = 0n, lag = 0 }: MoveOptions,
  ): Movement => ({
    id: own,
    provider,
    merchant,
    kind,
    atMs,
    availableMs: (Math.floor(atMs / DAY_MS) + lag) * DAY_MS,
    ...settled,
    fee,
    tax,
    ...(presented.currency === settled.currency
      ? {}
      : { presented: { ...presented, rate: rateToDirhams(presented.currency) } }),
    ...(link === undefined ? {} : { link }),
  });
}
