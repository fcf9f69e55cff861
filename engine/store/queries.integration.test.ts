import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePosition } from '../domain/index.ts';
import type { Page, PageRequest, ResultQueries, ResultStore } from '../domain/index.ts';
import { serveClickHouse, type ClickHouseHttp } from '../testing/clickhouse-http.ts';
import { aRecord } from '../testing/a-record.ts';
import {
  aBreak,
  aMatch,
  breakRows,
  commandRows,
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
      state: 'matched',
      reconciliation: 'gateway-to-bank',
      rule: 'by-reference',
      fields: ['reference', 'currency', 'amount ± 0.50'],
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
      state: 'unmatched' as const,
      currency: 'KWD',
      leftCurrency: 'JPY',
      rate: '0.0021',
    };
    await insert('matches', matchRows(1, 0, [second]));
    const undone = (await store.match('1-0-2-5'))!.match;
    expect(undone).toMatchObject({ version: 2, state: 'unmatched', rate: '0.0021', difference: '0.034' });
    // Each side in the minor units of its own currency.
    expect(undone.legs).toMatchObject([{ allocated: '1234', currency: 'JPY' }, { allocated: '1.200' }]);
    expect(undone.legs[1]).not.toHaveProperty('currency');
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
        why: {
          rule: 'by-reference',
          condition: 'amount',
          difference: 60,
          tolerance: 50,
          timeDifference: 3_600_000,
          records: [{ source: 'bank', id: ODD, sequence: 1, ordinal: 0 }],
          match: { sequence: 2, n: 5 },
        },
        reason: ODD,
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
      why: {
        rule: 'by-reference',
        condition: 'amount',
        difference: '0.60',
        tolerance: '0.50',
        timeDifferenceMs: 3_600_000,
        records: [{ source: 'bank', id: ODD }],
        match: '1-0-2-5',
      },
      reason: ODD,
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

  test('a list shows the first members of a large group and how many more there are, and finds it by any', async () => {
    const members = Array.from({ length: 130 }, (_, i) => ({
      ...{ side: i < 70 ? ('left' as const) : ('right' as const), source: 'grouped', id: `grouped_${i}` },
      ...{ sequence: 1, ordinal: i, amount: i },
    }));
    const group = aBreak({ sequence: 8, n: 0, logTime: T0 + 70_000, kind: 'group', members });
    await insert('breaks', breakRows(1, 2, [group]));
    const { items } = await store.breaks({ limit: 10, recordId: 'grouped_129' });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ breakId: '1-2-8-0', moreMembers: 30 });
    expect(items[0]!.members.map(({ id }) => id)).toEqual(members.slice(0, 100).map(({ id }) => id));
    expect((await store.break('1-2-8-0'))!.break.members).toHaveLength(130);
    const legs = members.map(({ amount, ...rest }) => ({ ...rest, allocated: amount }));
    await insert('matches', matchRows(1, 2, [aMatch({ sequence: 9, n: 0, logTime: T0 + 70_001, legs })]));
    const [short] = (await store.matches({ limit: 1, recordId: 'grouped_129' })).items;
    expect(short).toMatchObject({ moreLegs: 30, legs: { length: 100 } });
    const [whole] = (await store.matches({ limit: 1, recordId: 'grouped_129', whole: true })).items;
    expect(whole!.legs).toHaveLength(130);
    expect(whole).not.toHaveProperty('moreLegs');
  });

  test('records by their places: as the API shows them, and whole as commands carry them', async () => {
    const places = [4, 1, 99].map((sequence) => ({ epoch: 1, partition: 3, sequence, n: 0 }));
    const found = await store.recordsAt([...places, { epoch: 1, partition: 0, sequence: 1, n: 2 }]);
    expect(found.map(({ position }) => position)).toEqual(['1-3-4-0', '1-3-1-0', '1-0-1-2']);
    const odd = (await store.records({ limit: 1, id: ODD })).items[0]!;
    const place = parsePosition(odd.position)!;
    expect(await store.carriedAt([place])).toEqual([
      {
        source: 'bank',
        id: ODD,
        sequence: place.sequence,
        ordinal: place.n,
        version: 3,
        account: 'acct_3',
        kind: 'payout',
        status: 'pending',
        currency: 'AED',
        amount: -9,
        fee: 5,
        tax: -1,
        time: Date.UTC(2025, 9, 8, 20),
        precision: 'day',
        offsetMinutes: 240,
        bookingDate: 20_000,
        valueDate: 20_001,
        availableOn: 20_002,
        references: { reference: 'ref_9' },
        link: 'pay_1',
        original: { amount: 12_345, currency: 'JPY' },
        attributes: { scheme: 'visa' },
      },
    ]);
    expect(await store.carriedAt([])).toEqual([]);
    const many = Array.from({ length: 1200 }, (_, n) => ({ epoch: 1, partition: 0, sequence: 1, n }));
    expect(await store.recordsAt(many)).toHaveLength(3);
  });

  test('records that a reference links, or that any of some ids names', async () => {
    const ids = async (filter: object): Promise<string[]> =>
      (await store.records({ limit: 10, ...filter })).items.map(({ id }) => id).sort();
    expect(await ids({ links: ['pay_1', 'pay_2'] })).toEqual([ODD]);
    expect(await ids({ links: [''] })).toEqual([]);
    expect(await ids({ ids: ['pay_3', 'pay_4', 'nobody'] })).toEqual(['pay_3', 'pay_4']);
  });

  test('open records are those that nothing in their pool has taken, the nearest first', async () => {
    const logTime = T0 + 60_000;
    const records = [100n, 200n, 300n, 400n, 500n].map((amount, i) =>
      aRecord({ id: `open_${i}`, source: 'opener', account: 'o', amount, time: T0 + i * 1000 }),
    );
    await insert('records', recordRows({ epoch: 1, partition: 5, sequence: 1, logTime }, records));
    const leg = (ordinal: number, id: string) => ({
      ...{ side: 'right' as const, source: 'opener', id, sequence: 1, ordinal, allocated: 1 },
    });
    const pools = ['x.left', 'shared'] as const;
    const matched = aMatch({ sequence: 2, n: 0, pools, account: 'o', logTime, legs: [leg(0, 'open_0')] });
    const undone = aMatch({ sequence: 2, n: 1, pools, account: 'o', logTime, legs: [leg(1, 'open_1')] });
    const elsewhere = aMatch({
      ...{ sequence: 2, n: 2, pools: ['x.left', 'other'] as const, account: 'o', logTime },
      legs: [leg(2, 'open_2')],
    });
    await insert('matches', matchRows(1, 5, [matched, undone, elsewhere]));
    const again = { ...undone, sequence: 3, matchSequence: 2, matchN: 1, version: 2 };
    await insert('matches', matchRows(1, 5, [{ ...again, state: 'unmatched' }]));
    const writtenOff = aBreak({
      ...{ sequence: 3, n: 1, state: 'writtenOff', pools, account: 'o', logTime },
      members: [{ side: 'right', source: 'opener', id: 'open_3', sequence: 1, ordinal: 3, amount: 400 }],
    });
    await insert('breaks', breakRows(1, 5, [writtenOff]));
    const request = {
      ...{ epoch: 1, partition: 5, account: 'o', currency: 'AED', sources: ['opener'], pool: 'shared' },
      ...{ from: T0, to: T0 + 10_000, around: T0 + 4000, amount: 210, limit: 10 },
    };
    const open = async (change: object): Promise<string[]> =>
      (await store.openRecords({ ...request, ...change })).map(({ id }) => id);
    expect(await open({})).toEqual(['open_1', 'open_2', 'open_4']);
    // One by amount, one by time.
    expect((await open({ limit: 2 })).sort()).toEqual(['open_1', 'open_4']);
    expect(await open({ pool: 'other', amount: 400 })).toEqual(['open_3', 'open_4', 'open_1', 'open_0']);
    expect(await open({ currency: 'KWD' })).toEqual([]);
    expect(await open({ to: T0 + 1500 })).toEqual(['open_1']);
  });

  test('answers to commands, by id the first of each partition', async () => {
    const answer = {
      commandId: ODD,
      kind: 'rules' as const,
      accepted: true,
      reason: 'in force',
      by: 'ana',
      why: ODD,
      sequence: 40,
      n: 0,
      logTime: T0 + 50_000,
    };
    const refused = { ...answer, accepted: false, sequence: 41, logTime: T0 + 50_001 };
    await insert('commands', commandRows(1, 0, [answer, refused]));
    await insert('commands', commandRows(1, 1, [refused]));
    await insert('commands', commandRows(1, 2, [{ ...answer, commandId: 'c-2', kind: 'match', by: 'ben' }]));
    expect(await store.command(ODD)).toEqual([
      {
        id: ODD,
        position: '1-0-40-0',
        kind: 'rules',
        accepted: true,
        reason: 'in force',
        by: 'ana',
        why: ODD,
        logTime: new Date(T0 + 50_000).toISOString(),
      },
      expect.objectContaining({ position: '1-1-41-0', accepted: false }) as unknown,
    ]);
    expect(await store.command('c-3')).toEqual([]);
    const positions = async (filter: object): Promise<string[]> =>
      (await store.commands({ limit: 10, ...filter })).items.map((item) => item.position);
    expect(await positions({})).toEqual(['1-1-41-0', '1-0-41-0', '1-2-40-0', '1-0-40-0']);
    expect(await positions({ accepted: false })).toEqual(['1-1-41-0', '1-0-41-0']);
    expect(await positions({ kind: 'match' })).toEqual(['1-2-40-0']);
    expect(await positions({ by: 'ana', to: T0 + 50_001 })).toEqual(['1-0-40-0']);
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
    expect((await store.deadLetters({ limit: 10, file: 'bank.csv' })).items).toHaveLength(1);

    const replayed = { ...finding, kind: 'replayed' as const, n: 2, recordId: '1-65535-2-0' };
    await insert('findings', findingRows(1, 0, [replayed]));
    expect(await store.deadLetter('1-65535-2-0')).toMatchObject({ code: 'malformedRow', state: 'replayed' });
    expect(await store.deadLetter('1-65535-2-1')).toMatchObject({ code: 'invalidAmount', state: 'open' });
    expect(await store.deadLetter('1-65535-2-2')).toBeUndefined();
    for (const [state, position] of [
      ['open', '1-65535-2-1'],
      ['replayed', '1-65535-2-0'],
    ] as const) {
      expect((await store.deadLetters({ limit: 10, state })).items).toMatchObject([{ position, state }]);
    }
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
