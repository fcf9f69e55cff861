import { lastAnswer, listAll } from '../rest.ts';
import { IS_LONG } from './scale.ts';
import type { Shop } from './shop.ts';

/** How long windows may take to close after the last record. */
const CATCH_UP_MS = IS_LONG ? 120_000 : 30_000;

interface RecordName {
  readonly source: string;
  readonly id: string;
}
interface Match {
  readonly state: string;
  readonly legs: readonly RecordName[];
}
interface Break {
  readonly members: readonly RecordName[];
}

/** Names of records, `source id`, as often as they are in a match, or in an open break. */
export interface Reconciled {
  readonly matched: readonly string[];
  readonly broken: readonly string[];
}

/** What has become of the sales, where every one that was entered is given the time to be matched, and others to break. */
export async function reconciled(apiUrl: string, { entered, forgotten }: Shop): Promise<Reconciled> {
  const now = async (): Promise<Reconciled> => {
    const matches = await listAll<Match>(apiUrl, '/v1/matches');
    const breaks = await listAll<Break>(apiUrl, '/v1/breaks', { state: 'open' });
    return {
      matched: matches.filter(({ state }) => state === 'matched').flatMap(({ legs }) => legs.map(nameOf)),
      broken: breaks.flatMap(({ members }) => members.map(nameOf)),
    };
  };
  return lastAnswer(
    now,
    ({ matched, broken }) => matched.length === 2 * entered.length && broken.length === forgotten.length,
    CATCH_UP_MS,
  );
}

function nameOf({ source, id }: RecordName): string {
  return `${source} ${id}`;
}
