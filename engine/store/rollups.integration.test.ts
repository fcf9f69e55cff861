import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultQueries, ResultStore } from '../domain/index.ts';
import { STORE_WAYS, openScratchServer, type ScratchServer } from '../testing/scratch-store.ts';
import { aRecord } from '../testing/a-record.ts';
import { aBreak, aMatch, breakRows, matchRows, recordRows } from '../testing/store-rows.ts';
import { openStore } from './index.ts';

const MINUTE = 29_333_333;
const T0 = MINUTE * 60_000;

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

describe.each(STORE_WAYS)('rollups, $name', (way) => {
  const { database } = way;
  let store: ResultStore & ResultQueries;

  beforeAll(async () => {
    store = await openStore(server.optionsOf(way));
    await store.migrate();
  });
  afterAll(() => store.close());

  test('rollups agree with their rows after repeated, premature and overlapping calls', async () => {
    const at = (partition: number, sequence: number, minute: number) => ({
      epoch: 11,
      partition,
      sequence,
      logTime: T0 + 86_400_000 + minute * 60_000 + 59_999,
    });
    const minute = MINUTE + 1440;
    const agree = async (): Promise<void> => {
      const rolled = await server.ask(
        `SELECT minute, sum(count) AS c, sum(amount) AS a FROM ${database}.rollup_minute FINAL WHERE thing = 'record' AND minute >= fromUnixTimestamp(${minute * 60}) GROUP BY minute ORDER BY minute`,
      );
      const rows = await server.ask(
        `SELECT toStartOfMinute(log_time) AS minute, count() AS c, sum(amount) AS a FROM ${database}.records WHERE epoch = 11 GROUP BY minute ORDER BY minute`,
      );
      expect(rolled).toEqual(rows);
      expect(rows).toHaveLength(3);
    };
    const records = Array.from({ length: 20 }, (_, i) =>
      aRecord({ id: `r${i}`, amount: BigInt(i * 100 - 700), currency: i % 3 === 0 ? 'KWD' : 'AED' }),
    );
    for (const m of [0, 1, 3])
      await store.insert('records', [recordRows(at(0, m + 1, m), records)], 20, `roll-${m}`);
    await store.rollup([minute, minute + 1]);
    await store.insert('records', [recordRows(at(1, 1, 0), records)], 20, 'roll-late');
    await Promise.all([store.rollup([minute + 3, minute, minute + 1]), store.rollup([minute])]);
    await store.rollup([minute]);
    await agree();

    const logTime = at(0, 1, 0).logTime;
    await store.insert(
      'matches',
      [matchRows(11, 0, [aMatch({ sequence: 1, n: 0, logTime }), aMatch({ sequence: 1, n: 1, logTime })])],
      2,
      'roll-m',
    );
    const opened = aBreak({ sequence: 1, n: 2, logTime });
    const healed = aBreak({
      ...opened,
      sequence: 2,
      n: 0,
      breakN: 2,
      breakSequence: 1,
      version: 2,
      state: 'resolved',
    });
    await store.insert('breaks', [breakRows(11, 0, [opened, healed])], 2, 'roll-b');
    await store.rollup([minute]);
    await store.rollup([minute]);
    expect(
      await server.ask(
        `SELECT thing, reconciliation, kind, toUInt32(count) AS count, toInt32(amount) AS amount, toInt32(difference) AS difference FROM ${database}.rollup_minute FINAL WHERE thing != 'record' ORDER BY thing`,
      ),
    ).toEqual([
      {
        thing: 'match',
        reconciliation: 'gateway-to-bank',
        kind: 'by-reference',
        count: 2,
        amount: 2460,
        difference: 20,
      },
      {
        thing: 'break',
        reconciliation: 'gateway-to-bank',
        kind: 'unmatched',
        count: 1,
        amount: 1230,
        difference: 0,
      },
      {
        thing: 'healed',
        reconciliation: 'gateway-to-bank',
        kind: 'unmatched',
        count: 1,
        amount: 1230,
        difference: 0,
      },
    ]);
  });
});
