import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** Charges of a gateway (left, by contract) against bank credits (right), by settlement. */
function settlement(contract: object, rule: object = {}): ReturnType<typeof written> {
  return written({
    reconciliations: [
      {
        name: 'settlement',
        left: { sources: ['gateway'], fees: 'contract' },
        right: { sources: ['bank'] },
        window: { before: '1h', after: '1h' },
        rules: [
          {
            name: 'settled',
            cardinality: 'N:1',
            keys: ['reference'],
            compare: { left: 'expectedNet' },
            complete: 'onSum',
            ...rule,
          },
        ],
      },
    ],
    feeContracts: { contract },
  });
}

/** Dollars against dirhams, one to one. */
function converted(fx: object): ReturnType<typeof written> {
  return written({
    reconciliations: [
      {
        name: 'dollars',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: { before: '1h', after: '1d' },
        rules: [{ name: 'pair', keys: ['reference'], fx: { from: 'USD', to: 'AED', ...fx } }],
      },
    ],
    rates: {
      table: [
        { from: 'USD', to: 'AED', date: '2026-11-18', rate: '3.6725' },
        { from: 'USD', to: 'AED', date: '2026-11-22', rate: '3.6730' },
      ],
    },
  });
}

/** Two reconciliations that look at one ledger account. */
const shared = written({
  reconciliations: [
    {
      name: 'cards',
      left: { sources: ['cards'] },
      right: { sources: ['ledger'], pool: 'ledger' },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'by-reference', keys: ['reference'] }],
    },
    {
      name: 'wallets',
      left: { sources: ['wallets'] },
      right: { sources: ['ledger'], pool: 'ledger' },
      window: { before: '1h', after: '2h' },
      rules: [{ name: 'by-reference', keys: ['reference'] }],
    },
  ],
});

/** Fee contracts, exchange rates, and accounts that several reconciliations look at. */
export const MONEY_STORIES: readonly Story[] = [
  story(
    'fees rounded for each record, and their tax on the rounded fee',
    settlement({ lines: [{ percent: '2.25' }], tax: '5' }),
    [
      'gateway g1 10.10 A 10:00', // 0.22725 is 0.23, tax 0.0115 is 0.01
      'gateway g2 10.10 A 10:01',
      'bank b1 19.72 A 10:02',
    ],
    ['b1 → match g1 g2 b1 by settled, difference 0.00, fee 0.46, tax 0.02'],
  ),
  story(
    'fees rounded for the group',
    settlement({ lines: [{ percent: '2.25' }], tax: '5', round: 'perGroup' }),
    ['gateway g1 10.10 A 10:00', 'gateway g2 10.10 A 10:01', 'bank b1 19.73 A 10:02'], // 0.4545 is 0.45
    ['b1 → match g1 g2 b1 by settled, difference 0.00, fee 0.45, tax 0.02'],
  ),
  story(
    'the first line that fits prices the record; tiers by its amount; a minimum',
    settlement({
      lines: [
        { where: { 'attributes.scheme': 'amex' }, percent: '3' },
        { tiers: [{ upTo: '100', percent: '2' }, { percent: '1' }], min: '1.50' },
      ],
    }),
    [
      'gateway g1 100.00 A 10:00 @scheme=amex', // 3.00
      'gateway g2 100.00 A 10:01', // 2.00
      'gateway g3 200.00 A 10:02', // 2.00
      'gateway g4 10.00 A 10:03', // 0.20 is less than 1.50
      'bank b1 401.50 A 10:04',
    ],
    ['b1 → match g1 g2 g3 g4 b1 by settled, difference 0.00, fee 8.50'],
  ),
  story(
    'a refund gives the percentage back where the contract says so',
    settlement({ lines: [{ percent: '2', fixed: '0.50' }], refundReturnsFee: 'proportional' }),
    ['gateway g1 100.00 A 10:00', 'gateway r1 -40.00 A 10:01 kind=refund', 'bank b1 58.30 A 10:02'],
    ['b1 → match g1 r1 b1 by settled, difference 0.00, fee 1.70'],
  ),
  story(
    'what a record says it cost, where it is not what the contract says, is a finding and no break',
    settlement({ lines: [{ percent: '2' }], tax: '5' }),
    [
      'gateway g1 100.00 A 10:00 fee=2.50 tax=0.10',
      'gateway g2 100.00 B 10:01 fee=2 tax=0.15',
      'bank b1 97.90 A 10:02',
    ],
    [
      'g1 → finding fee g1, 0.50',
      'g2 → finding tax g2, 0.05',
      'b1 → match g1 b1 by settled, difference 0.00, fee 2.00, tax 0.10',
    ],
  ),
  story(
    'the rate of the left date, or the last published before it',
    converted({ rate: { table: 'table' } }),
    [
      'gateway g1 100.00USD A 2026-11-21T10:00',
      'bank b1 367.25AED A 2026-11-22T09:00',
      'gateway g2 100.00USD B 2026-11-22T10:00',
      'bank b2 367.30AED B 2026-11-22T10:01',
    ],
    [
      'b1 → match g1 b1 by pair, difference 0.00 at 3.6725',
      'b2 → match g2 b2 by pair, difference 0.00 at 3.6730',
    ],
  ),
  story(
    'no rate that is young enough: each breaks, and says so',
    converted({ rate: { table: 'table' }, maxAge: '2d' }),
    ['gateway g1 100.00USD A 2026-11-21T10:00', 'bank b1 367.25AED A 2026-11-21T10:01', 'end'],
    [
      'end → break 3-0 v1: unmatched b1, 367.25, rateMissing g1',
      'end → break 3-1 v1: unmatched g1, 100.00, rateMissing b1',
    ],
  ),
  story(
    'a rate that is published after both broke heals them, and stays with the match whatever is published then',
    { ...converted({ rate: { table: 'table' }, maxAge: '2d' }), publishedTables: ['table'] },
    [
      'gateway g1 100.00USD A 2026-11-21T10:00',
      'bank b1 367.30AED A 2026-11-21T10:01',
      'gateway g9 1.00USD Z 2026-11-22T12:00',
      'do rates table USD AED 2026-11-20 3.6730',
      'do rates table USD AED 2026-11-20 3.7000',
      'do rates table USD AED 2026-11-20 3.7000',
    ],
    [
      'g9 → break 3-0 v1: unmatched b1, 367.30, rateMissing g1',
      'g9 → break 3-1 v1: unmatched g1, 100.00, rateMissing b1',
      'do → rates accepted',
      'do → match g1 b1 by pair, difference 0.00 at 3.6730',
      'do → break 3-1 v2: resolved, was unmatched g1, 100.00, rateMissing b1',
      'do → break 3-0 v2: resolved, was unmatched b1, 367.30, rateMissing g1',
      'do → rates accepted',
      'do → rates accepted',
    ],
  ),
  story(
    'rates that are published for a table without a source wait for rules that give it one',
    converted({ rate: { table: 'table' }, maxAge: '2d' }),
    [
      'gateway g1 100.00USD A 2026-11-21T10:00',
      'bank b1 367.30AED A 2026-11-21T10:01',
      'do rates table USD AED 2026-11-20 3.6730',
    ],
    ['do → break 3-0 v1: unmatched b1, 367.30, rateMissing g1', 'do → rates accepted'],
  ),
  story(
    'the rate that a record states, rounded once, half away from zero',
    converted({ rate: { side: 'right', field: 'attributes.rate' } }),
    [
      'gateway g1 -1.00USD A 10:00',
      'bank b0 -3.68AED A 10:01', // states none
      'bank b1 -3.68AED A 10:02 @rate=3.675',
      'end',
    ],
    ['b1 → match g1 b1 by pair, difference 0.00 at 3.675', 'end → break 4-0 v1: unmatched b0, -3.68'],
  ),
  story(
    'a ledger line is matched by one of the reconciliations that look at it, and breaks in none of the others',
    shared,
    [
      'wallets w1 10.00 A 10:00',
      'ledger l1 10.00 A 10:01',
      'cards c1 20.00 B 10:02',
      'ledger l2 20.00 B 10:03',
      'ledger l3 30.00 C 10:04',
      'ledger l4 39.00 D 10:05',
      'wallets w4 40.00 D 10:06',
      'end',
    ],
    [
      'l1 → match w1 l1 by by-reference, difference 0.00',
      'l2 → match c1 l2 by by-reference, difference 0.00',
      'end → break 8-0 v1: unmatched l3, 30.00',
      'end → break 8-1 v1: amount l4 w4, 1.00',
    ],
  ),
];
