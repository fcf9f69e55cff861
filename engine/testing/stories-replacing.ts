import { DAY_MS } from '../domain/index.ts';
import { gatewayToBank, source, story, written } from './story-rules.ts';
import type { Story } from './story.ts';

const amending = gatewayToBank({ sources: [{ ...source('gateway'), amends: 'version' }, source('bank')] });

/** Charges that are booked, an hour apart from the bank's at most; a later version need not be booked any more. */
const booked = written({
  reconciliations: [
    {
      name: 'booked',
      left: { sources: ['gateway'], where: { status: 'booked' } },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'r', keys: ['reference'] }],
    },
  ],
  sources: { gateway: { amends: 'version' } },
});

/** Interim statement lines, and the booked ones that take their place. */
const statements = written({
  reconciliations: [
    {
      name: 'bank-lines',
      left: { sources: ['gateway'] },
      right: { sources: ['mt942', 'mt940'] },
      window: { before: '1h', after: '3h' },
      rules: [{ name: 'r', keys: ['reference'], tolerance: { amount: '0.50' } }],
    },
  ],
  sources: { mt940: { supersedes: { sources: ['mt942'], keys: ['references.line'] } } },
});

const twins = written({
  reconciliations: [
    {
      name: 'gateway-to-bank',
      left: { sources: ['gateway'], duplicates: ['references.order'] },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '3h' },
      rules: [{ name: 'r', keys: ['reference'] }],
    },
  ],
});

const due = gatewayToBank({
  sources: [
    source('gateway'),
    {
      ...source('bank', { idleTimeout: '1m' }),
      due: { everyDays: 1, by: 10 * 60, zone: 'UTC', calendar: ['AE-office'], maxHold: DAY_MS / 24 },
    },
  ],
});

/** Amendments, final versions of interim records, true duplicates, sources that are late. */
export const REPLACING_STORIES: readonly Story[] = [
  story(
    'an amendment arrives where the first version was open; a lower version changes nothing',
    amending,
    [
      'gateway g1 100.00 A 10:00 version=1',
      'gateway g1 90.00 A 10:00 version=2',
      'gateway g1 95.00 A 10:00 version=1',
      'bank b1 90.00 A 10:30',
      'end',
    ],
    ['g1 → duplicate', 'b1 → match g1 b1 by by-reference, difference 0.00'],
  ),
  story(
    'a break whose only record is replaced, where nobody takes its place, is resolved without a match',
    booked,
    [
      'gateway g1 100.00 A 10:00 version=1',
      'gateway g2 50.00 B 10:00 version=1',
      'bank b2 40.00 B 10:10',
      'bank b9 1.00 Z 11:30',
      'gateway g1 100.00 A 10:00 version=2 status=void',
      'gateway g2 50.00 B 10:00 version=2 status=void',
      'bank b1 100.00 A 10:30',
      'end',
    ],
    [
      'b9 → break 4-0 v1: unmatched g1, 100.00',
      'b9 → break 4-1 v1: amount g2 b2, 10.00',
      'g1 → break 4-0 v2: resolved, was unmatched g1, 100.00',
      'end → break 8-0 v1: unmatched b1, 100.00',
      'end → break 8-1 v1: unmatched b9, 1.00',
    ],
  ),
  story(
    'an amendment of a broken record takes its place in the break',
    amending,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g9 1.00 Z 13:00:00.001',
      'gateway g1 90.00 A 10:00 version=2',
      'bank b1 90.00 A 10:30',
    ],
    [
      'g9 → break 2-0 v1: unmatched g1, 100.00',
      'g1 → break 2-0 v2: unmatched g1, 90.00',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b1 → break 2-0 v3: resolved, was unmatched g1, 90.00',
    ],
  ),
  story(
    'an amendment of a matched record is a version of the match; beyond the tolerance it breaks, until one agrees',
    amending,
    [
      'gateway g1 100.00 A 10:00 version=1',
      'bank b1 100.00 A 10:30',
      'gateway g1 99.80 A 10:00 version=2',
      'gateway g1 90.00 A 10:00 version=3',
      'gateway g1 100.00 A 10:00 version=4',
      'end',
    ],
    [
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'g1 → match 2-0 v2: g1 b1 by by-reference, difference -0.20',
      'g1 → match 2-0 v3: g1 b1 by by-reference, difference -10.00',
      'g1 → break 4-1 v1: amended g1, -10.00, amended 2-0',
      'g1 → match 2-0 v4: g1 b1 by by-reference, difference 0.00',
      'g1 → break 4-1 v2: resolved, was amended g1, -10.00, amended 2-0',
    ],
  ),
  story(
    'an amendment in another currency is other money: the match keeps the record that it was made of',
    amending,
    [
      'gateway g1 100.00 A 10:00 version=1',
      'bank b1 100.00 A 10:30',
      'gateway g1 100.00USD A 10:00 version=2',
      'bank b2 100.00USD A 10:40',
      'end',
    ],
    [
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b2 → match g1 b2 by by-reference, difference 0.00',
    ],
  ),
  story(
    'a booked line takes the place of the interim one, matched or open; equal lines pair off in order',
    statements,
    [
      'gateway g1 10.00 A 10:00',
      'mt942 i1 10.00 A 10:10 line=L1',
      'mt942 i2 20.00 B 10:11 line=L2',
      'mt940 f1 10.00 A 10:20 line=L1',
      'mt940 f2 20.00 B 10:21 line=L2',
      'gateway g2 20.00 B 10:22',
      'mt940 f3 5.00 C 10:23 line=L1', // nothing is left for it to replace
      'end',
    ],
    [
      'i1 → match g1 i1 by r, difference 0.00',
      'f1 → match 2-0 v2: g1 f1 by r, difference 0.00',
      'g2 → match g2 f2 by r, difference 0.00',
      'end → break 8-0 v1: unmatched f3, 5.00',
    ],
  ),
  story(
    'a true duplicate does not block: the bank paid both; else the later one breaks as the twin of the first',
    twins,
    [
      'gateway g1 100.00 A 10:00 order=1',
      'gateway g2 100.00 A 10:01 order=1',
      'bank b1 100.00 A 10:02',
      'gateway g3 50.00 B 10:03 order=2',
      'gateway g4 50.00 B 10:04 order=2',
      'bank b2 50.00 B 10:05',
      'bank b3 50.00 B 10:06',
      'end',
    ],
    [
      'b1 → match g2 b1 by r, difference 0.00',
      'b2 → match g4 b2 by r, difference 0.00',
      'b3 → match g3 b3 by r, difference 0.00',
      'end → break 8-0 v1: unmatched g1, 100.00',
    ],
  ),
  story(
    'the later of two twins breaks as a duplicate when the earlier one is matched',
    twins,
    [
      'gateway g1 100.00 A 10:00 order=1',
      'bank b1 100.00 A 10:01',
      'gateway g2 100.00 A 10:02 order=1',
      'end',
    ],
    ['b1 → match g1 b1 by r, difference 0.00', 'end → break 4-0 v1: duplicate g2, 100.00, duplicate g1'],
  ),
  {
    ...story(
      'a source that is overdue is found once, and holds the watermark until it speaks or an hour has passed',
      due,
      [
        'gateway g1 100.00 A 2026-11-23T09:30 at 2026-11-23T09:30', // a Monday
        'tick at 2026-11-23T10:00',
        'gateway g9 1.00 Z 2026-11-23T10:40 at 2026-11-23T10:40',
        'tick at 2026-11-23T10:59:59.999',
        'tick at 2026-11-23T14:31',
        'tick at 2026-11-24T09:59',
        'bank b1 5.00 Y 2026-11-24T09:59 at 2026-11-24T09:59:30',
        'tick at 2026-11-24T10:00:30',
      ],
      [
        'tick → finding sourceOverdue',
        'tick → break 5-0 v1: unmatched g1, 100.00',
        'tick → break 5-1 v1: unmatched g9, 1.00',
      ],
    ),
    watermark: 'sources',
  },
];
