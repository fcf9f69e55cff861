import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RowBuffer, writeBalanceRow } from '../codec/index.ts';
import { filterSchema } from '../domain/index.ts';
import type { MoneyRecord, ResultQueries, ResultStore, StatementRequest } from '../domain/index.ts';
import { compileFilter, fieldsOf } from '../rules/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import {
  aBreak,
  aMatch,
  aRecord,
  breakRows,
  findingRows,
  matchRows,
  recordRows,
} from '../testing/store-rows.ts';
import { Connection } from './connection.ts';
import { openEmbedded } from './embedded.ts';
import { FilterSql } from './filter-sql.ts';
import { DEFAULT_LIMITS, openStore } from './index.ts';

const T0 = Date.UTC(2026, 10, 20, 8);
const DAY = 86_400_000;

let directory: string;
let store: ResultStore & ResultQueries;
let tokens = 0;
const insert = (table: Parameters<ResultStore['insert']>[0], rows: Uint8Array): Promise<void> =>
  store.insert(table, [rows], 1, `token ${++tokens}`);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-statement-'));
  store = await openStore({ url: 'embedded', path: directory });
  await store.migrate();
});

afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const place = (sequence: number, logTime = T0) => ({ epoch: 1, partition: 0, sequence, logTime });
const leg = (side: 'left' | 'right', source: string, id: string, sequence: number, allocated: number) => ({
  ...{ side, source, id, sequence, ordinal: 0, allocated },
});

/** gateway against bank: one pool each, nothing special. */
const PLAIN: StatementRequest = {
  lanes: [
    { reconciliation: 'g2b', side: 'left', pool: 'g2b.left', sources: ['gateway'], negate: false },
    { reconciliation: 'g2b', side: 'right', pool: 'g2b.right', sources: ['bank'], negate: false },
  ],
  partial: [],
  otherwise: [],
  amending: [],
  superseding: [],
};
const own = { reconciliation: 'g2b', pools: ['g2b.left', 'g2b.right'] as const };

describe('the sums of a statement', () => {
  beforeAll(async () => {
    const records: [string, string, bigint][] = [
      ['gateway', 'g1', 10_000n],
      ['bank', 'b1', 9_960n],
      ['gateway', 'g2', 5_000n],
      ['gateway', 'g3', -700n],
      ['bank', 'b2', 300n],
      ['gateway', 'g4', 250n],
    ];
    for (const [i, [source, id, amount]] of records.entries())
      await insert(
        'records',
        recordRows(place(i + 1, T0 + i * 1000), [aRecord({ source, id, amount, time: T0 })]),
      );
    const first = aMatch({
      ...{ ...own, sequence: 2, n: 0, logTime: T0 + 1000 },
      legs: [leg('left', 'gateway', 'g1', 1, 10_000), leg('right', 'bank', 'b1', 2, 9_960)],
      difference: 40,
      causes: { fee: 30, tolerance: 10 },
    });
    const undone = aMatch({
      ...{ ...own, sequence: 5, n: 0, logTime: T0 + 4000 },
      legs: [leg('left', 'gateway', 'g4', 6, 250), leg('right', 'bank', 'b2', 5, 300)],
      difference: -50,
      causes: { tolerance: -50 },
    });
    await insert('matches', matchRows(1, 0, [first, undone]));
    await insert(
      'matches',
      matchRows(1, 0, [
        {
          ...undone,
          sequence: 9,
          logTime: T0 + 2 * DAY,
          matchSequence: 5,
          matchN: 0,
          version: 2,
          state: 'unmatched',
        },
      ]),
    );
    await insert(
      'breaks',
      breakRows(1, 0, [
        aBreak({
          ...{ ...own, sequence: 8, n: 0, logTime: T0 + DAY, state: 'writtenOff' },
          members: [{ side: 'left', source: 'gateway', id: 'g3', sequence: 4, ordinal: 0, amount: -700 }],
        }),
      ]),
    );
  });

  test('count each record once: matched, open or written off', async () => {
    const { sides, matches, oddities } = await store.statement(PLAIN);
    expect(oddities).toEqual([]);
    expect(sides).toEqual([
      {
        ...{ side: 'left', currency: 'AED', records: 4, amount: 14_550n, open: 2, openAmount: 5_250n },
        ...{ writtenOff: 1, writtenOffAmount: -700n, fee: 0n, tax: 0n, otherwise: 0n },
      },
      {
        ...{ side: 'right', currency: 'AED', records: 2, amount: 10_260n, open: 1, openAmount: 300n },
        ...{ writtenOff: 0, writtenOffAmount: 0n, fee: 0n, tax: 0n, otherwise: 0n },
      },
    ]);
    expect(matches).toEqual([
      { currency: 'AED', matches: 1, left: 10_000n, right: 9_960n, causes: { fee: 30n, tolerance: 10n } },
    ]);
  });

  test('stand as of a moment, or of a message', async () => {
    const before = await store.statement({ ...PLAIN, end: { before: T0 + DAY } });
    // g4 and b2 are matched still, g3 is open.
    expect(before.sides.map(({ openAmount, writtenOffAmount }) => [openAmount, writtenOffAmount])).toEqual([
      [4_300n, 0n],
      [0n, 0n],
    ]);
    expect(before.matches[0]).toMatchObject({ matches: 2, causes: { tolerance: -40n } });
    const through = { epoch: 1, partition: 0, sequence: 2 };
    const early = await store.statement({ ...PLAIN, end: { through } });
    expect(early.sides.map(({ records }) => records)).toEqual([1, 1]);
    expect(early.matches[0]).toMatchObject({ matches: 1 });
    const other = { epoch: 1, partition: 5, sequence: 2 };
    expect((await store.statement({ ...PLAIN, end: { through: other } })).sides).toEqual([]);
  });

  test('name what does not add up', async () => {
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [
        { ...PLAIN.lanes[0]!, reconciliation: 'odd', pool: 'odd.left', sources: ['odd-gateway'] },
        { ...PLAIN.lanes[1]!, reconciliation: 'odd', pool: 'odd.right', sources: ['odd-bank'] },
      ],
    };
    await insert(
      'records',
      recordRows(place(20), [aRecord({ source: 'odd-gateway', id: 'o1', amount: 100n })]),
    );
    const match = aMatch({
      ...{ sequence: 21, n: 0, reconciliation: 'odd', pools: ['odd.left', 'odd.right'] },
      legs: [leg('left', 'odd-gateway', 'o1', 20, 90), leg('right', 'odd-bank', 'ghost', 19, 80)],
      causes: { fee: 7 },
    });
    await insert('matches', matchRows(1, 0, [match]));
    expect((await store.statement(request)).oddities).toEqual([
      {
        kind: 'missing',
        currency: 'AED',
        amount: 80n,
        source: 'odd-bank',
        id: 'ghost',
        position: '1-0-19-0',
      },
      {
        kind: 'allocated',
        currency: 'AED',
        amount: 10n,
        source: 'odd-gateway',
        id: 'o1',
        position: '1-0-20-0',
      },
      { kind: 'causes', currency: 'AED', amount: 3n, matchId: '1-0-21-0' },
    ]);
  });

  test('shared pools count once, sides by their filters, signs and versions', async () => {
    const bank = { pool: 'bank', side: 'right', sources: ['pool-bank'], negate: false } as const;
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [
        {
          ...{
            reconciliation: 'cards',
            side: 'left',
            pool: 'cards.left',
            sources: ['acquirer'],
            negate: true,
          },
          where: filterSchema.parse({ kind: 'payout', amount: { lt: '-1.00' } }),
        },
        { ...bank, reconciliation: 'cards' },
        { reconciliation: 'cod', side: 'left', pool: 'cod.left', sources: ['courier'], negate: false },
        { ...bank, reconciliation: 'cod' },
      ],
      amending: ['courier'],
      superseding: [{ source: 'pool-bank', sources: ['pool-interim'], keys: ['references.reference'] }],
    };
    const payout = (id: string, amount: bigint, kind: MoneyRecord['kind'] = 'payout') =>
      aRecord({ source: 'acquirer', id, kind, amount });
    await insert(
      'records',
      recordRows(place(30), [payout('p1', -500n), payout('p2', -50n), payout('c', -900n, 'charge')]),
    );
    const courier = { source: 'courier', id: 'k1' };
    await insert('records', recordRows(place(31), [aRecord({ ...courier, version: 1, amount: 1000n })]));
    await insert('records', recordRows(place(32), [aRecord({ ...courier, version: 2, amount: 900n })]));
    await insert(
      'records',
      recordRows(place(33), [aRecord({ source: 'pool-bank', id: 'b', kind: 'bank', amount: 600n })]),
    );
    const { sides } = await store.statement(request);
    expect(sides.map(({ side, records, amount, openAmount }) => [side, records, amount, openAmount])).toEqual(
      [
        ['left', 2, 1_400n, 1_400n],
        ['right', 1, 600n, 600n],
      ],
    );
  });

  test('an interim record does not count beside the final one that took its place', async () => {
    const lane = { ...PLAIN.lanes[1]!, reconciliation: 's', pool: 's.right', sources: ['mt942', 'mt940'] };
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [{ ...PLAIN.lanes[0]!, reconciliation: 's', pool: 's.left', sources: ['none'] }, lane],
      superseding: [{ source: 'mt940', sources: ['mt942'], keys: ['references.reference'] }],
    };
    const line = (source: string, id: string, reference: string) =>
      aRecord({ source, id, amount: 100n, references: { reference } });
    await insert(
      'records',
      recordRows(place(40), [line('mt942', 'i1', 'A'), line('mt942', 'i2', 'A'), line('mt942', 'i3', 'B')]),
    );
    await insert('records', recordRows(place(41), [line('mt940', 'f1', 'A'), line('mt940', 'f2', '')]));
    const { sides } = await store.statement(request);
    // f1, f2, and of the interim ones i2 and i3.
    expect(sides).toMatchObject([{ side: 'right', records: 4, amount: 400n }]);
  });

  test('converted legs stay apart, and partial matches leave the rest open', async () => {
    const lanes = (['left', 'right'] as const).map((side) => ({
      ...{ reconciliation: 'fx', side, pool: `fx.${side}`, sources: [`fx-${side}`], negate: false },
    }));
    const request: StatementRequest = {
      ...PLAIN,
      lanes,
      partial: [{ reconciliation: 'fx', rule: 'in-parts', net: ['left'] }],
    };
    const pools = ['fx.left', 'fx.right'] as const;
    await insert(
      'records',
      recordRows(place(50), [aRecord({ source: 'fx-left', id: 'u', currency: 'USD', amount: 3_003n })]),
    );
    await insert(
      'records',
      recordRows(place(51), [aRecord({ source: 'fx-right', id: 'v', amount: 10_880n })]),
    );
    await insert(
      'records',
      recordRows(place(52), [aRecord({ source: 'fx-left', id: 'w', amount: 1_000n, fee: 60n, tax: 3n })]),
    );
    await insert('records', recordRows(place(53), [aRecord({ source: 'fx-right', id: 'x', amount: 400n })]));
    await insert(
      'matches',
      matchRows(1, 0, [
        aMatch({
          ...{
            sequence: 51,
            n: 1,
            reconciliation: 'fx',
            pools,
            rule: 'fx',
            leftCurrency: 'USD',
            rate: '3.6725',
          },
          legs: [leg('left', 'fx-left', 'u', 50, 3_003), leg('right', 'fx-right', 'v', 51, 10_880)],
          difference: 149,
          causes: { fx: 149 },
        }),
        aMatch({
          ...{ sequence: 53, n: 1, reconciliation: 'fx', pools, rule: 'in-parts' },
          legs: [leg('left', 'fx-left', 'w', 52, 400), leg('right', 'fx-right', 'x', 53, 400)],
          difference: 0,
          causes: {},
        }),
      ]),
    );
    const { sides, matches, oddities } = await store.statement(request);
    expect(oddities).toEqual([]);
    expect(sides.find(({ side, currency }) => side === 'left' && currency === 'AED')).toMatchObject({
      ...{ amount: 1_000n, open: 1, openAmount: 537n, fee: 60n, tax: 3n },
    });
    expect(sides.find(({ currency }) => currency === 'USD')).toMatchObject({
      amount: 3_003n,
      openAmount: 0n,
    });
    expect(matches).toEqual([
      { currency: 'AED', matches: 1, left: 400n, right: 400n, causes: {} },
      {
        currency: 'AED',
        leftCurrency: 'USD',
        matches: 1,
        left: 3_003n,
        right: 10_880n,
        causes: { fx: 149n },
      },
    ]);
  });

  test('arrivals are of the days asked for, of earlier ones, or of later ones', async () => {
    const lane = { ...PLAIN.lanes[0]!, reconciliation: 'late', pool: 'late.left', sources: ['slow'] };
    const request: StatementRequest = { ...PLAIN, lanes: [lane] };
    // 21:00 UTC is the next day at UTC+4.
    const at = (hours: number) =>
      aRecord({ source: 'slow', id: `s${hours}`, amount: 100n, time: T0 + hours * 3_600_000 });
    await insert('records', recordRows(place(60, T0 + 3 * DAY), [-20, 0, 13, 40].map(at)));
    await insert('records', recordRows(place(61, T0 + 4 * DAY), [at(1)]));
    const stretch = { from: T0 + 3 * DAY, to: T0 + 4 * DAY, firstDay: '2026-11-20', lastDay: '2026-11-20' };
    expect(await store.arrivals(request, stretch)).toEqual([
      { side: 'left', currency: 'AED', of: 'after', records: 2, amount: 200n },
      { side: 'left', currency: 'AED', of: 'before', records: 1, amount: 100n },
      { side: 'left', currency: 'AED', of: 'day', records: 1, amount: 100n },
    ]);
  });
});

test('statements are read in order of their days, as they were stated last, with the records that came of them', async () => {
  const about = { source: 'bank940', account: 'a', currency: 'AED' };
  const record = (id: string, amount: bigint, more: Partial<MoneyRecord> = {}) =>
    aRecord({ ...about, id, amount, kind: 'bank', ...more });
  await insert(
    'records',
    recordRows(place(80), [
      record('AE1/8/2026-11-21/1', 500n),
      record('AE1/8/2026-11-21/2', 70n, { status: 'pending' }),
      record('AE1/7/2026-11-20/1', 300n),
      record('AE1/7/2026-11-20/2', -100n),
    ]),
  );
  const buffer = new RowBuffer();
  const state = (
    sequence: number,
    number: number,
    page: number,
    opening: number | undefined,
    closing: number,
  ) =>
    writeBalanceRow(buffer, 1, 0, sequence, T0 + sequence, {
      ...about,
      ...{ name: `AE1/${number}/2026-11-${13 + number}`, page, day: 20_777 + number, closing },
      ...(opening === undefined ? {} : { opening }),
    });
  state(81, 8, 1, 1200, 1700);
  state(82, 7, 3, 1300, 1200);
  state(83, 7, 1, 999, 1300);
  state(84, 7, 1, 1000, 1300);
  state(85, 9, 1, undefined, 1700);
  await insert('balances', buffer.take());
  const found = (await store.balances({})).find(({ source }) => source === about.source);
  expect(found).toEqual({
    ...about,
    ...{ records: 4, amount: 700n, off: 0, offBy: 0n, messages: [] },
    statements: [
      { name: 'AE1/7/2026-11-20', opening: 1000n, closing: 1200n, records: 2, amount: 200n },
      { name: 'AE1/8/2026-11-21', opening: 1200n, closing: 1700n, records: 2, amount: 500n },
      { name: 'AE1/9/2026-11-22', closing: 1700n, records: 0, amount: 0n },
    ],
  });
});

test('balances and fee variances are summed by source, account and month', async () => {
  const about = { account: 'a', currency: 'AED', logTime: T0, n: 9 };
  await insert(
    'records',
    recordRows(place(70), [
      aRecord({ source: 'stated', id: 's1', account: 'a', amount: 500n, time: Date.UTC(2026, 9, 31, 21) }),
    ]),
  );
  await insert(
    'findings',
    findingRows(1, 0, [
      {
        ...about,
        kind: 'balance',
        source: 'stated',
        recordId: '',
        sequence: 71,
        amount: -205,
        message: 'off by 2.05',
      },
      { ...about, kind: 'fee', source: 'stated', recordId: 's1', sequence: 70, amount: 30, message: '' },
      { ...about, kind: 'fee', source: 'stated', recordId: 'gone', sequence: 72, amount: -5, message: '' },
      {
        ...about,
        kind: 'tax',
        source: 'stated',
        recordId: 's1',
        sequence: 70,
        n: 10,
        amount: 2,
        message: '',
      },
    ]),
  );
  expect((await store.balances({})).find(({ source }) => source === 'stated')).toEqual({
    ...{ source: 'stated', account: 'a', currency: 'AED', records: 1, amount: 500n, off: 1, offBy: -205n },
    messages: ['off by 2.05'],
    statements: [],
  });
  expect((await store.balances({ from: T0 + 1 })).find(({ source }) => source === 'stated')).toBeUndefined();
  const stated = { source: 'stated', account: 'a', currency: 'AED' };
  expect(await store.feeVariances({ source: 'stated' })).toEqual([
    { ...stated, month: '2026-11', kind: 'fee', records: 2, over: 30n, under: -5n },
    { ...stated, month: '2026-11', kind: 'tax', records: 1, over: 2n, under: 0n },
  ]);
  expect(await store.feeVariances({ source: 'stated', toMonth: '2026-10' })).toEqual([]);
});

test('filters mean to the database what they mean to the rules', async () => {
  const connection = new Connection(
    await openEmbedded(directory, 'filters', DEFAULT_LIMITS, undefined),
    DEFAULT_LIMITS,
  );
  const other = await openStore({ url: 'embedded', path: directory, database: 'filters' });
  await other.migrate();
  const plain = fc.constantFrom('visa', 'NONREF', '', '12.50', '7', '-3', '2026-11-20', "it's");
  const records = fc.sample(recordArbitrary, { numRuns: 150, seed: 5 }).map((record, i): MoneyRecord => {
    const text = fc.sample(plain, { numRuns: 1, seed: i })[0]!;
    const dates = { bookingDate: 20_777 + (i % 4), valueDate: 20_779 };
    return {
      ...record,
      id: `r${i}`,
      time: T0 + i * 3_600_000,
      ...(i % 3 === 0 ? {} : dates),
      attributes: { scheme: text },
    };
  });
  await other.insert('records', [recordRows(place(1), records)], 1, 'filtered');
  const bound = fc.constantFrom('0', '-12.30', '999.99', '12.5', '7', '2026-11-20', '2026-11-22');
  const field = fc.constantFrom(
    'amount',
    'fee',
    'net',
    'kind',
    'source',
    'currency',
    'time',
    'bookingDate',
    'link',
    'attributes.scheme',
    'references.reference',
  );
  const condition = fc.oneof(
    fc.record({
      in: fc.array(fc.oneof(plain, bound, fc.constantFrom('AED', 'charge', 'bank')), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    fc.record({
      notIn: fc.array(fc.oneof(plain, fc.constantFrom('KWD', 'payout')), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ exists: fc.boolean() }),
    fc.record({ gt: bound }),
    fc.record({ gte: bound, lt: bound }),
    fc.record({ lte: bound }),
  );
  let selected = 0;
  for (const written of fc.sample(fc.dictionary(field, condition, { minKeys: 1, maxKeys: 2 }), {
    numRuns: 120,
    seed: 9,
  })) {
    const filter = filterSchema.parse({ ...written });
    const meant = records.filter((record) => compileFilter(filter)(fieldsOf(record))).map(({ id }) => id);
    const sql = new FilterSql();
    const where = sql.condition(filter);
    const rows = await connection.rows<{ id: string }>(
      'filter',
      `SELECT id FROM filters.records WHERE ${where} ORDER BY n`,
      sql.params,
    );
    expect(
      rows.map(({ id }) => id),
      JSON.stringify(filter),
    ).toEqual(meant);
    selected += meant.length;
  }
  expect(selected).toBeGreaterThan(1000);
  await other.close();
  await connection.close();
});
