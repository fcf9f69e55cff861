import { afterAll, beforeAll, expect, test } from 'vitest';
import { RowBuffer, writeBalanceRow } from '../codec/index.ts';
import { filterSchema } from '../domain/index.ts';
import type { FeeFilter, MoneyRecord } from '../domain/index.ts';
import { openScratchStore, type ScratchStore } from '../testing/scratch-store.ts';
import { aRecord } from '../testing/a-record.ts';
import { findingRows, recordRows } from '../testing/store-rows.ts';

const T0 = Date.UTC(2026, 10, 20, 8);

let scratch: ScratchStore;
beforeAll(async () => {
  scratch = await openScratchStore();
});
afterAll(() => scratch.close());

const place = (sequence: number, logTime = T0) => ({ epoch: 1, partition: 0, sequence, logTime });

test('statements are read in order of their days, as they were stated last, with the records that came of them', async () => {
  const about = { source: 'bank940', account: 'a', currency: 'AED' };
  const record = (id: string, amount: bigint, more: Partial<MoneyRecord> = {}) =>
    aRecord({ ...about, id, amount, kind: 'bank', ...more });
  await scratch.insert(
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
  await scratch.insert('balances', buffer.take());
  const found = (await scratch.store.balances({})).find(({ source }) => source === about.source);
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
  await scratch.insert(
    'records',
    recordRows(place(70), [
      aRecord({ source: 'stated', id: 's1', account: 'a', amount: 500n, time: Date.UTC(2026, 9, 31, 21) }),
    ]),
  );
  await scratch.insert(
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
  expect((await scratch.store.balances({})).find(({ source }) => source === 'stated')).toEqual({
    ...{ source: 'stated', account: 'a', currency: 'AED', records: 1, amount: 500n, off: 1, offBy: -205n },
    messages: ['off by 2.05'],
    statements: [],
  });
  expect(
    (await scratch.store.balances({ from: T0 + 1 })).find(({ source }) => source === 'stated'),
  ).toBeUndefined();
  const stated = { source: 'stated', account: 'a', currency: 'AED' };
  expect(await scratch.store.feeVariances({ source: 'stated' })).toEqual([
    { ...stated, month: '2026-11', kind: 'fee', records: 2, over: 30n, under: -5n },
    { ...stated, month: '2026-11', kind: 'tax', records: 1, over: 2n, under: 0n },
  ]);
  expect(await scratch.store.feeVariances({ source: 'stated', toMonth: '2026-10' })).toEqual([]);
});

test('reported fees are counted by side, source and local month', async () => {
  const record = (id: string, more: Partial<MoneyRecord>) => aRecord({ source: 'fees', id, ...more });
  await scratch.insert(
    'records',
    recordRows(place(60), [
      // November in Dubai already.
      record('f1', { fee: 3n, time: Date.UTC(2026, 9, 31, 21) }),
      record('f2', { tax: 1n, time: Date.UTC(2026, 9, 30) }),
      record('f3', { time: Date.UTC(2026, 9, 30) }),
      record('f4', { fee: 3n, kind: 'refund', time: Date.UTC(2026, 9, 30) }),
      record('f5', { source: 'others', fee: 3n }),
    ]),
  );
  const where = filterSchema.parse({ kind: 'charge' });
  const side = { reconciliation: 'r', side: 'left', pool: 'r.left', negate: false } as const;
  const lanes = [{ ...side, sources: ['fees'], where }];
  const count = (filter: FeeFilter) => scratch.store.reportedFees(lanes, filter);
  expect(await count({})).toBe(2);
  expect(await count({ source: 'others' })).toBe(0);
  expect(await count({ fromMonth: '2026-11' })).toBe(1);
  expect(await count({ fromMonth: '2026-10', toMonth: '2026-10' })).toBe(1);
  expect(await scratch.store.reportedFees([], {})).toBe(0);
});

test('the log ends with the last message that anything is stored of, in each life of each partition', async () => {
  const ends = await scratch.store.logEnds();
  for (const sequence of [2, 3])
    await scratch.insert(
      'records',
      recordRows({ ...place(sequence), partition: 7 }, [aRecord({ id: `e${sequence}` })]),
    );
  await scratch.insert('records', recordRows({ ...place(2), epoch: 2 }, [aRecord({ id: 'life2' })]));
  const findings = findingRows(2, 0, [
    {
      ...{ kind: 'continuity', source: 's', recordId: '', account: '', currency: '', amount: 0, message: '' },
      ...{ sequence: 5, n: 0, logTime: T0 },
    },
  ]);
  await scratch.insert('findings', findings);
  expect(await scratch.store.logEnds()).toEqual([
    ...ends,
    { epoch: 1, partition: 7, sequence: 3 },
    { epoch: 2, partition: 0, sequence: 5 },
  ]);
});
