import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { decodeResultFrame, decodeRows } from '../engine/codec/index.ts';
import { INTEREST_SUBJECT, MAX_PARTITIONS } from '../engine/domain/index.ts';
import type { Log, PartitionSummary, TableName } from '../engine/domain/index.ts';
import type { ApiDeps, LiveResult } from './deps.ts';
import { shortBreak, shortMatch } from './parts.ts';
import { breakView, commandView, findingView, matchView } from './result-views.ts';
import type { Row } from './result-views.ts';

/** Subjects on which the engine announces: one message a round of stored results, one summary about a second. */
const RESULTS = 'cf.results.*';
const SUMMARIES = 'cf.summary.*';

/** The engine takes a word of interest to count for 15 s. */
const INTEREST_EVERY_MS = 4000;
const NOTHING = new Uint8Array(0);

const RETRY_MS = 1000;
const NEWLINE = 10;

export interface LiveFeedOptions {
  readonly log: Pick<Log, 'listen' | 'announce'>;
  readonly logger: Logger;
  /** Called with every summary as it comes. */
  readonly onSummary?: (summary: PartitionSummary) => void;
  /** The most rows decoded in a second: people watch the feed, and decoding must not keep answers waiting. Default 5000. */
  readonly rowsPerSecond?: number;
}

/** The engine's announcements, kept and handed on. */
export interface LiveFeed {
  readonly summaries: ApiDeps['summaries'];
  readonly subscribe: ApiDeps['live']['subscribe'];
  /** Stops listening and waits for it. */
  close(): Promise<void>;
}

/**
 * Starts listening. Keeps the latest summary of each partition; decodes results only while somebody is subscribed, and
 * no more than `rowsPerSecond`: the rest is reported as `missed`. Survives a broker that goes away.
 */
export function createLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { log, logger } = options;
  const summaries = new Map<number, PartitionSummary>();
  const listeners = new Set<(result: LiveResult) => void>();
  const stopping = new AbortController();
  const budget = new RowBudget(options.rowsPerSecond ?? 5000);

  const tell = (result: LiveResult): void => {
    for (const listener of listeners) listener(result);
  };
  const takeResults = (payload: Uint8Array): void => {
    if (listeners.size === 0) return;
    const { matches, breaks, findings, commands } = decodeResultFrame(payload);
    let missed = 0;
    const each = (table: TableName, block: Uint8Array, take: (row: Row) => void): void => {
      const ends = rowEnds(block);
      const taken = budget.take(ends.length);
      missed += ends.length - taken;
      if (taken > 0) decodeRows(table, block.subarray(0, ends[taken - 1]! + 1)).forEach(take);
    };
    // Breaks first: of all results they are the ones that people wait for.
    each('breaks', breaks, (row) => tell({ type: 'break', result: shortBreak(breakView(row)) }));
    each('findings', findings, (row) => tell({ type: 'finding', result: findingView(row) }));
    each('commands', commands, (row) => tell({ type: 'command', result: commandView(row) }));
    each('matches', matches, (row) => tell({ type: 'match', result: shortMatch(matchView(row)) }));
    if (missed > 0) tell({ type: 'missed', count: missed });
  };
  const takeSummary = (payload: Uint8Array): void => {
    const summary = readSummary(payload);
    summaries.set(summary.partition, summary);
    options.onSummary?.(summary);
    tell({ type: 'summary', result: summary });
  };
  const sayInterest = (): void => {
    if (listeners.size === 0 || stopping.signal.aborted) return;
    try {
      log.announce(INTEREST_SUBJECT, NOTHING);
    } catch (error) {
      logger.debug({ err: error }, 'interest in results could not be announced');
    }
  };
  const interest = setInterval(sayInterest, INTEREST_EVERY_MS).unref();
  const loops = [
    listenAlways(log, RESULTS, takeResults, logger, stopping.signal),
    listenAlways(log, SUMMARIES, takeSummary, logger, stopping.signal),
  ];

  return {
    summaries: () => [...summaries.values()],
    subscribe: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) sayInterest();
      return () => void listeners.delete(listener);
    },
    close: async () => {
      clearInterval(interest);
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** Hands every announcement on until `signal` aborts; one that cannot be read is logged and left out. */
async function listenAlways(
  log: Pick<Log, 'listen'>,
  subject: string,
  take: (payload: Uint8Array) => void,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    try {
      for await (const announcement of log.listen(subject, signal)) {
        try {
          take(announcement.payload);
        } catch (error) {
          logger.warn({ err: error, subject: announcement.subject }, 'an announcement could not be read');
        }
      }
    } catch (error) {
      if (stopped()) return;
      logger.warn({ err: error, subject }, 'listening was interrupted; trying again');
    }
    await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Rows that may be decoded in the second at hand. */
class RowBudget {
  readonly #perSecond: number;
  #second = 0;
  #left: number;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** How many of `rows` may be decoded now; they are spent. */
  take(rows: number): number {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = this.#perSecond;
    }
    const taken = Math.min(rows, this.#left);
    this.#left -= taken;
    return taken;
  }
}

/** Where each row of a block ends: at a newline, because inside a value a newline is escaped. */
function rowEnds(block: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) ends.push(at);
  return ends;
}

const count = z.int().nonnegative();
const minor = z.int();
const side = z.object({
  records: count,
  amount: minor,
  matched: count,
  matchedAmount: minor,
  pending: count,
  pendingAmount: minor,
  broken: count,
  brokenAmount: minor,
  late: count,
});

/** What an announced summary must look like before it is summed: an engine of another version may be about. */
const summarySchema = z.object({
  partition: count.max(MAX_PARTITIONS - 1),
  sequence: count,
  logTime: z.number(),
  watermark: z.number().nullable(),
  records: count,
  duplicates: count,
  unrouted: count,
  findings: count,
  deadLetters: count,
  open: count,
  reconciliations: z.array(
    z.object({
      reconciliation: z.string(),
      currency: z.string(),
      matches: count,
      difference: minor,
      sides: z.object({ left: side, right: side }),
      breaks: z.record(z.string(), count),
      healed: count,
      lag: z.array(count),
      ageing: z.array(z.tuple([z.int(), count, minor])),
    }),
  ),
});

function readSummary(payload: Uint8Array): PartitionSummary {
  return summarySchema.parse(JSON.parse(new TextDecoder().decode(payload)));
}
