import type { Origin } from '../../engine/domain/index.ts';
import type { Connector, LiveContext, LiveSession } from '../contract/index.ts';
import { createPaypalApi } from './client.ts';
import { createEventReader } from './event-reader.ts';
import { paypalPolling } from './poll.ts';
import { paypalSettings } from './settings.ts';
import type { PaypalSettings } from './settings.ts';
import { translateRow } from './translate.ts';
import { paypalWebhooks } from './webhooks.ts';

/** A PayPal balance: one record for each transaction that changes it. */
export const paypal: Connector<PaypalSettings> = {
  name: 'paypal',
  title: 'a PayPal balance (webhooks and API)',
  capabilities: {
    files: false,
    push: false,
    webhooks: true,
    polling: true,
    balances: false,
    appendable: false,
  },
  settings: paypalSettings,
  open,
};

function open(context: LiveContext, settings: PaypalSettings): LiveSession {
  const api = createPaypalApi(context, settings);
  let made = 0;
  const origin = (): Origin => ({ offset: ++made, ordinal: 0 });
  const reader = createEventReader(api, context, settings, origin);
  return {
    ...(settings.webhookIds === undefined ? {} : { webhooks: paypalWebhooks(reader, context, settings) }),
    polling: paypalPolling(
      api,
      reader,
      (row) => translateRow(row, context, settings, origin()),
      context,
      settings,
    ),
  };
}
