import { CounterfoilError, mergeRates } from '../../engine/domain/index.ts';
import type { Rates, RatesSource } from '../../engine/domain/index.ts';
import { parseRates } from './parse-rates.ts';
import { SourceError, readSource, sourceName } from './read-source.ts';

/** The tables of a configuration, and where more of them is published. */
export interface TablesWithSources {
  readonly rates: { readonly [table: string]: Rates };
  readonly ratesSources: { readonly [table: string]: RatesSource };
}

/**
 * Reads each source of rates once, for work over files: its rates stand over those that its table begins with.
 * @param notice takes a line for each row that is no rate
 * @returns the same settings, whose tables have what their sources say and no sources any more
 * @throws CounterfoilError `unreadableFile`, `timeout` where a source cannot be read
 */
export async function readRatesOnce<T extends TablesWithSources>(
  settings: T,
  directory: string,
  notice: (line: string) => void,
): Promise<T> {
  const rates = { ...settings.rates };
  for (const [table, source] of Object.entries(settings.ratesSources)) {
    const name = sourceName(source);
    try {
      const { text = '' } = await readSource(source, { directory });
      const parsed = parseRates(text, source);
      for (const problem of parsed.problems) notice(`rates.${table}: ${name}: ${problem}`);
      rates[table] = mergeRates(rates[table] ?? [], parsed.rates);
    } catch (error) {
      throw asError(error, table, name);
    }
  }
  return { ...settings, rates, ratesSources: {} };
}

function asError(error: unknown, table: string, name: string): unknown {
  const where = `rates.${table}.source`;
  if (error instanceof SourceError) {
    return new CounterfoilError(
      error.reason === 'timeout' ? 'timeout' : 'unreadableFile',
      `${where}: ${error.message}; correct it, or give the table a path of a file instead`,
      { cause: error },
    );
  }
  if (error instanceof CounterfoilError)
    return new CounterfoilError('unreadableFile', `${where}: ${name}: ${error.message}`, { cause: error });
  return error;
}
