import { rateToDirhams } from '../../connectors/simulators/scenario/index.ts';
import type { Provider } from '../../connectors/simulators/scenario/index.ts';
import { Secret, formatDay, DAY_MS } from '../../engine/domain/index.ts';
import { MERCHANT } from './merchant.ts';

interface Settings {
  readonly [setting: string]: unknown;
}

/** How far a source may lag behind its latest record: what no webhook brings waits for a poll. */
const LAG = { outOfOrder: '1d', idleTimeout: '3s' };

/** In what currencies PayPal pays out that the merchant has no account in, so that its bank converts them. */
const CONVERTED = ['EUR', 'GBP', 'JPY'];
/** Where records have the order's number, by the source that they come from and what orders call it. */
const GATEWAYS: readonly { readonly source: string; readonly provider: Provider; readonly order: string }[] =
  [
    { source: 'stripe', provider: 'stripe', order: 'references.order' },
    { source: 'paypal', provider: 'paypal', order: 'references.invoice' },
    { source: 'network-international', provider: 'networkInternational', order: 'references.order' },
  ];

/**
 * The section `sources`: the simulated companies, and what the merchant posts.
 * @param simulated as a world gives them, with names of secrets in them: `${NAME}`
 * @param secrets by name
 * @param webhookGrace how long a webhook may take, in simulated time
 */
export function demoSources(
  simulated: { readonly [name: string]: object },
  secrets: { readonly [name: string]: string },
  webhookGrace: string,
): { [name: string]: Settings } {
  const sources: { [name: string]: Settings } = {};
  for (const [name, settings] of Object.entries(simulated)) {
    sources[name] = { ...(withSecrets(settings, secrets) as Settings), ...LAG };
  }
  for (const { source } of GATEWAYS) sources[source] = { ...sources[source], webhookGrace };
  return {
    ...sources,
    orders: { connector: 'http-json', account: MERCHANT, kind: 'ledger', ...LAG },
    acquirer: { connector: 'http-json', account: MERCHANT, ...LAG },
  };
}

function withSecrets(settings: unknown, secrets: { readonly [name: string]: string }): unknown {
  if (typeof settings === 'string') {
    const name = /^\$\{(\w+)\}$/.exec(settings)?.[1];
    return name === undefined ? settings : new Secret(secrets[name]!);
  }
  if (typeof settings !== 'object' || settings === null) return settings;
  if (Array.isArray(settings)) return settings.map((each) => withSecrets(each, secrets));
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, withSecrets(value, secrets)]),
  );
}

/**
 * What every merchant has who sells through several payment companies: each order against its charge, a payout against
 * what it is made of, and what was paid out against the bank.
 */
export function demoReconciliations(): Settings[] {
  return [
    ...GATEWAYS.map(({ source, provider, order }) => ({
      name: `orders-to-${source}`,
      left: {
        sources: ['orders'],
        where: { 'attributes.gateway': provider },
        duplicates: ['reference', 'amount'],
      },
      right: { sources: [source], where: { kind: 'charge' } },
      window: { before: '1h', after: '1d', grace: '12h' },
      rules: [{ name: 'by-order', keys: [{ left: 'reference', right: order }] }],
    })),
    {
      name: 'stripe-payouts',
      left: {
        sources: ['stripe'],
        where: { kind: { notIn: ['payout'] }, 'references.payout': { exists: true } },
      },
      right: { sources: ['stripe'], where: { kind: 'payout' }, negate: true },
      window: { before: '1d', after: '30d' },
      rules: [
        {
          ...{ name: 'by-payout', cardinality: 'N:1', complete: 'onSignal', keys: ['references.payout'] },
          compare: 'net',
        },
      ],
    },
    {
      name: 'payouts-to-bank',
      left: {
        sources: ['stripe', 'paypal', 'acquirer'],
        where: { kind: ['payout', 'payoutFailure'] },
        negate: true,
      },
      right: { sources: ['bank'] },
      // A trace id may take two weeks.
      window: { before: '1d', after: '14d' },
      rules: [
        { name: 'by-trace', keys: [{ left: 'references.trace', right: 'reference' }] },
        ...CONVERTED.map((from) => ({
          name: `by-trace-in-${from}`,
          keys: [{ left: 'references.trace', right: 'reference' }],
          fx: exchange(from),
        })),
        { name: 'by-amount-and-date', where: UNTRACED, keys: ['account'] },
        ...CONVERTED.map((from) => ({
          name: `by-amount-and-date-in-${from}`,
          where: UNTRACED,
          keys: ['account'],
          fx: exchange(from),
        })),
        // What failed before the bank had it comes to nothing on its own side.
        { name: 'failed', cardinality: 'contra', side: 'left', keys: ['reference'] },
      ],
    },
  ];
}

const UNTRACED = {
  left: { 'references.trace': { exists: false } },
  right: { reference: { exists: false } },
};

function exchange(from: string): Settings {
  return { from, to: 'AED', rate: { table: 'bank' }, maxAge: '366d' };
}

/** @param startMs the first day */
export function demoRates(startMs: number): Settings {
  const date = formatDay(Math.floor(startMs / DAY_MS) - 1);
  return {
    bank: {
      values: CONVERTED.map((from) => ({ date, from, to: 'AED', rate: rateToDirhams(from) })),
    },
  };
}
