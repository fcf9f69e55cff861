import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, type LogMessage, type MoneyRecord, type RuleSet } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { CollectingSink, recordsMessage, rulesMessage, type Result } from '../testing/index.ts';
import { ReferenceMatcher } from '../testing/reference-matcher.ts';
import { createKernel, type KernelOptions } from './index.ts';

const OPTIONS: KernelOptions = { epoch: 1, partition: 3, watermark: 'sources' };
const SOURCES = ['accepting', 'rejecting', 'amending', 'unknown'] as const;
const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'one',
      left: { sources: ['accepting', 'amending'] },
      right: { sources: ['rejecting'] },
      window: { before: 0, after: DAY_MS, grace: 0 },
      retain: DAY_MS,
      rules: [{ name: 'by-reference', keys: ['references.reference'], tolerance: {} }],
      nullValues: [],
    },
  ],
  sources: SOURCES.slice(0, 3).map((name) => ({
    name,
    outOfOrder: 0,
    idleTimeout: DAY_MS,
    onIdReuse: name === 'rejecting' ? ('reject' as const) : ('accept' as const),
    ...(name === 'amending' ? { amends: 'version' as const } : {}),
  })),
  partitionBy: ['account'],
  maxAhead: 2 * DAY_MS,
  seenHorizon: null,
  maxOpenRecords: 1000,
};

test('which rows of a frame are taken does not depend on how frames are cut', () => {
  const row = fc.tuple(fc.constantFrom(...SOURCES), fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.nat(2));
  fc.assert(
    fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { maxLength: 6 }), (frames) => {
      const records = frames.map((rows) =>
        rows.map(([source, id, amount, version]): MoneyRecord => {
          const record = aRecord({ source, id: `${id}`, amount: BigInt(amount), references: {} });
          return source === 'amending' ? { ...record, version } : record;
        }),
      );
      const messages = [
        rulesMessage(1, 0, RULES),
        ...records.map((each, i) => recordsMessage(i + 2, 0, each)),
      ];
      expect(takenBy(kernel(), messages)).toEqual(takenBy(new ReferenceMatcher(OPTIONS), messages));
    }),
  );
});

/** What was said of each row. */
function takenBy(
  matcher: { apply(message: LogMessage): Result[] },
  messages: readonly LogMessage[],
): string[] {
  const results = messages.flatMap((message) => matcher.apply(message));
  return results.flatMap((result) =>
    'row' in result ? [`${result.type} ${result.source} ${result.id} ${result.row}`] : [],
  );
}

function kernel(): { apply(message: LogMessage): Result[] } {
  const sink = new CollectingSink();
  const made = createKernel(OPTIONS);
  return {
    apply(message: LogMessage) {
      made.apply(message, sink);
      return sink.take();
    },
  };
}
