import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** Settlements of several gateway records, seen as an interim line (MT942) first and as a booked one (MT940) later. */
const settlements = written({
  reconciliations: [
    {
      name: 'settlements',
      left: { sources: ['gateway'] },
      right: { sources: ['mt942', 'mt940'] },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'batch', cardinality: 'N:1', keys: ['reference'], complete: 'onSum' }],
    },
  ],
  sources: {
    gateway: { amends: 'version' },
    mt940: { supersedes: { sources: ['mt942'], keys: ['references.line'] } },
  },
});

/** Records that take the place of others in groups: in a match as its leg, in a break as its member. */
export const REPLACING_GROUP_STORIES: readonly Story[] = [
  story(
    'records take the places of legs in the match of a group, whatever their keys say; it is remembered by its own',
    settlements,
    [
      'gateway g1 60.00 P1 10:00',
      'gateway g2 40.00 P1 10:01',
      'mt942 i1 100.00 P1 10:02 line=L1',
      'mt940 f1 100.00 SETTLEMENT 10:30 line=L1',
      'gateway g1 60.00 P9 10:00 version=2',
      'gateway g2 40.00 P9 10:01 version=2',
      'gateway g3 5.00 P1 10:31', // late for the group, which is still that of P1
      'gateway g4 5.00 P9 10:32',
      'end',
    ],
    [
      'i1 → match g1 g2 i1 by batch, difference 0.00',
      'f1 → match 3-0 v2: g1 g2 f1 by batch, difference 0.00',
      'g1 → match 3-0 v3: g2 g1 f1 by batch, difference 0.00',
      'g2 → match 3-0 v4: g1 g2 f1 by batch, difference 0.00',
      'end → break 9-0 v1: lateMember g3, 5.00, lateMember 3-0',
      'end → break 9-1 v1: unmatched g4, 5.00',
    ],
  ),
  story(
    'a line booked with another amount breaks its match, until a late member makes up for it',
    settlements,
    [
      'gateway g1 60.00 P1 10:00',
      'gateway g2 40.00 P1 10:01',
      'mt942 i1 100.00 P1 10:02 line=L1',
      'mt940 f1 99.00 P1 10:30 line=L1',
      'gateway fee -1.00 P1 10:31',
      'end',
    ],
    [
      'i1 → match g1 g2 i1 by batch, difference 0.00',
      'f1 → match 3-0 v2: g1 g2 f1 by batch, difference 1.00',
      'f1 → break 4-1 v1: amended f1, 1.00, amended 3-0',
      'fee → match 3-0 v3: g1 g2 fee f1 by batch, difference 0.00',
      'fee → break 4-1 v2: resolved, was amended f1, 1.00, amended 3-0',
    ],
  ),
  story(
    'amendments of members are versions of the match of their group; undoing it settles what they broke',
    settlements,
    [
      'gateway g1 60.00 P1 10:00',
      'gateway g2 40.00 P1 10:01',
      'mt942 i1 100.00 P1 10:02 line=L1',
      'gateway g2 30.00 P1 10:01 version=2',
      'gateway g1 65.00 P1 10:00 version=2',
      'do unmatch 3-0 v3 batch left:g1 left:g2 right:i1',
      'end',
    ],
    [
      'i1 → match g1 g2 i1 by batch, difference 0.00',
      'g2 → match 3-0 v2: g1 g2 i1 by batch, difference -10.00',
      'g2 → break 4-1 v1: amended g2, -10.00, amended 3-0',
      'g1 → match 3-0 v3: g2 g1 i1 by batch, difference -5.00',
      'g1 → break 4-1 v2: amended g1, -5.00, amended 3-0',
      'do → unmatch accepted',
      'do → unmatched 3-0 v4: g2 g1 i1 by batch, difference -5.00',
      'do → break 4-1 v3: resolved, was amended g1, -5.00, amended 3-0',
      'end → break 7-0 v1: amount g2 g1 i1, -5.00',
    ],
  ),
  story(
    'a booked line takes the place of the interim one in the break of a group',
    settlements,
    [
      'gateway g1 60.00 P1 10:00',
      'gateway g2 40.00 P1 10:01',
      'mt942 i1 90.00 P1 10:02 line=L1',
      'gateway g9 1.00 Z 11:02:00.001',
      'mt940 f1 95.00 P1 11:05 line=L1',
      'gateway g2 35.00 P1 11:10 version=2',
    ],
    [
      'g9 → break 4-0 v1: amount g1 g2 i1, 10.00',
      'f1 → break 4-0 v2: amount g1 g2 f1, 5.00',
      'g2 → match g1 g2 f1 by batch, difference 0.00',
      'g2 → break 4-0 v3: resolved, was amount g1 g2 f1, 5.00',
    ],
  ),
  story(
    'a line that is booked under another key is none of the group any more: the break goes on without the group',
    settlements,
    [
      'gateway g1 60.00 P1 10:00',
      'mt942 i1 90.00 P1 10:02 line=L1',
      'gateway g9 1.00 Z 11:02:00.001',
      'mt940 f1 90.00 P2 11:05 line=L1',
      'gateway g2 90.00 P2 11:06',
      'gateway g3 5.00 P1 11:07', // of the group, but not of the break that it let go
      'end',
    ],
    [
      'g9 → break 3-0 v1: amount g1 i1, -30.00',
      'f1 → break 3-0 v2: amount g1 f1, -30.00',
      'g2 → match g2 f1 by batch, difference 0.00',
      'g2 → break 3-0 v3: unmatched g1, 60.00',
      'end → break 7-0 v1: unmatched g9, 1.00',
      'end → break 7-1 v1: unmatched g3, 5.00',
    ],
  ),
];
