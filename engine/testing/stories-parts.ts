import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** Records of a shop (left) against a bank (right), within an hour of each other. */
function shop(rules: readonly object[], retain = '30d') {
  return written({
    reconciliations: [
      {
        name: 'shop-to-bank',
        left: { sources: ['shop'] },
        right: { sources: ['bank'] },
        window: { before: '1h', after: '1h' },
        retain,
        rules,
      },
    ],
  });
}

const orders = { name: 'orders', cardinality: 'N:M', partial: true, keys: ['reference'] };
const invoices = { name: 'invoices', cardinality: 'N:M', partial: true, keys: ['references.invoice'] };
const named = {
  name: 'named',
  cardinality: '1:N',
  partial: true,
  keys: [
    {
      left: { field: 'attributes.narrative', normalise: [{ captureAll: 'ORD-(\\d+)' }] },
      right: 'reference',
    },
  ],
};

/** What is left over of records that are matched in part: under which rule, in which reconciliation, until when. */
export const PART_STORIES: readonly Story[] = [
  story(
    'once a part of a record is matched, what is left is what that rule compares, and no other rule takes it',
    shop([orders, { ...invoices, compare: { left: 'net' } }]),
    [
      'shop s1 100.00 A 10:00 fee=3.00 invoice=I1', // 100.00 by order, 97.00 by invoice
      'bank b1 40.00 B 10:10 invoice=I1',
      'bank b2 60.00 A 10:20', // its order is no way to s1 any more
      'bank b3 57.00 C 10:30 invoice=I1',
      'end',
    ],
    [
      'b1 → match s1(40.00) b1 by invoices, difference 0.00',
      'b3 → match 2-0 v2: s1(97.00) b1 b3 by invoices, difference 0.00',
      'end → break 5-0 v1: unmatched b2, 60.00',
    ],
  ),
  story(
    'the rest of a record is due with the group that took a part, though another would have kept it longer',
    shop([orders, invoices]),
    [
      'shop s1 10.00 A 10:00 invoice=I1',
      'shop s2 5.00 A 11:00 invoice=I2', // the order waits until 12:00
      'bank b9 1.00 Z 11:20', // s1 is due, and waits with its order
      'bank b1 4.00 B 10:20 invoice=I1', // late: its invoice waits until 11:20
      'bank b8 1.00 Y 11:20:00.001',
      'end',
    ],
    [
      'b1 → match s1(4.00) b1 by invoices, difference 0.00',
      'b8 → break 5-0 v1: unmatched s1, 6.00, residual 4-0',
      'end → break 6-0 v1: unmatched s2, 5.00',
      'end → break 6-1 v1: unmatched b9, 1.00',
      'end → break 6-2 v1: unmatched b8, 1.00',
    ],
  ),
  story(
    'a part matched by one rule takes the record out of the break of another, and its rest is due again',
    shop([orders, invoices]),
    [
      'shop s1 10.00 A 10:00',
      'shop s2 20.00 A 10:10 invoice=I1',
      'bank b9 1.00 Z 11:10:00.001', // the order breaks
      'bank b1 8.00 B 11:00 invoice=I1', // late
      'bank b8 1.00 Y 12:00:00.001',
      'end',
    ],
    [
      'b9 → break 3-0 v1: group s1 s2, 30.00',
      'b1 → match s2(8.00) b1 by invoices, difference 0.00',
      'b1 → break 3-0 v2: unmatched s1, 10.00',
      'b8 → break 5-0 v1: unmatched s2, 12.00, residual 4-0',
      'end → break 6-0 v1: unmatched b9, 1.00',
      'end → break 6-1 v1: unmatched b8, 1.00',
    ],
  ),
  story(
    'what is matched in part stands in that reconciliation alone of its pool, and breaks in that one’s turn',
    written({
      reconciliations: [
        { name: 'cards', left: { sources: ['shop'], pool: 'sales' }, right: { sources: ['cards'] } },
        { name: 'ledger', left: { sources: ['shop'] }, right: { sources: ['ledger'] } },
        { name: 'bank', left: { sources: ['shop'], pool: 'sales' }, right: { sources: ['bank'] } },
      ].map((each) => ({
        ...each,
        window: { before: '1h', after: '1h' },
        rules: [each.name === 'bank' ? orders : { name: 'pair', keys: ['reference'] }],
      })),
    }),
    [
      'shop s1 10.00 A 10:00', // due in all three at once
      'bank b1 4.00 A 10:00',
      'cards c1 10.00 A 10:10', // s1 is not there any more
      'end',
    ],
    [
      'b1 → match s1(4.00) b1 by orders, difference 0.00',
      'end → break 4-0 v1: unmatched s1, 10.00', // the ledger has nothing of it
      'end → break 4-1 v1: unmatched s1, 6.00, residual 2-0',
      'end → break 4-2 v1: unmatched c1, 10.00',
    ],
  ),
  story(
    'a record that names two orders makes them one: the match of the first goes on, that of the other stays as it is',
    shop([named]),
    [
      'shop s1 10.00 - 10:00 @narrative=ORD-1',
      'shop s2 20.00 - 10:01 @narrative=ORD-2',
      'bank b1 4.00 1 10:02',
      'bank b2 5.00 2 10:03',
      'shop s3 30.00 - 10:04 @narrative=ORD-2_ORD-1',
      'bank b3 6.00 1 10:05', // the oldest with order 1: s1 is used up, 4.00 and 6.00
      'end',
    ],
    [
      'b1 → match s1(4.00) b1 by named, difference 0.00',
      'b2 → match s2(5.00) b2 by named, difference 0.00',
      'b3 → match 4-0 v2: s1(6.00) s2(5.00) b2 b3 by named, difference 0.00',
      'end → break 7-0 v1: group s2 s3, 45.00, residual 4-0',
    ],
  ),
  story(
    'of a match that is undone, what was taken of a record that stays open is taken, and the next match is another',
    shop([orders]),
    [
      'shop s1 10.00 A 10:00',
      'bank b1 4.00 A 10:01',
      'do unmatch 2-0 v1 orders right:b1', // s1 is open already, with what is left of it
      'bank b2 6.00 A 10:02',
      'end',
    ],
    [
      'b1 → match s1(4.00) b1 by orders, difference 0.00',
      'do → unmatch accepted',
      'do → unmatched 2-0 v2: b1 by orders, difference -4.00',
      'b2 → match s1(6.00) b2 by orders, difference 0.00',
      'end → break 5-0 v1: unmatched b1, 4.00, residual 4-0',
    ],
  ),
  story(
    'a group that lets a record go keeps the record’s break in memory no longer',
    shop([orders, invoices], '10m'),
    [
      'shop s1 10.00 A 10:00 invoice=I1',
      'shop s2 7.00 - 10:00 invoice=I1',
      'shop s3 5.00 A 10:59', // the order lasts until 11:59
      'bank b9 1.00 Z 11:15', // the invoice breaks; the order keeps s1, and so s2
      'bank b1 4.00 - 10:10 invoice=I1', // s1 leaves the order
      'bank b2 6.00 - 12:05 invoice=I1', // the break is gone since 11:59
      'end',
    ],
    [
      'b9 → break 4-0 v1: group s1 s2, 17.00',
      'b1 → match s1(4.00) b1 by invoices, difference 0.00',
      'b1 → break 4-0 v2: group s1 s2, 13.00, residual 5-0',
      'b2 → break 6-0 v1: unmatched s3, 5.00',
      'end → break 7-0 v1: unmatched b9, 1.00',
      'end → break 7-1 v1: unmatched b2, 6.00',
    ],
  ),
];
