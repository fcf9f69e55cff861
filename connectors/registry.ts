import { camt } from './camt/index.ts';
import type { Connector } from './contract/index.ts';
import { csv } from './csv/index.ts';
import { httpJson } from './http-json/index.ts';
import { mt103 } from './mt103/index.ts';
import { mt940, mt942 } from './mt940/index.ts';
import { ndjson } from './ndjson/index.ts';
import { networkInternational } from './network-international/index.ts';
import { paypal } from './paypal/index.ts';
import { paypalReport } from './paypal/report/index.ts';
import { stripe } from './stripe/index.ts';
import { swiftApi } from './swift-api/index.ts';
import { webhookJson } from './webhook-json/index.ts';

/** Every connector there is. A new one is added here, and the conformance suite runs over it from then on. */
export const CONNECTORS: readonly Connector[] = [
  csv,
  mt940,
  mt942,
  mt103,
  camt,
  httpJson,
  ndjson,
  stripe,
  networkInternational,
  paypal,
  paypalReport,
  swiftApi,
  webhookJson,
];
