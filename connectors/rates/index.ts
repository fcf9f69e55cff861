import { join } from 'node:path';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Log, RatesSource, Reconciliation } from '../../engine/domain/index.ts';
import { KeptRates, openKept } from './kept-rates.ts';
import { identityOf, publisherOfRates } from './publish-rates.ts';
import { RatesFeed } from './rates-feed.ts';
import type { RatesObserver } from './rates-feed.ts';

export { readRatesOnce } from './read-once.ts';
export { sourceName } from './read-source.ts';
export type { RatesObserver } from './rates-feed.ts';

/** What following the sources of rates is composed from. The caller opens and closes the log. */
export interface RatesDeps {
  readonly sources: { readonly [table: string]: RatesSource };
  readonly reconciliations: readonly Reconciliation[];
  readonly partitions: number;
  readonly log: Pick<Log, 'append' | 'state'>;
  /** The configuration file's folder: relative paths of sources start there. */
  readonly directory: string;
  /** Where it is kept what was published. */
  readonly keptDirectory: string;
  readonly observer: RatesObserver;
  /** Called once if the log can take nothing more. */
  readonly onFatal: (error: CounterfoilError) => void;
}

/** Follows all sources of rates until it is stopped. */
export function startRates(deps: RatesDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = follow(deps, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) deps.onFatal(CounterfoilError.from(error));
  });
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function follow(deps: RatesDeps, signal: AbortSignal): Promise<void> {
  const { log, partitions, directory, keptDirectory, observer } = deps;
  const tables = Object.entries(deps.sources);
  await openKept(keptDirectory, Object.keys(deps.sources));
  if (tables.length === 0) return;
  const identity = await identityOf(log, partitions);
  const publish = publisherOfRates(log, partitions);
  await Promise.all(
    tables.map(([table, source]) => {
      const kept = new KeptRates(keptDirectory, table, identity);
      const isWanted = pairsAsked(table, deps.reconciliations);
      return new RatesFeed({ table, source, directory, isWanted, kept, publish, observer, signal }).run();
    }),
  );
}

/** Whether some rule asks a table for the rates between two currencies: the others need not travel. */
function pairsAsked(
  table: string,
  reconciliations: readonly Reconciliation[],
): (from: string, to: string) => boolean {
  const pairs = new Set<string>();
  for (const { fx } of reconciliations.flatMap(({ rules }) => rules)) {
    if (fx !== undefined && 'table' in fx.rate && fx.rate.table === table) pairs.add(`${fx.from}/${fx.to}`);
  }
  return (from, to) => pairs.has(`${from}/${to}`);
}

/** Where a process that keeps its data in `dataDir` keeps what was published. */
export function keptRatesDirectory(dataDir: string): string {
  return join(dataDir, 'connectors', 'rates');
}
