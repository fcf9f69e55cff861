import type { Connector } from './contract/index.ts';
import { csv } from './csv/index.ts';
import { httpJson } from './http-json/index.ts';
import { mt940 } from './mt940/index.ts';

/** Every connector there is. A new one is added here, and the conformance suite runs over it from then on. */
export const CONNECTORS: readonly Connector[] = [csv, mt940, httpJson];
