import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page, PageRequest, ResultQueries, ResultStore } from '../domain/index.ts';
import { serveClickHouse, type ClickHouseHttp } from '../testing/clickhouse-http.ts';
import {
  aBreak,
  aMatch,
  aRecord,
  breakRows,
  deadLetterRows,
  findingRows,
  matchRows,
  recordRows,
} from '../testing/store-rows.ts';
import { openStore, type StoreOptions } from './index.ts';

const T0 = 1_760_000_000_000;
const ODD = 'o\'dd\\ \t"{x:String}\n-- ;é';

let directory: string;
let http: ClickHouseHttp;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-queries-'));
  http = await serveClickHouse(directory);
});

afterAll(async () => {
  await http.close();
  await rm(directory, { recursive: true, force: true });
});

const ways = [
  {
    name: 'embedded',
    database: 'inside',
    options: (): StoreOptions => ({ url: 'embedded', path: directory }),
  },
  { name: 'by URL', database: 'outside', options: (): StoreOptions => ({ url: http.url }) },
];

/** Every item of a list, page by page; `between` runs before each page but the first. */
async function walk<T>(
  list: (request: PageRequest) => Promise<Page<T>>,
  limit: number,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 1000; page++) {
    if (page > 0) await between(page);
    const { items: some, next } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(some.length).toBeLessThanOrEqual(limit);
    items.push(...some);
    if (next === undefined) return items;
    cursor = next;
  }
  throw new Error('the list does not end');
}

describe.each(ways)('queries, $name', ({ database, options }) => {
  let store: ResultStore & ResultQueries;
  let tokens = 0;
  const insert = (table: Parameters<ResultStore['insert']>[0], rows: Uint8Array): Promise<void> =>
    store.insert(table, [rows], 1, `token ${++tokens}`);

  beforeAll(async () => {
    store = await openStore({ ...options(), database });
    await store.migrate();
    // 60 records in 20 messages of 4 partitions; several share a log time.
    for (let message = 0; message < 20; message++) {
      const place = {
        epoch: 1,
        partition: message % 4,
        sequence: 1 + Math.floor(message / 4),
        logTime: T0 + Math.floor(message / 3) * 1000,
      };
      const records = [0, 1, 2].map((i) => {
        const number = message * 3 + i;
        return aRecord({
          id: `pay_${number}`,
          source: number % 2 === 0 ? 'gateway' : 'bank',
          account: `acct_${message % 4}`,
          kind: number % 3 === 0 ? 'payout' : 'charge',
          currency: number % 5 === 0 ? 'KWD' : 'AED',
          amount: number % 3 === 0 ? BigInt(-number) : BigInt(number),
          time: T0 - 1_000_000 + number * 1000,
          references: number === 7 ? { reference: 'shared', note: ODD } : { reference: `ref_${number}` },
          ...(number === 9
            ? {
                id: ODD,
                version: 3,
                precision: 'day' as const,
                time: Date.UTC(2025, 9, 8, 20),
                fee: 5n,
                tax: -1n,
                bookingDate: 20_000,
                valueDate: 20_001,
                availableOn: 20_002,
                link: 'pay_1',
                original: { amount: 12_345n, currency: 'JPY' },
                status: 'pending' as const,
                attributes: { scheme: 'visa' },
              }
            : {}),
        });
      });
      await insert('records', recordRows(place, records));
    }
  });
  afterAll(() => store.close());

  test('a walk through pages of any size meets each record once, newest first', async () => {
    const all = await walk((request) => store.records(request), 1000);
    expect(all).toHaveLength(60);
    const times = all.map((record) => Date.parse(record.logTime));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    for (const limit of [1, 7, 20, 59, 60, 61]) {
      const paged = await walk((request) => store.records(request), limit);
      expect(paged.map((record) => record.position)).toEqual(all.map((record) => record.position));
    }
  });

  test('a record is shown whole, as the API shows it', async () => {
    const { items } = await store.records({ limit: 10, id: ODD });
    expect(items).toEqual([
      {
        position: '1-3-1-0',
        source: 'bank',
        id: ODD,
        version: 3,
        account: 'acct_3',
        kind: 'payout',
        status: 'pending',
        currency: 'AED',
        amount: '-0.09',
        fee: '0.05',
        tax: '-0.01',
        net: '-0.13',
        time: '2025-10-09',
        bookingDate: '2024-10-04',
        valueDate: '2024-10-05',
        availableOn: '2024-10-06',
        references: { reference: 'ref_9' },
        attributes: { scheme: 'visa' },
        link: 'pay_1',
        original: { amount: '12345', currency: 'JPY' },
        logTime: new Date(T0 + 1000).toISOString(),
      },
    ]);
  });

  test('every filter of records narrows, alone and together', async () => {
    const ids = async (filter: Parameters<ResultQueries['records']>[0]): Promise<string[]> =>
      (await store.records(filter)).items.map((record) => record.id).sort();
    expect(await ids({ limit: 100, source: 'bank' })).toHaveLength(30);
    expect(await ids({ limit: 100, account: 'acct_2' })).toHaveLength(15);
    expect(await ids({ limit: 100, kind: 'payout' })).toHaveLength(20);
    expect(await ids({ limit: 100, currency: 'KWD' })).toHaveLength(12);
    expect(await ids({ limit: 100, reference: 'shared' })).toEqual(['pay_7']);
    expect(await ids({ limit: 100, reference: ODD })).toEqual(['pay_7']);
    expect(await ids({ limit: 100, from: T0 - 1_000_000 + 3000, to: T0 - 1_000_000 + 5000 })).toEqual([
      'pay_3',
      'pay_4',
    ]);
    expect(await ids({ limit: 100, source: 'gateway', kind: 'payout', currency: 'KWD' })).toEqual([
      'pay_0',
      'pay_30',
    ]);
    expect(await ids({ limit: 100, id: "x' OR 1=1 --" })).toEqual([]);
    const kwd = await store.records({ limit: 100, id: 'pay_10' });
    expect(kwd.items[0]!.amount).toBe('0.010');
  });

  test('rows added during a walk neither repeat nor hide any', async () => {
    const before = (await walk((request) => store.records(request), 1000)).map((record) => record.position);
    const seen = await walk(
      (request) => store.records(request),
      9,
      (page) =>
        insert(
          'records',
          recordRows({ epoch: 1, partition: 9, sequence: page, logTime: T0 + 100_000 + page }, [
            aRecord({ id: `new_${page}` }),
          ]),
        ),
    );
    expect(seen.map((record) => record.position)).toEqual(before);
  });

  test('a match with its records, in the order of its legs, at its latest version', async () => {
    const logTime = T0 + 20_000;
    const legs = [
      { side: 'left' as const, source: 'gateway', id: 'pay_12', sequence: 2, ordinal: 0, allocated: 1234 },
      { side: 'right' as const, source: 'bank', id: 'pay_1', sequence: 1, ordinal: 1, allocated: 1200 },
    ];
    const first = aMatch({ sequence: 2, n: 5, logTime, legs, difference: 34, causes: { tolerance: 34 } });
    await insert('matches', matchRows(1, 0, [first]));
    const found = await store.match('1-0-2-5');
    expect(found!.records.map((record) => [record.id, record.position])).toEqual([
      ['pay_12', '1-0-2-0'],
      ['pay_1', '1-0-1-1'],
    ]);
    expect(found!.match).toEqual({
      matchId: '1-0-2-5',
      version: 1,
      reconciliation: 'gateway-to-bank',
      rule: 'by-reference',
      account: 'default',
      currency: 'AED',
      difference: '0.34',
      causes: { tolerance: '0.34' },
      lagMs: 60_000,
      legs: [
        { side: 'left', source: 'gateway', id: 'pay_12', record: '1-0-2-0', allocated: '12.34' },
        { side: 'right', source: 'bank', id: 'pay_1', record: '1-0-1-1', allocated: '12.00' },
      ],
      logTime: new Date(logTime).toISOString(),
    });
    expect((await store.matches({ limit: 10, recordId: 'pay_12' })).items).toEqual([found!.match]);
    expect((await store.matches({ limit: 10, recordId: 'pay_13' })).items).toEqual([]);
    expect((await store.matches({ limit: 10, rule: 'by-reference', from: logTime + 1 })).items).toEqual([]);

    const second = {
      ...first,
      sequence: 4,
      n: 0,
      matchSequence: 2,
      matchN: 5,
      version: 2,
      logTime: logTime + 1,
    };
    await insert('matches', matchRows(1, 0, [second]));
    expect((await store.match('1-0-2-5'))!.match.version).toBe(2);
    expect((await store.matches({ limit: 10 })).items.map((match) => match.version)).toEqual([2]);
    for (const id of ['1-0-2-6', '1-1-2-5', 'nonsense', '']) expect(await store.match(id)).toBeUndefined();
  });

  test('breaks are listed at their latest version, and a walk shows them as they stood when it began', async () => {
    const opened = Array.from({ length: 30 }, (_, i) =>
      aBreak({
        sequence: 3,
        n: 100 + i,
        logTime: T0 + 30_000 + i,
        members: [{ side: 'left', source: 'gateway', id: `b_${i}`, sequence: 1, ordinal: 2, amount: i }],
        amount: i,
      }),
    );
    const later = (i: number, state: 'open' | 'resolved', logTime: number) =>
      aBreak({
        ...opened[i]!,
        sequence: 4,
        n: 100 + i,
        breakSequence: 3,
        breakN: 100 + i,
        version: 2,
        state,
        logTime,
        kind: 'amount',
        why: { rule: 'by-reference', condition: 'amount', difference: 60, tolerance: 50 },
        ...(state === 'resolved' ? { resolvedBy: { sequence: 4, n: 7 } } : {}),
      });
    await insert('breaks', breakRows(1, 0, opened));
    await insert(
      'breaks',
      breakRows(
        1,
        0,
        [0, 1, 2, 3, 4].map((i) => later(i, 'resolved', T0 + 31_000 + i)),
      ),
    );

    const open = await walk((request) => store.breaks({ ...request, state: 'open' }), 4);
    expect(open.map((one) => one.members[0]!.id)).toEqual(
      Array.from({ length: 25 }, (_, i) => `b_${29 - i}`),
    );
    const resolved = await store.breaks({ limit: 100, state: 'resolved' });
    expect(resolved.items).toHaveLength(5);
    expect(resolved.items[0]).toMatchObject({
      breakId: '1-0-3-104',
      version: 2,
      kind: 'amount',
      resolvedBy: '1-0-4-7',
      why: { rule: 'by-reference', condition: 'amount', difference: '0.60', tolerance: '0.50' },
    });
    expect((await store.breaks({ limit: 100, kind: 'unmatched' })).items).toHaveLength(25);
    expect((await store.breaks({ limit: 100, recordId: 'b_3' })).items.map((one) => one.version)).toEqual([
      2,
    ]);

    // Each page heals a break that the walk has not come to yet, which moves it to the top of the list.
    const seen = await walk(
      (request) => store.breaks({ ...request, state: 'open' }),
      5,
      (page) => insert('breaks', breakRows(1, 0, [later(4 + page, 'resolved', T0 + 40_000 + page)])),
    );
    expect(seen.map((one) => one.members[0]!.id)).toEqual(
      Array.from({ length: 25 }, (_, i) => `b_${29 - i}`),
    );

    const found = await store.break('1-0-3-104');
    expect(found!.break.version).toBe(2);
    expect(found!.records.map((record) => record.position)).toEqual(['1-0-1-2']);
    expect(await store.break('1-0-3-999')).toBeUndefined();
  });

  test('findings and dead letters', async () => {
    const finding = {
      kind: 'idReused' as const,
      source: 'gateway',
      recordId: 'pay_1',
      account: 'default',
      currency: 'KWD',
      amount: 1005,
      message: ODD.replace('\n', ' '),
      sequence: 1,
      n: 0,
      logTime: T0,
    };
    const overdue = {
      ...finding,
      kind: 'sourceOverdue' as const,
      n: 1,
      currency: '',
      amount: 0,
      recordId: '',
    };
    await insert('findings', findingRows(1, 0, [finding, overdue]));
    const findings = await store.findings({ limit: 10, kind: 'idReused' });
    expect(findings.items).toEqual([
      {
        position: '1-0-1-0',
        kind: 'idReused',
        source: 'gateway',
        recordId: 'pay_1',
        account: 'default',
        currency: 'KWD',
        amount: '1.005',
        message: finding.message,
        logTime: new Date(T0).toISOString(),
      },
    ]);
    expect((await store.findings({ limit: 10 })).items.map((one) => one.amount)).toEqual(['0', '1.005']);

    const letters = [
      {
        source: 'bank',
        code: 'malformedRow',
        reason: 'r',
        origin: { file: 'bank.csv', line: 17, offset: 900, ordinal: 0 },
        payload: ODD,
      },
      { source: 'hook', code: 'invalidAmount', reason: 's', origin: { offset: 3, ordinal: 0 }, payload: '' },
    ];
    await insert(
      'dead_letters',
      deadLetterRows({ epoch: 1, partition: 65_535, sequence: 2, logTime: T0 }, letters),
    );
    const dead = await store.deadLetters({ limit: 10 });
    expect(
      dead.items.map(({ position, file, line, payload }) => ({ position, file, line, payload })),
    ).toEqual([
      { position: '1-65535-2-1', file: undefined, line: undefined, payload: '' },
      { position: '1-65535-2-0', file: 'bank.csv', line: 17, payload: ODD },
    ]);
    expect((await store.deadLetters({ limit: 10, source: 'bank' })).items).toHaveLength(1);
  });

  test('nonsense in a request is refused in one line', async () => {
    const { next } = await store.records({ limit: 1 });
    const requests: (() => Promise<unknown>)[] = [
      () => store.records({ limit: 0 }),
      () => store.records({ limit: 1001 }),
      () => store.records({ limit: 1.5 }),
      () => store.records({ limit: 1, cursor: 'nonsense' }),
      () => store.records({ limit: 1, cursor: '' }),
      () => store.matches({ limit: 1, cursor: next! }),
    ];
    for (const request of requests) {
      await expect(request()).rejects.toMatchObject({
        code: 'invalidField',
        message: expect.stringMatching(/^[^\n]+$/) as string,
      });
    }
  });

  test('many queries beside each other, each with its own values', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => store.records({ limit: 5, id: `pay_${i}` })),
    );
    answers.forEach((answer, i) => {
      expect(answer.items.map((record) => record.id)).toEqual(i === 9 ? [] : [`pay_${i}`]);
    });
  });
});

test('a query that takes too long ends as a timeout', async () => {
  const store = await openStore({
    url: 'embedded',
    path: directory,
    database: 'inside',
    limits: { readTimeoutMs: 1 },
  });
  const calls = await Promise.allSettled(Array.from({ length: 20 }, () => store.records({ limit: 1000 })));
  const codes = new Set(
    calls.map((call) => (call.status === 'rejected' ? (call.reason as { code: string }).code : 'ok')),
  );
  expect([...codes].every((code) => ['timeout', 'overloaded', 'ok'].includes(code))).toBe(true);
  expect(codes.has('timeout')).toBe(true);
  await store.close();
});
