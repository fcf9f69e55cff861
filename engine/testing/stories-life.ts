import { gatewayToBank, source, story } from './story-rules.ts';
import type { Story } from './story.ts';

const rules = gatewayToBank();

/** What becomes of a record: breaks and their healing, lateness, retention, identity, dates, silence. */
export const LIFE_STORIES: readonly Story[] = [
  story(
    'a late counterpart heals the break',
    rules,
    ['gateway g1 100.00 A 10:00', 'gateway g9 1.00 Z 13:00:00.001', 'bank b1 100.00 A 10:15'],
    [
      'g9 → break 2-0 v1: unmatched g1, 100.00',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b1 → break 2-0 v2: resolved, was unmatched g1, 100.00',
    ],
  ),
  story(
    'the record that joined an amount break is matched after all: the owner stands alone',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 12:00',
      'bank b2 100.00 A 12:30',
    ],
    [
      'g9 → break 3-0 v1: amount b1 g1, 10.00',
      'b2 → match g1 b2 by by-reference, difference 0.00',
      'b2 → break 3-0 v2: unmatched b1, 90.00',
    ],
  ),
  story(
    'the record that joined is matched after all: the owner looks for the next nearest',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g2 95.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 12:00',
      'bank b2 95.00 A 12:30',
    ],
    [
      'g9 → break 4-0 v1: amount b1 g2, 5.00',
      'b2 → match g2 b2 by by-reference, difference 0.00',
      'b2 → break 4-0 v2: amount b1 g1, 10.00',
    ],
  ),
  story(
    'a healed owner releases the one that joined, which is pending again inside its own window',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 12:00',
      'gateway g2 90.00 A 10:40',
      'gateway g8 1.00 Y 13:00',
      'gateway g7 1.00 X 13:00:00.001',
    ],
    [
      'g9 → break 3-0 v1: amount b1 g1, 10.00',
      'g2 → match g2 b1 by by-reference, difference 0.00',
      'g2 → break 3-0 v2: resolved, was amount b1 g1, 10.00',
      'g7 → break 6-0 v1: unmatched g1, 100.00',
    ],
  ),
  story(
    'a released record whose window has passed breaks at once',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 14:00',
      'gateway g2 90.00 A 10:40',
    ],
    [
      'g9 → break 3-0 v1: amount b1 g1, 10.00',
      'g2 → match g2 b1 by by-reference, difference 0.00',
      'g2 → break 3-0 v2: resolved, was amount b1 g1, 10.00',
      'g2 → break 4-2 v1: unmatched g1, 100.00',
    ],
  ),
  story(
    'a record that expires near one standing alone joins its break',
    rules,
    [
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 12:00',
      'gateway g1 100.00 A 10:40',
      'gateway g8 1.00 Y 13:40',
      'gateway g7 1.00 X 13:40:00.001',
    ],
    ['g9 → break 2-0 v1: unmatched b1, 90.00', 'g7 → break 2-0 v2: amount b1 g1, 10.00'],
  ),
  story(
    'a late record waits until the watermark of its arrival has passed, plus grace',
    gatewayToBank({ grace: '10m' }),
    [
      'gateway g9 1.00 Z 20:00',
      'bank b1 100.00 A 08:00',
      'gateway g8 1.00 Y 20:10',
      'gateway g7 1.00 X 20:10:00.001',
    ],
    ['g7 → break 4-0 v1: unmatched b1, 100.00'],
  ),
  story(
    'a broken record can be matched until retain has passed, and no longer',
    gatewayToBank({ retain: '1h' }),
    [
      'gateway g1 100.00 A 10:00',
      'gateway g2 50.00 B 10:00',
      'gateway g9 1.00 Z 14:00',
      'bank b1 100.00 A 10:15',
      'gateway g8 1.00 Y 14:00:00.001',
      'bank b2 50.00 B 10:15',
      'gateway g7 1.00 X 14:00:00.002',
    ],
    [
      'g9 → break 3-0 v1: unmatched g1, 100.00',
      'g9 → break 3-1 v1: unmatched g2, 50.00',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b1 → break 3-0 v2: resolved, was unmatched g1, 100.00',
      'g7 → break 7-0 v1: unmatched b2, 50.00',
    ],
  ),
  story(
    'equal content again is one record and a duplicate',
    rules,
    ['gateway g1 100.00 A 10:00', 'gateway g1 100.00 A 10:00', 'bank b1 100.00 A 10:30', 'end'],
    ['g1 → duplicate', 'b1 → match g1 b1 by by-reference, difference 0.00'],
  ),
  story(
    'other content under a seen id is a record of its own where the source accepts it',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g1 -40.00 A 10:05',
      'gateway g1 -40.00 A 10:05',
      'bank b1 100.00 A 10:30',
      'bank b2 -40.00 A 10:31',
    ],
    [
      'g1 → finding idReused g1',
      'g1 → duplicate',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b2 → match g1 b2 by by-reference, difference 0.00',
    ],
  ),
  story(
    'other content under a seen id is refused where the source rejects it, and changes nothing',
    gatewayToBank({ sources: [source('gateway', { onIdReuse: 'reject' }), source('bank')] }),
    ['gateway g1 100.00 A 10:00', 'gateway g1 -40.00 A 20:00', 'bank b1 100.00 A 13:00'],
    ['g1 → refused, idConflict', 'b1 → match g1 b1 by by-reference, difference 0.00'],
  ),
  story(
    'a source that is not configured is refused',
    rules,
    ['stranger s1 1.00 A 10:00'],
    ['s1 → refused, unknownSource'],
  ),
  story(
    'an identity is forgotten after the horizon of log time, on the boundary of a 64th of it',
    gatewayToBank({ seenHorizon: '64m' }),
    [
      'gateway g1 1.00 A 10:00 at 10:00:30',
      'gateway g1 1.00 A 10:00 at 11:04:59.999',
      'gateway g1 1.00 A 10:00 at 11:05',
      'bank b1 1.00 A 10:00',
      'bank b2 1.00 A 10:00',
    ],
    [
      'g1 → duplicate',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b2 → match g1 b2 by by-reference, difference 0.00',
    ],
  ),
  {
    ...story(
      'a date without a time is compared by local dates, durations rounded up to whole days',
      gatewayToBank({ before: '0s', after: '1h' }),
      [
        'gateway g1 100.00 A 2026-11-20T23:30',
        'bank b1 100.00 A 2026-11-21',
        'gateway g2 50.00 B 2026-11-21T00:30',
        'bank b2 50.00 B 2026-11-23',
        'end',
      ],
      [
        'b1 → match g1 b1 by by-reference, difference 0.00',
        'b2 → break 4-0 v1: unmatched g2, 50.00',
        'end → break 5-0 v1: unmatched b2, 50.00, window g2',
      ],
    ),
    zone: 'Asia/Dubai',
  },
  {
    ...story(
      'the window of a date ends with the last millisecond of the local day',
      gatewayToBank({ before: '0s', after: '0s' }),
      [
        'bank b1 100.00 A 2026-11-21',
        'gateway g9 1.00 Z 2026-11-21T23:59:59.999',
        'gateway g1 100.00 A 2026-11-21T23:59:59.999',
        'bank b2 100.00 A 2026-11-22',
        'gateway g8 1.00 Y 2026-11-23T00:00',
      ],
      [
        'g1 → match g1 b1 by by-reference, difference 0.00',
        'b2 → break 4-0 v1: unmatched g9, 1.00',
        'g8 → break 5-0 v1: unmatched b2, 100.00',
      ],
    ),
    zone: 'Asia/Dubai',
  },
  {
    ...story(
      'in silence log time closes the windows',
      gatewayToBank({ sources: [source('gateway'), source('bank')] }),
      ['gateway g1 100.00 A 10:00 at 10:00', 'tick at 10:30', 'tick at 13:30', 'tick at 13:30:00.001'],
      ['tick → break 4-0 v1: unmatched g1, 100.00'],
    ),
    watermark: 'sources',
  },
  {
    ...story(
      'a source that is behind keeps windows open',
      rules,
      [
        'gateway g1 100.00 A 10:00 at 10:00',
        'bank b9 1.00 Y 09:50 at 10:01',
        'gateway g9 1.00 Z 14:00 at 10:02',
        'bank b1 100.00 A 12:59 at 10:03',
      ],
      ['b1 → break 4-0 v1: unmatched b9, 1.00', 'b1 → match g1 b1 by by-reference, difference 0.00'],
    ),
    watermark: 'sources',
  },
];
