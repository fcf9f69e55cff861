import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BANK_ZONE, factsOf, ibanOf, startBank } from '../bank/index.ts';
import { midOf, ngeniusIds, ngeniusRecordId, startNgenius } from '../network-international/index.ts';
import { paypalRecordId, startPaypal } from '../paypal/index.ts';
import { BANK } from '../scenario/index.ts';
import type { Provider } from '../scenario/index.ts';
import { startStripe, stripeIds } from '../stripe/index.ts';
import { lineOf } from './part.ts';
import type { PartContext, WorldPart } from './part.ts';

/** Currencies in which the bank keeps accounts. */
const BANK_CURRENCIES = ['AED', 'USD', 'KWD'];

export const PROVIDER_PARTS: {
  readonly [provider in Provider]: (context: PartContext) => Promise<WorldPart>;
} = { stripe: stripePart, paypal: paypalPart, networkInternational: ngeniusPart };

async function stripePart(context: PartContext): Promise<WorldPart> {
  const { post, live, account } = context;
  const [apiKey, secret] = ['sk_test_world', 'whsec_world'];
  const simulator = await startStripe({ ...context, apiKey, secrets: [secret], post: post('stripe') });
  return {
    name: 'stripe',
    simulator,
    source: {
      ...{ connector: 'stripe', apiKey: '${WORLD_STRIPE_KEY}', webhookSecrets: '${WORLD_STRIPE_SECRET}' },
      // Simulated time may be some days behind; lists lag by up to two minutes, and clocks differ by less than one.
      ...{ account, tolerance: '7d', overlap: '3m' },
      ...live(simulator.url),
    },
    secrets: { WORLD_STRIPE_KEY: apiKey, WORLD_STRIPE_SECRET: secret },
    wanted: (scenario) =>
      scenario
        .ledger('stripe')
        .map((record) =>
          lineOf(stripeIds.transaction(record.id), record, record.payout && stripeIds.payout(record.payout)),
        ),
  };
}

async function paypalPart(context: PartContext): Promise<WorldPart> {
  const { post, live, account } = context;
  const app = { clientId: 'world', clientSecret: 'secret-of-the-world', webhookId: '0WORLD0WEBHOOK0' };
  const simulator = await startPaypal({ ...context, ...app, post: post('paypal') });
  return {
    name: 'paypal',
    simulator,
    source: {
      ...{ connector: 'paypal', clientId: app.clientId, clientSecret: '${WORLD_PAYPAL_SECRET}' },
      ...{ webhookIds: app.webhookId, trustedCertificates: simulator.trustedCertificates },
      ...{ account, tolerance: '30d' },
      ...live(simulator.url),
    },
    secrets: { WORLD_PAYPAL_SECRET: app.clientSecret },
    wanted: (scenario) => scenario.ledger('paypal').map((record) => lineOf(paypalRecordId(record), record)),
  };
}

async function ngeniusPart(context: PartContext): Promise<WorldPart> {
  const { post, live, merchants, directory } = context;
  const apiKey = 'd29ybGQ6a2V5';
  const header = { name: 'X-World', value: 'header-of-the-world' };
  const ordersFile = join(directory, 'orders');
  await appendFile(ordersFile, '# orders of the shop\n');
  const made: string[] = [];
  const simulator = await startNgenius({
    ...context,
    ...{ apiKey, header, post: post('network-international') },
    onOrder: (name) => made.push(name),
  });
  let written = 0;
  return {
    name: 'network-international',
    simulator: {
      apply: (happening) => simulator.apply(happening),
      get nextDueMs() {
        return simulator.nextDueMs;
      },
      async flush() {
        const lines = made.slice(written).map((name) => `${name}\n`);
        written = made.length;
        if (lines.length > 0) await appendFile(ordersFile, lines.join(''));
        await simulator.flush();
      },
      async settle() {
        // The shop names its orders once more: each is looked at again, however long that would have waited.
        await appendFile(ordersFile, made.map((name) => `${name}\n`).join(''));
      },
      close: () => simulator.close(),
    },
    source: {
      ...{ connector: 'network-international', apiKey: '${WORLD_NGENIUS_KEY}', ordersFile },
      outlets: merchants.map(ngeniusIds.outlet),
      webhookHeader: { name: header.name, value: '${WORLD_NGENIUS_HEADER}' },
      accounts: Object.fromEntries(
        merchants.flatMap((name) => [
          [midOf(name), name],
          [ngeniusIds.outlet(name), name],
        ]),
      ),
      ...live(simulator.url),
    },
    secrets: { WORLD_NGENIUS_KEY: apiKey, WORLD_NGENIUS_HEADER: header.value },
    wanted: (scenario) =>
      scenario.ledger('networkInternational').map((record) => lineOf(ngeniusRecordId(record), record)),
  };
}

/** The bank's statements, as files. The lines that are wanted of it begin with the bank's own reference. */
export async function bankPart(context: PartContext): Promise<WorldPart> {
  const { directory, merchants } = context;
  const simulator = await startBank({ ...context, formats: ['mt940'] });
  return {
    name: BANK,
    simulator,
    source: {
      ...{ connector: 'mt940', path: join(directory, 'mt940', '*.sta'), zone: BANK_ZONE },
      accounts: Object.fromEntries(
        merchants.flatMap((merchant) =>
          BANK_CURRENCIES.map((currency) => [ibanOf(merchant, currency), merchant]),
        ),
      ),
    },
    secrets: {},
    wanted: (scenario) =>
      scenario.ledger(BANK).map((record) => lineOf(factsOf(record).bankReference, record)),
  };
}
