import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  midOf,
  ngeniusIds,
  ngeniusRecordId,
  startNgenius,
} from '../../../simulators/network-international/index.ts';
import type { LiveSample } from '../sample.ts';
import { linesOf } from './lines-of.ts';

const MERCHANTS = ['souk', 'dune'];
const HEADER = 'x-shop';
const KEY = 'c2ltdWxhdGVkOmtleQ==';

/** The shop writes down an order. */
function note(directory: string, name: string): void {
  appendFileSync(join(directory, 'orders'), `${name}\n`);
}

export const networkInternational: LiveSample = {
  provider: 'networkInternational',
  settings: ({ secrets, directory }) => ({
    apiKey: KEY,
    outlets: MERCHANTS.map((merchant) => ngeniusIds.outlet(merchant)),
    accounts: Object.fromEntries(
      MERCHANTS.flatMap((merchant) => [
        [midOf(merchant), merchant],
        [ngeniusIds.outlet(merchant), merchant],
      ]),
    ),
    webhookHeader: { name: HEADER, value: secrets },
    ordersFile: join(directory, 'orders'),
  }),
  start: ({ secret, directory, now, post, faults }) =>
    startNgenius({
      ...{ now, post, faults, apiKey: KEY, hangMs: 100 },
      header: { name: HEADER, value: secret },
      onOrder: (name) => note(directory, name),
    }),
  webhooks: {
    secrets: ['value-in-use', 'value-next', 'value-of-somebody-else'],
    sign: (_, secret) => ({ [HEADER]: secret }),
    malformed: 'refused',
    unknownEvent: {
      // The order is looked at, whatever is said of it; N-Genius knows none of this reference.
      body: JSON.stringify({
        outletId: ngeniusIds.outlet('souk'),
        eventId: 'e1',
        eventName: 'QUANTUM_ENTANGLED',
        order: { reference: 'no-such-order' },
      }),
      leaves: [],
    },
  },
  expected: (scenario) => linesOf(scenario, 'networkInternational', ngeniusRecordId),
  unknownCurrency: (text) => text.replaceAll(/"currencyCode":"\w+"/g, '"currencyCode":"XXQ"'),
  past: {
    remind(scenario, directory) {
      for (const happening of scenario.happenings) {
        if (happening.type !== 'charge' || happening.payment.provider !== 'networkInternational') continue;
        const { id, merchant } = happening.payment;
        note(directory, `${ngeniusIds.outlet(merchant)}/${ngeniusIds.order(id)}`);
      }
    },
  },
  notApplicable: {
    changedBody: 'N-Genius signs no body; a delivery only names an order, which is read by the API',
    staleTimestamp: 'N-Genius states no time; an old delivery makes us read an order of ours once more',
    futureTimestamp: 'N-Genius states no time; what a delivery names is read as it is now',
  },
  cannotBear: {},
};
