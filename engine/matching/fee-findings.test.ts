import { expect, test } from 'vitest';
import type { RuleSet } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { CollectingSink, ofType, recordsMessage, rulesMessage } from '../testing/index.ts';
import { createKernel } from './index.ts';

const START = Date.UTC(2026, 10, 22);
const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'acquirer-to-bank',
      left: { sources: ['acquirer'], fees: 'acquiring' },
      right: { sources: ['bank'] },
      window: { before: 0, after: 0, grace: 0 },
      retain: 0,
      rules: [{ name: 'by-reference', keys: ['references.reference'], tolerance: {} }],
      nullValues: [],
    },
  ],
  sources: ['acquirer', 'bank'].map((name) => ({
    ...{ name, outOfOrder: 0, idleTimeout: 60_000, onIdReuse: 'accept' as const },
  })),
  feeContracts: {
    acquiring: { lines: [{ percent: '2' }], tax: '5', round: 'perRecord', refundReturnsFee: 'none' },
  },
  partitionBy: ['account'],
  maxAhead: 60_000,
  seenHorizon: null,
  maxOpenRecords: 100,
};

test('a fee other than that of the contract is told in the currency’s own units', () => {
  const kernel = createKernel({ epoch: 1, partition: 0, watermark: 'sources' });
  const sink = new CollectingSink();
  kernel.apply(rulesMessage(1, START, RULES), sink);
  const charge = { source: 'acquirer', currency: 'KWD', amount: 100_000n, time: START };
  kernel.apply(
    recordsMessage(2, START, [
      aRecord({ ...charge, id: 'right', fee: 2000n, tax: 100n }),
      aRecord({ ...charge, id: 'wrong', fee: 2005n, tax: 100n }),
    ]),
    sink,
  );
  expect(ofType(sink.take(), 'finding')).toMatchObject([
    {
      kind: 'fee',
      recordId: 'wrong',
      amount: 5,
      message: 'record "wrong" reports a fee of 2.005 KWD; contract "acquiring" says 2.000 KWD',
    },
  ]);
});
