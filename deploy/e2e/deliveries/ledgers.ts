import { readFileSync } from 'node:fs';
import { BANK } from '../../../connectors/simulators/scenario/index.ts';
import { lastAnswer, listAll } from '../rest.ts';
import { IS_LONG } from './scale.ts';

/** How long after the last delivery sources may still have to poll and to look up what they were not told. */
const CATCH_UP_MS = IS_LONG ? 240_000 : 60_000;

/** What the API says of a record, as far as it is compared. */
interface ListedRecord {
  readonly id: string;
  readonly version?: number;
  readonly kind: string;
  readonly currency: string;
  readonly amount: string;
  readonly fee: string;
  readonly tax: string;
  readonly references: { readonly [name: string]: string };
}

/** The records that a source must have brought in the end, and those that are stored; one line each, sorted. */
export interface ComparedLedger {
  readonly source: string;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
}

/**
 * Compares what is stored of each source with the ledgers of the simulators, where it is given the time to become equal.
 * @param file of the lines by source, as the simulators wrote it
 * @throws Error where a version of a record is stored twice
 */
export async function compareLedgers(apiUrl: string, file: string): Promise<ComparedLedger[]> {
  const ledgers = JSON.parse(readFileSync(file, 'utf8')) as { readonly [source: string]: string[] };
  const compared: ComparedLedger[] = [];
  const deadline = Date.now() + CATCH_UP_MS;
  for (const [source, wanted] of Object.entries(ledgers)) {
    compared.push({ source, wanted, found: await storedOf(apiUrl, source, wanted, deadline - Date.now()) });
  }
  return compared;
}

/**
 * What is stored of a source, one line for each record, sorted; it is given the time to become what is wanted.
 * @throws Error where a version of a record is stored twice
 */
export function storedOf(
  apiUrl: string,
  source: string,
  wanted: readonly string[],
  timeoutMs: number,
): Promise<string[]> {
  return lastAnswer(
    () => storedLines(apiUrl, source),
    (stored) => stored.length === wanted.length && stored.every((line, i) => line === wanted[i]),
    timeoutMs,
  );
}

/** One line for each record of a source, of each id the highest version; of a bank by its own reference. @throws Error where a version stands twice */
async function storedLines(apiUrl: string, source: string): Promise<string[]> {
  const highest = new Map<string, ListedRecord>();
  const versions = new Set<string>();
  for (const record of await listAll<ListedRecord>(apiUrl, '/v1/records', { source })) {
    const version = `${record.id} ${record.version ?? 0}`;
    if (versions.has(version)) throw new Error(`${version} is listed twice`);
    versions.add(version);
    const known = highest.get(record.id);
    if (known === undefined || (record.version ?? 0) > (known.version ?? 0)) highest.set(record.id, record);
  }
  return [...highest.values()]
    .map(({ id, kind, currency, amount, fee, tax, references }) =>
      [
        source === BANK ? references['bankReference'] : id,
        kind,
        currency,
        amount,
        fee,
        tax,
        references['payout'] ?? '',
      ].join(' '),
    )
    .sort();
}
