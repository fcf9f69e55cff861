import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** Records of a shop (left) against a bank (right), within an hour of each other. */
function shop(rules: readonly object[], given: { left?: object; right?: object; retain?: string } = {}) {
  return written({
    reconciliations: [
      {
        name: 'shop-to-bank',
        left: { sources: ['shop'], ...given.left },
        right: { sources: ['bank'], ...given.right },
        window: { before: '1h', after: '1h' },
        ...(given.retain === undefined ? {} : { retain: given.retain }),
        rules,
      },
    ],
  });
}

const batch = [{ name: 'batch', cardinality: 'N:1', keys: ['reference'], tolerance: { amount: '0.10' } }];
const instalments = [
  {
    name: 'instalments',
    cardinality: '1:N',
    partial: true,
    keys: ['reference'],
    tolerance: { amount: '0.50' },
  },
];

/** Groups, what is matched in parts, what cancels out on one side. */
export const GROUP_STORIES: readonly Story[] = [
  story(
    'a group is tried when the last window of its members has passed',
    shop(batch),
    [
      'shop s1 10.00 A 10:00',
      'shop s2 20.00 A 10:30',
      'bank b1 30.05 A 11:15',
      'shop s9 1.00 Z 12:15', // until 12:15 more may come
      'shop s8 1.00 Y 12:15:00.001',
    ],
    ['s8 → match s1 s2 b1 by batch, difference -0.05'],
  ),
  story(
    'a failing group is one break; who comes late joins it, and it heals when the sums agree',
    shop(batch),
    [
      'shop s1 10.00 A 10:00',
      'bank b1 30.00 A 10:10',
      'shop s9 1.00 Z 11:10:00.001',
      'shop s2 15.00 A 10:20', // late
      'shop s8 1.00 Y 11:20:00.001',
      'shop s3 5.00 A 10:30', // later still: with it the sums agree when it expires
      'shop s7 1.00 X 11:30:00.001',
    ],
    [
      's9 → break 3-0 v1: amount s1 b1, -20.00',
      's8 → break 3-0 v2: amount s1 s2 b1, -5.00',
      's7 → match s1 s2 s3 b1 by batch, difference 0.00',
      's7 → break 3-0 v3: resolved, was amount s1 s2 b1, -5.00',
    ],
  ),
  story(
    'members of one side only, and two on the one side, are group breaks too',
    shop(batch),
    [
      'shop s1 10.00 A 10:00',
      'shop s2 20.00 A 10:01',
      'shop s3 10.00 B 10:02',
      'bank b1 5.00 B 10:03',
      'bank b2 5.00 B 10:04',
      'end',
    ],
    ['end → break 6-0 v1: group s1 s2, 30.00', 'end → break 6-1 v1: group s3 b1 b2, 0.00, cardinality'],
  ),
  story(
    'the cut-off closes the batch: the first record after it and its grace completes the group',
    shop([
      {
        name: 'day',
        cardinality: 'N:M',
        complete: 'onCutoff',
        keys: [{ settleDate: { cutoff: '12:00', zone: 'UTC' } }],
      },
    ]),
    [
      'shop s1 10.00 - 11:00',
      'bank b1 4.00 - 11:30',
      'shop s9 7.00 - 12:30', // next day's batch; the watermark is past the cut-off
      'bank b2 6.00 - 11:45', // late
      'end',
    ],
    ['b2 → match s1 b1 b2 by day, difference 0.00', 'end → break 5-0 v1: unmatched s9, 7.00'],
  ),
  story(
    'complete by its count but unequal: a break at once',
    shop([{ name: 'batch', cardinality: 'N:1', complete: 'onSignal', keys: ['reference'] }]),
    [
      'shop s1 10.00 A 10:00',
      'shop s2 20.00 A 10:01',
      'bank b1 31.00 A 10:02 groupCount=2',
      'shop s3 1.00 A 10:03',
      'end',
    ],
    [
      'b1 → break 3-0 v1: amount s1 s2 b1, -1.00',
      's3 → match s1 s2 s3 b1 by batch, difference 0.00',
      's3 → break 3-0 v2: resolved, was amount s1 s2 b1, -1.00',
    ],
  ),
  story(
    'one payment names two invoices; a third with one of the names comes too late for the match',
    shop([
      {
        name: 'named',
        cardinality: 'N:1',
        complete: 'onSum',
        keys: [
          {
            left: 'references.invoice',
            right: { field: 'attributes.narrative', normalise: [{ captureAll: 'INV(\\d+)' }] },
          },
        ],
      },
    ]),
    [
      'shop s1 10.00 - 10:00 invoice=1',
      'shop s2 20.00 - 10:01 invoice=2',
      'bank b1 30.00 - 10:02 @narrative=INV1_AND_INV2',
      'shop s3 5.00 - 10:03 invoice=2',
      'end',
    ],
    [
      'b1 → match s1 s2 b1 by named, difference 0.00',
      'end → break 5-0 v1: lateMember s3, 5.00, lateMember 3-0',
    ],
  ),
  story(
    'a member that another rule matches leaves the break of its group',
    shop([{ name: 'pair', keys: ['references.invoice'] }, ...batch]),
    [
      'shop s1 10.00 A 10:00 invoice=1',
      'shop s2 20.00 A 10:01',
      'bank b1 50.00 A 10:02',
      'shop s9 1.00 Z 12:00',
      'bank b2 10.00 - 10:03 invoice=1',
      'end',
    ],
    [
      's9 → break 4-0 v1: amount s1 s2 b1, -20.00',
      'b2 → match s1 b2 by pair, difference 0.00',
      'b2 → break 4-0 v2: amount s2 b1, -30.00',
      'end → break 6-0 v1: unmatched s9, 1.00',
    ],
  ),
  story(
    'an invoice paid in instalments: each is matched as it comes, and only the rest can break',
    shop(instalments),
    [
      'shop i1 100.00 I1 10:00',
      'bank b1 40.00 I1 10:10',
      'shop s9 1.00 Z 11:10:00.001',
      'bank b2 30.00 I1 10:50', // late
      'bank b3 29.60 I1 10:55', // 0.40 is within the tolerance
      'end',
    ],
    [
      'b1 → match i1(40.00) b1 by instalments, difference 0.00',
      's9 → break 3-0 v1: unmatched i1, 60.00, residual 2-0',
      'b2 → match 2-0 v2: i1(70.00) b1 b2 by instalments, difference 0.00',
      'b2 → break 3-0 v2: unmatched i1, 30.00, residual 2-0',
      'b3 → match 2-0 v3: i1 b1 b2 b3 by instalments, difference 0.40',
      'b3 → break 3-0 v3: resolved, was unmatched i1, 30.00, residual 2-0',
      'end → break 6-0 v1: unmatched s9, 1.00',
    ],
  ),
  story(
    'paid too much: the excess stays open',
    shop(instalments),
    ['shop i1 100.00 I1 10:00', 'bank b1 70.00 I1 10:10', 'bank b2 50.00 I1 10:20', 'end'],
    [
      'b1 → match i1(70.00) b1 by instalments, difference 0.00',
      'b2 → match 2-0 v2: i1 b1 b2(30.00) by instalments, difference 0.00',
      'end → break 4-0 v1: unmatched b2, 20.00, residual 2-0',
    ],
  ),
  story(
    'a small rest belongs to the match as soon as it is all that is open, though others were being paid',
    shop(instalments),
    [
      'bank b0 -5.00 I1 10:00',
      'shop i1 100.00 I1 10:10',
      'bank b1 99.80 I1 10:20', // 0.20 would do, but b0 is open
      'shop i2 -5.00 I1 10:30',
      'end',
    ],
    [
      'b1 → match i1(99.80) b1 by instalments, difference 0.00',
      'i2 → match 3-0 v2: i1 i2 b0 b1 by instalments, difference 0.20',
    ],
  ),
  story(
    'a void and its charge cancel out, after the two-sided rules have had their chance',
    shop([
      { name: 'pair', keys: ['reference'] },
      { name: 'void', cardinality: 'contra', side: 'left', keys: ['reference'] },
    ]),
    [
      'shop s1 10.00 A 10:00',
      'shop v1 -10.00 A 10:01',
      'shop s2 20.00 B 10:02',
      'shop v2 -20.00 B 10:03',
      'bank b1 20.00 B 10:04', // this charge was not void after all
      'end',
    ],
    [
      'b1 → match s2 b1 by pair, difference 0.00',
      'end → match s1 v1 by void, difference 0.00',
      'end → break 6-1 v1: unmatched v2, -20.00',
    ],
  ),
  story(
    'late members that cancel out make a version of the match; its memory ends with retain',
    shop([{ ...batch[0], complete: 'onSum', tolerance: {} }], { retain: '1h' }),
    [
      'shop s1 10.00 A 10:00',
      'bank b1 10.00 A 10:00',
      'shop s2 5.00 A 10:30',
      'shop s3 -5.00 A 10:31',
      'shop s9 1.00 Z 12:31:00.001', // the last member was due at 11:31
      'shop s4 5.00 A 12:40',
      'end',
    ],
    [
      'b1 → match s1 b1 by batch, difference 0.00',
      's3 → match 2-0 v2: s1 s2 s3 b1 by batch, difference 0.00',
      'end → break 7-0 v1: unmatched s9, 1.00',
      'end → break 7-1 v1: unmatched s4, 5.00',
    ],
  ),
];
