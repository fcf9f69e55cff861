import type { MoneyRecord } from '../domain/index.ts';

/** A record with everything that a test does not say. */
export function aRecord(fields: Partial<MoneyRecord> & { readonly id: string }): MoneyRecord {
  return {
    source: 'gateway',
    account: 'default',
    kind: 'charge',
    status: 'booked',
    currency: 'AED',
    amount: 1230n,
    fee: 0n,
    tax: 0n,
    time: 1_760_000_000_000,
    precision: 'instant',
    offsetMinutes: 240,
    references: {},
    attributes: {},
    ...fields,
  };
}
