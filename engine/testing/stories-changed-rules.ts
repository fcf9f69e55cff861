import { gatewayToBank, source, story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** Gateway records (left) and what the bank has (right), an hour apart at most, under one rule. */
function underRule(rule: object, retain = '30d'): ReturnType<typeof written> {
  return written({
    reconciliations: [
      {
        name: 'batches',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: { before: '1h', after: '1h' },
        retain,
        rules: [rule],
      },
    ],
  });
}

const batch = { name: 'batch', cardinality: 'N:1', keys: ['reference'], complete: 'onSum' };

const amending = gatewayToBank({ sources: [{ ...source('gateway'), amends: 'version' }, source('bank')] });

/** One ledger that two reconciliations look at, in this order. */
function lookingAtLedger(...sources: readonly string[]): ReturnType<typeof written> {
  return written({
    reconciliations: sources.map((name) => ({
      name,
      left: { sources: [name] },
      right: { sources: ['ledger'], pool: 'ledger' },
      window: { before: '1h', after: '3h' },
      rules: [{ name: `by-${name}`, keys: ['reference'] }],
    })),
  });
}

/** Rules that change while records are open: which are tried anew, and what becomes of what is matched then. */
export const CHANGED_RULES_STORIES: readonly Story[] = [
  {
    ...story(
      'what a group matches when its rule changes is remembered, for whoever comes late',
      underRule(batch),
      [
        'bank b1 59.00 P1 10:00',
        'gateway g9 1.00 Z 10:01',
        'gateway g1 60.00 P1 10:02',
        'do rules wider',
        'bank b2 1.50 P1 10:03',
        'end',
      ],
      [
        'do → rules accepted',
        'do → match g1 b1 by batch, difference 1.00',
        'b2 → match 4-1 v2: g1 b1 b2 by batch, difference -0.50',
        'end → break 6-0 v1: unmatched g9, 1.00',
      ],
    ),
    laterRules: { wider: underRule({ ...batch, tolerance: { amount: '1.00' } }) },
  },
  {
    ...story(
      'what an amendment broke stays broken when rules change, until its match is undone',
      amending,
      [
        'gateway g1 100.00 A 10:00 version=1',
        'bank b1 100.00 A 10:30',
        'gateway g1 90.00 A 10:00 version=2',
        'do rules wider', // the match agrees by these, but it is not made anew
        'do unmatch 2-0 v2 by-reference left:g1 right:b1',
        'do unmatch 2-0 v2 by-reference left:g1 right:b1',
      ],
      [
        'b1 → match g1 b1 by by-reference, difference 0.00',
        'g1 → match 2-0 v2: g1 b1 by by-reference, difference -10.00',
        'g1 → break 3-1 v1: amended g1, -10.00, amended 2-0',
        'do → rules accepted',
        'do → unmatch accepted',
        'do → unmatched 2-0 v3: g1 b1 by by-reference, difference -10.00',
        'do → break 3-1 v2: resolved, was amended g1, -10.00, amended 2-0',
        'do → unmatch refused',
      ],
    ),
    laterRules: {
      wider: {
        ...gatewayToBank({
          rules: [{ name: 'by-reference', keys: ['references.reference'], tolerance: { amount: '20.00' } }],
        }),
        sources: amending.sources,
      },
    },
  },
  {
    ...story(
      'what is matched too late to be remembered takes no late members',
      underRule(batch),
      [
        'bank b1 59.00 P1 10:00',
        'gateway g1 60.00 P1 10:02',
        'gateway g2 -0.50 P1 10:03',
        'gateway g9 1.00 Z 2026-11-23T10:00',
        'do rules wider',
      ],
      [
        'g9 → break 4-0 v1: amount g1 g2 b1, 0.50',
        'do → rules accepted',
        'do → match g1 b1 by batch, difference 1.00',
        'do → break 4-0 v2: unmatched g2, -0.50',
      ],
    ),
    laterRules: { wider: underRule({ ...batch, tolerance: { amount: '1.00' } }, '1h') },
  },
  {
    ...story(
      'of a broken record that new rules match in part, the rest breaks at once',
      underRule({ ...batch, keys: ['link'] }),
      [
        'gateway g1 60.00 P1 10:00',
        'bank b1 100.00 P1 10:01',
        'gateway g2 5.00 P2 10:02',
        'bank b2 5.00 P2 10:03',
        'gateway g9 1.00 Z 13:00',
        'do rules parts',
      ],
      [
        'g9 → break 5-0 v1: unmatched g1, 60.00',
        'g9 → break 5-1 v1: unmatched b1, 100.00',
        'g9 → break 5-2 v1: unmatched g2, 5.00',
        'g9 → break 5-3 v1: unmatched b2, 5.00',
        'do → rules accepted',
        'do → match g1 b1(60.00) by parts, difference 0.00',
        'do → break 5-0 v2: resolved, was unmatched g1, 60.00',
        'do → break 5-1 v2: resolved, was unmatched b1, 100.00',
        'do → break 6-4 v1: unmatched b1, 40.00, residual 6-1',
        'do → match g2 b2 by parts, difference 0.00',
        'do → break 5-2 v2: resolved, was unmatched g2, 5.00',
        'do → break 5-3 v2: resolved, was unmatched b2, 5.00',
      ],
    ),
    laterRules: {
      parts: underRule({ name: 'parts', cardinality: 'N:M', keys: ['reference'], partial: true }),
    },
  },
  story(
    'late members differ from a match by left minus right, though one of them is left and the match undone',
    underRule(batch),
    [
      'bank b1 60.00 P1 10:00',
      'gateway g1 60.00 P1 10:01',
      'gateway g2 5.00 P1 10:02',
      'bank b2 7.00 P1 10:03',
      'gateway g9 1.00 Z 11:10',
      'do unmatch 2-0 v1 batch left:g1 right:b1',
      'do writeOff g2',
    ],
    [
      'g1 → match g1 b1 by batch, difference 0.00',
      'g9 → break 5-0 v1: lateMember g2 b2, -2.00, lateMember 2-0',
      'do → unmatch accepted',
      'do → unmatched 2-0 v2: g1 b1 by batch, difference 0.00',
      'do → writeOff accepted',
      'do → break 5-0 v2: lateMember b2, -7.00, lateMember 2-0',
      'do → break 7-2 v1: written off, was unmatched g2, 5.00',
    ],
  ),
  {
    ...story(
      'the members of a group’s break stay together for as long as any of them would, whatever the rules are by then',
      underRule(batch, '2h'),
      [
        'gateway g1 60.00 P1 10:00',
        'gateway g2 10.00 P1 10:30',
        'gateway g9 1.00 Z 11:40',
        'do rules pairs',
        'gateway g8 1.00 Y 13:10', // g1 was due at 11:00, g2 at 11:30
        'bank b1 10.00 P1 10:40',
      ],
      [
        'g9 → break 3-0 v1: group g1 g2, 70.00',
        'do → rules accepted',
        'g8 → break 5-0 v1: unmatched g9, 1.00',
        'b1 → match g2 b1 by pairs, difference 0.00',
        'b1 → break 3-0 v2: unmatched g1, 60.00',
      ],
    ),
    laterRules: { pairs: underRule({ name: 'pairs', keys: ['reference'] }, '2h') },
  },
  {
    ...story(
      'reconciliations that share a pool take turns in the order in force',
      lookingAtLedger('shop', 'till'),
      [
        'ledger l1 90.00 A 10:00',
        'shop s1 100.00 A 10:01',
        'till t1 100.00 A 10:02',
        'do rules turned',
        'shop s9 1.00 Z 11:00:00.001',
      ],
      ['do → rules accepted', 's9 → break 5-0 v1: amount l1 t1, 10.00'],
    ),
    laterRules: { turned: lookingAtLedger('till', 'shop') },
  },
];
