import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DATE_FIELDS, KEY_FIELDS } from '../domain/index.ts';
import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { fieldsOf } from '../rules/index.ts';
import { frameOf, rulesMessage } from '../testing/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { SILENT_SINK } from '../testing/silent-sink.ts';
import { PartitionKernel } from './kernel.ts';
import type { KernelFields } from './kernel-fields.ts';

/** Key texts of every sort: a reference as it is, one that is computed, an attribute, an id. */
const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'all',
      left: { sources: ['s'] },
      right: { sources: ['other'] },
      window: { before: 0, after: 0, grace: 0 },
      retain: 0,
      rules: [
        { name: 'a', keys: ['references.reference', 'attributes.a', 'id'], tolerance: {} },
        {
          name: 'b',
          keys: [
            { left: { field: 'references.reference', normalise: ['digits'] }, right: 'references.invoice' },
          ],
          tolerance: {},
        },
      ],
      nullValues: [],
    },
  ],
  sources: [{ name: 's', outOfOrder: 366 * 86_400_000, idleTimeout: 366 * 86_400_000, onIdReuse: 'accept' }],
  partitionBy: ['account'],
  maxAhead: 0,
  seenHorizon: null,
  maxOpenRecords: 1000,
};

/** A record that is its only one: the entry that it is kept as is number 0. */
function kept(record: MoneyRecord): PartitionKernel {
  const kernel = new PartitionKernel({ epoch: 1, partition: 0, watermark: 'sources' });
  kernel.apply(rulesMessage(1, 0, RULES), SILENT_SINK);
  kernel.apply({ sequence: 2, logTime: 0, frame: frameOf([record]) }, SILENT_SINK);
  return kernel;
}

const records = recordArbitrary.map((record) => ({ ...record, source: 's' }));

test('a record comes back from memory as it came', () => {
  fc.assert(
    fc.property(records, (record) => {
      const present = (pairs: MoneyRecord['references']): MoneyRecord['references'] =>
        Object.fromEntries(Object.entries(pairs).filter(([, text]) => text !== ''));
      const { version, link, ...rest } = record;
      const back = kept(record).core.recordAt(0);
      // An empty text says no more than none.
      expect({
        ...back,
        references: present(back.references),
        attributes: present(back.attributes),
      }).toEqual({
        ...rest,
        ...(version === undefined || version === 0 ? {} : { version }),
        ...(link === undefined || link === '' ? {} : { link }),
        references: present(record.references),
        attributes: present(record.attributes),
      });
    }),
    { numRuns: 100 },
  );
});

test('a row and a stored record read like the record itself', () => {
  const fields = [...KEY_FIELDS, 'source', 'references.reference', 'attributes.a'] as const;
  const seen = (record: KernelFields | ReturnType<typeof fieldsOf>): unknown => ({
    texts: fields.map((field) => record.text(field)),
    days: DATE_FIELDS.map((field) => record.day(field)),
    numbers: [record.amount, record.fee, record.tax, record.time, record.offsetMinutes],
    words: [record.currency, record.kind, record.precision],
    original: record.original,
  });
  fc.assert(
    fc.property(records, (record) => {
      const { core } = kept(record);
      const wanted = seen(fieldsOf(record));
      expect(seen(core.row)).toEqual(wanted);
      expect(seen(core.cursor().to(0))).toEqual(wanted);
      expect(core.row.groupCount).toBe(record.groupCount);
      expect(core.row.groupTotal).toBe(
        record.groupTotal === undefined ? undefined : Number(record.groupTotal),
      );
      expect(core.cursor().to(0).groupCount).toBe(record.groupCount);
      expect(core.cursor().to(0).groupTotal).toBe(core.row.groupTotal);
    }),
    { numRuns: 100 },
  );
});
