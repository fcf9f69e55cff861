import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filterSchema } from '../domain/index.ts';
import type { MoneyRecord } from '../domain/index.ts';
import { compileFilter, fieldsOf } from '../rules/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { openScratchStore, type ScratchStore } from '../testing/scratch-store.ts';
import { recordRows } from '../testing/store-rows.ts';
import { Connection } from './connection.ts';
import { openEmbedded } from './embedded.ts';
import { FilterSql } from './filter-sql.ts';
import { DEFAULT_LIMITS } from './index.ts';

const T0 = Date.UTC(2026, 10, 20, 8);

let scratch: ScratchStore;
beforeAll(async () => {
  scratch = await openScratchStore();
});
afterAll(() => scratch.close());

test('filters mean to the database what they mean to the rules', async () => {
  const connection = new Connection(
    await openEmbedded(scratch.directory, 'counterfoil', DEFAULT_LIMITS, undefined),
    DEFAULT_LIMITS,
  );
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
  await scratch.insert('records', recordRows({ epoch: 1, partition: 0, sequence: 1, logTime: T0 }, records));
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
      `SELECT id FROM counterfoil.records WHERE ${where} ORDER BY n`,
      sql.params,
    );
    expect(
      rows.map(({ id }) => id),
      JSON.stringify(filter),
    ).toEqual(meant);
    selected += meant.length;
  }
  expect(selected).toBeGreaterThan(1000);
  await connection.close();
});
