import type { Connector, LiveContext, LiveSession } from '../contract/index.ts';
import { createNgeniusApi } from './client.ts';
import { HeardOrders } from './heard-orders.ts';
import { orderReader } from './order-reader.ts';
import { ngeniusPolling } from './poll.ts';
import { ngeniusSettings } from './settings.ts';
import type { NgeniusSettings } from './settings.ts';
import { ngeniusWebhooks } from './webhooks.ts';

/** Outlets at Network International: one record for each capture, purchase, reversal and refund of their orders. */
export const networkInternational: Connector<NgeniusSettings> = {
  name: 'network-international',
  title: 'N-Genius Online orders of Network International (webhooks and API)',
  capabilities: {
    files: false,
    push: false,
    webhooks: true,
    polling: true,
    balances: false,
    appendable: false,
  },
  settings: ngeniusSettings,
  open,
};

function open(context: LiveContext, settings: NgeniusSettings): LiveSession {
  const readOrder = orderReader(createNgeniusApi(context, settings), context, settings);
  const heard = new HeardOrders(context.kept, context.now(), settings.maxWatched);
  return {
    webhooks: ngeniusWebhooks(readOrder, heard, context, settings),
    polling: ngeniusPolling(readOrder, heard, context, settings),
  };
}
