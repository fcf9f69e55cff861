import type { RatesSource } from '../domain/index.ts';

/** A source of rates with what a configuration leaves to its defaults. */
export function sourceOf(settings: Partial<RatesSource>): RatesSource {
  return {
    url: undefined,
    path: undefined,
    headers: {},
    every: 3_600_000,
    timeout: 30_000,
    format: 'csv',
    layout: 'long',
    delimiter: ',',
    items: undefined,
    columns: { date: 'date', from: 'from', to: 'to', rate: 'rate' },
    from: undefined,
    to: undefined,
    ...settings,
  };
}
