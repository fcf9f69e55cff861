import { Zone } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import type { JsonValue, KeptTexts, LiveSession, ProviderHttp } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import type { OwnedProviderHttp } from '../http/index.ts';
import { BANK_ZONE, ibanOf } from '../simulators/bank/index.ts';
import type { Consumer } from '../simulators/bank/index.ts';
import { issueCertificate } from '../simulators/paypal/certificates.ts';
import { simulatedHttp } from '../simulators/simulated-http.ts';
import { swiftApi } from './index.ts';

const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 11, 31) };
const issued = issueCertificate({ name: 'shop.example', isAuthority: false, ...validity });
export const PRIVATE_KEY: string = issued.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What the bank knows of us. */
export const CONSUMER: Consumer = {
  key: 'consumer-key',
  secret: 'consumer-secret',
  certificate: issued.pem,
  subject: 'CN=shop.example',
  scope: 'swift.alliancecloud.api',
};

const MERCHANTS = ['souk', 'dune'] as const;
const CURRENCIES = ['AED', 'USD', 'KWD'];

/** The settlement account of each IBAN. */
export const ACCOUNTS: { readonly [iban: string]: string } = Object.fromEntries(
  MERCHANTS.flatMap((merchant) =>
    CURRENCIES.map((currency) => [ibanOf(merchant, currency), `${merchant}-${currency}`]),
  ),
);

/** Settings as they would be written, without `connector`. */
export function written(url: string, more: object = {}): { readonly [setting: string]: unknown } {
  return {
    consumerKey: CONSUMER.key,
    consumerSecret: CONSUMER.secret,
    certificate: CONSUMER.certificate,
    privateKey: PRIVATE_KEY,
    zone: BANK_ZONE,
    accounts: ACCOUNTS,
    formats: { mt940: {} },
    http: simulatedHttp(url, '80ms'),
    ...more,
  };
}

/** What is only polled keeps nothing beside its cursor. */
const NOTHING_KEPT: KeptTexts = {
  all: () => [],
  keep: () => Promise.reject(new Error('nothing is to be kept')),
  drop: () => Promise.reject(new Error('nothing is kept')),
};

export interface OpenedSource {
  readonly session: LiveSession;
  readonly http: OwnedProviderHttp;
  readonly notices: readonly string[];
}

/** @param replaced answers in place of the provider */
export function openSource(
  url: string,
  now: () => number,
  more: object = {},
  replaced?: ProviderHttp,
): OpenedSource {
  const settings = swiftApi.settings.parse(written(url, more));
  const http = createProviderHttp({ source: 'bank', settings: settings.http });
  const notices: string[] = [];
  const session = swiftApi.open!(
    {
      source: 'bank',
      zone: new Zone(settings.zone),
      accounts: new Accounts(settings),
      notice: (line) => notices.push(line),
      http: replaced ?? http,
      now,
      signal: new AbortController().signal,
      kept: NOTHING_KEPT,
    },
    settings,
  );
  return { session, http, notices };
}

/** A cursor as it is kept: in JSON. */
export function keptCursor(cursor: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(cursor)) as JsonValue;
}
