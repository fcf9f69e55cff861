import { DAY_MS } from '../../../engine/domain/index.ts';
import { Seeded, tokenOf } from '../seeded.ts';
import { BANK } from './happenings.ts';
import type { Happening, Movement, Payout } from './happenings.ts';
import { toFils } from './money.ts';

const HOUR_MS = 3_600_000;
/** When in the day a provider pays out. */
const PAYOUT_HOUR_MS = 2 * HOUR_MS;
/** Currencies that merchants have a bank account in; others are converted by their bank. */
const BANK_CURRENCIES: ReadonlySet<string> = new Set(['AED', 'USD', 'KWD']);

/** What fails after it was said to be paid: never credited, or credited and then taken back by the bank. */
type Failure = 'neverCredited' | 'returned';

/**
 * The daily payouts of one merchant's balance in one currency with one provider, until nothing is left to pay out: each
 * takes all that is available by then, if that is more than nothing. One that fails puts its money back into the
 * balance, and a later one takes it along.
 * @param movements of the balance, any order
 */
export function* payoutsOf(movements: readonly Movement[], seed: number): Generator<Happening> {
  const first = movements[0];
  if (first === undefined) return;
  const { provider, merchant, currency } = first;
  const random = new Seeded(seed, 'payouts', provider, merchant, currency);
  let waiting = movements;
  let day = Math.floor(
    movements.reduce((ms, movement) => Math.min(ms, movement.availableMs), Infinity) / DAY_MS,
  );
  for (let n = 0; waiting.length > 0; day++) {
    const atMs = day * DAY_MS + PAYOUT_HOUR_MS;
    const members = waiting.filter((movement) => movement.availableMs <= atMs && movement.atMs < atMs);
    const amount = members.reduce((sum, movement) => sum + movement.amount - movement.fee - movement.tax, 0n);
    if (amount <= 0n) {
      // Debts alone wait for the next charge; when none will come, they stay.
      if (members.length === waiting.length) return;
      continue;
    }
    const paid = new Set(members);
    waiting = waiting.filter((movement) => !paid.has(movement));
    const id = `o${merchant}-${currency}-${++n}`;
    const failure = random.chance(0.12) ? random.pick<Failure>(['neverCredited', 'returned']) : undefined;
    const payout: Payout = {
      id: `${provider}-${id}`,
      provider,
      merchant,
      currency,
      amount,
      atMs,
      arrivalMs: (day + 1 + random.integer(0, 2)) * DAY_MS,
      members: members.map((movement) => movement.id),
      statementText: `${provider.slice(0, 8).toUpperCase()} ${merchant.toUpperCase()}`,
      ...(random.chance(0.85) ? { trace: tokenOf(12, seed, id, provider).toUpperCase() } : {}),
      ...(failure === undefined ? {} : { failureCode: 'account_closed' }),
    };
    for (const happening of lifeOf(payout, failure, random)) {
      yield happening;
      if (happening.type === 'payoutFailed') waiting = [...waiting, happening.movement];
    }
  }
}

function* lifeOf(payout: Payout, failure: Failure | undefined, random: Seeded): Generator<Happening> {
  const { id, provider, merchant, currency, amount, atMs, arrivalMs } = payout;
  const movement: Movement = {
    id: `${id}-p`,
    provider,
    merchant,
    kind: 'payout',
    atMs,
    availableMs: Math.floor(atMs / DAY_MS) * DAY_MS,
    currency,
    amount: -amount,
    fee: 0n,
    tax: 0n,
  };
  yield { type: 'payout', atMs, payout, movement };
  yield { type: 'payoutReconciled', atMs: atMs + random.integer(1, 8) * HOUR_MS, payout };
  const paidMs = arrivalMs + random.integer(1, 6) * HOUR_MS;
  yield { type: 'payoutPaid', atMs: paidMs, payout };
  if (failure !== 'neverCredited') yield bankLine(payout, paidMs, amount, `${id}-b`);
  if (payout.trace !== undefined) {
    yield { type: 'payoutTraced', atMs: paidMs + random.integer(0, 9 * 24) * HOUR_MS, payout };
  }
  if (failure === undefined) return;
  const failedMs = paidMs + random.integer(20, 96) * HOUR_MS;
  if (failure === 'returned') yield bankLine(payout, failedMs - 2 * HOUR_MS, -amount, `${id}-x`);
  yield {
    type: 'payoutFailed',
    atMs: failedMs,
    payout,
    movement: {
      ...movement,
      id: `${id}-f`,
      kind: 'payoutFailure',
      atMs: failedMs,
      availableMs: Math.floor(failedMs / DAY_MS) * DAY_MS,
      amount,
      link: movement.id,
    },
  };
}

function bankLine(payout: Payout, atMs: number, amount: bigint, id: string): Happening {
  const isKept = BANK_CURRENCIES.has(payout.currency);
  return {
    type: 'bankLine',
    atMs,
    line: {
      id: `${BANK}-${id}`,
      merchant: payout.merchant,
      currency: isKept ? payout.currency : 'AED',
      amount: isKept ? amount : toFils(amount, payout.currency),
      atMs,
      text: payout.statementText,
      payout: payout.id,
      ...(payout.trace === undefined ? {} : { trace: payout.trace }),
    },
  };
}
