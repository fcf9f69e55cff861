import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { deadLetter, failureOf } from '../contract/index.ts';
import type { LiveContext, PolledPage, Polling } from '../contract/index.ts';
import type { ListedStatement, SwiftApi } from './client.ts';
import { readContent, readerFor } from './readers.ts';
import { SeenStatements } from './seen.ts';
import type { SwiftApiSettings } from './settings.ts';

/** Pages of one window; more is a list that has no end. */
const MAX_PAGES = 10_000;
/** Words for formats that were told of as passed over. */
const MAX_WORDS = 100;

/**
 * Lists what the bank has made available, window by window from the cursor on, and reads what is not in the log yet. The
 * cursor moves at the end of a window, and no further than before a statement that is listed and cannot be had.
 */
export function swiftApiPolling(
  api: SwiftApi,
  context: Pick<LiveContext, 'source' | 'zone' | 'accounts' | 'notice' | 'now'>,
  settings: SwiftApiSettings,
): Polling {
  const { overlap, window, history, giveUp } = settings;
  const passedOver = new Set<string>();

  return {
    async *pages(cursor, signal) {
      const seen = new SeenStatements(cursor);
      const endMs = context.now();
      let fromMs = seen.throughMs === undefined ? endMs - history : seen.throughMs - overlap;
      let missingMs = Infinity;
      for (;;) {
        // What the bank's clock says may be ahead of ours: the last window is open.
        const toMs = fromMs + window < endMs ? fromMs + window : undefined;
        missingMs = Math.min(missingMs, yield* readWindow(seen, fromMs, toMs, signal));
        const throughMs = Math.max(seen.throughMs ?? -Infinity, Math.min(toMs ?? endMs, missingMs + overlap));
        yield { items: [], cursor: seen.cursor(throughMs, throughMs - overlap) };
        if (toMs === undefined) return;
        fromMs = toMs;
      }
    },
  };

  /** @returns when the earliest statement was made available that could not be had; Infinity where all were */
  async function* readWindow(
    seen: SeenStatements,
    fromMs: number,
    toMs: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<PolledPage, number> {
    let missingMs = Infinity;
    let page: string | undefined;
    for (let n = 0; ; n++) {
      if (n >= MAX_PAGES) throw endless(`has more than ${MAX_PAGES} pages`);
      const list = await api.list(fromMs, toMs, page, signal);
      for (const statement of list.statements) {
        signal.throwIfAborted();
        if (seen.has(statement)) continue;
        const availableMs = statement.availableMs ?? fromMs;
        let { problem } = statement;
        if (problem === undefined) {
          problem = (yield* readStatement(statement, signal))?.message;
          if (problem !== undefined && context.now() - seen.missingSince(statement, context.now()) < giveUp) {
            missingMs = Math.min(missingMs, availableMs);
            continue;
          }
        }
        if (problem !== undefined) yield { items: [unreadable(statement, problem)], cursor: undefined };
        seen.add(statement, context.now());
      }
      if (list.next === undefined) return missingMs;
      if (list.next === page) throw endless('gives the same page as the next one');
      page = list.next;
    }
  }

  /** @returns why it cannot be had, where waiting for the provider as a whole would not help */
  async function* readStatement(
    statement: ListedStatement,
    signal: AbortSignal,
  ): AsyncGenerator<PolledPage, CounterfoilError | undefined> {
    const name = readerFor(statement.format, settings);
    if (name === undefined) {
      passOver(statement.format ?? 'that it does not name');
      return undefined;
    }
    let { content } = statement;
    try {
      content ??= await api.content(statement.id, signal);
    } catch (error) {
      if (error instanceof CounterfoilError && isOfStatement(error)) return error;
      throw error;
    }
    const file = { ...context, file: nameOf(statement.id) };
    for await (const items of readContent(name, content, file, settings)) {
      yield { items, cursor: undefined };
    }
    return undefined;
  }

  function passOver(format: string): void {
    if (passedOver.has(format) || passedOver.size >= MAX_WORDS) return;
    passedOver.add(format);
    context.notice(
      `statements of a format ${format.slice(0, 60)} are passed over; see formats and formatNames`,
    );
  }

  function unreadable({ id, text }: ListedStatement, why: string): Translated {
    const problem = new CounterfoilError(
      'malformedStatement',
      `a statement is listed and cannot be had: ${why}`,
    );
    return deadLetter(context.source, problem, { file: nameOf(id), offset: 0, ordinal: 0 }, text);
  }

  function endless(what: string): CounterfoilError {
    return new CounterfoilError(
      'providerContract',
      `source "${context.source}": the list of statements ${what}; check list.page and list.next`,
    );
  }
}

/** Whether it is this statement that cannot be had, and others may be: not there, not for us, too large. */
function isOfStatement(error: CounterfoilError): boolean {
  return ['providerRefused', 'providerContract'].includes(error.code) || failureOf(error)?.status === 403;
}

/** What a statement is called in origins, findings and dead letters. */
function nameOf(id: string): string {
  return `statements/${id}`;
}
