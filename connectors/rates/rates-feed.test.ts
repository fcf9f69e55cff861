import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Rates, RatesSource } from '../../engine/domain/index.ts';
import { sourceOf } from '../../engine/testing/rates-source.ts';
import { KeptRates, openKept } from './kept-rates.ts';
import { RatesFeed } from './rates-feed.ts';
import { MAX_SOURCE_BYTES } from './read-source.ts';

const HEADING = 'date,from,to,rate\n';
const PATIENCE_MS = 10_000;

let server: Server;
let base: string;
let directory: string;
/** How the stand-in answers; what it was asked. */
let answer: RequestListener;
let asked: { readonly headers: NodeJS.Dict<string | string[]> }[] = [];
let stop = new AbortController();
let feeds: Promise<void>[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.closeAllConnections());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-rates-feed-'));
  asked = [];
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.allSettled(feeds);
  feeds = [];
  rmSync(directory, { recursive: true, force: true });
});

const sends =
  (body: string | Buffer, status = 200, headers: { [name: string]: string } = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** A feed that runs, and what it did so far. */
async function follow(
  settings: Partial<RatesSource>,
  options: { readonly publish?: () => void; readonly log?: string } = {},
) {
  await openKept(join(directory, 'kept'), ['cb']);
  const published: Rates[] = [];
  const failed: string[] = [];
  const told: string[] = [];
  let newest = '';
  const running = new RatesFeed({
    table: 'cb',
    source: sourceOf({
      every: 20,
      ...(settings.path === undefined ? { url: `${base}/rates?key=hidden` } : {}),
      ...settings,
    }),
    directory,
    isWanted: (from, to) => from === 'USD' && to === 'AED',
    kept: new KeptRates(join(directory, 'kept'), 'cb', options.log ?? 'this log'),
    publish: async (_table, rates) => {
      options.publish?.();
      published.push(rates);
    },
    observer: {
      published: () => undefined,
      newest: (_table, date) => (newest = date),
      failed: (_table, reason) => failed.push(reason),
      tell: (level, _table, line) => told.push(`${level} ${line}`),
    },
    signal: stop.signal,
    random: () => 0,
  }).run();
  feeds.push(running);
  running.catch(() => undefined);
  return { published, failed, told, newest: () => newest, running };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await delay(5);
  }
}

describe('a source of rates at an address', () => {
  it('is asked again and again, and what is new or other is published, once', async () => {
    answer = sends(`${HEADING}2026-11-20,USD,AED,3.6725\n2026-11-20,EUR,AED,4.2\n`);
    const feed = await follow({});
    await until(() => asked.length > 3);
    expect(feed.published).toEqual([[{ date: '2026-11-20', from: 'USD', to: 'AED', rate: '3.6725' }]]);
    expect(feed.newest()).toBe('2026-11-20');
    // A day more, a correction of the day before, and none of the day that was there.
    answer = sends(`${HEADING}2026-11-21,USD,AED,3.68\n2026-11-19,USD,AED,3.66\nx,USD,AED,1\n`);
    await until(() => feed.newest() === '2026-11-21');
    expect(feed.published[1]!.map(({ date }) => date)).toEqual(['2026-11-19', '2026-11-21']);
    answer = sends(`${HEADING}2026-11-19,USD,AED,3.67\n`);
    await until(() => feed.published.length === 3);
    expect(feed.published[2]).toEqual([{ date: '2026-11-19', from: 'USD', to: 'AED', rate: '3.67' }]);
    expect(feed.newest()).toBe('2026-11-21');
    expect(feed.failed).toEqual([]);
    const rows = feed.told.filter((line) => line.startsWith('warn'));
    expect(rows).toEqual([
      `warn rates of table "cb": ${base}/rates: line 4: date "x": wants a day such as 2026-12-02`,
    ]);
  });

  it('is asked for changes only, with the headers that are configured', async () => {
    const body = `${HEADING}2026-11-20,USD,AED,3.6725\n`;
    answer = (request, response) => {
      const isKnown = request.headers['if-none-match'] === '"v1"';
      response.writeHead(isKnown ? 304 : 200, {
        etag: '"v1"',
        'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT',
      });
      response.end(isKnown ? undefined : body);
    };
    const feed = await follow({ headers: { authorization: 'Bearer t' } });
    await until(() => asked.length > 3);
    expect(asked[0]!.headers).toMatchObject({ authorization: 'Bearer t', 'user-agent': 'counterfoil' });
    expect(asked[0]!.headers['if-none-match']).toBeUndefined();
    expect(asked[2]!.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Fri, 20 Nov 2026 12:00:00 GMT',
    });
    expect(feed.published).toHaveLength(1);
    expect(feed.failed).toEqual([]);
  });

  it.each<readonly [what: string, RequestListener, reason: string, line: string]>([
    ['a failure', sends('busy', 503), 'status', 'answers 503;'],
    [
      'a redirection',
      sends('', 302, { location: '/other' }),
      'status',
      'answers 302; redirections are not followed',
    ],
    ['silence', () => undefined, 'timeout', 'did not answer within 100 ms'],
    [
      'a beginning and then silence',
      (_request, response) => void response.writeHead(200).write('date'),
      'timeout',
      'did not answer within 100 ms',
    ],
    ['a broken connection', (request) => request.socket.destroy(), 'unreachable', 'cannot be reached ('],
    [
      'what is not HTTP',
      (request) => request.socket.end('hello\r\n\r\n'),
      'unreachable',
      'cannot be reached (',
    ],
    [
      'too much',
      sends(Buffer.alloc(MAX_SOURCE_BYTES + 1, 44)),
      'tooLarge',
      'has more than the 16777216 bytes',
    ],
    [
      'little that is unpacked to too much',
      sends(gzipSync(Buffer.alloc(MAX_SOURCE_BYTES + 1, 44)), 200, { 'content-encoding': 'gzip' }),
      'tooLarge',
      'has more than',
    ],
    ['what is no text', sends(Buffer.from([0xff, 0xfe, 0x00])), 'unreadable', 'is not UTF-8'],
    ['another format', sends('<html>'), 'unreadable', 'no column "date"'],
  ])(
    'that answers with %s leaves what was published in force and is asked again',
    async (_what, bad, reason, line) => {
      const good = sends(`${HEADING}2026-11-20,USD,AED,3.6725\n`);
      answer = good;
      const feed = await follow({ timeout: reason === 'timeout' ? 100 : PATIENCE_MS });
      await until(() => feed.published.length === 1);
      answer = bad;
      await until(() => feed.failed.length > 0);
      answer = sends(`${HEADING}2026-11-21,USD,AED,3.68\n`);
      await until(() => feed.newest() === '2026-11-21');
      expect(feed.failed[0]).toBe(reason);
      const warning = feed.told.find((each) => each.startsWith('warn'))!;
      expect(warning).toContain(line);
      expect(warning).toContain('those published before stay in force');
      expect(feed.told.join()).not.toContain('hidden');
      expect(feed.published).toHaveLength(2);
    },
  );

  it('that nobody serves is told as such', async () => {
    const feed = await follow({ url: 'http://127.0.0.1:1/' });
    await until(() => feed.failed.length > 0);
    expect(feed.failed[0]).toBe('unreachable');
    expect(feed.told[0]).toContain('http://127.0.0.1:1/ cannot be reached (');
  });

  it('is published again from what was not, when the log could not take it', async () => {
    answer = sends(`${HEADING}2026-11-20,USD,AED,3.6725\n`, 200, { etag: '"same"' });
    let refusals = 2;
    const publish = (): void => {
      if (refusals-- > 0) throw new CounterfoilError('overloaded', 'the stream is full');
    };
    const feed = await follow({}, { publish });
    await until(() => feed.published.length === 1);
    expect(feed.failed).toEqual(['log', 'log']);
    expect(asked[1]!.headers['if-none-match']).toBeUndefined();
  });

  it('ends where the log can take nothing more', async () => {
    answer = sends(`${HEADING}2026-11-20,USD,AED,3.6725\n`);
    const publish = (): void => {
      throw new CounterfoilError('diskFull', 'the disk is full');
    };
    const { running } = await follow({}, { publish });
    await expect(running).rejects.toThrow('the disk is full');
  });

  it('stops at once, even in the middle of an answer', async () => {
    answer = (_request, response) => void response.writeHead(200).write('date');
    const { running, failed } = await follow({ timeout: 60_000 });
    await until(() => asked.length > 0);
    stop.abort();
    await running;
    expect(failed).toEqual([]);
  });
});

describe('what was published', () => {
  it('is not published again by the next start to the same log, and is to another', async () => {
    answer = sends(`${HEADING}2026-11-20,USD,AED,3.6725\n`);
    const first = await follow({});
    await until(() => first.published.length === 1);
    stop.abort();
    await first.running;
    for (const [log, count] of [
      ['this log', 0],
      ['another log', 1],
    ] as const) {
      stop = new AbortController();
      const before = asked.length;
      const next = await follow({}, { log });
      await until(() => asked.length > before + 2);
      expect(next.published, log).toHaveLength(count);
      expect(next.newest(), log).toBe('2026-11-20');
      stop.abort();
      await next.running;
    }
  });

  it('has an end: the newest 10,000', async () => {
    const day = (i: number): string => new Date(i * 86_400_000).toISOString().slice(0, 10);
    const rows = Array.from({ length: 10_005 }, (_, i) => `${day(i)},USD,AED,3.6725\n`);
    answer = sends(HEADING + rows.join(''));
    const feed = await follow({ every: 60_000 });
    await until(() => feed.published.length === 1);
    expect(feed.published[0]).toHaveLength(10_000);
    expect(feed.published[0]![0]!.date).toBe(day(5));
    expect(feed.told[0]).toContain('the oldest 5, before 1970-01-06, are left out');
  });
});

describe('a source of rates in a file', () => {
  it('is read when it has changed, and told where it is missing', async () => {
    const feed = await follow({ path: 'rates.csv' });
    await until(() => feed.failed.length > 0);
    expect(feed.told[0]).toContain('rates.csv does not exist');
    writeFileSync(join(directory, 'rates.csv'), `${HEADING}2026-11-20,USD,AED,3.6725\n`);
    await until(() => feed.published.length === 1);
    writeFileSync(
      join(directory, 'rates.csv'),
      `${HEADING}2026-11-20,USD,AED,3.6725\n2026-11-21,USD,AED,3.7\n`,
    );
    await until(() => feed.published.length === 2);
    expect(feed.published[1]).toEqual([{ date: '2026-11-21', from: 'USD', to: 'AED', rate: '3.7' }]);
  });
});
