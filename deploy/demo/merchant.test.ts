import { describe, expect, test } from 'vitest';
import { SimulatedClock, play } from '../../connectors/simulators/play.ts';
import { createScenario } from '../../connectors/simulators/scenario/index.ts';
import type { Happening } from '../../connectors/simulators/scenario/index.ts';
import { exponentOf, parseMinor } from '../../engine/domain/index.ts';
import { withBankTroubles } from './bank-troubles.ts';
import { MERCHANT, Merchant } from './merchant.ts';
import type { PostedRecord } from './merchant.ts';
import { nothingPlanted } from './planted.ts';
import type { Planted } from './planted.ts';

const scenario = createScenario({ seed: 5, payments: 400, merchants: [MERCHANT] });
const charges = scenario.happenings.flatMap((each) => (each.type === 'charge' ? [each] : []));

/** What the merchant posts of a scenario, and what was planted in it. */
async function posted(): Promise<{ orders: PostedRecord[]; acquirer: PostedRecord[]; planted: Planted }> {
  const planted = nothingPlanted();
  const clock = new SimulatedClock(scenario.happenings[0]!.atMs);
  const taken = { orders: [] as PostedRecord[], acquirer: [] as PostedRecord[] };
  const merchant = new Merchant(
    ({ source, records }) => {
      expect(records.length).toBeGreaterThan(0);
      taken[source].push(...records);
      return Promise.resolve();
    },
    planted,
    clock.now,
  );
  const { happenings } = scenario;
  await play({ happenings, simulators: [merchant], clock, stepMs: 3_600_000 });
  return { ...taken, planted };
}

describe('the books of a merchant', () => {
  test('have an order of each charge, but for what was planted', async () => {
    const { orders, planted } = await posted();
    expect(orders).toHaveLength(
      charges.length - planted.missingOrder + planted.unknownOrder + planted.orderTwice + planted.noRecord,
    );
    expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length);
    const byOrder = new Map(charges.map((each) => [each.payment.order, each.movement]));
    const found = nothingPlanted();
    for (const { amount, currency, reference, time } of orders) {
      const charge = byOrder.get(reference);
      if (amount.includes('O')) found.noRecord += 1;
      else if (charge === undefined) found.unknownOrder += 1;
      else if (parseMinor(amount, exponentOf(currency)) !== charge.amount) found.wrongAmount += 1;
      else if (Date.parse(time) > charge.atMs) found.orderTwice += 1;
    }
    const { missingOrder, lateOrder } = planted;
    expect(found).toEqual({ ...planted, missingOrder: 0, lateOrder: 0, missingCredit: 0, bankCharge: 0 });
    for (const count of [missingOrder, lateOrder, found.unknownOrder, found.wrongAmount, found.orderTwice])
      expect(count).toBeGreaterThan(3);
  });

  test('have what the acquirer paid out, and what it took back', async () => {
    const { acquirer } = await posted();
    const wanted = scenario.happenings.flatMap((each) =>
      (each.type === 'payout' || each.type === 'payoutFailed') &&
      each.payout.provider === 'networkInternational'
        ? [each.movement]
        : [],
    );
    expect(acquirer.map(({ id, kind }) => [id, kind])).toEqual(wanted.map(({ id, kind }) => [id, kind]));
    expect(wanted.length).toBeGreaterThan(3);
  });
});

describe('troubles at the bank', () => {
  test('are credits that are not booked and charges, each counted, and the rest is as it was', () => {
    const planted = nothingPlanted();
    const { happenings } = scenario;
    const troubled = [...withBankTroubles(happenings, planted)];
    const lost = happenings.filter((each) => !troubled.includes(each));
    const added = troubled.filter((each) => !happenings.includes(each));
    const amountOf = (each: Happening): bigint => (each.type === 'bankLine' ? each.line.amount : 0n);
    expect(lost.map(amountOf).every((amount) => amount > 0n)).toBe(true);
    expect(added.map(amountOf)).toEqual([-5250n, -5250n, -5250n]);
    expect([lost.length, added.length]).toEqual([planted.missingCredit, planted.bankCharge]);
    expect(planted.missingCredit).toBe(2);
    // A payout that failed breaks by itself: what is not booked of it would say nothing.
    const failed = happenings.flatMap((each) => (each.type === 'payoutFailed' ? [each.payout.id] : []));
    expect(failed.length).toBeGreaterThan(0);
    for (const each of lost) if (each.type === 'bankLine') expect(failed).not.toContain(each.line.payout);
  });
});
