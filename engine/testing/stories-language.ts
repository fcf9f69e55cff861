import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** One reconciliation of a gateway (left) and a bank (right) within an hour, with these rules. */
function between(rules: readonly object[], sides: { left?: object; right?: object; window?: object } = {}) {
  return written({
    reconciliations: [
      {
        name: 'gateway-to-bank',
        left: { sources: ['gateway'], ...sides.left },
        right: { sources: ['bank'], ...sides.right },
        window: sides.window ?? { before: '1h', after: '1h' },
        rules,
      },
    ],
  });
}

/** What rules can say: keys, filters, what is compared, tolerances, dates. */
export const LANGUAGE_STORIES: readonly Story[] = [
  story(
    'a reference is cut out of a narrative, and leading zeros do not count',
    between([
      {
        name: 'order',
        keys: [
          {
            left: { field: 'references.order', normalise: ['stripLeadingZeros'] },
            right: { field: 'attributes.narrative', normalise: [{ capture: 'ORD-0*(\\d+)' }] },
          },
        ],
      },
    ]),
    [
      'gateway g1 10.00 - 10:00 order=000417',
      'bank b1 10.00 - 10:01 @narrative=TRANSFER_ORD-0417_FROM_KAREEM',
      'bank b2 10.00 - 10:02 @narrative=TRANSFER_FROM_KAREEM',
      'end',
    ],
    ['b1 → match g1 b1 by order, difference 0.00', 'end → break 4-0 v1: unmatched b2, 10.00'],
  ),
  story(
    'a null value counts after normalising',
    between([{ name: 'r', keys: [{ field: 'reference', normalise: ['trim', 'upper'] }] }]),
    ['gateway g1 10.00 - 10:00 reference=_nonref_', 'bank b1 10.00 NONREF 10:01', 'end'],
    ['end → break 3-0 v1: unmatched g1, 10.00', 'end → break 3-1 v1: unmatched b1, 10.00'],
  ),
  story(
    'a rule with filters is for the records that they fit; void ones are not taken at all',
    between([{ name: 'refunds', keys: ['reference'], where: { left: { kind: 'refund' } } }], {
      left: { where: { status: { notIn: ['void'] } } },
    }),
    [
      'gateway g0 -5.00 A 10:00 kind=refund status=void',
      'gateway g1 -5.00 A 10:01',
      'bank b1 -5.00 A 10:02',
      'gateway g2 -5.00 A 10:03 kind=refund',
      'end',
    ],
    ['g2 → match g2 b1 by refunds, difference 0.00', 'end → break 5-0 v1: unmatched g1, -5.00'],
  ),
  story(
    'net against the bank credit: the fee is the cause of what the amounts differ by',
    between([{ name: 'net', keys: ['reference'], compare: { left: 'net' }, tolerance: { amount: '0.05' } }]),
    ['gateway g1 100.00 A 10:00 fee=2.50 tax=0.13', 'bank b1 97.35 A 10:01', 'end'],
    ['b1 → match g1 b1 by net, difference 0.02, fee 2.50, tax 0.13'],
  ),
  story(
    'the presentment amount matches in its own currency',
    between([{ name: 'original', keys: ['reference'], compare: { left: 'original' } }]),
    ['gateway g1 367.25 A 10:00 original=100.00USD', 'bank b1 100.00USD A 10:01', 'end'],
    ['b1 → match g1 b1 by original, difference 0.00'],
  ),
  story(
    'percent and amount together: both must hold; short and over may differ',
    between([
      {
        name: 'r',
        keys: ['reference'],
        tolerance: { amount: '1', percent: '0.5', over: { amount: '0' } },
      },
    ]),
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 99.50 A 10:01', // half a percent of 100.00
      'gateway g2 1000.00 B 10:02',
      'bank b2 998.50 B 10:03', // half a percent is 5.00, but the amount is 1
      'gateway g3 100.00 C 10:04',
      'bank b3 100.01 C 10:05', // over
      'end',
    ],
    [
      'b1 → match g1 b1 by r, difference 0.50',
      'end → break 7-0 v1: amount g2 b2, 1.50',
      'end → break 7-1 v1: amount g3 b3, -0.01',
    ],
  ),
  story(
    'half a percent in dinars is rounded down to the third digit',
    between([{ name: 'r', keys: ['reference'], tolerance: { percent: '0.5' } }]),
    [
      'gateway g1 1.999KWD A 10:00',
      'bank b1 1.990KWD A 10:01', // 0.009995 is 0.009
      'gateway g2 1.999KWD B 10:02',
      'bank b2 1.989KWD B 10:03',
      'end',
    ],
    ['b1 → match g1 b1 by r, difference 0.009', 'end → break 5-0 v1: amount g2 b2, 0.010'],
  ),
  {
    ...story(
      'two business days over a weekend and a holiday; a third is one too many',
      written({
        reconciliations: [
          {
            name: 'card',
            left: { sources: ['gateway'] },
            right: { sources: ['bank'], at: 'valueDate' },
            window: { before: '0s', after: '10d' },
            rules: [
              {
                name: 'in-two-days',
                keys: ['reference'],
                dates: [{ left: 'time', right: 'valueDate', after: '2bd', calendar: 'office' }],
              },
            ],
          },
        ],
        // 2026-12-02 and 03 are the national day: from Tuesday the 1st, two open days on is Monday the 7th.
        calendars: { office: { closed: ['saturday', 'sunday'], holidays: ['2026-12-02', '2026-12-03'] } },
      }),
      [
        'gateway g1 10.00 A 2026-12-01T10:00',
        'gateway g2 20.00 B 2026-12-01T10:00',
        'bank b1 10.00 A 2026-12-07 valueDate=2026-12-07',
        'bank b2 20.00 B 2026-12-08 valueDate=2026-12-08',
        'end',
      ],
      [
        'b1 → match g1 b1 by in-two-days, difference 0.00',
        'end → break 5-0 v1: unmatched b2, 20.00, date g2',
        'end → break 5-1 v1: unmatched g2, 20.00, date b2',
      ],
    ),
    zone: 'Asia/Dubai',
  },
  story(
    'a lone break says what kept the nearest away',
    between([{ name: 'r', keys: ['reference'] }]),
    ['gateway g1 10.00 A 10:00', 'bank b1 10.00 A 12:00', 'gateway g2 5.00 B 12:00', 'end'],
    [
      'b1 → break 2-0 v1: unmatched g1, 10.00',
      'end → break 4-0 v1: unmatched b1, 10.00, window g1',
      'end → break 4-1 v1: unmatched g2, 5.00',
    ],
  ),
  story(
    'a rule with hold waits for the better rule, and is tried when its hold is over',
    between([
      { name: 'by-invoice', keys: ['references.invoice'] },
      { name: 'by-amount', keys: ['amount'], hold: '30m' },
    ]),
    [
      'gateway g1 10.00 - 10:00 invoice=I1',
      'bank b1 10.00 - 10:01',
      'gateway g2 10.00 - 10:05',
      'bank b2 10.00 - 10:10 invoice=I1', // the invoice decides
      'gateway g9 1.00 - 10:30:00.001',
      'gateway g8 1.00 - 10:31:00.001', // b1 was held until 10:31
    ],
    ['b2 → match g1 b2 by by-invoice, difference 0.00', 'g8 → match g2 b1 by by-amount, difference 0.00'],
  ),
  story(
    'unique: two that could be meant, and nobody is matched; each break names the others',
    between([{ name: 'by-amount', keys: ['amount'], hold: '10m', unique: true }]),
    [
      'gateway g1 10.00 - 10:00',
      'bank b1 10.00 - 10:01',
      'bank b2 10.00 - 10:02',
      'gateway g2 20.00 - 10:03',
      'bank b3 20.00 - 10:04',
      'end',
    ],
    [
      'end → match g2 b3 by by-amount, difference 0.00',
      'end → break 6-1 v1: ambiguous g1, 10.00, ambiguous b1 b2',
      'end → break 6-2 v1: ambiguous b1, 10.00, ambiguous g1 b2',
      'end → break 6-3 v1: ambiguous b2, 10.00, ambiguous g1 b1',
    ],
  ),
];
