import type { RuleSet } from '../domain/index.ts';
import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

const fx = { from: 'USD', to: 'AED', rate: { table: 'table' }, maxAge: '2d' };

/** Dollars against dirhams by a table that has a source; an hour apart at most. */
function dollars(...rules: readonly object[]): RuleSet {
  return {
    ...written({
      reconciliations: [
        {
          name: 'dollars',
          left: { sources: ['gateway'] },
          right: { sources: ['bank'] },
          window: { before: '1h', after: '1h' },
          rules,
        },
      ],
      rates: { table: [{ from: 'USD', to: 'AED', date: '2026-11-21', rate: '3.6725' }] },
    }),
    publishedTables: ['table'],
  };
}

const batch = { name: 'batch', cardinality: 'N:1', keys: ['reference'], complete: 'onSum', fx };

/** What rates that are published while records are open change, and what they leave as it is. */
export const PUBLISHED_RATES_STORIES: readonly Story[] = [
  story(
    'new rates: matches and what is matched in parts go on as they were, open groups are tried once more',
    dollars(batch, { name: 'parts', cardinality: 'N:M', keys: ['link'], partial: true }),
    [
      'gateway g1 100.00USD P1 10:00',
      'gateway g2 50.00USD P1 10:01',
      'bank b1 550.88 P1 10:02', // 150.00 × 3.6725 = 550.875
      'gateway g3 60.00 - 10:03 link=L',
      'bank b3 100.00 - 10:04 link=L',
      'gateway g4 100.00USD P2 10:05',
      'bank b4 370.00 P2 10:06',
      'gateway g5 1.00USD P3 10:07',
      'bank b9 1.00 Z 12:00',
      'do rates table USD AED 2026-11-22 3.7000',
      'gateway g6 -50.00USD P1 12:01', // late, as the rate of P1 is that of its first version
      'bank b6 -183.63 P1 12:02',
      'gateway g7 40.00 - 12:03 link=L',
      'bank b5 3.70 P3 12:04',
    ],
    [
      'b1 → match g1 g2 b1 by batch, difference 0.00 at 3.6725',
      'b3 → match g3 b3(60.00) by parts, difference 0.00',
      'b9 → break 9-0 v1: unmatched b3, 40.00, residual 5-0',
      'b9 → break 9-1 v1: amount g4 b4, -2.75',
      'b9 → break 9-2 v1: unmatched g5, 1.00',
      'do → rates accepted',
      'do → match g4 b4 by batch, difference 0.00 at 3.7000',
      'do → break 9-1 v2: resolved, was amount g4 b4, -2.75',
      'b6 → match 3-0 v2: g1 g2 g6 b1 b6 by batch, difference 0.00 at 3.6725',
      'g7 → match 5-0 v2: g3 g7 b3 by parts, difference 0.00',
      'g7 → break 9-0 v2: resolved, was unmatched b3, 40.00, residual 5-0',
      'b5 → match g5 b5 by batch, difference 0.00 at 3.7000',
      'b5 → break 9-2 v2: resolved, was unmatched g5, 1.00',
    ],
  ),
  story(
    'what breaks have said they say until there is something new; a group that is not complete goes on waiting',
    dollars({ ...batch, cardinality: 'N:M', complete: 'onWindowEnd' }),
    [
      'gateway g1 100.00USD P1 10:00',
      'bank b1 369.00 P1 10:01',
      'gateway g2 100.00USD P2 11:30',
      'bank b2 370.00 P2 11:31',
      'do rates table USD AED 2026-11-22 3.7000',
      'bank b3 1.00 P1 11:32',
      'gateway g9 1.00USD Z 13:00',
    ],
    [
      'g2 → break 3-0 v1: amount g1 b1, -1.75',
      'do → rates accepted',
      'g9 → match g2 b2 by batch, difference 0.00 at 3.7000',
      'g9 → match g1 b1 b3 by batch, difference 0.00 at 3.7000',
      'g9 → break 3-0 v2: resolved, was amount g1 b1, -1.75',
    ],
  ),
  story(
    'only the rules whose rates are others are tried, pair by pair, in order of arrival',
    dollars(
      { name: 'pair', keys: ['reference'], fx },
      { name: 'euros', keys: ['reference'], fx: { ...fx, from: 'EUR' } },
    ),
    [
      'gateway g1 100.00USD A 10:00',
      'gateway g2 100.00USD A 10:01',
      'bank b1 370.00 A 10:02',
      'gateway e1 100.00EUR B 10:03',
      'bank b2 420.00 B 10:04',
      'do rates table USD AED 2026-11-22 3.7000',
      'do rates table EUR AED 2026-11-22 4.2000',
      'do rates table EUR AED 2026-11-22 4.3000',
    ],
    [
      'do → rates accepted',
      'do → match g1 b1 by pair, difference 0.00 at 3.7000',
      'do → rates accepted',
      'do → match e1 b2 by euros, difference 0.00 at 4.2000',
      'do → rates accepted',
    ],
  ),
];
