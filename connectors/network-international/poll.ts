import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Translated } from '../../engine/domain/index.ts';
import { MAX_BATCH_ITEMS } from '../contract/index.ts';
import type { JsonValue, LiveContext, PolledPage, Polling } from '../contract/index.ts';
import type { HeardOrders } from './heard-orders.ts';
import { keyOf } from './order-reader.ts';
import type { ReadOrder } from './order-reader.ts';
import { readOrdersFile } from './orders-file.ts';
import type { NgeniusSettings } from './settings.ts';
import type { Outlook } from './translate.ts';
import { WatchList } from './watch-list.ts';

/** Orders that are read at a time, */
const AT_A_TIME = 32;
/** and between two movements of the cursor, which is written as a whole. */
const AT_A_CURSOR = 8 * AT_A_TIME;

type PollSettings = Pick<NgeniusSettings, 'watch' | 'maxWatched' | 'ordersFile' | 'outlets'>;

/** What a look at an order brought. */
type Look =
  | { readonly isRead: true; readonly items: readonly Translated[]; readonly outlook: Outlook | undefined }
  | { readonly isRead: false; readonly error: unknown };

/**
 * Looks at the orders that are known, because N-Genius lists none. Each order that a webhook told of is looked at in the
 * next round, whatever the webhook brought: nobody sends it again if it came to nothing. Then it is looked at ever more
 * rarely, until nothing more is to come of it.
 */
export function ngeniusPolling(
  readOrder: ReadOrder,
  heard: HeardOrders,
  context: Pick<LiveContext, 'now' | 'notice'>,
  settings: PollSettings,
): Polling {
  /** What each order said when it was last published: it is not published again until it says something else. */
  const said = new LRUCache<string, string>({ max: settings.maxWatched });
  let fileProblem = '';

  return {
    async *pages(given, signal) {
      const list = new WatchList(given, settings.watch, settings.maxWatched);
      const taken = heard.all();
      for (const [name, atMs] of taken) list.heard(name, atMs);
      await readFile(list);
      const lost = list.trim() + heard.takeForgotten();
      if (lost > 0) {
        context.notice(`${lost} orders are no longer looked at, because there are more than maxWatched`);
      }
      yield { items: [], cursor: list.cursor() };
      await heard.release(taken);

      const due = list.due(context.now());
      for (let from = 0; from < due.length; from += AT_A_TIME) {
        signal.throwIfAborted();
        const names = due.slice(from, from + AT_A_TIME);
        const looks = await Promise.all(names.map((name) => look(name, signal)));
        const items: Translated[] = [];
        const news: [name: string, digest: string][] = [];
        let failed: { readonly error: unknown } | undefined;
        for (const [index, name] of names.entries()) {
          const each = looks[index]!;
          if (!each.isRead) {
            failed ??= each;
            list.postpone(name, context.now());
            continue;
          }
          const digest = digestOf(each.items);
          const before = said.get(name);
          list.looked(name, each.outlook, before !== undefined && before !== digest, context.now());
          if (before === digest) continue;
          items.push(...each.items);
          news.push([name, digest]);
        }
        const next = from + AT_A_TIME;
        const isStop = failed !== undefined || next >= due.length || next % AT_A_CURSOR === 0;
        yield* paged(items, isStop ? list.cursor() : undefined);
        for (const [name, digest] of news) said.set(name, digest);
        if (failed !== undefined) throw failed.error;
      }
    },
  };

  async function look(name: string, signal: AbortSignal): Promise<Look> {
    try {
      const reading = await readOrder(keyOf(name), signal);
      return { isRead: true, items: reading?.items ?? [], outlook: reading?.outlook };
    } catch (error) {
      return { isRead: false, error };
    }
  }

  async function readFile(list: WatchList): Promise<void> {
    const { ordersFile, outlets } = settings;
    if (ordersFile === undefined || list.room === 0) return;
    try {
      const read = await readOrdersFile(ordersFile, list.fileBytes, list.room, outlets);
      list.fileBytes = read.bytes;
      for (const name of read.names) list.heard(name, context.now());
      fileProblem = '';
      if (read.refused > 0) {
        context.notice(
          `${ordersFile}: ${read.refused} lines name no order of the outlets and are passed over`,
        );
      }
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (fileProblem !== code) context.notice(`${ordersFile}: cannot be read (${code}); it is tried again`);
      fileProblem = code;
    }
  }
}

/** What items say, without where they came from. */
function digestOf(items: readonly Translated[]): string {
  const text = JSON.stringify(items, (key, value: unknown) =>
    key === 'origin' ? undefined : typeof value === 'bigint' ? value.toString() : value,
  );
  return createHash('sha256').update(text).digest('base64');
}

/** Items in pages of bounded size; only the last one moves the cursor. */
function* paged(items: readonly Translated[], cursor: JsonValue | undefined): Generator<PolledPage> {
  for (let from = 0; from < items.length || from === 0; from += MAX_BATCH_ITEMS) {
    const isLast = from + MAX_BATCH_ITEMS >= items.length;
    yield { items: items.slice(from, from + MAX_BATCH_ITEMS), cursor: isLast ? cursor : undefined };
  }
}
