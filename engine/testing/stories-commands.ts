import { gatewayToBank, story, written } from './story-rules.ts';
import type { Story } from './story.ts';

const rules = gatewayToBank();

/** Groups of charges (left) per payout in the bank (right). */
const batches = written({
  reconciliations: [
    {
      name: 'batches',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'batch', cardinality: 'N:1', keys: ['reference'], complete: 'onSum' }],
    },
  ],
});

/** What people decide, and rules that change while records are open. */
export const COMMAND_STORIES: readonly Story[] = [
  story(
    'match ties what the rules could not, within the tolerance; adjust whatever the difference',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 99.60 - 10:01',
      'gateway g2 50.00 B 10:02',
      'bank b2 48.00 - 10:03',
      'do match g1 b1',
      'do match g2 b2',
      'do adjust g2 b2',
      'end',
    ],
    [
      'do → match accepted',
      'do → match g1 b1 by match, difference 0.40',
      'do → match refused',
      'do → adjust accepted',
      'do → match g2 b2 by adjust, difference 2.00, adjustment 2.00',
    ],
  ),
  story(
    'a match by hand heals breaks; a record that is no longer open cannot be matched again',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g9 1.00 Z 13:00:00.001',
      'bank b1 100.00 - 13:00:00.001',
      'do match g1 b1',
      'do match g1 b1',
    ],
    [
      'g9 → break 2-0 v1: unmatched g1, 100.00',
      'do → match accepted',
      'do → match g1 b1 by match, difference 0.00',
      'do → break 2-0 v2: resolved, was unmatched g1, 100.00',
      'do → match refused',
    ],
  ),
  story(
    'written off: the owner of a break takes it with it, and the other is released',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 11:45', // b1 was due at 11:30, g1 is at 13:00
      'do writeOff b1',
      'gateway g8 1.00 Y 13:00:00.001',
    ],
    [
      'g9 → break 3-0 v1: amount b1 g1, 10.00',
      'do → writeOff accepted',
      'do → break 3-0 v2: written off, was amount b1 g1, 10.00',
      'g8 → break 5-0 v1: unmatched g1, 100.00',
    ],
  ),
  story(
    'written off: the one that had joined gets a break of its own, and the owner looks on',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 90.00 A 10:30',
      'gateway g9 1.00 Z 11:45',
      'do writeOff g1',
      'do writeOff g1',
    ],
    [
      'g9 → break 3-0 v1: amount b1 g1, 10.00',
      'do → writeOff accepted',
      'do → break 3-0 v2: unmatched b1, 90.00',
      'do → break 4-2 v1: written off, was unmatched g1, 100.00',
      'do → writeOff refused',
    ],
  ),
  story(
    'unmatch bars its legs: they do not find each other again until the bar is taken away',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'bank b1 100.00 A 10:01',
      'do unmatch 2-0 v1 by-reference left:g1 right:b1',
      'bank b2 100.00 A 10:02',
      'do unmatch 2-0 v1 by-reference left:g1 right:b1',
      'do reopen 2-0',
      'gateway g2 100.00 A 10:03',
      'end',
    ],
    [
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'do → unmatch accepted',
      'do → unmatched 2-0 v2: g1 b1 by by-reference, difference 0.00',
      'b2 → match g1 b2 by by-reference, difference 0.00',
      'do → unmatch refused',
      'do → reopen accepted',
      'g2 → match g2 b1 by by-reference, difference 0.00',
    ],
  ),
  story(
    'a group taken apart is an ordinary group again, with its late members',
    batches,
    [
      'gateway g1 60.00 P1 10:00',
      'gateway g2 40.00 P1 10:01',
      'bank b1 100.00 P1 10:02',
      'gateway g3 5.00 P1 10:03',
      'do unmatch 3-0 v1 batch left:g1 left:g2 right:b1',
      'gateway g4 -5.00 P1 10:04',
      'end',
    ],
    [
      'b1 → match g1 g2 b1 by batch, difference 0.00',
      'do → unmatch accepted',
      'do → unmatched 3-0 v2: g1 g2 b1 by batch, difference 0.00',
      'g4 → match g1 g2 g3 g4 b1 by batch, difference 0.00',
    ],
  ),
  story(
    'what was written off can be brought back',
    rules,
    ['gateway g1 100.00 A 10:00', 'do writeOff g1', 'do reopen left:g1', 'bank b1 100.00 A 10:30'],
    [
      'do → writeOff accepted',
      'do → break 2-1 v1: written off, was unmatched g1, 100.00',
      'do → reopen accepted',
      'b1 → match g1 b1 by by-reference, difference 0.00',
    ],
  ),
  story(
    'a reason stays with the break',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g9 1.00 Z 13:00:00.001',
      'do assignReason 2-0 g1 bank-holiday',
      'do assignReason 9-9 g1 bank-holiday',
      'bank b1 100.00 A 10:30',
    ],
    [
      'g9 → break 2-0 v1: unmatched g1, 100.00',
      'do → assignReason accepted',
      'do → break 2-0 v2: unmatched g1, 100.00, because bank-holiday',
      'do → assignReason refused',
      'b1 → match g1 b1 by by-reference, difference 0.00',
      'b1 → break 2-0 v3: resolved, was unmatched g1, 100.00, because bank-holiday',
    ],
  ),
  {
    ...story(
      'wider rules try what is open anew; a broken record heals',
      rules,
      [
        'gateway g1 100.00 A 10:00',
        'bank b1 98.00 A 10:30',
        'gateway g9 1.00 Z 13:00:00.001',
        'do rules wider',
        'do rules wider',
        'bank b9 2.50 Z 13:00:00.001',
      ],
      [
        'g9 → break 3-0 v1: amount b1 g1, 2.00',
        'do → rules accepted',
        'do → match g1 b1 by wider, difference 2.00',
        'do → break 3-0 v2: resolved, was amount b1 g1, 2.00',
        'do → rules accepted',
        'b9 → match g9 b9 by wider, difference -1.50',
      ],
    ),
    laterRules: {
      wider: gatewayToBank({
        rules: [{ name: 'wider', keys: ['references.reference'], tolerance: { amount: '2.00' } }],
      }),
    },
  },
  {
    ...story(
      'rules that would move records to other partitions are refused',
      rules,
      ['do rules moved', 'rules moved'],
      ['do → rules refused', 'rules → finding rulesRefused'],
    ),
    laterRules: { moved: { ...rules, partitionBy: ['account', 'currency'] } },
  },
];
