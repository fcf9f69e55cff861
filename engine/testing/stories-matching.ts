import { gatewayToBank, story } from './story-rules.ts';
import type { Story } from './story.ts';

const rules = gatewayToBank();

/** What matches what: windows, tolerances, the nearest, rules in order, keys. */
export const MATCHING_STORIES: readonly Story[] = [
  story(
    'the window includes its end',
    rules,
    ['gateway g1 100.00 A 10:00', 'bank b1 100.00 A 13:00', 'end'],
    ['b1 → match g1 b1 by by-reference, difference 0.00'],
  ),
  story(
    'one millisecond after the window both break, each at its own time',
    rules,
    ['gateway g1 100.00 A 10:00', 'bank b1 100.00 A 13:00:00.001', 'end'],
    ['b1 → break 2-0 v1: unmatched g1, 100.00', 'end → break 3-0 v1: unmatched b1, 100.00, window g1'],
  ),
  story(
    'the window includes its beginning',
    rules,
    ['bank b1 100.00 A 09:00', 'gateway g1 100.00 A 10:00', 'end'],
    ['g1 → match g1 b1 by by-reference, difference 0.00'],
  ),
  story(
    'one millisecond before the window nothing matches',
    rules,
    ['bank b1 100.00 A 08:59:59.999', 'gateway g1 100.00 A 10:00', 'end'],
    ['g1 → break 2-0 v1: unmatched b1, 100.00', 'end → break 3-0 v1: unmatched g1, 100.00, window b1'],
  ),
  story(
    'the tolerance is inclusive',
    rules,
    ['gateway g1 100.00 A 10:00', 'bank b1 99.50 A 10:30', 'end'],
    ['b1 → match g1 b1 by by-reference, difference 0.50'],
  ),
  story(
    'a fils beyond the tolerance is an amount break of the one that expires first',
    rules,
    ['gateway g1 100.00 A 10:00', 'bank b1 99.49 A 10:30', 'end'],
    ['end → break 3-0 v1: amount b1 g1, 0.51'],
  ),
  story(
    'a tolerance per currency is rounded down to the minor unit, and is 0 for a currency it does not name',
    gatewayToBank({
      rules: [
        { name: 'r', keys: ['references.reference'], tolerance: { amount: { KWD: '0.0019', JPY: '1.9' } } },
      ],
    }),
    [
      'gateway g1 5.000KWD A 10:00',
      'gateway g2 5.000KWD B 10:00',
      'gateway g3 500JPY C 10:00',
      'gateway g4 5.00AED D 10:00',
      'bank b1 5.001KWD A 10:01',
      'bank b2 5.002KWD B 10:01',
      'bank b3 501JPY C 10:01',
      'bank b4 5.01AED D 10:01',
      'end',
    ],
    [
      'b1 → match g1 b1 by r, difference -0.001',
      'b3 → match g3 b3 by r, difference -1',
      'end → break 9-0 v1: amount b2 g2, -0.002',
      'end → break 9-1 v1: amount b4 g4, -0.01',
    ],
  ),
  story(
    'opposite signs never match, however near; the break shows the pair, and says so',
    rules,
    ['gateway g1 0.20 A 10:00', 'bank b1 -0.20 A 10:00', 'end'],
    ['end → break 3-0 v1: amount b1 g1, 0.40, sign'],
  ),
  story(
    'zero fits either sign',
    rules,
    ['gateway g1 -0.20 A 10:00', 'bank b1 0.00 A 10:00', 'end'],
    ['b1 → match g1 b1 by by-reference, difference -0.20'],
  ),
  story(
    'the nearest amount wins, then the nearest time, then the earliest',
    rules,
    [
      'gateway g1 100.00 A 10:00',
      'gateway g2 100.20 A 10:10',
      'gateway g3 100.00 A 10:20',
      'bank b1 100.00 A 10:30',
      'bank b2 100.10 A 10:31',
      'bank b3 100.50 A 10:32',
      'gateway g4 7.00 B 11:00',
      'gateway g5 7.00 B 11:00',
      'bank b4 7.00 B 11:00',
      'bank b5 7.00 B 11:00',
      'end',
    ],
    [
      'b1 → match g3 b1 by by-reference, difference 0.00',
      'b2 → match g2 b2 by by-reference, difference 0.10',
      'b3 → match g1 b3 by by-reference, difference -0.50',
      'b4 → match g4 b4 by by-reference, difference 0.00',
      'b5 → match g5 b5 by by-reference, difference 0.00',
    ],
  ),
  story(
    'the first rule that finds a candidate matches, though a later one would find a nearer',
    gatewayToBank({
      rules: [
        { name: 'by-invoice', keys: ['references.invoice'], tolerance: { amount: '5.00' } },
        { name: 'by-reference', keys: ['references.reference'], tolerance: {} },
      ],
    }),
    [
      'gateway g1 100.00 A 10:00 invoice=I1',
      'gateway g2 103.00 B 10:00 invoice=I2',
      'bank b1 100.00 A 10:01 invoice=I2',
      'bank b2 100.00 A 10:02',
      'end',
    ],
    ['b1 → match g2 b1 by by-invoice, difference 3.00', 'b2 → match g1 b2 by by-reference, difference 0.00'],
  ),
  story(
    'a missing key, an empty one and a null value tie nothing together',
    rules,
    [
      'gateway g1 100.00 NONREF 10:00',
      'bank b1 100.00 NONREF 10:00',
      'gateway g2 50.00 - 10:00',
      'bank b2 50.00 - 10:00',
      'end',
    ],
    [
      'end → break 5-0 v1: unmatched b1, 100.00',
      'end → break 5-1 v1: unmatched b2, 50.00',
      'end → break 5-2 v1: unmatched g1, 100.00',
      'end → break 5-3 v1: unmatched g2, 50.00',
    ],
  ),
  story(
    'a key is a tuple, not its letters in a row',
    gatewayToBank({
      rules: [{ name: 'r', keys: ['references.reference', 'references.invoice'], tolerance: {} }],
    }),
    [
      'gateway g1 1.00 a 10:00 invoice=bc',
      'bank b1 1.00 ab 10:00 invoice=c',
      'bank b2 1.00 a 10:00 invoice=bc',
      'end',
    ],
    ['b2 → match g1 b2 by r, difference 0.00', 'end → break 4-0 v1: unmatched b1, 1.00'],
  ),
  story(
    'accounts and currencies never mix',
    rules,
    ['gateway g1 100.00 A 10:00', 'bank b1 100.00 A 10:01 account=other', 'bank b2 100.00USD A 10:02', 'end'],
    [
      'end → break 4-0 v1: unmatched b1, 100.00',
      'end → break 4-1 v1: unmatched b2, 100.00',
      'end → break 4-2 v1: unmatched g1, 100.00',
    ],
  ),
];
