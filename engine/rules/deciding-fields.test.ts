import { describe, expect, it } from 'vitest';
import { reconciliationSchema } from '../domain/index.ts';
import { decidingFields } from './deciding-fields.ts';

function fieldsOf(rule: object): string[] {
  const { rules } = reconciliationSchema.parse({
    name: 'r',
    left: { sources: ['a'], fees: 'f' },
    right: { sources: ['b'] },
    window: {},
    rules: [{ name: 'one', ...rule }],
  });
  return decidingFields(rules[0]!);
}

describe('what decided', () => {
  it.each<[object, string[]]>([
    [{ keys: ['reference'] }, ['reference', 'currency', 'amount']],
    [{ keys: ['currency', 'references.order'] }, ['currency', 'references.order', 'amount']],
    [
      { keys: ['reference'], tolerance: { amount: '0.50' }, compare: { left: 'net' } },
      ['reference', 'currency', 'net = amount ± 0.50'],
    ],
    [
      { keys: ['reference'], tolerance: { percent: '1.5' }, compare: 'net' },
      ['reference', 'currency', 'net ± 1.5 %'],
    ],
    [
      {
        keys: ['id'],
        tolerance: { amount: { AED: '0.50', KWD: '0.050' }, percent: '1', short: { amount: '5' }, over: {} },
      },
      ['id', 'currency', 'amount ± 0.50 AED or 0.050 KWD and 1 %, short 5, over 0'],
    ],
    [{ keys: ['id'], tolerance: { short: { amount: '5' } } }, ['id', 'currency', 'amount ± 0, short 5']],
    [
      {
        keys: [
          {
            left: 'references.order',
            right: { field: 'attributes.narrative', normalise: ['upper', { capture: 'ORD-(\\d+)' }] },
          },
          { field: 'reference', normalise: ['trim', 'stripLeadingZeros', { suffix: 6 }] },
        ],
      },
      [
        'left references.order = right attributes.narrative upper /ORD-(\\d+)/',
        'reference trim stripLeadingZeros suffix 6',
        'currency',
        'amount',
      ],
    ],
    [
      {
        cardinality: 'N:1',
        keys: [
          {
            left: 'reference',
            right: { field: 'reference', normalise: [{ captureAll: '(\\d{4})' }, { prefix: 3 }] },
          },
        ],
        fx: { from: 'USD', to: 'AED', rate: { table: 't' } },
        tolerance: { percent: '1.5' },
      },
      ['left reference = right reference every /(\\d{4})/ prefix 3', 'amount USD = amount AED ± 1.5 %'],
    ],
    [
      {
        keys: [
          {
            left: { settleDate: { cutoff: '23:00', zone: 'Asia/Dubai', lag: '1bd', calendar: 'AE-rails' } },
            right: 'valueDate',
          },
        ],
        compare: { left: 'expectedNet' },
      },
      [
        'left settleDate(time 23:00 Asia/Dubai +1bd AE-rails) = right valueDate',
        'currency',
        'expectedNet = amount',
      ],
    ],
    [
      { keys: [{ settleDate: { of: 'valueDate', cutoff: '23:00', zone: 'UTC', lag: '1bd' } }] },
      ['settleDate(valueDate +1bd)', 'currency', 'amount'],
    ],
  ])('by %j', (rule, expected) => {
    expect(fieldsOf(rule)).toEqual(expected);
  });
});
