import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  RowBuffer,
  encodeResultFrame,
  writeBreakRow,
  writeCommandRow,
  writeFindingRow,
  writeMatchRow,
} from '../engine/codec/index.ts';
import type { Break, CommandAnswer, Finding, Match, PartitionSummary } from '../engine/domain/index.ts';
import type { LiveResult } from './deps.ts';
import { createLiveFeed } from './live-feed.ts';
import type { LiveFeed } from './live-feed.ts';

const LOG_TIME = Date.UTC(2026, 10, 22, 10);

const match: Match = {
  sequence: 20,
  n: 1,
  logTime: LOG_TIME,
  matchSequence: 20,
  matchN: 1,
  version: 1,
  state: 'matched',
  reconciliation: 'gateway-to-bank',
  pools: ['l', 'r'],
  rule: 'by-reference',
  fields: ['reference', 'currency', 'amount ± 0.50'],
  account: "it's\tan account",
  currency: 'KWD',
  legs: [
    { side: 'left', source: 'gateway', id: 'g1', sequence: 7, ordinal: 3, allocated: 12_345 },
    { side: 'right', source: 'bank', id: 'b1', sequence: 20, ordinal: 0, allocated: 12_340 },
  ],
  difference: 5,
  causes: { tolerance: 5 },
  lagMs: 1500,
};

const broken: Break = {
  sequence: 21,
  n: 0,
  logTime: LOG_TIME,
  breakSequence: 19,
  breakN: 2,
  version: 2,
  state: 'resolved',
  reconciliation: 'gateway-to-bank',
  pools: ['l', 'r'],
  kind: 'unmatched',
  account: 'a',
  currency: 'AED',
  members: [{ side: 'right', source: 'bank', id: 'b2', sequence: 18, ordinal: 1, amount: -500 }],
  amount: -500,
  dueTime: LOG_TIME - 1000,
  why: { rule: 'by-reference', condition: 'noCounterpart' },
  reason: '',
  resolvedBy: { sequence: 21, n: 1 },
};

const finding: Finding = {
  sequence: 22,
  n: 0,
  logTime: LOG_TIME,
  kind: 'balance',
  source: 'bank',
  recordId: '',
  account: 'a',
  currency: 'AED',
  amount: -205,
  message: 'opening + Σ − closing is −2.05',
};

const answer: CommandAnswer = {
  sequence: 23,
  n: 0,
  logTime: LOG_TIME,
  commandId: 'c-1',
  kind: 'writeOff',
  accepted: false,
  reason: 'record b2 of bank is not open here',
  by: 'ana',
  why: 'below the limit',
};

function block(write: (buffer: RowBuffer) => void): Uint8Array {
  const buffer = new RowBuffer();
  write(buffer);
  return buffer.take();
}

function frameOf(matches: number): Uint8Array {
  return encodeResultFrame({
    matches: block((buffer) => {
      for (let i = 0; i < matches; i++) writeMatchRow(buffer, 1, 3, { ...match, n: i });
    }),
    breaks: block((buffer) => writeBreakRow(buffer, 1, 3, broken)),
    findings: block((buffer) => writeFindingRow(buffer, 1, 3, finding)),
    commands: block((buffer) => writeCommandRow(buffer, 1, 3, answer)),
  });
}

const summary: PartitionSummary = {
  partition: 3,
  sequence: 22,
  logTime: LOG_TIME,
  watermark: null,
  records: 3,
  duplicates: 0,
  unrouted: 0,
  findings: 1,
  deadLetters: 0,
  open: 1,
  reconciliations: [],
};

/** The announcing half of a log, in memory: what is sent reaches whoever listens now. */
function broker() {
  const listening = new Set<{
    subject: string;
    take: (payload: Uint8Array) => void;
    fail: (e: Error) => void;
  }>();
  const announced: string[] = [];
  return {
    announced,
    listening: () => listening.size,
    send(subject: string, payload: Uint8Array) {
      for (const { subject: wanted, take } of listening) {
        if (subject.startsWith(wanted.slice(0, -1))) take(payload);
      }
    },
    fail() {
      for (const { fail } of [...listening]) fail(new Error('connection closed'));
    },
    log: {
      announce: (subject: string) => void announced.push(subject),
      async *listen(subject: string, signal: AbortSignal) {
        const queue: Uint8Array[] = [];
        let failure: Error | undefined;
        let wake = (): void => undefined;
        const entry = {
          subject,
          take: (payload: Uint8Array) => {
            queue.push(payload);
            wake();
          },
          fail: (error: Error) => {
            failure = error;
            wake();
          },
        };
        listening.add(entry);
        signal.addEventListener('abort', () => wake());
        try {
          while (!signal.aborted) {
            if (failure !== undefined) throw failure;
            const payload = queue.shift();
            if (payload === undefined) await new Promise<void>((resolve) => (wake = resolve));
            else yield { subject, payload };
          }
        } finally {
          listening.delete(entry);
        }
      },
    },
  };
}

const feeds: LiveFeed[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(feeds.splice(0).map((feed) => feed.close()));
});

function feedOver(made: ReturnType<typeof broker>, rowsPerSecond?: number) {
  const lines: string[] = [];
  const feed = createLiveFeed({
    log: made.log,
    logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
    ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
  });
  feeds.push(feed);
  return { feed, lines };
}

describe('createLiveFeed', () => {
  test('turns the rows that the engine stored into results, breaks first', async () => {
    const made = broker();
    const { feed } = feedOver(made);
    const results: LiveResult[] = [];
    feed.subscribe((result) => results.push(result));
    made.send('cf.results.3', frameOf(1));
    await vi.waitFor(() => expect(results).toHaveLength(4));
    expect(results).toEqual([
      {
        type: 'break',
        result: {
          breakId: '1-3-19-2',
          version: 2,
          state: 'resolved',
          reconciliation: 'gateway-to-bank',
          kind: 'unmatched',
          account: 'a',
          currency: 'AED',
          amount: '-5.00',
          dueTime: '2026-11-22T09:59:59.000Z',
          members: [{ side: 'right', source: 'bank', id: 'b2', record: '1-3-18-1', amount: '-5.00' }],
          why: { rule: 'by-reference', condition: 'noCounterpart' },
          resolvedBy: '1-3-21-1',
          logTime: '2026-11-22T10:00:00.000Z',
        },
      },
      {
        type: 'finding',
        result: {
          position: '1-3-22-0',
          kind: 'balance',
          source: 'bank',
          recordId: '',
          account: 'a',
          currency: 'AED',
          amount: '-2.05',
          message: 'opening + Σ − closing is −2.05',
          logTime: '2026-11-22T10:00:00.000Z',
        },
      },
      {
        type: 'command',
        result: {
          id: 'c-1',
          position: '1-3-23-0',
          kind: 'writeOff',
          accepted: false,
          reason: 'record b2 of bank is not open here',
          by: 'ana',
          why: 'below the limit',
          logTime: '2026-11-22T10:00:00.000Z',
        },
      },
      {
        type: 'match',
        result: {
          matchId: '1-3-20-1',
          version: 1,
          state: 'matched',
          reconciliation: 'gateway-to-bank',
          rule: 'by-reference',
          fields: ['reference', 'currency', 'amount ± 0.50'],
          account: "it's\tan account",
          currency: 'KWD',
          difference: '0.005',
          causes: { tolerance: '0.005' },
          lagMs: 1500,
          legs: [
            { side: 'left', source: 'gateway', id: 'g1', record: '1-3-7-3', allocated: '12.345' },
            { side: 'right', source: 'bank', id: 'b1', record: '1-3-20-0', allocated: '12.340' },
          ],
          logTime: '2026-11-22T10:00:00.000Z',
        },
      },
    ]);
  });

  test('keeps the latest summary of each partition', async () => {
    const made = broker();
    const { feed } = feedOver(made);
    const bytes = (part: PartitionSummary) => new TextEncoder().encode(JSON.stringify(part));
    made.send('cf.summary.3', bytes({ ...summary, records: 1 }));
    made.send('cf.summary.3', bytes(summary));
    made.send('cf.summary.4', bytes({ ...summary, partition: 4 }));
    await vi.waitFor(() => expect(feed.summaries()).toHaveLength(2));
    expect(feed.summaries()).toEqual([summary, { ...summary, partition: 4 }]);
  });

  test('says that results are wanted while somebody is subscribed, and only then', async () => {
    vi.useFakeTimers();
    const made = broker();
    const { feed } = feedOver(made);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.announced).toEqual([]);
    const unsubscribe = feed.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(made.announced).toEqual(['cf.interest', 'cf.interest', 'cf.interest', 'cf.interest']);
    unsubscribe();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.announced).toHaveLength(4);
  });

  test('decodes no more rows a second than it may, and says how many it left out', async () => {
    const made = broker();
    const { feed } = feedOver(made, 10);
    const results: LiveResult[] = [];
    feed.subscribe((result) => results.push(result));
    made.send('cf.results.3', frameOf(100));
    await vi.waitFor(() => expect(results.at(-1)?.type).toBe('missed'));
    expect(results.filter(({ type }) => type === 'match')).toHaveLength(7);
    expect(results.at(-1)).toEqual({ type: 'missed', count: 93 });
  });

  test('an announcement that cannot be read is logged, and the next one is', async () => {
    const made = broker();
    const { feed, lines } = feedOver(made);
    feed.subscribe(() => undefined);
    made.send('cf.summary.3', new TextEncoder().encode('{"partition":3}'));
    made.send('cf.summary.3', new Uint8Array([0xff]));
    made.send('cf.results.3', new Uint8Array([1, 2, 3]));
    made.send('cf.summary.3', new TextEncoder().encode(JSON.stringify(summary)));
    await vi.waitFor(() => expect(feed.summaries()).toEqual([summary]));
    expect(lines).toHaveLength(3);
  });

  test('listens again after the broker was away', async () => {
    const made = broker();
    const { feed, lines } = feedOver(made);
    expect(made.listening()).toBe(2);
    made.fail();
    await vi.waitFor(() => expect(made.listening()).toBe(0));
    await vi.waitFor(() => expect(made.listening()).toBe(2), { timeout: 3000 });
    made.send('cf.summary.3', new TextEncoder().encode(JSON.stringify(summary)));
    await vi.waitFor(() => expect(feed.summaries()).toHaveLength(1));
    expect(lines).toHaveLength(2);
  });

  test('closing ends at once', async () => {
    const { feed } = feedOver(broker());
    const started = performance.now();
    await feed.close();
    expect(performance.now() - started).toBeLessThan(500);
  });
});
