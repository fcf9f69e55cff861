import { story, written } from './story-rules.ts';
import type { Story } from './story.ts';

/** H1: what an acquirer pays for a day's charges, the day after, less what its contract says. */
const dailyBatch = written({
  reconciliations: [
    {
      name: 'acquirer',
      left: { sources: ['gateway'], fees: 'acquirer' },
      right: { sources: ['bank'] },
      window: { after: '4d' },
      rules: [
        {
          name: 'by-day',
          cardinality: 'N:1',
          keys: [
            {
              left: { settleDate: { cutoff: '23:00', zone: 'Asia/Dubai', lag: '1bd', calendar: 'AE-rails' } },
              right: 'valueDate',
            },
          ],
          compare: { left: 'expectedNet', right: 'amount' },
        },
      ],
    },
  ],
  feeContracts: { acquirer: { lines: [{ percent: '2.25' }], tax: '5' } },
});

/** H2: charges against the payout of their batch. */
function payouts(complete: 'onSum' | 'onSignal'): ReturnType<typeof written> {
  return written({
    reconciliations: [
      {
        name: 'payouts',
        left: { sources: ['charges'] },
        right: { sources: ['payouts'], negate: true },
        window: { before: '1h', after: '1h' },
        rules: [{ name: 'by-batch', cardinality: 'N:1', keys: ['reference'], complete }],
      },
    ],
  });
}

/** H3: charges into payouts, and payouts into the bank. */
const threePayouts = written({
  reconciliations: [
    {
      name: 'into-payouts',
      left: { sources: ['provider'], where: { kind: { notIn: ['payout'] } } },
      right: { sources: ['provider'], where: { kind: 'payout' }, negate: true },
      window: { before: '1h', after: '1h' },
      rules: [
        {
          name: 'net-by-payout',
          cardinality: 'N:1',
          keys: ['reference'],
          compare: { left: 'net' },
          complete: 'onSignal',
        },
      ],
    },
    {
      name: 'into-bank',
      left: { sources: ['provider'], where: { kind: 'payout' }, negate: true },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'by-payout', keys: ['reference'] }],
    },
  ],
});

/** H4: payouts that come back. */
const returned = written({
  reconciliations: [
    {
      name: 'payouts',
      left: { sources: ['provider'], negate: true },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '1h' },
      rules: [
        { name: 'by-payout', keys: ['reference'] },
        { name: 'cancelled', cardinality: 'contra', side: 'left', keys: ['reference'] },
      ],
    },
  ],
});

/** H5: three reconciliations look at one bank account. */
const oneAccount = written({
  reconciliations: [
    {
      name: 'card',
      left: { sources: ['card'] },
      right: { sources: ['bank'], pool: 'bank' },
      window: { before: '1h', after: '1h' },
      rules: [
        {
          name: 'named-in-narrative',
          cardinality: 'N:1',
          keys: [
            {
              left: 'reference',
              right: { field: 'attributes.narrative', normalise: [{ captureAll: '(\\d{4})' }] },
            },
          ],
        },
      ],
    },
    {
      name: 'aani',
      left: { sources: ['aani'] },
      right: { sources: ['bank'], pool: 'bank' },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'split', cardinality: '1:N', partial: true, keys: ['reference'] }],
    },
    {
      name: 'cod',
      left: { sources: ['cod'] },
      right: { sources: ['bank'], pool: 'bank' },
      window: { before: '1h', after: '1h' },
      rules: [{ name: 'net', keys: ['reference'], compare: { left: 'net' }, tolerance: { amount: '1' } }],
    },
  ],
});

/** H6: dollars sold, dirhams received. */
function exchange(percent: string): ReturnType<typeof written> {
  return written({
    reconciliations: [
      {
        name: 'dollars',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: { before: '1h', after: '1h' },
        rules: [
          {
            name: 'by-batch',
            cardinality: 'N:1',
            keys: ['reference'],
            fx: { from: 'USD', to: 'AED', rate: { table: 'central-bank' } },
            tolerance: { percent },
          },
        ],
      },
    ],
    rates: { 'central-bank': [{ from: 'USD', to: 'AED', date: '2026-11-20', rate: '3.6725' }] },
  });
}

/** The worked cases H1 to H6 of the specification. */
export const SPECIFICATION_STORIES: readonly Story[] = [
  {
    ...story(
      'H1: a daily batch over a Sunday, less fees and their tax, rounded for each record',
      dailyBatch,
      [
        'gateway g1 200.00 - 2026-11-20T21:30+04:00',
        'gateway g2 100.00 - 2026-11-20T23:30+04:00',
        'bank b1 195.27 - 2026-11-21 valueDate=2026-11-21',
        'gateway g3 -50.00 - 2026-11-21T10:00+04:00 kind=refund',
        'bank b2 47.64 - 2026-11-23 valueDate=2026-11-23',
        'end',
      ],
      [
        'end → match g1 b1 by by-day, difference 0.00, fee 4.50, tax 0.23',
        'end → match g2 g3 b2 by by-day, difference 0.00, fee 2.25, tax 0.11',
      ],
    ),
    zone: 'Asia/Dubai',
  },
  story(
    'H2 onSignal: nothing until the fourth member, then one match of five legs',
    payouts('onSignal'),
    [
      'charges c1 60.00 P1 10:00',
      'charges c2 40.00 P1 10:01',
      'payouts p1 -100.00 P1 10:02 groupCount=4',
      'charges c3 30.00 P1 10:03',
      'charges r1 -30.00 P1 10:04',
      'end',
    ],
    ['r1 → match c1 c2 c3 r1 p1 by by-batch, difference 0.00'],
  ),
  story(
    'H2 onSum: the prefix agrees by accident; the late members make the second version',
    payouts('onSum'),
    [
      'charges c1 60.00 P1 10:00',
      'charges c2 40.00 P1 10:01',
      'payouts p1 -100.00 P1 10:02 groupCount=4',
      'charges c3 30.00 P1 10:03',
      'charges r1 -30.00 P1 10:04',
      'end',
    ],
    [
      'p1 → match c1 c2 p1 by by-batch, difference 0.00',
      'r1 → match 3-0 v2: c1 c2 c3 r1 p1 by by-batch, difference 0.00',
    ],
  ),
  story(
    'H2 onSum without the last member: one late member',
    payouts('onSum'),
    [
      'charges c1 60.00 P1 10:00',
      'charges c2 40.00 P1 10:01',
      'payouts p1 -100.00 P1 10:02 groupCount=4',
      'charges c3 30.00 P1 10:03',
      'end',
    ],
    [
      'p1 → match c1 c2 p1 by by-batch, difference 0.00',
      'end → break 5-0 v1: lateMember c3, 30.00, lateMember 3-0',
    ],
  ),
  story(
    'H2 onSignal without the last member: one group break at the end of the window',
    payouts('onSignal'),
    [
      'charges c1 60.00 P1 10:00',
      'charges c2 40.00 P1 10:01',
      'payouts p1 -100.00 P1 10:02 groupCount=4',
      'charges c3 30.00 P1 10:03',
      'end',
    ],
    ['end → break 5-0 v1: group c1 c2 c3 p1, 30.00, signal'],
  ),
  story(
    'H3: three payouts with a refund and a dispute, one of them negative, and each in the bank',
    threePayouts,
    [
      'provider c1 100.00 P1 10:00 fee=3',
      'provider c2 50.00 P1 10:01 fee=1.50',
      'provider po1 -145.50 P1 10:02 kind=payout groupCount=2',
      'bank b1 145.50 P1 10:03',
      'provider c3 80.00 P2 10:10 fee=2.40',
      'provider r1 -40.00 P2 10:11 kind=refund link=c1',
      'provider d1 -50.00 P2 10:12 kind=chargeback link=c2 fee=60',
      'provider po2 72.40 P2 10:13 kind=payout groupCount=3',
      'bank b2 -72.40 P2 10:14',
      'provider c4 200.00 P3 10:20 fee=6',
      'provider w1 50.00 P3 10:21 kind=chargebackReversal link=c2',
      'provider po3 -244.00 P3 10:22 kind=payout groupCount=2',
      'bank b3 244.00 P3 10:23',
      'end',
    ],
    [
      'po1 → match c1 c2 po1 by net-by-payout, difference 0.00, fee 4.50',
      'b1 → match po1 b1 by by-payout, difference 0.00',
      'po2 → match c3 r1 d1 po2 by net-by-payout, difference 0.00, fee 62.40',
      'b2 → match po2 b2 by by-payout, difference 0.00',
      'po3 → match c4 w1 po3 by net-by-payout, difference 0.00, fee 6.00',
      'b3 → match po3 b3 by by-payout, difference 0.00',
    ],
  ),
  story(
    'H4: a payout returned by the bank, and one cancelled before its credit',
    returned,
    [
      'provider po1 -500.00 po1 10:00 kind=payout',
      'bank b1 500.00 po1 10:01',
      'provider pf1 500.00 po1 10:02 kind=payoutFailure',
      'bank b2 -500.00 po1 10:03',
      'provider po2 -300.00 po2 10:04 kind=payout',
      'provider pf2 300.00 po2 10:05 kind=payoutFailure',
      'end',
    ],
    [
      'b1 → match po1 b1 by by-payout, difference 0.00',
      'b2 → match pf1 b2 by by-payout, difference 0.00',
      'end → match po2 pf2 by cancelled, difference 0.00',
    ],
  ),
  story(
    'H4 in another order: the same ties',
    returned,
    [
      'bank b2 -500.00 po1 10:00',
      'provider pf2 300.00 po2 10:01 kind=payoutFailure',
      'provider pf1 500.00 po1 10:02 kind=payoutFailure',
      'bank b1 500.00 po1 10:03',
      'provider po2 -300.00 po2 10:04 kind=payout',
      'provider po1 -500.00 po1 10:05 kind=payout',
      'end',
    ],
    [
      'pf1 → match pf1 b2 by by-payout, difference 0.00',
      'po1 → match po1 b1 by by-payout, difference 0.00',
      'end → match pf2 po2 by cancelled, difference 0.00',
    ],
  ),
  story(
    'H5: a bank account that three reconciliations look at: each line is matched once and breaks once',
    oneAccount,
    [
      'card p1 100.00 1001 10:00',
      'card p2 50.00 1002 10:01',
      'aani a9 80000.00 A9 10:02',
      'cod k1 1000.00 K1 10:03 fee=60 tax=3',
      'bank b1 150.00 - 10:10 @narrative=NGENIUS_1001/1002',
      'bank b2 50000.00 A9 10:11',
      'bank b3 30000.00 A9 10:12',
      'bank b4 930.00 K1 10:13',
      'bank b5 12.00 - 10:14',
      'end',
    ],
    [
      'b2 → match a9(50000.00) b2 by split, difference 0.00',
      'b3 → match 6-0 v2: a9 b2 b3 by split, difference 0.00',
      'end → break 10-0 v1: amount k1 b4, 7.00',
      'end → match p1 p2 b1 by named-in-narrative, difference 0.00',
      'end → break 10-2 v1: unmatched b5, 12.00',
    ],
  ),
  story(
    'H6: dollars against dirhams within 1.5 %: the difference is all exchange, and the rate is frozen',
    exchange('1.5'),
    [
      'gateway t1 10.01USD S1 10:00',
      'gateway t2 10.01USD S1 10:01',
      'gateway t3 10.01USD S1 10:02',
      'bank b1 108.80AED S1 10:03',
      'end',
    ],
    ['end → match t1 t2 t3 b1 by by-batch, difference 1.49, fx 1.49 at 3.6725'],
  ),
  story(
    'H6: beyond 1.3 % it is one break',
    exchange('1.3'),
    [
      'gateway t1 10.01USD S1 10:00',
      'gateway t2 10.01USD S1 10:01',
      'gateway t3 10.01USD S1 10:02',
      'bank b1 108.80AED S1 10:03',
      'end',
    ],
    ['end → break 5-0 v1: amount t1 t2 t3 b1, 1.49'],
  ),
];
