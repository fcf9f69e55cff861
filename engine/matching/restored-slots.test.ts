import { expect, test } from 'vitest';
import { DAY_MS, type RuleSet } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { CollectingSink, recordsMessage, rulesMessage } from '../testing/index.ts';
import { PartitionKernel } from './kernel.ts';
import { createKernel, restoreKernel, type Kernel, type KernelOptions } from './index.ts';

const OPTIONS: KernelOptions = { epoch: 1, partition: 0, watermark: 'sources' };
const START = Date.UTC(2026, 10, 22);

/** Two reconciliations of one source, which amends by version, with a bank each; or the second of them alone. */
function rules(names: readonly ('first' | 'second')[]): RuleSet {
  return {
    reconciliations: names.map((name) => ({
      name,
      left: { sources: ['gateway'] },
      right: { sources: [`${name}-bank`] },
      window: { before: 0, after: DAY_MS, grace: 0 },
      retain: DAY_MS,
      rules: [{ name: 'by-reference', keys: ['references.reference' as const], tolerance: {} }],
      nullValues: [],
    })),
    sources: ['gateway', 'first-bank', 'second-bank'].map((name) => ({
      name,
      outOfOrder: 0,
      idleTimeout: 2 * DAY_MS,
      onIdReuse: 'accept' as const,
      ...(name === 'gateway' ? { amends: 'version' as const } : {}),
    })),
    partitionBy: ['account'],
    maxAhead: 2 * DAY_MS,
    seenHorizon: null,
    maxOpenRecords: 100,
  };
}

function charge(version: number, amount: bigint): ReturnType<typeof aRecord> {
  const common = { source: 'gateway', id: 'c1', time: START, references: { reference: 'R1' } };
  return aRecord({ ...common, version, amount });
}

/** What of a snapshot a kernel decides, bytes and all. */
function bytesOf(kernel: Kernel): readonly string[] {
  return kernel.snapshot().blocks.map((block) => Buffer.from(block).toString('hex'));
}

test('a kernel whose first reconciliation is gone goes on as it was when it is restored', () => {
  const kernel = createKernel(OPTIONS);
  const sink = new CollectingSink();
  kernel.apply(rulesMessage(1, START, rules(['first', 'second'])), sink);
  kernel.apply(rulesMessage(2, START, rules(['second'])), sink);

  const seen = kernel.pendingSeen();
  const snapshot = kernel.snapshot();
  const blocks = snapshot.blocks.map((block) => block.slice());
  const restored = restoreKernel(OPTIONS, { ...snapshot, blocks }, seen);
  expect(bytesOf(restored)).toEqual(bytesOf(kernel));
  if (!(restored instanceof PartitionKernel)) throw new TypeError('not a kernel of a partition');
  const { states } = restored.core;
  expect(Object.keys(states)).toEqual(['0', '1']);
  expect(states.map((state) => state?.definition.name)).toEqual([undefined, 'second']);

  const other = new CollectingSink();
  sink.take();
  const messages = [
    recordsMessage(3, START, [charge(1, 1000n)]),
    recordsMessage(4, START, [charge(2, 900n)]),
    recordsMessage(5, START, [
      aRecord({
        source: 'second-bank',
        id: 'b1',
        amount: 900n,
        time: START + 1,
        references: { reference: 'R1' },
      }),
    ]),
  ];
  for (const message of messages) {
    kernel.apply(message, sink);
    restored.apply(message, other);
    expect(bytesOf(restored)).toEqual(bytesOf(kernel));
  }
  const results = sink.take();
  expect(other.take()).toEqual(results);
  expect(results.filter(({ type }) => type === 'match')).toHaveLength(1);
});
