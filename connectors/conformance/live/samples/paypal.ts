import { simulatedChain } from '../../../simulators/paypal/certificates.ts';
import { paypalHeaders, paypalIds, startPaypal } from '../../../simulators/paypal/index.ts';
import type { LiveSample } from '../sample.ts';
import { linesOf } from './lines-of.ts';

/** By what a search finds, for records that no webhook tells of. */
const SUFFIXES: { readonly [kind: string]: string } = {
  refundFailure: ':T1100+',
  chargebackReversal: ':T1202+',
  payout: ':T0400-',
  payoutFailure: ':T1101+',
};

export const paypal: LiveSample = {
  provider: 'paypal',
  settings: ({ secrets }) => ({
    clientId: 'app',
    clientSecret: 'app-secret',
    webhookIds: secrets,
    trustedCertificates: simulatedChain().root.pem,
    account: 'main',
    history: '60d',
  }),
  start: ({ now, post, faults, secret }) =>
    startPaypal({
      ...{ now, post, faults, webhookId: secret, hangMs: 100 },
      clientId: 'app',
      clientSecret: 'app-secret',
    }),
  webhooks: {
    // Signatures are made over the webhook's id, with one key for all of PayPal.
    secrets: ['0WEBHOOK0IN0USE', '0WEBHOOK0NEXT', '0WEBHOOK0OF0OTHERS'],
    sign: (body, secret, atMs) => paypalHeaders(body, secret, atMs),
    told: ['charge', 'refund', 'chargeback'],
    malformed: 'refused',
    unknownEvent: {
      body: '{"id":"WH-1","event_type":"QUANTUM.ENTANGLED","resource_type":"quantum","resource":{"id":"Q1"}}',
      leaves: [],
    },
  },
  expected: (scenario) =>
    linesOf(scenario, 'paypal', ({ id, kind }) => `${paypalIds.transaction(id)}${SUFFIXES[kind] ?? ''}`),
  unknownCurrency: (text) => text.replaceAll(/"currency_code":"\w+"/g, '"currency_code":"XXQ"'),
  // A search finds what is past only as far as it looks back behind what it has seen.
  past: { settings: { overlap: '30d' } },
  notApplicable: {},
  cannotBear: {},
};
