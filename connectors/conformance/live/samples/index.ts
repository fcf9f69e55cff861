import type { LiveSample } from '../sample.ts';
import { networkInternational } from './network-international.ts';
import { paypal } from './paypal.ts';
import { stripe } from './stripe.ts';
import { swiftApi } from './swift-api.ts';
import { webhookJson } from './webhook-json.ts';

/** One for every connector that talks with its provider: the suite fails for one that has none. */
export const LIVE_SAMPLES: { readonly [connector: string]: LiveSample } = {
  stripe,
  'network-international': networkInternational,
  paypal,
  'swift-api': swiftApi,
  'webhook-json': webhookJson,
};
