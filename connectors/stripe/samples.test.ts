import { existsSync, readFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import { stripeSettings } from './settings.ts';
import { translateTransaction } from './translate.ts';
import { verifyDelivery } from './verify.ts';

/** Stripe's own fixtures and signature vectors, kept beside the project where they are. */
const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples/stripe');
const present = existsSync(SAMPLES);
if (!present) console.log(`Stripe's fixtures are not at ${SAMPLES}: the checks against them are left out`);

const load = (name: string): unknown => JSON.parse(readFileSync(join(SAMPLES, name), 'utf8'));

describe.skipIf(!present)('Stripe’s own fixtures', () => {
  test('are read, each with its source expanded', () => {
    type Fields = { readonly [name: string]: unknown };
    const { resources } = load('fixtures3.json') as {
      readonly resources: { readonly [name: string]: Fields };
    };
    const { charge, refund, dispute, payout, balance_transaction: transaction } = resources;
    const settings = stripeSettings.parse({ apiKey: 'sk_test' });
    const context = {
      source: 'stripe',
      zone: new Zone('UTC'),
      accounts: new Accounts(settings),
      notice: () => undefined,
    };
    const sources: readonly (readonly [category: string, source: Fields, reference: unknown])[] = [
      ['charge', charge!, charge!['id']],
      ['refund', { ...refund, charge }, charge!['id']],
      ['dispute', { ...dispute, charge }, charge!['id']],
      ['payout', payout!, payout!['id']],
    ];
    for (const [category, source, reference] of sources) {
      const item = translateTransaction(
        { ...transaction, reporting_category: category, source },
        undefined,
        context,
        settings,
        { offset: 1, ordinal: 0 },
      );
      if (item.type !== 'record') throw new Error(JSON.stringify(item));
      expect(item.record).toMatchObject({ currency: 'USD', amount: 100n, fee: 0n, tax: 0n });
      expect(item.record.references['reference']).toBe(reference);
    }
  });

  test('signatures of its vectors are right', () => {
    const vectors = load('signature-vectors.json') as {
      end_to_end_computed_here: { secret: string; timestamp: number; payload: string; header: string }[];
      hmac_only_from_stripe_node_test_crypto_helpers_ts_MIT: {
        secret: string;
        payload: string;
        hex: string;
      }[];
    };
    for (const { secret, timestamp, payload, header } of vectors.end_to_end_computed_here) {
      const settings = stripeSettings.parse({ apiKey: 'sk_test', webhookSecrets: secret });
      const body = Buffer.from(payload);
      // The vector's event has no type: it is refused for that, and only once its signature was right.
      const verify = (headerText: string) => () =>
        verifyDelivery(
          {
            requestId: 'r',
            headers: { 'stripe-signature': headerText },
            body,
            receivedMs: timestamp * 1000,
          },
          settings,
        );
      expect(verify(header)).toThrow(expect.objectContaining({ code: 'malformedDelivery' }));
      expect(verify(header.replace(/.$/, 'x'))).toThrow(
        expect.objectContaining({ code: 'deliveryUnverified' }),
      );
    }
    for (const { secret, payload, hex } of vectors.hmac_only_from_stripe_node_test_crypto_helpers_ts_MIT) {
      expect(createHmac('sha256', secret).update(payload).digest('hex')).toBe(hex);
    }
  });
});
