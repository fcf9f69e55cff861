import {
  SIGNED_JSON_SETTINGS,
  createSignedJson,
  signedJsonHeaders,
} from '../../../simulators/signed-json/index.ts';
import type { LiveSample } from '../sample.ts';
import { linesOf } from './lines-of.ts';

export const webhookJson: LiveSample = {
  provider: 'stripe',
  settings: ({ secrets }) => ({ ...SIGNED_JSON_SETTINGS, secrets }),
  start: ({ now, post, faults, secret }) =>
    Promise.resolve(createSignedJson({ now, post, faults, secret, provider: 'stripe' })),
  webhooks: {
    secrets: ['secret in use', 'secret to come', 'secret of somebody else'],
    sign: signedJsonHeaders,
    malformed: 'deadLetter',
    unknownEvent: { body: '{"event":"e1","type":"quantum.entangled"}', leaves: ['invalidRecord'] },
  },
  expected: (scenario) => linesOf(scenario, 'stripe', ({ id }) => id),
  unknownCurrency: (text) => text.replace(/"currency":"\w+"/, '"currency":"XXQ"'),
  notApplicable: {
    crashBeforeCursor: 'such a provider has no list to be asked for, so that there is no cursor',
    rateLimit: 'nobody is called',
    outage: 'nobody is called',
  },
  cannotBear: { lostWebhooks: 'what is never sent cannot be asked for' },
};
