import Stripe from 'stripe';
import { startStripe, stripeIds } from '../../../simulators/stripe/index.ts';
import type { LiveSample } from '../sample.ts';
import { linesOf } from './lines-of.ts';

export const stripe: LiveSample = {
  provider: 'stripe',
  settings: ({ secrets }) => ({
    apiKey: 'sk_test_simulated',
    webhookSecrets: secrets,
    account: 'main',
    history: '60d',
  }),
  start: ({ now, post, faults, secret }) =>
    startStripe({ now, post, faults, apiKey: 'sk_test_simulated', secrets: [secret], hangMs: 100 }),
  webhooks: {
    secrets: ['whsec_in_use', 'whsec_next', 'whsec_of_somebody_else'],
    sign: (payload, secret, atMs) => ({
      'stripe-signature': Stripe.webhooks.generateTestHeaderString({
        payload,
        secret,
        timestamp: Math.floor(atMs / 1000),
      }),
    }),
    malformed: 'refused',
    unknownEvent: {
      body: '{"id":"evt_1","type":"quantum.entangled","data":{"object":{"object":"quantum"}}}',
      leaves: [],
    },
  },
  expected: (scenario) => linesOf(scenario, 'stripe', ({ id }) => stripeIds.transaction(id)),
  unknownCurrency: (text) => text.replaceAll(/"currency": "\w+"/g, '"currency": "xxq"'),
  notApplicable: {},
  cannotBear: {},
};
