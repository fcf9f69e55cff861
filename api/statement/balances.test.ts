import { expect, test } from 'vitest';
import type { SourceBalance, StatementBalance } from '../../engine/domain/index.ts';
import { balanceView } from './balances.ts';

const BANK: SourceBalance = {
  ...{ source: 'bank', account: 'main', currency: 'KWD' },
  ...{ records: 3, amount: 1500n, off: 0, offBy: 0n, messages: [] },
  statements: [
    { name: 'AE1/1', opening: 0n, closing: 1000n, records: 2, amount: 1000n },
    { name: 'AE1/2', opening: 1000n, closing: 1500n, records: 1, amount: 500n },
  ],
};

function withStatements(...changes: readonly Partial<StatementBalance>[]): SourceBalance {
  return { ...BANK, statements: BANK.statements.map((each, i) => ({ ...each, ...changes[i] })) };
}

test('opening + Σ records = closing', () => {
  expect(balanceView(BANK)).toEqual({
    ...{ source: 'bank', account: 'main', currency: 'KWD', statements: 2, records: 3 },
    ...{ opening: '0.000', amount: '1.500', closing: '1.500', off: 0, residual: '0.000', messages: [] },
  });
});

test('a statement between two that is missing is told by their balances', () => {
  const { residual, off, messages } = balanceView(withStatements({}, { opening: 1200n, closing: 1700n }));
  expect({ residual, off }).toEqual({ residual: '-0.200', off: 1 });
  expect(messages).toEqual([
    'statement AE1/2 opens with 1.200 KWD, AE1/1 before it closed with 1.000: 0.200 between them; is a statement missing?',
  ]);
});

test('a line that did not become a record is missed in its statement', () => {
  const { residual, off, messages } = balanceView({
    ...withStatements({}, { amount: 300n }),
    amount: 1300n,
  });
  expect({ residual, off }).toEqual({ residual: '-0.200', off: 1 });
  expect(messages[0]).toMatch(
    /^statement AE1\/2: opening 1\.000 \+ 1 records 0\.300 is not closing 1\.500 KWD/,
  );
});

test('where no balances are kept the findings tell', () => {
  const told = { ...BANK, statements: [], off: 1, offBy: -5n, messages: ['off by 0.005'] };
  expect(balanceView(told)).toMatchObject({ off: 1, residual: '-0.005', messages: ['off by 0.005'] });
});
