import { BANK_ZONE, factsOf, localDay, startBank, startOfLocalDay } from '../../../simulators/bank/index.ts';
import { BANK } from '../../../simulators/scenario/index.ts';
import { ACCOUNTS, CONSUMER, PRIVATE_KEY } from '../../../swift-api/fixtures.ts';
import { withoutWebhooks } from '../lines.ts';
import type { LiveSample } from '../sample.ts';
import { linesOf } from './lines-of.ts';

export const swiftApi: LiveSample = {
  provider: BANK,
  settings: () => ({
    consumerKey: CONSUMER.key,
    consumerSecret: CONSUMER.secret,
    certificate: CONSUMER.certificate,
    privateKey: PRIVATE_KEY,
    zone: BANK_ZONE,
    accounts: ACCOUNTS,
    formats: { mt940: {} },
    history: '60d',
  }),
  start: ({ now, faults }) => startBank({ now, faults, consumer: CONSUMER, hangMs: 100 }),
  expected: (scenario) =>
    linesOf(
      scenario,
      BANK,
      (line) => factsOf(line).bankReference,
      ({ atMs }) => startOfLocalDay(localDay(atMs)),
    ),
  keyOf: ({ references }) => references['bankReference'] ?? '',
  unknownCurrency: (text) => text.replaceAll(/^(:6[02][FM]:[CD]\d{6})[A-Z]{3}/gm, '$1XXQ'),
  past: { isOver: true },
  notApplicable: withoutWebhooks('banks send none; statements are listed and fetched'),
  cannotBear: {},
};
