import { camt } from './camt/index.ts';
import type { Connector } from './contract/index.ts';
import { csv } from './csv/index.ts';
import { httpJson } from './http-json/index.ts';
import { mt940, mt942 } from './mt940/index.ts';
import { networkInternational } from './network-international/index.ts';
import { stripe } from './stripe/index.ts';
import { webhookJson } from './webhook-json/index.ts';

/** Every connector there is. A new one is added here, and the conformance suite runs over it from then on. */
export const CONNECTORS: readonly Connector[] = [
  csv,
  mt940,
  mt942,
  camt,
  httpJson,
  stripe,
  networkInternational,
  webhookJson,
];
