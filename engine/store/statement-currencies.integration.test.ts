import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatementRequest } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { openScratchStore, type ScratchStore } from '../testing/scratch-store.ts';
import { PLAIN, leg, place } from '../testing/statement-parts.ts';
import { aMatch, matchRows, recordRows } from '../testing/store-rows.ts';

let scratch: ScratchStore;
beforeAll(async () => {
  scratch = await openScratchStore();
});
afterAll(() => scratch.close());

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
  await scratch.insert(
    'records',
    recordRows(place(50), [aRecord({ source: 'fx-left', id: 'u', currency: 'USD', amount: 3_003n })]),
  );
  await scratch.insert(
    'records',
    recordRows(place(51), [aRecord({ source: 'fx-right', id: 'v', amount: 10_880n })]),
  );
  await scratch.insert(
    'records',
    recordRows(place(52), [aRecord({ source: 'fx-left', id: 'w', amount: 1_000n, fee: 60n, tax: 3n })]),
  );
  await scratch.insert(
    'records',
    recordRows(place(53), [aRecord({ source: 'fx-right', id: 'x', amount: 400n })]),
  );
  await scratch.insert(
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
  const { sides, matches, oddities } = await scratch.store.statement(request);
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
