import { rereadJson } from '../contract/index.ts';
import type { Connector, LiveContext, LiveSession } from '../contract/index.ts';
import { createStripeApi } from './client.ts';
import type { Translate } from './payouts.ts';
import { stripePolling } from './poll.ts';
import { stripeSettings } from './settings.ts';
import type { StripeSettings } from './settings.ts';
import { TransactionReader } from './transaction-reader.ts';
import { translateTransaction } from './translate.ts';
import { stripeWebhooks } from './webhooks.ts';

/** A Stripe balance: one record for each balance transaction. */
export const stripe: Connector<StripeSettings> = {
  name: 'stripe',
  title: 'a Stripe balance (webhooks and API)',
  capabilities: {
    files: false,
    push: false,
    webhooks: true,
    polling: true,
    balances: false,
    appendable: false,
  },
  settings: stripeSettings,
  open,
  // Without its membership: a poll of the payout brings that as a later version.
  retranslate: (payload, context, settings) =>
    rereadJson(payload, context, JSON.parse, (transaction) => [
      translateTransaction(transaction, undefined, context, settings, {
        offset: context.delivery,
        ordinal: 0,
      }),
    ]),
};

function open(context: LiveContext, settings: StripeSettings): LiveSession {
  const api = createStripeApi(context, settings);
  const reader = new TransactionReader(api, context.now);
  let made = 0;
  const translate: Translate = (transaction, membership) =>
    translateTransaction(transaction, membership, context, settings, { offset: ++made, ordinal: 0 });
  return {
    ...(settings.webhookSecrets === undefined
      ? {}
      : { webhooks: stripeWebhooks(api, reader, translate, settings) }),
    polling: stripePolling(api, translate, context, settings),
  };
}
