import { LRUCache } from 'lru-cache';
import type { MoneyRecord, Translated } from '../../../engine/domain/index.ts';

/** Records remembered of each source: some days of a large merchant, in a few tens of megabytes. */
const MAX_REMEMBERED = 200_000;

/**
 * Remembers which records of one source have come, so that polling can tell what no webhook brought. What came before
 * the process started is not known: records older than that are not counted.
 */
export class Arrivals {
  readonly #sinceMs: number;
  readonly #graceMs: number;
  readonly #known: LRUCache<string, true>;

  /**
   * @param sinceMs from when on webhooks could come, epoch milliseconds
   * @param graceMs how long a webhook may take: a younger record that polling finds is not missing yet
   */
  constructor(sinceMs: number, graceMs: number, remembered = MAX_REMEMBERED) {
    this.#sinceMs = sinceMs;
    this.#graceMs = graceMs;
    this.#known = new LRUCache({ max: remembered });
  }

  /** A webhook brought these, and they are in the log. */
  byWebhook(items: readonly Translated[]): void {
    for (const item of items) if (item.type === 'record') this.#known.set(keyOf(item.record), true);
  }

  /**
   * Polling found these, and they are in the log.
   * @param nowMs epoch milliseconds
   * @param hasWebhook whether the provider sends one for such a record
   * @returns how many of them a webhook should have brought by now; each is counted once
   */
  byPoll(
    items: readonly Translated[],
    nowMs: number,
    hasWebhook: (record: MoneyRecord) => boolean = () => true,
  ): number {
    let missed = 0;
    for (const item of items) {
      if (item.type !== 'record') continue;
      const { record } = item;
      const key = keyOf(record);
      if (this.#known.has(key) || record.time > nowMs - this.#graceMs) continue;
      this.#known.set(key, true);
      if (record.time >= this.#sinceMs && hasWebhook(record)) missed++;
    }
    return missed;
  }
}

function keyOf({ id, version }: Pick<MoneyRecord, 'id' | 'version'>): string {
  return version === undefined ? id : `${id}\n${version}`;
}
