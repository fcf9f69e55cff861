import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../engine/domain/index.ts';
import { BANK, PROVIDERS, createScenario } from './index.ts';
import type { Happening, Movement, Payout } from './index.ts';

const scenario = createScenario({ seed: 11, payments: 900 });
const movements = new Map<string, Movement>();
const payouts: Payout[] = [];
for (const happening of scenario.happenings) {
  if ('movement' in happening) movements.set(happening.movement.id, happening.movement);
  if (happening.type === 'payout') payouts.push(happening.payout);
}
const netOf = ({ amount, fee, tax }: Movement): bigint => amount - fee - tax;
const asText = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
const typesOf = (happenings: readonly Happening[]): Set<string> =>
  new Set(happenings.map(({ type }) => type));

describe('a scenario', () => {
  test('is the same for the same seed, and another for another', () => {
    const small = { payments: 40 };
    const first = asText(createScenario({ seed: 1, ...small }).happenings);
    expect(asText(createScenario({ seed: 1, ...small }).happenings)).toBe(first);
    expect(asText(createScenario({ seed: 2, ...small }).happenings)).not.toBe(first);
  });

  test('can be cut off, and then its ledger has what was told by then', () => {
    // An hour after payouts are made, some of which are not reconciled yet.
    const untilMs = Math.floor(scenario.happenings[0]!.atMs / DAY_MS + 5) * DAY_MS + 3 * 3_600_000;
    const cut = createScenario({ seed: 11, payments: 900, untilMs });
    expect(asText(cut.happenings)).toBe(asText(scenario.happenings.filter(({ atMs }) => atMs <= untilMs)));
    const payoutsTold = (type: 'payout' | 'payoutReconciled'): Payout[] =>
      cut.happenings.flatMap((each) =>
        each.type === type && each.payout.provider === 'stripe' ? [each.payout] : [],
      );
    const reconciled = payoutsTold('payoutReconciled');
    expect(reconciled.length).toBeGreaterThan(0);
    expect(reconciled.length).toBeLessThan(payoutsTold('payout').length);
    const known = cut.ledger('stripe');
    const members = known.filter(({ kind, payout }) => kind !== 'payout' && payout !== undefined);
    expect(members.map(({ id }) => id).sort()).toEqual(
      reconciled.flatMap((each) => [...each.members]).sort(),
    );
    expect(known.some(({ trace }) => trace !== undefined)).toBe(false);
  });

  test('has everything in it', () => {
    expect([...typesOf(scenario.happenings)].sort()).toEqual(
      [
        'bankLine',
        'charge',
        'dispute',
        'disputeLost',
        'disputeWon',
        'payout',
        'payoutFailed',
        'payoutPaid',
        'payoutReconciled',
        'payoutTraced',
        'refund',
        'refundFailed',
      ].sort(),
    );
    const charges = scenario.happenings.flatMap((each) => (each.type === 'charge' ? [each] : []));
    expect(new Set(charges.map(({ payment }) => payment.provider))).toEqual(new Set(PROVIDERS));
    const wallets = new Set(charges.map(({ payment }) => payment.card.wallet));
    expect(wallets).toEqual(new Set([undefined, 'apple_pay', 'google_pay', 'samsung_pay']));
    expect(new Set(charges.map(({ payment }) => payment.presented.currency)).size).toBeGreaterThan(6);
    expect(charges.some(({ movement }) => movement.presented !== undefined)).toBe(true);
  });

  test('goes forward in time, in whole seconds', () => {
    let last = 0;
    for (const { atMs } of scenario.happenings) {
      expect(atMs).toBeGreaterThanOrEqual(last);
      expect(atMs % 1000).toBe(0);
      last = atMs;
    }
    expect(scenario.endMs).toBe(last);
  });

  test('pays out every movement once, and exactly', () => {
    const paid = new Map<string, string>();
    for (const payout of payouts) {
      const members = payout.members.map((id) => movements.get(id)!);
      for (const member of members) {
        expect(paid.get(member.id)).toBeUndefined();
        paid.set(member.id, payout.id);
        expect([member.provider, member.merchant, member.currency]).toEqual([
          payout.provider,
          payout.merchant,
          payout.currency,
        ]);
        expect(member.atMs).toBeLessThan(payout.atMs);
      }
      expect(members.reduce((sum, member) => sum + netOf(member), 0n)).toBe(payout.amount);
      expect(payout.amount).toBeGreaterThan(0n);
    }
    // What is left over is a debt.
    const left = new Map<string, bigint>();
    for (const movement of movements.values()) {
      if (paid.has(movement.id) || movement.kind === 'payout') continue;
      const key = `${movement.provider}/${movement.merchant}/${movement.currency}`;
      left.set(key, (left.get(key) ?? 0n) + netOf(movement));
    }
    for (const sum of left.values()) expect(sum).toBeLessThanOrEqual(0n);
    const failures = [...movements.values()].filter(({ kind }) => kind === 'payoutFailure');
    expect(failures.length).toBeGreaterThan(3);
    expect(failures.every(({ id }) => paid.has(id))).toBe(true);
  });

  test('refunds and disputes take away what was charged, and no more', () => {
    const byLink = new Map<string, bigint>();
    for (const { kind, link, amount } of movements.values()) {
      if (link === undefined) continue;
      expect(movements.has(link)).toBe(true);
      if (kind === 'refund' || kind === 'chargeback') byLink.set(link, (byLink.get(link) ?? 0n) + amount);
      if (kind === 'refundFailure' || kind === 'chargebackReversal' || kind === 'payoutFailure') {
        expect(amount).toBe(-movements.get(link)!.amount);
      }
    }
    for (const [charge, taken] of byLink) {
      expect(taken).toBeLessThan(0n);
      expect(-taken).toBeLessThanOrEqual(movements.get(charge)!.amount);
    }
  });

  test('the bank has what was paid out and not sent back', () => {
    const lines = scenario.happenings.flatMap((each) => (each.type === 'bankLine' ? [each.line] : []));
    for (const payout of payouts) {
      const mine = lines.filter((line) => line.payout === payout.id);
      const sum = mine.reduce((total, line) => total + line.amount, 0n);
      expect(sum > 0n).toBe(payout.failureCode === undefined);
      if (payout.currency === mine[0]?.currency && payout.failureCode === undefined) {
        expect(sum).toBe(payout.amount);
      }
    }
    expect(scenario.ledger(BANK)).toHaveLength(lines.length);
  });

  test('each provider’s ledger has what the provider tells, with fees where it tells them', () => {
    const all = [...movements.values()];
    for (const provider of ['stripe', 'paypal'] as const) {
      const ledger = scenario.ledger(provider);
      expect(ledger).toHaveLength(all.filter((movement) => movement.provider === provider).length);
      expect(ledger.some(({ fee }) => fee > 0n)).toBe(true);
      expect(ledger.some(({ payout, kind }) => payout !== undefined && kind === 'charge')).toBe(true);
      expect(ledger.some(({ trace }) => trace !== undefined)).toBe(true);
    }
    const gateway = scenario.ledger('networkInternational');
    expect(gateway.every(({ fee, tax }) => fee === 0n && tax === 0n)).toBe(true);
    expect(new Set(gateway.map(({ kind }) => kind))).toEqual(new Set(['charge', 'refund']));
    const failures = all.filter(
      ({ provider, kind }) => provider === 'networkInternational' && kind === 'refundFailure',
    );
    expect(gateway.filter(({ isVoid }) => isVoid).map(({ id }) => id)).toEqual(
      failures.map(({ link }) => link),
    );
    expect(failures.length).toBeGreaterThan(0);
  });

  test('amounts of currencies with three digits end in 0, as cards carry them', () => {
    for (const { currency, amount, fee, tax } of movements.values()) {
      if (currency === 'KWD') for (const part of [amount, fee, tax]) expect(part % 10n).toBe(0n);
    }
  });
});
